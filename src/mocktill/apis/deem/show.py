"""What Deem's rows look like on the wire: purchases with their coupons, deals with their numbers, users, cards.

Amounts are in cents. Purchases and coupons have Deem's own dates, deals have those of ISO 8601.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from functools import lru_cache
from typing import Literal

from mocktill.apis.deem.code import code_of, picture
from mocktill.apis.deem.links import coupon_addresses, image_address, image_of
from mocktill.core.api import JSON, Backend, Call
from mocktill.core.clock import instant
from mocktill.core.store import Row

MAX_PER_USER = 11
"""What a deal's sample says a user may buy (Deals)."""
DEFAULT_TYPE = "daily-deal"
IN_FLIGHT, LANDED = "in-flight", "landed"
FULFILLMENT_METHOD = "redemptioncoded"
"""How a deal is fulfilled that does not say so: its coupons have redemption codes."""
SHIPPED = "shipped"
CouponState = Literal["valid", "cancelled", "expired", "redeemed", "reissued"]
REDEEMABLE = frozenset({"valid"})
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def show_purchase(key: str, row: Row, call: Call, backend: Backend) -> dict[str, JSON]:
    """Return a purchase as the wire has it, with links that lead back to where the request came."""
    charged = row["state"] == "fulfilled"
    total = row["price"] * row["quantity"]
    pending = row["state"] == "reserved"
    amount = total if charged or (pending and backend.choice("pending_amount") == "total") else 0
    deal = backend.table("deals").get(row["deal_id"]) or {}
    return {
        "id": key,
        "purchase_id": key,
        "deal_type": deal.get("type", DEFAULT_TYPE),
        "deal_id": row["deal_id"],
        "price": row["price"],
        "amount": amount,
        "number_bought": row["quantity"],
        "payment_state": "charged" if charged else "pending",
        "fulfillment_state": purchase_state(row, backend),
        "created_at": _written(row["created_at"]),
        "user_id": row.get("user_id") if charged else None,
        "credit_card_id": row.get("credit_card_id") if charged else None,
        "deal": _short_deal(row["deal_id"], deal, call, backend),
        "coupons": [_coupon(coupon, row, deal, call, backend) for coupon in row.get("coupons", ())],
    }


def purchase_state(row: Row, backend: Backend) -> str:
    """Return how far a purchase is; by choice one that ran out has a word of its own."""
    return backend.choice("expired_reservation") if row["state"] == "expired" else str(row["state"])


def show_coupon(key: str, row: Row, call: Call, backend: Backend) -> JSON:
    """Return a coupon alone, as it is in the purchase that it belongs to."""
    purchase = backend.table("purchases").get(row["purchase_id"]) or {"deal_id": "", "created_at": row["created_at"]}
    deal = backend.table("deals").get(purchase["deal_id"]) or {}
    return _coupon(key, purchase, deal, call, backend)


def coupon_state(row: Row, now: datetime) -> CouponState:
    """Return the state of a coupon at an instant: a valid one expires by itself, any other state stays."""
    state: CouponState = row.get("state", "valid")
    expires_at = row.get("expires_at")
    return "expired" if state in REDEEMABLE and expires_at is not None and instant(expires_at) <= now else state


def show_deal(key: str, row: Row, call: Call, backend: Backend) -> JSON:
    """Return a deal with its numbers as they are now, which move with reservations, purchases and their ends."""
    stock = backend.table("stock").get(key) or {"free": 0, "held": 0, "sold": 0}
    # the choice decides only where something is held
    unsold = stock["held"] > 0 and backend.choice("num_left") == "unsold"
    num_left = stock["free"] + stock["held"] if unsold else stock["free"]
    max_per_user, method = row.get("max_per_user", MAX_PER_USER), row.get("fulfillment_method", FULFILLMENT_METHOD)
    ends_at = row.get("ends_at")
    return {
        **_short_deal(key, row, call, backend),
        "shipping_address_required": method == SHIPPED,
        "current_price": row["price"],
        "value": row.get("value"),
        "number_sold": stock["sold"],
        "ended": _ended(row, backend),
        "start_at": _iso(row.get("starts_at")),
        "end_at": _iso(ends_at),
        "expires_at": _iso(row.get("expires_at")),
        "state": deal_state(row, backend),
        "purchasable_number": min(max_per_user, num_left),
        "num_left": num_left,
        "soldout": num_left == 0,
        "max_per_user": max_per_user,
        "fulfillment_method": method,
    }


