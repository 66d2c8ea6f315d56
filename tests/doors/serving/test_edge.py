"""The server's edge, with a request and a connection of the test's own: no server, no socket."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import ANY

import pytest

from mocktill.core.app import BODY_LIMIT, ENTRY, HEADERS, PROBLEM
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import steady_seconds
from mocktill.core.errors import Malformed, TooLarge
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.turn import Effect
from mocktill.doors.app import create_app
from mocktill.doors.environ import DRAINED, environ_of
from mocktill.doors.serving import edge
from mocktill.doors.serving.edge import Edge
from mocktill.doors.serving.server import run_loop

Headers = list[tuple[str, str]]


class Fields:
    """The headers of a request as granian gives them: a name may come more than once."""

    def __init__(self, fields: Headers) -> None:
        self._fields = fields

    def items(self) -> Headers:
        """Return names and values, but for those that cannot be read."""
        return [(name, value) for name, value in self._fields if value.isascii()]

    def __contains__(self, name: str) -> bool:
        return any(name == other for other, _ in self._fields)


@dataclass(eq=False)
class Scope:
    """A request as granian describes it."""

    method: str = "GET"
    path: str = "/"
    query_string: str = ""
    fields: Headers = field(default_factory=lambda: [("host", "shop.test")])
    proto: str = "http"
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8080"
    client: str = "127.0.0.1:50000"
    authority: str | None = None

    @property
    def headers(self) -> Fields:
        """The request's headers."""
        return Fields(self.fields)


