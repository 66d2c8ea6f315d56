"""Scenario files as tests: `checkout.mocktill.yaml` is played in a sandbox of its own, where the run has its sandboxes.

What the scenario expects is what is judged: one that tests a refusal breaks the contract on purpose. Markers, which a
YAML file cannot have, do not count; what the ini file says does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

from mocktill.core.scenario import Scenario, Step, load_scenario
from mocktill.core.seeds import BrokenSeed
from mocktill.doors.logs.logline import printable
from mocktill.doors.player import play_over_http
from mocktill.doors.plugin import SUFFIX, case_of


class Unexpected(Exception):
    """A step of a scenario did not come as the file expects; the text tells all steps."""


class ScenarioFile(pytest.File):
    """A file with one scenario."""

    def collect(self) -> Iterable[ScenarioItem]:
        """Yield its scenario; a broken file is an error of the collection, with line and pointer."""
        try:
            scenario = load_scenario(self.path)
        except BrokenSeed as error:
            raise self.CollectError(str(error)) from None
        yield ScenarioItem.from_parent(self, name=self.path.name.removesuffix(SUFFIX), scenario=scenario)


class ScenarioItem(pytest.Item):
    """A scenario as a test."""

    def __init__(self, *, scenario: Scenario, **more: Any) -> None:
        super().__init__(**more)
        self._scenario = scenario

    def runtest(self) -> None:
        """Play the scenario; raise `Unexpected` for a step that does not come as it should."""
        scenario = self._scenario
        with case_of(self).sandbox(marked=False) as box:
            steps, wrong = [], ""
            try:
                steps = list(play_over_http(scenario, box, box.url(scenario.api)))
            except (LookupError, ValueError, OSError, RuntimeError) as error:
                wrong = f"{scenario.file}: {error.args[0] if isinstance(error, LookupError) else error}"
            if wrong:  # raised here, no other exception is told besides
                pytest.fail(wrong, pytrace=False)
            if any(step.problems for step in steps):
                raise Unexpected("\n".join(told(scenario, steps)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what a person reads: of a step that did not come as expected, the steps; no lines of ours."""
        if isinstance(excinfo.value, Unexpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Return where it is, and what it is called."""
        return self.path, 0, f"{self.path.name}: {self._scenario.title}"


def told(scenario: Scenario, steps: Iterable[Step]) -> list[str]:
    """Return a line for each step that was played, and beneath it what was not as expected."""
    return [
        printable(f"{scenario.title} ({scenario.api})"),
        *[printable(f"  {line}") for step in steps for line in step.lines],
    ]
