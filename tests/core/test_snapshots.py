"""Snapshots, state and reset: what each covers, cell by cell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from mocktill.core import clock as clock_module
from mocktill.core import snapshots as module
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.errors import Full
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.serving.statefile import load_state, save_state
from tests.client import Client
from tests.conftest import NOW

DEAL = "two-each"
RESERVE = "/v1/purchases/reserve?api_key=1"


def reserve(box: Sandbox) -> str:
    """Reserve one unit; return the purchase's id."""
    answer = Client(box, "deem")("POST", RESERVE, json={"deal_id": DEAL, "num_bought": 1})
    return str(answer.get_json()["purchase"]["id"])


def saved(box: Sandbox) -> bytes:
    """Return the whole state as bytes, fault rules included."""
    box.snapshot("compared")
    return orjson.dumps(box.snapshots.get("compared"))


@pytest.fixture
def busy(box: Sandbox) -> Sandbox:
    """A sandbox in which something of everything has happened, four minutes after noon."""
    reserve(box)
    box.clock.advance(minutes=4)
    box.choices["deem.claim_twice"] = "same_answer"
    box.faults.add({"when": {"api": "drip"}, "what": {"status": 503}})
    Client(box, "drip")("GET", "/v2/9999999/subscribers/a@b.c")
    return box


def stir(box: Sandbox) -> None:
    """Change everything that can be changed."""
    reserve(box)
    box.clock.advance(hours=1)
    box.choices["deem.claim_twice"] = "conflict"
    box.faults.clear()
    with box.changing():
        settings = box.table("mocktill.settings").get("settings")
        assert settings is not None
        box.table("mocktill.settings").put("settings", {**settings, "seed": 99})


def test_a_restored_snapshot_is_byte_equal(busy: Sandbox) -> None:
    """After a restore everything that a snapshot covers is as it was, to the byte."""
    before = saved(busy)
    busy.snapshot("scene")
    stir(busy)
    assert saved(busy) != before
    busy.restore("scene")
    assert saved(busy) == before
    stir(busy)
    busy.restore("scene")
    assert saved(busy) == before


def test_a_restore_goes_on_as_from_the_snapshot(busy: Sandbox) -> None:
    """Ids, chance and faults after a restore are those that came after the snapshot."""
    busy.snapshot("scene")
    first = [reserve(busy), Client(busy, "drip")("GET", "/v2/1").status_code]
    busy.restore("scene")
    assert [reserve(busy), Client(busy, "drip")("GET", "/v2/1").status_code] == first


