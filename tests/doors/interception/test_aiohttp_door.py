"""aiohttp: what it is answered in this process or led to a server is what it gets over a socket."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from yarl import URL

from mocktill.core.sandbox import Sandbox
from mocktill.doors.interception import aiohttp_door
from mocktill.doors.interception.places import PLACES
from mocktill.doors.interception.wire import Inbox
from tests.doors.interception.conftest import (
    GET,
    HOST,
    INTERCEPTED,
    LONG,
    NAME,
    ORDER,
    RESERVE,
    SHORT,
    Script,
    Way,
    place,
    said,
)
from tests.doors.peer import Peer, Said

BIG = b"0123456789abcdef" * 20_000
PATIENT = aiohttp.ClientTimeout(total=LONG)


@dataclass(frozen=True)
class Fetched:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    history: list[int]


async def fetch(session: aiohttp.ClientSession, method: str, url: str | URL, **more: Any) -> Fetched:
    """Send, and read the answer."""
    async with session.request(method, url, **more) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Fetched(answer.status, headers, await answer.read(), [step.status for step in answer.history])


def running(go: Callable[[aiohttp.ClientSession], Awaitable[Any]], **options: Any) -> Any:
    """Return what is done with a session, in a loop of its own; what the loop complains of is an error."""
    complaints: list[Any] = []

    async def begin() -> Any:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        async with aiohttp.ClientSession(**{"timeout": PATIENT, **options}) as session:
            return await go(session)

    try:
        return asyncio.run(begin())
    finally:
        gc.collect()  # what is not retrieved or not closed says so when it goes
        assert complaints == []


def send(method: str, url: str, *, session: dict[str, Any] | None = None, **more: Any) -> Fetched:
    """Send with a session of its own, and read the answer."""
    found: Fetched = running(lambda opened: fetch(opened, method, url, **more), **(session or {}))
    return found


def lost(url: str, method: str = "GET", **more: Any) -> tuple[type[BaseException], str]:
    """Return which error a request is lost with, and its words."""
    with pytest.raises((aiohttp.ClientError, TimeoutError)) as caught:
        send(method, url, **more)
    return type(caught.value), str(caught.value)


def test_what_was_reserved_is_there(way: Way) -> None:
    """A purchase that one request makes another one reads, with the same session."""

    async def go(session: aiohttp.ClientSession) -> None:
        async with session.post(way.root + RESERVE, json=ORDER) as made:
            assert (made.status, made.reason, made.version) == (200, "OK", aiohttp.HttpVersion11)
            key = (await made.json())["purchase"]["id"]
        async with session.get(f"{way.root}/v1/purchases/{key}?api_key=1") as found:
            assert (await found.json())["purchase"]["id"] == key

    running(go)
    assert way.box.view("deem").stock("last-one").free == 0


def test_links_begin_as_the_client_began(inside: Way) -> None:
    """The links in an answer are those of the vendor."""
    assert f"https://{HOST}/".encode() in send("GET", inside.root + GET).body


READ_TIMEOUT = (
    getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError),
    "Timeout on reading data from socket",
)


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        (aiohttp.ClientTimeout(sock_read=SHORT), READ_TIMEOUT),
        (aiohttp.ClientTimeout(total=SHORT), (TimeoutError, "")),
        (aiohttp.ClientTimeout(total=LONG, sock_read=SHORT), READ_TIMEOUT),
        (aiohttp.ClientTimeout(total=SHORT, sock_read=LONG), (TimeoutError, "")),
    ],
    ids=["sock_read", "total", "sock_read first", "total first"],
)
@pytest.mark.parametrize("what", [{"delay": "30s"}, {"connection": "never"}], ids=["late", "never"])
def test_no_patience(way: Way, what: Any, timeout: aiohttp.ClientTimeout, error: Any) -> None:
    """An answer that is later than the client waits is the error of whichever timeout ends first."""
    way.fault(**what)
    assert lost(way.root + GET, timeout=timeout) == error


def test_why_an_answer_never_came(inside: Way) -> None:
    """A note on the error says what the fault did; where aiohttp would wait for ever, the error itself says it."""
    inside.fault(delay="30s")
    with pytest.raises(TimeoutError) as caught:
        send("GET", inside.root + GET, timeout=aiohttp.ClientTimeout(total=5))
    assert caught.value.__notes__ == ["a fault delays the answer by 30 s, and its client waits for 5 s"]
    inside.fault(connection="never")
    error, words = lost(inside.root + GET, timeout=aiohttp.ClientTimeout(total=None))
    assert (error, "for ever" in words) == (aiohttp.ServerTimeoutError, True)


@pytest.mark.parametrize("timeout", [aiohttp.ClientTimeout(total=60), aiohttp.ClientTimeout(total=0, sock_read=0)])
def test_patience_is_enough(inside: Way, timeout: aiohttp.ClientTimeout) -> None:
    """A delay that the client would wait for costs nothing; 0 is as long as it takes."""
    inside.fault(delay="30s")
    assert send("GET", inside.root + GET, timeout=timeout).status == 200


def test_a_dropped_connection(way: Way) -> None:
    """A connection that ends before any byte is a disconnected server."""
    way.fault(connection="drop")
    error = (aiohttp.ServerDisconnectedError, "Server disconnected")
    assert lost(way.root + RESERVE, "POST", json=ORDER) == error
    assert lost(way.root + GET) == error


@pytest.mark.skipif(
    not hasattr(aiohttp, "SocketTimeoutError"), reason="SKIPPED: this aiohttp does not send anything twice"
)
def test_what_is_sent_twice(way: Way) -> None:
    """What may be sent twice aiohttp sends again over a new connection, and may have luck."""
    way.fault(when={"next": 1}, connection="drop")
    assert send("GET", way.root + GET).status == 200


def test_a_cut_body(way: Way) -> None:
    """Status and headers of a cut answer arrive; reading its body fails."""
    way.fault(connection="cut")

    async def go(session: aiohttp.ClientSession) -> None:
        async with session.get(way.root + GET) as answer:
            assert (answer.status, int(answer.headers["content-length"]) > 500) == (200, True)
            with pytest.raises(aiohttp.ClientPayloadError, match="Response payload is not completed"):
                await answer.read()

    running(go)


def test_bodies_that_are_streamed_up(way: Way) -> None:
    """A body out of a generator, in chunks, is read as one of a known length; so is a form."""
    parts = [b'{"deal_id": "last', b'-one", "num_bought": 1}']

    async def drip() -> AsyncIterator[bytes]:
        for part in parts:
            yield part
            await asyncio.sleep(0)

    assert send("POST", way.root + RESERVE, data=drip(), headers={"Content-Type": "application/json"}).status == 200
    assert way.box.journal.entries()[-1].request_body == b"".join(parts)


def test_many_small_chunks(script: Script) -> None:
    """However many pieces a body is written in, it is one."""

    async def drip() -> AsyncIterator[bytes]:
        for number in range(3000):
            yield b"%d\r\n" % number

    send("PUT", f"https://{HOST}/", data=drip())
    assert script.asked[0].body == b"".join(b"%d\r\n" % number for number in range(3000))


def test_permission_to_send(way: Way) -> None:
    """A client that waits for permission to send its body gets it."""
    assert send("POST", way.root + RESERVE, json=ORDER, expect100=True).status == 200


def test_a_compressed_body(script: Script) -> None:
    """What is compressed on its way up arrives as it was written."""
    send("POST", f"https://{HOST}/", data=b"a" * 100, compress=True)
    assert dict(script.asked[0].headers)["Content-Encoding"] == "deflate"
    assert 0 < len(script.asked[0].body) < 100


def test_bodies_that_are_streamed_down(script: Script) -> None:
    """A large body comes in pieces, no faster than it is read, and is whole in the end."""
    script.answers = [said(BIG)]

    async def go(session: aiohttp.ClientSession) -> list[bytes]:
        pieces = []
        async with session.get(f"https://{HOST}/", read_bufsize=1000) as answer:
            async for piece in answer.content.iter_any():
                pieces.append(piece)
                for _ in range(5):  # meanwhile much could arrive
                    await asyncio.sleep(0)
        return pieces

    pieces = running(go)
    assert max(map(len, pieces)) <= aiohttp_door.PIECE < len(BIG)
    assert b"".join(pieces) == BIG
    assert send("GET", f"https://{HOST}/").body == BIG


def test_an_answer_that_is_not_read(script: Script) -> None:
    """Who does not read an answer to its end leaves nothing behind."""
    script.answers = [said(BIG)]

    async def go(session: aiohttp.ClientSession) -> int:
        async with session.get(f"https://{HOST}/") as answer:
            await answer.content.readexactly(10)
        return answer.status

    assert running(go) == 200


def test_what_a_request_says(script: Script) -> None:
    """Path, query and headers reach the sandbox as they were written, headers that come twice too."""
    headers = [("X-Twice", "a"), ("X-Twice", "b"), ("Host", "shop.example:8443")]
    send("PATCH", f"https://{HOST}:444/a%2Fb/%C3%A9?q=%20a&r=%2B", headers=headers, data=b"\x00\xff")
    asked = script.asked[0]
    assert (asked.method, asked.scheme, asked.host) == ("PATCH", "https", "shop.example:8443")
    assert (asked.target, asked.body) == ("/a%2Fb/%C3%A9?q=%20a&r=%2B", b"\x00\xff")
    assert [value for name, value in asked.headers if name == "X-Twice"] == ["a", "b"]


@pytest.mark.parametrize(("sock_read", "total", "patience"), [(7, 9, 7), (9, 7, 7), (None, 9, 9), (0, None, None)])
def test_how_long_a_client_waits(script: Script, sock_read: float, total: float, patience: float | None) -> None:
    """The sandbox is told the shorter of the timeouts; none, and 0, is for ever."""
    send("GET", f"https://{HOST}/", timeout=aiohttp.ClientTimeout(total=total, sock_read=sock_read))
    assert script.patience == [patience]


def test_headers_and_cookies(script: Script) -> None:
    """An answer's headers stay as many as they are, and its cookies come back with the next request."""
    script.answers = [said(b"", ("set-cookie", "a=1"), ("set-cookie", "b=2"))]

    async def go(session: aiohttp.ClientSession) -> list[str]:
        async with session.get(f"https://{HOST}/") as answer:
            found = answer.headers.getall("set-cookie")
        async with session.get(f"https://{HOST}/"):
            return found

    assert running(go) == ["a=1", "b=2"]
    assert dict(script.asked[-1].headers)["Cookie"] == "a=1; b=2"


