"""The request log: one readable line each, written a moment later by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, tzinfo
from typing import Protocol

from mocktill.core.clock import machine_now
from mocktill.core.entry import Entry
from mocktill.core.sandbox import DEFAULT
from mocktill.core.secrets import masked_note

DELAY_SECONDS = 0.05
MOST_WAITING = 10_000
MOST_WEIGHT = 16 * 1024 * 1024
"""How many bytes the entries whose lines wait may keep from being forgotten."""
LINE_WEIGHT = 1_000
LONGEST_LINE = 2_000


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object:
        """Take a text."""

    def flush(self) -> object:
        """Pass it on."""


class RequestLog:
    """Collects what was answered; a thread of its own writes it in batches.

    So nobody waits for whoever reads the log, be it a pipe that nobody reads: then lines are dropped, and counted. A
    stream that is closed is left alone.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream: Stream = stream
        self._waiting: deque[tuple[datetime, str, str, int, Entry | None]] = deque()
        self._dropped = 0
        self._weight = 0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None

    def __call__(self, method: str, path: str, status: int, entry: Entry | None) -> None:
        """Note one answer."""
        weight = LINE_WEIGHT if entry is None else LINE_WEIGHT + len(entry.request_body) + len(entry.response_body)
        if len(self._waiting) >= MOST_WAITING or self._weight > MOST_WEIGHT:
            self._dropped += 1
            return
        self._weight += weight
        self._waiting.append((machine_now(), method, path, status, entry))
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
            zone = waiting[0][0].astimezone().tzinfo if waiting else None
            lines = [line(*noted, zone) for noted in waiting]
            if dropped:
                lines.append(f"… {dropped} lines were dropped: the log is read too slowly\n")
            try:
                self._write("".join(lines))
            except (OSError, ValueError):
                self._stream = Nowhere()  # whoever read the log is gone: go on without

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


def request_log(form: str, stream: Stream | None) -> RequestLog:
    """Return the log of a server; without a stream, as where stdout was closed, it goes nowhere."""
    return RequestLog(Nowhere() if stream is None or form == "none" else stream)


class Nowhere:
    """A stream for nobody."""

    def write(self, text: str) -> None:
        """Write nothing."""

    def flush(self) -> None:
        """Keep nothing."""


def line(at: datetime, method: str, path: str, status: int, entry: Entry | None, zone: tzinfo | None = None) -> str:
    """Return one line: local time, status, method, path, then what it was and why it was refused."""
    near = at.astimezone(zone)  # None is the machine's: the clock on the wall of whoever reads the log
    time = f"{near.hour:02}:{near.minute:02}:{near.second:02}"
    if entry is None:
        return f"{time} {status} {method:<7} {printable(masked_note(path)[:LONGEST_LINE])}\n"
    query = f"?{entry.query}" if entry.query else ""
    box = "" if entry.sandbox == DEFAULT else f"~{entry.sandbox} "
    what = f"{entry.api}.{entry.operation}" if entry.operation else entry.api
    notes = [
        *([f"fault {entry.fault.id}: {entry.fault.sentence}"] if entry.fault else []),
        *entry.notes,
        *[f"{v.pointer or '/'}: {v.said}" for v in entry.violations],
    ]
    why = f"  {'; '.join(notes)}" if notes else ""
    place = path if path == f"/{entry.api}{entry.path}" else masked_note(path)  # the entry's is masked already
    said = f"{time} {status} {entry.method:<7} {place + query:<46} {box}{what} [{entry.basis}]{why}"
    return f"{printable(said[:LONGEST_LINE])}\n"


def printable(text: str) -> str:
    """Return a text whose control characters cannot write a line of their own."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
