"""Scenario files that a test run finds."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.api import JSON
from mocktill.doors.remote.client import ControlClient
from tests.doors.testing.inner import Inner
from tests.doors.testing.inner import inner as inner

SCENARIO = """\
    version: 1
    api: deem
    title: The last unit is sold once
    steps:
      - title: Reserve it
        request:
          method: POST
          path: /v1/purchases/reserve
          query: {api_key: "1234567"}
          body: {deal_id: last-one, num_bought: 1}
        expect: {status: 200}
        save: {purchase: /purchase/purchase_id}
      - title: Somebody else comes too late
        request:
          method: POST
          path: /v1/purchases/reserve
          query: {api_key: "1234567"}
          body: {deal_id: last-one, num_bought: 1}
        expect: {status: 422}
      - title: It runs out
        clock: {advance: 6m}
        expect: {events: 1}
      - title: What is no number is refused
        request:
          method: POST
          path: /v1/purchases/reserve
          query: {api_key: "1234567"}
          body: {deal_id: last-one, num_bought: two}
        expect: {status: 422}
"""


@pytest.mark.parametrize("option", [None, "--mocktill-live"])
def test_a_scenario_is_a_test(inner: Inner, option: str | None) -> None:
    """It is played where the run has its sandboxes; a refusal that it tests is no violation, and nothing leaks."""
    inner.write("last.mocktill.yaml", SCENARIO)
    inner.write("other.yaml", "no scenario")
    said = inner.says("-v", *[option] if option else [], passed=1)
    assert "last.mocktill.yaml::last PASSED" in said


def test_a_scenario_is_played_on_a_server(inner: Inner, url: str) -> None:
    """On one that runs, too."""
    inner.write("last.mocktill.yaml", SCENARIO)
    assert f"mocktill: sandboxes on {url}" in inner.says(f"--mocktill-url={url}", passed=1)


def test_each_has_a_sandbox_of_its_own(inner: Inner) -> None:
    """Two that need the same last unit both pass."""
    for name in ("one", "two"):
        inner.write(f"{name}.mocktill.yaml", SCENARIO)
    inner.says(passed=2)


def test_a_step_that_fails_is_told_with_all_steps(inner: Inner) -> None:
    """All steps that were played, the problem beneath its step, and the journal; no line of ours."""
    inner.write("last.mocktill.yaml", SCENARIO.replace("expect: {events: 1}", "expect: {events: 2}"))
    said = inner.says(failed=1)
    assert "_ last.mocktill.yaml: The last unit is sold once _" in said
    assert "   ok  Reserve it: POST /v1/purchases/reserve?api_key=1234567 → 200" in said
    assert "  FAIL It runs out: it is " in said
    assert "       expected 1 events" not in said
    assert "       expected 2 events, got 1" in said
    assert "- Mocktill journal of last.mocktill.yaml-last-" in said
    assert "to repeat it: pytest -o mocktill_seed=1 -o mocktill_now=20" in said
    assert "mark.mocktill" not in said
    assert "collector.py" not in said
    assert "player.py" not in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("steps:", "stepps:"), "{file}:4: /stepps: "),
        (("method: POST", "method: [POST"), "{file}:8: /: "),
        (("clock: {advance: 6m}", "clock: {back: 6m}"), "{file}:21: /steps/2/clock/back: "),
    ],
)
def test_a_broken_file_is_an_error_of_the_collection(inner: Inner, wrong: tuple[str, str], said: str) -> None:
    """In one line, with file, line and pointer; the other tests of the run are not touched."""
    file = inner.path / "last.mocktill.yaml"
    inner.write(file.name, SCENARIO.replace(*wrong))
    told = inner.says("--continue-on-collection-errors", errors=1)
    section = told.partition("ERROR collecting last.mocktill.yaml")[2].splitlines()
    assert section[1].startswith(said.format(file=file))
    assert section[2].startswith("====")


@pytest.mark.parametrize("fails", ["clock", "choices"])
def test_a_server_that_goes_meanwhile(inner: Inner, monkeypatch: pytest.MonkeyPatch, url: str, fails: str) -> None:
    """The scenario fails in words, with the steps so far; no line of ours."""
    call = ControlClient.call

    def break_off(client: ControlClient, method: str, *path: str, **more: Any) -> JSON:
        if path[0] == fails and method != "GET":
            raise ConnectionError("no server answers any more")
        return call(client, method, *path, **more)

    monkeypatch.setattr(ControlClient, "call", break_off)
    inner.write("last.mocktill.yaml", SCENARIO.replace("steps:", "choices: {deem.claim_twice: conflict}\n    steps:"))
    said = inner.says(f"--mocktill-url={url}", failed=1)
    assert "no server answers any more" in said
    assert ("   ok  Reserve it: POST" in said) == ("  FAIL It runs out: not played" in said) == (fails == "clock")
    assert "collector.py" not in said
    assert "client.py" not in said


def test_nothing_said_steers_the_terminal(inner: Inner) -> None:
    """What a file says is printed without what could steer the terminal."""
    inner.write("last.mocktill.yaml", SCENARIO.replace("/v1/purchases/reserve", '"/v1\\r\\n\\e[2J\\0"', 1))
    said = inner.says(failed=1)
    assert r"/v1\x0d\x0a\x1b[2J\x00" in said
    assert not {"\r", "\x1b", "\0"} & set(said)


def test_an_api_that_there_is_not(inner: Inner) -> None:
    """A scenario of an API that the sandbox has not fails in a line."""
    inner.write("last.mocktill.yaml", SCENARIO)
    inner.ini("mocktill_apis = drip")
    said = inner.says(failed=1)
    assert f"{inner.path / 'last.mocktill.yaml'}: there is no API 'deem'" in said
    assert "During handling of" not in said
    assert "collector.py" not in said


def test_a_choice_that_there_is_not(inner: Inner) -> None:
    """So does one that sets what is no choice."""
    inner.write("last.mocktill.yaml", SCENARIO.replace("steps:", "choices: {deem.nothing: x}\n    steps:"))
    said = inner.says(failed=1)
    assert "last.mocktill.yaml: there is no choice 'deem.nothing'" in said


def test_settings_of_the_run_count(inner: Inner) -> None:
    """What the ini file says of sandboxes holds here as well, and a mistake in it is a sentence."""
    inner.write("last.mocktill.yaml", SCENARIO)
    inner.ini("mocktill_now = noon")
    assert "mocktill: now is an instant with a time zone" in inner.says(failed=1)


def test_scenarios_run_beside_tests(inner: Inner) -> None:
    """They are chosen like other tests."""
    inner.write("last.mocktill.yaml", SCENARIO)
    inner.tests("def test_it(mocktill): buy()")
    inner.says(passed=2)
    inner.says("-k", "last", passed=1, deselected=1)
    inner.says("last.mocktill.yaml", passed=1)
