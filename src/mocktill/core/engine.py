"""The pipeline: one request, from values to values. Reading `handle` and `respond` is reading the product."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import orjson

from mocktill.core import answers, damage
from mocktill.core.api import JSON, Call, Operation, Request, Result, Violation
from mocktill.core.catalogue import Shelf
from mocktill.core.choices import weakest
from mocktill.core.clock import instant
from mocktill.core.contract import errors_of
from mocktill.core.errors import Broken, Forbidden, Invalid, Meaning, NoRoute, NotAuthenticated
from mocktill.core.record import record
from mocktill.core.refusals import asked_for, known, refuse
from mocktill.core.replies import HEADER, Reply
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import known_credential, masked_text
from mocktill.core.strike import Strike
from mocktill.core.turn import Answer, Postponed, Response, Turn

log = logging.getLogger("mocktill")

FORBIDDEN_STATE = "forbidden"
REFUSED_STATES = frozenset({"refused", "expired", "revoked"})
OWN = "mocktill."
"""What the tables of the sandbox itself begin with: what changes in them is no change of the vendor's."""


def handle(box: Sandbox, shelf: Shelf, request: Request, strike: Strike | None = None) -> Response | Postponed:
    """Answer one request, journal it, and only then let the answer go; a defect is loud, and an answer too.

    `strike` is the fault that the request has waited for already: it is not counted again.
    """
    with box.lock:
        turn = Turn(shelf, box.backend(shelf.api.name), request, strike=strike)
        try:
            let_time_pass(box, turn)
            if strike is None:
                turn.strike = box.faults.choose(shelf.api, request, turn.backend.now, lambda: fields_of(shelf, request))
                if (
                    turn.strike is not None
                    and turn.strike.postpones
                    and not box.replies.waits(shelf.api, request, turn.backend)
                ):
                    return postpone(box, turn, turn.strike)
            return finish(box, turn, attempt(box, turn))
        except Exception:
            log.exception("%s %s: a defect of the sandbox", request.method, masked_text(request.path))
            return finish(box, turn, refuse(turn, Broken("the sandbox failed; its log has the reason")))


def answer_at_once(box: Sandbox, shelf: Shelf, request: Request) -> Response:
    """Answer one request for somebody who does not wait: what a fault delays is done without the delay."""
    answer = handle(box, shelf, request)
    while isinstance(answer, Postponed):
        answer.over()
        answer = handle(box, shelf, request, answer.strike)
    return answer


def postpone(box: Sandbox, turn: Turn, strike: Strike) -> Postponed:
    """Let a request wait before anything is done about it; what it was to be told, the next entry tells."""
    keyed = box.replies.hold(turn.shelf.api, turn.request, turn.backend)
    for note in turn.notes:
        box.journal.tell_next(note)
    return Postponed(strike, box, box.generation, keyed)


def let_time_pass(box: Sandbox, turn: Turn) -> None:
    """Let what is due expire, and tell the request what happened since the last one."""
    now = box.clock.now()
    turn.backend.begin(now)
    expired = box.pass_time(now)
    turn.notes += box.journal.unsaid()
    if expired:
        turn.notes += [event.sentence for event in expired]
        turn.backend.begin(now)


def fields_of(shelf: Shelf, request: Request) -> Mapping[str, JSON]:
    """Return the properties of a request's body, by which a form's values get their types."""
    named = request.operation.body if request.operation else None
    return shelf.contract.properties(named) if named else {}


def attempt(box: Sandbox, turn: Turn) -> Answer:
    """Count the call, and respond, or refuse for a meaning that was raised; a fault does to the answer what it says."""
    try:
        count(box, turn)
        answer = (damage.instead(turn) if damage.comes_first(turn) else None) or respond(box, turn)
    except Meaning as meaning:
        answer = refuse(turn, meaning)
        meaning.__traceback__ = None  # a request has its problem: it would lead back to it, and keep all of this alive
    return damage.done(turn, answer)


