"""A sandbox is steered: reset, rows, snapshots, clock, choices, populate."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client
from tests.control.control import Control

NOON = "2026-03-02T12:00:00.000000Z"
DEAL = "la-1024-wsc-hair-studio-01-2"
WRONG = [
    ({}, ""),
    ({"version": 2, "tables": {}}, "/version"),
    ({"version": 1, "tables": {"deem.nothing": {}}}, "/tables/deem.nothing"),
    ({"version": 1, "tables": {"nothing": {}}}, "/tables/nothing"),
    ({"version": 1, "tables": {"deem.deals": {"a": 1}}}, "/tables/deem.deals/a"),
    ({"version": 1, "tables": {}, "clock": {"mode": "slow", "at": NOON}}, "/clock/mode"),
    ({"version": 1, "tables": {}, "clock": {"mode": "frozen", "at": "2026-02-30T12:00:00Z"}}, "/clock/at"),
    ({"version": 1, "tables": {}, "more": 1}, "/more"),
    ([], ""),
    ("state", ""),
]


def pointers(problem: Any) -> list[str]:
    """Return where the violations of a problem are."""
    return [found["pointer"] for found in problem["violations"]]


def stock(box: Sandbox) -> Any:
    """Return how many units the deal has."""
    return box.table("deem.stock").get(DEAL)


# reset


def test_reset(control: Control, box: Sandbox, purchase: str) -> None:
    """Everything is as at the beginning; the answer says what time that is."""
    before = stock(box)
    control.ok("POST", "/clock", {"advance": "1h"})
    assert control.ok("POST", "/reset") == {"now": NOON}
    assert stock(box) != before
    assert box.table("deem.purchases").get(purchase) is None
    assert len(box.journal) == 0


# state


def test_state_and_back(control: Control, box: Sandbox, purchase: str) -> None:
    """What `GET state` answers can be put back, here or into another sandbox, and is the same then."""
    document = control.get("/state")
    assert document["version"] == 1
    assert document["clock"] == {"mode": "frozen", "at": NOON}
    assert document["tables"]["deem.purchases"][purchase]["quantity"] == 2
    assert list(document["tables"]) == sorted(document["tables"])
    control.ok("POST", "/reset")
    assert control.ok("PUT", "/state", document) == {"now": NOON}
    assert control.get("/state") == document
    control.of("b").ok("PUT", "/state", document)
    assert control.of("b").get("/state") == document


@pytest.mark.parametrize(("document", "pointer"), WRONG)
def test_a_wrong_state_is_refused_as_a_whole(control: Control, document: Any, pointer: str) -> None:
    """A document with anything wrong is a 422 with the pointer, and nothing changes."""
    before = control.get("/state")
    assert any(found.startswith(pointer) for found in pointers(control.refused(422, "PUT", "/state", document)))
    assert control.get("/state") == before


def test_a_large_state_fits(control: Control) -> None:
    """A state may be over one MiB, as no other body may."""
    row = {"charge": "succeeds"}
    document = {"version": 1, "tables": {"deem.cards": {f"card-{number:032}": row for number in range(20_000)}}}
    control.ok("PUT", "/state", document)
    assert len(control.get("/state")["tables"]["deem.cards"]) == 20_000
    assert control.refused(413, "POST", "/sandboxes", {"state": document})


def test_change_a_row(control: Control, box: Sandbox) -> None:
    """Some fields change, the row is answered, and the vendor's answers follow."""
    before = dict(stock(box))
    row = control.ok("PATCH", f"/state/deem.stock/{DEAL}", {"free": 1})
    assert row == {**before, "free": 1} == stock(box)


def test_a_key_with_a_slash(control: Control, box: Sandbox) -> None:
    """A slash in a key is written `%2F`, and read as a part of the key."""
    with box.changing():
        box.table("deem.cards").put("a/b", {"charge": "succeeds"})
    row = control.ok("PATCH", "/state/deem.cards/a%2Fb", {"charge": "declined"})
    assert row == {"charge": "declined"} == box.table("deem.cards").get("a/b")


