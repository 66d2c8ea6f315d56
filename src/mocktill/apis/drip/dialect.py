"""Drip on the wire: Basic or Bearer, JSON of whatever content type, a list of errors, a limit by the hour."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

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
from mocktill.core.clock import text
from mocktill.core.contract import errors_of

ERRORS = "Drip REST API v2, Errors"
LIMITS = "Drip REST API v2, Rate limiting"
PURCHASES = "Drip REST API v2, Purchases: Create a purchase"
CLIENTS = "what client libraries of Drip expect"
ASSUMED_PAIRING = "assumed by Mocktill: no error of this situation is published"
PUBLISHED, OBSERVED, ASSUMED = Basis.PUBLISHED, Basis.OBSERVED, Basis.ASSUMED

HOURLY = 3600
"""How many requests an hour has room for (Rate limiting)."""
LIMIT_PAGE = "https://www.getdrip.com/docs/rest-api#rate-limting"  # spelt so in the published body
RATE = "rate"
NOT_FOUND = "The resource you requested was not found"
NOT_AUTHORIZED = "You are not authorized to access this resource"
NOT_AUTHENTICATED = "Authentication failed, check your credentials"
MISSHAPEN = "JSON parsing error: The property '#/' of type Hash did not match one or more of the required schemas"
BROKEN_JSON = "There was a problem in the JSON you submitted: "
OVER_LIMIT = "API rate limit exceeded. Please try again in an hour."

MESSAGES = {
    "presence_error": "{} is required",
    "format_error": "{} is invalid",
    "range_error": "{} is out of range",
    "length_error": "{} has too many entries",
    "time_error": "{} is not a time in ISO 8601",
    "uniqueness_error": "{} is taken",
}
"""What is said of an attribute, by code. The first is the published pattern, the others are assumed."""
TYPICAL = {"length_error": "purchases", "time_error": "occurred_at", "uniqueness_error": "order_id"}
"""The attribute that an error is about when it was asked for by `Prefer`; otherwise `amount`."""


def _invalid(code: str, basis: Basis) -> ErrorRow:
    said = MESSAGES[code].format(_name(TYPICAL.get(code, "amount")))
    return ErrorRow(e.Invalid, 422, code, said, basis, ERRORS if basis is PUBLISHED else ASSUMED_PAIRING)


def _name(attribute: str) -> str:
    return attribute.rpartition(".")[2].replace("_", " ").capitalize()


ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "authentication_error", NOT_AUTHENTICATED, OBSERVED, CLIENTS),
    ErrorRow(e.Forbidden, 403, "authorization_error", NOT_AUTHORIZED, PUBLISHED, ERRORS),
    ErrorRow(e.NotFound, 404, "not_found_error", NOT_FOUND, PUBLISHED, ERRORS),
    _invalid("presence_error", PUBLISHED),
    _invalid("format_error", ASSUMED),
    _invalid("range_error", ASSUMED),
    _invalid("length_error", ASSUMED),
    _invalid("time_error", ASSUMED),
    _invalid("uniqueness_error", ASSUMED),
    ErrorRow(e.Invalid, 422, "parsing_error", MISSHAPEN, OBSERVED, CLIENTS),
    ErrorRow(e.RateLimited, 429, "rate_limited", OVER_LIMIT, PUBLISHED, LIMITS),
    ErrorRow(
        e.Malformed,
        400,
        "parsing_error",
        "The request cannot be read",
        ASSUMED,
        ASSUMED_PAIRING,
        ("GET", "HEAD"),
    ),
    ErrorRow(e.Malformed, 400, "malformed_json", BROKEN_JSON, OBSERVED, CLIENTS),
    ErrorRow(e.NoRoute, 404, "not_found_error", NOT_FOUND, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.WrongMethod, 404, "not_found_error", NOT_FOUND, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.TooLarge, 413, "length_error", "The request is too long", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Broken, 500, "unavailable_error", "The sandbox failed", ASSUMED, "the sandbox itself failed"),
)
INVALID = {row.type: row for row in ROWS if row.meaning is e.Invalid}


def credential(request: Request) -> str | None:
    """Return the API key of Basic, with or without a colon and a password, or the token of Bearer."""
    header = request.headers.get("authorization", "").strip()
    if not header:
        return None
    scheme, _, given = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return given.strip() or None
        case "basic":
            return _decoded(given.strip()).partition(":")[0] or None
    raise e.NotAuthenticated("the Authorization header begins with neither Basic nor Bearer")  # it may begin with a key


def _decoded(given: str) -> str:
    try:
        return b64decode(given, validate=True).decode()
    except ValueError:
        raise e.NotAuthenticated("the credentials are not base64 of a text") from None


def check(request: Request, backend: Backend) -> list[Violation]:
    """Find a missing User-Agent, and a purchase without its wrapper; a choice accepts or refuses each.

    A credential of another account is refused here, before any way of answering.
    """
    row = backend.table("credentials").get(credential(request) or "") or {}
    if row.get("account", request.args["account_id"]) != request.args["account_id"]:
        raise e.Forbidden(f"the credential is for the account {row['account']}")
    found = []
    if not request.headers.get("user-agent"):
        if backend.choice("missing_user_agent") == "refuse":
            raise e.Forbidden("no User-Agent")
        found.append(Violation("warning", "header", "/user-agent", "required", "a value", "nothing", PURCHASES))
    reads = request.operation is not None and request.operation.body is not None
    if reads and _unwrapped(_peek(request.body)) and backend.choice("unwrapped_body") == "refuse":
        found.append(Violation("error", "body", "/purchases", "required", "a value", "nothing", PURCHASES))
    return found


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the JSON of a body, with the wrapper around a purchase that lacks it; `check` refuses those."""
    body = read_json(request.body)
    return {"purchases": [body]} if _unwrapped(body) else body


