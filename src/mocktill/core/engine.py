"""The pipeline: one request, from values to values. Reading `handle` and `respond` is reading the product."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

import orjson

from mocktill.core import answers
from mocktill.core.api import JSON, Backend, Call, ErrorRow, Operation, Refusal, Request, Violation
from mocktill.core.catalogue import Shelf, nearest
from mocktill.core.choices import Basis, weakest
from mocktill.core.contract import errors_of
from mocktill.core.errors import EVERYWHERE, Broken, Forbidden, Invalid, Meaning, NoRoute, NotAuthenticated
from mocktill.core.journal import BODY, LINE, Entry
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import (
    MASK,
    masked,
    masked_body,
    masked_headers,
    masked_query,
    masked_text,
    named_headers,
    secret,
    suspicious,
)
from mocktill.core.store import Change

log = logging.getLogger("mocktill")

FORBIDDEN_STATE = "forbidden"
REFUSED_STATES = frozenset({"refused", "expired", "revoked"})


@dataclass(slots=True)
class Response:
    """What goes back to the client, and the journal's entry about it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    entry: Entry


@dataclass(slots=True)
class Turn:
    """What is gathered about one request on its way through the pipeline."""

    shelf: Shelf
    backend: Backend
    request: Request
    violations: tuple[Violation, ...] = ()
    changes: tuple[Change, ...] = ()
    applied: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """A status, a body that has passed the contract, and how well it is known."""

    status: int
    body: bytes
    basis: Basis
    headers: tuple[tuple[str, str], ...] = ()


def handle(box: Sandbox, shelf: Shelf, request: Request) -> Response:
    """Answer one request, journal it, and only then let the answer go; a defect is loud, and an answer too."""
    with box.lock:
        turn = Turn(shelf, box.backend(shelf.api.name), request)
        try:
            answer = attempt(box, turn)
        except Exception:
            log.exception("%s %s: a defect of the sandbox", request.method, request.path)
            answer = refuse(turn, Broken("the sandbox failed; its log has the reason"))
        return finish(box, turn, answer)


def attempt(box: Sandbox, turn: Turn) -> Answer:
    """Let time pass, count the call, and respond, or refuse for a meaning that was raised."""
    turn.backend.begin(box.clock.now())
    expired = box.pass_time()
    if expired:
        turn.notes += [event.sentence for event in expired]
        turn.backend.begin(box.clock.now())
    try:
        count(box, turn)
        return respond(box, turn)
    except Meaning as meaning:
        return refuse(turn, meaning)


def respond(box: Sandbox, turn: Turn) -> Answer:
    """Ask who it is, read, check, behave, wrap, check again, and keep what was written: or nothing of it."""
    request, api, backend = turn.request, turn.shelf.api, turn.backend
    operation = request.operation
    if request.problem is not None or operation is None:
        raise request.problem or NoRoute()
    credential = authenticate(turn)
    call = read(turn, operation, credential)
    substitute = answers.instead(box, turn.shelf, backend, call, request.headers.get("prefer", ""))
    turn.applied, turn.notes = substitute.applied, [*turn.notes, *substitute.notes]
    if substitute.row is not None:
        wanted = Refusal(substitute.row, substitute.row.meaning())
        return refusal(turn, replace(api.dialect.adapt(wanted, backend), status=substitute.row.status), wanted.meaning)
    if substitute.given:
        body = check_outward(turn, operation, substitute.value)
        return Answer(operation.status, body, weakest(operation.basis, substitute.basis))
    with box.store.transaction() as transaction:
        result = operation.handler(call, backend)
        value = api.dialect.envelope(result, call, backend)
        body = check_outward(turn, operation, value)
    turn.changes = tuple(transaction.changes)
    return Answer(operation.status, body, known(operation.basis, backend), result.headers)


def count(box: Sandbox, turn: Turn) -> None:
    """Let the vendor count the call; what was counted stays, even if the call is refused for it."""
    dialect = turn.shelf.api.dialect
    if dialect.count is not None:
        with box.store.transaction():
            meaning = dialect.count(turn.backend)
        if meaning is not None:
            raise meaning


def authenticate(turn: Turn) -> str:
    """Return the credential.

    Raises `NotAuthenticated` for none, a refused one, or by choice an unknown one, and `Forbidden` for one that is
    marked so.
    """
    credential = turn.shelf.api.dialect.credential(turn.request)
    if not credential:
        raise NotAuthenticated("no credential")
    row = turn.backend.table("credentials").get(credential)
    if row is not None and row["state"] in REFUSED_STATES:
        raise NotAuthenticated(f"the credential is {row['state']}")
    if row is not None and row["state"] == FORBIDDEN_STATE:
        raise Forbidden("the credential is good, and not for this")
    if row is None and turn.backend.choice("unknown_credentials") == "refuse":
        raise NotAuthenticated("nobody knows the credential")
    return credential


def read(turn: Turn, operation: Operation, credential: str) -> Call:
    """Turn bytes into values and hold them against the contract; raise `Malformed` or `Invalid`."""
    request, dialect, contract = turn.request, turn.shelf.api.dialect, turn.shelf.contract
    found = dialect.check(request, turn.backend)
    query = request.parameters
    if operation.query is not None:
        found += contract.check(operation.query, query, "query")
    refuse_violations(turn, found)
    body: JSON = None
    if operation.body is not None:
        body = dialect.read(request, contract.properties(operation.body))
        refuse_violations(turn, [*found, *contract.check(operation.body, body)])
    return Call(operation, request.args, query, body, request.base_url, credential)


