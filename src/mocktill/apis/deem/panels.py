"""What a person sees of Deem: deals with their stock, what is reserved and bought, coupons, users and cards.

Money is in cents. States are those of the wire.
"""

from __future__ import annotations

from typing import get_args
from urllib.parse import quote

from mocktill.apis.deem.links import IMAGES, PLAIN, image_of
from mocktill.apis.deem.show import (
    IN_FLIGHT,
    MAX_PER_USER,
    CouponState,
    coupon_state,
    deal_state,
    purchase_state,
    show_card,
    show_user,
)
from mocktill.apis.deem.view import Charge, DealState, PurchaseState
from mocktill.core.api import Backend, Panel
from mocktill.core.panels import Cells, Column, Field, link, money, state
from mocktill.core.store import Row

CURRENCY = "USD"
"""What the deals of the documentation are sold in."""
CARD_TYPES = ("visa", "master", "american_express", "discover")
TONES = {
    "in-flight": "good",
    "fulfilled": "good",
    "valid": "good",
    "succeeds": "good",
    "submitted": "waiting",
    "in-review": "waiting",
    "approved": "waiting",
    "paused": "waiting",
    "reserved": "waiting",
    "charging": "waiting",
    "rejected": "bad",
    "cancelled": "bad",
    "expired": "bad",
    "declined": "bad",
    "fails": "bad",
}
"""How each state is: those that are not here are neither good nor bad."""


def show_deal(key: str, row: Row, backend: Backend) -> Cells:
    """Return a deal: its price is that of one unit."""
    stock = backend.table("stock").get(key) or {"free": 0, "held": 0, "sold": 0}
    return {
        "picture": _picture(key, row, backend),
        "id": key,
        "title": row["title"],
        "price": money(row["price"], CURRENCY),
        "stock": {name: stock[name] for name in ("free", "held", "sold")},
        "state": state(deal_state(row, backend), TONES),
        "ends": row.get("ends_at"),
    }


def show_reservation(key: str, row: Row, backend: Backend) -> Cells:
    """Return what is held, by the purchase that it will be."""
    purchase, deal = backend.table("purchases").get(key), backend.table("deals").get(row["stock"]) or {}
    return {
        "purchase": key,
        "deal": row["stock"],
        "title": deal.get("title"),
        "quantity": row["quantity"],
        "total": None if purchase is None else _total(purchase),
        "expires": row["expires_at"],
    }


def show_purchase(key: str, row: Row, backend: Backend) -> Cells:
    """Return a purchase: its total is that of all units."""
    return {
        "id": key,
        "deal": row["deal_id"],
        "state": state(purchase_state(row, backend), TONES),
        "quantity": row["quantity"],
        "total": _total(row),
        "user": row.get("user_id"),
        "coupons": list(row.get("coupons", ())),
        "created": row["created_at"],
    }


def show_coupon(key: str, row: Row, backend: Backend) -> Cells:
    """Return a coupon with its QR code and the page to print."""
    return {
        "qr": link(f"QR code of the coupon {key}", "coupon", "qr_code", key),
        "id": key,
        "redemption_code": row.get("redemption_code"),
        "state": state(coupon_state(row, backend.now), TONES),
        "purchase": row["purchase_id"],
        "user": row.get("user_id"),
        "expires": row.get("expires_at"),
        "redeemed": row.get("redeemed_at"),
        "print": link("Print", "coupons", key, "print"),
    }


def show_buyer(key: str, row: Row, backend: Backend) -> Cells:
    """Return a user, with how many purchases and coupons there are."""
    shown = show_user(key, row)
    return {
        "id": key,
        "name": f"{shown['firstname']} {shown['lastname']}".strip(),
        "email": row.get("email"),
        "points": shown["points"],
        "purchases": backend.table("purchases").count("by_user", key, "fulfilled"),
        "coupons": backend.table("coupons").count("by_user", key),
    }


def show_stored_card(key: str, row: Row, backend: Backend) -> Cells:
    """Return a stored card: of its number the end is known."""
    shown = show_card(key, row)
    return {
        "id": key,
        "user": row.get("user_id"),
        "number": shown["number"],
        "type": shown["type"],
        "default": "default" if shown["primary"] else None,
        "charge": state(row["charge"], TONES),
    }


def _picture(key: str, row: Row, backend: Backend) -> object:
    """Return the image that the sandbox has; one on another host is a gap, as nobody but the sandbox is to be asked."""
    image = image_of(key, row, backend)
    path = quote(image, safe=PLAIN) if row.get("image_url") else image
    return None if "://" in image else {"path": f"{IMAGES}/{path}", "text": row["title"]}


def _total(purchase: Row) -> object:
    return money(purchase["price"] * purchase["quantity"], CURRENCY)


