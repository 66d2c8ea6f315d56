"""How long others wait while 500 connections wait for late answers."""

from __future__ import annotations

from itertools import repeat

from mocktill.doors.remote import Remote
from tests.benchmarks.figures import Spread
from tests.benchmarks.load import Load, Outcome, request
from tests.benchmarks.ours import GET, PURCHASE, Run

LATE = 500
DELAY_SECONDS = 2.0
MOST_TIMES = 2
QUICK = request("GET", PURCHASE.replace("?", ".json?"))
"""The same purchase by a path that no fault is for."""


def delays(run: Run) -> None:
    """The median of others beside 500 that wait 2 s each, again and again, and alone."""
    with run.mocktill() as served:
        faults = Remote(f"http://127.0.0.1:{served.port}").sandbox().faults
        faults.add({"when": {"path": "*/34063ec2"}, "what": {"delay": DELAY_SECONDS}})
        with Load(served.port) as load:
            alone = [_others(run, load) for _ in range(run.rounds)]
        with Load(served.port) as load:
            late = load.add(repeat(GET), LATE)
            late.begin(pause=DELAY_SECONDS / LATE)  # spread, as they stay from then on
            beside = [_others(run, load) for _ in range(run.rounds)]
            _check_late(late.outcome, late.busy)
        faults.clear()
    for name, found in (("alone", alone), (f"beside {LATE} that wait {DELAY_SECONDS:g} s", beside)):
        medians, tails = (Spread.of(outcome.percentile(share) for outcome in found) for share in (0.5, 0.99))
        print(f"others, {name}: median {medians.text('.3f', 1000)} ms, p99 {tails.text('.3f', 1000)} ms")
    ratio = _median(beside) / _median(alone)
    run.targets.judge(f"others beside {LATE} that wait, to alone", ratio, "at most", MOST_TIMES)


def _others(run: Run, load: Load) -> Outcome:
    return load.run(load.add(repeat(QUICK, run.count), 1), DELAY_SECONDS).check()


def _median(found: list[Outcome]) -> float:
    return Spread.of(outcome.percentile(0.5) for outcome in found).median


def _check_late(outcome: Outcome, waiting: int) -> None:
    """Hold that all those were late, and that they waited to the end."""
    outcome.check()
    if min(outcome.latencies) < DELAY_SECONDS or waiting != LATE:
        raise SystemExit(f"{waiting} wait, and one was answered after {min(outcome.latencies):.2f} s: not late enough")
