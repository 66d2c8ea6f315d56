"""httpx, plain and async: what it is answered in this process or led to a server is what it gets over a socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import h11
import httpcore
import httpx
import pytest

from mocktill.doors.interception.places import PLACES, Ambiguous
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

Send = Callable[..., httpx.Response]
BIG = b"0123456789abcdef" * 20_000


def send_plainly(method: str, url: str, *, client: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
    """Send with a client of its own, and read the answer."""
    with httpx.Client(**{"timeout": LONG, **(client or {})}) as opened:
        return opened.request(method, url, **more)


def send_async(method: str, url: str, *, client: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
    """Do the same with an async client, in a loop of its own."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(**{"timeout": LONG, **(client or {})}) as opened:
            return await opened.request(method, url, **more)

    return asyncio.run(go())


@pytest.fixture(params=[send_plainly, send_async], ids=["plain", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """Each of the two clients."""
    found: Send = request.param
    return found


def lost(send: Send, url: str, **more: Any) -> tuple[type[BaseException], str]:
    """Return which error a request is lost with, and its words; it names the request."""
    with pytest.raises(httpx.RequestError) as caught:
        send("GET", url, **more)
    assert str(caught.value.request.url) == url
    return type(caught.value), str(caught.value)


def test_what_was_reserved_is_there(way: Way, send: Send) -> None:
    """A purchase that one request makes another one reads; each has a whole answer."""
    made = send("POST", way.root + RESERVE, json=ORDER)
    assert (made.status_code, made.reason_phrase, made.http_version) == (200, "OK", "HTTP/1.1")
    assert made.headers["content-length"] == str(len(made.content))
    key = made.json()["purchase"]["id"]
    assert send("GET", f"{way.root}/v1/purchases/{key}?api_key=1").json()["purchase"]["id"] == key
    assert way.box.view("deem").stock("last-one").free == 0


def test_links_begin_as_the_client_began(inside: Way, send: Send) -> None:
    """The links in an answer are those of the vendor."""
    assert f"https://{HOST}/" in send("GET", inside.root + GET).text


def test_no_patience(way: Way, send: Send) -> None:
    """An answer that is later than the client waits is a read timeout, in the words of httpx."""
    way.fault(delay="30s")
    said = {send_plainly: "timed out", send_async: ""}[send]
    assert lost(send, way.root + GET, timeout=SHORT) == (httpx.ReadTimeout, said)
    way.fault(connection="never")
    assert lost(send, way.root + GET, timeout=httpx.Timeout(LONG, read=SHORT)) == (httpx.ReadTimeout, said)


def test_a_dropped_connection(way: Way, send: Send) -> None:
    """A connection that ends before any byte is a protocol error."""
    way.fault(connection="drop")
    words = "Server disconnected without sending a response."
    assert lost(send, way.root + GET) == (httpx.RemoteProtocolError, words)


def test_a_cut_body(way: Way, send: Send) -> None:
    """A body that is cut is an error that counts its bytes."""
    whole = len(send("GET", way.root + GET).content)
    way.fault(connection="cut")
    words = (
        f"peer closed connection without sending complete message body (received {whole // 2} bytes, expected {whole})"
    )
    assert lost(send, way.root + GET) == (httpx.RemoteProtocolError, words)


def test_a_cut_body_begins(way: Way) -> None:
    """Status and headers of a cut answer arrive, and so does a part of its body; then reading it fails."""
    way.fault(connection="cut")
    parts: list[bytes] = []
    with httpx.stream("GET", way.root + GET, timeout=LONG) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            parts.extend(response.iter_raw())
    assert b"".join(parts).startswith(b'{"status":"success"')


def test_patience_is_enough(inside: Way, send: Send) -> None:
    """A delay that the client would wait for costs nothing, and without a timeout it would wait for any."""
    inside.fault(delay="30s")
    assert send("GET", inside.root + GET, timeout=60).status_code == 200
    assert send("GET", inside.root + GET, timeout=None).status_code == 200


def test_why_an_answer_never_came(inside: Way, send: Send) -> None:
    """A note on the error says what the fault did; where httpx would wait for ever, the error itself says it."""
    inside.fault(delay="30s")
    with pytest.raises(httpx.ReadTimeout) as caught:
        send("GET", inside.root + GET, timeout=5)
    assert caught.value.__notes__ == ["a fault delays the answer by 30 s, and its client waits for 5 s"]
    inside.fault(connection="never")
    error, words = lost(send, inside.root + GET, timeout=None)
    assert (error, "for ever" in words) == (httpx.ReadTimeout, True)


def test_bodies_that_are_streamed_up(way: Way) -> None:
    """A body out of a generator, in chunks, is read as one of a known length."""
    parts = [b'{"deal_id": "last', b"", b'-one", "num_bought": 1}']
    headers = {"Content-Type": "application/json"}

    async def drip() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    way.fault("before", {"method": "POST", "nth": 1}, status=503)  # read and refused
    assert send_plainly("POST", way.root + RESERVE, content=iter(parts), headers=headers).status_code == 503
    assert send_async("POST", way.root + RESERVE, content=drip(), headers=headers).status_code == 200
    assert way.box.journal.entries()[-1].request_body == b"".join(parts)


def test_bodies_that_are_streamed_down(script: Script) -> None:
    """A large body comes in pieces, and is whole in the end, be it read at once or as a stream."""
    script.answers = [said(BIG)]
    with httpx.stream("GET", f"https://{HOST}/") as response:
        pieces = list(response.iter_raw())
        assert response.num_bytes_downloaded == len(BIG)
    assert (len(pieces) > 1, b"".join(pieces)) == (True, BIG)

    async def read() -> list[bytes]:
        async with httpx.AsyncClient() as client, client.stream("GET", f"https://{HOST}/") as response:
            return [piece async for piece in response.aiter_bytes(1000)]

    assert b"".join(asyncio.run(read())) == BIG


def test_what_a_request_says(script: Script, send: Send) -> None:
    """Path, query and headers reach the sandbox as they were written, headers that come twice too."""
    headers = [("X-Twice", "a"), ("X-Twice", "b"), ("Host", "shop.example:8443")]
    url = f"https://{HOST}:444/a%2Fb/%C3%A9?q=%20a&r=%2B"
    send("PATCH", url, headers=headers, content=b"\x00\xff", timeout=httpx.Timeout(3, read=7))
    asked = script.asked[0]
    assert (asked.method, asked.scheme, asked.host) == ("PATCH", "https", "shop.example:8443")
    assert (asked.target, asked.body) == ("/a%2Fb/%C3%A9?q=%20a&r=%2B", b"\x00\xff")
    assert [value for name, value in asked.headers if name == "X-Twice"] == ["a", "b"]
    assert script.patience == [7]


def test_headers_and_cookies(script: Script, send: Send) -> None:
    """An answer's headers stay as many as they are, and its cookies come back with the next request."""
    script.answers = [said(b"", ("set-cookie", "a=1"), ("set-cookie", "b=2"))]
    answer = send("GET", f"https://{HOST}/")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    with httpx.Client() as client:
        client.get(f"https://{HOST}/")
        client.get(f"https://{HOST}/")
    assert dict(script.asked[-1].headers)["Cookie"] == "a=1; b=2"


def test_what_is_known_of_a_connection(inside: Way, send: Send) -> None:
    """Who asks an answer about its connection has somebody to ask, and in this process nothing is known of it."""
    stream = send("GET", inside.root + GET).extensions["network_stream"]
    assert isinstance(stream, httpcore.NetworkStream if send is send_plainly else httpcore.AsyncNetworkStream)
    assert [stream.get_extra_info(name) for name in ("server_addr", "ssl_object")] == [None, None]


def test_redirects(way: Way, send: Send) -> None:
    """A redirect is followed to where it leads."""
    way.fault(when={"next": 1}, status=307, headers={"Location": way.root + GET})
    answer = send("GET", way.root + GET, client={"follow_redirects": True})
    assert (answer.status_code, [step.status_code for step in answer.history]) == (200, [307])


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("HEAD", 204)])
def test_answers_without_a_body(way: Way, send: Send, method: str, status: int) -> None:
    """To HEAD, and with some statuses, no body comes; what is said of its length is as from the server."""
    way.fault(status=status)
    answer = send(method, way.root + GET)
    assert (answer.status_code, answer.content) == (status, b"")
    assert ("content-length" in answer.headers) == (method == "HEAD" and status != 204)


