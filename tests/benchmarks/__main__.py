"""Run the benchmarks and print them side by side: `make bench`."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import steering, testing
from tests.benchmarks.load import Outcome, request, run

DEAL = "la-1024-wsc-hair-studio-01-2"
READY = "Mocktill is ready on "
PATIENCE = 10
"""Seconds that a server has for its first answer, and for its end."""
MOCKTILL = [sys.executable, "-m", "mocktill", "serve", "--port", "0"]
EMPTY = [sys.executable, "-m", "tests.benchmarks.empty"]
GET = "/deem/v1/purchases/34063ec2?api_key=1234567"
RESERVE = "/deem/v1/purchases/reserve?api_key=1234567"
BODY = f'{{"deal_id":"{DEAL}","num_bought":1}}'.encode()
WHICH = ("throughput", "start", "memory", "delays", "journal", "snapshots", "tests", "plugin")
STOCK = f"""
version: 1
tables:
  deals:
    {DEAL}: {{title: A deal for a benchmark, price: 3900, stock: 1000000000, max_per_user: 11}}
"""


@dataclass
class Served:
    """A server under measurement: its port, its process, and the seconds until its first answer."""

    port: int
    process: subprocess.Popen[str]
    started: float

    @property
    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def serving(command: list[str], path: str) -> Iterator[Served]:
    """Start a server, wait for its first answer, and stop it at the end, however that comes."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # what it writes to stderr is seen
    assert process.stdout is not None
    drain: subprocess.Popen[bytes] | None = None
    try:
        line = next((line for line in process.stdout if line.startswith(READY)), None)
        if line is None:
            raise SystemExit(f"{shlex.join(command)} ended with {process.wait(PATIENCE)} before it was ready")
        port = int(line.rpartition(":")[2])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
            answer.read()
        started = time.perf_counter() - begun
        # what the server logs is read by a process of its own, as a terminal or a CI job would
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield Served(port, process, started)
    finally:
        stop(process)
        process.stdout.close()
        if drain is not None:
            stop(drain)


def stop(process: subprocess.Popen[Any]) -> None:
    """End a process: asked first, then made to."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def throughput(count: int, rounds: int, folder: Path) -> None:
    """GET a purchase and POST a reservation, against an empty view of the same method."""
    with (
        serving([*MOCKTILL, "--fixtures", str(folder)], GET) as ours,
        serving(EMPTY, "/purchases/34063ec2") as empty,
    ):
        pairs = {
            "GET purchase": (request("GET", GET), request("GET", "/purchases/34063ec2")),
            "POST reserve": (request("POST", RESERVE, BODY), request("POST", "/purchases/reserve", BODY)),
        }
        for name, (mine, yardstick) in pairs.items():
            measured: list[tuple[Outcome, Outcome]] = []
            for _ in range(rounds):
                a = asyncio.run(run(ours.port, mine, count))
                b = asyncio.run(run(empty.port, yardstick, count))
                assert set(a.statuses) == {200}, a.statuses
                measured.append((a, b))
            rate, other = (statistics.median(pair[i].rate for pair in measured) for i in (0, 1))
            ratios = sorted(a.rate / b.rate for a, b in measured)
            p99 = measured[-1][0].percentile(0.99) * 1000
            print(
                f"{name:<14} {rate:>8,.0f} req/s   empty view {other:>8,.0f} req/s"
                f"   ratio {statistics.median(ratios):.2f} (of {ratios[0]:.2f} to {ratios[-1]:.2f})   p99 {p99:.2f} ms"
            )


def start(rounds: int) -> None:
    """From the command to the first answer."""
    for name, command, path in (("mocktill", MOCKTILL, GET), ("empty view", EMPTY, "/purchases/1")):
        seconds = []
        for _ in range(rounds):
            with serving(command, path) as served:
                seconds.append(served.started)
        print(
            f"start to first answer, {name:<10}: {statistics.median(seconds):.3f} s"
            f" (of {min(seconds):.3f} to {max(seconds):.3f})"
        )


def memory(count: int, folder: Path) -> None:
    """Resident memory before and after that many requests, half of them reservations."""
    with serving([*MOCKTILL, "--fixtures", str(folder)], GET) as served:
        before = served.memory
        asyncio.run(run(served.port, request("GET", GET), count // 2))
        asyncio.run(run(served.port, request("POST", RESERVE, BODY), count // 2))
        print(f"memory: {before:.0f} MB at the start, {served.memory:.0f} MB after {count:,} requests")


def main() -> None:
    """Run all, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", default=[*WHICH])
    parser.add_argument("--count", type=int, default=10_000, help="requests of one run")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mocktill-bench-") as name:
        folder = Path(name)
        (folder / "deem").mkdir()
        (folder / "deem" / "seed.yaml").write_text(STOCK)
        if "throughput" in options.which:
            throughput(options.count, options.rounds, folder)
        if "start" in options.which:
            start(options.rounds)
        if "memory" in options.which:
            memory(50_000, folder)
        if "delays" in options.which:
            with serving(MOCKTILL, GET) as served:
                steering.delays(served.port, GET, options.count // 10, options.rounds)
        if "journal" in options.which:
            with serving(MOCKTILL, GET) as served:
                steering.journal(served.port, GET, lambda: served.memory)
        if "snapshots" in options.which:
            steering.snapshots(options.rounds)
        if "tests" in options.which:
            testing.tests(options.rounds)
            testing.sandboxes()
        if "plugin" in options.which:
            testing.plugin(options.rounds, folder)


if __name__ == "__main__":
    main()
