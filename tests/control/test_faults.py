"""The fault rules of a sandbox, over the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.control.control import Control

RULE = {"when": {"operation": "deem.get_purchase", "next": 1}, "what": {"status": 503}}
READ = "/v1/purchases/34063ec2?api_key=1234567"


def test_a_rule_comes_and_goes(control: Control, deem: Client) -> None:
    """A rule is answered with its id, counts what it does, and is removed by its id."""
    assert control.ok("POST", "/faults", RULE) == {"id": "1", "rule": RULE, "calls": 0, "hits": 0}
    assert [deem("GET", READ).status_code for _ in range(2)] == [503, 200]
    assert control.get("/faults") == {"faults": [{"id": "1", "rule": RULE, "calls": 2, "hits": 1}]}
    assert control("DELETE", "/faults/1").status_code == 204
    assert control.get("/faults") == {"faults": []}
    assert control.refused(404, "DELETE", "/faults/1")["detail"] == "there is no fault 1"


def test_all_rules_go(control: Control) -> None:
    """DELETE without an id removes all; ids go on."""
    assert [control.ok("POST", "/faults", RULE)["id"] for _ in range(2)] == ["1", "2"]
    assert control("DELETE", "/faults").status_code == 204
    assert control.get("/faults") == {"faults": []}
    assert control.ok("POST", "/faults", RULE)["id"] == "3"


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({}, "/what"),
        ({"what": {}}, "/what"),
        ({"what": {"status": 199}}, "/what/status"),
        ({"what": {"status": 600}}, "/what/status"),
        ({"what": {"status": 204.5}}, "/what/status"),
        ({"what": {"headers": {"X": "a\r\nb"}}}, "/what/headers/X"),
        ({"what": {"headers": {"X\n": "a"}}}, "/what/headers"),
        ({"what": {"headers": {"Content-Length": "1"}}}, "/what/headers/Content-Length"),
        ({"what": {"error": "nothing_known"}}, "/what/error"),
        ({"what": {"delay": "2 hours"}}, "/what/delay"),
        ({"what": {"delay": "2d"}}, "/what/delay"),
        ({"what": {"connection": "explode"}}, "/what/connection"),
        ({"what": {"status": 503}, "when": {"api": "ebay"}}, "/when/api"),
        ({"what": {"status": 503}, "when": {"operation": "deem.nothing"}}, "/when/operation"),
        ({"what": {"status": 503}, "when": {"until": "2026-02-30T00:00:00Z"}}, "/when/until"),
        ({"what": {"status": 503}, "when": {"nth": 10**40}}, "/when/nth"),
        ({"what": {"status": 503}, "when": {"probability": 2}}, "/when/probability"),
        ({"what": {"status": 503}, "moment": "during"}, "/moment"),
        ([], ""),
        (None, "/what"),
    ],
)
def test_a_rule_that_cannot_be(control: Control, rule: Any, pointer: str) -> None:
    """A rule that breaks the schema, or could not be answered, is a 422 with the pointer, and none is added."""
    problem = control.refused(422, "POST", "/faults", rule)
    assert any(found["pointer"].startswith(pointer) for found in problem["violations"])
    assert control.get("/faults") == {"faults": []}


def test_rules_are_bounded(control: Control) -> None:
    """Over the bound one more is a 409."""
    for _ in range(100):
        control.ok("POST", "/faults", RULE)
    assert "100 fault rules" in control.refused(409, "POST", "/faults", RULE)["detail"]
    assert "100 fault rules" in control.refused(409, "POST", "/faults/presets/slow")["detail"]


def test_presets(control: Control) -> None:
    """Each preset says what it is about, and can be added, narrowed down or not."""
    presets = control.get("/faults/presets")["presets"]
    assert {"slow", "dropped", "lost-answer"} <= {preset["name"] for preset in presets}
    assert all(preset["title"] and preset["about"].endswith(".") for preset in presets)
    for preset in presets:
        assert control.ok("POST", f"/faults/presets/{preset['name']}")["rule"] == preset["rule"]
    narrowed = control.ok("POST", "/faults/presets/slow", {"when": {"api": "drip"}})
    assert narrowed["rule"]["when"]["api"] == "drip"
    assert len(control.get("/faults")["faults"]) == len(presets) + 1


def test_no_preset(control: Control) -> None:
    """An unknown name is a 404 that lists those there are; a wrong `when` is a 422."""
    assert "slow" in control.refused(404, "POST", "/faults/presets/nothing")["detail"]
    wrong: list[Any] = [{"when": 1}, {"when": {"api": 1}}, {"when": {"api": "ebay"}}, {"what": {}}, []]
    for body in wrong:
        assert control.refused(422, "POST", "/faults/presets/slow", body)["violations"]
    assert control.get("/faults") == {"faults": []}
