"""Every scenario file plays, and the flows that an integrator needs are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import load_scenario
from mocktill.doors.player import play_in_process

FIXTURES = Path(__file__).parents[1] / "fixtures"
FILES = sorted(FIXTURES.glob("*/scenarios/*.yaml"))
FLOWS = {
    "deem/reserve-claim": ["POST 200", "clock", "PUT 200"],
    "deem/reserve-release": ["POST 200", "PUT 200"],
    "deem/reserve-expire-claim": ["POST 200", "clock", "PUT 200"],
    "deem/reserve-expire-claim-sold-out": ["POST 200", "clock", "POST 200", "PUT 422"],
    "deem/claim-twice": ["POST 200", "PUT 200", "PUT 409"],
    "deem/release-twice": ["POST 200", "PUT 200", "PUT 200"],
    "deem/release-after-claim": ["POST 200", "PUT 200", "PUT 409"],
    "deem/sold-out": ["POST 422"],
    "deem/price-mismatch": ["POST 422"],
    "deem/declined-card": ["POST 422"],
    "drip/create-list-fetch": ["GET 200", "POST 201", "GET 200", "GET 200", "GET 200"],
    "drip/paging": ["POST 201", "GET 200", "GET 200"],
    "supertab/pay-the-tab": ["GET 200", "change", "GET 200"],
    "kajabi/sparse-fields": ["GET 200"],
}
"""The flows that have to exist, each with steps that it takes in this order, maybe among others."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}/{file.stem}")
def test_a_scenario_plays(file: Path, catalogue: Catalogue) -> None:
    """Each step of the file comes as expected in a fresh sandbox."""
    scenario = load_scenario(file)
    played = list(play_in_process(scenario, Sandboxes(catalogue)))
    assert [(step.title, step.problems) for step in played if step.problems] == []
    assert [step.title for step in played] == [step["title"] for step in scenario.steps]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}/{file.stem}")
def test_a_scenario_is_of_its_folders_api(file: Path) -> None:
    """A scenario lies in the folder of its API, says what it is about, and expects something of each request."""
    scenario = load_scenario(file)
    assert scenario.api == file.parents[1].name
    assert scenario.about.endswith(".")
    for step in scenario.steps:
        if "request" in step:
            assert {"status", "basis"} & set(step.get("expect", {})), step["title"]


def test_titles_name_one_scenario_each() -> None:
    """Within an API no two scenarios have the same title."""
    titles = [(scenario.api, scenario.title) for scenario in map(load_scenario, FILES)]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("flow", FLOWS)
def test_the_flows_are_there(flow: str) -> None:
    """The flow has a file, which takes these steps in this order."""
    api, _, name = flow.partition("/")
    scenario = load_scenario(FIXTURES / api / "scenarios" / f"{name}.yaml")
    steps = iter([_said(step) for step in scenario.steps])
    assert all(wanted in steps for wanted in FLOWS[flow])  # `in` goes on from where the last one was found


def _said(step: dict[str, dict[str, object]]) -> str:
    if "request" not in step:
        return next(kind for kind in ("clock", "change", "act") if kind in step)
    return f"{step['request']['method']} {step.get('expect', {}).get('status')}"


def test_the_flows_show_what_they_are_for() -> None:
    """250 purchases are made and paged through, the lifetime value is looked at, and a tab is paid."""
    paging = load_scenario(FIXTURES / "drip" / "scenarios" / "paging.yaml")
    assert max(step.get("repeat", 1) for step in paging.steps) == 250
    for name in ("paging", "create-list-fetch"):
        text = (FIXTURES / "drip" / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
        assert "lifetime_value" in text
    tab = load_scenario(FIXTURES / "supertab" / "scenarios" / "pay-the-tab.yaml")
    assert [step["change"]["table"] for step in tab.steps if "change" in step] == ["supertab.tabs"]
    assert [step["expect"]["body"]["status"] for step in tab.steps if "request" in step] == ["pending", "completed"]
