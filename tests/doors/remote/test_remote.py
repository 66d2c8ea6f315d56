"""The client of the control API: where it asks, what its answers become, and what it says when there are none."""

from __future__ import annotations

import inspect
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mocktill.core.choices import Choices
from mocktill.core.clock import Clock
from mocktill.core.contract import Unacceptable
from mocktill.core.errors import Full
from mocktill.core.faults import Faults
from mocktill.core.journal import Count, Journal
from mocktill.core.sandbox import Event, Sandbox
from mocktill.core.snapshots import Snapshots
from mocktill.core.webhooks import Webhooks
from mocktill.doors.remote import Remote, RemoteSandbox, journal
from mocktill.doors.remote.client import ControlClient
from mocktill.doors.remote.journal import RemoteJournal
from mocktill.doors.remote.parts import RemoteChoices, RemoteClock, RemoteFaults, RemoteSnapshots
from mocktill.doors.remote.webhooks import RemoteWebhooks
from tests.doors.peer import Peer, Said, problem, told

CLOCK: Mapping[str, Any] = {"now": "2026-03-02T12:00:00.000000Z", "mode": "frozen", "next_expiry": None, "events": []}


# where it asks


@pytest.mark.parametrize(
    ("path", "name", "asked"),
    [
        ("", "default", "/_mocktill/clock"),
        ("/", "default", "/_mocktill/clock"),
        ("", "checkout-test", "/~checkout-test/_mocktill/clock"),
        ("/tools/till", "default", "/tools/till/_mocktill/clock"),
        ("/tools/till/", "a.b", "/tools/till/~a.b/_mocktill/clock"),
    ],
)
def test_a_sandbox_is_in_the_path(path: str, name: str, asked: str) -> None:
    """The sandbox is the prefix `/~name`, behind whatever path the server's URL has; the default one has none."""
    with Peer(told(CLOCK)) as peer:
        assert RemoteSandbox(peer.url + path, name).clock.now() == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert [(one.method, one.path) for one in peer.asked] == [("GET", asked)]


@pytest.mark.parametrize(
    "url",
    [
        "", "127.0.0.1:8080", "ftp://localhost", "http://", "http://localhost:99999", "http://localhost:0",
        "http://localhost/?a=1", "http://localhost/#top", "http://me:secret@localhost", "http://local host",
        "http://localhost/~box", "http://localhost/_mocktill", "http://localhost\n", "http://[::1",
    ],
)  # fmt: skip
def test_a_url_is_a_servers(url: str) -> None:
    """Whatever is no URL of a server, or names more than one, is refused in words before anything is sent."""
    if url.endswith("\n"):
        assert Remote(url).url == "http://localhost"  # a blank or a line's end around it does no harm
    else:
        with pytest.raises(ValueError, match=r"URL|http"):
            Remote(url)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a" * 65, "ä", "a?b"])
def test_a_name_is_checked_before_it_is_in_a_url(name: str) -> None:
    """No name of a sandbox or a snapshot leads to another call."""
    with Peer(told({})) as peer:
        with pytest.raises(ValueError, match="the name of a sandbox is"):
            RemoteSandbox(peer.url, name)
        box = RemoteSandbox(peer.url)
        for keep in (box.snapshot, lambda name: box.snapshots.put(name, {})):
            with pytest.raises(ValueError, match="the name of a snapshot is"):
                keep(name)
    assert peer.asked == []


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_no_part_of_a_path_is_a_step(part: str) -> None:
    """A missing name never makes another call of it: removing the fault '' does not clear them all."""
    with Peer(Said(204)) as peer:
        box = RemoteSandbox(peer.url)
        for call in (box.faults.remove, box.snapshots.delete, box.restore, Remote(peer.url).delete):
            with pytest.raises(KeyError, match="there is nothing called"):
                call(part)
    assert peer.asked == []


def test_what_stands_in_a_path_is_quoted() -> None:
    """A key is one part of the path, whatever is in it."""
    with Peer(told({"a": 1})) as peer:
        RemoteSandbox(peer.url).change("drip.subscribers", "a/b@example.com?x=%2F ü", {"a": 1})
    assert peer.asked[0].path == "/_mocktill/state/drip.subscribers/a%2Fb%40example.com%3Fx%3D%252F%20%C3%BC"


