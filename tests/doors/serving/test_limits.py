"""What a client may ask of a connection: each bound over a raw socket, and that nobody else is held up by it."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from h2.events import DataReceived, PingReceived, ResponseReceived, StreamEnded

from mocktill.core.app import BODY_LIMIT
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors import environ
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving import idle, limits, server
from mocktill.doors.serving.idle import idle_at, quiet_seconds
from mocktill.doors.serving.limits import HEADER_LIMIT, SPARE_FILES, most_connections
from mocktill.doors.serving.server import ServerThread, native_threads
from mocktill.doors.serving.sever import connections
from tests.doors.serving.http2 import Two
from tests.doors.wire import PATIENCE, Wire, ask

PURCHASE = "/deem/v1/purchases/34063ec2?api_key=1234567"
GET = f"GET {PURCHASE} HTTP/1.1\nHost: localhost\n\n"
BODY = '{"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 1}'
RESERVE = "POST /deem/v1/purchases/reserve?api_key=1 HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
BRIEF = 0.2
"""The seconds that a client has in these tests for what it is not going to do."""
ROOM = 1.5
"""And for what it is going to do, where it has many otherwise: the machine may be busy."""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all times of a connection be shorter, each by as much."""
    share = ROOM / idle.IDLE_SECONDS
    for module, name in (
        (limits, "HEADER_SECONDS"), (limits, "PING_SECONDS"), (idle, "IDLE_SECONDS"), (idle, "SWEEP_SECONDS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, getattr(module, name) * share)


@pytest.fixture
def short(hasty: None, sandboxes: Sandboxes) -> Iterator[str]:
    """A server of little patience with connections."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch, sandboxes: Sandboxes) -> Iterator[str]:
    """A server of little patience with bodies of which nothing comes."""
    monkeypatch.setattr(environ, "SILENCE_SECONDS", BRIEF)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


def port_of(url: str) -> int:
    """Return a server's port."""
    return int(url.rpartition(":")[2])


def assert_alive(url: str) -> None:
    """The server answers somebody else."""
    assert ask(url, GET).status == 200


def wait(condition: Callable[[], bool]) -> None:
    """Wait until something is so, and fail when it does not come to be."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# headers


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (GET.replace("\n\n", f"\nX-A: {'a' * (HEADER_LIMIT - 500)}\n\n"), 200),
        (GET.replace("\n\n", f"\nX-A: {'a' * HEADER_LIMIT}\n\n"), 431),
        (GET.replace("\n\n", "\n" + "".join(f"X-{number}: {'a' * 2_000}\n" for number in range(40)) + "\n"), 431),
        (GET.replace("\n\n", f"\nX-A: {'a' * 1_000_000}\n\n"), 431),
        (GET.replace("\n\n", "\n" + "".join(f"X-{number}: a\n" for number in range(99)) + "\n"), 200),
        (GET.replace("\n\n", "\n" + "".join(f"X-{number}: a\n" for number in range(100)) + "\n"), 431),
        (GET.replace("\n\n", "\n" + "".join(f"X-{number}: a\n" for number in range(5_000)) + "\n"), 431),
        (GET.replace("?", f"?x={'a' * (HEADER_LIMIT - 500)}&"), 200),
        (GET.replace("?", f"?x={'a' * HEADER_LIMIT}&"), 431),
        (GET.replace("GET", "G" * (HEADER_LIMIT + 1)), 431),
        (GET.replace("?", "a" * 60_000 + "?"), 404),
    ],
)
def test_headers_are_bounded(url: str, text: str, status: int) -> None:
    """A request's line and headers have a size, and headers a number; over them is a refusal, and the end."""
    with Wire(url) as wire:
        with suppress(ConnectionError):  # it may be refused before all of it was sent
            wire.say(text)
        assert wire.hear().status in ({status} if status != 431 else {414, 431})
        if status == 431:
            assert wire.is_over()
    assert_alive(url)


def test_headers_that_dawdle(short: str) -> None:
    """Whoever does not come to the end of the headers is cut off, wherever that was; others are answered meanwhile."""
    said = ["", "P", "PRI * HTT", "GET", GET[:20], GET[:-4], f"{RESERVE}Content-Le", "PRI * HTTP/2.0\n\nSM\n\n"]
    with ExitStack() as closing:
        wires = [closing.enter_context(Wire(short)) for _ in said]
        for wire, text in zip(wires, said, strict=True):
            wire.say(text)
        assert_alive(short)
        for wire in wires:
            with suppress(ConnectionError):
                while wire.socket.recv(1_000):
                    pass


def test_an_idle_connection_is_closed(short: str) -> None:
    """A connection that says nothing after its answer is closed."""
    with Wire(short) as wire:
        wire.say(GET)
        assert wire.hear().status == 200
        assert wire.is_over()


@pytest.mark.parametrize("asks", [True, False])
def test_an_idle_connection_of_http2_is_closed(short: str, asks: bool) -> None:
    """So is one of HTTP/2, although its client answers whenever it is asked whether it is there."""
    with Two(short) as two:
        if asks:
            two.ask()
            two.hear_until(StreamEnded)
        two.wire.say(two.http.data_to_send())
        two.hear_out()
    assert not any(isinstance(event, PingReceived) for event in two.events)


def test_an_idle_connection_is_not_asked_before_it_is_closed() -> None:
    """The question whether an HTTP/2 client is there would be something that happens: it has to come too late."""
    assert limits.PING_SECONDS > idle.IDLE_SECONDS + 2 * idle.SWEEP_SECONDS


def test_a_client_of_http2_that_takes_nothing_is_ended(short: str) -> None:
    """A client that never lets its answer be sent, and otherwise does all that it should, does not keep it for ever."""
    with Two(short, window=0) as two:
        two.ask()
        two.hear_until(ResponseReceived)
        two.hear_out()
    assert not any(isinstance(event, DataReceived) for event in two.events)
    assert_alive(short)


def test_a_connection_with_a_request_under_way_is_left_alone(short: str, sandboxes: Sandboxes) -> None:
    """However long an answer takes, its connection is not idle."""
    sandboxes.default.faults.add({"what": {"delay": 2 * ROOM}})
    with Wire(short) as wire, Two(short) as two:
        wire.say(GET)
        two.ask()
        assert wire.hear().status == 200
        two.hear_until(StreamEnded)


def test_quiet_connections_are_told_from_busy_ones(url: str) -> None:
    """The operating system tells for how long nothing has come or gone."""
    with Wire(url) as wire:
        wire.say(GET)
        wire.hear()
        ((_, seconds),) = [(peer, quiet_seconds(shared)) for peer, shared in connections(port_of(url))]
        assert 0 <= seconds < PATIENCE
        assert idle_at(port_of(url)) == set()
    with socket.socket(socket.AF_UNIX) as other:
        assert quiet_seconds(other) == 0


# bodies


SLOW = [
    f"{RESERVE}Content-Length: {len(BODY)}\n\n{BODY[:-1]}",
    f"{RESERVE}Content-Length: 200000\n\n{BODY}",
    f"{RESERVE}Transfer-Encoding: chunked\n\n",
    f"{RESERVE}Transfer-Encoding: chunked\n\n{len(BODY):x}\n{BODY}\n",
    f"{RESERVE}Transfer-Encoding: chunked\n\nff\n{BODY}",
]


@pytest.mark.parametrize("text", SLOW, ids=["length", "large", "chunked", "no end", "half a chunk"])
def test_a_body_that_dawdles(brief: str, sandboxes: Sandboxes, text: str) -> None:
    """A body of which nothing more comes is a 408 in the vendor's shape, in the journal, and the connection's end."""
    before = sandboxes.default.store.rows()["deem.stock"]
    with Wire(brief) as wire:
        wire.say(text)
        assert_alive(brief)
        reply = wire.hear()
        assert (reply.status, reply.json["status"]) == (408, "error")
        assert wire.is_over()
    entry = sandboxes.default.journal.entries()[-1]
    assert (entry.status, "the body did not come in time" in str(entry.notes)) == (408, True)
    assert sandboxes.default.store.rows()["deem.stock"] == before


@pytest.mark.parametrize("api", ["drip/v2/9999999/subscribers", "supertab/v1/purchases", "kajabi/v1/contacts"])
def test_a_body_that_dawdles_with_each_vendor(brief: str, api: str) -> None:
    """Each vendor says it in a shape of its own."""
    with Wire(brief) as wire:
        wire.say(f"POST /{api} HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 9\n\n{{")
        reply = wire.hear()
        assert reply.status == 408
        assert reply.json


def test_a_control_call_that_dawdles(brief: str) -> None:
    """A control call's body has as long."""
    with Wire(brief) as wire:
        wire.say(
            "POST /_mocktill/faults HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 9\n\n"
        )
        reply = wire.hear()
        assert (reply.status, reply.json["detail"]) == (408, "the body did not come in time")
        assert wire.is_over()


def test_a_body_that_goes_on_is_waited_for(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A large body may take longer than the wait for one part of it."""
    monkeypatch.setattr(environ, "SILENCE_SECONDS", ROOM)
    text = f"{' ' * 100_000}{BODY}"
    begun = time.monotonic()
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Content-Length: {len(text)}\n\n")
        while time.monotonic() - begun < 1.5 * ROOM:
            wire.say(text[:500])
            text = text[500:]
            time.sleep(ROOM / 50)
        wire.say(text)
        assert wire.hear().status == 200


def test_a_body_has_an_end_in_time(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A body that trickles for ever is ended as well."""
    monkeypatch.setattr(environ, "LONGEST_SECONDS", BRIEF)
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Transfer-Encoding: chunked\n\n")
        wire.socket.settimeout(BRIEF / 10)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(ConnectionError):  # it may be over by now; the answer is there none the less
                wire.say("1\n{\n")
            with suppress(TimeoutError):
                assert wire.socket.recv(12) == b"HTTP/1.1 408"
                return
    raise AssertionError("it trickled on")


def test_trailers(url: str, sandboxes: Sandboxes) -> None:
    """A body in chunks may have trailers, if it says so before: they are left alone, and cannot pose as headers."""
    text = f"{len(BODY):x}\n{BODY}\n0\nX-Sum: 1\nMocktill-Sandbox: other\n\n"
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Trailer: X-Sum\nTransfer-Encoding: chunked\n\n{text}")
        assert wire.hear().json["purchase"]["fulfillment_state"] == "reserved"
        wire.say(GET)
        assert wire.hear().status == 200
    assert len(sandboxes.default.journal) == 2
    assert not {"x-sum", "mocktill-sandbox"} & set(sandboxes.default.journal.entries()[0].request_headers)


def test_chunks_that_are_refused_can_still_be_sent(url: str) -> None:
    """Whoever sends too much in chunks without a pause can read why it is refused."""
    chunk = b"x" * 64 * 1024
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Transfer-Encoding: chunked\n\n")
        for _ in range(3 * BODY_LIMIT // len(chunk)):
            wire.say(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        assert wire.hear().status == 413


# answers


def test_a_client_that_never_reads_is_ended(hasty: None, catalogue: Catalogue) -> None:
    """A connection whose client takes nothing of its answer is closed, and what was to be sent is forgotten."""
    app = create_app(Sandboxes(catalogue, Setup(populate=200)))
    with ServerThread(app, RequestLog(Nowhere())) as url, Wire(url) as wire:
        wire.say("GET /_mocktill/state HTTP/1.1\nHost: localhost\n\n" * 100)
        wait(lambda: any(True for _ in connections(port_of(url))))
        wait(lambda: not any(True for _ in connections(port_of(url))))
        assert_alive(url)


# connections


def test_connections_beyond_the_limit_wait(monkeypatch: pytest.MonkeyPatch, sandboxes: Sandboxes) -> None:
    """Who comes when all places are taken is answered as soon as one is free."""
    monkeypatch.setattr(server, "most_connections", lambda: 5)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url, ExitStack() as closing:
        wires = [closing.enter_context(Wire(url)) for _ in range(6)]
        for wire in wires[:5]:
            wire.say(GET)
            assert wire.hear().status == 200
        wires[5].say(GET)
        wires[5].socket.settimeout(BRIEF)
        with pytest.raises(TimeoutError):
            wires[5].socket.recv(1)
        wires[0].close()
        wires[5].socket.settimeout(PATIENCE)
        assert wires[5].socket.recv(12) == b"HTTP/1.1 200"


def test_places_are_freed_by_whoever_idles(monkeypatch: pytest.MonkeyPatch, hasty: None, sandboxes: Sandboxes) -> None:
    """Connections that say nothing cannot keep everybody else out."""
    monkeypatch.setattr(server, "most_connections", lambda: 5)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url, ExitStack() as closing:
        for _ in range(9):
            closing.enter_context(Wire(url))
        assert_alive(url)


@pytest.mark.parametrize(("most", "connections"), [(1_024, 1_024 - SPARE_FILES), (100, 50), (10**7, 100_000)])
def test_connections_leave_files_to_spare(monkeypatch: pytest.MonkeyPatch, most: int, connections: int) -> None:
    """There are always fewer connections than the process may have files."""
    resource = pytest.importorskip("resource", reason="SKIPPED: the limit of open files cannot be read here")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (most, most))
    assert most_connections() == connections


def test_dawdlers_cost_no_thread(url: str) -> None:
    """Hundreds of slow clients, at each place, take no thread and leave no memory behind."""
    threads, tasks = len(native_threads()), count_tasks()
    with ExitStack() as closing:
        for number in range(300):
            wire = closing.enter_context(Wire(url))
            wire.say(("", GET[:30], SLOW[0], SLOW[2])[number % 4])
        assert_alive(url)
        assert len(native_threads()) < threads + 10
    wait(lambda: count_tasks() < tasks + 10)


def count_tasks() -> int:
    """Return how many tasks there are, of this thread's loop or another's."""
    gc.collect()
    return sum(isinstance(thing, asyncio.Task) for thing in gc.get_objects())
