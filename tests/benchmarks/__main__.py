"""Run the benchmarks and print them side by side: `make bench`. Nothing fails on a figure."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmarks.ours import Run
from tests.benchmarks.served import Unavailable

BENCHMARKS = {
    "throughput": "throughput:throughput",
    "peers": "contest:peers",
    "start": "start:start",
    "memory": "memory:memory",
    "delays": "delays:delays",
    "growth": "growth:growth",
    "sandboxes": "crowded:sandboxes",
    "million": "memory:million",
    "journal": "journal:journal",
    "snapshots": "snapshots:snapshots",
    "tests": "testing:tests",
    "plugin": "testing:plugin",
    "doors": "doors:doors",
    "console": "console:console",
}
"""Where each is, by its name: a module is imported when its turn comes."""
LEAST_COUNT = 100


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; end with a sentence for a name that is none, and for a number that measures nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "which", nargs="*", metavar="which", help=f"all of these, unless named: {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--count", type=int, default=10_000, help="requests of one measurement, at the most")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn with others")
    options = parser.parse_args(arguments)
    options.which = options.which or [*BENCHMARKS]
    if unknown := [name for name in options.which if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    if options.count < LEAST_COUNT or options.rounds < 1:
        parser.error(f"--count is {LEAST_COUNT} at the least, --rounds is 1")
    return options


def benchmark(name: str) -> Callable[[Run], None]:
    """Return what runs a benchmark."""
    module, _, function = BENCHMARKS[name].partition(":")
    found: Callable[[Run], None] = getattr(import_module(f"tests.benchmarks.{module}"), function)
    return found


def main() -> None:
    """Run all, or those that are named."""
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended on the way out
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a file or a pipe shows what is there
    begun = time.perf_counter()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} to begin with")
    with tempfile.TemporaryDirectory(prefix="mocktill-bench-") as folder:
        run = Run(options.count, options.rounds, Path(folder))
        try:
            for name in options.which:
                print(f"\n{name}")
                benchmark(name)(run)
        except Unavailable as error:
            raise SystemExit(str(error)) from None
    run.targets.sum_up()
    print(f"\n{time.perf_counter() - begun:.0f} s, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
