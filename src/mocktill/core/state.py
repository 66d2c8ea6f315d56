"""The state of a sandbox as a document: one that diffs well, and that is accepted as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from mocktill.core.api import JSON, Rows, Violation
from mocktill.core.bodies import DEEPEST, check_depth
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import EARLIEST, LATEST, instant, text
from mocktill.core.contract import Unacceptable, own
from mocktill.core.errors import Malformed
from mocktill.core.rows import (
    LONGEST,
    SOURCE,
    Keys,
    contracts,
    existing,
    is_instant,
    nearest,
    wrong,
    wrong_rows,
    wrong_table,
)
from mocktill.core.secrets import masked as masked_value
from mocktill.core.secrets import masked_text, suspicious
from mocktill.core.seeds import pointer_to

VERSION = 1
SETTINGS, CHOICES = "mocktill.settings", "mocktill.choices"
"""The tables of a sandbox's own seed and kind of answers, and of what was chosen."""
RUNS_ON = timedelta(days=366)
"""How far beyond its end a clock that runs may have come."""
MOST = 100
"""How many violations of one document are told."""
DEEPER = 8
"""How much deeper JSON may lie in a document than in the request that brought it."""


def document(tables: Rows, clock: JSON) -> JSON:
    """Return rows and the clock's setting as a document of its own: tables and keys in order, each row as it is."""
    ordered = {name: dict(sorted(rows.items())) for name, rows in sorted(tables.items())}
    return orjson.loads(orjson.dumps({"version": VERSION, "clock": clock, "tables": ordered}))


