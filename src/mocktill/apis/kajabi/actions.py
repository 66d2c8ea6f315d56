"""What is done to a purchase: deactivate it, activate it again, cancel its subscription.

Deactivating and reactivating leave the subscription as it is; cancelling ends it at once, and the purchase with it
(Purchases: Deactivate purchase, Reactivate purchase, Cancel subscription).
"""

from __future__ import annotations

from typing import Any

from mocktill.apis.kajabi import handlers, parameters
from mocktill.apis.kajabi.plans import CANCELED, OVER
from mocktill.core import errors as e
from mocktill.core.api import Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.store import Row


def deactivate(call: Call, backend: Backend) -> Result:
    """Deactivate a purchase; its subscription goes on. Raises `Conflict`, by choice, for one that is deactivated."""
    parameters.check_known(call, (), backend)
    key, row = handlers.found(call, backend)
    if row["deactivated_at"] is None:
        row = _changed(key, row, backend, **_deactivated(backend))
    elif backend.choice("deactivate_again") == "422":
        raise e.Conflict("The purchase is deactivated already")
    return Result(handlers.document(key, row, call, backend))


def reactivate(call: Call, backend: Backend) -> Result:
    """Activate a purchase again, and no subscription; raise `Conflict`, by choice, where that cannot be."""
    parameters.check_known(call, (), backend)
    key, row = handlers.found(call, backend)
    if row["deactivated_at"] is None:
        if backend.choice("reactivate_active") == "422":
            raise e.Conflict("The purchase is active already")
    elif row["amount_in_cents"] > 0 and backend.choice("reactivate_paid") == "422":
        raise e.Conflict("Only a free purchase can be reactivated")
    else:
        row = _changed(key, row, backend, deactivated_at=None, deactivation_reason=None)
    return Result(handlers.document(key, row, call, backend))


def cancel_subscription(call: Call, backend: Backend) -> Result:
    """Cancel a subscription or a payment plan and deactivate its purchase; raise `Conflict` where there is none."""
    parameters.check_known(call, (), backend)
    key, row = handlers.found(call, backend)
    if row["payment_type"] == "single":
        raise e.Conflict("The purchase has no subscription")
    if row["status"] in OVER:
        raise e.Conflict(f"The subscription is {row['status']} already")
    ended = _deactivated(backend) if row["deactivated_at"] is None else {}
    return Result(handlers.document(key, _changed(key, row, backend, status=CANCELED, **ended), call, backend))


def _deactivated(backend: Backend) -> dict[str, Any]:
    reason = backend.choice("deactivation_reason")
    return {"deactivated_at": text(backend.now), "deactivation_reason": None if reason == "null" else reason}


def _changed(key: str, row: Row, backend: Backend, **fields: Any) -> Row:
    """Keep these fields of a purchase, and that it was updated now."""
    changed = {**row, **fields, "updated_at": text(backend.now)}
    backend.table("purchases").put(key, changed)
    return changed