def test_redirects(way: Way) -> None:
    """A redirect is followed to where it leads."""
    way.fault(when={"next": 1}, status=307, headers={"Location": way.root + GET})
    found = send("GET", way.root + GET)
    assert (found.status, found.history) == (200, [307])


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("HEAD", 204)])
def test_answers_without_a_body(way: Way, method: str, status: int) -> None:
    """To HEAD, and with some statuses, no body comes; what is said of its length is as from the server."""
    way.fault(status=status)
    found = send(method, way.root + GET)
    assert (found.status, found.body) == (status, b"")
    assert ("content-length" in found.headers) == (method == "HEAD" and status != 204)


def test_websockets_are_refused(way: Way) -> None:
    """No vendor has a websocket: the handshake fails with the vendor's status."""

    async def go(session: aiohttp.ClientSession) -> int:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(way.root.replace("http", "ws", 1) + "/v1/socket")
        return caught.value.status

    assert running(go) == 404


def test_requests_run_side_by_side(way: Way) -> None:
    """Many requests at once are answered at once, within the limit of the connector too."""

    async def go(session: aiohttp.ClientSession) -> list[int]:
        found = await asyncio.gather(*(fetch(session, "GET", way.root + GET) for _ in range(20)))
        return [answer.status for answer in found]

    assert running(go) == [200] * 20
    assert len(way.box.journal.entries()) == 20

    async def limited(session: aiohttp.ClientSession) -> Any:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2, limit_per_host=1)) as narrow:
            return await go(narrow)

    assert running(limited) == [200] * 20