@pytest.mark.parametrize(("token", "sent"), [(None, None), ("", None), ("s3cret", "Bearer s3cret")])
def test_a_token_is_shown(token: str | None, sent: str | None) -> None:
    """The token is a bearer token, on every call; without one nothing is shown."""
    with Peer(told({"status": "ok"})) as peer:
        assert Remote(peer.url, token).health()
        assert Remote(peer.url, token).sandbox("other").client.token == token
    assert peer.asked[0].headers.get("authorization") == sent


def test_a_token_is_no_second_header() -> None:
    """A token with a line break is refused, and not sent."""
    with pytest.raises(ValueError, match="a token is of printable ASCII characters"):
        Remote("http://localhost", "a\r\nX: y")


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies of the environment are for the vendors' real hosts: a server of our own is asked directly."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Peer(told({"status": "ok"})) as peer:
        assert Remote(peer.url).health()


# what it sends


@pytest.mark.parametrize(
    ("move", "body"),
    [
        (lambda clock: clock.advance(minutes=5), {"advance": 300.0}),
        (lambda clock: clock.advance(timedelta(milliseconds=-1)), {"advance": -0.001}),
        (lambda clock: clock.travel_to(datetime(2026, 1, 1, tzinfo=UTC)), {"travel_to": "2026-01-01T00:00:00.000000Z"}),
        (lambda clock: clock.freeze(), {"freeze": True}),
        (lambda clock: clock.freeze(datetime(2026, 1, 1, tzinfo=UTC)), {"freeze": "2026-01-01T00:00:00.000000Z"}),
        (lambda clock: clock.run(), {"run": True}),
        (lambda clock: clock.next(), {"next": True}),
    ],
)
def test_the_clock_is_moved(move: Callable[[RemoteClock], list[Event]], body: Any) -> None:
    """Each way to move time is one call, answered with events like those of a sandbox in this process."""
    event = {"at": "2026-03-02T12:05:00.000000Z", "api": "deem", "what": "expired", "key": "1", "stock": "d",
             "quantity": 2, "sentence": "gone"}  # fmt: skip
    with Peer(told({**CLOCK, "events": [event]})) as peer:
        happened = move(RemoteSandbox(peer.url).clock)
    assert (peer.asked[0].method, peer.asked[0].json) == ("POST", body)
    assert happened == [Event(datetime(2026, 3, 2, 12, 5, tzinfo=UTC), "deem", "expired", "1", "d", 2, "gone")]


@pytest.mark.parametrize(
    "call", [lambda c: c.travel_to(datetime(2026, 1, 1)), lambda c: c.freeze(datetime(2026, 1, 1))]
)
def test_an_instant_has_a_time_zone(call: Callable[[RemoteClock], object]) -> None:
    """A naive datetime is refused, not taken for the machine's zone."""
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        call(RemoteSandbox("http://localhost").clock)


def test_what_json_cannot_hold_is_refused() -> None:
    """A value that is none of JSON's is a ValueError in words."""
    with pytest.raises(ValueError, match="this cannot be sent as JSON"):
        RemoteSandbox("http://localhost").change("deem.stock", "x", {"remaining": object()})


def test_filters_are_checked_here_as_there() -> None:
    """A wrong filter is a ValueError before anything is sent; right ones are the query."""
    with Peer(told({"count": 2, "lost": 1, "met": True})) as peer:
        journal = RemoteSandbox(peer.url).journal
        with pytest.raises(ValueError, match="there is no filter 'operations'"):
            journal.count(operations="x")
        assert journal.count(api="deem", status="4xx", violations=True, method=None) == Count(2, 1)
    assert [one.path for one in peer.asked] == ["/_mocktill/journal/count?api=deem&status=4xx&violations=true"]


def test_the_server_waits() -> None:
    """`wait` lets the server wait, in slices, and returns as soon as there are enough."""
    with Peer(told({"count": 0, "lost": 0, "met": False}), told({"count": 3, "lost": 0, "met": True})) as peer:
        assert RemoteSandbox(peer.url).journal.wait(3, 60, api="deem") == Count(3)
    assert [one.path for one in peer.asked] == ["/_mocktill/journal/count?api=deem&least=3&wait=5.0"] * 2


