"""A keep-alive HTTP/1.1 load generator that costs little: bytes made beforehand, plain sockets, one thread.

Every answer is read whole, and its status is kept.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

PATIENCE = 60
"""Seconds without any answer after which a server is given up."""
TOO_LATE = float("inf")
_LENGTH = re.compile(rb"\r\ncontent-length: *", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked *\r\n", re.IGNORECASE)


@dataclass
class Outcome:
    """What a load measured: the seconds from its first request to its last answer, and each latency in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] | None = None

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in seconds that this share of the requests stayed under."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def check(self, status: int = 200) -> Outcome:
        """Return this; end the benchmark if any answer had another status: its figure would be worth nothing."""
        if set(self.statuses) != {status}:
            raise SystemExit(f"answers have the statuses {self.statuses}, and not {status} alone")
        return self


class Crowd:
    """Some connections that ask the same server for the same reason: each asks again as soon as it is answered."""

    def __init__(self, messages: Iterator[bytes], outcome: Outcome) -> None:
        self.outcome = outcome
        self.lines: list[_Line] = []
        self.busy = 0
        self._messages = messages
        self._until = TOO_LATE

    def begin(self, seconds: float = TOO_LATE, pause: float = 0.0) -> None:
        """Let each connection ask, with a pause in seconds between them; none asks again after `seconds`."""
        self._until = time.perf_counter() + seconds
        for line in self.lines:
            line.ask()
            if pause:
                time.sleep(pause)

    def next(self, now: float) -> bytes | None:
        """Return what is to be asked next, or None when it has been enough."""
        return next(self._messages, None) if now < self._until else None


class Load:
    """Crowds that ask one server at the same time: `with Load(port) as load: …`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *error: object) -> None:
        for key in [*self._selector.get_map().values()]:
            key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered
        self._selector.close()

    def add(self, messages: Iterator[bytes], connections: int, *, keep: bool = False) -> Crowd:
        """Connect that many times, for these requests; `keep` keeps the bodies of the answers."""
        crowd = Crowd(messages, Outcome(bodies=[] if keep else None))
        for _ in range(connections):
            line = _Line(self._port, crowd)
            crowd.lines.append(line)
            self._selector.register(line.socket, selectors.EVENT_READ, line.hear)
        return crowd

    def run(self, crowd: Crowd, seconds: float = TOO_LATE) -> Outcome:
        """Let a crowd ask until it has asked everything, or for that long; all others go on meanwhile."""
        begun = time.perf_counter()
        crowd.begin(seconds)
        while crowd.busy:
            heard = self._selector.select(PATIENCE)
            if not heard:
                raise SystemExit(f"the server on port {self._port} has not answered for {PATIENCE} s")
            for key, _ in heard:
                key.data()
        crowd.outcome.seconds = time.perf_counter() - begun
        return crowd.outcome


class _Line:
    """One connection: asks, and asks again as soon as an answer is whole."""

    def __init__(self, port: int, crowd: Crowd) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._crowd = crowd
        self._buffer = b""
        self._sent = 0.0
        self._spelling = b""

    def ask(self) -> None:
        """Send the first request."""
        self._crowd.busy += 1
        self._send(time.perf_counter())

    def hear(self) -> None:
        """Take what has come; once the answer is whole, count it and ask again."""
        data = self.socket.recv(262_144)
        now = time.perf_counter()
        if not data:
            raise SystemExit("the server closed a connection that it was to keep alive")
        if self._buffer:
            data = self._buffer + data
        start, length = self._body(data)
        if length < 0 or len(data) < start + length:
            self._buffer = data
            return
        self._buffer = b""
        outcome = self._crowd.outcome
        status = int(data[9:12])
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        outcome.latencies.append(now - self._sent)
        if outcome.bodies is not None:
            outcome.bodies.append(data[start:])
        self._send(now)

    def _send(self, now: float) -> None:
        message = self._crowd.next(now)
        if message is None:
            self._crowd.busy -= 1
            return
        self._sent = time.perf_counter()
        self.socket.sendall(message)

    def _body(self, data: bytes) -> tuple[int, int]:
        """Return where an answer's body begins and how long it is; -1 while that cannot be told."""
        head = data.find(b"\r\n\r\n")
        if head < 0:
            return 0, -1
        at = data.find(self._spelling, 0, head) if self._spelling else -1  # as this server has spelt it before
        if at < 0:
            found = _LENGTH.search(data, 0, head)
            if found is None:
                return head + 4, _chunked_length(data, head + 4) if _CHUNKED.search(data, 0, head + 2) else -1
            at, self._spelling = found.start(), found[0]
        at += len(self._spelling)
        return head + 4, int(data[at : data.find(b"\r", at)])


def _chunked_length(data: bytes, start: int) -> int:
    """Return the length of a chunked body with what frames it, or -1 while its end has not come."""
    at = start
    while (line := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:line].partition(b";")[0], 16)
        at = line + 2 + size + 2
        if size == 0:
            return at - start
    return -1


def request(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """Return the bytes of a request."""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}{headers}\r\n".encode() + body


def run(port: int, message: bytes, count: int, connections: int = 8, seconds: float = TOO_LATE) -> Outcome:
    """Send a request that many times over that many connections, or for that long; return what was measured."""
    return run_all(port, repeat(message, count), connections, seconds=seconds)


def run_all(port: int, messages: Iterator[bytes], connections: int = 8, **how: Any) -> Outcome:
    """Send each of these requests once; `seconds` ends it sooner, `keep` keeps the bodies."""
    with Load(port) as load:
        return load.run(load.add(messages, connections, keep=how.get("keep", False)), how.get("seconds", TOO_LATE))
