"""What many sandboxes cost: a thousand on one server, each asked in turn, against the one that is always there."""

from __future__ import annotations

from itertools import cycle, islice, repeat

from mocktill.core.sandboxes import MOST
from tests.benchmarks.figures import Spread
from tests.benchmarks.load import Outcome, request, run_all
from tests.benchmarks.ours import GET, PURCHASE, Run

ASKED = 5_000


def sandboxes(run: Run) -> None:
    """Latency of a get where a thousand sandboxes are asked in turn, and memory when each has been."""
    asked = min(run.count, ASKED)
    names = [f"s{number}" for number in range(1, MOST)]  # and the one that is there by default
    each = [GET, *[request("GET", f"/~{name}{PURCHASE}") for name in names]]
    with run.mocktill() as served:
        one, many = [], []
        before = served.memory
        first = run_all(served.port, iter(each), 1).check()  # each is made by its first request
        made = served.memory
        for _ in range(run.rounds):
            one.append(run_all(served.port, repeat(GET, asked), 1).check())
            many.append(run_all(served.port, islice(cycle(each), asked), 1).check())
        after = served.memory
    print(f"{MOST:,} sandboxes: {before:.0f} MB with one, {made:.0f} MB as all are made, {after:.0f} MB after", end="")
    print(f" {run.rounds * asked:,} requests; made by a request within {first.percentile(0.5) * 1000:.3f} ms (median)")
    for name, found in (("one sandbox", one), (f"{MOST:,} in turn", many)):
        medians, tails = _percentiles(found, 0.5), _percentiles(found, 0.99)
        print(f"get, {name}: median {medians.text('.3f', 1000)} ms, p99 {tails.text('.3f', 1000)} ms")
    print(f"  ratio of the medians {_percentiles(many, 0.5).to(_percentiles(one, 0.5)).text()}")


def _percentiles(found: list[Outcome], share: float) -> Spread:
    return Spread.of(outcome.percentile(share) for outcome in found)
