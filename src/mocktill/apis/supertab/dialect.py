"""Supertab on the wire: an access token in, with or without `Bearer`, plain objects and `error` out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mocktill.apis.supertab.askers import check_owner
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
LIKE_PURCHASE = "assumed by Mocktill: no error of this situation is shown; worded like that of a purchase"
ASSUMED = Basis.ASSUMED
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What an id has after its kind (published for purchases, offerings, tabs and users): `purchase.<uuid>`."""
ABOUT_TABS, ABOUT_OFFERINGS = ("retrieve_tab", "finish_payment"), ("buy_offering",)

ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "invalid_credentials", "Invalid authentication credentials", ASSUMED, SIBLING),
    ErrorRow(e.Forbidden, 403, "forbidden", "Forbidden", ASSUMED, SIBLING),
    ErrorRow(e.NotFound, 404, "purchase_not_found", "Purchase not found", ASSUMED, SIBLING),
    ErrorRow(e.NotFound, 404, "tab_not_found", "Tab not found", ASSUMED, LIKE_PURCHASE, operations=ABOUT_TABS),
    ErrorRow(
        e.NotFound, 404, "offering_not_found", "Offering not found", ASSUMED, LIKE_PURCHASE, operations=ABOUT_OFFERINGS
    ),
    ErrorRow(e.Invalid, 422, "validation_error", "Validation Error", ASSUMED, SIBLING),
    ErrorRow(e.Conflict, 409, "conflict", "Conflict", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.KeyReused, 409, "idempotency_key_reused", "Conflict", ASSUMED, ASSUMED_ROW),
    ErrorRow(e.KeyInUse, 409, "idempotency_key_in_use", "Conflict", ASSUMED, ASSUMED_ROW),
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
    """Find an id in the path that cannot be one of its kind.

    What the token may not see is refused here, before any way of answering.
    """
    for name, key in request.args.items():
        check_owner(f"{name.removesuffix('_id')}s", key, credential(request) or "", backend)
    wrong = [name for name, value in request.args.items() if not _is_tagged(name.removesuffix("_id"), value)]
    if not wrong:
        return []
    severity = "error" if backend.choice("malformed_id") == "validation_error" else "warning"
    return [
        Violation(
            severity,
            "path",
            f"/{name}",
            "pattern",
            f"{name.removesuffix('_id')}.<uuid>",
            shown(request.args[name]),
            SIBLING,
        )
        for name in wrong
    ]


def _is_tagged(kind: str, key: str) -> bool:
    tag, _, rest = key.partition(".")
    return tag.lower() == kind and UUID.fullmatch(rest) is not None


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the JSON value of a body, whatever its content type."""
    return read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Leave the value as it is: a purchase, a tab or a list is the whole answer."""
    return result.value


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the error of the same backend's other endpoints; one of validation is a list."""
    row = refusal.row
    wrong = _wrong(refusal)
    if backend.choice("error_shape") == "detail":
        return {"detail": [_detail(one) for one in wrong] if wrong else row.text}
    if row.meaning is not e.Invalid:
        return {"error": {"message": row.text, "code": row.type}}
    return {"error": [{"code": row.type, "message": row.text, "errors": wrong}]}


def _wrong(refusal: Refusal) -> list[dict[str, str]]:
    """Return what is wrong with a request: what broke the contract, else what a handler says."""
    meaning = refusal.meaning
    if isinstance(meaning, e.Invalid) and meaning.field is not None:
        return [{"attribute": meaning.field, "code": meaning.kind or "invalid", "message": meaning.detail}]
    return [
        {"attribute": f"{violation.at} -> {violation.pointer[1:]}", **_said(violation)}
        for violation in refusal.violations
        if violation.severity == "error"
    ]


def _said(violation: Violation) -> dict[str, str]:
    if violation.rule == "required":
        return {"code": "missing", "message": "field required"}
    return {"code": "invalid", "message": f"expected {violation.expected}"}


def _detail(wrong: Mapping[str, str]) -> JSON:
    kind = "value_error.missing" if wrong["code"] == "missing" else "value_error"
    return {"loc": wrong["attribute"].split(" -> "), "msg": wrong["message"], "type": kind}


DIALECT = Dialect(
    media_type="application/json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    errors=(e.Forbidden, e.KeyReused, e.KeyInUse),
    check=check,
    security={"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
)
