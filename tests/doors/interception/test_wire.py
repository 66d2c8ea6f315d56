"""HTTP/1.1 in memory: however its bytes come, a request is the same, and an answer reads as it was meant."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.doors.interception.exchange import Answered, Asked, Loss
from mocktill.doors.interception.wire import REFUSAL, Garbled, Inbox, written

NAMES = st.from_regex(r"\AX-[A-Za-z-]{1,8}\Z")
VALUES = st.from_regex(r"\A(?:[!-~](?:[ -~]{0,10}[!-~])?)?\Z")


@dataclass(frozen=True)
class Sent:
    """A request as a client means it; `chunks` are the pieces that its body is written in, None for one piece."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    chunks: tuple[int, ...] | None
    trailers: tuple[tuple[str, str], ...] = ()

    @property
    def written(self) -> bytes:
        """What goes over the wire."""
        framing = (
            ("Transfer-Encoding", "chunked") if self.chunks is not None else ("Content-Length", f"{len(self.body)}")
        )
        head = lines((f"{self.method} {self.target} HTTP/1.1",), (("Host", "a.b:80"), *self.headers, framing))
        return head + b"\r\n" + (self.body if self.chunks is None else self._chunked(self.chunks))

    def _chunked(self, sizes: Sequence[int]) -> bytes:
        parts, rest = [], self.body
        for size in sizes:
            parts.append(rest[:size])
            rest = rest[size:]
        whole = [part for part in [*parts, rest] if part]  # an empty one would be the last
        chunks = b"".join(b"%X;ext=1\r\n%s\r\n" % (len(part), part) for part in whole)
        return chunks + b"0\r\n" + lines((), self.trailers) + b"\r\n"


def lines(first: Sequence[str], headers: Sequence[tuple[str, str]]) -> bytes:
    """Return the lines of a head, each with its end."""
    return "".join(f"{line}\r\n" for line in [*first, *(f"{name}: {value}" for name, value in headers)]).encode(
        "latin-1"
    )


