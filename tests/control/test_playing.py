"""Scenario files, played in a sandbox over the control API."""

from __future__ import annotations

import pytest
from flask import Flask

from mocktill.core.app import CONTROL
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.client import Client
from tests.control.control import Control


def test_every_file_is_listed(control: Control, catalogue: Catalogue) -> None:
    """Each scenario file of each API is told by its name."""
    listed = {(found["api"], found["name"]) for found in control.get("/scenarios")["scenarios"]}
    assert listed == {
        (api.name, file.name.removesuffix(".yaml"))
        for api in catalogue.apis
        for file in (api.fixtures / "scenarios").iterdir()
        if file.name.endswith(".yaml")
    }


def test_each_can_be_played(control: Control) -> None:
    """After a reset every step of every scenario comes as expected."""
    for found in control.get("/scenarios")["scenarios"]:
        control.ok("POST", "/reset")
        played = control.ok("POST", f"/scenarios/{found['api']}/{found['name']}/play")
        assert played["ok"], played
        assert all(step["title"] and step["problems"] == [] for step in played["steps"])


def test_it_happens_in_the_sandbox(control: Control, box: Sandbox) -> None:
    """What is played happens in the sandbox that was named, in its journal and in its time."""
    other = control.of("b")
    played = other.ok("POST", "/scenarios/deem/reserve-expire-claim/play", {})
    assert [entry["operation"] for entry in other.get("/journal")["entries"]] == [
        "reserve_purchase",
        "get_purchase",
        "claim_purchase",
    ]
    assert other.get("/clock")["now"] == "2026-03-02T12:05:00.000000Z"
    assert len(played["steps"]) == 4
    assert len(box.journal) == 0


def test_steps_are_told_before_and_after(control: Control) -> None:
    """A scenario tells what its steps do and which choices it sets; one that was played, the entry of each request."""
    listed = {(found["api"], found["name"]): found for found in control.get("/scenarios")["scenarios"]}
    found = listed["deem", "reserve-expire-claim"]
    assert [step["kind"] for step in found["steps"]] == ["request", "clock", "request", "request"]
    assert listed["deem", "claim-twice-same-answer"]["choices"] == {"deem.claim_twice": "same_answer"}
    played = control.ok("POST", "/scenarios/deem/reserve-expire-claim/play")
    assert [step["title"] for step in played["steps"]] == [step["title"] for step in found["steps"]]
    assert [step["entry"] for step in played["steps"]] == [1, None, 2, 3]


def test_links_lead_here(app: Flask, box: Sandbox) -> None:
    """The requests are those of a client at this server, so that the links in their answers lead here."""
    url = "http://localhost:8443/~default/"
    app.test_client().post(f"{CONTROL}/scenarios/deem/reserve-claim/play", base_url=url)
    assert {entry.base_url for entry in box.journal} == {"http://localhost:8443/~default/deem"}


def test_its_choices_stay(control: Control) -> None:
    """A scenario sets the choices that it is about, and they stay set."""
    control.ok("POST", "/scenarios/deem/claim-twice-same-answer/play")
    values = {choice["name"]: choice["value"] for choice in control.get("/choices")["choices"]}
    assert values["deem.claim_twice"] == "same_answer"


def test_what_is_not_as_expected_is_told(control: Control, deem: Client) -> None:
    """A sandbox that is no more as the scenario expects it does not pass, and the answer says where."""
    control.ok("POST", "/faults", {"what": {"status": 503}})
    played = control.ok("POST", "/scenarios/deem/reserve-claim/play")
    assert played["ok"] is False
    assert "503" in played["steps"][0]["problems"][0]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_nobody_waits_for_a_delay(control: Control, moment: str) -> None:
    """A rule that delays strikes, and the scenario goes on at once."""
    control.ok("POST", "/faults", {"what": {"delay": "1h"}, "moment": moment})
    assert control.ok("POST", "/scenarios/deem/reserve-claim/play")["ok"] is True
    assert control.get("/faults")["faults"][0]["hits"] == 2


def test_no_scenario(control: Control) -> None:
    """An unknown name is a 404, also one that leads elsewhere."""
    assert control.refused(404, "POST", "/scenarios/deem/nothing/play")["detail"] == "deem has no scenario nothing"
    for path in ("ebay/reserve-claim", "deem/reserve-claim.yaml", "deem/..", "drip/reserve-claim"):
        assert control.refused(404, "POST", f"/scenarios/{path}/play")
    assert control.refused(422, "POST", "/scenarios/deem/reserve-claim/play", {"more": 1})


@pytest.mark.parametrize("connection", ["drop", "cut", "never"])
def test_an_answer_that_does_not_arrive_is_a_problem(control: Control, box: Sandbox, connection: str) -> None:
    """A fault that keeps an answer from arriving lets the step fail, as its client would."""
    box.faults.add({"what": {"connection": connection}, "moment": "after"})
    played = control.ok("POST", "/scenarios/deem/reserve-expire-claim/play")
    assert not played["ok"]
    assert played["steps"][0]["problems"] == [f"a fault keeps the answer from arriving: {connection}"]


def test_a_delay_is_not_waited_for(control: Control, box: Sandbox) -> None:
    """Nobody waits for a scenario: what is late comes at once, and is otherwise as it was."""
    box.faults.add({"what": {"delay": "1h"}})
    assert control.ok("POST", "/scenarios/deem/reserve-expire-claim/play")["ok"]