def test_a_request_that_is_cancelled(inside: Way) -> None:
    """Who gives up before the answer leaves nothing behind, and the session goes on."""

    async def go(session: aiohttp.ClientSession) -> int:
        for turns in range(2):
            task = asyncio.create_task(fetch(session, "GET", inside.root + GET))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return (await fetch(session, "GET", inside.root + GET)).status

    assert running(go) == 200


def test_who_hangs_up_is_not_answered(script: Script) -> None:
    """What was written to a connection that is closed at once reaches no sandbox."""

    async def go() -> None:
        inbox = Inbox("http", HOST)
        transport = aiohttp_door.MemoryTransport(asyncio.Protocol(), PLACES.active[0], inbox, PATIENT)
        transport.write(b"GET / HTTP/1.1\r\n\r\n")
        transport.close()
        await asyncio.sleep(0)

    asyncio.run(go())
    assert not script.asked


def test_a_session_that_is_closed_meanwhile(script: Script) -> None:
    """A request whose session is closed under it ends in an error, and nothing else is said."""

    async def drip(session: aiohttp.ClientSession) -> AsyncIterator[bytes]:
        yield b"a"
        await session.close()
        yield b"b"

    async def go(session: aiohttp.ClientSession) -> None:
        with pytest.raises(aiohttp.ClientError):
            await fetch(session, "POST", f"https://{HOST}/", data=drip(session))

    running(go)
    assert not script.asked


