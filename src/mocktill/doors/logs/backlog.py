"""What waits to be written to somebody who may not read it: nobody waits for that, and it has a bound."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

DELAY_SECONDS = 0.05
MOST_WAITING = 10_000
MOST_WEIGHT = 16 * 1024 * 1024
"""How many bytes what waits may keep from being forgotten."""
T = TypeVar("T")


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object:
        """Take a text."""

    def flush(self) -> object:
        """Pass it on."""


class Backlog(Generic[T]):
    """Collects what is to be written; a thread of its own writes it in batches, as `told` makes a text of it.

    So nobody waits for whoever reads it, be it a pipe that nobody reads: then things are dropped, and counted; `told`
    gets that number as well. A stream that is closed is left alone.
    """

    def __init__(self, stream: Stream, told: Callable[[Sequence[T], int], str]) -> None:
        self._stream: Stream = stream
        self._told: Callable[[Sequence[T], int], str] | None = told
        self._waiting: deque[T] = deque()
        self._dropped = 0
        self._weight = 0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write, if that has not begun; the first thing that is put does so too."""
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="mocktill-log", daemon=True)
            self._writer.start()

    def put(self, thing: T, weight: int) -> None:
        """Let a thing be written a moment later, which keeps so many bytes until then; where too many wait, drop it."""
        if self._told is None:
            return
        if len(self._waiting) >= MOST_WAITING or self._weight > MOST_WEIGHT:
            self._dropped += 1
            return
        self._weight += weight
        self._waiting.append(thing)
        if self._writer is None:
            self.start()
        if not self._wake.is_set():
            self._wake.set()

    def flush(self) -> None:
        """Write what is waiting, in this thread."""
        with self._writing:
            try:
                self._write(self._taken())
            except (OSError, ValueError):
                self._told = None  # whoever read it is gone: go on without

    def close(self, timeout: float = 1.0) -> bool:
        """Write the rest and end; False when nobody took it for that many seconds."""
        writer, self._writer = self._writer, None
        if writer is None:
            return True
        self._closing.set()
        self._wake.set()
        writer.join(timeout)
        self._closing.clear()
        return not writer.is_alive()

    def _write_on(self) -> None:
        closing = False
        while not closing:
            self._wake.wait()
            closing = self._closing.wait(DELAY_SECONDS)
            self._wake.clear()
            self.flush()

    def _taken(self) -> str:
        """Return what was waiting as a text: nothing else is kept while that is written."""
        dropped, self._dropped, self._weight = self._dropped, 0, 0
        things = [self._waiting.popleft() for _ in range(len(self._waiting))]
        return "" if self._told is None else self._told(things, dropped)

    def _write(self, text: str) -> None:
        if not text:
            return
        try:
            self._stream.write(text)
        except UnicodeEncodeError:  # a terminal without these letters
            self._stream.write(text.encode("ascii", "backslashreplace").decode())
        self._stream.flush()