def deal_state(row: Row, backend: Backend) -> str:
    """Return the state of a deal as it is now; by choice one in flight lands by itself when its end has passed."""
    state: str = row.get("state", IN_FLIGHT)
    return backend.choice("ended_state") if state == IN_FLIGHT and _ended(row, backend) else state


def _ended(row: Row, backend: Backend) -> bool:
    ends_at = row.get("ends_at")
    return ends_at is not None and instant(ends_at) <= backend.now


def show_user(key: str, row: Row) -> JSON:
    """Return a user; one of whom only a whole name is kept has its first word as first name."""
    first, _, last = row.get("name", "").partition(" ")
    return {
        "id": key,
        "firstname": row.get("firstname", first),
        "lastname": row.get("lastname", last),
        "image_url": row.get("image_url"),
        "points": row.get("points", 0),
        "token": row.get("token"),
    }


def show_card(key: str, row: Row) -> JSON:
    """Return a card by the end of its number, which is all that is kept of it."""
    return {
        "id": key,
        "credit_card_id": key,
        "number": "XXXX" + row.get("last_four", "0000"),
        "type": row.get("type", "visa"),
        "primary": row.get("primary", False),
        "deleted": False,
    }


def deem_date(at: datetime) -> str:
    """Return an instant as Deem writes it, in English whatever the locale: `Fri Dec 16 19:11:15 UTC 2011`."""
    day = f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at.day:02}"
    return f"{day} {at.hour:02}:{at.minute:02}:{at.second:02} UTC {at.year:04}"


def iso_date(at: datetime) -> str:
    """Return an instant as deals have it: `2011-11-20T02:35:58Z`."""
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def _short_deal(key: str, deal: Row, call: Call, backend: Backend) -> dict[str, JSON]:
    image = image_of(key, deal, backend)
    return {
        "id": key,
        "deal_id": key,
        "title": deal.get("title", ""),
        "type": deal.get("type", DEFAULT_TYPE),
        "image_url": image,
        "image_url_abs": image_address(image, deal, call, backend),
    }


def _coupon(key: str, purchase: Row, deal: Row, call: Call, backend: Backend) -> JSON:
    row = backend.table("coupons").get(key) or {}
    qr_code = row.get("qr_code", key)
    code_address, print_address = coupon_addresses(key, call, backend)
    shown = {
        "id": key,
        "expires_at": _date(row.get("expires_at")),
        "created_at": _written(row.get("created_at", purchase["created_at"])),
        "qr_code_url": code_address,
        "qr_code": qr_code,
        "state": coupon_state(row, backend.now),
        "redemption_code": row.get("redemption_code"),
        "redeemed_at": _date(row.get("redeemed_at")),
        "print_url": print_address,
    }
    if backend.choice("listed_coupon_fields") == "omit":
        return shown
    listed = {
        "slug": key,
        "deal_id": purchase["deal_id"],
        "deal_type": deal.get("type", DEFAULT_TYPE),
        "barcode": qr_code,
        "qrcode_url": shown["qr_code_url"],
        "qrcode_base64": b64encode(picture(code_of(key, row))).decode(),
    }
    return {**shown, **listed}


def _date(at: str | None) -> str | None:
    return None if at is None else _written(at)


def _iso(at: str | None) -> str | None:
    return None if at is None else iso_date(instant(at))


@lru_cache(maxsize=512)
def _written(at: str) -> str:
    return deem_date(instant(at))