def test_a_sandbox_that_is_left_meanwhile() -> None:
    """A request that is still being written when its sandbox is left gets no answer from it."""
    entered = PLACES.entered(place())

    async def drip() -> AsyncIterator[bytes]:
        yield b"a"
        entered.__exit__(None, None, None)
        yield b"b"

    entered.__enter__()
    error, words = lost(f"https://{HOST}/", "POST", data=drip())
    assert (error, "is over" in words) == (aiohttp.ClientOSError, True)


def test_a_defect_is_not_swallowed() -> None:
    """What goes wrong in this process is raised where the answer was awaited."""

    def respond(*asked: object) -> Any:
        raise ValueError("a defect")

    with PLACES.entered(place(respond=respond)), pytest.raises(ValueError, match="a defect"):
        send("GET", f"https://{HOST}/")


def test_hosts_that_are_not_reached() -> None:
    """A vendor that the sandbox leaves out, a host that may not pass and a sandbox that is over fail to connect."""
    here = place("only-deem", hosts=frozenset({HOST}), closed=frozenset({"api.getdrip.com"}), passing=())
    with PLACES.entered(here):
        for url, words in (
            ("https://api.getdrip.com/v2", "was made without that API"),
            ("http://127.0.0.1:9/", "is not reached from this test"),
            ("http://mocktill.test/~gone/deem/v1", "the sandbox gone is over"),
        ):
            error, said = lost(url)
            assert (error, words in said) == (aiohttp.ClientConnectorError, True)
    assert here.missed == ["api.getdrip.com", "127.0.0.1"]


def test_what_is_said_of_a_call_that_is_led() -> None:
    """A call that is led to a server names the sandbox, and how it was begun; its Host is still the vendor's."""
    with Peer(Said()) as peer, PLACES.entered(place(url=peer.url)):
        for scheme, proxy in (("http", None), ("https", None), ("http", "http://127.0.0.1:9")):
            send("POST", f"{scheme}://{HOST}/v1?a=b", data=b"x", proxy=proxy)
    for asked, scheme in zip(peer.asked, ("http", "https", "http"), strict=True):
        assert (asked.path, asked.body, asked.headers["host"]) == ("/v1?a=b", b"x", HOST)
        assert (asked.headers["mocktill-sandbox"], asked.headers["mocktill-scheme"]) == (NAME, scheme)
        assert asked.headers["mocktill-host"] == HOST


def test_a_connection_that_outlives_its_loop() -> None:
    """Whoever closes a connection when its loop is over, as the garbage collector may, hears no complaint."""

    async def make() -> aiohttp_door.MemoryTransport:
        inbox = Inbox("http", HOST)
        return aiohttp_door.MemoryTransport(asyncio.Protocol(), place(), inbox, aiohttp.ClientTimeout())

    transport = asyncio.run(make())
    transport.abort()
    assert transport.is_closing()


def test_a_server_that_is_gone() -> None:
    """Where the server cannot be reached that calls are led to, they fail to connect."""
    with Peer() as peer:
        gone = peer.url
    with PLACES.entered(place(url=gone)):
        assert lost(f"https://{HOST}/")[0] is aiohttp.ClientConnectorError


