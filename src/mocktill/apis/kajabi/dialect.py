"""Kajabi on the wire: a Bearer token in, JSON:API documents and errors out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Dialect, ErrorRow, Refusal, Request, Result
from mocktill.core.bodies import read_json
from mocktill.core.choices import Basis

PAGE = "Kajabi API v1, Purchases: Purchase details, Responses (the words of `detail` are assumed)"
ASSUMED_PAIRING = "assumed: no error of this situation is published"
OURS = "the sandbox itself failed"
PUBLISHED, ASSUMED = Basis.PUBLISHED, Basis.ASSUMED

UNAUTHORIZED = "The Authorization header is missing or invalid"
FORBIDDEN = "Insufficient permission to access the resource"
NO_METHOD = "The method is not allowed on this path"
NO_PATH = "The requested path could not be found"

ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "Unauthorized", UNAUTHORIZED, PUBLISHED, PAGE),
    ErrorRow(e.Forbidden, 403, "Forbidden", FORBIDDEN, PUBLISHED, PAGE),
    ErrorRow(e.NotFound, 404, "Not Found", "The requested purchase could not be found", PUBLISHED, PAGE),
    ErrorRow(e.Malformed, 400, "Bad Request", "The request could not be read", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Invalid, 422, "Unprocessable Entity", "The request is invalid", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.NoRoute, 404, "Not Found", NO_PATH, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.WrongMethod, 405, "Method Not Allowed", NO_METHOD, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.TooLarge, 413, "Payload Too Large", "The request is too large", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Broken, 500, "Internal Server Error", "Something went wrong", ASSUMED, OURS),
)


def credential(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer <token>`; raise `NotAuthenticated` for another scheme."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise e.NotAuthenticated("the scheme of the credential is not Bearer")
    return token.strip() or None


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the value of a JSON body; no operation here has one."""
    return read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Return the document as the handler made it."""
    return result.value


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Change the row of an error where a choice is open."""
    row = refusal.row
    if isinstance(refusal.meaning, e.WrongMethod) and backend.choice("wrong_method") == "404":
        return replace(row, status=404, type="Not Found", text=NO_PATH)
    return row


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the list of one error; where a parameter is wrong, `detail` says which."""
    row, meaning = refusal.row, refusal.meaning
    detail = meaning.detail if meaning.field else row.text
    return {"errors": [{"status": str(row.status), "source": None, "title": row.type, "detail": detail}]}


DIALECT = Dialect(
    media_type="application/vnd.api+json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    adapt=adapt,
    security={"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
)
