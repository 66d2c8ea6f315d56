"""What a test costs: with Mocktill in process, and with hand-written stubs; and what the installed plugin costs all."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.benchmarks.ours import Run

ROOT = Path(__file__).parents[2]
WARM = 20
"""How many tests of a run are not counted: what is loaded once, they pay for."""
CONTENDERS = {
    "mocktill_requests": "Mocktill, requests",
    "stub_responses": "stubs of responses, requests",
    "stub_httpserver": "stubs of pytest-httpserver, requests",
    "mocktill_httpx": "Mocktill, httpx",
    "stub_respx": "stubs of respx, httpx",
    "flask_client": "a fresh Flask test client",
}
PLUGINS = ("mocktill.doors.plugin", "pytest_httpserver.pytest_plugin")
STARTS = 20


def tests(run: Run) -> None:
    """Run the same test a thousand times through each, in turn; print the time of one, and the ratios."""
    costs: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(run.rounds):
        for name in CONTENDERS:
            costs[name].append(_cost(name))
    medians = {name: statistics.median(found) for name, found in costs.items()}
    for name, title in CONTENDERS.items():
        spread = f"of {min(costs[name]) * 1000:.2f} to {max(costs[name]) * 1000:.2f}"
        print(f"reserve, claim, get as a test, {title:<37}: {medians[name] * 1000:.2f} ms ({spread})")
    for mine, other in (
        ("mocktill_requests", "stub_responses"),
        ("mocktill_requests", "stub_httpserver"),
        ("mocktill_requests", "flask_client"),
        ("mocktill_httpx", "stub_respx"),
    ):
        print(f"  {CONTENDERS[mine]} to {CONTENDERS[other]}: ratio {medians[mine] / medians[other]:.2f}")

    fresh()


def fresh(count: int = 1_000) -> None:
    """How long it takes until a fresh sandbox is there, and gone again."""
    from mocktill.doors.testing.context import entered
    from mocktill.doors.testing.settings import Settings

    with entered(Settings()):  # whatever is loaded once is loaded
        pass
    seconds = []
    for _ in range(count):
        begun = time.perf_counter()
        with entered(Settings()):
            pass
        seconds.append(time.perf_counter() - begun)
    print(f"a fresh sandbox: median {statistics.median(seconds) * 1000:.3f} ms, with all patches, and gone again")


def plugin(run: Run) -> None:
    """How much longer a run of pytest takes that does not use the plugin, which is installed."""
    (run.folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    variants: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(run.rounds * STARTS // 5 * 2):
        name = ("with", "without")[number % 2]
        ours = ["-p", PLUGINS[0]] if name == "with" else []  # nothing else is loaded: others would drown it
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ours, "test_nothing.py"],
            cwd=run.folder, check=True, capture_output=True, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )  # fmt: skip
        variants[name].append(time.perf_counter() - begun)
    there, gone = (statistics.median(variants[name]) for name in ("with", "without"))
    least = min(variants["with"]) - min(variants["without"])
    print(
        f"a run of pytest with one empty test: {there * 1000:.0f} ms with the plugin, {gone * 1000:.0f} ms without,"
        f" {(there - gone) * 1000:.1f} ms more (by the least of each: {least * 1000:.1f})"
    )


def _cost(name: str) -> float:
    """Return the seconds that one test of a contender takes: setup, call and teardown as pytest counts them."""
    plugins = [part for plugin in (*PLUGINS, __name__) for part in ("-p", plugin)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", *plugins,
         str(Path(__file__).parent / "contenders" / f"{name}.py")],
        cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "MOCKTILL_URL": ""},
    )  # fmt: skip
    found = next((line for line in ran.stdout.splitlines() if line.startswith(SAID)), None)
    if ran.returncode or found is None:
        raise SystemExit(f"{name} cannot be measured:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return float(found.removeprefix(SAID))


SAID = "seconds of one test: "


class _Durations:
    """Gathers what pytest says that each test took."""

    def __init__(self) -> None:
        self._found: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._found[report.nodeid] = self._found.get(report.nodeid, 0.0) + report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        counted = list(self._found.values())[WARM:]
        terminalreporter.write_line(f"{SAID}{sum(counted) / len(counted)}")


def pytest_configure(config: pytest.Config) -> None:
    """Be a plugin that measures, for the runs that are begun here."""
    config.pluginmanager.register(_Durations())
