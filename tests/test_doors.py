"""One suite of behaviour for every door to a sandbox: in this process, and over HTTP to a server that runs.

A `Sandbox` and a `RemoteSandbox` are steered with the same lines; what a test asserts holds for both.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from mocktill.control.ask import Route
from mocktill.control.routes import ROUTES
from mocktill.core.api import Leak
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.faults import Fault
from mocktill.core.passing import Explained, explain
from mocktill.core.repeats import Copies, Replayed
from mocktill.core.sandbox import Event, Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.snapshots import MOST as MOST_SNAPSHOTS
from mocktill.core.store import Change
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote, RemoteSandbox
from mocktill.doors.remote.journal import RemoteJournal
from mocktill.doors.remote.parts import RemoteChoices, RemoteClock, RemoteFaults, RemoteSnapshots
from mocktill.doors.remote.webhooks import RemoteWebhooks
from mocktill.doors.repeats import copies, replay
from mocktill.doors.serving.server import ServerThread
from tests.client import Client

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEAL = "la-1024-wsc-hair-studio-01-2"
FIVE_MINUTES = timedelta(minutes=5)
SOLD_OUT = {"what": {"error": "sold_out"}, "when": {"operation": "deem.reserve_purchase", "next": 1}}


@dataclass
class Door:
    """A sandbox, and how its APIs are asked."""

    box: Sandbox | RemoteSandbox
    send: Callable[[str, str, str, bytes, Mapping[str, str]], tuple[int, Any]]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask Deem with a key; return the status and the body's value."""
        return self.raw(method, f"{path}?api_key=1234567", b"" if body is None else orjson.dumps(body), **headers)

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        """Ask Deem with these bytes."""
        return self.send("deem", method, path, body, {"Content-Type": "application/json", **headers})

    def reserve(self, quantity: int = 2, deal: str = DEAL) -> str:
        """Reserve some units of a deal; return the purchase's key."""
        status, answer = self.ask("POST", "/v1/purchases/reserve", {"deal_id": deal, "num_bought": quantity})
        assert status == 200, answer
        return str(answer["purchase"]["purchase_id"])

    def claim(self, purchase: str) -> int:
        """Claim a purchase; return the status."""
        return self.ask("PUT", f"/v1/purchases/{purchase}/claim", {"user_id": "ABC123"})[0]

    def stock(self, deal: str = DEAL) -> int:
        """Return how many units of a deal are free."""
        return int(self.box.state()["tables"]["deem.stock"][deal]["free"])