class Connection:
    """A connection that has a body, or breaks, and keeps what was answered.

    As granian's it hands out an empty part at the end, and one more where the body breaks off.
    """

    def __init__(self, *parts: bytes, breaks: bool = False) -> None:
        self._left = [*parts, b"", b""] if breaks else [*parts, b""]
        self._breaks = breaks
        self._begun = False
        self.read = self.read_before_the_answer = 0
        self.answered: list[tuple[int, dict[str, str], bytes | None]] = []
        self.closed = False

    async def __call__(self) -> bytes:
        body = b"".join([part async for part in self])
        if self._breaks:
            raise RuntimeError("the client has gone")
        return body

    def __aiter__(self) -> Connection:
        if self._begun:
            raise RuntimeError("a body is read once")
        self._begun = True
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        part = self._left.pop(0)
        self.read += len(part)
        self.read_before_the_answer += 0 if self.answered else len(part)
        return part

    def response_empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""
        self.answered.append((status, dict(headers), None))

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a body."""
        self.answered.append((status, dict(headers), body))

    def close(self, status: int | None) -> None:
        """Refuse a connection that is none of ours."""
        self.closed = True


class Echo:
    """A WSGI app that keeps its environments and answers with the body."""

    def __init__(self, status: str = "200 OK") -> None:
        self._status = status
        self.seen: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        environ[ENTRY] = "the entry"
        start_response(self._status, [("Content-Type", "text/plain"), ("X-A", "1")])
        return [self.bodies[-1][:1], self.bodies[-1][1:]]


Told = list[tuple[str, str, int, Any]]


def answer(app: Any, scope: Scope, connection: Connection) -> Told:
    """Answer one request; return what the log was told."""
    told: Told = []
    asyncio.run(Edge(app, lambda *said: told.append(said[:4])).__rsgi__(scope, connection))
    return told


def posted(*headers: tuple[str, str], **more: Any) -> Scope:
    """Return a POST with headers."""
    return Scope("POST", fields=[("host", "shop.test"), *headers], **more)


# a request becomes an environment


def test_the_environment_is_wsgis() -> None:
    """Method, path, query, server, scheme and headers are where PEP 3333 has them."""
    scope = Scope("PUT", "/a b", "x=%20", [("host", "shop.test:1"), ("content-type", "a/b"), ("x-own", "1")])
    environ = environ_of(scope)
    expected = {
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "x=%20",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "shop.test:1",
        "CONTENT_TYPE": "a/b",
        "HTTP_X_OWN": "1",
        HEADERS: {"host": "shop.test:1", "content-type": "a/b", "x-own": "1"},
    }
    assert {name: environ[name] for name in expected} == expected
    assert environ["wsgi.input"].read() == b""


def test_a_path_is_latin_1() -> None:
    """A path of other letters is carried as WSGI carries it: its UTF-8 bytes, one letter each."""
    assert environ_of(Scope(path="/café/東"))["PATH_INFO"] == "/café/東".encode().decode("latin-1")


@pytest.mark.parametrize(("path", "seen"), [("", "/"), ("*", "/*"), ("x", "/x"), ("/x", "/x")])
def test_a_path_begins_with_a_slash(path: str, seen: str) -> None:
    """Whatever a target is, what the app sees is a path."""
    assert environ_of(Scope(path=path))["PATH_INFO"] == seen


def test_an_ipv6_server() -> None:
    """The port is what follows the last colon."""
    environ = environ_of(Scope(server="[::1]:8080", client="[::1]:5"))
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"], environ["REMOTE_ADDR"]) == ("[::1]", "8080", "[::1]")


def test_a_header_that_comes_twice_is_joined() -> None:
    """Values of one name are one list."""
    environ = environ_of(Scope(fields=[("x-a", "1"), ("x-b", "2"), ("x-a", "3")]))
    assert (environ["HTTP_X_A"], environ["HTTP_X_B"]) == ("1,3", "2")


def test_the_authority_is_the_host() -> None:
    """HTTP/2 has no Host header: its authority stands for it, and never replaces one."""
    assert environ_of(Scope(fields=[], authority="a.test"))["HTTP_HOST"] == "a.test"
    assert environ_of(Scope(authority="a.test"))["HTTP_HOST"] == "shop.test"
    assert "HTTP_HOST" not in environ_of(Scope(fields=[]))


def test_a_header_cannot_pose_as_ours() -> None:
    """No header becomes one of the places where doors leave their own."""
    fields = [("mocktill.sandbox", "x"), ("mocktill.problem", "x"), ("script_name", "/x"), ("path-info", "/x")]
    environ = environ_of(Scope(fields=fields))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/")
    assert not {PROBLEM, "mocktill.sandbox"} & set(environ)


# a body


@pytest.mark.parametrize("parts", [(b"abc",), (b"a", b"bc"), ()])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_is_read(parts: tuple[bytes, ...], chunked: bool) -> None:
    """A body gets to the app whole, with a length or in chunks, and its length is told."""
    body = b"".join(parts)
    header = ("transfer-encoding", "chunked") if chunked else ("content-length", str(len(body)))
    app = Echo()
    answer(app, posted(header), Connection(*parts))
    assert app.bodies == [body]
    assert app.seen[0]["CONTENT_LENGTH"] == str(len(body))


@pytest.mark.parametrize("headers", [[], [("content-length", "0")]])
def test_no_body_is_not_read(headers: Headers) -> None:
    """Without a length there is no body, and nothing is waited for."""
    connection = Connection(b"never")
    app = Echo()
    answer(app, posted(*headers), connection)
    assert (app.bodies, connection.read) == ([b""], 0)


@pytest.mark.parametrize("length", [str(BODY_LIMIT + 1), "9" * 25])
def test_too_long_a_length_is_not_read(length: str) -> None:
    """A body that says that it is too large is refused unread; what still comes is thrown away."""
    connection = Connection(b"x" * 10)
    app = Echo()
    answer(app, posted(("content-length", length)), connection)
    assert isinstance(app.seen[0][PROBLEM], TooLarge)
    assert (app.bodies, connection.read_before_the_answer, connection.read) == ([b""], 0, 10)


def test_what_is_thrown_away_is_bounded() -> None:
    """Of a body that was refused no more than so much is taken from the client."""
    connection = Connection(*[b"x" * 1024 * 1024] * 100)
    answer(Echo(), posted(("content-length", str(100 * 1024 * 1024))), connection)
    assert connection.read == DRAINED + 1024 * 1024


def test_too_many_chunks_are_not_read() -> None:
    """A body of unknown length is read no further than the limit before it is refused, and not kept."""
    connection = Connection(*[b"x" * 64 * 1024] * 100)
    app = Echo()
    answer(app, posted(("transfer-encoding", "chunked")), connection)
    assert isinstance(app.seen[0][PROBLEM], TooLarge)
    assert app.bodies == [b""]
    assert connection.read_before_the_answer <= BODY_LIMIT + 64 * 1024


def test_a_body_of_the_limits_length_is_read() -> None:
    """The limit itself is not over the limit."""
    for header in (("content-length", str(BODY_LIMIT)), ("transfer-encoding", "chunked")):
        app = Echo()
        answer(app, posted(header), Connection(b"x" * BODY_LIMIT))
        assert PROBLEM not in app.seen[0]
        assert len(app.bodies[0]) == BODY_LIMIT


@pytest.mark.parametrize("header", [("content-length", "10"), ("transfer-encoding", "chunked")])
def test_a_body_that_breaks_off_is_malformed(header: tuple[str, str]) -> None:
    """A client that vanishes within its body leaves its meaning for the app, and one line in the log."""
    app = Echo()
    told = answer(app, posted(header), Connection(b"half", breaks=True))
    assert isinstance(app.seen[0][PROBLEM], Malformed)
    assert len(told) == 1


# an answer


def test_an_answer_goes_back() -> None:
    """Status, headers and the whole body are sent, and the log is told."""
    connection = Connection(b"body")
    told = answer(Echo("201 Created"), posted(("content-length", "4"), path="/x"), connection)
    headers = {"Content-Type": "text/plain", "X-A": "1", "Mocktill-Request-Id": ANY}
    assert connection.answered == [(201, headers, b"body")]
    assert told == [("POST", "/x", 201, "the entry")]


def test_head_has_no_body() -> None:
    """HEAD gets the headers alone."""
    connection = Connection(b"body")
    answer(Echo(), Scope("HEAD", fields=[("content-length", "4")]), connection)
    assert connection.answered == [(200, {"Content-Type": "text/plain", "X-A": "1", "Mocktill-Request-Id": ANY}, None)]


def test_an_empty_body_is_empty() -> None:
    """An answer without a body is sent as one."""
    connection = Connection()
    answer(Echo("204 No Content"), Scope(), connection)
    assert connection.answered[0][0] == 204
    assert connection.answered[0][2] is None


def test_the_apps_iterable_is_closed() -> None:
    """PEP 3333: what the app returns is closed when it was read."""
    closed: list[bool] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield b"a"

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [])
        return Body()

    answer(app, Scope(), Connection())
    assert closed == [True]


def _fails_at_once(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise RuntimeError("the inner secret")


def _fails_in_its_body(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("X-Inner", "secret")])
    yield b"half"
    raise RuntimeError("the inner secret")


def _never_starts(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return []


@pytest.mark.parametrize("app", [_fails_at_once, _fails_in_its_body, _never_starts])
def test_an_app_that_fails_is_answered(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A defect is a 500 in problem details without a word of the insides; the log has the reason."""
    connection = Connection()
    with caplog.at_level(logging.ERROR, logger="mocktill"):
        told = answer(app, Scope(path="/x"), connection)
    ((status, headers, body),) = connection.answered
    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert b"secret" not in (body or b"") + str(headers).encode()
    assert told == [("GET", "/x", 500, None)]
    assert caplog.records[0].exc_info


