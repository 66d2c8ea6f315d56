"""Deem's behaviour: stock that is reserved for five minutes, claimed, released or bought at once.

A purchase is `reserved`, and from there `fulfilled`, `released` or `expired`; a claim of a released or expired
one is tried anew from the stock. Amounts are in cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from sys import intern
from typing import Any, NoReturn

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant, text
from mocktill.core.fake import HEX
from mocktill.core.store import Row

RESERVATION_TTL = timedelta(minutes=5)
"""How long a reservation holds its units: "for five minutes" (Purchases, Reserve a purchase)."""
MAX_PER_USER = 11
"""What a deal's sample says a user may buy (Deals)."""
DEFAULT_IMAGE = "deals/generic_medium.gif"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def get_purchase(call: Call, backend: Backend) -> Result:
    """Return a purchase as it is."""
    key, row = _purchase(call, backend)
    return Result(show(key, row, call, backend))


def create_purchase(call: Call, backend: Backend) -> Result:
    """Charge a stored card and fulfil at once; the answer shows no coupons, a later get does."""
    body = call.body
    deal = _deal(body["deal_id"], backend)
    quantity = int(body["quantity"])
    _check_user(body["user_id"], backend)
    _check_quantity(deal, quantity, backend, "quantity")
    _check_buyer(body["deal_id"], body["user_id"], quantity, backend, "quantity")
    if body["expected_price_per_unit"] != deal["price"] and backend.choice("price_mismatch") == "validation_failed":
        wrong = f"the price is {deal['price']}"
        raise e.Invalid(wrong, kind="invalid", resource="purchase", field="expected_price_per_unit")
    _check_stock(body["deal_id"], quantity, backend, "quantity")
    _charge(body["credit_card_id"], backend)
    backend.holds.sell(body["deal_id"], quantity)
    row = new_purchase(body["deal_id"], deal, quantity, backend)
    key = new_key(backend)
    row = {**row, "user_id": body["user_id"], "credit_card_id": body["credit_card_id"]}
    bought = fulfil(key, row, backend)
    return Result({**show(key, {**bought, "coupons": []}, call, backend), "coupons": None})


def reserve_purchase(call: Call, backend: Backend) -> Result:
    """Hold units of a deal for five minutes."""
    # one text for all reservations of a deal: a load test makes them by the ten thousand
    deal_id, quantity = intern(call.body["deal_id"]), int(call.body["num_bought"])
    deal = _deal(deal_id, backend)
    _check_quantity(deal, quantity, backend, "num_bought")
    _check_stock(deal_id, quantity, backend, "num_bought")
    key = new_key(backend)
    backend.holds.place(key, deal_id, quantity, backend.now + RESERVATION_TTL)
    row = {**new_purchase(deal_id, deal, quantity, backend), "state": "reserved"}
    backend.table("purchases").insert(key, row)
    return Result(show(key, row, call, backend))


def claim_purchase(call: Call, backend: Backend) -> Result:
    """Make the purchase of a reservation; of one that is no longer valid it is tried anew from the stock."""
    key, row = _purchase(call, backend)
    _check_user(call.body["user_id"], backend)
    if row["state"] == "fulfilled":
        if backend.choice("claim_twice") == "conflict":
            raise e.Conflict("the purchase is claimed already")
        return Result({**show(key, row, call, backend), "credit_card_id": None})
    if row["state"] == "released" and backend.choice("claim_after_release") == "conflict":
        raise e.Conflict("the reservation was released")
    _check_buyer(row["deal_id"], call.body["user_id"], row["quantity"], backend)
    if not backend.holds.confirm(key):
        _deal(row["deal_id"], backend)
        _check_stock(row["deal_id"], row["quantity"], backend)
        backend.holds.sell(row["deal_id"], row["quantity"])
        backend.note(f"the reservation {key} was not valid any more: claimed anew from the stock")
    row = fulfil(key, {**row, "user_id": call.body["user_id"]}, backend)
    return Result({**show(key, row, call, backend), "credit_card_id": None})


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
    return Result(show(key, row, call, backend))


def expired(key: str, hold: Row, backend: Backend) -> str:
    """Note that a reservation ran out; its units have been given back."""
    purchases = backend.table("purchases")
    row = purchases.get(key)
    if row is not None:
        purchases.put(key, {**row, "state": "expired"})
    return f"reservation {key} expired: {hold['quantity']} of {hold['stock']} returned"


