"""How long it takes from the command to the first answer, beside the empty view on the same server."""

from __future__ import annotations

from tests.benchmarks.figures import Spread
from tests.benchmarks.ours import Run


def start(run: Run) -> None:
    """Start each again and again, in turn."""
    seconds: dict[str, list[float]] = {"mocktill": [], "empty view": []}
    for _ in range(run.rounds):
        for name, begin in (("mocktill", run.mocktill), ("empty view", run.empty)):
            with begin() as served:
                seconds[name].append(served.started)
    for name, found in seconds.items():
        print(f"start to first answer, {name:<10}: {Spread.of(found).text('.3f')} s")
