"""How Drip says no: a list of errors with code and message; broken JSON and the limit are flat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, ErrorRow, Refusal, Violation
from mocktill.core.choices import Basis
from mocktill.core.contract import errors_of

ERRORS = "Drip REST API v2, Errors"
LIMITS = "Drip REST API v2, Rate limiting"
CLIENTS = "what client libraries of Drip expect"
ASSUMED_PAIRING = "assumed by Mocktill: no error of this situation is published"
PUBLISHED, OBSERVED, ASSUMED = Basis.PUBLISHED, Basis.OBSERVED, Basis.ASSUMED

LIMIT_PAGE = "https://www.getdrip.com/docs/rest-api#rate-limting"  # spelt so in the published body
NOT_FOUND = "The resource you requested was not found"
NOT_AUTHORIZED = "You are not authorized to access this resource"
NOT_AUTHENTICATED = "Authentication failed, check your credentials"
MISSHAPEN = "JSON parsing error: The property '#/' of type Hash did not match one or more of the required schemas"
BROKEN_JSON = "There was a problem in the JSON you submitted: "
OVER_LIMIT = "API rate limit exceeded. Please try again in an hour."
KEY_REUSED = "Idempotency-Key was used for another request"
KEY_IN_USE = "Idempotency-Key is in use by a request that has not been answered"

MESSAGES = {
    "presence_error": "{} is required",
    "email_error": "{} must be a valid email address",
    "format_error": "{} is invalid",
    "range_error": "{} is out of range",
    "length_error": "{} has too many entries",
    "time_error": "{} is not a time in ISO 8601",
    "uniqueness_error": "{} is already being used",
}
"""What is said of an attribute, by code.

The first is the published pattern; those of an address and of what is used already were seen; the others are assumed.
"""
PURCHASES = {"length_error": "purchases", "time_error": "occurred_at", "uniqueness_error": "order_id", "": "amount"}
SUBSCRIBERS = {
    "length_error": "subscribers",
    "time_error": "subscribed_before",
    "range_error": "lifetime_value",
    "uniqueness_error": "user_id",
    "": "email",
}
"""The attribute that an error is about when it was asked for by `Prefer`, by code; without one for all others."""
OF_SUBSCRIBERS = ("create_or_update_subscriber", "list_subscribers", "read_subscriber", "delete_subscriber")
"""The operations whose errors are about a subscriber."""


def _typical(row: ErrorRow) -> str:
    named = SUBSCRIBERS if row.operations else PURCHASES
    return named.get(row.type, named[""])


def _invalid(code: str, basis: Basis, operations: tuple[str, ...] = ()) -> ErrorRow:
    source = {PUBLISHED: ERRORS, OBSERVED: CLIENTS}.get(basis, ASSUMED_PAIRING)
    row = ErrorRow(e.Invalid, 422, code, "", basis, source, operations=operations)
    return replace(row, text=MISSHAPEN if code == "parsing_error" else MESSAGES[code].format(_name(_typical(row))))


def _name(attribute: str) -> str:
    """Return an attribute in words, as Drip's messages have it: `user_id` is the User."""
    return attribute.rpartition(".")[2].removesuffix("_id").replace("_", " ").capitalize()


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
    _invalid("parsing_error", OBSERVED),
    _invalid("presence_error", PUBLISHED, OF_SUBSCRIBERS),
    _invalid("email_error", OBSERVED, OF_SUBSCRIBERS),
    _invalid("format_error", ASSUMED, OF_SUBSCRIBERS),
    _invalid("range_error", ASSUMED, OF_SUBSCRIBERS),
    _invalid("length_error", ASSUMED, OF_SUBSCRIBERS),
    _invalid("time_error", ASSUMED, OF_SUBSCRIBERS),
    _invalid("uniqueness_error", OBSERVED, OF_SUBSCRIBERS),
    _invalid("parsing_error", OBSERVED, OF_SUBSCRIBERS),
    ErrorRow(e.KeyReused, 409, "uniqueness_error", KEY_REUSED, ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.KeyInUse, 409, "uniqueness_error", KEY_IN_USE, ASSUMED, ASSUMED_PAIRING),
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
INVALID = {(row.type, row.operations): row for row in ROWS if row.meaning is e.Invalid}


def error_schema(row: ErrorRow) -> str:
    """Return the schema that an error obeys."""
    return {"rate_limited": "error_rate_limited", "malformed_json": "error_malformed_json"}.get(row.type, "error")


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Pick the row of an invalid request by what is wrong in it, and change others where a choice is open."""
    row, meaning = refusal.row, refusal.meaning
    if isinstance(meaning, e.Invalid):
        return _picked(row, meaning, errors_of(refusal.violations), backend)
    if isinstance(meaning, e.NotAuthenticated) and backend.choice("authentication_message") == "authorization":
        return replace(row, text=NOT_AUTHORIZED)
    if isinstance(meaning, e.WrongMethod):
        return replace(row, status=int(backend.choice("wrong_method")))
    return row


def _picked(row: ErrorRow, meaning: e.Invalid, wrong: tuple[Violation, ...], backend: Backend) -> ErrorRow:
    if meaning.kind == "parsing_error" or (not meaning.kind and _misshapes(wrong, backend)):
        return replace(INVALID["parsing_error", row.operations], status=int(backend.choice("parsing_error_status")))
    if meaning.kind:
        return INVALID[meaning.kind, row.operations]
    if not wrong:
        return row
    known = all(violation.rule == "required" for violation in wrong)
    return replace(INVALID[_code(wrong[0]), row.operations], basis=PUBLISHED if known else ASSUMED)


def _misshapes(wrong: tuple[Violation, ...], backend: Backend) -> bool:
    """Whether it is the shape of the whole body that is wrong, or by choice the type of a value counts as that."""
    mistyped = any(violation.rule == "type" and _code(violation) == "format_error" for violation in wrong)
    if any(_misshapen(violation) for violation in wrong):
        return True
    nobody = any(_nobody(violation) for violation in wrong)
    return (nobody and backend.choice("nobody_named") == "parsing_error") or (
        mistyped and backend.choice("wrong_type") == "parsing_error"
    )


def _misshapen(violation: Violation) -> bool:
    """Whether it is about the wrapper, not about a value in a purchase: `/purchases` or `/purchases/0`."""
    return violation.pointer.count("/") < 3


def _nobody(violation: Violation) -> bool:
    """Whether it is that a subscriber has nothing that says who is meant."""
    return violation.rule == "required" and violation.pointer.endswith("/email")


def _code(violation: Violation) -> str:
    """Return the published code that comes nearest."""
    last = violation.pointer.rpartition("/")[2]
    listed = last.isdigit()  # what is null or empty in an array is there
    if violation.rule == "required" or (not listed and (violation.got == "null" or violation.rule == "minLength")):
        return "presence_error"
    if last == "occurred_at":
        return "time_error"
    if last in {"email", "new_email"}:
        return "email_error"
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
        found = [(row.type, _typical(row))]
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
