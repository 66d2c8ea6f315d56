"""The floor: Mocktill's GET and POST against an empty view of the same method on the same server."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.figures import Spread
from tests.benchmarks.load import Outcome, request, run
from tests.benchmarks.ours import BODY, EMPTY_PURCHASE, EMPTY_RESERVE, GET, POST, Run

CONNECTIONS = (1, 8, 64)
LEAST_SHARE = 0.6
PAIRS = {
    "GET purchase": (GET, request("GET", EMPTY_PURCHASE)),
    "POST reserve": (POST, request("POST", EMPTY_RESERVE, BODY)),
}


@dataclass
class Measured:
    """What a server reached in each round."""

    rounds: list[Outcome] = field(default_factory=list)

    @property
    def rate(self) -> Spread:
        """Requests per second."""
        return Spread.of(outcome.rate for outcome in self.rounds)

    def latency(self, share: float) -> Spread:
        """The latency in seconds that this share of the requests stayed under."""
        return Spread.of(outcome.percentile(share) for outcome in self.rounds)

    def __str__(self) -> str:
        median, p99 = (self.latency(share).median * 1000 for share in (0.5, 0.99))
        return f"{self.rate.text(',.0f')} req/s, median {median:.2f} ms, p99 {p99:.2f} ms"


def throughput(run_: Run) -> None:
    """GET a purchase and POST a reservation at 1, 8 and 64 connections, in turn with the empty views."""
    with run_.mocktill() as ours, run_.empty() as empty:
        for name, (mine, yardstick) in PAIRS.items():
            for connections in CONNECTIONS:
                ours_measured, empty_measured = Measured(), Measured()
                for _ in range(run_.rounds):
                    ours_measured.rounds.append(run(ours.port, mine, run_.count, connections).check())
                    empty_measured.rounds.append(run(empty.port, yardstick, run_.count, connections).check())
                title = f"{name}, {connections:>2} connections"
                print(f"{title}: {ours_measured}; empty view {empty_measured}")
                ratio = ours_measured.rate.to(empty_measured.rate)
                print(f"  ratio {ratio.text()}")
                run_.targets.judge(f"{title}, to the empty view", ratio.median, "at least", LEAST_SHARE)
