"""The forms of a line of the log: a text for a person, or a JSON object for a program; nobody forges one."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

import orjson

from mocktill.core.clock import machine_now, text
from mocktill.core.entry import Entry
from mocktill.core.sandbox import DEFAULT
from mocktill.core.secrets import masked_note
from mocktill.doors.serving.requestid import MADE

LONGEST_LINE = 2_000
"""At how many characters a line of text is cut; the id that its client chose still follows."""
LONGEST_VALUE = 2_000
"""At how many characters a value of a JSON line is cut."""
MOST_VIOLATIONS = 20
"""How many violations a JSON line has; the journal has all of them."""
Form = Callable[[datetime, str, str, int, "Entry | None", str, float, "tzinfo | None"], str]
"""What makes a line, its end included: instant, method, path, status, entry, request id, seconds, the zone of texts."""


def line(
    at: datetime,
    method: str,
    path: str,
    status: int,
    entry: Entry | None,
    request_id: str = "",
    seconds: float = 0.0,
    zone: tzinfo | None = None,
) -> str:
    """Return one line: local time, status, method, path, then what it was and why it was refused.

    The id of the request stands at its end where the client chose it. How long it took is in the JSON form alone.
    """
    near = at.astimezone(zone)  # None is the machine's: the clock on the wall of whoever reads the log
    time = f"{near.hour:02}:{near.minute:02}:{near.second:02}"
    chosen = f"  #{masked_note(request_id)}" if request_id and not request_id.startswith(MADE) else ""
    if entry is None:
        return f"{_short(f'{time} {status} {method:<7} {masked_note(path)}')}{chosen}\n"
    query = f"?{entry.query}" if entry.query else ""
    box = "" if entry.sandbox == DEFAULT else f"~{entry.sandbox} "
    said = _why(entry)
    why = f"  {said}" if said else ""
    what = f"{box}{entry.full_name} [{entry.basis}]"
    told = f"{time} {status} {entry.method:<7} {_place(path, entry) + query:<46} {what}{why}"
    return f"{_short(told)}{chosen}\n"


def json_line(
    at: datetime,
    method: str,
    path: str,
    status: int,
    entry: Entry | None,
    request_id: str = "",
    seconds: float = 0.0,
    zone: tzinfo | None = None,
) -> str:
    """Return one line of JSON, whose time is in UTC. What is no vendor's has no part about a sandbox."""
    place = masked_note(path) if entry is None else _place(path, entry)
    why = "" if entry is None else _why(entry)
    value = {
        "time": text(at),
        "level": _level(status, entry),
        "message": f"{status} {method} {place}{f': {why}' if why else ''}",
        "request_id": masked_note(request_id),
        "method": method,
        "path": place,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        **({} if entry is None else _about(entry)),
    }
    return f"{dumped(_cut(value))}\n"


def _about(entry: Entry) -> dict[str, Any]:
    """Return what a line of JSON has from the journal's entry."""
    fault = entry.fault
    return {
        "query": entry.query,
        "sandbox": entry.sandbox,
        "api": entry.api,
        "operation": entry.operation,
        "basis": entry.basis.value,
        "entry": entry.id,
        "fault": {"id": fault.id, "kind": fault.kind, "sentence": fault.sentence} if fault else None,
        "lost": entry.lost,
        "notes": list(entry.notes),
        "violations": [
            {"severity": found.severity, "at": found.at, "pointer": found.pointer, "sentence": found.said}
            for found in entry.violations[:MOST_VIOLATIONS]
        ],
    }


def _short(line: str) -> str:
    return printable(line[:LONGEST_LINE])[:LONGEST_LINE]


def _level(status: int, entry: Entry | None) -> str:
    """Return how much an answer deserves to be looked at; a failure that a fault rule asked for is no failure."""
    if status >= 500 and (entry is None or entry.fault is None):
        return "error"
    noted = entry is not None and (entry.fault is not None or bool(entry.violations))
    return "warning" if status >= 400 or noted else "info"


def _place(path: str, entry: Entry) -> str:
    """Return the path without its secrets; the entry's is masked already."""
    return path if path == f"/{entry.api}{entry.path}" else masked_note(path)


def _why(entry: Entry) -> str:
    """Return what is to be said of an answer: the fault, the notes and the violations."""
    return "; ".join(
        [
            *([f"fault {entry.fault.id}: {entry.fault.sentence}"] if entry.fault else []),
            *entry.notes,
            *[f"{v.pointer or '/'}: {v.said}" for v in entry.violations],
        ]
    )


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_VALUE]
    if isinstance(value, dict):
        return {name: _cut(part) for name, part in value.items()}
    return [_cut(part) for part in value] if isinstance(value, list) else value


def dumped(value: Any) -> str:
    """Return a value as JSON in one line, whatever takes for the end of a line; what is not ASCII is escaped."""
    try:
        dense = orjson.dumps(value)
        if dense.isascii():
            return dense.decode()
    except TypeError:  # half of a surrogate pair
        pass
    return json.dumps(value, separators=(",", ":"))


def printable(text: str) -> str:
    """Return a text whose control characters cannot write a line of their own."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class JsonFormatter(logging.Formatter):
    """Lets Python's own log speak JSON as well, a line each; the traceback of an exception is a property of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, without its end."""
        value = {
            "time": text(machine_now()),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            value["exception"] = self.formatException(record.exc_info)
        return dumped(value)