def test_waiting_ends() -> None:
    """A server that does not wait is asked gently, and TimeoutError says what there was instead."""
    with (
        Peer(told({"count": 1, "lost": 4, "met": False})) as peer,
        pytest.raises(
            TimeoutError, match=r"^1, and 4 of that window were evicted unseen instead of 3 entries after 0.2 s"
        ),
    ):
        RemoteSandbox(peer.url).journal.wait(3, 0.2)
    assert len(peer.asked) <= 4


def test_waiting_ends_where_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody has stopped the clock of this machine, what the server was asked to wait counts."""
    monkeypatch.setattr(journal, "steady_seconds", lambda: 7.0)
    monkeypatch.setattr(journal, "PAUSE_SECONDS", 0.0)
    with Peer(told({"count": 1, "lost": 0, "met": False})) as peer, pytest.raises(TimeoutError, match="after 12 s"):
        RemoteSandbox(peer.url).journal.wait(3, 12)
    assert [one.path.partition("wait=")[2] for one in peer.asked] == ["5.0", "5.0", "2.0"]


# what refusals become


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ValueError), (401, PermissionError), (403, PermissionError), (404, KeyError), (405, ValueError), (409, Full),
     (413, ValueError), (415, ValueError), (422, ValueError), (500, RuntimeError), (503, RuntimeError)],
)  # fmt: skip
def test_a_refusal_is_an_exception(status: int, kind: type[Exception]) -> None:
    """Each problem is the exception that the sandbox would raise, with the server's sentence."""
    with Peer(problem(status, "said so")) as peer, pytest.raises(kind) as caught:
        RemoteSandbox(peer.url).reset()
    assert type(caught.value) is kind
    assert caught.value.args == ("said so",)


def test_violations_come_along() -> None:
    """A document that breaks its schema is `Unacceptable`, with the violations as values."""
    wrong = {"severity": "error", "at": "body", "pointer": "/what", "rule": "required", "expected": "a value",
             "got": "nothing", "source": "here"}  # fmt: skip
    with Peer(problem(422, "no", violations=[wrong])) as peer, pytest.raises(Unacceptable) as caught:
        RemoteSandbox(peer.url).faults.add({})
    (violation,) = caught.value.violations
    assert (violation.pointer, violation.rule, violation.got) == ("/what", "required", "nothing")


def test_a_server_that_is_not_ready_says_so() -> None:
    """`ready` is False while the server says that it is not; another answer is not taken for it."""
    with Peer(problem(503, "not yet"), told({"status": "ready"})) as peer:
        assert [Remote(peer.url).ready(), Remote(peer.url).ready()] == [False, True]


# no server


def test_nobody_is_there() -> None:
    """A port where nobody listens is a ConnectionError that says which URL, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=rf"no server answers at {url} \(.*refused.*`mocktill serve`"):
            Remote(url).health()


@pytest.mark.parametrize(
    "answer",
    [
        Said(200, b"<html>hello</html>", "text/html"),
        Said(200, b"", "application/json"),
        Said(404, b"<html>nothing</html>", "text/html"),
        Said(404, b'{"error": "no"}', "application/json"),
        Said(404, b"[1]", "application/problem+json"),
        Said(502, b"bad gateway", "text/plain"),
    ],
)
def test_something_else_is_there(answer: Said) -> None:
    """What answers and is no Mocktill server is called that, whatever it says."""
    with Peer(answer) as peer, pytest.raises(ConnectionError, match=f"{peer.url} is no Mocktill server: it answers"):
        Remote(peer.url).health()


def test_redirects_are_not_followed() -> None:
    """A redirect is told, not followed: the token goes to nobody else."""
    with (
        Peer(Said(307, b"", headers=(("Location", "http://elsewhere.example/"),))) as peer,
        pytest.raises(ConnectionError, match=r"leads on to http://elsewhere\.example/, which is not followed"),
    ):
        Remote(peer.url, "token").health()
    assert len(peer.asked) == 1


def test_an_answer_that_breaks_off() -> None:
    """A server that goes away in the middle of an answer is a ConnectionError in words."""
    with Peer(Said(200, b'{"status":', broken=True)) as peer, pytest.raises(ConnectionError, match="IncompleteRead"):
        Remote(peer.url).health()


def test_no_answer_at_all() -> None:
    """A server that takes the connection and says nothing is waited for so long, and no longer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=f"{url} did not answer within 0.05 s"):
            ControlClient(url).call("GET", "health", patience_seconds=0.05)


