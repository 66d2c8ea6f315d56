"""Drip on the wire: Basic or Bearer, JSON of whatever content type, a limit by the hour."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta

from mocktill.apis.drip import refusals
from mocktill.apis.drip.accounts import check_scope
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Dialect, Operation, Request, Result, Violation
from mocktill.core.bodies import read_json
from mocktill.core.clock import text

SAID = "Drip REST API v2, Purchases: Create a purchase"
HOURLY = 3600
"""How many requests an hour has room for (Rate limiting)."""
RATE = "rate"


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
    """Find a missing User-Agent, and an object without its wrapper; a choice accepts or refuses each.

    A credential of another account is refused here, before any way of answering.
    """
    check_scope(credential(request), _account(request, backend), backend)
    found = []
    if not request.headers.get("user-agent"):
        if backend.choice("missing_user_agent") == "refuse":
            raise e.Forbidden("no User-Agent")
        found.append(Violation("warning", "header", "/user-agent", "required", "a value", "nothing", SAID))
    operation = request.operation
    if operation is not None and operation.body is not None:
        wrapper = _wrapper(operation)
        if _unwrapped(_peek(request.body), wrapper) and backend.choice("unwrapped_body") == "refuse":
            source = operation.source
            found.append(Violation("error", "body", f"/{wrapper}", "required", "a value", "nothing", source))
    return found


def _account(request: Request, backend: Backend) -> str | None:
    """Return the account that the path names, or that of the subscriber whom it names; None where there is none."""
    subscriber = backend.table("subscribers").get(request.args.get("subscriber_id", "")) or {}
    return request.args.get("account_id") or subscriber.get("account")


def read(request: Request, properties: Mapping[str, JSON]) -> JSON:
    """Return the JSON of a body, with the wrapper around an object that lacks it; `check` refuses those."""
    body, wrapper = read_json(request.body), next(iter(properties), "")
    return {wrapper: [body]} if _unwrapped(body, wrapper) else body


def _wrapper(operation: Operation) -> str:
    """Return the property around what an operation makes, which is called as the collection that it makes it in."""
    return operation.path.rpartition("/")[2]


def _peek(body: bytes) -> JSON:
    try:
        return read_json(body)
    except e.Malformed:
        return None  # `read` will say so


def _unwrapped(body: JSON, wrapper: str) -> bool:
    return isinstance(body, dict) and bool(body) and wrapper not in body


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


DIALECT = Dialect(
    media_type="application/json",
    rows=refusals.ROWS,
    credential=credential,
    read=read,
    envelope=envelope,
    error=refusals.error,
    error_schema=refusals.error_schema,
    adapt=refusals.adapt,
    errors=(e.Forbidden, e.NotFound, e.RateLimited, e.KeyReused, e.KeyInUse),
    headers=headers,
    count=count,
    check=check,
    security={
        "key": {"type": "http", "scheme": "basic", "description": "The API key as the user, and no password."},
        "token": {"type": "http", "scheme": "bearer", "description": "An OAuth access token."},
    },
)
