"""Each kind of fault over a raw socket: both moments, several methods, and what becomes of the connection."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import CannotListen, ServerThread, bind
from mocktill.doors.serving.sever import connections, named, sever
from tests.doors.wire import PATIENCE, Wire, ask

BODY = '{"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 1}'
TARGET = "/deem/v1/purchases/34063ec2?api_key=1234567"
CALLS = {
    "GET": f"GET {TARGET} HTTP/1.1\nHost: localhost\n\n",
    "POST": "POST /deem/v1/purchases/reserve?api_key=1 HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
    f"Content-Length: {len(BODY)}\n\n{BODY}",
    "HEAD": f"HEAD {TARGET} HTTP/1.1\nHost: localhost\n\n",
    "GET 1.0": f"GET {TARGET} HTTP/1.0\nHost: localhost\n\n",
}
PLAIN = "GET /deem/v1/nowhere HTTP/1.1\nHost: localhost\n\n"
"""What no rule of these tests strikes."""
LATE_SECONDS = 0.1
KINDS: dict[str, dict[str, Any]] = {
    "status": {"status": 503, "headers": {"Retry-After": "7"}},
    "error": {"error": "sold_out"},
    "body": {"status": 418, "body": {"tea": True}},
    "delay": {"delay": LATE_SECONDS},
    "drop": {"connection": "drop"},
    "cut": {"connection": "cut"},
    "never": {"connection": "never"},
    "garbled": {"garbled": True},
    "content type": {"content_type": "text/html"},
    "rate limit": {"rate_limit": {"limit": 0, "window": "1m"}},
}
ENDING = {"drop", "cut", "never"}
BEFORE = {"error", "rate limit"}
"""Which kinds decide what is answered, so that they are for before alone."""


def strike(box: Sandbox, kind: str, moment: str) -> None:
    """Let the next vendor's call that is no `PLAIN` meet a fault."""
    box.faults.add({"when": {"path": "*/purchases/*", "next": 1}, "what": KINDS[kind], "moment": moment})


def head_of(wire: Wire) -> tuple[int, dict[str, str]]:
    """Return an answer's status and headers, and leave its body."""
    reply = wire.hear(head=True)
    return reply.status, reply.headers


def assert_ended(wire: Wire, kind: str, method: str) -> None:
    """The connection ends as the fault says, after what it says."""
    if kind == "never":
        wire.socket.settimeout(LATE_SECONDS)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
    elif kind == "cut" and method != "HEAD":
        status, headers = head_of(wire)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while data := wire.socket.recv(65_536):
                heard += data
        assert (status, len(heard) < int(headers["content-length"])) == (200, True)
    else:
        with contextlib.suppress(ConnectionError):
            assert wire.socket.recv(1) == b""


def assert_answered(wire: Wire, kind: str, method: str) -> None:
    """What comes back is what the fault says."""
    reply = wire.hear(head=method == "HEAD")
    expected = {"status": 503, "error": 422, "body": 418, "rate limit": 429}.get(kind, 200)
    assert reply.status == expected
    if kind == "status":
        assert reply.headers["retry-after"] == "7"
    if kind == "content type":
        assert reply.headers["content-type"] == "text/html"
    if method == "HEAD":
        return
    if kind == "garbled":
        with pytest.raises(orjson.JSONDecodeError):
            reply.json  # noqa: B018  # reading it is the test
    elif kind == "body":
        assert reply.json == {"tea": True}
    elif kind != "status":
        assert reply.json["status"] == ("success" if expected == 200 else "error")


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(
    ("kind", "moment"), [(kind, moment) for kind in KINDS for moment in ("before", "after")[: 2 - (kind in BEFORE)]]
)
def test_a_fault_is_what_a_socket_sees(url: str, sandboxes: Sandboxes, kind: str, moment: str, method: str) -> None:
    """Each kind, before and after, on a connection that was used before; one that is not ended goes on."""
    strike(sandboxes.default, kind, moment)
    with Wire(url) as wire, Wire(url) as other:
        for each in (wire, other):
            each.say(PLAIN)
            assert each.hear().status == 404
        wire.say(CALLS[method])
        if kind in ENDING:
            assert_ended(wire, kind, method)
        else:
            assert_answered(wire, kind, method)
            if method == "GET 1.0":
                assert wire.is_over()
            else:
                wire.say(PLAIN)
                assert wire.hear().status == 404
        other.say(PLAIN)
        assert other.hear().status == 404


