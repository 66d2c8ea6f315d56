"""The request log: a line each, written a moment later by a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from mocktill.core.app import PROBES
from mocktill.core.clock import machine_now, text
from mocktill.core.entry import Entry
from mocktill.doors.logline import Form, JsonFormatter, dumped, json_line, line

DELAY_SECONDS = 0.05
MOST_WAITING = 10_000
MOST_WEIGHT = 16 * 1024 * 1024
"""How many bytes the entries whose lines wait may keep from being forgotten."""
LINE_WEIGHT = 1_000
TEXT, JSON, NONE = "text", "json", "none"
"""The forms of the log: lines to read, lines of JSON, and no lines."""


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object:
        """Take a text."""

    def flush(self) -> object:
        """Pass it on."""


class RequestLog:
    """Collects what was answered; a thread of its own writes it in batches, each line as `form` makes it.

    So nobody waits for whoever reads the log, be it a pipe that nobody reads: then lines are dropped, and counted. A
    stream that is closed is left alone. Without a form nothing is noted.
    """

    def __init__(self, stream: Stream, form: Form | None = line) -> None:
        self._stream: Stream = stream
        self._form = form
        self._waiting: deque[tuple[datetime, str, str, int, Entry | None, str, float]] = deque()
        self._dropped = 0
        self._weight = 0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None

    def __call__(
        self, method: str, path: str, status: int, entry: Entry | None, request_id: str = "", seconds: float = 0.0
    ) -> None:
        """Note one answer, but for a probe that is content: `seconds` is how long it took to make."""
        if self._form is None or (entry is None and status == 200 and path.endswith(PROBES)):
            return
        weight = LINE_WEIGHT if entry is None else LINE_WEIGHT + len(entry.request_body) + len(entry.response_body)
        if len(self._waiting) >= MOST_WAITING or self._weight > MOST_WEIGHT:
            self._dropped += 1
            return
        self._weight += weight
        self._waiting.append((machine_now(), method, path, status, entry, request_id, seconds))
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="mocktill-log", daemon=True)
            self._writer.start()
        if not self._wake.is_set():
            self._wake.set()

    def flush(self) -> None:
        """Write what is waiting, in this thread."""
        with self._writing:
            dropped, self._dropped, self._weight = self._dropped, 0, 0
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            form = self._form
            if form is None:
                return
            zone = waiting[0][0].astimezone().tzinfo if waiting else None
            lines = [form(*noted, zone) for noted in waiting]
            if dropped:
                lines.append(_said_dropped(dropped, form is json_line))
            try:
                self._write("".join(lines))
            except (OSError, ValueError):
                self._form = None  # whoever read the log is gone: go on without

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

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:  # a terminal without these letters
            self._stream.write(text.encode("ascii", "backslashreplace").decode())
        self._stream.flush()


class Nowhere:
    """A stream for nobody."""

    def write(self, text: str) -> None:
        """Write nothing."""

    def flush(self) -> None:
        """Keep nothing."""


def request_log(form: str, stream: Stream | None) -> RequestLog:
    """Return the log of a server; without a stream, as where stdout was closed, nothing is noted."""
    if stream is None or form == NONE:
        return RequestLog(Nowhere(), None)
    return RequestLog(stream, json_line if form == JSON else line)


def said(message: str, **more: str) -> str:
    """Return something that is no answer as a line of JSON, for whoever reads nothing else."""
    return dumped({"time": text(machine_now()), "level": "info", "message": message, **more})


@contextmanager
def python_log(form: str) -> Iterator[None]:
    """Let Python's own log, defects of the server among it, have the form of the request log, on stderr."""
    if form != JSON:
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _said_dropped(number: int, as_json: bool) -> str:
    sentence = f"{number} lines were dropped: the log is read too slowly"
    if not as_json:
        return f"… {sentence}\n"
    return f"{dumped({'time': text(machine_now()), 'level': 'warning', 'message': sentence})}\n"