def show(key: str, row: Row, call: Call, backend: Backend) -> dict[str, JSON]:
    """Return a purchase as the wire has it, with links on the request's own host."""
    charged = row["state"] == "fulfilled"
    total = row["price"] * row["quantity"]
    pending = row["state"] == "reserved"
    amount = total if charged or (pending and backend.choice("pending_amount") == "total") else 0
    deal = backend.table("deals").get(row["deal_id"]) or {}
    image = deal.get("image_url", DEFAULT_IMAGE)
    kind = deal.get("type", "daily-deal")
    return {
        "id": key,
        "purchase_id": key,
        "deal_type": kind,
        "deal_id": row["deal_id"],
        "price": row["price"],
        "amount": amount,
        "number_bought": row["quantity"],
        "payment_state": "charged" if charged else "pending",
        "fulfillment_state": backend.choice("expired_reservation") if row["state"] == "expired" else row["state"],
        "created_at": _written(row["created_at"]),
        "user_id": row.get("user_id") if charged else None,
        "credit_card_id": row.get("credit_card_id") if charged else None,
        "deal": {
            "id": row["deal_id"],
            "deal_id": row["deal_id"],
            "title": deal.get("title", ""),
            "type": kind,
            "image_url": image,
            "image_url_abs": image if "://" in image else f"{call.base_url}/{image}",
        },
        "coupons": [_show_coupon(coupon, row, kind, call, backend) for coupon in row.get("coupons", ())],
    }


@lru_cache(maxsize=512)
def _written(at: str) -> str:
    return deem_date(instant(at))


def deem_date(at: datetime) -> str:
    """Return an instant as Deem writes it, in English whatever the locale: `Fri Dec 16 19:11:15 UTC 2011`."""
    day = f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at.day:02}"
    return f"{day} {at.hour:02}:{at.minute:02}:{at.second:02} UTC {at.year:04}"


def new_key(backend: Backend) -> str:
    """Draw the id of a new purchase."""
    return backend.fake.text("purchase", 8, HEX, unused=backend.table("purchases"))


def new_purchase(deal_id: str, deal: Mapping[str, Any], quantity: int, backend: Backend) -> dict[str, JSON]:
    """Return the row of a purchase made now."""
    return {
        "deal_id": deal_id,
        "quantity": quantity,
        "price": deal["price"],
        "created_at": text(backend.now),
        "state": "fulfilled",
        "user_id": None,
        "credit_card_id": None,
        "coupons": [],
    }