def test_a_hold_saved_at_minute_four_has_one_minute_left(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore brings the instant back, and not a distance from the machine's time, an hour later as well."""
    machine = [NOW]
    monkeypatch.setattr(clock_module, "machine_now", lambda: machine[0])
    box = Sandbox(catalogue)
    key = reserve(box)
    machine[0] += timedelta(minutes=4)
    box.snapshot("scene")
    machine[0] += timedelta(hours=1)
    assert box.view("deem").reservations() == []
    box.restore("scene")
    assert box.now() == NOW + timedelta(minutes=4)
    (held,) = box.view("deem").reservations()
    assert (held.purchase_id, held.expires_at - box.now()) == (key, timedelta(minutes=1))
    machine[0] += timedelta(seconds=59)
    assert len(box.view("deem").reservations()) == 1
    machine[0] += timedelta(seconds=1)
    assert box.view("deem").reservations() == []


@pytest.mark.parametrize("frozen", [True, False])
def test_a_snapshot_keeps_the_mode_of_the_clock(box: Sandbox, frozen: bool) -> None:
    """A clock that stood still does so again, and one that ran runs."""
    if not frozen:
        box.clock.run()
    box.snapshot("scene")
    if frozen:
        box.clock.run()
    else:
        box.clock.freeze()
    box.restore("scene")
    assert box.clock.frozen == frozen


def test_a_restore_leaves_the_journal_and_notes_itself(busy: Sandbox) -> None:
    """The journal goes on; a remark and the next entry's notes tell of the restore."""
    busy.snapshot("scene")
    reserve(busy)
    before = [entry.id for entry in busy.journal.entries()]
    busy.restore("scene")
    assert [entry.id for entry in busy.journal.entries()] == before
    remark = busy.journal.remarks()[-1]
    assert (remark.what, remark.sentence, remark.after) == ("restored", "the snapshot scene was restored", before[-1])
    reserve(busy)
    reserve(busy)
    newest = busy.journal.entries()[-2:]
    assert ["the snapshot scene was restored" in entry.notes for entry in newest] == [True, False]


def test_what_a_snapshot_and_a_state_cover(busy: Sandbox) -> None:
    """Both have rows, id counters, clock, choices and seed; a snapshot has the fault rules and their counts as well."""
    busy.snapshot("scene")
    document, state = busy.snapshots.get("scene"), busy.state()
    faults = document["tables"].pop("mocktill.faults")
    assert document == state
    assert faults["1"] == {
        "number": 1,
        "rule": {"when": {"api": "drip"}, "what": {"status": 503}},
        "calls": 1,
        "hits": 1,
    }
    assert state["clock"] == {"mode": "frozen", "at": "2026-03-02T12:04:00.000000Z"}
    assert state["tables"]["mocktill.choices"] == {"deem.claim_twice": {"value": "same_answer"}}
    assert state["tables"]["mocktill.settings"]["settings"]["seed"] == 1
    assert state["tables"]["mocktill.counters"]
    assert len(state["tables"]["deem.holds"]) == 1
    assert set(state) == {"version", "clock", "tables"}


def test_a_state_that_is_loaded_is_the_one_that_was_read(busy: Sandbox) -> None:
    """Rows, counters, clock, choices and seed come back; fault rules, journal and snapshots stay as they are."""
    state = busy.state()
    busy.snapshot("scene")
    stir(busy)
    fault = busy.faults.add({"what": {"delay": "1s"}})
    entries = len(busy.journal)
    busy.load(orjson.loads(orjson.dumps(state)))
    assert busy.state() == state
    assert busy.faults.all() == [fault]
    assert (len(busy.journal), busy.snapshots.names()) == (entries, ["scene"])
    assert busy.journal.remarks()[-1].what == "loaded"


def test_a_state_comes_into_another_sandbox(catalogue: Catalogue, busy: Sandbox) -> None:
    """A state that is loaded elsewhere goes on there: a hold has the time left that it had."""
    other = Sandbox(catalogue, "other", Setup(seed=5))
    other.load(busy.state())
    (event,) = other.clock.advance(minutes=1)
    assert event.what == "expired"
    assert other.faults.all() == []


def test_a_wrong_state_changes_nothing(busy: Sandbox) -> None:
    """A document that is wrong anywhere is refused as a whole, with the pointer."""
    before = saved(busy)
    document = busy.state()
    document["tables"]["deem.stock"][DEAL]["free"] = -1
    document["tables"]["deem.stock"]["last-one"]["free"] = 7
    with pytest.raises(Unacceptable) as caught:
        busy.load(document)
    assert [v.pointer for v in caught.value.violations] == [f"/tables/deem.stock/{DEAL}/free"]
    assert saved(busy) == before


def test_a_state_empties_what_it_does_not_name(busy: Sandbox) -> None:
    """Tables that are not named are emptied; Mocktill's own, and the clock, stay as they are."""
    busy.load({"version": 1, "tables": {"deem.stock": {}}})
    assert len(busy.table("deem.purchases")) == len(busy.table("drip.subscribers")) == 0
    assert busy.choices["deem.claim_twice"] == "same_answer"
    assert busy.now() == NOW + timedelta(minutes=4)


def test_a_reset_covers(busy: Sandbox) -> None:
    """A reset brings rows, counters, clock, choices and seed back, clears rules and journal, and keeps snapshots."""
    fresh = Sandbox(busy.catalogue, setup=Setup(now=NOW))
    busy.snapshot("scene")
    last = busy.journal.last
    busy.reset()
    assert busy.state() == fresh.state()
    assert busy.faults.all() == []
    assert (len(busy.journal), busy.journal.last) == (0, last)
    assert [remark.what for remark in busy.journal.remarks()] == ["reset"]
    assert busy.snapshots.names() == ["scene"]
    busy.restore("scene")
    assert len(busy.faults.all()) == 1


def test_a_state_file_covers_every_sandbox(catalogue: Catalogue, tmp_path: Any) -> None:
    """What a state covers, of each sandbox by name; no rules, journals or snapshots."""
    one = Sandboxes(catalogue, Setup(now=NOW))
    for name in ("default", "a", "b"):
        box = one.get(name)
        reserve(box)
        box.clock.advance(minutes=4)
        box.choices["deem.claim_twice"] = "same_answer"
        box.faults.add({"what": {"headers": {"X": name}}})
        box.snapshot("scene")
    save_state(one, tmp_path / "state.json")
    two = Sandboxes(catalogue)
    assert load_state(two, tmp_path / "state.json")
    assert [(box.name, kept) for box, kept in two.all()] == [("a", True), ("b", True), ("default", True)]
    for box, _ in two.all():
        assert box.state() == one.get(box.name).state()
        assert (box.faults.all(), len(box.journal), box.snapshots.names()) == ([], 0, [])


def test_a_snapshot_that_is_uploaded_comes_back(busy: Sandbox) -> None:
    """A snapshot's document can be kept elsewhere and uploaded, fault rules included."""
    busy.snapshot("scene")
    before = saved(busy)
    document = orjson.loads(orjson.dumps(busy.snapshots.get("scene")))
    busy.snapshots.delete("scene")
    stir(busy)
    busy.snapshots.put("again", document)
    busy.restore("again")
    assert saved(busy) == before


def test_a_wrong_upload_is_refused(busy: Sandbox) -> None:
    """An uploaded document is checked like a state, and its fault rules like rules that are added."""
    busy.snapshot("scene")
    document = busy.snapshots.get("scene")
    document["tables"]["mocktill.faults"]["1"]["rule"]["what"] = {"status": 700}
    with pytest.raises(Unacceptable) as caught:
        busy.snapshots.put("again", document)
    assert [v.pointer for v in caught.value.violations] == ["/tables/mocktill.faults/1/rule/what/status"]
    assert busy.snapshots.names() == ["scene"]


@pytest.mark.parametrize("act", ["restore", "get", "delete"])
def test_a_snapshot_that_there_is_not(box: Sandbox, act: str) -> None:
    """An unknown name is said, and so is one that is no name."""
    for name in ("nothing", "../etc/passwd", "x" * 1000):
        with pytest.raises(KeyError, match="there is no"):
            (box.restore if act == "restore" else getattr(box.snapshots, act))(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a b", "a\n", "x" * 65, "ä", "%2e"])
def test_what_is_no_name(box: Sandbox, name: str) -> None:
    """The name of a snapshot is no path and no sentence."""
    with pytest.raises(ValueError, match="the name of a snapshot is"):
        box.snapshot(name)


def test_snapshots_are_bounded(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many there may be, with so many rows together; one that is taken anew takes no further place."""
    monkeypatch.setattr(module, "MOST", 2)
    box.snapshot("a")
    box.snapshot("b")
    box.snapshot("b")
    with pytest.raises(Full, match="2 snapshots at the most: delete one"):
        box.snapshot("c")
    monkeypatch.setattr(module, "MOST_ROWS", box.snapshots.saved("a").rows)
    with pytest.raises(Full, match="rows at the most: delete one"):
        box.snapshot("a")
    box.snapshots.delete("b")
    box.snapshot("a")
    assert [one.name for one in box.snapshots.all()] == ["a"]


def test_a_snapshot_is_not_changed_by_what_follows(busy: Sandbox) -> None:
    """Rows never change in place: a snapshot stays what it was while the sandbox goes on."""
    busy.snapshot("scene")
    before = orjson.dumps(busy.snapshots.get("scene"))
    stir(busy)
    busy.restore("scene")
    stir(busy)
    assert orjson.dumps(busy.snapshots.get("scene")) == before


def test_a_document_is_not_the_callers_any_more(busy: Sandbox) -> None:
    """Whoever loads or uploads a document may change it afterwards: the sandbox does not see it."""

    def upload(document: Any) -> None:
        busy.snapshots.put("up", document)
        busy.restore("up")

    for bring in (busy.load, upload):
        document = busy.state()
        bring(document)
        document["tables"]["deem.stock"]["last-one"]["free"] = 99
        assert busy.view("deem").stock("last-one").free == 1


def test_ids_of_rules_that_came_with_a_snapshot_are_not_given_again(busy: Sandbox) -> None:
    """A snapshot from elsewhere may have rules beyond the counter: a new rule gets a number that is free."""
    busy.snapshot("scene")
    document = busy.snapshots.get("scene")
    faults = document["tables"]["mocktill.faults"]
    faults["2"] = {**faults["1"], "number": 2}
    busy.snapshots.put("up", document)
    busy.restore("up")
    assert busy.faults.add({"what": {"status": 500}}).id == "3"


def test_a_document_with_something_delicate_is_searched(box: Sandbox) -> None:
    """What a loaded document brings that has to be masked is masked in the journal, whatever the document says."""
    document = box.state()
    subscriber = document["tables"]["drip.subscribers"]["98asdh9f8asd88d"]
    subscriber["custom_fields"] = {"card_number": "4111111111111111"}
    document["tables"]["mocktill.settings"]["settings"]["delicate"] = False
    box.load(document)
    client = Client(box, "drip", {"Authorization": "Bearer t"})
    assert "4111111111111111" in client("GET", "/v2/9999999/subscribers/98asdh9f8asd88d").text
    assert b"4111111111111111" not in client.entry.response_body
    assert "4111111111111111" not in str(box.state())


def test_a_flow_over_forgotten_remarks_claims_nothing(busy: Sandbox) -> None:
    """A flow whose events may have been forgotten is not said to be what happened."""
    flow = {"steps": [{"operation": "deem.claim_purchase", "after": "expired", "times": 0}]}
    assert busy.check(flow).ok
    busy.snapshot("scene")
    for _ in range(1_001):
        busy.restore("scene")
    verdict = busy.check(flow)
    assert (verdict.ok, verdict.lost > 0) == (False, True)
