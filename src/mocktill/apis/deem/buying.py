"""What a purchase has to pass before it is made, and how it is made: deal, user, quantity, stock, card, coupons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from mocktill.apis.deem.show import IN_FLIGHT, MAX_PER_USER
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend
from mocktill.core.clock import instant, text
from mocktill.core.fake import HEX
from mocktill.core.store import Row


def known_deal(key: str, backend: Backend) -> Row:
    """Return the deal that a body names, or raise that there is none."""
    row = backend.table("deals").get(key)
    if row is not None:
        return row
    if backend.choice("unknown_deal") == "find_failed":
        raise e.NotFound(f"there is no deal {key}")
    raise e.Invalid("not found", kind="not_found", resource="deal")


def deal_for_sale(key: str, backend: Backend) -> Row:
    """Return a deal that can be bought now, or raise why not."""
    row = known_deal(key, backend)
    check_sale(key, row, backend)
    return row


def check_sale(key: str, deal: Row, backend: Backend) -> None:
    """Raise for a deal that is not in flight, or outside the time in which it is sold."""
    starts_at, ends_at = deal.get("starts_at"), deal.get("ends_at")
    over = ends_at is not None and instant(ends_at) <= backend.now
    early = starts_at is not None and instant(starts_at) > backend.now
    if over or early or deal.get("state", IN_FLIGHT) != IN_FLIGHT:
        if backend.choice("ended_deal") == "cannot_fufill":
            raise e.SoldOut(f"the deal {key} has ended, has not begun or is not in flight")
        raise e.Invalid("is not available", kind="invalid", resource="deal")


def check_user(user: str, backend: Backend) -> None:
    """Raise, by choice, for a user whom nobody listed."""
    if user not in backend.table("users") and backend.choice("unknown_user") == "refuse":
        raise e.Invalid("not found", kind="not_found", resource="user")


def check_session(session: str | None, backend: Backend) -> None:
    """Raise, by choice, for a session that was not made here; an empty one is none."""
    if session and session not in backend.table("sessions") and backend.choice("unknown_session") == "refuse":
        raise e.Invalid("not found", kind="not_found", resource="purchase", field="session_id")


def check_quantity(deal: Row, quantity: int, backend: Backend, field: str) -> None:
    """Raise for more units than a user may buy at once."""
    most = deal.get("max_per_user", MAX_PER_USER)
    if quantity > most:
        _refuse_quantity(most, backend, field)


def check_buyer(deal_id: str, user: str, quantity: int, backend: Backend, field: str | None = None) -> None:
    """Raise for more than a user may buy, with what the user has of the deal already, where that is chosen to count.

    The choice is asked only where it decides: where the units alone are few enough, and all together are not.
    """
    most = (backend.table("deals").get(deal_id) or {}).get("max_per_user", MAX_PER_USER)
    # each purchase has a unit at the least, so that no more of them than may be bought need to be looked at
    bought = backend.table("purchases").page("by_buyer", deal_id, user, "fulfilled", offset=0, limit=most)
    before = sum(row["quantity"] for _, row in bought)
    if before + quantity > most and backend.choice("max_per_user") == "per_user":
        _refuse_quantity(most, backend, field)


def check_stock(deal_id: str, quantity: int, backend: Backend, field: str | None = None) -> None:
    """Raise for more units than are free."""
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


def check_card(card: str, user: str, backend: Backend) -> None:
    """Raise, by choice, for a card that nobody listed, and for one that is another user's."""
    row = backend.table("cards").get(card)
    if row is None:
        if backend.choice("unknown_card") == "refuse":
            raise e.Invalid("not found", kind="not_found", resource="credit_card")
        return
    if row.get("user_id", user) != user and backend.choice("other_users_card") == "refuse":
        raise e.Invalid("is another user's", kind="not_owner", resource="credit_card")


def charge(card: str, backend: Backend) -> None:
    """Charge a card, or raise what becomes of it; one that nobody listed is charged."""
    match (backend.table("cards").get(card) or {}).get("charge"):
        case "declined":
            raise e.Declined(f"the card {card} is declined")
        case "charging":
            raise e.InProgress(f"the card {card} is still being charged")
        case "fails":
            if backend.choice("charge_failed") == "declined":
                raise e.Declined(f"charging the card {card} failed")
            raise e.ChargeFailed(f"charging the card {card} failed")


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
        "place": len(backend.table("purchases")),
        "state": "fulfilled",
        "user_id": None,
        "credit_card_id": None,
        "coupons": [],
    }


def fulfil(key: str, row: Mapping[str, Any], backend: Backend) -> Row:
    """Keep a purchase as fulfilled, with one new coupon for each unit; a coupon lasts as long as its deal says."""
    coupons = backend.table("coupons")
    deal = backend.table("deals").get(row["deal_id"]) or {}
    ids = []
    for _ in range(row["quantity"]):
        coupon = backend.fake.text("coupon", 10, HEX, unused=coupons)
        minted = {
            "purchase_id": key,
            "user_id": row["user_id"],
            "created_at": text(backend.now),
            "place": len(coupons),
            "expires_at": deal.get("expires_at"),
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


def _refuse_quantity(most: int, backend: Backend, field: str | None) -> NoReturn:
    if backend.choice("too_many") == "cannot_fufill":
        raise e.SoldOut(f"{most} may be bought at the most")
    raise e.Invalid("cannot purchase that many", kind="invalid", resource="purchase", field=field)