def fulfil(key: str, row: Mapping[str, Any], backend: Backend) -> Row:
    """Keep a purchase as fulfilled, with one new coupon for each unit."""
    coupons = backend.table("coupons")
    ids = []
    for _ in range(row["quantity"]):
        coupon = backend.fake.text("coupon", 10, HEX, unused=coupons)
        minted = {
            "purchase_id": key,
            "created_at": text(backend.now),
            "expires_at": None,
            "state": "valid",
            "qr_code": backend.fake.text("qr_code", 32),
            "redemption_code": backend.fake.text("redemption_code", 8, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"),
            "redeemed_at": None,
        }
        coupons.insert(coupon, minted)
        ids.append(coupon)
    fulfilled = {**row, "state": "fulfilled", "coupons": ids}
    backend.table("purchases").put(key, fulfilled)
    return fulfilled


def _purchase(call: Call, backend: Backend) -> tuple[str, Row]:
    key = call.args["purchase_id"]
    row = backend.table("purchases").get(key)
    if row is not None:
        return key, row
    if backend.choice("unknown_purchase") == "find_failed":
        raise e.NotFound(f"there is no purchase {key}")
    raise e.Invalid("not found", kind="not_found", resource="purchase")


def _deal(key: str, backend: Backend) -> Row:
    """Return a deal that can be bought now, or raise why not."""
    row = backend.table("deals").get(key)
    if row is None:
        if backend.choice("unknown_deal") == "find_failed":
            raise e.NotFound(f"there is no deal {key}")
        raise e.Invalid("not found", kind="not_found", resource="deal")
    ends_at = row.get("ends_at")
    if row.get("state", "in-flight") != "in-flight" or (ends_at is not None and instant(ends_at) <= backend.now):
        if backend.choice("ended_deal") == "cannot_fufill":
            raise e.SoldOut(f"the deal {key} has ended or is not in flight")
        raise e.Invalid("is not available", kind="invalid", resource="deal")
    return row


def _check_user(user: str, backend: Backend) -> None:
    if user not in backend.table("users") and backend.choice("unknown_user") == "refuse":
        raise e.Invalid("not found", kind="not_found", resource="user")


def _check_quantity(deal: Row, quantity: int, backend: Backend, field: str) -> None:
    most = deal.get("max_per_user", MAX_PER_USER)
    if quantity > most:
        _refuse_quantity(most, backend, field)


def _check_buyer(deal_id: str, user: str, quantity: int, backend: Backend, field: str | None = None) -> None:
    """Raise for more than a user may buy, with what the user has of the deal already, where that is chosen to count.

    The choice is asked only where it decides: where the units alone are few enough, and all together are not.
    """
    most = (backend.table("deals").get(deal_id) or {}).get("max_per_user", MAX_PER_USER)
    # each purchase has a unit at the least, so that no more of them than may be bought need to be looked at
    bought = backend.table("purchases").page("by_buyer", deal_id, user, "fulfilled", offset=0, limit=most)
    before = sum(row["quantity"] for _, row in bought)
    if before + quantity > most and backend.choice("max_per_user") == "per_user":
        _refuse_quantity(most, backend, field)


def _refuse_quantity(most: int, backend: Backend, field: str | None) -> NoReturn:
    if backend.choice("too_many") == "cannot_fufill":
        raise e.SoldOut(f"{most} may be bought at the most")
    raise e.Invalid("cannot purchase that many", kind="invalid", resource="purchase", field=field)


def _check_stock(deal_id: str, quantity: int, backend: Backend, field: str | None = None) -> None:
    free = backend.holds.free(deal_id)
    if free >= quantity:
        return
    if free == 0:
        if backend.choice("sold_out") == "cannot_fufill":
            raise e.SoldOut(f"{deal_id} is sold out")
        raise e.Invalid("is sold out", kind="invalid", resource="deal")
    if backend.choice("short_stock") == "cannot_fufill":
        raise e.SoldOut(f"{quantity} wanted of {deal_id}, {free} left")
    raise e.Invalid("cannot purchase that many", kind="invalid", resource="purchase", field=field)


def _charge(card: str, backend: Backend) -> None:
    row = backend.table("cards").get(card)
    if row is None:
        if backend.choice("unknown_card") == "refuse":
            raise e.Invalid("not found", kind="not_found", resource="credit_card")
        return
    match row["charge"]:
        case "declined":
            raise e.Declined(f"the card {card} is declined")
        case "charging":
            raise e.InProgress(f"the card {card} is still being charged")
        case "fails":
            if backend.choice("charge_failed") == "declined":
                raise e.Declined(f"charging the card {card} failed")
            raise e.ChargeFailed(f"charging the card {card} failed")


def _show_coupon(key: str, purchase: Row, kind: str, call: Call, backend: Backend) -> JSON:
    row = backend.table("coupons").get(key) or {}
    qr_code = row.get("qr_code", key)
    shown = {
        "id": key,
        "expires_at": _date(row.get("expires_at")),
        "created_at": _written(row.get("created_at", purchase["created_at"])),
        "qr_code_url": f"{call.base_url}/coupon/qr_code/{key}",
        "qr_code": qr_code,
        "state": row.get("state", "valid"),
        "redemption_code": row.get("redemption_code"),
        "redeemed_at": _date(row.get("redeemed_at")),
        "print_url": f"{call.base_url}/coupons/{key}/print",
    }
    if backend.choice("listed_coupon_fields") == "omit":
        return shown
    listed = {
        "slug": key,
        "deal_id": purchase["deal_id"],
        "deal_type": kind,
        "barcode": qr_code,
        "qrcode_url": shown["qr_code_url"],
        "qrcode_base64": _qr_base64(qr_code),
    }
    return {**shown, **listed}


def _qr_base64(code: str) -> str:
    import segno  # only the choice `listed_coupon_fields` needs it

    prefix = "data:image/png;base64,"
    return str(segno.make(code, micro=False).png_data_uri(scale=4)).removeprefix(prefix)


def _date(at: str | None) -> str | None:
    return None if at is None else _written(at)
