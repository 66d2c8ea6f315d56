"""The journal's entry about a request: secrets masked, bodies cut, everything else by reference."""

from __future__ import annotations

from dataclasses import replace

import orjson

from mocktill.core.api import Violation
from mocktill.core.entry import BODY, LINE, Entry, Struck
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import (
    CACHED,
    MASK,
    NOTE,
    masked,
    masked_body,
    masked_headers,
    masked_note,
    masked_query,
    named_headers,
    secret,
    suspicious,
)
from mocktill.core.store import Change
from mocktill.core.turn import Answer, Turn


def record(box: Sandbox, turn: Turn, answer: Answer, number: int, headers: tuple[tuple[str, str], ...]) -> Entry:
    """Make the journal's entry: secrets masked, bodies cut, everything else by reference."""
    request = turn.request
    headers_kept, delicate = _headers(box, turn)
    # a living answer holds nothing but rows, and those nothing but what came in with a body or a path
    search = box.delicate or _refused(turn, answer) or bool(turn.applied) or _issues(turn, answer)
    return Entry(
        id=number,
        at=turn.backend.now,
        sandbox=box.name,
        api=turn.shelf.api.name,
        operation=request.operation.name if request.operation else None,
        method=request.method,
        path=masked_note(request.path) if delicate else request.path[:LINE],
        query=masked_query(request.query),
        request_headers=headers_kept,
        request_body=(masked_body(request.body) if delicate else request.body)[:BODY],
        status=answer.status,
        response_headers=headers if turn.strike is None else _given(headers),
        response_body=_tight(masked_body(answer.body) if search else answer.body),
        basis=answer.basis,
        violations=_violations(turn.violations),
        choices=tuple(dict.fromkeys(turn.backend.used)),
        changes=tuple([_change(box, change) for change in turn.changes]) if search else turn.changes,
        notes=tuple([masked_note(note) for note in (*turn.notes, *turn.backend.notes)]),
        base_url=request.base_url if "@" not in request.base_url else masked_note(request.base_url),
        fault=_struck(turn),
        lost=turn.strike is not None and turn.strike.loses,
    )


def _refused(turn: Turn, answer: Answer) -> bool:
    """Whether an answer may repeat what was sent; a success does not, whatever its status."""
    operation = turn.request.operation
    return answer.status >= 400 and (operation is None or answer.status not in operation.also)


def _issues(turn: Turn, answer: Answer) -> bool:
    """Whether an answer holds a secret that the sandbox made: under a name that the operation's schema has for it."""
    operation = turn.request.operation
    names = turn.shelf.delicate[operation.name] if operation else ()
    return bool(names) and any(name in answer.body for name in names)


def _tight(body: bytes) -> bytes:
    """Return a body, cut, in no more memory than it needs: orjson leaves what it writes in 8 KiB."""
    return bytes(memoryview(body)[:BODY])


def _headers(box: Sandbox, turn: Turn) -> tuple[dict[str, str], bool]:
    """Return the headers without their secrets, and whether the request may hold more that has to be masked."""
    request, own = turn.request, turn.shelf.api.dialect.secrets
    headers = named_headers(request.headers, own)
    sent = request.path.encode(errors="replace") + b" " + request.body
    values = b" ".join([value.encode(errors="replace") for value in headers.values()])
    if not suspicious(sent + b" " + values) and b"@" not in values and len(values) <= LINE:
        return headers, False
    if suspicious(request.body) or masked_note(request.path) != request.path[:NOTE]:
        box.note_delicate()
    return masked_headers(request.headers, own), True


def _struck(turn: Turn) -> Struck | None:
    strike = turn.strike
    if strike is None:
        return None
    return Struck(strike.id, strike.sentence(bool(turn.changes)), not strike.keeps, strike.kind)


def _given(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer that a fault rule may have added to, without their secrets."""
    return tuple([(name, "".join(masked_headers({name: value}).values())) for name, value in headers])


def _change(box: Sandbox, change: Change) -> Change:
    """Return a change without the secrets that a client put into the row; most changes are returned as they are."""
    table, key, before, after = change
    if box.table(table).plain:
        return change
    written = orjson.dumps((key, before, after))
    if not suspicious(written):
        return change
    if len(written) > BODY:
        omitted = {"omitted": f"{len(written)} bytes, among them what has to be masked"}
        return Change(table, masked_note(key), before and omitted, after and omitted)
    return Change(table, masked_note(key), masked(before), masked(after))


def _violations(violations: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Return the violations without the secrets that a client put in the wrong place."""
    return tuple(
        [
            replace(v, pointer=masked_note(v.pointer), got=MASK if secret(v.pointer[-CACHED:]) else v.got)
            for v in violations
        ]
    )
