"""Deem on the wire: the key in the query, JSON or forms in, one generic shape of error out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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
from mocktill.core.bodies import FORM, media_type, read_form, read_json
from mocktill.core.choices import Basis

ERRORS = "Deem Offers API, Errors"
ASSUMED_PAIRING = "assumed: no error of this situation is documented"
FULL = "Deem Offers API, Execute Purchases: Error Responses"
REDEEMING = "assumed: the type is published (Errors), no status with it"
NO_KEYS = "assumed: nothing is documented of idempotency keys"
PUBLISHED, ASSUMED = Basis.PUBLISHED, Basis.ASSUMED
AT_ONCE = ("create_full_purchase",)
REDEEM = ("redeem_coupon", "redeem_user_coupon")
CARDS = ("list_credit_cards", "add_credit_card")
SUFFIXED = ("get_purchase", "create_full_purchase")
"""The operations that are shown with the suffix `.json`."""
RESOURCES: Mapping[str, str] = {name: name for name in ("user", "credit_card", "shipping_address")}
"""Whose a field is that stands inside one of these; the others are the purchase's, or the card's where it is added."""

ROWS = (
    ErrorRow(e.NotAuthenticated, 401, "auth_failed", "Authentication failed", PUBLISHED, ERRORS),
    ErrorRow(e.NotFound, 404, "find_failed", "Unable to find", PUBLISHED, ERRORS),
    ErrorRow(e.Invalid, 422, "validation_failed", "validation failed", PUBLISHED, ERRORS),
    # the same once more, by which `_wrong` knows that a field is the card's, and not the purchase's
    ErrorRow(e.Invalid, 422, "validation_failed", "validation failed", PUBLISHED, ERRORS, operations=CARDS),
    ErrorRow(e.ChargeFailed, 402, "purchase_failed", "The purchase failed", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.InProgress, 409, "already_charging", "The purchase is still processing", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.SoldOut, 422, "cannot_fufill", "The purchase cannot be fulfilled", PUBLISHED, ERRORS),
    ErrorRow(
        e.InProgress, 409, "already_charging", "The purchase is still processing", PUBLISHED, FULL, operations=AT_ONCE
    ),
    ErrorRow(e.Declined, 422, "declined", "The purchase was declined", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Declined, 422, "declined", "The purchase was declined", PUBLISHED, FULL, operations=AT_ONCE),
    ErrorRow(e.NotFound, 404, "redeem_failed", "Unable to redeem", ASSUMED, REDEEMING, operations=REDEEM),
    ErrorRow(e.Conflict, 409, "redeem_failed", "Unable to redeem", ASSUMED, REDEEMING, operations=REDEEM),
    ErrorRow(e.Conflict, 409, "update_failed", "Unable to update", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.KeyReused, 409, "create_failed", "Unable to create", ASSUMED, NO_KEYS, ("POST",)),
    ErrorRow(e.KeyReused, 409, "update_failed", "Unable to update", ASSUMED, NO_KEYS),
    ErrorRow(e.KeyInUse, 409, "already_charging", "The purchase is still processing", ASSUMED, NO_KEYS),
    ErrorRow(e.Malformed, 400, "create_failed", "Unable to create", ASSUMED, ASSUMED_PAIRING, ("POST",)),
    ErrorRow(e.Malformed, 400, "find_failed", "Unable to find", ASSUMED, ASSUMED_PAIRING, ("GET", "HEAD")),
    ErrorRow(e.Malformed, 400, "update_failed", "Unable to update", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.NoRoute, 404, "find_failed", "Unable to find", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.WrongMethod, 405, "find_failed", "Unable to find", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.TooLarge, 413, "create_failed", "Unable to create", ASSUMED, ASSUMED_PAIRING, ("POST",)),
    ErrorRow(e.TooLarge, 413, "find_failed", "Unable to find", ASSUMED, ASSUMED_PAIRING, ("GET", "HEAD")),
    ErrorRow(e.TooLarge, 413, "update_failed", "Unable to update", ASSUMED, ASSUMED_PAIRING),
    ErrorRow(e.Broken, 500, "update_failed", "Unable to update", ASSUMED, "the sandbox itself failed"),
)


def credential(request: Request) -> str | None:
    """Return the `api_key` of the query, or of the body, where older examples have it."""
    key = request.parameters.get("api_key")
    if key or not request.body:
        return key
    try:
        body = read(request, {})
    except e.Malformed:
        return None
    found = body.get("api_key") if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def check(request: Request, backend: Backend) -> list[Violation]:
    """Find what the documents do not show: a key in the body, a suffix, a form, each by its choice."""
    if not request.parameters.get("api_key") and backend.choice("body_api_key") == "refuse":
        raise e.NotAuthenticated("the api_key is in the body, not in the query")
    operation = request.operation
    suffixed = request.path.rstrip("/").endswith(".json")
    if (
        suffixed
        and operation is not None
        and operation.name not in SUFFIXED
        and backend.choice("json_suffix") == "documented"
    ):
        raise e.NoRoute("the suffix .json is documented for getting a purchase and for the all-in-one purchase")
    form = media_type(request.headers) == FORM and request.body and operation is not None and operation.body is not None
    if form and request.body.lstrip().startswith(b"{"):
        backend.note("the body looks like JSON and says that it is a form: send Content-Type: application/json")
    if form and backend.choice("form_bodies") == "refuse":
        return [Violation("error", "header", "/content-type", "media type", "application/json", FORM, ASSUMED_PAIRING)]
    return []


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the parameters of a JSON or a form body."""
    form = media_type(request.headers) == FORM
    return read_form(request.body, properties) if form else read_json(request.body)


