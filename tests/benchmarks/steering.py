"""What steering costs: late answers beside others, a journal that has seen much, snapshots of large states."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.doors.remote import Remote
from tests.benchmarks.load import request, run

LATE = 200
DELAY_SECONDS = 0.5
SIZES = (1_000, 10_000, 50_000)
STEPS = (10_000, 50_000, 100_000)


def delays(port: int, get: str, count: int, rounds: int) -> None:
    """How long others wait while 200 answers are late."""
    box = Remote(f"http://127.0.0.1:{port}").sandbox()
    quick = request("GET", get.replace("?", ".json?"))
    usual = statistics.median(_median(port, quick, count) for _ in range(rounds))
    box.faults.add({"when": {"path": "*/34063ec2"}, "what": {"delay": DELAY_SECONDS}})

    async def beside() -> list[float]:
        late = asyncio.create_task(run(port, request("GET", get), LATE * 40, LATE))
        await asyncio.sleep(2 * DELAY_SECONDS)
        medians = []
        for _ in range(rounds):
            medians.append(statistics.median((await run(port, quick, count, 1)).latencies))
            assert not late.done(), "the late answers came before the others were measured: count less"
        late.cancel()
        return medians

    then = statistics.median(asyncio.run(beside()))
    box.faults.clear()
    print(
        f"beside {LATE} late answers: median {then * 1000:.3f} ms, alone {usual * 1000:.3f} ms,"
        f" ratio {then / usual:.2f}"
    )


def journal(port: int, get: str, memory: Callable[[], float]) -> None:
    """What a server keeps of 100,000 requests, and says of those that it lost."""
    kept = Remote(f"http://127.0.0.1:{port}").sandbox().journal
    print(f"journal: {memory():.0f} MB before", end="")
    done = 0
    for step in STEPS:
        asyncio.run(run(port, request("GET", get), step - done))
        done = step
        print(f", {memory():.0f} MB after {step:,}", end="")
    counted = kept.count()
    print(f"; {counted.number:,} entries kept, {counted.lost:,} of the window lost and said so")


def snapshots(rounds: int) -> None:
    """Snapshot and restore in this process, for states of several sizes."""
    for size in SIZES:
        box = Sandbox(Catalogue(BUILTIN))
        while rows_of(box) < size:
            box.populate(max(1, (size - rows_of(box)) // 12))
        taken = [_seconds(lambda box=box: box.snapshot("s")) for _ in range(rounds)]  # type: ignore[misc]
        after_little, after_all = [], []
        for _ in range(rounds):
            box.view("deem").set_stock("last-one", 0)
            after_little.append(_seconds(lambda box=box: box.restore("s")))  # type: ignore[misc]
            box.reset()
            after_all.append(_seconds(lambda box=box: box.restore("s")))  # type: ignore[misc]
        print(
            f"{rows_of(box):>7,} rows: snapshot {statistics.median(taken) * 1000:6.2f} ms,"
            f" restore after one change {statistics.median(after_little) * 1000:6.2f} ms,"
            f" after a reset {statistics.median(after_all) * 1000:6.2f} ms"
            f" ({statistics.median(after_all) / rows_of(box) * 1e6:.2f} µs a row)"
        )


def rows_of(box: Sandbox) -> int:
    """Return how many rows a sandbox has."""
    return sum(map(len, box.store.tables.values()))


def _median(port: int, message: bytes, count: int) -> float:
    return statistics.median(asyncio.run(run(port, message, count, 1)).latencies)


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
