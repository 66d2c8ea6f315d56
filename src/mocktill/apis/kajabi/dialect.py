"""Kajabi on the wire: a Bearer token in, JSON:API documents and errors out; for tokens forms in, OAuth's errors out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mocktill.apis.kajabi.parameters import PARAMETER
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Dialect, ErrorRow, Refusal, Request, Result
from mocktill.core.bodies import FORM, media_type, read_form, read_json
from mocktill.core.choices import Basis
from mocktill.core.contract import errors_of

PAGE = "Kajabi API v1, Purchases: Purchase details, Responses (the words of `detail` are assumed)"
CANCEL = "Kajabi API v1, Purchases: Cancel subscription, Responses (the words of `detail` are assumed)"
TOKENS = "Kajabi API v1, Authentication: Get access token, Responses (the words are assumed: RFC 6749, 5.2)"
ASSUMED_PAIRING = "assumed: no error of this situation is published"
OURS = "the sandbox itself failed"
PUBLISHED, ASSUMED = Basis.PUBLISHED, Basis.ASSUMED

UNAUTHORIZED = "The Authorization header is missing or invalid"
FORBIDDEN = "Insufficient permission to access the resource"
NO_METHOD = "The method is not allowed on this path"
NO_PATH = "The requested path could not be found"
NO_CHANGE = "The purchase cannot be changed so"
REUSED = "The idempotency key came with another request"
IN_USE = "The first request with the idempotency key has not been answered yet"

OAUTH = ("authenticate", "revoke")
"""The operations whose errors have OAuth's shape, a word alone."""


def _oauth(meaning: type[e.Meaning], status: int, word: str, *operations: str) -> ErrorRow:
    return ErrorRow(meaning, status, word, word, ASSUMED, TOKENS, operations=operations or OAUTH)


ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "Unauthorized", UNAUTHORIZED, PUBLISHED, PAGE),
    ErrorRow(e.Forbidden, 403, "Forbidden", FORBIDDEN, PUBLISHED, PAGE),
    ErrorRow(e.NotFound, 404, "Not Found", "The requested purchase could not be found", PUBLISHED, PAGE),
    ErrorRow(
        e.Conflict, 422, "Unprocessable Entity", NO_CHANGE, PUBLISHED, CANCEL, operations=("cancel_subscription",)
    ),
    ErrorRow(e.Conflict, 422, "Unprocessable Entity", NO_CHANGE, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Malformed, 400, "Bad Request", "The request could not be read", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Invalid, 422, "Unprocessable Entity", "The request is invalid", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.NoRoute, 404, "Not Found", NO_PATH, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.WrongMethod, 405, "Method Not Allowed", NO_METHOD, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.TooLarge, 413, "Payload Too Large", "The request is too large", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.KeyReused, 409, "Conflict", REUSED, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.KeyInUse, 409, "Conflict", IN_USE, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Broken, 500, "Internal Server Error", "Something went wrong", ASSUMED, OURS),
    _oauth(e.NotAuthenticated, 401, "invalid_client", "authenticate"),
    _oauth(e.NotAuthenticated, 401, "invalid_token", "revoke"),
    _oauth(e.Forbidden, 403, "insufficient_scope", "revoke"),
    _oauth(e.Malformed, 400, "invalid_request"),
    _oauth(e.Invalid, 400, "invalid_request"),
    _oauth(e.Invalid, 400, "invalid_grant", "authenticate"),
    _oauth(e.Invalid, 400, "unsupported_grant_type", "authenticate"),
    _oauth(e.TooLarge, 413, "invalid_request"),
    _oauth(e.KeyReused, 409, "invalid_request"),
    _oauth(e.KeyInUse, 409, "temporarily_unavailable"),
    _oauth(e.Broken, 500, "server_error"),
)


def credential(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer <token>`; raise `NotAuthenticated` for another scheme."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise e.NotAuthenticated("the scheme of the credential is not Bearer")
    return token.strip() or None


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the fields of a form, as the pages have them, or the value of JSON where the request says that it is.

    Raises `Malformed` for a form in parts: read as fields it would show its secrets as names.
    """
    said = media_type(request.headers)
    if said.startswith("multipart/"):
        raise e.Malformed(f"a form is {FORM}")
    return read_json(request.body) if said.endswith("json") else read_form(request.body, properties)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Return the document as the handler made it."""
    return result.value


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Change the row of an error where a choice is open, and take the word of OAuth that the meaning names."""
    row, meaning = refusal.row, refusal.meaning
    if isinstance(meaning, e.WrongMethod) and backend.choice("wrong_method") == "404":
        return replace(row, status=404, type="Not Found", text=NO_PATH)
    if isinstance(meaning, e.Invalid) and _is_oauth(row):
        return next((one for one in ROWS if _is_oauth(one) and one.type == meaning.kind), row)
    if isinstance(meaning, e.Invalid) and _in_query(refusal) and backend.choice("wrong_parameter") == "400":
        return replace(row, status=400, type="Bad Request", text="The request could not be read")
    return row


def _in_query(refusal: Refusal) -> bool:
    """Whether it is a parameter that is wrong, and no field of its own choice."""
    wrong = any(violation.at == "query" for violation in errors_of(refusal.violations))
    return wrong or refusal.meaning.kind == PARAMETER


def _is_oauth(row: ErrorRow) -> bool:
    return not set(OAUTH).isdisjoint(row.operations)


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the list of one error, whose detail says what is wrong with a parameter or a purchase; or OAuth's word."""
    row, meaning = refusal.row, refusal.meaning
    if _is_oauth(row):
        return {"error": row.type}
    told = meaning.field or isinstance(meaning, e.Conflict)
    detail = (meaning.detail if told else "") or row.text
    return {"errors": [{"status": str(row.status), "source": None, "title": row.type, "detail": detail}]}


DIALECT = Dialect(
    media_type="application/vnd.api+json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    error_schema=lambda row: "oauth_error" if _is_oauth(row) else "error",
    adapt=adapt,
    errors=(e.KeyReused, e.KeyInUse),
    security={"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
)