@pytest.mark.parametrize("way", INTERCEPTED, indirect=True)
def test_proxies_are_left_out(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy, the request's own or the environment's, is not asked."""
    proxy = "http://127.0.0.1:9"
    assert send("GET", way.root + GET, proxy=proxy).status == 200
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    assert send("GET", way.root + GET, session={"trust_env": True}).status == 200


def test_what_was_open_before_is_not_used(url: str, sandbox: Sandbox) -> None:
    """A real connection to a vendor that a session has in its pool is closed, and the sandbox asked."""
    real = f"{url}/~{NAME}/deem{GET}"

    async def go(session: aiohttp.ClientSession) -> list[bytes]:
        first = await asyncio.gather(*(fetch(session, "GET", real) for _ in range(3)))
        with PLACES.entered(place(hosts=frozenset({"127.0.0.1"}))):
            second = await asyncio.gather(*(fetch(session, "GET", real) for _ in range(4)))
        return [got.body[:10] for got in (*first, *second, await fetch(session, "GET", real))]

    assert running(go) == [b'{"status":'] * 3 + [b"{}"] * 4 + [b'{"status":']
    assert len(sandbox.journal) == 4


def test_a_connector_that_goes_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connector that makes connections which are not led anywhere reaches no vendor."""
    monkeypatch.setattr(aiohttp_door, "MOST_POOLED", 2)
    with Peer(Said(body=b"real")) as peer:

        class Own(aiohttp.TCPConnector):
            async def _create_connection(self, *asked: Any, **more: Any) -> Any:
                host, _, port = peer.url.removeprefix("http://").partition(":")
                loop = asyncio.get_running_loop()
                return (await loop.create_connection(self._factory, host, int(port)))[1]

        async def go(session: aiohttp.ClientSession) -> None:
            async with aiohttp.ClientSession(connector=Own()) as own:
                with pytest.raises(aiohttp.ClientConnectorError, match="cannot be led"):
                    await fetch(own, "GET", f"http://{HOST}/")

        with PLACES.entered(place()):
            running(go)
        assert not peer.asked


def test_other_hosts_pass(script: Script) -> None:
    """A host that is nobody's is reached as ever."""
    with Peer(Said(body=b"real")) as peer:
        assert send("GET", peer.url).body == b"real"
    assert not script.asked


@pytest.mark.parametrize("option", [{"total": -1}, {"total": 0}, {"sock_read": 0}])
def test_no_timeout_at_all(way: Way, option: dict[str, float]) -> None:
    """A timeout of 0 is none, and so is a total below: no fault is blamed that there is none."""
    assert send("GET", way.root + GET, timeout=aiohttp.ClientTimeout(**option)).status == 200


def test_no_time_at_all(inside: Way) -> None:
    """A time to read below 0 is over before anything is asked, and no fault is blamed."""
    with pytest.raises(aiohttp.ServerTimeoutError) as caught:
        send("GET", inside.root + GET, timeout=aiohttp.ClientTimeout(sock_read=-1))
    assert not hasattr(caught.value, "__notes__")
    assert not inside.box.journal.entries()


def test_a_path_that_is_not_quoted(way: Way) -> None:
    """A path as it was given, in UTF-8, is the same in the journal by every way."""
    got = running(lambda session: fetch(session, "GET", URL(f"{way.root}/v1/é", encoded=True)))
    assert (got.status, way.box.journal.entries()[-1].path) == (404, "/v1/é")


@pytest.mark.parametrize("length", ["abc", "-2"])
def test_a_length_that_is_none(way: Way, length: str) -> None:
    """A length that is none is refused as by a server."""
    got = send("GET", way.root + GET, headers={"Content-Length": length})
    assert (got.status, got.body) == (400, b"")


def test_a_host_header_of_ones_own(inside: Way) -> None:
    """A call to a vendor's host reaches the vendor, whatever its Host header says."""
    assert send("GET", inside.root + GET, headers={"Host": "localhost"}).status == 200


def test_the_originals_come_back() -> None:
    """After the last sandbox aiohttp is as it was."""
    before = dict(vars(aiohttp.TCPConnector))
    with PLACES.entered(place()):
        assert dict(vars(aiohttp.TCPConnector)) != before
    assert dict(vars(aiohttp.TCPConnector)) == before
