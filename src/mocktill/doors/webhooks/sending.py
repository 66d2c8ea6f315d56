"""One webhook over one connection: no redirect, no proxy, no more bytes and no more time than it is given.

The connection is made here, and not by `http.client`, whose own Mocktill leads elsewhere while a test's sandbox is
active in this process.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from typing import Any

from mocktill import __version__
from mocktill.core.clock import steady_seconds
from mocktill.core.deliveries import Outcome, Parcel
from mocktill.core.secrets import masked_note
from mocktill.doors.logs.logline import printable
from mocktill.doors.webhooks.addresses import Allowed, Refused, Where

PATIENCE_SECONDS = 15.0
"""How long an attempt may take in all, as Svix has it (docs.svix.com/receiving/introduction)."""
MOST = 256 * 1024
"""How many bytes of an answer are taken in all: what comes after them is as if it had not been sent."""
DRAINED = 64 * 1024
DRAINING_SECONDS = 1.0
"""How much of an answer's body is read, and for how long: it says nothing, but its sender would see an error."""
SHOWN = 200


class Cut(Exception):
    """The sender is closed: nothing is sent any more."""


class Sender:
    """Sends webhooks, each over a connection of its own; several threads may use one."""

    def __init__(self, allowed: Allowed, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._allowed = allowed
        self._patience = patience_seconds
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut = False

    def send(self, parcel: Parcel) -> Outcome:
        """Make one attempt, and return what came of it; raise `Cut` where the sender was closed meanwhile."""
        until = steady_seconds() + self._patience
        try:
            where = self._allowed.check(parcel.url)
            addresses = where.look_up()
        except Refused as error:
            return Outcome(None, str(error), refused=True)
        except OSError as error:
            return Outcome(None, f"the host is not found ({_sentence(error)})")
        try:
            with self._connected(where, addresses, until) as connection:
                return _asked(connection, where, parcel, until)
        except (OSError, HTTPException) as error:
            if self._cut:
                raise Cut from None
            return Outcome(None, self._failed(error))

    def close(self) -> None:
        """End what is under way, and send nothing any more."""
        with self._lock:
            self._cut = True
            for connection in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)  # one under TLS forgets its state in its own

    def _failed(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._patience:g} s"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({error.verify_message.rstrip('.')})"
        return f"it cannot be asked ({_sentence(error)})"

    @contextmanager
    def _connected(self, where: Where, addresses: list[str], until: float) -> Iterator[socket.socket]:
        """Let there be a connection to one of these addresses: the first that takes it."""
        for number, address in enumerate(addresses, 1):
            connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                self._note(connection)
                connection.settimeout(_left(until))
                connection.connect((address, where.port))
            except TimeoutError:
                self._forget(connection)
                raise
            except OSError:
                self._forget(connection)
                if number == len(addresses) or self._cut:
                    raise
            except BaseException:
                self._forget(connection)
                raise
            else:
                break
        try:
            if where.scheme == "https":
                connection = self._secured(connection, where, until)
            yield connection
        finally:
            self._forget(connection)

    def _secured(self, connection: socket.socket, where: Where, until: float) -> socket.socket:
        """Return the connection under TLS; it takes the place of the plain one, and is cut as that would be."""
        connection.settimeout(_left(until))
        context = ssl.create_default_context()
        secured = context.wrap_socket(connection, server_hostname=where.host, do_handshake_on_connect=False)
        try:
            self._note(secured)
            self._forget(connection)
            secured.do_handshake()
        except BaseException:
            self._forget(secured)
            raise
        return secured

    def _note(self, connection: socket.socket) -> None:
        with self._lock:
            if self._cut:
                raise Cut
            self._open.add(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()


class _Within(io.RawIOBase):
    """What arrives on a connection until an instant, and no more of it than `MOST`: a file for `http.client`."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until
        self._room = MOST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._until))
        came = self._connection.recv_into(buffer, min(len(buffer), self._room)) if self._room else 0
        self._room -= came
        return came

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def hurry(self, until: float) -> None:
        self._until = min(self._until, until)


def _asked(connection: socket.socket, where: Where, parcel: Parcel, until: float) -> Outcome:
    """Send a webhook, and return what was answered."""
    rest = memoryview(_head(where, parcel) + parcel.body)
    while rest:
        connection.settimeout(_left(until))
        rest = rest[connection.send(rest) :]
    arriving = _Within(connection, until)
    response = HTTPResponse(arriving, method="POST")  # type: ignore[arg-type]  # all that it asks is makefile
    try:
        response.begin()
        status = response.status
        arriving.hurry(steady_seconds() + DRAINING_SECONDS)
        with suppress(OSError, HTTPException):
            response.read(DRAINED)
    finally:
        response.close()
    return Outcome(status, f"answered {status}, and redirects are not followed" if 300 <= status < 400 else "")


def _head(where: Where, parcel: Parcel) -> bytes:
    headers = {
        "Host": where.authority,
        "User-Agent": f"Mocktill/{__version__}",
        "Accept": "*/*",
        **parcel.headers,
        "Content-Length": str(len(parcel.body)),
        "Connection": "close",
    }
    lines = [f"POST {where.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if strange := [line for line in lines if not (line.isascii() and line.isprintable())]:
        raise ValueError(f"a header of a webhook is no line of ASCII: {strange[0]!r}")
    return "\r\n".join([*lines, "", ""]).encode()


def _left(until: float) -> float:
    """Return how many seconds there are left; raise TimeoutError where there are none."""
    left = until - steady_seconds()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _sentence(error: Exception) -> str:
    """Return what went wrong; some of it may be what a receiver said."""
    said = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    return printable(masked_note(said))[:SHOWN]
