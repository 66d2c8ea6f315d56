"""The standard library's `http.client`: its connections, and so urllib3's, end in memory, or at a server.

What is replaced lies below everything that is done about timeouts, retries, redirects, cookies and bodies.
"""

from __future__ import annotations

import errno
import http.client
import io
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from mocktill.doors.interception.exchange import Loss
from mocktill.doors.interception.patches import Patch
from mocktill.doors.interception.places import PLACES, PORTS, SANDBOX, Address, Refused
from mocktill.doors.interception.wire import REFUSAL, Garbled, Inbox, written

UNREACHED = (
    "is not looked up while Mocktill answers it: requests, urllib3, http.client, httpx and aiohttp reach the sandbox, "
    "and any other client does by the url() of a live one"
)
IN_PROGRESS = os.strerror(errno.EINPROGRESS)
OUT_OF_RANGE = "Timeout value out of range"
"""What a socket says of a timeout of 0 while it connects, and of one below."""
HERE = ("127.0.0.1", 0)
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
"""The functions that look a host up."""


class MemorySocket:
    """The client's end of a connection that is answered in this process, as far as an HTTP client uses a socket."""

    def __init__(self, scheme: str, host: str, timeout: float | None) -> None:
        self._inbox = Inbox(scheme, host)
        self._host = host
        self._timeout = timeout
        self._arrived = b""
        self._ended = False
        self._closed = False

    def sendall(self, data: bytes) -> None:
        """Take what the client writes; it is answered when the client reads."""
        if self._closed:
            raise OSError(errno.EBADF, "the socket is closed")
        self._inbox.feed(data)

    def send(self, data: bytes) -> int:
        """Take what the client writes, all of it; return how many bytes that is."""
        self.sendall(data)
        return len(data)

    def makefile(self, mode: str = "r", *more: Any, **options: Any) -> io.BufferedReader:
        """Return what the client reads from; it can be read to its end even if the socket is closed."""
        return io.BufferedReader(_Incoming(self))

    def recv(self, size: int) -> bytes:
        """Return some of what arrives; nothing at its end. Raises TimeoutError for what does not come in time."""
        if not self._arrived and not self._ended:
            self._respond()
        part, self._arrived = self._arrived[:size], self._arrived[size:]
        return part

    def fileno(self) -> int:
        """Return a descriptor on which nothing ever comes, so that an idle connection is one; -1 once it is closed."""
        return -1 if self._closed else IDLE.fileno()

    def settimeout(self, timeout: float | None) -> None:
        """Set for how many seconds the client waits; None is for ever."""
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        """Return for how many seconds the client waits."""
        return self._timeout

    def setsockopt(self, *option: object) -> None:
        """Set nothing: there is no network."""

    def getpeername(self) -> tuple[str, int]:
        """Return who answers: this machine, at no port."""
        return HERE

    def getsockname(self) -> tuple[str, int]:
        """Return who asks, which is this machine as well."""
        return HERE

    def getpeercert(self, binary_form: bool = False) -> dict[str, Any] | None:
        """Return what there is of a certificate: nothing, as of one that nobody looked at."""
        return None if binary_form else {}

    def shutdown(self, how: int) -> None:
        """End the connection."""
        self._closed = True

    def close(self) -> None:
        """End the connection; what was made by `makefile` can still be read."""
        self._closed = True

    def _respond(self) -> None:
        try:
            asked = self._inbox.next()
        except Garbled:
            self._arrived, self._ended = REFUSAL, True
            return
        if asked is None:
            raise TimeoutError("timed out: nothing whole was asked")
        try:
            place = PLACES.find(self._host, asked.target)
        except Refused as error:
            raise ConnectionResetError(errno.ECONNRESET, str(error)) from None
        if place is None or place.address is not None:
            raise ConnectionResetError(errno.ECONNRESET, "the sandbox that this connection led to is over")
        answered = place.answer(asked, self._timeout)
        if answered.loss is Loss.TIMED_OUT:
            raise TimeoutError(answered.sentence)
        self._arrived, self._ended = written(answered), answered.loss is not None or bool(asked.broken)


