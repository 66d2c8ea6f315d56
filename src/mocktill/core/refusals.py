"""Refusals on their way to the wire: a meaning becomes the vendor's error."""

from __future__ import annotations

import logging
from dataclasses import replace

import orjson

from mocktill.core.api import Backend, ErrorRow, Refusal
from mocktill.core.catalogue import unmatched
from mocktill.core.choices import Basis, weakest
from mocktill.core.errors import EVERYWHERE, Broken, Malformed, Meaning, NoRoute, TooSlow
from mocktill.core.turn import Answer, Turn

TOO_SLOW = 408
log = logging.getLogger("mocktill")


def refuse(turn: Turn, meaning: Meaning) -> Answer:
    """Answer with the vendor's error for a meaning; one that the operation does not declare is a defect."""
    operation, dialect = turn.request.operation, turn.shelf.api.dialect
    if slow := isinstance(meaning, TooSlow):
        meaning = Malformed(meaning.detail)
    if operation is not None and type(meaning) not in (*EVERYWHERE, *operation.errors, *dialect.errors):
        log.error("%s raises %s, which it does not declare", operation.name, type(meaning).__name__)
        meaning = Broken("an error that the operation does not declare")
    plain = _plain(turn, meaning)
    row = dialect.adapt(Refusal(plain, meaning, turn.violations), turn.backend)
    if slow:
        row = replace(row, status=TOO_SLOW)
    if meaning.detail:
        turn.notes.append(f"{row.type}: {meaning.detail}")
    if isinstance(meaning, NoRoute):
        near = unmatched(turn.shelf.api, turn.request.method, turn.request.path)
        turn.notes += [f"{'or' if place else 'the nearest are'} {one.sentence}" for place, one in enumerate(near)]
    return refusal(turn, row, meaning)


def refusal(turn: Turn, row: ErrorRow, meaning: Meaning) -> Answer:
    """Answer with one row of the vendor's table of errors."""
    dialect = turn.shelf.api.dialect
    value = dialect.error(Refusal(row, meaning, turn.violations), turn.backend)
    if not turn.shelf.contract.accepts(dialect.error_schema(row), value):
        log.error("the error %s breaks its own contract: %s", row.type, value)
    headers = meaning.headers if meaning.headers and row.status == _plain(turn, meaning).status else ()
    media_type = turn.request.operation.media_type if turn.request.operation else None
    return Answer(row.status, orjson.dumps(value), known(row.basis, turn.backend), headers, media_type)


def _plain(turn: Turn, meaning: Meaning) -> ErrorRow:
    """Return the row of a meaning, as the table has it."""
    operation = turn.request.operation.name if turn.request.operation else ""
    return turn.shelf.api.dialect.row_for(type(meaning), turn.request.method.upper(), operation)


def asked_for(turn: Turn, row: ErrorRow) -> Answer:
    """Answer with a row that somebody asked for, whatever the request is like."""
    dialect, meaning = turn.shelf.api.dialect, row.meaning()
    return refusal(turn, replace(dialect.adapt(Refusal(row, meaning), turn.backend), status=row.status), meaning)


def known(basis: Basis, backend: Backend) -> Basis:
    """Return how well an answer is known: the weakest of its row and of the choices that decided it."""
    return weakest(basis, *backend.weights)
