"""The request log: one readable line each, written a moment later so that no answer waits for it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from mocktill.core.clock import machine_now
from mocktill.core.journal import Entry
from mocktill.core.sandbox import DEFAULT
from mocktill.core.secrets import masked_text

DELAY_SECONDS = 0.05


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object:
        """Take a text."""

    def flush(self) -> object:
        """Pass it on."""


class RequestLog:
    """Collects what was answered and writes it in batches; a stream that is closed is left alone."""

    def __init__(self, stream: Stream) -> None:
        self._stream: Stream = stream
        self._waiting: list[tuple[datetime, str, str, int, Entry | None]] = []

    def __call__(self, method: str, path: str, status: int, entry: Entry | None) -> None:
        """Note one answer."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(DELAY_SECONDS, self.flush)
        self._waiting.append((machine_now(), method, path, status, entry))

    def flush(self) -> None:
        """Write what is waiting."""
        waiting, self._waiting = self._waiting, []
        text = "".join([line(*noted) for noted in waiting])
        try:
            self._write(text)
        except (OSError, ValueError):
            self._stream = Nowhere()  # whoever read the log is gone: go on without

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


def line(at: datetime, method: str, path: str, status: int, entry: Entry | None) -> str:
    """Return one line: time, status, method, path, then what it was and why it was refused."""
    time = f"{at.hour:02}:{at.minute:02}:{at.second:02}"
    if entry is None:
        return f"{time} {status} {method:<7} {printable(masked_text(path))}\n"
    query = f"?{entry.query}" if entry.query else ""
    box = "" if entry.sandbox == DEFAULT else f"~{entry.sandbox} "
    what = f"{entry.api}.{entry.operation}" if entry.operation else entry.api
    notes = [
        *entry.notes,
        *[f"{v.pointer or '/'}: expected {v.expected}, got {v.got}" for v in entry.violations],
    ]
    why = f"  {'; '.join(notes)}" if notes else ""
    return (
        f"{time} {status} {entry.method:<7} {printable(masked_text(path) + query):<46} {box}{what}"
        f" [{entry.basis}]{printable(why)}\n"
    )


def printable(text: str) -> str:
    """Return a text whose control characters cannot write a line of their own."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