@pytest.mark.parametrize(
    ("place", "detail"),
    [("deem.deals/nothing", "deem.deals has no row nothing"), ("deem.nothing/1", None), ("ebay.deals/1", None)],
)
def test_no_such_row(control: Control, place: str, detail: str | None) -> None:
    """A table or a row that there is not is a 404 in words."""
    problem = control.refused(404, "PATCH", f"/state/{place}", {"free": 1})
    assert detail is None or problem["detail"] == detail


@pytest.mark.parametrize("body", [[], 1, "x", True, [{"free": 1}]])
def test_fields_are_an_object(control: Control, body: Any) -> None:
    """What is no object cannot change a row."""
    assert control.refused(422, "PATCH", f"/state/deem.stock/{DEAL}", body)


def test_a_row_keeps_its_form(control: Control, box: Sandbox) -> None:
    """A change that would make something else of the row is refused, and nothing changes."""
    before = stock(box)
    assert pointers(control.refused(422, "PATCH", f"/state/deem.stock/{DEAL}", {"free": "many"}))
    assert stock(box) == before


# snapshots


def test_snapshots(control: Control, box: Sandbox, purchase: str) -> None:
    """Save, list, download, restore, delete."""
    rows = sum(len(table) for table in box.store.tables.values())
    saved = control.ok("PUT", "/snapshots/before")
    assert saved["name"] == "before"
    assert saved["at"] == NOON
    assert 0 < saved["rows"] <= rows
    control.ok("POST", "/clock", {"advance": "1h"})
    assert control.get("/snapshots") == {"snapshots": [saved]}
    assert purchase in control.get("/snapshots/before")["tables"]["deem.purchases"]
    assert control.ok("POST", "/snapshots/before/restore") == {"now": NOON}
    assert control("DELETE", "/snapshots/before").status_code == 204
    assert control.get("/snapshots") == {"snapshots": []}


def test_a_hold_keeps_what_it_had_left(control: Control, purchase: str) -> None:
    """A hold that was saved at minute four has one minute after a restore an hour later."""
    control.ok("POST", "/clock", {"advance": "4m"})
    control.ok("PUT", "/snapshots/a")
    assert len(control.ok("POST", "/clock", {"advance": "1h"})["events"]) == 1
    control.ok("POST", "/snapshots/a/restore")
    assert control.ok("POST", "/clock", {"advance": "59s"})["events"] == []
    assert [event["key"] for event in control.ok("POST", "/clock", {"advance": "1s"})["events"]] == [purchase]


def test_a_snapshot_is_uploaded(control: Control, purchase: str) -> None:
    """With a body that document is kept, and nothing of the sandbox changes before it is restored."""
    document = control.get("/state")
    control.ok("POST", "/reset")
    assert control("PUT", "/snapshots/up", document).status_code == 201
    assert purchase not in control.get("/state")["tables"]["deem.purchases"]
    control.ok("POST", "/snapshots/up/restore")
    assert purchase in control.get("/state")["tables"]["deem.purchases"]


def test_a_snapshot_brings_its_fault_rules(control: Control) -> None:
    """Fault rules are part of a snapshot, downloaded and uploaded as well."""
    control.ok("POST", "/faults", {"what": {"status": 503}})
    control.ok("PUT", "/snapshots/a")
    document = control.get("/snapshots/a")
    control.ok("POST", "/reset")
    control.ok("PUT", "/snapshots/b", document)
    control.ok("POST", "/snapshots/b/restore")
    assert [fault["rule"] for fault in control.get("/faults")["faults"]] == [{"what": {"status": 503}}]


@pytest.mark.parametrize(("document", "pointer"), WRONG)
def test_a_wrong_snapshot_is_refused(control: Control, document: Any, pointer: str) -> None:
    """An upload is held to what a state is."""
    problem = control.refused(422, "PUT", "/snapshots/a", document)
    assert any(found.startswith(pointer) for found in pointers(problem))
    assert control.get("/snapshots") == {"snapshots": []}


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/restore")])
def test_no_such_snapshot(control: Control, method: str, path: str) -> None:
    """A snapshot that there is not is a 404 in words."""
    assert control.refused(404, method, f"/snapshots/a{path}")["detail"] == "there is no snapshot a"