DEALS = Panel(
    name="deals",
    title="Deals",
    table="deals",
    columns=(
        Column("picture", "Picture", "image"),
        Column("id", "Deal", "id"),
        Column("title", "Title"),
        Column("price", "Price", "money"),
        Column("stock", "Stock", "stock"),
        Column("state", "State", "state"),
        Column("ends", "Ends", "instant"),
    ),
    show=show_deal,
    fields=(
        Field("free", "Free units", "integer", "stock"),
        Field("held", "Held units", "integer", "stock"),
        Field("sold", "Sold units", "integer", "stock"),
        Field("title", "Title"),
        Field("price", "Price in cents", "integer"),
        Field("image_url", "Image"),
        Field("state", "State", "option", options=get_args(DealState), default=IN_FLIGHT),
        Field("max_per_user", "Most for one user", "integer", default=MAX_PER_USER),
        Field("starts_at", "Starts", "instant", optional=True),
        Field("ends_at", "Ends", "instant", optional=True),
        Field("expires_at", "Its coupons expire", "instant", optional=True),
    ),
    nothing="There is no deal.",
)
RESERVATIONS = Panel(
    name="reservations",
    title="Reservations",
    table="holds",
    columns=(
        Column("purchase", "Purchase", "id"),
        Column("deal", "Deal", "id"),
        Column("title", "Title"),
        Column("quantity", "Units", "number"),
        Column("total", "Total", "money"),
        Column("expires", "Expires", "countdown"),
    ),
    show=show_reservation,
    index="by_expiry",
    earliest=True,
    fields=(Field("quantity", "Units", "integer"), Field("expires_at", "Expires", "instant")),
    nothing="Nothing is reserved.",
)
PURCHASES = Panel(
    name="purchases",
    title="Purchases",
    table="purchases",
    columns=(
        Column("id", "Purchase", "id"),
        Column("deal", "Deal", "id"),
        Column("state", "State", "state"),
        Column("quantity", "Units", "number"),
        Column("total", "Total", "money"),
        Column("user", "User", "id"),
        Column("coupons", "Coupons", "list"),
        Column("created", "Created", "instant"),
    ),
    show=show_purchase,
    index="by_coming",
    fields=(
        Field("state", "State", "option", options=get_args(PurchaseState)),
        Field("quantity", "Units", "integer"),
        Field("price", "Price of a unit in cents", "integer"),
        Field("user_id", "User", optional=True),
        Field("credit_card_id", "Card", optional=True),
        Field("created_at", "Created", "instant"),
    ),
    nothing="Nothing has been bought or reserved.",
)
COUPONS = Panel(
    name="coupons",
    title="Coupons",
    table="coupons",
    columns=(
        Column("qr", "QR code", "image"),
        Column("id", "Coupon", "id"),
        Column("redemption_code", "Redemption code", "id"),
        Column("state", "State", "state"),
        Column("purchase", "Purchase", "id"),
        Column("user", "User", "id"),
        Column("expires", "Expires", "instant"),
        Column("redeemed", "Redeemed", "instant"),
        Column("print", "Print", "link"),
    ),
    show=show_coupon,
    index="by_coming",
    fields=(
        Field("state", "State", "option", options=get_args(CouponState), default="valid"),
        Field("redemption_code", "Redemption code", optional=True),
        Field("qr_code", "Text of the QR code"),
        Field("user_id", "User", optional=True),
        Field("expires_at", "Expires", "instant", optional=True),
        Field("redeemed_at", "Redeemed", "instant", optional=True),
    ),
    nothing="There is no coupon: a purchase that is fulfilled has one for each unit.",
)
USERS = Panel(
    name="users",
    title="Users",
    table="users",
    columns=(
        Column("id", "User", "id"),
        Column("name", "Name"),
        Column("email", "E-mail"),
        Column("points", "Points", "number"),
        Column("purchases", "Purchases", "number"),
        Column("coupons", "Coupons", "number"),
    ),
    show=show_buyer,
    fields=(
        Field("name", "Whole name"),
        Field("firstname", "First name"),
        Field("lastname", "Last name"),
        Field("email", "E-mail"),
        Field("points", "Points", "integer", default=0),
    ),
    nothing="There is no user.",
)
CARDS = Panel(
    name="cards",
    title="Cards",
    table="cards",
    columns=(
        Column("id", "Card", "id"),
        Column("user", "User", "id"),
        Column("number", "Number"),
        Column("type", "Type"),
        Column("default", "Default"),
        Column("charge", "Charging it", "state"),
    ),
    show=show_stored_card,
    fields=(
        Field("charge", "Charging it", "option", options=get_args(Charge)),
        Field("user_id", "User"),
        Field("last_four", "Last four digits", default="0000"),
        Field("type", "Type", "option", options=CARD_TYPES, default="visa"),
        Field("primary", "The user's default", "boolean", default=False),
    ),
    nothing="No card is stored.",
)

PANELS = (DEALS, RESERVATIONS, PURCHASES, COUPONS, USERS, CARDS)
