"""What a fault makes of an answer: another one, a spoilt one, or none that ever arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson

from mocktill.core.api import ErrorRow
from mocktill.core.choices import Basis
from mocktill.core.entry import phrase
from mocktill.core.errors import Broken
from mocktill.core.faults import limit_row, rows_of
from mocktill.core.refusals import asked_for
from mocktill.core.strike import Strike
from mocktill.core.turn import WHOLE, Answer, Effect, Turn

BAD = 400
NO_BODY = frozenset({204, 205, 304})
GARBLE = b"\x00\xff{garbled"
"""What a garbled body goes on with: no JSON has such bytes."""


def comes_first(turn: Turn) -> bool:
    """Whether the fault answers in the sandbox's place, so that nothing else is done about the request."""
    return turn.strike is not None and turn.strike.replaces and not turn.strike.after


def done(turn: Turn, answer: Answer) -> Answer:
    """Return what the fault leaves of an answer."""
    strike = turn.strike
    if strike is None:
        return answer
    what = strike.what
    if strike.replaces and strike.after:
        answer = instead(turn) or answer
    if "status" in what and (what["status"] >= BAD or answer.status < BAD or "body" in what):
        answer = replace(answer, status=what["status"])  # what is refused is not refused with a success
    if "garbled" in what:
        answer = replace(answer, body=answer.body[: len(answer.body) // 2] + GARBLE)
    if "content_type" in what:
        answer = replace(answer, media_type=what["content_type"])
    if strike.spoils and "error" not in what and "rate_limit" not in what:
        answer = replace(answer, basis=Basis.ASSUMED)
    return replace(answer, body=b"") if answer.status in NO_BODY else answer


def instead(turn: Turn) -> Answer | None:
    """Return the answer that a fault gives in the sandbox's place."""
    assert turn.strike is not None
    what, api, method = turn.strike.what, turn.shelf.api, turn.request.method.upper()
    if "body" in what:
        plain = isinstance(what["body"], str) and "content_type" in what
        body = what["body"].encode() if plain else orjson.dumps(what["body"])
        return Answer(what["status"], body, Basis.ASSUMED)
    row = None
    if "error" in what:
        rows = list(rows_of(api, what["error"], what.get("type")))
        row = next((row for row in _own_first(rows) if row.fits(method, _name_of(turn))), rows[0])
    elif "rate_limit" in what:
        row = limit_row(api)
    status = what.get("status", 429)
    return asked_for(turn, row or _row_of(turn, status))


def effect(strike: Strike) -> Effect | None:
    """Return what is left for the door to do; a delay before the state changed is over by now."""
    delay = strike.delay.total_seconds() if strike.after else 0.0
    connection = strike.what.get("connection", WHOLE)
    return Effect(delay, connection) if delay or connection != WHOLE else None


def headers(strike: Strike, given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of an answer that was struck: the rule's own in place of those with the same name."""
    own = strike.what.get("headers", {})
    taken = {name.lower() for name in own}
    kept = [(name, value) for name, value in given if name.lower() not in taken]
    return [*kept, *own.items(), ("Mocktill-Fault", strike.id)]


def _row_of(turn: Turn, status: int) -> ErrorRow:
    """Return how the vendor says a status, or would say it: in the shape of all its errors."""
    dialect, method = turn.shelf.api.dialect, turn.request.method.upper()
    for row in _own_first(dialect.rows):
        if row.status == status and row.fits(method, _name_of(turn)):
            return row
    row = dialect.row_for(Broken, method, _name_of(turn))
    return replace(row, status=status, text=phrase(status) or f"Status {status}", basis=Basis.ASSUMED)


def _name_of(turn: Turn) -> str:
    return turn.request.operation.name if turn.request.operation else ""


def _own_first(rows: Sequence[ErrorRow]) -> list[ErrorRow]:
    """Return the rows, those that are for single operations first."""
    return sorted(rows, key=lambda row: not row.operations)
