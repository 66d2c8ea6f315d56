"""Buying with Supertab: an offering goes on the user's tab, and a tab that is full has to be paid.

A purchase of `pay_later` goes on the one unpaid tab that its user has in the currency, by choice with the merchant. One
of `pay_now` gets a tab of its own, which has to be paid. 402 says that the tab of the answer has to be paid, whether
the purchase is on it or waits for that.
"""

from __future__ import annotations

from typing import NamedTuple

from mocktill.apis.supertab.askers import asker, buyer, look_up
from mocktill.apis.supertab.settling import add_waiting, let_wait, pay, put_on
from mocktill.apis.supertab.tabs import Owner, add_tab, owner_of, show_tab, unpaid, unused
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.store import Row

PAYMENT_REQUIRED = 402
COPIED = (
    "merchant_id",
    "summary",
    "sales_model",
    "payment_model",
    "content_key",
    "valid_timedelta",
    "recurring_details",
)
CURRENCY = "query -> currency"


class Placed(NamedTuple):
    """Where a purchase went: `added` to the tab, or waiting for it."""

    tab_id: str
    tab: Row
    added: bool


def buy_offering(call: Call, backend: Backend) -> Result:
    """Buy an offering: 201, or 402 with the same body where the tab has to be paid."""
    offering_id = call.args["offering_id"]
    offering, user_id = look_up("offerings", offering_id, backend), buyer(call.credential, backend)
    price = _price(offering, call.query.get("currency"), backend)
    placed = _place(_purchase(call, offering, user_id, price, backend), backend)
    detail = {"item_added": placed.added, **_outcome(placed.added, backend)}
    tab = show_tab(placed.tab_id, placed.tab, asker(call.credential, backend), backend)
    value = {"tab": tab, "detail": detail}
    return Result(value, status=PAYMENT_REQUIRED if placed.tab["status"] == "full" else None)


def finish_payment(call: Call, backend: Backend) -> Result:
    """Pay a tab: that closes it and completes what is on it."""
    tab_id = call.args["tab_id"]
    tab = look_up("tabs", tab_id, backend)
    if tab.get("paid_at") is not None:
        if backend.choice("paid_tab") == "refuse":
            raise e.Conflict(f"{tab_id} was paid at {tab['paid_at']}")
    else:
        _check_payable(tab_id, tab, backend)
        pay(tab_id, tab, backend)
    if backend.choice("payment_answer") == "empty":
        return Result({})
    return Result(show_tab(tab_id, look_up("tabs", tab_id, backend), asker(call.credential, backend), backend))


def _check_payable(tab_id: str, tab: Row, backend: Backend) -> None:
    if not backend.table("purchases").count("by_tab", tab_id):
        if backend.choice("pay_empty_tab") == "refuse":
            raise e.Conflict(f"nothing is on {tab_id}")
    elif tab["status"] == "open" and backend.choice("pay_open_tab") == "refuse":
        raise e.Conflict(f"{tab_id} is not full yet")


def _price(offering: Row, currency: str | None, backend: Backend) -> Row:
    """Return what an offering costs in a currency; raise `Invalid` for none, or one that it has no price in."""
    prices: dict[str, Row] = {price["currency"]: price for price in offering["prices"]}
    first: Row = offering["prices"][0]
    if currency is None:
        if backend.choice("missing_currency") == "validation_error":
            raise e.Invalid("field required", kind="missing", field=CURRENCY)
        return first
    if currency not in prices:
        if backend.choice("unpriced_currency") == "validation_error":
            raise e.Invalid(f"expected one of {', '.join(prices)}", kind="invalid", field=CURRENCY)
        return first
    return prices[currency]


def _purchase(call: Call, offering: Row, user_id: str, price: Row, backend: Backend) -> dict[str, JSON]:
    now = text(backend.now)
    return {
        "created_at": now,
        "updated_at": now,
        "purchase_date": now,
        **{name: offering.get(name) for name in COPIED},
        "user_id": user_id,
        "price": {"amount": int(price["amount"]), "currency": price["currency"]},
        "metadata": call.body.get("metadata", {}),
        "offering_id": call.args["offering_id"],
        "number": backend.fake.count("purchase_number"),
        "test_mode": offering.get("test_mode", False),
        "tab_id": None,
    }


def _place(row: Row, backend: Backend) -> Placed:
    purchases = backend.table("purchases")
    key, owner = unused("purchase", purchases, backend), owner_of(row)
    tab_id, tab = _tab_for(owner, backend)
    if tab["status"] == "full" and owner.payment_model == "pay_later" and backend.choice("full_tab") == "wait":
        let_wait(key, row, backend)
        return Placed(tab_id, tab, False)
    return Placed(tab_id, put_on(key, row, tab_id, backend), True)


def _tab_for(owner: Owner, backend: Backend) -> tuple[str, Row]:
    """Return the tab that a purchase goes on: the unpaid one, after what has waited longer, or a new one."""
    if owner.payment_model == "pay_later":
        add_waiting(owner, backend)
        return unpaid(owner, backend) or add_tab(owner, backend)
    shared = unpaid(owner, backend)
    if shared is not None and backend.choice("pay_now_tab") == "shared":
        return shared
    return add_tab(owner, backend, "full")


def _outcome(added: bool, backend: Backend) -> dict[str, JSON]:
    if added:
        return {"purchase_outcome": "added"}
    return {"purchase_outcome": None} if backend.choice("outcome_of_waiting") == "null" else {}