class _Incoming(io.RawIOBase):
    def __init__(self, source: MemorySocket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._source.recv(len(buffer))
        buffer[: len(part)] = part
        return len(part)


class Idle:
    """A pipe that nobody writes to: all connections in memory show it where a descriptor is asked for."""

    def __init__(self) -> None:
        self._ends: tuple[int, int] | None = None
        self._lock = Lock()

    def fileno(self) -> int:
        """Return the descriptor to read from; the pipe is made when it is first asked for."""
        with self._lock:
            if self._ends is None:
                self._ends = os.pipe()
            return self._ends[0]

    def close(self) -> None:
        """Close the pipe, if there is one."""
        with self._lock:
            ends, self._ends = self._ends, None
        for end in ends or ():
            os.close(end)


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a connection leads that is for this scheme and host: to a server, or, without an address, to memory."""

    scheme: str
    host: str
    address: Address | None


IDLE = Idle()
LED: WeakKeyDictionary[Any, Lead] = WeakKeyDictionary()
"""The connections that are led somewhere; all others go their own way."""
MEANT: WeakKeyDictionary[Any, tuple[str, str]] = WeakKeyDictionary()
"""The scheme and host that a connection to a proxy is for, where a request line says it."""


def patches() -> Iterator[Patch]:
    """Yield what is replaced of `http.client`, and of looking hosts up."""
    for name in LOOKUPS:
        yield Patch(socket, name, _guarded)
    yield Patch(http.client.HTTPConnection, "putrequest", _putrequest)
    yield Patch(http.client.HTTPConnection, "connect", _connect)
    yield Patch(http.client.HTTPSConnection, "connect", _connect)


def clean_up() -> None:
    """Close every connection that was led somewhere, be it in a pool: the next request opens a real one.

    What has arrived in memory, and is still to be read, stays readable.
    """
    for connection in list(LED):
        if isinstance(connection.sock, MemorySocket):
            connection._HTTPConnection__response = None  # else it would be closed as well
        connection.close()
    LED.clear()
    MEANT.clear()
    IDLE.close()


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if isinstance(name, str) and PLACES.is_ours(name):
            raise socket.gaierror(socket.EAI_NONAME, f"{name} {UNREACHED}")
        return original(host, *args, **options)

    return look_up


def _putrequest(original: Callable[..., None]) -> Callable[..., None]:
    def putrequest(self: Any, method: str, url: str, *args: Any, **options: Any) -> None:
        if not PLACES.active:
            original(self, method, url, *args, **options)
            return
        if not url.startswith("/"):
            _note_meant(self, url)
        elif MEANT:
            MEANT.pop(self, None)
        if self.sock is not None and not _leads_as_before(self):
            self.sock.close()  # not the connection: it would forget its tunnel
            self.sock = None
            self.connect()
        original(self, method, url, *args, **options)
        if PLACES.far and not _is_led(self):
            for name, value in _more_headers(self, url):
                self.putheader(name, value)

    return putrequest


def _connect(original: Callable[..., None]) -> Callable[..., None]:
    def connect(self: Any) -> None:
        if not open_led(self):
            original(self)

    return connect


def open_led(connection: Any) -> bool:
    """Open a connection in memory, or to a server; return False, and do nothing, where it goes its own way."""
    lead = _lead(connection)
    if lead is None:
        LED.pop(connection, None)
        return False
    connection.sock = _in_memory(lead, connection) if lead.address is None else _to_server(lead.address, connection)
    LED[connection] = lead
    return True


def _in_memory(lead: Lead, connection: Any) -> MemorySocket:
    timeout = connection.timeout
    seconds = timeout if timeout is None or isinstance(timeout, int | float) else socket.getdefaulttimeout()
    if seconds is not None and seconds <= 0:  # as a socket that is not there at once
        raise BlockingIOError(errno.EINPROGRESS, IN_PROGRESS) if seconds == 0 else ValueError(OUT_OF_RANGE)
    return MemorySocket(lead.scheme, lead.host, seconds)


def _to_server(address: Address, connection: Any) -> socket.socket:
    opened = socket.create_connection((address.host, address.port), connection.timeout)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the clients do: a body comes after its head
    if address.scheme == "http":
        return opened
    return ssl.create_default_context().wrap_socket(opened, server_hostname=address.host)


def _lead(connection: Any) -> Lead | None:
    """Return where a connection leads now; None is its own way. Raises ConnectionRefusedError where it must not."""
    scheme, host = _origin(connection)
    try:
        led = PLACES.leads(host)
    except Refused as error:
        raise ConnectionRefusedError(errno.ECONNREFUSED, str(error)) from None
    if led is False:
        return None
    return Lead(scheme, host, led if isinstance(led, Address) else None)


def _leads_as_before(connection: Any) -> bool:
    """Whether an open connection, maybe out of a pool, was opened to where it leads now."""
    try:
        return LED.get(connection) == _lead(connection)
    except ConnectionRefusedError:
        return False  # opening it again says why


def _is_led(connection: Any) -> bool:
    """Whether the request has these headers: another patch of ours, with somebody's in between, was here before."""
    return any(line.startswith(f"{SANDBOX}:".encode()) for line in connection._buffer)


def _more_headers(connection: Any, url: str) -> list[tuple[str, str]]:
    """Return what a request has in addition that is led to a server."""
    scheme, host = _origin(connection)
    with suppress(Refused):  # then opening the connection says so
        place = PLACES.find(host, url)
        if place is not None and place.address is not None:
            return place.headers_for(scheme, host)
    return []


def _note_meant(connection: Any, url: str) -> None:
    parts = urlsplit(url)
    if parts.hostname:
        MEANT[connection] = (parts.scheme, parts.hostname)
    else:
        MEANT.pop(connection, None)


def _origin(connection: Any) -> tuple[str, str]:
    """Return the scheme and host that a connection is for: of a proxy, its tunnel or the request line says it."""
    scheme = "https" if connection.default_port == PORTS["https"] else "http"
    return MEANT.get(connection) or (scheme, connection._tunnel_host or str(connection.host))