def test_what_httpx_refuses_to_send(way: Way, send: Send) -> None:
    """A header with a line break, or a body of another length than its header says, never gets anywhere."""
    words = "Illegal header value b'Bearer x\\n'"
    assert lost(send, way.root + GET, headers={"Authorization": "Bearer x\n"}) == (httpx.LocalProtocolError, words)

    async def short() -> AsyncIterator[bytes]:
        yield b"abc"

    body = {send_plainly: iter([b"abc"]), send_async: short()}[send]
    with pytest.raises(h11.LocalProtocolError, match="Too little data"):
        send("POST", way.root + RESERVE, content=body, headers={"Content-Length": "9"})


def test_requests_run_side_by_side(inside: Way) -> None:
    """While one request waits for its turn, others have theirs: as many as are sent together."""
    order: list[str] = []

    async def ask(client: httpx.AsyncClient, name: str) -> int:
        order.append(f"{name} begins")
        answer = await client.get(inside.root + GET)
        order.append(f"{name} ends")
        return answer.status_code

    async def go() -> list[int]:
        async with httpx.AsyncClient() as client:
            return await asyncio.gather(*(ask(client, name) for name in "abc"))

    assert asyncio.run(go()) == [200, 200, 200]
    assert order[:3] == ["a begins", "b begins", "c begins"]


