"""A receiver of webhooks on a port of this machine: it keeps what comes, and answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import orjson

PATIENCE = 30.0
"""For how many seconds a test waits for what comes at once, before it fails."""


@dataclass(frozen=True)
class Got:
    """What came: method, target, headers in lower case, and the bytes of the body."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> Any:
        """The body as a value."""
        return orjson.loads(self.body)


Answer = Callable[[Got], tuple[int, dict[str, str]]]


class Receiver:
    """A receiver at `url`; `got` waits for what comes next, and `count` says how much has come."""

    def __init__(self, answer: Answer, host: str) -> None:
        came: Queue[Got] = Queue()
        self._came = came
        self.all: list[Got] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Keep what came, and answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = Got(self.command, self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                made.all.append(got)
                came.put(got)
                status, headers = answer(got)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *what: object) -> None:
                """Say nothing."""

        made = self
        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = False
        self.port: int = self.server.server_address[1]
        self.url = f"http://{host}:{self.port}/hook"

    def got(self) -> Got:
        """Return what comes next; raise `queue.Empty` where nothing does."""
        return self._came.get(timeout=PATIENCE)


@contextmanager
def receiver(answer: Answer = lambda got: (204, {}), host: str = "127.0.0.1") -> Iterator[Receiver]:
    """Let there be a receiver."""
    made = Receiver(answer, host)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), name="receiver")
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()
