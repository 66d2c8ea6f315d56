"""The pytest plugin: the fixtures `mocktill` and `mocktill_live`, the marker, options, and scenario files as tests.

Every run of pytest imports this where Mocktill is installed, and coverage only begins afterwards: nothing else of
Mocktill is imported before a test asks for a fixture, or a scenario file is found.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mocktill.doors.testing.case import Case
    from mocktill.doors.testing.collector import ScenarioFile
    from mocktill.doors.testing.mocktill import Mocktill

SUFFIX = ".mocktill.yaml"
"""How the names of scenario files end that are tests."""
MARKER = (
    "mocktill(apis, seed, now, choices, faults, state, answers, violations='fail'|'warn'|'allow', webhooks): "
    "how the sandbox of a test begins, and what becomes of requests that break the contract. "
    "A marker counts more than those further away and than the ini file, for each setting by itself."
)
CASE = pytest.StashKey["Case"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where the sandboxes are, and in the ini file also how they begin."""
    group = parser.getgroup("mocktill", "mocktill: a sandbox of purchase APIs for each test")
    group.addoption(
        "--mocktill-url",
        metavar="URL",
        help="Make the sandboxes on the server that runs at URL, and delete them afterwards. [$MOCKTILL_URL]",
    )
    group.addoption(
        "--mocktill-token",
        metavar="TOKEN",
        help="Token of that server's control API, where it wants one. [$MOCKTILL_CONTROL_TOKEN]",
    )
    group.addoption(
        "--mocktill-live",
        action="store_true",
        default=None,
        help="Make the sandboxes on a server of this process, over real sockets. [$MOCKTILL_LIVE]",
    )
    parser.addini("mocktill_apis", "APIs that sandboxes have; all if unset.", type="args")
    for name, said in (
        ("mocktill_seed", "Seed of identifiers and made-up values: a whole number."),
        ("mocktill_now", "Instant at which clocks stand still, as in 2026-03-02T12:00:00Z."),
        ("mocktill_state", "File with the state that sandboxes begin with, relative to the root folder."),
        ("mocktill_fixtures", "Folder with seed files of your own, for sandboxes of this process."),
        ("mocktill_answers", "stateful, canned or generated."),
        ("mocktill_violations", "What becomes of requests that break the contract: fail, warn or allow."),
        ("mocktill_url", "URL of a server that runs, as --mocktill-url."),
    ):
        parser.addini(name, said, default=None)
    parser.addini("mocktill_choices", "Where the docs are silent: lines of NAME=VALUE.", type="linelist")
    parser.addini("mocktill_faults", "Names of fault presets, a line for each.", type="linelist")
    parser.addini(
        "mocktill_pass_hosts",
        "Patterns of the hosts, beside the vendors', that tests may reach; * is all, and nothing is none.",
        type="args",
        default=["*"],
    )
    parser.addini("mocktill_live", "Make the sandboxes on a server of this process.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say where the sandboxes are, unless they are in process."""
    asked = (config.getoption("mocktill_url"), config.getoption("mocktill_live"))
    environment = (os.environ.get("MOCKTILL_URL"), os.environ.get("MOCKTILL_LIVE"))
    if not any((*asked, *environment, _ini(config, "mocktill_url"), _ini(config, "mocktill_live"))):
        return None
    from mocktill.doors.testing.options import header

    return header(config)


def _ini(config: pytest.Config, name: str) -> object:
    try:
        return config.getini(name)
    except (TypeError, ValueError, pytest.UsageError):
        return True  # something is said, and `header` says what is wrong with it


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Take files called `*.mocktill.yaml` for scenarios, each of which is a test."""
    if not file_path.name.endswith(SUFFIX):
        return None
    from mocktill.doors.testing.collector import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge what a test has done whose body raised nothing, so that it is the test that fails."""
    result = yield
    case = item.stash.get(CASE, None)
    if case is not None:
        case.judge()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of a failing test have the journals of its sandboxes; with its end they are forgotten."""
    report = yield
    case = item.stash.get(CASE, None)
    if report.failed and case is not None:
        report.sections += case.sections()
    if call.when == "teardown" and case is not None:
        del item.stash[CASE]
    return report


def case_of(item: pytest.Item) -> Case:
    """Return the case of a test: another one where it is run again, since each is forgotten at its end."""
    from mocktill.doors.testing.case import Case

    case = item.stash.get(CASE, None)
    if case is None:
        case = item.stash[CASE] = Case(item)
    return case


@pytest.fixture
def mocktill(request: pytest.FixtureRequest) -> Iterator[Mocktill]:
    """A fresh sandbox of the purchase APIs, to which calls of this process to the vendors' hosts lead.

    Requests of requests, urllib3, httpx and aiohttp to https://api.getdrip.com/v2/… or to `mocktill.url("drip")` are
    answered in this process, without a socket; no vendor is ever reached. What a test says of time, faults and state
    is for its own sandbox: `mocktill.clock.advance(minutes=6)`, `mocktill.faults.add(…)`, `mocktill.deem.stock(…)`,
    `mocktill.journal`. A request that breaks the contract, or is for no operation, fails the test unless it says
    `mocktill.expect_violation(…)`. With --mocktill-live or --mocktill-url the sandbox is on a server.

    `@pytest.mark.mocktill(now="2026-03-02T12:00:00Z", seed=7, …)` says how it begins.
    """
    with case_of(request.node).sandbox() as box:
        yield box


@pytest.fixture
def mocktill_live(request: pytest.FixtureRequest) -> Iterator[Mocktill]:
    """A fresh sandbox behind a real socket: for subprocesses, browsers and other languages.

    As `mocktill`, but `mocktill_live.url("deem")` is a URL that any program of this machine reaches. One server thread
    of this process answers for all tests, or the server of --mocktill-url.
    """
    with case_of(request.node).sandbox(live=True) as box:
        yield box
