"""The logs of a server: a line for each answer, and what Python's own log has; a thread each writes them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from sys import getsizeof

from mocktill.core.app import PROBES
from mocktill.core.clock import machine_now, text
from mocktill.core.entry import Entry
from mocktill.doors.logs.backlog import Backlog, Stream
from mocktill.doors.logs.forms import JSON, NONE
from mocktill.doors.logs.logline import Form, JsonFormatter, dumped, json_line, line

LINE_WEIGHT = 1_000
"""What an answer weighs beside what its client chose."""
Noted = tuple[datetime, str, str, int, "Entry | None", str, float]
"""Instant, method, path, status, entry, request id, seconds."""


class RequestLog(Backlog[Noted]):
    """Collects what was answered, and writes it a moment later, each line as `form` makes it.

    Nobody waits for whoever reads it. Without a form nothing is noted.
    """

    def __init__(self, stream: Stream, form: Form | None = line) -> None:
        super().__init__(stream, self._lines)
        self._form = form

    def __call__(
        self, method: str, path: str, status: int, entry: Entry | None, request_id: str = "", seconds: float = 0.0
    ) -> None:
        """Note one answer, but for a probe that is content: `seconds` is how long it took to make."""
        if self._form is None or (entry is None and status == 200 and path.endswith(PROBES)):
            return
        weight = LINE_WEIGHT + getsizeof(path) + len(method)
        if entry is not None:
            weight += len(entry.request_body) + len(entry.response_body) + len(entry.query)
        self.put((machine_now(), method, path, status, entry, request_id, seconds), weight)

    def _lines(self, noted: Sequence[Noted], dropped: int) -> str:
        form = self._form
        if form is None:
            return ""
        zone = noted[0][0].astimezone().tzinfo if noted else None
        lines = [form(*each, zone) for each in noted]
        if dropped:
            lines.append(_said_dropped(dropped, form is json_line))
        return "".join(lines)


class Records(logging.Handler):
    """Takes the records of Python's log; nobody who logs one waits for whoever reads it."""

    def __init__(self, stream: Stream, as_json: bool) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter() if as_json else None)
        self._as_json = as_json
        self._backlog: Backlog[str] = Backlog(stream, self._lines)
        self._backlog.start()  # a thread that is there before the server is none that it left behind

    def emit(self, record: logging.LogRecord) -> None:
        """Let a record be written a moment later, as it is now."""
        try:
            said = self.format(record)
        except Exception:  # a message that does not fit its arguments: logging says so, and goes on
            self.handleError(record)
        else:
            self._backlog.put(f"{said}\n", getsizeof(said))

    def close(self) -> None:
        """Write the rest, if somebody takes it within a second."""
        self._backlog.close()
        super().close()

    def _lines(self, said: Sequence[str], dropped: int) -> str:
        return "".join([*said, _said_dropped(dropped, self._as_json)] if dropped else said)


class Nowhere:
    """A stream for nobody."""

    def write(self, text: str) -> None:
        """Write nothing."""

    def flush(self) -> None:
        """Keep nothing."""


class Unbuffered:
    """A stream past the buffer of another one, whose lock whoever waits in it would keep, at the end as well."""

    def __init__(self, number: int, encoding: str) -> None:
        self._number = number
        self._encoding = encoding

    def write(self, text: str) -> None:
        """Write a text, all of it; what the encoding lacks is escaped."""
        left = memoryview(text.encode(self._encoding, "backslashreplace"))
        while left:
            left = left[os.write(self._number, left) :]

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
    """Let Python's own log, defects of the server among it, go to stderr, in the form of the request log.

    Whether stderr is read or not, nobody waits for that: what is too much is dropped and counted, and at the end what
    is left is given a second.
    """
    handler = Records(_stderr(), form == JSON)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _stderr() -> Stream:
    stream = sys.stderr
    if stream is None:  # it was closed from the beginning
        return Nowhere()
    try:
        return Unbuffered(stream.fileno(), stream.encoding)
    except (OSError, ValueError):  # it is no file: somebody has taken its place
        return stream


def _said_dropped(number: int, as_json: bool) -> str:
    sentence = f"{number} lines were dropped: the log is read too slowly"
    if not as_json:
        return f"… {sentence}\n"
    return f"{dumped({'time': text(machine_now()), 'level': 'warning', 'message': sentence})}\n"