def test_snapshots_are_bounded(control: Control) -> None:
    """Over the bound one more is a 409; one that is replaced is not one more."""
    for number in range(100):
        control.ok("PUT", f"/snapshots/s{number}")
    assert "100 snapshots" in control.refused(409, "PUT", "/snapshots/more")["detail"]
    control.ok("PUT", "/snapshots/s1")


# clock


def test_the_clock_is_read(control: Control, purchase: str) -> None:
    """Instant, mode and the next expiry; nothing happens by looking."""
    assert control.get("/clock") == {
        "now": NOON,
        "mode": "frozen",
        "next_expiry": "2026-03-02T12:05:00.000000Z",
        "events": [],
    }


@pytest.mark.parametrize("written", ["5m", "300s", "PT5M", 300, 300.0, "300000ms", "PT300S"])
def test_advance(control: Control, box: Sandbox, purchase: str, written: Any) -> None:
    """Five minutes, however they are written: the reservation expires, and the answer says so."""
    before = stock(box)["free"]
    answered = control.ok("POST", "/clock", {"advance": written})
    assert (answered["now"], answered["mode"], answered["next_expiry"]) == (
        "2026-03-02T12:05:00.000000Z",
        "frozen",
        None,
    )
    (event,) = answered["events"]
    assert {**event, "sentence": ""} == {
        "at": "2026-03-02T12:05:00.000000Z",
        "api": "deem",
        "what": "expired",
        "key": purchase,
        "stock": DEAL,
        "quantity": 2,
        "sentence": "",
    }
    assert purchase in event["sentence"]
    assert stock(box)["free"] == before + 2


def test_back_in_time(control: Control) -> None:
    """A negative distance moves back."""
    assert control.ok("POST", "/clock", {"advance": "-1h"})["now"] == "2026-03-02T11:00:00.000000Z"


def test_travel_freeze_run_next(control: Control, purchase: str) -> None:
    """Each movement does what it says."""
    assert control.ok("POST", "/clock", {"next": True})["events"][0]["key"] == purchase
    assert control.ok("POST", "/clock", {"next": True})["now"] == "2026-03-02T12:05:00.000000Z"
    there = control.ok("POST", "/clock", {"travel_to": "2027-01-01T01:00:00+01:00"})
    assert (there["now"], there["mode"]) == ("2027-01-01T00:00:00.000000Z", "frozen")
    assert control.ok("POST", "/clock", {"run": True})["mode"] == "running"
    assert control.ok("POST", "/clock", {"freeze": True})["mode"] == "frozen"
    assert control.ok("POST", "/clock", {"freeze": NOON})["now"] == NOON


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"advance": "5m", "run": True}, ""),
        ({"advance": "soon"}, "/advance"),
        ({"advance": "P"}, "/advance"),
        ({"advance": None}, "/advance"),
        ({"advance": True}, "/advance"),
        ({"advance": 1e300}, "/advance"),
        ({"advance": "999999999999d"}, "/advance"),
        ({"advance": "3650000d"}, "/advance"),
        ({"advance": 10**30}, "/advance"),
        ({"travel_to": "2026-02-30T00:00:00Z"}, "/travel_to"),
        ({"travel_to": "2026-02-20T00:00:00"}, "/travel_to"),
        ({"travel_to": "1969-01-01T00:00:00Z"}, "/travel_to"),
        ({"travel_to": "9999-12-31T23:59:59Z"}, "/travel_to"),
        ({"travel_to": "0001-01-01T00:00:00+23:59"}, "/travel_to"),
        ({"travel_to": 5}, "/travel_to"),
        ({"freeze": False}, "/freeze"),
        ({"freeze": "now"}, "/freeze"),
        ({"freeze": "2026-13-01T00:00:00Z"}, "/freeze"),
        ({"run": False}, "/run"),
        ({"next": 1}, "/next"),
        ({"tick": True}, "/tick"),
        ([], ""),
        (5, ""),
    ],
)
def test_no_movement(control: Control, body: Any, pointer: str) -> None:
    """What is no movement is a 422 with the pointer, and time stays."""
    assert pointer in pointers(control.refused(422, "POST", "/clock", body))
    assert control.get("/clock")["now"] == NOON


