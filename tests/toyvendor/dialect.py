"""Kiosk on the wire: a key in a header of its own, `ok` in every answer, and two shapes of error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Dialect, ErrorRow, Refusal, Request, Result
from mocktill.core.bodies import FORM, media_type, read_form, read_json
from mocktill.core.choices import Basis
from mocktill.core.contract import errors_of

PAGE = "Kiosk, Errors"

ROWS = (
    ErrorRow(
        e.NotAuthenticated, 401, "E-PASS", "This is not the password", Basis.PUBLISHED, "Kiosk, Keys",
        operations=("issue_key",),
    ),
    ErrorRow(e.NotAuthenticated, 403, "E-KEY", "Show your key", Basis.DOCUMENTED, PAGE),
    ErrorRow(e.NotFound, 404, "E-NONE", "There is none", Basis.DOCUMENTED, PAGE),
    ErrorRow(
        e.NotFound, 404, "E-TICKET", "There is no such ticket", Basis.OBSERVED, "a client of Kiosk",
        operations=("read_ticket", "return_ticket"),
    ),
    ErrorRow(e.Invalid, 400, "E-FORM", "The form is wrong", Basis.DOCUMENTED, PAGE),
    ErrorRow(e.SoldOut, 409, "E-FULL", "The house is full", Basis.ASSUMED, PAGE),
    ErrorRow(e.KeyReused, 409, "E-AGAIN", "You said something else before", Basis.ASSUMED, PAGE),
    ErrorRow(e.KeyInUse, 409, "E-WAIT", "One after the other", Basis.ASSUMED, PAGE),
    ErrorRow(e.Malformed, 400, "E-READ", "This cannot be read", Basis.ASSUMED, PAGE),
    ErrorRow(e.TooLarge, 413, "E-LONG", "This is too long", Basis.ASSUMED, PAGE),
    ErrorRow(e.NoRoute, 404, "E-WAY", "There is no such way", Basis.ASSUMED, PAGE),
    ErrorRow(e.WrongMethod, 405, "E-VERB", "Not like this", Basis.ASSUMED, PAGE),
    ErrorRow(e.Broken, 500, "E-US", "It is us", Basis.ASSUMED, "the sandbox itself failed"),
)  # fmt: skip


def credential(request: Request) -> str | None:
    """Return the key of the header `X-Kiosk-Key`."""
    return request.headers.get("x-kiosk-key", "").strip() or None


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the value of a JSON body, or of a form where the operation reads one."""
    if request.operation is not None and request.operation.form and media_type(request.headers) == FORM:
        return read_form(request.body, properties)
    return read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Put a ticket beside `ok`; what is no ticket is as it is."""
    return {"ok": True, "ticket": result.value} if call.operation.response == "ticket.response" else result.value


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Change the status of a full house where the choice says so."""
    if isinstance(refusal.meaning, e.SoldOut):
        return replace(refusal.row, status=int(backend.choice("sold_out_status")))
    return refusal.row


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return one fault; of an invalid form all the fields that are wrong."""
    row = refusal.row
    if row.meaning is e.Invalid:
        return {"ok": False, "fields": [violation.pointer for violation in errors_of(refusal.violations)]}
    return {"ok": False, "fault": {"no": row.type, "why": row.text}}


DIALECT = Dialect(
    media_type="application/json; charset=utf-8",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    error_schema=lambda row: "wrong_fields" if row.meaning is e.Invalid else "fault",
    errors=(e.KeyReused, e.KeyInUse),
    adapt=adapt,
    secrets=("x-kiosk-key",),
    security={"key": {"type": "apiKey", "in": "header", "name": "X-Kiosk-Key"}},
)