@pytest.fixture(params=["sandbox", "server"])
def door(request: pytest.FixtureRequest, catalogue: Catalogue, url: str) -> Door:
    """A fresh sandbox, frozen at noon of 2 March 2026."""
    if request.param == "sandbox":
        box = Sandbox(catalogue, setup=Setup(now=NOON))

        def send(api: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
            answer = Client(box, api)(method, path, data=body, headers=dict(headers))
            return answer.status_code, answer.json

        return Door(box, send)
    remote = Remote(url).make("box", now=NOON)

    def send_there(api: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        parts = urlsplit(remote.url(api))
        connection = HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request(method, parts.path + path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, orjson.loads(answer.read())
        finally:
            connection.close()

    return Door(remote, send_there)


# clock


def test_time_stands_still_and_runs(door: Door) -> None:
    """A clock tells an aware UTC instant, stands where it is frozen, and goes on when it runs."""
    clock = door.box.clock
    assert (clock.now(), clock.now().tzinfo) == (NOON, UTC)
    modes = [clock.frozen]
    for change in (clock.run, clock.freeze):
        assert change() == []
        modes.append(clock.frozen)
        assert NOON <= clock.now() < NOON + FIVE_MINUTES
    assert modes == [True, False, True]
    assert clock.freeze(NOON) == []
    assert clock.now() == NOON


def test_time_moves_both_ways(door: Door) -> None:
    """Time moves by a distance or to an instant, keeps its mode, and moves back as well."""
    clock = door.box.clock
    clock.advance(minutes=5, microseconds=1)
    assert clock.now() == NOON + FIVE_MINUTES + timedelta(microseconds=1)
    clock.advance(timedelta(hours=-1), seconds=30)
    assert clock.now() == NOON + FIVE_MINUTES - timedelta(minutes=59, seconds=30) + timedelta(microseconds=1)
    clock.travel_to(NOON)
    assert (clock.now(), clock.frozen) == (NOON, True)


@pytest.mark.parametrize(
    "move",
    [
        lambda clock: clock.advance(days=10**7),
        lambda clock: clock.advance(days=-30_000),
        lambda clock: clock.advance(timedelta.max, days=1),
        lambda clock: clock.travel_to(datetime(1969, 12, 31, tzinfo=UTC)),
        lambda clock: clock.travel_to(NOON.replace(tzinfo=None)),
        lambda clock: clock.freeze(datetime(9001, 1, 1, tzinfo=UTC)),
    ],
)
def test_time_has_an_end(door: Door, move: Callable[[Any], object]) -> None:
    """No clock leaves its range, and an instant has a time zone: a ValueError, and the time is as it was."""
    with pytest.raises(ValueError):
        move(door.box.clock)
    assert door.box.clock.now() == NOON


def test_what_is_due_happens_at_once(door: Door) -> None:
    """Reserve, advance five minutes: the answer lists the expiry, the stock is back, the claim is tried anew."""
    before = door.stock()
    purchase = door.reserve()
    assert door.stock() == before - 2
    assert door.box.clock.next_expiry() == NOON + FIVE_MINUTES
    (event,) = door.box.clock.advance(FIVE_MINUTES)
    assert event == Event(NOON + FIVE_MINUTES, "deem", "expired", purchase, DEAL, 2, event.sentence)
    assert purchase in event.sentence
    assert (door.stock(), door.box.clock.next_expiry()) == (before, None)
    assert door.claim(purchase) == 200
    assert door.stock() == before - 2


def test_next_goes_to_the_next_expiry(door: Door) -> None:
    """`next` moves to what expires next, one after another, and stays where nothing does."""
    first = door.reserve()
    door.box.clock.advance(minutes=1)
    second = door.reserve(1)
    assert [event.key for event in door.box.clock.next()] == [first]
    assert door.box.clock.now() == NOON + FIVE_MINUTES
    assert [event.key for event in door.box.clock.next()] == [second]
    assert door.box.clock.next() == []
    assert door.box.clock.now() == NOON + timedelta(minutes=6)


# journal


def test_an_entry_tells_everything(door: Door) -> None:
    """An entry has request, answer, basis, changes and where it was asked, as values."""
    purchase = door.reserve()
    (entry,) = door.box.journal.entries()
    assert (entry.sandbox, entry.at, entry.full_name) == (door.box.name, NOON, "deem.reserve_purchase")
    assert (entry.method, entry.path, entry.status) == ("POST", "/v1/purchases/reserve", 200)
    assert orjson.loads(entry.request_body) == {"deal_id": DEAL, "num_bought": 2}
    assert orjson.loads(entry.response_body)["purchase"]["purchase_id"] == purchase
    assert "1234567" not in entry.url
    assert entry.url.startswith("http://")
    assert ("mocktill-entry", str(entry.id)) in [(name.lower(), value) for name, value in entry.response_headers]
    assert all(isinstance(change, Change) for change in entry.changes)
    made = {change.table: change for change in entry.changes if change.key == purchase and change.before is None}
    assert "deem.purchases" in made
    assert door.box.journal.get(entry.id) == entry
    assert door.box.journal.get(entry.id + 1) is None
    assert [*door.box.journal] == [entry]
    assert (len(door.box.journal), door.box.journal.last, door.box.journal.evicted) == (1, entry.id, 0)


def test_a_refusal_is_explained(door: Door) -> None:
    """What is wrong with a request is in its entry, with pointer, expectation and source."""
    assert door.ask("POST", "/v1/purchases/reserve", {"deal_id": DEAL, "num_bought": "two"})[0] >= 400
    (entry,) = door.box.journal.entries(violations=True)
    (violation,) = [found for found in entry.violations if found.severity == "error"]
    assert (violation.at, violation.pointer, violation.got) == ("body", "/num_bought", '"two"')
    assert violation.source


def test_bytes_come_back_as_they_were(door: Door) -> None:
    """A body that is no text is the same bytes in the journal."""
    door.raw("POST", "/v1/purchases/reserve?api_key=1", b"\xff\xfe\x00{")
    assert door.box.journal.entries()[-1].request_body == b"\xff\xfe\x00{"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 4),
        ({"api": "deem"}, 4),
        ({"api": "drip"}, 0),
        ({"operation": "reserve_purchase"}, 2),
        ({"operation": "deem.claim_purchase"}, 1),
        ({"method": "put"}, 1),
        ({"path": "/v1/purchases/*/claim"}, 1),
        ({"status": "4xx"}, 2),
        ({"status": 404}, 1),
        ({"violations": True}, 1),
        ({"unmatched": True}, 1),
        ({"limit": 2}, 2),
        ({"limit": 0}, 0),
        ({"since": 3}, 1),
        ({"operation": "reserve_purchase", "status": "2xx", "api": None}, 1),
    ],
)
def test_entries_are_filtered(door: Door, filters: dict[str, Any], found: int) -> None:
    """Entries and their count are those that fit every filter."""
    purchase = door.reserve()
    door.ask("POST", "/v1/purchases/reserve", {"deal_id": DEAL})
    door.claim(purchase)
    door.ask("GET", "/v1/nothing")
    assert len(door.box.journal.entries(**filters)) == found
    assert door.box.journal.count(**{**filters, "limit": None}).number == found or "limit" in filters
    assert len(door.box.journal.har(**filters)["log"]["entries"]) == found


