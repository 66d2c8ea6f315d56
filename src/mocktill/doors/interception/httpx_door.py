"""httpx: what its transports are to send is answered in this process, or goes to a server.

What is replaced lies below everything that its clients do about redirects, cookies, authentication and bodies.
"""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import h11
import httpcore
import httpx
from anyio.lowlevel import checkpoint

from mocktill.doors.interception.exchange import Answered, Asked, Loss
from mocktill.doors.interception.patches import Patch
from mocktill.doors.interception.places import PLACES, Address, Place, Refused
from mocktill.doors.interception.sockets import OUT_OF_RANGE

PIECE = 64 * 1024
"""How many bytes of a body are read at once, as over a socket."""
ALONE = httpx.Limits(max_keepalive_connections=0)
"""A connection that is led to a server is for one request: nothing is kept, and nothing is to be closed later."""
Send = Callable[[Any, httpx.Request], httpx.Response]
SendAsync = Callable[[Any, httpx.Request], Awaitable[httpx.Response]]


def patches() -> Iterator[Patch]:
    """Yield what is replaced of httpx."""
    yield Patch(httpx.HTTPTransport, "handle_request", _handle_request)
    yield Patch(httpx.AsyncHTTPTransport, "handle_async_request", _handle_async_request)


def clean_up() -> None:
    """Do nothing: no connection outlives its request."""


def _handle_request(original: Send) -> Send:
    def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
        place = _place(request)
        if place is None:
            return original(self, request)
        if place.address is not None:
            to_server = httpx.HTTPTransport(verify=_trust(place.address), limits=ALONE)
            return original(to_server, _led(request, place, place.address))
        _check_patience(request)
        draft = _Draft(request)
        assert isinstance(request.stream, httpx.SyncByteStream)
        for part in request.stream:
            draft.add(part)
        patience = _patience(request)
        return _response(place.answer(draft.asked(), patience), patience, "timed out", httpcore.NetworkStream())

    return handle_request


def _handle_async_request(original: SendAsync) -> SendAsync:
    async def handle_async_request(self: Any, request: httpx.Request) -> httpx.Response:
        place = _place(request)
        if place is None:
            return await original(self, request)
        if place.address is not None:
            to_server = httpx.AsyncHTTPTransport(verify=_trust(place.address), limits=ALONE)
            return await original(to_server, _led(request, place, place.address))
        _check_patience_async(request)
        draft = _Draft(request)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for part in request.stream:
            draft.add(part)
        await checkpoint()  # others have their turn, and whoever gave up has not asked
        patience = _patience(request)
        return _response(place.answer(draft.asked(), patience), patience, "", httpcore.AsyncNetworkStream())

    return handle_async_request


class _Draft:
    """A request while it is read, as h11 would write it: what it refuses to send is refused in the same words."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._writer = h11.Connection(h11.CLIENT)
        self._body = bytearray()
        with _refusing():
            head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        self._writer.send(head)

    def add(self, part: bytes) -> None:
        """Take a part of the body."""
        self._writer.send(h11.Data(part))
        self._body += part

    def asked(self) -> Asked:
        """Return the whole."""
        self._writer.send(h11.EndOfMessage())
        request = self._request
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        target = request.url.raw_path.decode("ascii")
        body, host = bytes(self._body), request.headers["host"]
        return Asked(request.method, request.url.scheme, host, target, headers, body, reached=_host(request))


class _Arriving(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer as it is read, piece by piece; one that was cut ends in an error."""

    def __init__(self, answered: Answered) -> None:
        self._answered = answered

    def __iter__(self) -> Iterator[bytes]:
        body = self._answered.body
        for start in range(0, len(body), PIECE):
            yield body[start : start + PIECE]
        if self._answered.loss is Loss.CUT:
            expected = dict(self._answered.headers)["content-length"]
            said = f"(received {len(body)} bytes, expected {expected})"
            raise httpx.RemoteProtocolError(f"peer closed connection without sending complete message body {said}")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            await checkpoint()
            yield part


def _response(answered: Answered, patience: float | None, timed_out: str, stream: object) -> httpx.Response:
    """Return what arrives; `timed_out` is what httpx says where its patience ends, and a note adds why.

    `stream` stands for the connection where somebody asks about it: nothing is known of it.
    """
    if answered.loss is Loss.TIMED_OUT:
        error = httpx.ReadTimeout(answered.sentence if patience is None else timed_out)
        error.add_note(answered.sentence)
        raise error
    if answered.loss is Loss.DROPPED:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    return httpx.Response(
        answered.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answered.headers],
        stream=_Arriving(answered),
        extensions={
            "http_version": b"HTTP/1.1",
            "reason_phrase": answered.reason.encode("ascii"),
            "network_stream": stream,
        },
    )


def _place(request: httpx.Request) -> Place | None:
    try:
        return PLACES.find(_host(request), request.url.raw_path.decode("ascii"))
    except Refused as error:
        raise httpx.ConnectError(str(error)) from None


def _host(request: httpx.Request) -> str:
    return request.url.raw_host.decode("ascii")


def _timeout(request: httpx.Request) -> dict[str, float | None]:
    found: dict[str, float | None] = request.extensions.get("timeout", {})
    return found


def _patience(request: httpx.Request) -> float | None:
    return _timeout(request).get("read")


def _check_patience(request: httpx.Request) -> None:
    """Raise what a socket does where a timeout is 0 or below: nothing is asked."""
    timeout = {step: seconds for step, seconds in _timeout(request).items() if seconds is not None and step != "pool"}
    if any(seconds < 0 for seconds in timeout.values()):
        raise ValueError(OUT_OF_RANGE)
    for step, error, number in (
        ("connect", httpx.ConnectError, errno.EINPROGRESS),
        ("read", httpx.ReadError, errno.EAGAIN),
    ):
        if timeout.get(step) == 0:
            raise error(str(BlockingIOError(number, os.strerror(number))))


def _check_patience_async(request: httpx.Request) -> None:
    """Do the same as an async client, for which no time is too little time."""
    timeout = _timeout(request)
    for step, error in (
        ("connect", httpx.ConnectTimeout),
        ("write", httpx.WriteTimeout),
        ("read", httpx.ReadTimeout),
    ):
        seconds = timeout.get(step)
        if seconds is not None and seconds <= 0:
            raise error("")


def _led(request: httpx.Request, place: Place, address: Address) -> httpx.Request:
    """Return the same request to a server; its Host header stays, and says which vendor is asked."""
    added = place.headers_for(request.url.scheme, _host(request))
    more = [(name.encode("ascii"), value.encode("ascii")) for name, value in added]
    return httpx.Request(
        request.method,
        request.url.copy_with(scheme=address.scheme, host=address.host, port=address.port),
        headers=[*request.headers.raw, *more],
        stream=request.stream,
        extensions={name: value for name, value in request.extensions.items() if name != "sni_hostname"},
    )


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error


def _trust(address: Address) -> ssl.SSLContext | bool:
    return _trusted() if address.scheme == "https" else False


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