def envelope(result: Result, call: Call, backend: Backend) -> JSON:
    """Put the status before what is answered, as in every success."""
    return {"status": "success", **result.value}


def adapt(refusal: Refusal, backend: Backend) -> ErrorRow:
    """Change the row of an error where the pages contradict each other or a choice is open."""
    row, meaning = refusal.row, refusal.meaning
    match meaning:
        case e.Invalid():
            row = replace(row, type=backend.choice("validation_error_type"))
            if _lacks(meaning, refusal.violations):
                row = replace(row, status=int(backend.choice("missing_parameter")))
        case e.Malformed() if backend.choice("malformed_body") == "unprocessable":
            row = replace(row, status=422)
        case e.WrongMethod() if backend.choice("wrong_method") == "404":
            row = replace(row, status=404)
        case _ if row.type == "redeem_failed" and backend.choice("redeem_status") == "422":
            row = replace(row, status=422)
    return row


def _lacks(meaning: e.Meaning, violations: tuple[Violation, ...]) -> bool:
    """Whether a parameter is missing, as the contract or the operation itself found."""
    told = any(one.kind in {"missing_field", "missing"} for one in (meaning, *meaning.others))
    return told or any(violation.rule == "required" for violation in violations)


def error(refusal: Refusal, backend: Backend) -> JSON:
    """Return the generic error; one of validation lists what is wrong."""
    row, status = refusal.row, "error"
    if backend.choice("error_status") == "error_type":
        status = row.type
    body = {"status": status, "error_type": row.type, "error_msg": row.text}
    if not isinstance(meaning := refusal.meaning, e.Invalid):
        return body
    told = [_wrong(violation, row) for violation in refusal.violations if _concerns_a_field(violation)]
    told += [_reason(one) for one in (meaning, *meaning.others) if one.kind is not None]
    return {**body, **dict(meaning.known), **({"errors": told} if told else {})}


def _reason(meaning: e.Meaning) -> JSON:
    item = {"type": meaning.kind, "message": meaning.detail, "field": meaning.field, "resource": meaning.resource}
    return {name: value for name, value in item.items() if value is not None}


def _concerns_a_field(violation: Violation) -> bool:
    return violation.severity == "error" and violation.at in {"body", "query"} and violation.pointer != ""


def _wrong(violation: Violation, row: ErrorRow) -> JSON:
    missing = violation.rule == "required"
    first, *inner = violation.pointer[1:].split("/")
    own = "purchase" if not row.operations else "user" if first == "user_id" else "credit_card"
    return {
        "type": "missing_field" if missing else "invalid",
        "message": "is missing" if missing else "is invalid",
        "field": inner[-1] if inner else first,
        "resource": RESOURCES.get(first, own),
    }


DIALECT = Dialect(
    media_type="application/json",
    rows=ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=error,
    adapt=adapt,
    errors=(e.KeyReused, e.KeyInUse),
    check=check,
    security={"api_key": {"type": "apiKey", "in": "query", "name": "api_key"}},
)