@pytest.mark.parametrize("filters", [{"operations": "x"}, {"status": "9xx"}, {"since": -1}, {"violations": 1}])
def test_a_filter_that_there_is_not(door: Door, filters: dict[str, Any]) -> None:
    """A wrong filter is a ValueError in words, wherever it is given."""
    for read in (door.box.journal.entries, door.box.journal.count, door.box.journal.har):
        with pytest.raises(ValueError, match="filter"):
            read(**filters)
    with pytest.raises(ValueError, match="filter"):
        door.box.journal.wait(1, 0, **filters)


def test_what_there_is_need_not_be_waited_for(door: Door) -> None:
    """`wait` returns at once when there are enough, and says what there was instead when they do not come."""
    door.reserve()
    assert door.box.journal.wait(1, 10, operation="deem.reserve_purchase").number == 1
    with pytest.raises(TimeoutError, match=r"^1 instead of 2 entries after 0.05 s"):
        door.box.journal.wait(2, 0.05)


def test_who_waits_is_woken(door: Door) -> None:
    """`wait` returns with what comes while it waits, and nothing else is held up meanwhile."""
    coming = threading.Timer(0.05, door.reserve)
    coming.start()
    assert door.box.journal.wait(1, 60, status="2xx").number == 1
    coming.join()


def test_the_journal_is_cleared(door: Door) -> None:
    """Entries and remarks go, numbers go on."""
    door.reserve()
    door.box.clock.next()
    (remark,) = door.box.journal.remarks()
    assert (remark.what, remark.api, remark.after) == ("expired", "deem", door.box.journal.last)
    door.box.journal.clear()
    assert (*door.box.journal.entries(), *door.box.journal.remarks()) == ()
    door.reserve()
    assert door.box.journal.entries()[0].id == 2


# faults


def test_a_fault_strikes_is_counted_and_goes(door: Door) -> None:
    """A rule is a value with its counts; it strikes as it says, and is removed by its id."""
    fault = door.box.faults.add(SOLD_OUT)
    assert fault == Fault(fault.id, SOLD_OUT, 0, 0)
    body = {"deal_id": DEAL, "num_bought": 1}
    assert [door.ask("POST", "/v1/purchases/reserve", body)[0] for _ in range(2)] == [422, 200]
    assert door.box.faults.all() == [Fault(fault.id, SOLD_OUT, 2, 1)]
    struck = door.box.journal.entries()[0].fault
    assert struck is not None
    assert struck.id == fault.id
    door.box.faults.remove(fault.id)
    assert door.box.faults.all() == []


def test_faults_that_cannot_be(door: Door) -> None:
    """A rule that cannot be is refused with its pointer; one that there is not is a KeyError in words."""
    with pytest.raises(Unacceptable) as caught:
        door.box.faults.add({"what": {"status": 99}})
    assert [violation.pointer for violation in caught.value.violations] == ["/what/status"]
    with pytest.raises(KeyError, match="there is no fault 77"):
        door.box.faults.remove("77")
    assert door.box.faults.all() == []


def test_presets_are_rules_by_name(door: Door) -> None:
    """A preset is added by its name, for fewer requests if one says so."""
    presets = {preset.name: preset for preset in door.box.faults.presets()}
    assert presets["sold-out"].title
    whole = door.box.faults.add_preset("sold-out")
    assert whole.rule == presets["sold-out"].rule
    narrow = door.box.faults.add_preset("sold-out", {"api": "deem", "next": 1})
    assert narrow.rule["when"]["next"] == 1
    with pytest.raises(KeyError, match="there is no preset"):
        door.box.faults.add_preset("nothing")
    door.box.faults.clear()
    assert door.box.faults.all() == []


# choices


