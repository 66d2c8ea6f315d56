"""A WSGI app is called, and its answer taken whole: by whichever door does with it what its faults say."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mocktill.core.secrets import masked_note
from mocktill.core.turn import Postponed
from mocktill.doors.logs.logline import printable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("mocktill")

Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""


def call(app: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """Return what an app answers; an exception of its own is logged, and a 500."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        started[:] = int(status[:3]), headers
        return None

    try:
        chunks = app(environ, start_response)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        return started[0], started[1], body
    except Exception:
        said = printable(masked_note(environ["PATH_INFO"]))
        log.exception("%s %s: a defect of the sandbox", environ["REQUEST_METHOD"], said)
        return 500, [("content-type", "application/problem+json")], b'{"title":"Internal Server Error","status":500}'


def give_up(postponed: Postponed, method: str, path: str) -> None:
    """Do nothing about a request that was to wait and whose client has gone; the journal says so."""
    box = postponed.box
    postponed.over()
    if box.generation != postponed.generation:
        return  # it came to a world that is gone
    said = printable(masked_note(f"{method} {path}"))
    sentence = f"{said} was left by its client: a fault delayed it by {postponed.seconds:g} s, and nothing was done"
    box.journal.remark(box.now(), "left", sentence)


def rewind(environ: dict[str, Any], path: str) -> None:
    """Bring an environment that may have been through the app back to how it came."""
    environ["PATH_INFO"], environ["SCRIPT_NAME"] = path, ""
    environ["wsgi.input"].seek(0)