def test_what_is_no_http_is_closed() -> None:
    """A WebSocket is refused."""
    connection = Connection()
    told = answer(Echo(), Scope(proto="ws"), connection)
    assert (connection.closed, connection.answered, told) == (True, [], [])


def test_a_body_that_dawdles_holds_nobody_up() -> None:
    """While one request waits for its body, others are answered; then it is answered as well."""

    async def serve() -> list[str]:
        order: list[str] = []
        rest = asyncio.Event()

        class Slow(Connection):
            async def __anext__(self) -> bytes:
                await rest.wait()
                return await super().__anext__()

        app = Echo()
        door = Edge(app, lambda method, path, *more: order.append(path))
        slow = asyncio.create_task(door.__rsgi__(posted(("content-length", "4"), path="/slow"), Slow(b"late")))
        await asyncio.sleep(0)
        for path in ("/a", "/b"):
            await door.__rsgi__(Scope(path=path), Connection())
        rest.set()
        await slow
        assert app.bodies[-1] == b"late"
        return order

    assert asyncio.run(serve()) == ["/a", "/b", "/slow"]


@pytest.mark.parametrize(
    ("scope", "connection", "status"),
    [
        (posted(("content-length", str(BODY_LIMIT + 1)), path="/deem/v1/purchases"), Connection(), 413),
        (posted(("content-length", "9"), path="/deem/v1/purchases"), Connection(b"{", breaks=True), 400),
        (Scope(path="/deem/v1/purchases/34063ec2", fields=[("host", "a"), ("host", "b")]), Connection(), 400),
    ],
)
def test_what_the_edge_could_not_read_is_the_vendors_error(
    catalogue: Catalogue, scope: Scope, connection: Connection, status: int
) -> None:
    """Too large, broken off, or with two Hosts: the vendor refuses it in its own shape, and it is journalled."""
    sandboxes = Sandboxes(catalogue)
    told = answer(create_app(sandboxes).wsgi_app, scope, connection)
    got, headers, body = connection.answered[0]
    assert (got, headers["Content-Type"]) == (status, "application/json")
    assert b'"status":"error"' in (body or b"")
    assert told[0][3] is sandboxes.default.journal.entries()[-1]