def test_choices_are_read_and_set(door: Door) -> None:
    """A choice has its default until it is set, all of several or none."""
    choices = door.box.choices
    assert choices["deem.claim_twice"] == choices.all()["deem.claim_twice"]
    assert choices["deem.claim_twice"] != "same_answer"
    choices["deem.claim_twice"] = "same_answer"
    assert choices["deem.claim_twice"] == "same_answer"
    choices.set({"deem.unknown_credentials": "refuse", "drip.unknown_credentials": "refuse"})
    assert choices["drip.unknown_credentials"] == "refuse"
    with pytest.raises(ValueError, match=r"deem.claim_twice is one of"):
        choices.set({"kajabi.unknown_credentials": "refuse", "deem.claim_twice": "maybe"})
    assert choices["kajabi.unknown_credentials"] == "accept"
    with pytest.raises(ValueError, match=r"there is no choice 'deem.claim_trice': did you mean deem.claim_twice"):
        choices.set({"deem.claim_trice": "same_answer"})
    with pytest.raises(KeyError, match=r"there is no choice 'deem.claim_trice'"):
        choices["deem.claim_trice"]


# state and snapshots


def test_a_state_comes_back(door: Door) -> None:
    """What `state` gives, `load` takes: rows, clock, choices and seed are as they were."""
    purchase = door.reserve()
    door.box.choices["deem.claim_twice"] = "same_answer"
    state = door.box.state()
    assert (state["version"], state["clock"]["mode"]) == (1, "frozen")
    door.box.reset()
    assert door.box.state() != state
    door.box.load(state)
    assert orjson.dumps(door.box.state()) == orjson.dumps(state)
    assert door.claim(purchase) == 200


@pytest.mark.parametrize(
    "document", [{}, [], {"version": 2, "tables": {}}, {"version": 1, "tables": {"deem.shoes": {}}}]
)
def test_a_wrong_state_changes_nothing(door: Door, document: Any) -> None:
    """A wrong document is refused as a whole, with pointers, and everything is as it was."""
    before = door.box.state()
    for load in (door.box.load, lambda document: door.box.snapshots.put("a", document)):
        with pytest.raises(Unacceptable) as caught:
            load(document)
        assert caught.value.violations
    assert (door.box.state(), door.box.snapshots.names()) == (before, [])


def test_one_row_is_changed(door: Door) -> None:
    """A row is changed field by field and returned; none that there is not, and to none that breaks its schema."""
    row = door.box.change("deem.stock", "last-one", {"free": 3})
    assert row["free"] == 3
    assert door.stock("last-one") == 3
    with pytest.raises(KeyError, match=r"there is no table deem.shoes"):
        door.box.change("deem.shoes", "x", {"free": 1})
    with pytest.raises(KeyError, match=r"deem.stock has no row x"):
        door.box.change("deem.stock", "x", {"free": 1})
    with pytest.raises(Unacceptable):
        door.box.change("deem.stock", "last-one", {"free": "many"})
    assert door.stock("last-one") == 3


def test_snapshots_are_kept_by_name(door: Door) -> None:
    """A snapshot brings everything back, tells its name, instant and rows, and can be carried elsewhere."""
    door.box.faults.add(SOLD_OUT)
    state = door.box.state()
    door.box.snapshot("before")
    door.box.clock.advance(hours=1)
    door.box.faults.clear()
    door.box.populate(3, "drip")
    door.box.restore("before")
    assert (door.box.state(), len(door.box.faults.all())) == (state, 1)
    (saved,) = door.box.snapshots.all()
    assert (saved.name, saved.at, door.box.snapshots.names()) == ("before", NOON, ["before"])
    assert saved.rows > 0
    assert door.box.snapshots.saved("before") == saved
    door.box.snapshots.put("copy", door.box.snapshots.get("before"))
    door.box.snapshots.delete("before")
    assert door.box.snapshots.names() == ["copy"]
    door.box.restore("copy")
    assert door.box.state() == state


def test_snapshots_that_there_are_not(door: Door) -> None:
    """A name that is none is a ValueError, one that nothing has a KeyError, and one too many is refused."""
    with pytest.raises(ValueError, match="the name of a snapshot is"):
        door.box.snapshot("a/b")
    for call in (door.box.restore, door.box.snapshots.get, door.box.snapshots.saved, door.box.snapshots.delete):
        with pytest.raises(KeyError, match="there is no snapshot nothing"):
            call("nothing")
    for number in range(MOST_SNAPSHOTS):
        door.box.snapshot(f"s{number}")
    with pytest.raises(ValueError, match=f"{MOST_SNAPSHOTS} snapshots at the most") as caught:
        door.box.snapshot("one-more")
    assert type(caught.value).__name__ == "Full"