# choices


def test_choices(control: Control) -> None:
    """Each choice says what it is about, what holds and what else could; a change is answered with all of them."""
    before = {choice["name"]: choice for choice in control.get("/choices")["choices"]}
    claim = before["deem.claim_twice"]
    assert claim["value"] == claim["default"] == "conflict"
    assert claim["question"].endswith("?")
    assert [option["value"] for option in claim["options"]] == ["conflict", "same_answer"]
    answered = control.ok("PATCH", "/choices", {"deem.claim_twice": "same_answer"})
    after = {choice["name"]: choice for choice in answered["choices"]}
    assert after == {**before, "deem.claim_twice": {**claim, "value": "same_answer"}}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"deem.claim_twice": "same_answer", "deem.nothing": "x"}, "/deem.nothing"),
        ({"deem.claim_twice": "same_answer", "a/b~c": "x"}, "/a~1b~0c"),
        ({"deem.claim_twice": "perhaps"}, "/deem.claim_twice"),
        ({"deem.claim_twice": 1}, "/deem.claim_twice"),
        ([], ""),
    ],
)
def test_no_choice(control: Control, body: Any, pointer: str) -> None:
    """A choice or a value that there is not is a 422 with the pointer, and none of the others is set."""
    before = control.get("/choices")
    assert pointers(control.refused(422, "PATCH", "/choices", body)) == [pointer]
    assert control.get("/choices") == before


# populate


def test_populate(control: Control, box: Sandbox, deem: Client) -> None:
    """The objects are there, of each API or of the one that is named."""
    made = control.ok("POST", "/populate", {"count": 3})["made"]
    assert {api: len(keys) for api, keys in made.items()} == {"deem": 3, "drip": 3, "supertab": 3, "kajabi": 3}
    assert deem("GET", f"/v1/purchases/{made['deem'][0]}?api_key=1234567").status_code == 200
    assert list(control.ok("POST", "/populate", {"count": 1.0, "api": "drip"})["made"]) == ["drip"]
    assert control.ok("POST", "/populate", {"count": 0, "api": "drip"})["made"] == {"drip": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/count"),
        ({"count": -1}, "/count"),
        ({"count": 1001}, "/count"),
        ({"count": 1.5}, "/count"),
        ({"count": "3"}, "/count"),
        ({"count": True}, "/count"),
        ({"count": 10**40}, "/count"),
        ({"count": 1, "api": "ebay"}, "/api"),
        ({"count": 1, "api": None}, "/api"),
        ({"count": 1, "more": 1}, "/more"),
    ],
)
def test_not_populated(control: Control, box: Sandbox, body: Any, pointer: str) -> None:
    """A wrong count or API is a 422 with the pointer, and nothing is made."""
    before = box.state()
    assert pointer in pointers(control.refused(422, "POST", "/populate", body))
    assert box.state() == before


def test_what_a_request_may_bring_a_state_may_have(control: Control, box: Sandbox) -> None:
    """The deepest value that a vendor's request can leave in a row can be read, and sent back as part of the state."""
    deep: Any = "here"
    for _ in range(60):
        deep = [deep]
    body = {"purchases": [{"amount": 1, "properties": {"deep": deep}}]}
    headers = {"Authorization": "Bearer t"}
    answer = Client(box, "drip")("POST", "/v2/9999999/subscribers/john@acme.com/purchases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    document = control.get("/state")
    control.ok("PUT", "/state", document)
    assert control.get("/state") == document