def _peek(body: bytes) -> JSON:
    try:
        return read_json(body)
    except e.Malformed:
        return None  # `read` will say so


def _unwrapped(body: JSON) -> bool:
    return isinstance(body, dict) and bool(body) and "purchases" not in body


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Return the value as it is: links, meta and objects stand side by side in it."""
    return result.value


def count(backend: Backend) -> e.Meaning | None:
    """Count a request in its hour of the sandbox's clock; over the limit, refuse it by choice."""
    used = _used(backend) + 1
    backend.table("rate").put(RATE, {"hour": _hour(backend.now), "used": used})
    if used > HOURLY and backend.choice("hourly_limit") == "refuse":
        return e.RateLimited(f"request {used} of {HOURLY} in this hour")
    return None


def headers(backend: Backend) -> tuple[tuple[str, str], ...]:
    """Return the limit of the hour and what is left of it."""
    left = max(HOURLY - _used(backend), 0)
    return (("X-RateLimit-Limit", str(HOURLY)), ("X-RateLimit-Remaining", str(left)))


def _used(backend: Backend) -> int:
    row = backend.table("rate").get(RATE)
    return int(row["used"]) if row is not None and row["hour"] == _hour(backend.now) else 0


def _hour(now: datetime) -> str:
    return text(now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond))


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Pick the row of an invalid request by what is wrong in it, and change others where a choice is open."""
    row, meaning = refusal.row, refusal.meaning
    if isinstance(meaning, e.Invalid):
        wrong = errors_of(refusal.violations)
        return INVALID[meaning.kind] if meaning.kind else _row_of(wrong, backend) if wrong else row
    if isinstance(meaning, e.NotAuthenticated) and backend.choice("authentication_message") == "authorization":
        return replace(row, text=NOT_AUTHORIZED)
    if isinstance(meaning, e.WrongMethod):
        return replace(row, status=int(backend.choice("wrong_method")))
    return row


def _row_of(wrong: tuple[Violation, ...], backend: Backend) -> ErrorRow:
    mistyped = any(violation.rule == "type" and _code(violation) == "format_error" for violation in wrong)
    misshapen = any(_misshapen(violation) for violation in wrong)
    if misshapen or (mistyped and backend.choice("wrong_type") == "parsing_error"):
        return replace(INVALID["parsing_error"], status=int(backend.choice("parsing_error_status")))
    known = all(violation.rule == "required" for violation in wrong)
    return replace(INVALID[_code(wrong[0])], basis=PUBLISHED if known else ASSUMED)


def _misshapen(violation: Violation) -> bool:
    """Whether it is about the wrapper, not about a value in a purchase: `/purchases` or `/purchases/0`."""
    return violation.pointer.count("/") < 3


def _code(violation: Violation) -> str:
    """Return the published code that comes nearest."""
    null = violation.got == "null" and not violation.pointer.rpartition("/")[2].isdigit()  # null in an array is there
    if null or violation.rule in {"required", "minLength"}:
        return "presence_error"
    if violation.pointer.endswith("/occurred_at"):
        return "time_error"
    return "range_error" if violation.rule in {"minimum", "maximum"} else "format_error"


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the errors as a list with code and message in each; broken JSON and the limit are flat."""
    row, meaning = refusal.row, refusal.meaning
    if row.type == "rate_limited":
        return {"message": row.text, "documentation": LIMIT_PAGE}
    if row.type == "malformed_json":
        return {"status": row.status, "error": row.text + (meaning.detail or "unexpected end of data")}
    if not isinstance(meaning, e.Invalid) or row.type == "parsing_error":
        return {"errors": [{"code": row.type, "message": row.text}]}
    wrong = errors_of(refusal.violations)
    if meaning.kind is not None:
        found = [(meaning.kind, meaning.field or "")]
    elif wrong:
        found = [(_code(violation), _attribute(violation.pointer)) for violation in wrong]
    else:
        found = [(row.type, TYPICAL.get(row.type, "amount"))]
    return {"errors": _said(dict.fromkeys(found), backend)}


def _attribute(pointer: str) -> str:
    """Return `items.name` for `/purchases/0/items/1/name`."""
    return ".".join(part for part in pointer.split("/")[3:] if not part.isdigit())


def _said(found: Iterable[tuple[str, str]], backend: Backend) -> list[JSON]:
    found = list(found)
    nested = any("." in attribute for _, attribute in found)
    if nested and backend.choice("nested_attribute") == "name":
        found = [(code, attribute.rpartition(".")[2]) for code, attribute in found]
    return [
        {"code": code, "attribute": attribute, "message": MESSAGES[code].format(_name(attribute))}
        for code, attribute in dict.fromkeys(found)
    ]


DIALECT = Dialect(
    media_type="application/json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    error_schema=lambda row: {
        "rate_limited": "error_rate_limited",
        "malformed_json": "error_malformed_json",
    }.get(row.type, "error"),
    adapt=adapt,
    errors=(e.Forbidden, e.NotFound, e.RateLimited),
    headers=headers,
    count=count,
    check=check,
    security={
        "key": {"type": "http", "scheme": "basic", "description": "The API key as the user, and no password."},
        "token": {"type": "http", "scheme": "bearer", "description": "An OAuth access token."},
    },
)
