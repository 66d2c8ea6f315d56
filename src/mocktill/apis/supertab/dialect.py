"""Supertab on the wire: an access token in, with or without `Bearer`, plain objects and `error` out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mocktill.core import errors as e
from mocktill.core.api import (
    JSON,
    Backend,
    Call,
    Dialect,
    ErrorRow,
    Refusal,
    Request,
    Result,
    Violation,
)
from mocktill.core.bodies import read_json
from mocktill.core.choices import Basis
from mocktill.core.secrets import shown

SIBLING = "Supertab API, other endpoints of the same backend; assumed for this one"
ASSUMED_ROW = "assumed by Mocktill: no error of this situation is shown"
ASSUMED = Basis.ASSUMED
TAGGED = re.compile(r"purchase\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The id of a purchase: its kind and a UUID (published for purchases, offerings, tabs and users)."""

ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "invalid_credentials", "Invalid authentication credentials", ASSUMED, SIBLING),
    ErrorRow(e.Forbidden, 403, "forbidden", "Forbidden", ASSUMED, SIBLING),
    ErrorRow(e.NotFound, 404, "purchase_not_found", "Purchase not found", ASSUMED, SIBLING),
    ErrorRow(e.Invalid, 422, "validation_error", "Validation Error", ASSUMED, SIBLING),
    ErrorRow(e.NoRoute, 404, "not_found", "Not Found", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.WrongMethod, 405, "method_not_allowed", "Method Not Allowed", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.Malformed, 400, "bad_request", "Bad Request", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.TooLarge, 413, "payload_too_large", "Payload Too Large", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.Broken, 500, "internal_server_error", "Internal Server Error", ASSUMED, "the sandbox itself failed"),
)


def credential(request: Request) -> str | None:
    """Return the access token of the `Authorization` header: all of it, or what follows `Bearer`."""
    words = request.headers.get("authorization", "").split()
    if words and words[0].lower() == "bearer":
        del words[0]
    if len(words) > 1:
        raise e.NotAuthenticated("an access token is one word, alone or after Bearer")
    return words[0] if words else None


def check(request: Request, backend: Backend) -> list[Violation]:
    """Find an id that cannot be a purchase's."""
    key = request.args.get("purchase_id", "")
    if TAGGED.fullmatch(key):
        return []
    severity = "error" if backend.choice("malformed_id") == "validation_error" else "warning"
    return [Violation(severity, "path", "/purchase_id", "pattern", "purchase.<uuid>", shown(key), SIBLING)]


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the JSON value of a body; no operation has one yet."""
    return read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Leave the value as it is: a purchase is the whole answer."""
    return result.value


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the error of the same backend's other endpoints; one of validation is a list."""
    row = refusal.row
    wrong = [violation for violation in refusal.violations if violation.severity == "error"]
    if backend.choice("error_shape") == "detail":
        return {"detail": [_detail(violation) for violation in wrong] if wrong else row.text}
    if row.meaning is not e.Invalid:
        return {"error": {"message": row.text, "code": row.type}}
    return {"error": [{"code": row.type, "message": row.text, "errors": [_wrong(violation) for violation in wrong]}]}


def _wrong(violation: Violation) -> JSON:
    attribute = f"{violation.at} -> {violation.pointer[1:]}"
    return {"attribute": attribute, "code": "invalid", "message": f"expected {violation.expected}"}


def _detail(violation: Violation) -> JSON:
    return {
        "loc": [violation.at, violation.pointer[1:]],
        "msg": f"expected {violation.expected}",
        "type": "value_error",
    }


DIALECT = Dialect(
    media_type="application/json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    errors=(e.Forbidden,),
    check=check,
    security={"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
)
