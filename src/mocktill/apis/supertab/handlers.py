"""Supertab's behaviour: a purchase is read, and its status follows from its tab and its payment model.

A purchase that is on no tab (its `tab_id` is null) is what the page calls a PendingPurchase. A tab is paid
when its `paid_at` is set. Amounts are in minor units.
"""

from __future__ import annotations

from collections.abc import Callable

from mocktill.apis.supertab.askers import look_up
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant
from mocktill.core.store import Row, Table

CANONICAL = len("2023-11-03T15:34:44.852000Z")
VERSION = "1.0.0"
"""What the health check of a recorded answer says."""


def retrieve_purchase(call: Call, backend: Backend) -> Result:
    """Return a purchase with the status that it has now."""
    key = call.args["purchase_id"]
    return Result(show(key, look_up("purchases", key, backend), backend))


def health(call: Call, backend: Backend) -> Result:
    """Return that the API is well, and its version."""
    return Result({"status": "ok", "version": VERSION})


def show(key: str, row: Row, backend: Backend) -> dict[str, JSON]:
    """Return a purchase as the wire has it."""
    price = row["price"]
    return {
        "id": key,
        "created_at": written(row["created_at"]),
        "updated_at": written(row["updated_at"]),
        "purchase_date": written(row["purchase_date"]),
        "merchant_id": row["merchant_id"],
        "summary": row["summary"],
        "price": {"amount": int(price["amount"]), "currency": price["currency"]},
        "sales_model": row["sales_model"],
        "payment_model": row["payment_model"],
        "metadata": row.get("metadata", {}),
        "attributed_to": row.get("attributed_to"),
        "offering_id": row["offering_id"],
        "content_key": row.get("content_key"),
        "test_mode": row.get("test_mode", False),
        "valid_from": _written(row.get("valid_from")),
        "valid_to": _written(row.get("valid_to")),
        "valid_timedelta": row.get("valid_timedelta"),
        "recurring_details": _recurring(row.get("recurring_details")),
        "status": status(key, row, backend.table, backend.choice),
    }


def status(key: str, row: Row, table: Callable[[str], Table], choice: Callable[[str], str]) -> str | None:
    """Return the status of a purchase. It is derived whenever somebody looks, from tables and choices, and never kept.

    The page: "PAY_LATER on Tab -> completed, PAY_NOW in a paid Tab -> completed, PAY_NOW in an unpaid Tab ->
    pending, PAY_LATER in PendingPurchase -> pending".
    """
    model, tab_id = model_of(row, choice), row.get("tab_id")
    if model == "null":
        return None
    if tab_id is None:
        return "pending" if model == "pay_later" else _nothing(choice("pay_now_pending_status"))
    if done(model, table("tabs").get(tab_id)):
        return "completed"
    return choice("superseded_purchase") if _superseded(key, row, table("purchases")) else "pending"


def model_of(row: Row, choice: Callable[[str], str]) -> str:
    """Return the payment model whose rule decides the status: `pay_now`, `pay_later`, or `null` for no status."""
    model: str = row["payment_model"]
    return choice("pay_now_subscription_status") if model == "pay_now_subscription" else model


def done(model: str, tab: Row | None) -> bool:
    """Whether a purchase of this model is completed on this tab."""
    return model == "pay_later" or (model == "pay_now" and paid(tab))


def paid(tab: Row | None) -> bool:
    """Whether a tab is paid; one that is not kept is not."""
    return tab is not None and tab.get("paid_at") is not None


def written(at: str) -> str:
    """Return a row's instant as Supertab writes it, in milliseconds: `2023-11-03T15:34:44.852Z`."""
    if len(at) == CANONICAL and at.endswith("Z"):
        return f"{at[:-4]}Z"  # a tab has many of them, in the form of rows
    return instant(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written(at: str | None) -> str | None:
    return None if at is None else written(at)


def _recurring(details: Row | None) -> JSON:
    if details is None:
        return None
    return {
        "billing_interval": details["billing_interval"],
        "interval_count": int(details["interval_count"]),
    }


def _nothing(value: str) -> str | None:
    return None if value == "null" else value


def _superseded(key: str, row: Row, purchases: Table) -> bool:
    """Whether a newer purchase of the same payment model is on the same tab."""
    same = (row["tab_id"], row["payment_model"])
    (newest, _), *_ = purchases.page("by_tab_and_model", *same, offset=0, limit=1, newest=True)
    return newest != key