def respond(box: Sandbox, turn: Turn) -> Answer:
    """Ask who it is, read, check, behave, wrap, check again, and keep what was written: or nothing of it."""
    request, backend = turn.request, turn.backend
    operation = request.operation
    if request.problem is not None or operation is None:
        raise request.problem or NoRoute()
    credential = "" if operation.open else authenticate(turn)
    call = read(turn, operation, credential)
    substitute = answers.instead(box, turn.shelf, backend, call, request.headers.get("prefer", ""))
    turn.applied, turn.notes = substitute.applied, [*turn.notes, *substitute.notes]
    if substitute.row is not None:
        return asked_for(turn, substitute.row)
    if substitute.given:
        body = check_outward(turn, operation, substitute.value)
        basis = known(weakest(operation.basis, substitute.basis), backend)
        return Answer(substitute.status or operation.status, body, basis, media_type=operation.media_type)
    return behave(box, turn, call)


def behave(box: Sandbox, turn: Turn, call: Call) -> Answer:
    """Do what the vendor does, and keep what was written, or nothing of it; the same request again changes nothing."""
    api, backend, operation = turn.shelf.api, turn.backend, call.operation
    key = box.replies.asked(api, turn.request, call, backend) if HEADER in turn.request.headers else None
    if key is not None and (reply := box.replies.find(key, backend.now)) is not None:
        turn.notes.append("answered as the first request with the same Idempotency-Key: nothing was done")
        return Answer(reply.status, reply.body, reply.basis, reply.headers, reply.media_type)
    with box.store.transaction() as transaction:
        result = operation.handler(call, backend)
        body = check_outward(turn, operation, api.dialect.envelope(result, call, backend))
        status = status_of(operation, result)
        answer = Answer(status, body, known(operation.basis, backend), result.headers, operation.media_type)
        if key is not None:
            kept = Reply(status, body, answer.basis, answer.headers, answer.media_type)
            box.replies.keep(key, kept, backend.now)
        if turn.strike is not None and not turn.strike.keeps:
            transaction.discard()
    turn.changes = tuple([change for change in transaction.changes if not change.table.startswith(OWN)])
    return answer


def status_of(operation: Operation, result: Result) -> int:
    """Return the status of a success; one that the operation does not declare is a defect, and loud."""
    if result.status is None or result.status == operation.status:
        return operation.status
    if result.status not in operation.also:
        log.error("%s answers with the status %s, which it does not declare", operation.name, result.status)
        raise Broken("a status that the operation does not declare")
    return result.status


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
    row = known_credential(turn.backend.table("credentials"), credential)
    if row is not None and row["state"] in REFUSED_STATES:
        raise NotAuthenticated(f"the credential is {row['state']}")
    if row is not None and row.get("expires_at") is not None and instant(row["expires_at"]) <= turn.backend.now:
        raise NotAuthenticated(f"the credential has expired at {row['expires_at']}")
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
    if operation.response is None:
        if value is not None:
            log.error("%s answers with a body, which it does not declare", operation.name)
            raise Broken("an answer that has no body has one")
        return b""
    if not turn.shelf.contract.accepts(operation.response, value):
        violation = turn.shelf.contract.explain(operation.response, value)[0]
        log.error("%s answers against its own contract: %s", operation.name, violation)
        raise Broken(f"the answer breaks its contract at {violation.pointer}: {violation.expected}")
    return orjson.dumps(value)


def finish(box: Sandbox, turn: Turn, answer: Answer) -> Response:
    """Write the journal's entry, then give the answer away."""
    number = box.journal.next_id()
    headers = [("Content-Type", answer.media_type or turn.shelf.api.dialect.media_type)] if answer.body else []
    headers += [
        ("Mocktill-Entry", str(number)),
        ("Mocktill-Basis", answer.basis.value),
        *answer.headers,
        *turn.shelf.api.dialect.headers(turn.backend),
    ]
    if turn.applied:
        headers.append(("Preference-Applied", turn.applied))
    if turn.strike is not None:
        headers = damage.headers(turn.strike, headers)
    entry = record(box, turn, answer, number, tuple(headers))
    box.journal.add(entry)
    box.webhooks.tell()
    return Response(answer.status, headers, answer.body, entry, damage.effect(turn.strike) if turn.strike else None)