@pytest.mark.parametrize("path", ["/deem/v1/nowhere", "/deem/v1/purchases"], ids=["no route", "broken off"])
def test_a_refusal_needs_no_collector(catalogue: Catalogue, path: str) -> None:
    """What was gathered about a request that is refused goes at once: until a collection it could be a lot."""
    app = create_app(Sandboxes(catalogue)).wsgi_app
    gc.collect()
    before = turns()
    gc.disable()
    try:
        for _ in range(5):
            answer(app, posted(("content-length", "9"), path=path), Connection(b"{", breaks=True))
        assert turns() == before
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("header", "breaks"),
    [(("content-length", "9"), True), (("content-length", str(BODY_LIMIT + 1)), False)],
    ids=["broken off", "too large"],
)
def test_a_body_that_could_not_be_read_leaves_nothing_behind(
    catalogue: Catalogue, header: tuple[str, str], breaks: bool
) -> None:
    """The meaning of one such request is not that of the next: nothing keeps what was gathered about it alive."""
    app = create_app(Sandboxes(catalogue)).wsgi_app
    gc.collect()
    before = turns()
    for _ in range(50):
        answer(app, posted(header, path="/deem/v1/purchases"), Connection(b"{", breaks=breaks))
    gc.collect()
    assert turns() == before


def turns() -> int:
    """Return how many requests are still kept from the pipeline."""
    return sum(type(thing).__name__ == "Turn" for thing in gc.get_objects())


@pytest.mark.parametrize("name", ["mocktill-sandbox", "host", "origin"])
def test_what_decides_and_cannot_be_read_is_not_overlooked(name: str) -> None:
    """A value that granian leaves out is there as one that nobody may have: it does not count as not sent."""
    environ = environ_of(Scope(fields=[(name, "caf\u00e9")]))
    assert environ[HEADERS][name] == "\ufffd"
    assert "user-agent" not in environ_of(Scope(fields=[("user-agent", "caf\u00e9")]))[HEADERS]


# what a fault does


class Client(Connection):
    """A connection that is there until its client goes."""

    def __init__(self, *, gone: bool) -> None:
        super().__init__()
        self.gone = asyncio.Event()
        self.asked = 0
        if gone:
            self.gone.set()

    async def client_disconnect(self) -> None:
        """Wait until the client has gone."""
        self.asked += 1
        if self.asked > 1:
            self.gone.set()  # it does not stay for ever
        await self.gone.wait()


@pytest.mark.parametrize("gone", [True, False])
def test_nothing_is_said_of_a_client_that_has_gone(
    gone: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a connection that is to be broken off and not to be found it is told only where the client is still there."""
    monkeypatch.setattr(edge, "sever", lambda client, server: False)
    monkeypatch.setattr(edge, "GOING_SECONDS", 0.01)

    async def drop() -> bool:
        return await edge.misbehave(Effect(connection="drop"), Scope(), Client(gone=gone), 200, [], b"")

    assert asyncio.run(drop()) is False
    said = [] if gone else ["the connection to 127.0.0.1:50000 is not to be found: it is left without an answer"]
    assert caplog.messages == said


def test_a_delay_is_never_shorter_than_it_says() -> None:
    """A loop that was busy when the wait began reckons from its last look: the rest is waited for as well."""

    class Staying:
        async def client_disconnect(self) -> None:
            await asyncio.get_running_loop().create_future()

    async def wait() -> float:
        time.sleep(0.05)  # the loop is busy, and its clock stands
        begun = steady_seconds()
        assert await edge._is_there(Staying(), 0.03)
        return steady_seconds() - begun

    assert run_loop(wait()) >= 0.03


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_delay_is_no_part_of_how_long_an_answer_took(
    catalogue: Catalogue, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log and metrics are told in how many seconds an answer was made, however late a fault lets it come."""
    sandboxes = Sandboxes(catalogue)
    sandboxes.default.faults.add({"what": {"delay": 3600}, "moment": moment})
    now, waited, told = [1000.0], [0.0], [-1.0]

    async def wait(protocol: object, seconds: float, *more: object) -> bool:
        now[0] += seconds + 2
        waited[0] += seconds
        return True

    def see(*answered: Any) -> None:
        told[0] = answered[5]

    def count_on() -> float:
        now[0] += 0.25
        return now[0]

    monkeypatch.setattr(edge, "_is_there", wait)
    monkeypatch.setattr(edge, "steady_seconds", count_on)
    door = Edge(create_app(sandboxes).wsgi_app, see)
    asyncio.run(door.__rsgi__(Scope(path="/deem/v1/purchases/34063ec2"), Connection()))
    door.close()
    assert waited == [3600.0]
    assert 0 < told[0] <= 1