def overlaid(
    document: JSON,
    *,
    seed: int | None = None,
    answers: str | None = None,
    choices: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> JSON:
    """Return a document in which what somebody said besides counts more than what it holds; None is for not said.

    What it does not name, a sandbox keeps that loads it, and begins with. The clock stands still at `now`. A document
    that is none stays as it is, for whoever checks it.
    """
    tables = document.get("tables") if isinstance(document, Mapping) else None
    if not isinstance(tables, Mapping):
        return document
    given = {name: value for name, value in (("seed", seed), ("answers", answers)) if value is not None}
    chosen = {name: {"value": value} for name, value in (choices or {}).items()}
    laid = {**document, "tables": _over(_over(tables, CHOICES, chosen), SETTINGS, {"settings": given})}
    return laid if now is None else {**laid, "clock": {"mode": "frozen", "at": text(now)}}


def _over(tables: Mapping[str, JSON], table: str, fields: Mapping[str, Mapping[str, JSON]]) -> Mapping[str, JSON]:
    """Return tables in which the rows of one have these fields, if it is among them."""
    rows = tables.get(table)
    if not isinstance(rows, Mapping):
        return tables
    there = {key: rows.get(key, {}) for key in fields}
    over = {key: {**row, **fields[key]} for key, row in there.items() if isinstance(row, Mapping) and fields[key]}
    return {**tables, table: {**rows, **over}}


def dump(document: JSON) -> bytes:
    """Return the bytes of a document as a file has them: a line for each field, and a line break at the end."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read(raw: bytes) -> JSON:
    """Return the value of a file; raise `Unacceptable`, with line and column, for what is no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        found = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise Unacceptable([replace(wrong("", "JSON", "JSON", None), got=found)]) from None


def check(catalogue: Catalogue, document: JSON) -> list[Violation]:
    """Return the ways in which a value is no state of a sandbox, with pointers; none for one that is.

    At the most `MOST` of them. The fault rules of a snapshot are checked like any that is added.
    """
    return _told(_unwritable(document)) or _told(_wrong_state(catalogue, document))


def check_server(catalogue: Catalogue, document: JSON) -> list[Violation]:
    """Return the ways in which a value is no state file of a whole server, as `check` does for one sandbox."""
    return _told(_unwritable(document, DEEPER + 2)) or _told(_wrong_server(catalogue, document))


def check_table(catalogue: Catalogue, table: str) -> None:
    """Raise KeyError, in words, for a table that a document cannot have."""
    known = contracts(catalogue)
    if table not in known:
        near = nearest(known, table)
        hint = f"did you mean {near}?" if near else f"names begin with {', '.join(catalogue.shelves)} and a dot"
        raise KeyError(f"there is no table {table[:LONGEST]}: {hint}")


def check_row(catalogue: Catalogue, table: str, key: str, row: JSON, tables: Keys) -> list[Violation]:
    """Return what is wrong with one row, with pointers into it; `tables` are those that it may refer to.

    Raises KeyError, in words, for a table that a document cannot have.
    """
    check_table(catalogue, table)
    if not isinstance(row, dict):
        return [wrong("", "type", "object", row)]
    found = _told(_unwritable({"tables": {table: {key: row}}}))
    if found:
        return [_within(pointer_to("tables", table, key), violation) for violation in found]
    found = _told(wrong_rows(catalogue, table, {key: row}, tables))
    return [_within(pointer_to(key), violation) for violation in found]


def masked(document: JSON) -> JSON:
    """Return a document to give away: what is secret in rows, and card numbers that are keys, are masked.

    The keys of credentials stay: they are the fixtures' own.
    """
    return {**document, "tables": {name: _masked(name, rows) for name, rows in document["tables"].items()}}


def _masked(table: str, rows: Mapping[str, JSON]) -> Mapping[str, JSON]:
    if not suspicious(orjson.dumps(rows)):
        return rows
    hidden: dict[str, JSON] = {}
    for key, row in rows.items():
        name = key if table.endswith(".credentials") else masked_text(key)
        while name in hidden:  # two cards may end alike
            name += "*"
        hidden[name] = masked_value(row) if suspicious(orjson.dumps(row)) else row
    return hidden


def _wrong_state(catalogue: Catalogue, document: JSON) -> Iterator[Violation]:
    yield from own().check("state", document)
    if isinstance(document, dict):
        yield from _wrong_parts(catalogue, document)


def _wrong_server(catalogue: Catalogue, document: JSON) -> Iterator[Violation]:
    yield from own().check("states", document)
    sandboxes = document.get("sandboxes") if isinstance(document, dict) else None
    for name, one in sandboxes.items() if isinstance(sandboxes, dict) else ():
        if isinstance(one, dict):
            place = pointer_to("sandboxes", name)
            yield from (_at(place, violation) for violation in _wrong_parts(catalogue, one))


def _wrong_parts(catalogue: Catalogue, document: Mapping[str, JSON]) -> Iterator[Violation]:
    """Yield what is wrong with a clock and tables, as far as they have the shape of some: the others have been told."""
    clock, tables = document.get("clock"), document.get("tables")
    at = clock.get("at") if isinstance(clock, dict) else None
    if isinstance(at, str) and not (is_instant(at) and EARLIEST <= instant(at) <= LATEST + RUNS_ON):
        yield wrong("/clock/at", "date-time", f"an instant from {text(EARLIEST)} to {text(LATEST)}", at)
    known = contracts(catalogue)
    shaped = {name: rows for name, rows in tables.items() if isinstance(rows, dict)} if isinstance(tables, dict) else {}
    for name, rows in shaped.items():
        place = pointer_to("tables", name)
        if name not in known:
            yield wrong(place, "additionalProperties", existing("a table", known, name), name)
            continue
        objects = {key: row for key, row in rows.items() if isinstance(row, dict)}
        yield from (_at(place, violation) for violation in wrong_table(catalogue, name, objects, shaped))


def _unwritable(value: JSON, deeper: int = DEEPER) -> Iterator[Violation]:
    """Yield what keeps a value from being written and read again as it is."""
    try:
        check_depth(value, DEEPEST + deeper)
    except Malformed as error:
        yield wrong("", "depth", f"no more than {DEEPEST + deeper} objects and arrays within each other", str(error))
        return
    if not _lasts(value):
        yield from _foreign(value, "")


def _foreign(value: Any, at: str) -> Iterator[Violation]:
    if isinstance(value, dict) and all(isinstance(key, str) and _lasts(key) for key in value):
        for key, item in value.items():
            yield from _foreign(item, at + pointer_to(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _foreign(item, f"{at}/{number}")
    elif not _lasts(value):
        yield wrong(at, "JSON", "what JSON says: whole text, numbers of 64 bits", value)


def _lasts(value: Any) -> bool:
    """Whether a value comes back as it is: no half of a surrogate pair, no integer over 64 bits, no NaN, no tuple."""
    try:
        return bool(orjson.loads(orjson.dumps(value)) == value)
    except (TypeError, ValueError, RecursionError):
        return False


def _told(violations: Iterable[Violation]) -> list[Violation]:
    """Return the first violations, sorted by pointer; what a schema has told of a place is not told again."""
    found: dict[tuple[str, str], Violation] = {}
    places: set[str] = set()
    for violation in islice(violations, 2 * MOST):
        if violation.source != SOURCE or violation.pointer not in places:
            places.add(violation.pointer)
            found[violation.pointer, violation.rule] = replace(violation, severity="error")
    return sorted(islice(found.values(), MOST), key=lambda violation: violation.pointer)


def _at(place: str, violation: Violation) -> Violation:
    return replace(violation, pointer=place + violation.pointer)


def _within(place: str, violation: Violation) -> Violation:
    return replace(violation, pointer=violation.pointer.removeprefix(place))
