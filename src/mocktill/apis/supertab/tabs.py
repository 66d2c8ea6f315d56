"""Supertab's tabs: what a user owes in one currency, until it reaches its limit and has to be paid.

A tab is for all merchants, or by choice for one. Amounts are in minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mocktill.apis.supertab.askers import USER, Asker, asker, look_up
from mocktill.apis.supertab.handlers import show, written
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import EARLIEST, text
from mocktill.core.store import Row, Table

LIMIT = 500
"""What a tab may grow to before it has to be paid: five dollars, the usual limit."""
UNSAID = {
    "created_at": text(EARLIEST),
    "merchant_id": "merchant.00000000-0000-4000-8000-000000000000",
    "user_id": USER,
    "limit": LIMIT,
    "currency": "USD",
    "payment_model": "pay_later",
    "metadata": {},
    "test_mode": False,
}
"""What is shown of a tab whose row does not say it."""


class Owner(NamedTuple):
    """Whose tab something belongs on; `group` says which of them share one."""

    user_id: str
    merchant_id: str
    currency: str
    payment_model: str


def retrieve_tab(call: Call, backend: Backend) -> Result:
    """Return a tab with its purchases."""
    key = call.args["tab_id"]
    return Result(show_tab(key, look_up("tabs", key, backend), asker(call.credential, backend), backend))


def show_tab(key: str, row: Row, who: Asker, backend: Backend) -> dict[str, JSON]:
    """Return a tab as the wire has it, its purchases in the order in which they were bought.

    A merchant sees none of another's there: they are counted as obfuscated ones, and `total` is of all.
    """
    known, owed = {**UNSAID, **row}, total(key, backend.table)
    own = [one for one in backend.table("purchases").find("by_tab", key) if who.sells(one[1])]
    return {
        "id": key,
        "created_at": written(known["created_at"]),
        "updated_at": written(known.get("updated_at") or known["created_at"]),
        "merchant_id": known["merchant_id"],
        "user_id": known["user_id"],
        "status": known["status"],
        "paid_at": known["paid_at"] and written(known["paid_at"]),
        "total": owed,
        "limit": int(known["limit"]),
        "currency": known["currency"],
        "payment_model": known["payment_model"],
        "purchases": [show(*one, backend) for one in own],
        "metadata": known["metadata"],
        "test_mode": known["test_mode"],
        "tab_statistics": {
            "purchases_count": len(own),
            "obfuscated_purchases_count": backend.table("purchases").count("by_tab", key) - len(own),
            "obfuscated_purchases_total": owed - amount(own),
        },
        "closes_at": known.get("closes_at") and written(known["closes_at"]),
        "guest_email": known.get("guest_email"),
    }


def owner_of(purchase: Row) -> Owner:
    """Return whose tab a purchase belongs on."""
    user = purchase.get("user_id") or USER
    return Owner(user, purchase["merchant_id"], purchase["price"]["currency"], purchase["payment_model"])


def group(owner: Owner, backend: Backend) -> tuple[str, ...]:
    """Return the index, of tabs and of purchases that wait, in which what shares a tab is together, and where there."""
    user_id, _, currency, payment_model = owner
    if payment_model == "pay_later" and backend.choice("tab_scope") == "user":
        return "of_user", user_id, currency, payment_model
    return "of_merchant", *owner


def unpaid(owner: Owner, backend: Backend) -> tuple[str, Row] | None:
    """Return the tab that has to be paid, else the one that is open, or None for neither."""
    tabs, shared = backend.table("tabs"), group(owner, backend)
    return tabs.first(*shared, "full", None) or tabs.first(*shared, "open", None)


def add_tab(owner: Owner, backend: Backend, status: str = "open") -> tuple[str, Row]:
    """Open a tab and return it with its key."""
    tabs, now = backend.table("tabs"), text(backend.now)
    key = unused("tab", tabs, backend)
    row = {"created_at": now, "updated_at": now, **owner._asdict(), "status": status, "paid_at": None, "limit": LIMIT}
    tabs.insert(key, row)
    return key, row


def total(tab_id: str, table: Callable[[str], Table]) -> int:
    """Return the sum of what is on a tab."""
    return amount(table("purchases").find("by_tab", tab_id))


def amount(purchases: Iterable[tuple[str, Row]]) -> int:
    """Return the sum of what purchases cost."""
    return sum(int(row["price"]["amount"]) for _, row in purchases)


def filled(row: Row, owed: int, added: int, choice: Callable[[str], str], now: str) -> Row:
    """Return a tab to which so much was added, with what it owes by then: what reaches the limit makes it full."""
    limit = int(row.get("limit", LIMIT))
    reached = owed > limit or (owed == limit and added > 0 and choice("limit_reached") == "full")
    status = "full" if reached and row["status"] == "open" else row["status"]
    return {**row, "status": status, "updated_at": now}


def unused(tag: str, table: Table, backend: Backend) -> str:
    """Draw an id that no row of a table has: its kind and a UUID."""
    while True:
        drawn = f"{tag}.{backend.fake.uuid(tag)}"
        if drawn not in table:
            return drawn