def test_reset_goes_back_to_the_beginning(door: Door) -> None:
    """Rows, clock, choices, faults and journal are as at the beginning; snapshots stay."""
    state = door.box.state()
    door.box.snapshot("kept")
    door.reserve()
    door.box.clock.advance(hours=1)
    door.box.choices["deem.claim_twice"] = "same_answer"
    door.box.faults.add(SOLD_OUT)
    door.box.reset()
    assert door.box.state() == state
    assert (door.box.clock.now(), door.box.faults.all(), len(door.box.journal)) == (NOON, [], 0)
    assert door.box.snapshots.names() == ["kept"]


# populate and flows


def test_populate_makes_objects(door: Door) -> None:
    """So many living objects of an API, or of each; the keys are those of their rows."""
    made = door.box.populate(2, "deem")
    assert [*made] == ["deem"]
    assert set(made["deem"]) <= set(door.box.state()["tables"]["deem.purchases"])
    assert {api: len(keys) for api, keys in door.box.populate(1).items()}.keys() == {
        "deem",
        "drip",
        "supertab",
        "kajabi",
    }
    assert door.box.populate(0, "drip") == {"drip": []}
    with pytest.raises(ValueError):
        door.box.populate(-1)
    with pytest.raises(ValueError, match="shoes"):
        door.box.populate(1, "shoes")


def test_leaks_are_found(door: Door) -> None:
    """What is neither claimed nor released is a leak: held first, expired then."""
    purchase = door.reserve()
    assert door.box.leaks() == [Leak("deem", purchase, DEAL, 2, "held", NOON + FIVE_MINUTES)]
    door.box.clock.next()
    assert [leak.state for leak in door.box.leaks()] == ["expired"]
    door.box.reset()
    assert door.box.leaks() == []


def test_a_flow_is_checked(door: Door) -> None:
    """A flow is judged with a table of what happened instead, and refused with pointers where it is none."""
    flow = {
        "each": "deem.purchases",
        "steps": [{"operation": "deem.reserve_purchase"}, {"operation": "deem.claim_purchase", "times": 1}],
    }
    purchase = door.reserve()
    verdict = door.box.check(flow)
    assert (verdict.ok, [subject.key for subject in verdict.subjects], verdict.lost) == (False, [purchase], 0)
    assert purchase in verdict.table
    door.claim(purchase)
    assert door.box.check(flow).ok
    with pytest.raises(Unacceptable) as caught:
        door.box.check({"steps": []})
    assert [violation.pointer for violation in caught.value.violations] == ["/steps"]


# acts


def test_an_act_happens(door: Door) -> None:
    """What no request brings about happens by name to a key: it returns a sentence, which the journal has."""
    said = door.box.act("kajabi.pay_instalment", "123")
    purchase = door.box.state()["tables"]["kajabi.purchases"]["123"]
    assert (purchase["multipay_payments_made"], purchase["updated_at"][:19]) == (2, "2026-03-02T12:00:00")
    told = [(remark.at, remark.api, remark.key, remark.sentence) for remark in door.box.journal.remarks()]
    assert (NOON, "kajabi", "123", said) in told
    assert [remark.what for remark in door.box.journal.remarks()] == ["act"]


def test_an_act_that_cannot_happen(door: Door) -> None:
    """An act or a key that there is not is a KeyError in words, what is impossible a ValueError; nothing changes."""
    before = door.box.state()
    with pytest.raises(KeyError, match=r"there is no act 'kajabi.pay_instalments': did you mean 'kajabi.pay_inst"):
        door.box.act("kajabi.pay_instalments", "123")
    with pytest.raises(KeyError, match=r"there is no purchase 'nobody'"):
        door.box.act("kajabi.pay_instalment", "nobody")
    with pytest.raises(ValueError, match="201"):
        door.box.act("kajabi.pay_instalment", "201")
    assert door.box.state() == before
    assert list(door.box.journal.remarks()) == []


# what only a server has


def test_a_server_tells_what_it_is(url: str) -> None:
    """A server is alive and ready, and tells its APIs, contracts and scenarios."""
    remote = Remote(url)
    assert (remote.health(), remote.ready()) == (True, True)
    assert [api["name"] for api in remote.apis()] == ["deem", "drip", "supertab", "kajabi"]
    assert remote.openapi("deem")["openapi"].startswith("3.1")
    assert remote.openapi("mocktill")["paths"]
    assert remote.schema("deem", "seed")["properties"]
    assert "# TYPE mocktill_requests_total counter" in remote.metrics()
    assert "reserve-claim" in {scenario["name"] for scenario in remote.scenarios() if scenario["api"] == "deem"}
    with pytest.raises(KeyError, match="there is no API shoes"):
        remote.openapi("shoes")
    with pytest.raises(KeyError, match="deem has no schema shoes"):
        remote.schema("deem", "shoes")


