"""The pulse: numbers that tell whether anything has changed, and nothing made by asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mocktill.control.app import create_root
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.client import Client
from tests.control.control import Control

DEAL = "la-1024-wsc-hair-studio-01-2"
STOCK = f"/state/deem.stock/{DEAL}"
RULE = {"what": {"status": 503}}


def test_what_it_tells(control: Control, box: Sandbox, purchase: str) -> None:
    """It says what time it is, what expires next, how far the journal is, and how many rules are in force."""
    control.ok("POST", "/faults", RULE)
    told = control.get("/pulse")
    assert {key: told[key] for key in ("sandbox", "exists", "now", "mode", "next_expiry", "journal", "faults")} == {
        "sandbox": "default",
        "exists": True,
        "now": "2026-03-02T12:00:00.000000Z",
        "mode": "frozen",
        "next_expiry": "2026-03-02T12:05:00.000000Z",
        "journal": {"last": 1, "remarked": 0, "kept": 1},
        "faults": 1,
    }
    assert told["rows"] == box.store.commits


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda ask: ask("PATCH", STOCK, {"free": 1}), {"rows"}),
        (lambda ask: ask("POST", "/populate", {"count": 1, "api": "deem"}), {"rows"}),
        (lambda ask: ask("PATCH", "/choices", {"deem.claim_twice": "same_answer"}), {"rows"}),
        (lambda ask: ask("POST", "/clock", {"advance": "1s"}), {"rows", "now"}),
        (lambda ask: ask("POST", "/faults", RULE), {"rows", "faults"}),
        (lambda ask: ask("PUT", "/snapshots/a"), {"snapshots"}),
        (lambda ask: (ask("PUT", "/snapshots/a"), ask("DELETE", "/snapshots/a")), {"snapshots"}),
        (lambda ask: ask("POST", "/reset"), {"rows", "generation", "journal"}),
        (lambda ask: ask("PUT", "/state", ask("GET", "/state")), {"rows", "generation", "journal"}),
        (lambda ask: ask("POST", "/sandboxes", {"name": "b"}), {"sandboxes"}),
        (lambda ask: ask("GET", "/state"), set()),
    ],
)
def test_what_changes_is_seen(control: Control, change: Callable[[Any], Any], what: set[str]) -> None:
    """Each change of a sandbox changes the numbers that tell of it, and no others; what is only read changes none."""
    before = control.get("/pulse")
    change(control.ok)
    after = control.get("/pulse")
    assert {key for key in after if after[key] != before[key]} == what


def test_a_request_is_seen(control: Control, deem: Client, purchase: str) -> None:
    """A request shows in the journal, and in the rows if it changed any."""
    before = control.get("/pulse")
    deem("GET", f"/v1/purchases/{purchase}?api_key=1234567")
    read = control.get("/pulse")
    assert (read["journal"]["last"], read["rows"]) == (2, before["rows"])
    deem("PUT", f"/v1/purchases/{purchase}/release?api_key=1234567")
    assert control.get("/pulse")["rows"] > read["rows"]


def test_what_is_due_expires_by_it(control: Control, box: Sandbox, purchase: str) -> None:
    """Nobody has to ask an API for a hold to run out."""
    with box.changing():
        box.table("mocktill.clock").put("clock", {"mode": "frozen", "at": "2026-03-02T12:06:00.000000Z"})
    told = control.get("/pulse")
    assert (told["next_expiry"], told["journal"]["remarked"]) == (None, 1)
    assert box.view("deem").stock(DEAL).held == 0


def test_no_sandbox_is_made(control: Control, sandboxes: Sandboxes) -> None:
    """One that is not there is told to be none, and is none afterwards; its coming and going is seen."""
    other = control.of("b")
    told = other.get("/pulse")
    nothing = {"last": 0, "remarked": 0, "kept": 0}
    assert (told["sandbox"], told["exists"], told["now"], told["mode"]) == ("b", False, None, None)
    assert (told["journal"], told["rows"], told["generation"], told["next_expiry"]) == (nothing, 0, 0, None)
    assert [box.name for box, _ in sandboxes.all()] == ["default"]
    sandboxes.get("b")
    there = other.get("/pulse")
    assert (there["exists"], there["sandboxes"]) == (True, told["sandboxes"] + 1)
    sandboxes.delete("b")
    assert other.get("/pulse") == {**told, "sandboxes": there["sandboxes"] + 1}


def test_whoever_must_go_is_seen(control: Control, sandboxes: Sandboxes) -> None:
    """The set changes as well where the longest idle makes room, and where one is made to stay; a pulse is no use."""
    for name in "abcd":
        sandboxes.get(name)
    before = control.of("a").get("/pulse")
    sandboxes.get("e")
    after = control.of("a").get("/pulse")
    assert (before["exists"], after["exists"]) == (True, False)
    assert after["sandboxes"] == before["sandboxes"] + 2
    sandboxes.keep("e")
    assert control.get("/pulse")["sandboxes"] == after["sandboxes"] + 1


def test_one_server_is_told_from_another(control: Control, sandboxes: Sandboxes) -> None:
    """A server says the same of itself as long as it lives, and no other says it."""
    assert control.get("/pulse")["server"] == control.of("b").get("/pulse")["server"]
    assert Control(create_root(sandboxes), sandboxes).get("/pulse")["server"] != control.get("/pulse")["server"]


def test_no_name_of_a_sandbox(control: Control) -> None:
    """What is no name is refused, as everywhere."""
    assert control.of("a b").refused(422, "GET", "/pulse")
