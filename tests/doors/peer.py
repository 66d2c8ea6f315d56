"""Something that answers HTTP as a test tells it, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any

import orjson


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value."""
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Said:
    """One answer to give; `broken` closes the connection in the middle of it."""

    status: int = 200
    body: bytes = b"{}"
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    broken: bool = False


def told(value: Any, status: int = 200) -> Said:
    """Return an answer with a JSON document."""
    return Said(status, orjson.dumps(value))


def problem(status: int, detail: str, **more: Any) -> Said:
    """Return problem details."""
    document = {"type": "about:blank", "title": "No", "status": status, "detail": detail, **more}
    return Said(status, orjson.dumps(document), "application/problem+json")


class Peer:
    """A server that gives its answers one after another, the last one again and again: `with Peer(…) as peer: …`."""

    def __init__(self, *answers: Said) -> None:
        self.answers: Sequence[Said] = answers
        self.asked: list[Asked] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def __getattr__(self, name: str) -> Any:
                if not name.startswith("do_"):
                    raise AttributeError(name)
                return self.reply

            def reply(self) -> None:
                """Give the next answer."""
                size = int(self.headers.get("Content-Length") or 0)
                headers = {key.lower(): value for key, value in self.headers.items()}
                peer.asked.append(Asked(self.command, self.path, headers, self.rfile.read(size)))
                said = peer.answers[min(len(peer.asked), len(peer.answers)) - 1]
                self.send_response(said.status)
                self.send_header("Content-Type", said.media_type)
                for name, value in said.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body) + 10 * said.broken))
                self.end_headers()
                self.wfile.write(said.body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Peer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