def test_a_server_tells_what_a_console_shows(url: str) -> None:
    """Tables, rows and panels page by page, an operation to be tried, and a pulse that makes no sandbox."""
    box = Remote(url).sandbox("shown")
    assert box.pulse()["exists"] is False
    assert "shown" not in {listed.name for listed in Remote(url).sandboxes()}
    stock = box.state()["tables"]["deem.stock"]
    assert {table["name"]: table["rows"] for table in box.tables()}["deem.stock"] == len(stock)
    page = box.rows("deem.stock", offset=1, limit=2)
    assert (page["total"], page["offset"], len(page["rows"])) == (len(stock), 1, 2)
    assert len(box.rows("deem.stock")["rows"]) == min(len(stock), 50)
    assert box.rows("deem.stock", key="last-one")["rows"] == [{"key": "last-one", "row": stock["last-one"]}]
    deals = {panel["name"]: panel["total"] for panel in box.panels() if panel["api"] == "deem"}["deals"]
    assert (box.panel("deem", "deals")["total"], len(box.panel("deem", "deals", limit=1)["objects"])) == (deals, 1)
    assert [each["key"] for each in box.panel("deem", "deals", key=DEAL)["objects"]] == [DEAL]
    operation = box.operation("deem", "get_purchase")
    assert operation["request"]["url"].startswith(f"{url}/~shown/deem/v1/purchases/")
    before = box.pulse()
    box.change("deem.stock", "last-one", {"free": 3})
    assert (before["exists"], box.pulse()["rows"] > before["rows"]) == (True, True)


def test_what_a_console_does_not_show(url: str) -> None:
    """A table, row, panel, object or operation that there is not is a KeyError in words, a wrong page a ValueError."""
    box = Remote(url).sandbox()
    with pytest.raises(KeyError, match=r"there is no table deem\.shoes"):
        box.rows("deem.shoes")
    with pytest.raises(KeyError, match=r"deem\.stock has no row nothing"):
        box.rows("deem.stock", key="nothing")
    with pytest.raises(KeyError, match="there is no panel 'shoes' of deem"):
        box.panel("deem", "shoes")
    with pytest.raises(KeyError, match=r"deem\.deals has no row nothing"):
        box.panel("deem", "deals", key="nothing")
    with pytest.raises(KeyError, match="there is no operation 'fly' of deem"):
        box.operation("deem", "fly")
    with pytest.raises(ValueError, match="/limit"):
        box.rows("deem.stock", limit=501)
    with pytest.raises(ValueError, match="/offset"):
        box.panel("deem", "deals", offset=-1)


def test_sandboxes_are_made_and_deleted(url: str) -> None:
    """A sandbox is made with its setup and stays; it is listed, named in its base URLs, and deleted by name."""
    remote = Remote(url)
    box = remote.make("mine", seed=7, now=NOON, choices={"deem.claim_twice": "same_answer"}, populate=1)
    assert (box.name, box.clock.now(), box.choices["deem.claim_twice"]) == ("mine", NOON, "same_answer")
    assert box.url("deem") == f"{url}/~mine/deem"
    assert remote.sandbox().url("drip") == f"{url}/drip"
    (listed,) = [listed for listed in remote.sandboxes() if listed.name == "mine"]
    assert (listed.kept, listed.now, listed.entries) == (True, NOON, 0)
    copy = remote.make(state=box.state())
    assert copy.name != "mine"
    assert copy.state()["tables"]["deem.purchases"] == box.state()["tables"]["deem.purchases"]
    for name in ("mine", copy.name):
        remote.delete(name)
    with pytest.raises(KeyError):
        remote.delete("mine")
    with pytest.raises(ValueError, match="default"):
        remote.delete("default")
    with pytest.raises(ValueError, match=r"seed|number|integer"):
        remote.make("mine", seed="x")
    with pytest.raises(KeyError, match=r"there is no API 'shoes'"):
        box.url("shoes")


def test_a_scenario_is_played_there(url: str) -> None:
    """A scenario of the server is played in the sandbox, and told step by step."""
    box = Remote(url).make("stage", now=NOON)
    steps = box.play("deem", "reserve-expire-claim")
    assert [step.problems for step in steps] == [()] * len(steps)
    assert len(steps) > 3
    with pytest.raises(KeyError, match="deem has no scenario nothing"):
        box.play("deem", "nothing")


def test_a_server_that_is_one_api(catalogue: Catalogue) -> None:
    """Where one API is served alone, its base URL is the server's root, with the sandbox's prefix."""
    with ServerThread(create_app(Sandboxes(catalogue), only="drip"), RequestLog(Nowhere())) as url:
        assert RemoteSandbox(url).url("drip") == url
        assert RemoteSandbox(url, "mine").url("drip") == f"{url}/~mine"
        assert [api["name"] for api in Remote(url).apis()] == ["drip"]


