"""aiohttp: the connections that its connector makes end in memory, or at a server; each is for one request.

What is replaced lies below everything that its sessions do about redirects, cookies, timeouts, retries and bodies.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from weakref import WeakSet

import aiohttp

from mocktill.doors.interception.exchange import Answered, Loss
from mocktill.doors.interception.patches import Patch
from mocktill.doors.interception.places import PLACES, Address, Place, Refused
from mocktill.doors.interception.wire import CONTINUE, REFUSAL, Garbled, Inbox, written

PIECE = 64 * 1024
"""How many bytes arrive at once, as over a socket."""
MOST_POOLED = 100
"""How many connections a connector keeps, if it is not told otherwise."""
SOCKET_TIMEOUT = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)
"""What aiohttp raises where `sock_read` is over: since 3.10 it has a name of its own."""
LED: WeakSet[Any] = WeakSet()
"""The protocols of connections that are led somewhere: any other is a real one."""
Making = Callable[[Any, Any, Any, Any], Awaitable[Any]]


class MemoryTransport(asyncio.Transport):
    """The client's end of a connection on which one request is answered in this process."""

    def __init__(self, protocol: Any, place: Place, inbox: Inbox, timeout: Any) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._place = place
        self._inbox = inbox
        self._timeout = timeout
        self._arriving = b""
        self._ends = False
        self._paused = False
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take what the client writes; it is answered when the client had time to finish."""
        self._inbox.feed(data)
        self._loop.call_soon(self._respond)

    def is_closing(self) -> bool:
        """Whether the connection is over, or about to be."""
        return self._closing

    def pause_reading(self) -> None:
        """Let nothing more arrive for a while."""
        self._paused = True

    def resume_reading(self) -> None:
        """Let the rest arrive."""
        self._paused = False
        self._loop.call_soon(self._arrive)

    def close(self) -> None:
        """End the connection; what has not arrived is lost."""
        self._lose(None)

    def abort(self) -> None:
        """End the connection at once, which is the same here."""
        self._lose(None)

    def _respond(self) -> None:
        if not self._closing:
            try:
                self._answer()
            except Garbled:
                self._arriving, self._ends = REFUSAL, True
                self._arrive()
            except Exception as error:  # nobody would hear it in the loop
                self._lose(error)

    def _answer(self) -> None:
        asked = self._inbox.next()
        if asked is None:
            if self._inbox.waits_for_permission:
                self._protocol.data_received(CONTINUE)
        elif self._place not in PLACES.active:
            self._lose(ConnectionResetError(errno.ECONNRESET, "the sandbox that this connection led to is over"))
        elif (self._timeout.sock_read or 0) < 0:  # over before anything is asked
            self._protocol.set_exception(SOCKET_TIMEOUT("Timeout on reading data from socket"))
        else:
            self._take(self._place.answer(asked, _patience(self._timeout)), ends=bool(asked.broken))

    def _take(self, answered: Answered, *, ends: bool) -> None:
        if answered.loss is Loss.TIMED_OUT:
            self._protocol.set_exception(_timed_out(self._timeout, answered.sentence))
            return
        self._arriving, self._ends = written(answered), ends or answered.loss is not None
        self._arrive()

    def _arrive(self) -> None:
        """Let a piece arrive, and the next one when the client had time to read; then the end, if it comes early."""
        if self._closing or self._paused:
            return
        part, self._arriving = self._arriving[:PIECE], self._arriving[PIECE:]
        if part:
            self._protocol.data_received(part)
        if self._arriving:
            self._loop.call_soon(self._arrive)
        elif self._ends:
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if not self._closing and not self._loop.is_closed():
            self._loop.call_soon(self._protocol.connection_lost, error)
        self._closing = True


def patches() -> Iterator[Patch]:
    """Yield what is replaced of aiohttp."""
    yield Patch(aiohttp.TCPConnector, "connect", _connect)
    yield Patch(aiohttp.TCPConnector, "_create_connection", _create_connection)


def clean_up() -> None:
    """Do nothing: no connection outlives its request."""


def _connect(original: Making) -> Making:
    async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
        if _place(req) is None:
            return await original(self, req, traces, timeout)
        for _ in range(MOST_POOLED + 1):
            connection = await original(self, req, traces, timeout)
            if connection.protocol in LED:
                return connection
            connection.close()  # a real one, from a pool
        raise _refusal(req, f"the connections to {req.url.raw_host} of this connector cannot be led to a sandbox")

    return connect


def _create_connection(original: Making) -> Making:
    async def create_connection(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
        place = _place(req)
        if place is None:
            return await original(self, req, traces, timeout)
        if place.address is not None:
            protocol = await _to_server(self, place, place.address, req, timeout)
        else:
            protocol = self._factory()
            inbox = Inbox(_scheme(req), req.url.raw_host)
            protocol.connection_made(MemoryTransport(protocol, place, inbox, timeout))
        protocol.force_close()  # no pool is to keep it
        LED.add(protocol)
        return protocol

    return create_connection


async def _to_server(connector: Any, place: Place, address: Address, req: Any, timeout: Any) -> Any:
    """Open a real connection to the place's server, and let the request say whose it is; a proxy is left out."""
    req.headers.update(place.headers_for(_scheme(req), req.url.raw_host))
    req.proxy = None
    tls = True if address.scheme == "https" else None
    try:
        async with asyncio.timeout(timeout.sock_connect or None):
            loop = asyncio.get_running_loop()
            _, protocol = await loop.create_connection(connector._factory, address.host, address.port, ssl=tls)
    except OSError as error:
        if error.errno is None and isinstance(error, TimeoutError):
            raise
        raise aiohttp.ClientConnectorError(req.connection_key, error) from error
    return protocol


def _place(req: Any) -> Place | None:
    try:
        return PLACES.find(req.url.raw_host, req.url.raw_path_qs)
    except Refused as error:
        raise _refusal(req, str(error)) from None


def _refusal(req: Any, sentence: str) -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(req.connection_key, ConnectionRefusedError(errno.ECONNREFUSED, sentence))


def _scheme(req: Any) -> str:
    return "https" if req.is_ssl() else "http"


def _patience(timeout: Any) -> float | None:
    """Return for how many seconds the client waits for an answer; None for ever, and so is 0, or below."""
    return min((seconds for seconds in (timeout.sock_read, timeout.total) if seconds and seconds > 0), default=None)


def _timed_out(timeout: Any, sentence: str) -> Exception:
    """Return what aiohttp raises itself where its patience ends; a note adds why."""
    patience = _patience(timeout)
    if patience is None:
        return aiohttp.ServerTimeoutError(sentence)
    error = TimeoutError() if patience == timeout.total else SOCKET_TIMEOUT("Timeout on reading data from socket")
    error.add_note(sentence)
    return error