def test_no_http_at_all() -> None:
    """What speaks another protocol is a ConnectionError in words."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def speak() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=f"{url} does not answer as Mocktill does"):
            Remote(url).health()
        thread.join()


# the same methods

IN_PROCESS_ONLY: Mapping[type, Mapping[str, str]] = {
    Sandbox: {
        "table": "rows are read where they are; from afar there is `state`",
        "changing": "a transaction is held open by one process",
        "backend": "the side of the handlers, for the pipeline",
        "reading": "rows are read where they are; from afar by a view's scene",
        "now": "the scene's name for `clock.now`",
        "pass_time": "time passes with every request, and with what moves or judges it",
        "answers": "for the pipeline",
        "delicate": "for the journal",
        "note_delicate": "for the journal",
    },
    Clock: {
        "setting": "for snapshots and states",
        "row": "for snapshots and states",
    },
    Journal: {
        "close": "for a sandbox that goes",
        "next_id": "for the pipeline",
        "add": "for the pipeline",
        "remark": "for the sandbox",
        "tell_next": "for the sandbox",
        "go_on_after": "for a sandbox that takes the place of an evicted one",
        "unsaid": "for the pipeline",
        "evict_down_to": "for the budget of all journals",
        "watch": "called in this process: from afar there is `wait`",
        "follow": "called in this process: from afar there is `entries`",
    },
    Faults: {"choose": "for the pipeline"},
    Choices: {},
    Webhooks: {
        "check": "from afar an address is checked as it is given",
        "begin_with": "for a sandbox that is made",
        "emit": "for the pipeline",
        "tell": "for the pipeline",
        "tells": "for the pipeline",
        "due": "for the courier",
        "look": "for the courier",
        "stay_due": "for the clock",
        "parcel": "for the courier",
        "record": "for the courier",
    },
    Snapshots: {"keep": "for `Sandbox.snapshot`", "scene": "for `Sandbox.restore`"},
}
TWINS: Mapping[type, type] = {
    Sandbox: RemoteSandbox,
    Clock: RemoteClock,
    Journal: RemoteJournal,
    Faults: RemoteFaults,
    Choices: RemoteChoices,
    Snapshots: RemoteSnapshots,
    Webhooks: RemoteWebhooks,
}


def offered(kind: type) -> dict[str, Any]:
    """Return the public methods and properties of a class, and those by which Python uses it."""
    special = {"__getitem__", "__setitem__", "__iter__", "__len__"}
    return {name: it for name, it in vars(kind).items() if not name.startswith("_") or name in special}


def said(method: Any) -> tuple[list[tuple[str, Any, Any]], str]:
    """Return names, kinds and defaults of a method's parameters, and what it returns."""
    signature = inspect.signature(method)
    parameters = [(each.name, each.default, each.annotation) for each in signature.parameters.values()]
    returned = str(signature.return_annotation).replace("flows.", "")
    return parameters, returned.replace("list[Happened]", "list[Event]")  # the clock is below what makes events


@pytest.mark.parametrize("kind", TWINS, ids=lambda kind: kind.__name__)
def test_the_twin_offers_the_same(kind: type) -> None:
    """Whatever a part of a sandbox offers, its remote twin offers with the same signature, or it is listed why not."""
    here, there = offered(kind), offered(TWINS[kind])
    assert set(IN_PROCESS_ONLY[kind]) <= set(here), "what is gone need not be explained"
    for name, method in here.items():
        if name in IN_PROCESS_ONLY[kind]:
            assert name not in there
        else:
            assert name in there, f"{TWINS[kind].__name__} has no {name}"
            if callable(method):
                assert said(method) == said(there[name]), name


def test_attributes_are_the_same(box: Sandbox) -> None:
    """What a sandbox, its clock and its journal hold by name, the remote twin has as well, or it is listed why not."""
    remote = RemoteSandbox("http://localhost")
    internal = {"catalogue", "lock", "store", "beginning", "generation", "replies"}
    assert {name for name in vars(box) if not name.startswith("_")} - internal <= set(vars(remote))
    for name in ("last", "evicted"):
        assert hasattr(box.journal, name)
        assert isinstance(vars(RemoteJournal)[name], property)
    assert callable(box.clock.next_expiry)
    assert callable(remote.clock.next_expiry)
