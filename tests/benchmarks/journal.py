"""What a journal that has seen much keeps."""

from __future__ import annotations

from mocktill.doors.remote import Remote
from tests.benchmarks.load import run
from tests.benchmarks.ours import GET, Run

STEPS = (10_000, 50_000, 100_000)


def journal(run_: Run) -> None:
    """What a server keeps of 100,000 requests, and says of those that it lost."""
    with run_.mocktill() as served:
        kept = Remote(f"http://127.0.0.1:{served.port}").sandbox().journal
        print(f"journal: {served.memory:.0f} MB before", end="")
        done = 0
        for step in STEPS:
            run(served.port, GET, step - done).check()
            done = step
            print(f", {served.memory:.0f} MB after {step:,}", end="")
        counted = kept.count()
        print(f"; {counted.number:,} entries kept, {counted.lost:,} of the window lost and said so")