def test_a_request_that_is_cancelled(inside: Way) -> None:
    """Who gives up before the answer has not asked."""

    async def go() -> None:
        async with httpx.AsyncClient() as client:
            task = asyncio.create_task(client.get(inside.root + GET))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(go())
    assert not inside.box.journal.entries()


def test_under_trio(way: Way) -> None:
    """An async client may run under trio."""
    trio = pytest.importorskip("trio", reason="SKIPPED: trio is not installed")

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(timeout=LONG) as client:
            return await client.get(way.root + GET)

    answer: httpx.Response = trio.run(go)
    assert answer.json()["status"] == "success"


def test_hosts_that_are_not_reached(send: Send) -> None:
    """A vendor that the sandbox leaves out, a host that may not pass and a sandbox that is over fail to connect."""
    here = place("only-deem", hosts=frozenset({HOST}), closed=frozenset({"api.getdrip.com"}), passing=())
    with PLACES.entered(here):
        for url, words in (
            ("https://api.getdrip.com/v2", "was made without that API"),
            ("http://127.0.0.1:9/", "is not reached from this test"),
            ("http://mocktill.test/~gone/deem/v1", "the sandbox gone is over"),
        ):
            error, said = lost(send, url)
            assert (error, words in said) == (httpx.ConnectError, True)
    assert here.missed == ["api.getdrip.com", "127.0.0.1"]


def test_other_hosts_pass(script: Script, send: Send) -> None:
    """A host that is nobody's is reached as ever."""
    with Peer(Said(body=b"real")) as peer:
        assert send("GET", peer.url).content == b"real"
    assert not script.asked


def test_a_call_that_could_lead_to_two(send: Send) -> None:
    """Where it is open which sandbox is meant, the error names both."""
    calls = []

    def call() -> None:
        with pytest.raises(Ambiguous, match="one and two"):
            send("GET", f"https://{HOST}/")
        calls.append(True)

    with PLACES.entered(place("one")), PLACES.entered(place("two")):
        thread = threading.Thread(target=call)  # a thread has no context of its own
        thread.start()
        thread.join()
    assert calls == [True]


