"""Deem's behaviour: stock that is reserved for five minutes, claimed, released or bought at once.

A purchase is `reserved`, and from there `fulfilled`, `released` or `expired`; a claim of a released or expired
one is tried anew from the stock. Amounts are in cents.
"""

from __future__ import annotations

from datetime import timedelta
from sys import intern

from mocktill.apis.deem import buying
from mocktill.apis.deem.show import show_purchase
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row

RESERVATION_TTL = timedelta(minutes=5)
"""How long a reservation holds its units: "for five minutes" (Purchases, Reserve a purchase)."""


def get_purchase(call: Call, backend: Backend) -> Result:
    """Return a purchase as it is."""
    return _answer(show_purchase(*_purchase(call, backend), call, backend))


def create_purchase(call: Call, backend: Backend) -> Result:
    """Charge a stored card and fulfil at once; the answer shows no coupons, a later get does."""
    body = call.body
    deal = buying.deal_for_sale(body["deal_id"], backend)
    quantity = int(body["quantity"])
    buying.check_user(body["user_id"], backend)
    buying.check_session(body.get("session_id"), backend)
    buying.check_quantity(deal, quantity, backend, "quantity")
    buying.check_buyer(body["deal_id"], body["user_id"], quantity, backend, "quantity")
    if body["expected_price_per_unit"] != deal["price"] and backend.choice("price_mismatch") == "validation_failed":
        wrong = f"the price is {deal['price']}"
        raise e.Invalid(wrong, kind="invalid", resource="purchase", field="expected_price_per_unit")
    buying.check_stock(body["deal_id"], quantity, backend, "quantity")
    buying.check_card(body["credit_card_id"], body["user_id"], backend)
    buying.charge(body["credit_card_id"], backend)
    backend.holds.sell(body["deal_id"], quantity)
    key = buying.new_key(backend)
    row = buying.new_purchase(body["deal_id"], deal, quantity, backend)
    row |= {"user_id": body["user_id"], "credit_card_id": body["credit_card_id"]}
    if body.get("session_id"):
        row["session_id"] = body["session_id"]
    bought = buying.fulfil(key, row, backend)
    return _answer({**show_purchase(key, {**bought, "coupons": []}, call, backend), "coupons": None})


def reserve_purchase(call: Call, backend: Backend) -> Result:
    """Hold units of a deal for five minutes."""
    # one text for all reservations of a deal: a load test makes them by the ten thousand
    deal_id, quantity = intern(call.body["deal_id"]), int(call.body["num_bought"])
    deal = buying.deal_for_sale(deal_id, backend)
    buying.check_quantity(deal, quantity, backend, "num_bought")
    buying.check_stock(deal_id, quantity, backend, "num_bought")
    key = buying.new_key(backend)
    backend.holds.place(key, deal_id, quantity, backend.now + RESERVATION_TTL)
    row = {**buying.new_purchase(deal_id, deal, quantity, backend), "state": "reserved"}
    backend.table("purchases").insert(key, row)
    return _answer(show_purchase(key, row, call, backend))


def claim_purchase(call: Call, backend: Backend) -> Result:
    """Make the purchase of a reservation; of one that is no longer valid it is tried anew from the stock."""
    key, row = _purchase(call, backend)
    buying.check_user(call.body["user_id"], backend)
    if row["state"] == "fulfilled":
        if backend.choice("claim_twice") == "conflict":
            raise e.Conflict("the purchase is claimed already")
        return _answer({**show_purchase(key, row, call, backend), "credit_card_id": None})
    if row["state"] == "released" and backend.choice("claim_after_release") == "conflict":
        raise e.Conflict("the reservation was released")
    buying.check_buyer(row["deal_id"], call.body["user_id"], row["quantity"], backend)
    if not backend.holds.confirm(key):
        buying.deal_for_sale(row["deal_id"], backend)
        buying.check_stock(row["deal_id"], row["quantity"], backend)
        backend.holds.sell(row["deal_id"], row["quantity"])
        backend.note(f"the reservation {key} was not valid any more: claimed anew from the stock")
    row = buying.fulfil(key, {**row, "user_id": call.body["user_id"]}, backend)
    return _answer({**show_purchase(key, row, call, backend), "credit_card_id": None})


def release_purchase(call: Call, backend: Backend) -> Result:
    """Give the units of a reservation back."""
    key, row = _purchase(call, backend)
    if row["state"] == "fulfilled":
        if backend.choice("release_after_claim") == "conflict":
            raise e.Conflict("the purchase is claimed")
    elif row["state"] != "reserved":
        if backend.choice("release_twice") == "conflict":
            raise e.Conflict(f"the reservation is {row['state']}")
    else:
        backend.holds.release(key)
        row = {**row, "state": "released"}
        backend.table("purchases").put(key, row)
    return _answer(show_purchase(key, row, call, backend))


def expired(key: str, hold: Row, backend: Backend) -> str:
    """Note that a reservation ran out; its units have been given back."""
    purchases = backend.table("purchases")
    row = purchases.get(key)
    if row is not None:
        purchases.put(key, {**row, "state": "expired"})
    return f"reservation {key} expired: {hold['quantity']} of {hold['stock']} returned"


def _answer(purchase: JSON) -> Result:
    return Result({"purchase": purchase})


def _purchase(call: Call, backend: Backend) -> tuple[str, Row]:
    key = call.args["purchase_id"]
    row = backend.table("purchases").get(key)
    if row is not None:
        return key, row
    if backend.choice("unknown_purchase") == "find_failed":
        raise e.NotFound(f"there is no purchase {key}")
    raise e.Invalid("not found", kind="not_found", resource="purchase")