@pytest.mark.parametrize("kind", ["drop", "cut"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_pipelined_is_not_answered(url: str, sandboxes: Sandboxes, kind: str, moment: str) -> None:
    """Requests that came before the connection ended are answered up to the fault, and none after it."""
    strike(sandboxes.default, kind, moment)
    with Wire(url) as wire:
        wire.say(PLAIN + CALLS["GET"] + PLAIN * 3)
        assert wire.hear().status == 404
        assert_ended(wire, kind, "GET")
    assert ask(url, PLAIN).status == 404
    assert len(sandboxes.default.journal) <= 6


def test_what_was_pipelined_behind_a_late_answer_waits(url: str, sandboxes: Sandboxes) -> None:
    """A late answer keeps its place: those behind it on the same connection come after it."""
    strike(sandboxes.default, "delay", "before")
    with Wire(url) as wire:
        wire.say(CALLS["GET"] + PLAIN)
        assert [wire.hear().status for _ in range(2)] == [200, 404]


def test_a_drop_among_many_connections(url: str, sandboxes: Sandboxes) -> None:
    """Of hundreds of connections each drop ends its own, and no other."""
    box = sandboxes.default
    box.faults.add({"when": {"operation": "get_purchase"}, "what": {"connection": "drop"}})
    with contextlib.ExitStack() as closing:
        wires = [closing.enter_context(Wire(url)) for _ in range(300)]
        for wire in wires[::3]:
            wire.say(CALLS["GET"])
        for wire in wires[::3]:
            assert_ended(wire, "drop", "GET")
        for number, wire in enumerate(wires):
            if number % 3:
                wire.say(PLAIN)
                assert wire.hear().status == 404


def test_a_drop_is_of_one_server(catalogue: Catalogue) -> None:
    """A client that has one port at two servers of a process loses the connection to the one that dropped it."""
    with (
        ServerThread(create_app(Sandboxes(catalogue)), RequestLog(Nowhere())) as one,
        ServerThread(create_app(Sandboxes(catalogue)), RequestLog(Nowhere())) as two,
        connected(one, 0) as kept,
        connected(two, kept.getsockname()[1]) as lost,
    ):
        assert kept.getsockname() == lost.getsockname()
        assert sever(":".join(map(str, lost.getsockname())), two.removeprefix("http://"))
        assert lost.recv(1) == b""
        assert_404(kept)


@contextlib.contextmanager
def connected(url: str, port: int) -> Iterator[socket.socket]:
    """Connect to a server from a port of choice, and be answered."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        client.settimeout(PATIENCE)
        client.bind(("127.0.0.1", port))
        client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        assert_404(client)
        yield client


def assert_404(client: socket.socket) -> None:
    """A connection is answered."""
    client.sendall(PLAIN.replace("\n", "\r\n").encode())
    heard = b""
    while b"\r\n\r\n" not in heard or not heard.endswith(b"}"):
        heard += client.recv(65_536)
    assert heard.startswith(b"HTTP/1.1 404 ")


def test_nobody_is_severed_for_another(url: str) -> None:
    """A client that is not there, or an address that is none, ends nothing."""
    with Wire(url) as wire:
        wire.say(PLAIN)
        wire.hear()
        server = url.removeprefix("http://")
        for nobody in ("127.0.0.1:1", "", "x", "[::1]:1", f"127.0.0.2:{wire.socket.getsockname()[1]}"):
            assert not sever(nobody, server)
        assert len(list(connections(named(server)[1]))) == 1
        wire.say(PLAIN)
        assert wire.hear().status == 404


@pytest.mark.parametrize(
    ("written", "peer"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80)), ("[fe80::1%3]:5", ("fe80::1", 5))],
)
def test_an_address_is_read(written: str, peer: tuple[str, int]) -> None:
    """Addresses are compared without their brackets, and without the interface."""
    assert named(written) == peer


def test_a_drop_over_ipv6(sandboxes: Sandboxes) -> None:
    """An IPv6 connection is found by its address as well."""
    try:
        bind("::1", 0).close()
    except CannotListen:
        pytest.skip("SKIPPED: this machine has no IPv6 loopback")
    strike(sandboxes.default, "drop", "after")
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere()), host="::1") as url, Wire(url) as wire:
        wire.say(CALLS["GET"])
        assert_ended(wire, "drop", "GET")
        assert ask(url, PLAIN).status == 404