@pytest.mark.parametrize("by", ["argument", "environment"])
@pytest.mark.parametrize("way", INTERCEPTED, indirect=True)
def test_proxies_are_left_out(way: Way, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client with a proxy, its own or the environment's when it was made, reaches the sandbox all the same."""
    proxy = "http://127.0.0.1:9"
    with monkeypatch.context() as before:
        if by == "environment":
            for name in ("NO_PROXY", "no_proxy"):
                before.delenv(name)
            before.setenv("HTTPS_PROXY", proxy)
            before.setenv("HTTP_PROXY", proxy)
        client = httpx.Client(proxy=proxy) if by == "argument" else httpx.Client()
    with client:
        assert client.get(way.root + GET).status_code == 200


def test_other_hosts_keep_their_connections(script: Script) -> None:
    """A client may turn to a vendor in between: what it has open to others stays so."""
    with Peer(Said(body=b"real")) as peer, httpx.Client() as client:
        assert client.get(peer.url).content == b"real"
        assert client.get(f"https://{HOST}/").content == b"{}"
        assert client.get(peer.url).content == b"real"


def test_what_is_said_of_a_call_that_is_led(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is led names the sandbox, and how it was begun; else it is the same, but for a TLS name."""
    led: list[httpx.Request] = []

    def note(self: object, request: httpx.Request) -> httpx.Response:
        led.append(request)
        return httpx.Response(200, request=request)

    async def note_async(self: object, request: httpx.Request) -> httpx.Response:
        return note(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", note)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", note_async)
    with PLACES.entered(place(url="http://till:5000")):
        send("POST", f"https://{HOST}/a%2Fb?c=%20", content=b"x", extensions={"sni_hostname": HOST, "mine": 1})
    request = led[0]
    assert (request.method, str(request.url), request.headers["host"]) == ("POST", "http://till:5000/a%2Fb?c=%20", HOST)
    assert (request.headers["mocktill-sandbox"], request.headers["mocktill-scheme"]) == (NAME, "https")
    assert request.headers["mocktill-host"] == HOST
    assert set(request.extensions) == {"timeout", "mine"}


def test_nothing_stays_open_that_was_led(sandbox: Any, url: str) -> None:
    """A connection to the server is for one request: whoever never closes the client leaves none open."""
    with PLACES.entered(place(url=url)):
        client = httpx.Client()
        assert client.get(f"https://{HOST}{GET}").status_code == 200
        transport = client._transport
        assert isinstance(transport, httpx.HTTPTransport)
        assert not transport._pool.connections
        client.close()


NO_TIME: list[tuple[Send, str, float, type[Exception] | None]] = [
    (send_plainly, "connect", 0, httpx.ConnectError),
    (send_plainly, "read", 0, httpx.ReadError),
    (send_plainly, "write", 0, None),
    (send_plainly, "pool", 0, None),
    *[(send_plainly, step, -1, ValueError) for step in ("connect", "read", "write")],
    *[(send_async, "connect", seconds, httpx.ConnectTimeout) for seconds in (0, -1)],
    *[(send_async, "read", seconds, httpx.ReadTimeout) for seconds in (0, -1)],
    *[(send_async, "write", seconds, httpx.WriteTimeout) for seconds in (0, -1)],
    *[(send_async, "pool", seconds, None) for seconds in (0, -1)],
]
"""How each client ends over a socket whose timeout for a step is 0 or below."""


@pytest.mark.parametrize(("client", "step", "seconds", "error"), NO_TIME)
def test_no_time_at_all(inside: Way, client: Send, step: str, seconds: float, error: type[Exception] | None) -> None:
    """With a timeout of 0 or below each step ends as over a socket: nothing is asked, and no fault is blamed."""
    options = {"timeout": httpx.Timeout(LONG, **{step: seconds})}
    if error is None:
        assert client("GET", inside.root + GET, client=options).status_code == 200
        return
    with pytest.raises(error) as caught:
        client("GET", inside.root + GET, client=options)
    assert type(caught.value) is error
    assert not hasattr(caught.value, "__notes__")
    assert not inside.box.journal.entries()


def test_a_host_header_of_ones_own(inside: Way, send: Send) -> None:
    """A call to a vendor's host reaches the vendor, whatever its Host header says."""
    assert send("GET", inside.root + GET, headers={"Host": "localhost"}).status_code == 200
    assert [entry.status for entry in inside.box.journal.entries()] == [200]


def test_the_originals_come_back() -> None:
    """After the last sandbox httpx is as it was."""

    def found() -> Iterator[object]:
        yield vars(httpx.HTTPTransport)["handle_request"]
        yield vars(httpx.AsyncHTTPTransport)["handle_async_request"]

    before = list(found())
    with PLACES.entered(place()):
        assert all(now is not then for now, then in zip(found(), before, strict=True))
    assert all(now is then for now, then in zip(found(), before, strict=True))