def test_a_token_opens(catalogue: Catalogue) -> None:
    """A server with a token answers health to everybody and everything else to who shows it."""
    app = create_app(Sandboxes(catalogue), token="s3cret")
    with ServerThread(app, RequestLog(Nowhere())) as url:
        assert Remote(url).health()
        for token in (None, "wrong"):
            with pytest.raises(PermissionError, match="token"):
                RemoteSandbox(url, token=token).clock.now()
        assert RemoteSandbox(url, token="s3cret").clock.frozen is False


def explained(door: Door, number: int) -> Explained:
    """Return an entry, explained, through whichever door."""
    return explain(door.box, number) if isinstance(door.box, Sandbox) else door.box.explain(number)


def test_an_entry_is_explained(door: Door) -> None:
    """An entry tells what was wrong where, and has a line that would pass; an unmatched one, what is near."""
    assert door.ask("POST", "/v1/purchases/reserve", {"deal_id": DEAL, "num_bought": "two"})[0] == 422
    told = explained(door, door.box.journal.last)
    assert [(v.pointer, v.expected, v.got) for v in told.entry.violations] == [("/num_bought", "integer", '"two"')]
    assert told.passing is not None
    assert "api_key=1234567" in told.passing.curl[0]
    assert told.nearest == ()
    assert door.ask("GET", "/v1/purchase/x")[0] == 404
    near = explained(door, door.box.journal.last).nearest[0]
    assert (near.operation, near.method, near.why) == ("get_purchase", "GET", "`purchase` is not `purchases`")
    with pytest.raises(KeyError, match="there is no entry 999"):
        explained(door, 999)


def copied(door: Door, number: int) -> Copies:
    """Return the copies of an entry, through whichever door."""
    return copies(door.box, number) if isinstance(door.box, Sandbox) else door.box.copies(number)


def replayed(door: Door, number: int) -> Replayed:
    """Ask an entry's request again, through whichever door."""
    return replay(door.box, number) if isinstance(door.box, Sandbox) else door.box.replay(number)


def test_an_entry_is_copied(door: Door) -> None:
    """An entry's request is texts that send it again to the byte, a test among them; what is masked is said."""
    odd = 'it\'s "$HOME"\r\n\t`id` \\ \x1b[2J \u202e \u2028 é </script>'
    door.ask("POST", "/v1/purchases/reserve", odd)
    number = door.box.journal.last
    told = copied(door, number)
    assert shlex.split(told.curl)[-2] == orjson.dumps(odd).decode()
    assert told.python.startswith("import requests\n")
    assert told.fetch.startswith("await fetch(")
    assert "def test_reserve_purchase(mocktill):\n" in told.pytest
    assert told.about == "the key is a placeholder that this sandbox accepts"
    assert door.box.journal.last == number
    with pytest.raises(KeyError, match="there is no entry 999"):
        copied(door, 999)


def test_an_entry_is_asked_again(door: Door) -> None:
    """A request is asked again in the same sandbox as it is now: it changes rows, and has an entry of its own."""
    before = door.stock()
    door.reserve()
    told = replayed(door, 1)
    assert told == Replayed(2, 200, "the key is a placeholder that this sandbox accepts")
    assert (door.stock(), door.box.journal.last) == (before - 4, 2)
    entry = door.box.journal.get(2)
    assert entry is not None
    assert (entry.sandbox, entry.request_body) == (door.box.name, door.box.journal.entries()[0].request_body)
    door.raw("POST", "/v1/purchases/reserve", b"x" * 70_000)
    with pytest.raises(ValueError, match="longer than the journal keeps"):
        replayed(door, 3)
    with pytest.raises(KeyError, match="there is no entry 999"):
        replayed(door, 999)


