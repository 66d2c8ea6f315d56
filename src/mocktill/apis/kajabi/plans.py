"""Payment plans: how far one is, and what becomes of it as payments are made."""

from __future__ import annotations

from datetime import datetime

from mocktill.core.clock import text
from mocktill.core.store import Row

CANCELED = "canceled"
"""The status of a plan whose subscription was cancelled: the word is ours."""
COMPLETED = "completed"
"""The status of a payment plan with all payments made: the word is ours."""
OVER = frozenset({CANCELED, COMPLETED})
"""Of what is nothing left to cancel."""


def check(key: str, row: Row, made: int) -> None:
    """Raise ValueError, in words, for a purchase that is no plan, or of which so many payments cannot be made."""
    total = row["payment_plan_total_payments"]
    if row["multipay_payments_made"] is None:
        raise ValueError(f"the purchase {key} is no payment plan")
    if made < 0 or (total is not None and made > total):
        raise ValueError(f"the plan has {total} payments; not {made}")


def check_next(key: str, row: Row) -> int:
    """Return how many payments are made with the next one; raise ValueError, in words, where there is none left."""
    made, total = row["multipay_payments_made"], row["payment_plan_total_payments"]
    if made is not None and row["status"] == CANCELED:
        raise ValueError(f"the plan {key} was cancelled: no payment will be made")
    if made is not None and made == total:
        raise ValueError(f"the plan {key} has no payment left: {made} of {total} are made")
    check(key, row, (made or 0) + 1)
    return int(made) + 1


def moved(row: Row, made: int, at: datetime) -> Row:
    """Return the row of a plan with so many payments made; it is completed with the last, and not before."""
    status = row["status"]
    if made == row["payment_plan_total_payments"]:
        status = COMPLETED
    elif status == COMPLETED:
        status = "active"
    return {**row, "multipay_payments_made": made, "status": status, "updated_at": text(at)}