def refuse_violations(turn: Turn, found: list[Violation]) -> None:
    """Note what was found; raise `Invalid` where a vendor would not let it pass."""
    turn.violations = tuple(found)
    if errors_of(found):
        raise Invalid("the request breaks the contract")


def check_outward(turn: Turn, operation: Operation, value: JSON) -> bytes:
    """Hold an answer against its contract and return its bytes; one that breaks it is a defect, and loud."""
    if not turn.shelf.contract.accepts(operation.response, value):
        violation = turn.shelf.contract.explain(operation.response, value)[0]
        log.error("%s answers against its own contract: %s", operation.name, violation)
        raise Broken(f"the answer breaks its contract at {violation.pointer}: {violation.expected}")
    return orjson.dumps(value)


def refuse(turn: Turn, meaning: Meaning) -> Answer:
    """Answer with the vendor's error for a meaning; one that the operation does not declare is a defect."""
    operation, dialect = turn.request.operation, turn.shelf.api.dialect
    if operation is not None and type(meaning) not in (*EVERYWHERE, *operation.errors, *dialect.errors):
        log.error("%s raises %s, which it does not declare", operation.name, type(meaning).__name__)
        meaning = Broken("an error that the operation does not declare")
    plain = dialect.row_for(type(meaning), turn.request.method.upper())
    row = dialect.adapt(Refusal(plain, meaning, turn.violations), turn.backend)
    if meaning.detail:
        turn.notes.append(f"{row.type}: {meaning.detail}")
    if isinstance(meaning, NoRoute):
        near = nearest(turn.shelf.api, turn.request.method, turn.request.path)
        turn.notes.append("the nearest are " + ", ".join(f"{op.method} {op.path}" for op in near))
    return refusal(turn, row, meaning)


def refusal(turn: Turn, row: ErrorRow, meaning: Meaning) -> Answer:
    """Answer with one row of the vendor's table of errors."""
    dialect = turn.shelf.api.dialect
    value = dialect.error(Refusal(row, meaning, turn.violations), turn.backend)
    if not turn.shelf.contract.accepts(dialect.error_schema(row), value):
        log.error("the error %s breaks its own contract: %s", row.type, value)
    headers = () if row.status == 404 else meaning.headers
    return Answer(row.status, orjson.dumps(value), known(row.basis, turn.backend), headers)


def finish(box: Sandbox, turn: Turn, answer: Answer) -> Response:
    """Write the journal's entry, then give the answer away."""
    number = box.journal.next_id()
    headers = [
        ("Content-Type", turn.shelf.api.dialect.media_type),
        ("Mocktill-Entry", str(number)),
        ("Mocktill-Basis", answer.basis.value),
        *answer.headers,
        *turn.shelf.api.dialect.headers(turn.backend),
    ]
    if turn.applied:
        headers.append(("Preference-Applied", turn.applied))
    entry = record(box, turn, answer, number, tuple(headers))
    box.journal.add(entry)
    return Response(answer.status, headers, answer.body, entry)


def record(box: Sandbox, turn: Turn, answer: Answer, number: int, headers: tuple[tuple[str, str], ...]) -> Entry:
    """Make the journal's entry: secrets masked, bodies cut, everything else by reference."""
    request = turn.request
    headers_kept, delicate = keep_headers(box, turn)
    # a living answer holds nothing but rows, and those nothing but what came in with a body or a path
    search = box.delicate or answer.status >= 400 or bool(turn.applied)
    return Entry(
        id=number,
        at=turn.backend.now,
        sandbox=box.name,
        api=turn.shelf.api.name,
        operation=request.operation.name if request.operation else None,
        method=request.method,
        path=masked_text(request.path)[:LINE],
        query=masked_query(request.query)[:LINE],
        request_headers=headers_kept,
        request_body=(masked_body(request.body) if delicate else request.body)[:BODY],
        status=answer.status,
        response_headers=headers,
        response_body=(masked_body(answer.body) if search else answer.body)[:BODY],
        basis=answer.basis,
        violations=masked_violations(turn.violations),
        choices=tuple(dict.fromkeys(turn.backend.used)),
        changes=tuple([masked_change(box, change) for change in turn.changes]) if search else turn.changes,
        notes=tuple([masked_text(note) for note in (*turn.notes, *turn.backend.notes)]),
    )


def keep_headers(box: Sandbox, turn: Turn) -> tuple[dict[str, str], bool]:
    """Return the headers without their secrets, and whether the request may hold more that has to be masked."""
    request, own = turn.request, turn.shelf.api.dialect.secrets
    headers = named_headers(request.headers, own)
    sent = request.path.encode(errors="replace") + b" " + request.body
    values = [value.encode(errors="replace") for value in headers.values()]
    if not suspicious(b" ".join([sent, *values])):
        return headers, False
    box.delicate = box.delicate or suspicious(sent)
    return masked_headers(request.headers, own), True


def masked_change(box: Sandbox, change: Change) -> Change:
    """Return a change without the secrets that a client put into the row; most changes are returned as they are."""
    table, key, before, after = change
    if box.table(table).plain:
        return change
    if not suspicious(orjson.dumps((key, before, after))):
        return change
    return Change(table, masked_text(key), masked(before), masked(after))


def masked_violations(violations: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Return the violations without the secrets that a client put in the wrong place."""
    return tuple(
        [
            replace(v, pointer=masked_text(v.pointer)[:LINE], got=MASK if secret(v.pointer) else v.got)
            for v in violations
        ]
    )


def known(basis: Basis, backend: Backend) -> Basis:
    """Return how well an answer is known: the weakest of its row and of the choices that decided it."""
    return weakest(basis, *[used for _, _, used in backend.used])
