"""Scenarios in this process: through the front door, in the default sandbox."""

from __future__ import annotations

import pytest

from mocktill.core.api import JSON
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import Scenario
from mocktill.doors.player import play_in_process


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Fresh sandboxes."""
    return Sandboxes(catalogue)


def scenario(*steps: JSON, api: str = "deem", choices: dict[str, str] | None = None) -> Scenario:
    """Make a scenario of steps."""
    return Scenario("a.yaml", api, "A", "", steps, choices or {})


READ: JSON = {
    "title": "Read",
    "request": {"method": "GET", "path": "/v1/purchases/34063ec2", "query": {"api_key": "1"}},
    "expect": {"status": 200, "basis": "documented", "headers": {"Content-Type": "application/json"}},
}


def test_requests_go_to_the_scenarios_api(sandboxes: Sandboxes) -> None:
    """Paths are the vendor's own; the answer's status, headers and body are compared."""
    (step,) = play_in_process(scenario(READ), sandboxes)
    assert (step.said, step.problems) == ("GET /v1/purchases/34063ec2?api_key=1 → 200", ())
    assert [entry.operation for entry in sandboxes.default.journal] == ["get_purchase"]


def test_the_default_sandbox_is_steered(sandboxes: Sandboxes) -> None:
    """Choices, rows and clock are those of the default sandbox."""
    change = {"title": "Change", "change": {"table": "deem.deals", "key": "last-one", "row": {"price": 1}}}
    list(play_in_process(scenario(change, choices={"deem.claim_twice": "same_answer"}), sandboxes))
    row = sandboxes.default.table("deem.deals").get("last-one")
    assert row is not None
    assert row["price"] == 1
    assert sandboxes.default.choices["deem.claim_twice"] == "same_answer"


def test_other_sandboxes_are_left_alone(sandboxes: Sandboxes) -> None:
    """What a scenario does in the default sandbox is seen in no other."""
    other = sandboxes.make("other")
    list(play_in_process(scenario(READ, choices={"deem.claim_twice": "same_answer"}), sandboxes))
    assert len(other.journal) == 0
    assert other.choices["deem.claim_twice"] == "conflict"


def test_a_difference_is_a_problem(sandboxes: Sandboxes) -> None:
    """What did not come as expected is said with what was expected and what came."""
    wrong = {**READ, "expect": {"status": 404}}
    (step,) = play_in_process(scenario(wrong), sandboxes)
    assert step.problems[0].startswith("expected status 404, got 200: ")


def test_steps_are_played_one_by_one(sandboxes: Sandboxes) -> None:
    """A step is played when it is asked for: whoever prints them sees each as it happens."""
    steps = play_in_process(scenario(READ, READ), sandboxes)
    next(steps)
    assert len(sandboxes.default.journal) == 1


def test_an_unknown_api_is_refused_at_once(sandboxes: Sandboxes) -> None:
    """A scenario of an API that there is not is refused before anything is played."""
    with pytest.raises(ValueError, match="there is no API 'ebay'; there are deem, drip, supertab, kajabi"):
        play_in_process(scenario(READ, api="ebay"), sandboxes)


def test_the_setup_holds(catalogue: Catalogue) -> None:
    """The scenario plays in the sandboxes as they were set up."""
    sandboxes = Sandboxes(catalogue, Setup(choices={"deem.unknown_credentials": "refuse"}))
    (step,) = play_in_process(scenario({**READ, "expect": {"status": 401}}), sandboxes)
    assert step.problems == ()
