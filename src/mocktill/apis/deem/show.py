"""What Deem's rows look like on the wire: purchases with their coupons, deals with their numbers, users, cards.

Amounts are in cents. Purchases and coupons have Deem's own dates, deals have those of ISO 8601.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal

from mocktill.core.api import JSON, Backend, Call
from mocktill.core.clock import instant
from mocktill.core.store import Row

MAX_PER_USER = 11
"""What a deal's sample says a user may buy (Deals)."""
DEFAULT_IMAGE = "deals/generic_medium.gif"
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
    """Return a purchase as the wire has it, with links on the request's own host."""
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
        "fulfillment_state": backend.choice("expired_reservation") if row["state"] == "expired" else row["state"],
        "created_at": _written(row["created_at"]),
        "user_id": row.get("user_id") if charged else None,
        "credit_card_id": row.get("credit_card_id") if charged else None,
        "deal": _short_deal(row["deal_id"], deal, call),
        "coupons": [_coupon(coupon, row, deal, call, backend) for coupon in row.get("coupons", ())],
    }


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
    ends_at, state = row.get("ends_at"), row.get("state", IN_FLIGHT)
    ended = ends_at is not None and instant(ends_at) <= backend.now
    return {
        **_short_deal(key, row, call),
        "shipping_address_required": method == SHIPPED,
        "current_price": row["price"],
        "value": row.get("value"),
        "number_sold": stock["sold"],
        "ended": ended,
        "start_at": _iso(row.get("starts_at")),
        "end_at": _iso(ends_at),
        "expires_at": _iso(row.get("expires_at")),
        "state": backend.choice("ended_state") if ended and state == IN_FLIGHT else state,
        "purchasable_number": min(max_per_user, num_left),
        "num_left": num_left,
        "soldout": num_left == 0,
        "max_per_user": max_per_user,
        "fulfillment_method": method,
    }


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


def _short_deal(key: str, deal: Row, call: Call) -> dict[str, JSON]:
    image = deal.get("image_url", DEFAULT_IMAGE)
    return {
        "id": key,
        "deal_id": key,
        "title": deal.get("title", ""),
        "type": deal.get("type", DEFAULT_TYPE),
        "image_url": image,
        "image_url_abs": image if "://" in image else f"{call.base_url}/{image}",
    }


def _coupon(key: str, purchase: Row, deal: Row, call: Call, backend: Backend) -> JSON:
    row = backend.table("coupons").get(key) or {}
    qr_code = row.get("qr_code", key)
    shown = {
        "id": key,
        "expires_at": _date(row.get("expires_at")),
        "created_at": _written(row.get("created_at", purchase["created_at"])),
        "qr_code_url": f"{call.base_url}/coupon/qr_code/{key}",
        "qr_code": qr_code,
        "state": coupon_state(row, backend.now),
        "redemption_code": row.get("redemption_code"),
        "redeemed_at": _date(row.get("redeemed_at")),
        "print_url": f"{call.base_url}/coupons/{key}/print",
    }
    if backend.choice("listed_coupon_fields") == "omit":
        return shown
    listed = {
        "slug": key,
        "deal_id": purchase["deal_id"],
        "deal_type": deal.get("type", DEFAULT_TYPE),
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


def _iso(at: str | None) -> str | None:
    return None if at is None else iso_date(instant(at))


@lru_cache(maxsize=512)
def _written(at: str) -> str:
    return deem_date(instant(at))
