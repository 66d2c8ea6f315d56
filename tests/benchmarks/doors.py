"""The decision between granian's embedded server, which Mocktill has, and its worker process: the same app on both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from importlib.util import find_spec

from tests.benchmarks.figures import Spread
from tests.benchmarks.load import run
from tests.benchmarks.ours import GET, POST, PURCHASE, Run
from tests.benchmarks.served import Served, free_port, serving
from tests.benchmarks.throughput import CONNECTIONS, Measured


def doors(run_: Run) -> None:
    """Start to first answer, memory, and requests per second."""
    starts: dict[str, Callable[[], AbstractContextManager[Served]]] = {
        "embedded": run_.mocktill,
        "worker process": lambda: _worker(run_, "asyncio"),
    }
    if find_spec("uvloop") is not None:
        starts["worker process, uvloop"] = lambda: _worker(run_, "uvloop")
    seconds: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(run_.rounds):
        for name, begin in starts.items():
            with begin() as served:
                seconds[name].append(served.started)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(begin()) for name, begin in starts.items()}
        for kind, message in (("GET purchase", GET), ("POST reserve", POST)):
            for connections in CONNECTIONS:
                measured = {name: Measured() for name in servers}
                for _ in range(run_.rounds):
                    for name, served in servers.items():
                        measured[name].rounds.append(run(served.port, message, run_.count, connections).check())
                for name, found in measured.items():
                    print(f"{kind}, {connections:>2} connections, {name}: {found}")
        for name, served in servers.items():
            print(f"{name}: start {Spread.of(seconds[name]).text('.3f')} s, {served.memory:.0f} MB after all of this")


def _worker(run_: Run, loop: str) -> AbstractContextManager[Served]:
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.worker", str(port), str(run_.fixtures), loop]
    return serving(command, PURCHASE, port)
