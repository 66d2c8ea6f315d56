"""What snapshots of large states cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.benchmarks.figures import Spread
from tests.benchmarks.ours import Run

SIZES = (1_000, 10_000, 50_000)


def snapshots(run: Run) -> None:
    """Snapshot and restore in this process, for states of several sizes."""
    for size in SIZES:
        box = Sandbox(Catalogue(BUILTIN))
        while rows_of(box) < size:
            box.populate(max(1, (size - rows_of(box)) // 12))
        _measure(box, run.rounds)


def rows_of(box: Sandbox) -> int:
    """Return how many rows a sandbox has."""
    return sum(map(len, box.store.tables.values()))


def _measure(box: Sandbox, rounds: int) -> None:
    taken = Spread.of(_seconds(lambda: box.snapshot("s")) for _ in range(rounds))
    after_little, after_all = [], []
    for _ in range(rounds):
        box.view("deem").set_stock("last-one", 0)
        after_little.append(_seconds(lambda: box.restore("s")))
        box.reset()
        after_all.append(_seconds(lambda: box.restore("s")))
    little, everything = Spread.of(after_little), Spread.of(after_all)
    print(
        f"{rows_of(box):>7,} rows: snapshot {taken.median * 1000:6.2f} ms,"
        f" restore after one change {little.median * 1000:6.2f} ms,"
        f" after a reset {everything.median * 1000:6.2f} ms"
        f" ({everything.median / rows_of(box) * 1e6:.2f} µs a row)"
    )


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
