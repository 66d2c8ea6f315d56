"""What a server keeps: after 50,000 requests, and on the way to a million."""

from __future__ import annotations

from tests.benchmarks.load import request, run
from tests.benchmarks.ours import GET, POST, RESERVE, Run

REQUESTS = 50_000
MANY = (100_000, 250_000, 500_000, 750_000, 1_000_000)
MOST_GROWTH = 1.1
"""How many times the memory after the first 100,000 a million may take: what is called flat."""
TOO_LATE = request("POST", RESERVE, b'{"deal_id":"sold-out","num_bought":1}')


def memory(run_: Run) -> None:
    """Resident memory before and after 50,000 requests, half of them reservations, each of which is kept."""
    with run_.mocktill() as served:
        before = served.memory
        for message in (GET, POST):
            run(served.port, message, REQUESTS // 2).check()
        print(f"memory: {before:.0f} MB at the start, {served.memory:.0f} MB after {REQUESTS:,} requests")


def million(run_: Run) -> None:
    """Memory on the way to a million requests that leave no row: gets, and reservations of what is sold out."""
    with run_.mocktill() as served:
        figures = []
        done = 0
        print(f"memory: {served.memory:.0f} MB at the start", end="", flush=True)
        for step in MANY:
            for message, status in ((GET, 200), (TOO_LATE, 422)):
                run(served.port, message, (step - done) // 2, 64).check(status)
            done = step
            figures.append(served.memory)
            print(f", {figures[-1]:.0f} MB after {step:,}", end="", flush=True)
        print()
    run_.targets.judge("memory after 1,000,000 requests, to 100,000", figures[-1] / figures[0], "at most", MOST_GROWTH)
