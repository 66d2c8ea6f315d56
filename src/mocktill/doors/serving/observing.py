"""Who is told of each answer of a server: the log, and the tally of what it serves."""

from __future__ import annotations

from typing import Any

from mocktill.control.app import SERVED
from mocktill.core.entry import Entry
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving.edge import Seen


def observer(app: Any, log: RequestLog) -> Seen:
    """Return what tells the log and, where the app is the root of one of ours, its tally; both are quick."""
    served = getattr(app, "extensions", {}).get(SERVED)
    if served is None:
        return log
    count = served.tally.note

    def observe(method: str, path: str, status: int, entry: Entry | None, request_id: str, seconds: float) -> None:
        count(status, entry, seconds)
        log(method, path, status, entry, request_id, seconds)

    return observe