WHERE: dict[str, tuple[str, str]] = {
    "health": ("Remote.health", ""),
    "ready": ("Remote.ready", ""),
    "get_metrics": ("Remote.metrics", ""),
    "list_apis": ("Remote.apis", ""),
    "get_openapi": ("Remote.openapi", "openapi"),
    "get_schema": ("Remote.schema", ""),
    "get_operation": ("RemoteSandbox.operation", ""),
    "get_pulse": ("RemoteSandbox.pulse", ""),
    "reset": ("RemoteSandbox.reset", "reset"),
    "get_state": ("RemoteSandbox.state", "state show"),
    "put_state": ("RemoteSandbox.load", "state load"),
    "list_tables": ("RemoteSandbox.tables", "state tables"),
    "list_rows": ("RemoteSandbox.rows", "state rows"),
    "change_row": ("RemoteSandbox.change", "state set"),
    "list_panels": ("RemoteSandbox.panels", ""),
    "get_panel": ("RemoteSandbox.panel", ""),
    "list_snapshots": ("RemoteSnapshots.all", "snapshot list"),
    "get_snapshot": ("RemoteSnapshots.get", "snapshot show"),
    "put_snapshot": ("RemoteSnapshots.put", "snapshot save"),
    "delete_snapshot": ("RemoteSnapshots.delete", "snapshot delete"),
    "restore_snapshot": ("RemoteSandbox.restore", "snapshot restore"),
    "get_clock": ("RemoteClock.now", "clock now"),
    "move_clock": ("RemoteClock.advance", "clock advance"),
    "list_faults": ("RemoteFaults.all", "faults list"),
    "add_fault": ("RemoteFaults.add", "faults add"),
    "clear_faults": ("RemoteFaults.clear", "faults clear"),
    "list_presets": ("RemoteFaults.presets", "faults presets"),
    "add_preset": ("RemoteFaults.add_preset", "faults preset"),
    "remove_fault": ("RemoteFaults.remove", "faults remove"),
    "read_journal": ("RemoteJournal.entries", "journal list"),
    "clear_journal": ("RemoteJournal.clear", "journal clear"),
    "count_entries": ("RemoteJournal.count", "journal list"),
    "get_entry": ("RemoteSandbox.explain", "journal show"),
    "copy_entry": ("RemoteSandbox.copies", "journal copy"),
    "replay_entry": ("RemoteSandbox.replay", "journal replay"),
    "list_leaks": ("RemoteSandbox.leaks", "flows leaks"),
    "check_flow": ("RemoteSandbox.check", "flows check"),
    "list_scenarios": ("Remote.scenarios", "scenarios list"),
    "play_scenario": ("RemoteSandbox.play", "scenarios play"),
    "list_choices": ("RemoteChoices.all", "choices list"),
    "set_choices": ("RemoteChoices.set", "choices set"),
    "populate": ("RemoteSandbox.populate", "populate"),
    "act": ("RemoteSandbox.act", "act"),
    "list_webhooks": ("RemoteWebhooks.deliveries", "webhooks list"),
    "set_webhook": ("RemoteWebhooks.send_to", "webhooks set"),
    "remove_webhook": ("RemoteWebhooks.stop", "webhooks unset"),
    "list_sandboxes": ("Remote.sandboxes", "sandboxes list"),
    "make_sandbox": ("Remote.make", "sandboxes make"),
    "delete_sandbox": ("Remote.delete", "sandboxes delete"),
}
"""Where each call of the control API is in the client, and on the command line where a person would want it."""
CLASSES = (
    Remote,
    RemoteSandbox,
    RemoteChoices,
    RemoteClock,
    RemoteFaults,
    RemoteJournal,
    RemoteSnapshots,
    RemoteWebhooks,
)
"""The classes of the client."""
NOT_TYPED = {
    *("health", "ready", "get_metrics", "list_apis", "get_schema"),
    *("get_operation", "get_pulse", "list_panels", "get_panel"),
}
"""What a program asks, and a person reads elsewhere: probes, metrics, what the README and the documents have, and what
the console shows."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_call_is_in_the_client_and_on_the_command_line(route: Route) -> None:
    """No call of the control API is forgotten in `Remote`, `RemoteSandbox` or among the commands."""
    place, command = WHERE[route.name]
    owner, _, method = place.partition(".")
    assert callable(getattr({one.__name__: one for one in CLASSES}[owner], method))
    assert bool(command) != (route.name in NOT_TYPED)
    found: Any = main
    for name in command.split():
        found = found.load(name) if found is main else found.commands[name]


def test_no_other_call_is_listed() -> None:
    """The list of places names no call that there is not."""
    assert set(WHERE) == {route.name for route in ROUTES}


@pytest.mark.parametrize("filters", [{"operation": "fly"}, {"operation": "drip.claim_purchase"}, {"api": "ebay"}])
def test_an_unknown_operation_is_no_silent_zero(door: Door, filters: dict[str, str]) -> None:
    """Whoever misspells what is counted is told, and does not read that it never happened."""
    with pytest.raises(ValueError, match=r"claim_purchase|deem"):
        door.box.journal.count(**filters)
    with pytest.raises(ValueError, match=r"claim_purchase|deem"):
        door.box.journal.entries(**filters)
    with pytest.raises(ValueError, match=r"claim_purchase|deem"):
        door.box.journal.wait(1, 0.01, **filters)
