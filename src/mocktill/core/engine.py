"""The pipeline: one request, from values to values. Reading `handle` and `respond` is reading the product."""

from __future__ import annotations

import logging
from dataclasses import replace

import orjson

from mocktill.core import answers
from mocktill.core.api import JSON, Backend, Call, ErrorRow, Operation, Refusal, Request, Violation
from mocktill.core.catalogue import Shelf, nearest
from mocktill.core.choices import Basis, weakest
from mocktill.core.contract import errors_of
from mocktill.core.errors import EVERYWHERE, Broken, Forbidden, Invalid, Meaning, NoRoute, NotAuthenticated
from mocktill.core.record import record
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import masked_text
from mocktill.core.turn import Answer, Response, Turn

log = logging.getLogger("mocktill")

FORBIDDEN_STATE = "forbidden"
REFUSED_STATES = frozenset({"refused", "expired", "revoked"})


def handle(box: Sandbox, shelf: Shelf, request: Request) -> Response:
    """Answer one request, journal it, and only then let the answer go; a defect is loud, and an answer too."""
    with box.lock:
        turn = Turn(shelf, box.backend(shelf.api.name), request)
        try:
            return finish(box, turn, attempt(box, turn))
        except Exception:
            log.exception("%s %s: a defect of the sandbox", request.method, masked_text(request.path))
            return finish(box, turn, refuse(turn, Broken("the sandbox failed; its log has the reason")))


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
        return Answer(operation.status, body, known(weakest(operation.basis, substitute.basis), backend))
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
        root = f"{turn.request.root}{turn.shelf.api.prefixes[0]}"
        turn.notes.append("the nearest are " + ", ".join(f"{op.method} {root}{op.path}" for op in near))
    return refusal(turn, row, meaning)


def refusal(turn: Turn, row: ErrorRow, meaning: Meaning) -> Answer:
    """Answer with one row of the vendor's table of errors."""
    dialect = turn.shelf.api.dialect
    value = dialect.error(Refusal(row, meaning, turn.violations), turn.backend)
    if not turn.shelf.contract.accepts(dialect.error_schema(row), value):
        log.error("the error %s breaks its own contract: %s", row.type, value)
    headers = (
        meaning.headers if row.status == dialect.row_for(type(meaning), turn.request.method.upper()).status else ()
    )
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


def known(basis: Basis, backend: Backend) -> Basis:
    """Return how well an answer is known: the weakest of its row and of the choices that decided it."""
    return weakest(basis, *backend.weights)
