"""Mocktill on granian's worker process: `python -m tests.benchmarks.worker PORT FIXTURES LOOP`, as `doors` does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops

FIXTURES = "MOCKTILL_BENCHMARK_FIXTURES"


def target() -> object:
    """Return the RSGI application: called in the worker."""
    from mocktill.doors.app import create_app
    from mocktill.doors.logs.log import request_log
    from mocktill.doors.serving.edge import Edge
    from mocktill.doors.serving.server import may_upload

    app = create_app(fixtures=Path(os.environ[FIXTURES]))
    return Edge(app, request_log("text", sys.stdout), may_upload(app))


def main() -> None:
    """Serve until a signal."""
    port, os.environ[FIXTURES] = int(sys.argv[1]), sys.argv[2]
    Granian(
        f"{__spec__.name}:target",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops(sys.argv[3]),
        websockets=False,
        log_enabled=False,
        backlog=1024,
        backpressure=100_000,
    ).serve()


if __name__ == "__main__":
    main()