requests = st.builds(
    Sent,
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.sampled_from(["/", "/v1/purchases?a=b&c=%20", "/~box/deem/v1/x"]),
    st.lists(st.tuples(NAMES, VALUES), max_size=3).map(tuple),
    st.binary(max_size=60) | st.sampled_from([b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"]),
    st.none() | st.lists(st.integers(1, 20), max_size=4).map(tuple),
    st.lists(st.tuples(NAMES, VALUES), max_size=2).map(tuple),
)


def fed(data: bytes, cuts: Sequence[int], *, eager: bool = True) -> list[Asked]:
    """Return the requests in some bytes that are written in pieces, and looked for after each or in the end."""
    inbox, found = Inbox("https", "fallback"), []
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        inbox.feed(data[start:end])
        while eager and (asked := inbox.next()) is not None:
            found.append(asked)
    while (asked := inbox.next()) is not None:
        found.append(asked)
    return found


@given(st.lists(requests, min_size=1, max_size=3), st.lists(st.integers(0, 2000), max_size=8), st.booleans())
def test_however_bytes_are_split_the_requests_are_the_same(sent: list[Sent], cuts: list[int], eager: bool) -> None:
    """Any split of any requests, one after another, gives these requests: line, headers and body."""
    found = fed(b"".join(request.written for request in sent), cuts, eager=eager)
    assert [(asked.method, asked.target, asked.body) for asked in found] == [
        (request.method, request.target, request.body) for request in sent
    ]
    assert [tuple(asked.headers[1:-1]) for asked in found] == [request.headers for request in sent]
    assert {(asked.scheme, asked.host) for asked in found} == {("https", "a.b:80")}


@given(requests, st.integers(1, 200))
def test_a_request_that_is_not_whole_is_not_there(sent: Sent, missing: int) -> None:
    """As long as a byte is missing there is no request, and with it there is."""
    data = sent.written
    kept = max(len(data) - missing, 0)
    inbox = Inbox("http", "h")
    inbox.feed(data[:kept])
    assert inbox.next() is None
    inbox.feed(memoryview(data)[kept:])
    asked = inbox.next()
    assert asked is not None
    assert asked.body == sent.body
    assert inbox.next() is None


@pytest.mark.parametrize(
    ("target", "origin"),
    [
        ("/v1?a=http://b/c", "/v1?a=http://b/c"),
        ("http://api.getdrip.com/v2?x=1", "/v2?x=1"),
        ("http://api.getdrip.com:80/", "/"),
        ("http://api.getdrip.com", "/"),
        ("http://api.getdrip.com?x=/1", "/?x=/1"),
    ],
)
def test_a_whole_url_on_the_request_line(target: str, origin: str) -> None:
    """What is written for a proxy says the same as what is written without one."""
    assert fed(Sent("GET", target, (), b"", None).written, ())[0].target == origin


def test_without_a_host_header() -> None:
    """Where a client names no host, it is the one that the connection was opened for."""
    inbox = Inbox("http", "api.getdrip.com")
    inbox.feed(b"GET / HTTP/1.0\r\n\r\n")
    asked = inbox.next()
    assert asked is not None
    assert (asked.host, asked.body) == ("api.getdrip.com", b"")


def test_permission_to_go_on() -> None:
    """A client waits for permission from the end of the head to the beginning of the body, if it says so."""
    inbox, waiting = Inbox("http", "h"), []
    for part in (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r", b"\n", b"ab\r\n\r"):
        inbox.feed(part)
        assert inbox.next() is None
        waiting.append(inbox.waits_for_permission)
    assert waiting == [False, True, False]
    inbox.feed(b"\n")
    asked = inbox.next()
    assert asked is not None
    assert asked.body == b"ab\r\n\r\n"
    inbox.feed(b"PUT / HTTP/1.1\r\nContent-Length: 6\r\nX-Note: 100-continue\r\n\r\n")
    assert not inbox.waits_for_permission


class Pipe:
    """What `http.client` needs of a socket to read an answer."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        """Return what there is to be read."""
        return io.BytesIO(self._data)


def read(answered: Answered, method: str = "GET") -> http.client.HTTPResponse:
    """Return an answer as the standard library reads it."""
    response = http.client.HTTPResponse(Pipe(written(answered)), method=method)  # type: ignore[arg-type]
    response.begin()
    return response


def test_an_answer_is_read_as_it_was_meant() -> None:
    """Status, reason, headers, those that come twice too, and body arrive; what is no Latin-1 becomes `?`."""
    headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-name", "Zoë €"), ("content-length", "4")]
    response = read(Answered(422, headers, b"\x00\r\n\xff"))
    assert (response.status, response.read()) == (422, b"\x00\r\n\xff")
    assert response.msg.get_all("set-cookie") == ["a=1", "b=2"]
    assert response.headers["x-name"] == "Zoë ?"


def test_a_status_that_nobody_has_named() -> None:
    """A status without a phrase is one all the same, and says what a server of ours says."""
    assert (read(Answered(599, [("content-length", "0")], b"")).status, Answered(599, [], b"").reason) == (
        599,
        "<none>",
    )


def test_what_is_lost_is_not_written() -> None:
    """Of an answer that never comes there are no bytes; of one that is cut there is the part that arrives."""
    for loss in (Loss.DROPPED, Loss.TIMED_OUT):
        assert written(Answered(200, [("content-length", "4")], b"", loss)) == b""
    with pytest.raises(http.client.IncompleteRead) as caught:
        read(Answered(200, [("content-length", "4")], b"ab", Loss.CUT)).read()
    assert caught.value.partial == b"ab"


GARBLED = {
    "two parts": b"GET /v1\r\n\r\n",
    "four parts": b"GET /v1 x HTTP/1.1\r\n\r\n",
    "another version": b"GET /v1 HTTP/2.0\r\n\r\n",
    "no method": b"G(T /v1 HTTP/1.1\r\n\r\n",
    "no URL": b"GET http://[bad HTTP/1.1\r\n\r\n",
    "no host": b"GET http:///v1 HTTP/1.1\r\n\r\n",
    "no path": b"GET v1/x HTTP/1.1\r\n\r\n",
    "no UTF-8": b"GET /\xe9 HTTP/1.1\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nX : x\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n",
    "a control character": b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
    "no number": b"POST / HTTP/1.1\r\nContent-Length: abc\r\n\r\n{}",
    "below zero": b"POST / HTTP/1.1\r\nContent-Length: -2\r\n\r\n{}",
    "too long": b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n{}" % 2**70,
    "no length": b"POST / HTTP/1.1\r\nContent-Length: \r\n\r\n{}",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "no chunks": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n{}",
}
BAD_CHUNKS = (
    b"-b\r\n", b"zz\r\nab\r\n0\r\n\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b"\r\n{}\r\n", b" 2\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}xx0\r\n\r\n", b"{}", b"fffffffffffffffff\r\n{}", b"2\r\n{}\r\n0\r\nno colon\r\n\r\n",
)  # fmt: skip


@pytest.mark.parametrize("data", GARBLED.values(), ids=GARBLED)
def test_what_is_no_request(data: bytes) -> None:
    """What a server refuses for its first line, a header or its length is refused, however often it is looked at."""
    inbox = Inbox("http", "h")
    inbox.feed(data)
    with pytest.raises(Garbled):
        inbox.next()


@pytest.mark.parametrize("data", GARBLED.values(), ids=GARBLED)
def test_a_server_refuses_the_same(data: bytes, url: str) -> None:
    """A server of ours answers the same bytes with as much: its refusal differs in its date alone."""
    head, _, more = refused_by(url, data).partition(b"date: ")
    assert (head, more.partition(b"\r\n")[2]) == (REFUSAL[:-2], b"\r\n")


def refused_by(url: str, data: bytes) -> bytes:
    """Return all that a server says to some bytes, until it ends the connection."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 5) as made:
        made.sendall(data)
        return b"".join(iter(lambda: made.recv(4096), b""))


@pytest.mark.parametrize("chunks", BAD_CHUNKS)
@pytest.mark.parametrize("at_once", [True, False])
def test_chunks_that_are_none(chunks: bytes, at_once: bool) -> None:
    """Where a body breaks off the request says so, once, and nothing that follows on its connection is read."""
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3;a=b\r\nabc\r\n" + chunks
    inbox, found = Inbox("http", "h"), []
    for part in [data] if at_once else [data[i : i + 1] for i in range(len(data))]:
        inbox.feed(part)
        found += [asked for asked in [inbox.next()] if asked is not None]
    inbox.feed(b"GET / HTTP/1.1\r\n\r\n")
    assert inbox.next() is None
    assert [asked.broken for asked in found] == ["the chunks of the body broke off"]


def test_what_a_server_takes() -> None:
    """Lines may end without a carriage return, empty ones come first, and a target may be UTF-8, as at a server."""
    inbox = Inbox("http", "h")
    inbox.feed(b"\r\nOPTIONS * HTTP/1.1\nHost: a.b\n\nGET /\xc3\xa9 HTTP/1.1\r\nX: \xe9\t \r\n\r\n")
    first, second = inbox.next(), inbox.next()
    assert first is not None
    assert second is not None
    assert (first.target, first.host, second.target, second.headers) == ("*", "a.b", "/é", [("X", "é")])
