"""What a person or a test author sees of Deem: deals with their stock, purchases, reservations. Money is in cents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mocktill.apis.deem.handlers import MAX_PER_USER, RESERVATION_TTL
from mocktill.core.api import Leak, Scene
from mocktill.core.clock import instant
from mocktill.core.names import look_up
from mocktill.core.store import Row

MOST_STOCK = 2**53 - 1
"""How many units there may be: what every reader of JSON can count."""
DealState = Literal[
    "submitted", "in-review", "rejected", "approved", "in-flight", "paused", "cancelled", "landed", "deleted"
]
PurchaseState = Literal["reserved", "fulfilled", "released", "expired"]


@dataclass(frozen=True)
class Stock:
    """The units of a deal: `free` can be bought, `held` are reserved, `sold` are gone."""

    free: int
    held: int
    sold: int


@dataclass(frozen=True)
class Deal:
    """Something that is sold: `price` is that of one unit, in cents.

    It can be bought while it is `in-flight`, and before it ends, if it does; at the most `max_per_user` at once.
    """

    id: str
    title: str
    price: int
    max_per_user: int
    state: DealState
    ends_at: datetime | None
    stock: Stock


@dataclass(frozen=True)
class Purchase:
    """Some units of a deal, reserved or bought: `price` is that of one unit and `total` of all of them, in cents.

    Nobody is its user before it is fulfilled, and a claim charges no stored card. There is a coupon for each unit that
    was bought.
    """

    id: str
    deal_id: str
    state: PurchaseState
    quantity: int
    price: int
    total: int
    user_id: str | None
    credit_card_id: str | None
    coupons: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True)
class Reservation:
    """A purchase that holds units of a deal until an instant."""

    purchase_id: str
    deal_id: str
    quantity: int
    expires_at: datetime


class View:
    """The domain of Deem in one sandbox. What there is not is a KeyError in words."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def deals(self) -> list[Deal]:
        """Return all deals, by id."""
        with self._scene.reading():
            return [self._deal(key, row) for key, row in self._scene.table("deem.deals").items()]

    def deal(self, deal_id: str) -> Deal:
        """Return a deal with its price and its stock; raise KeyError for one that there is not."""
        with self._scene.reading():
            return self._deal(deal_id, look_up(self._scene.table("deem.deals"), deal_id, "deal"))

    def stock(self, deal_id: str) -> Stock:
        """Return the units of a deal; raise KeyError for a deal that there is not."""
        with self._scene.reading():
            return _stock(look_up(self._scene.table("deem.stock"), deal_id, "deal"))

    def set_stock(self, deal_id: str, free: int) -> None:
        """Let that many units of a deal be free; what is held and sold stays so.

        Raises KeyError for a deal that there is not, and ValueError for less than no units.
        """
        if not 0 <= free <= MOST_STOCK:
            raise ValueError(f"a stock is from 0 to {MOST_STOCK:,}")
        self._scene.pass_time()
        with self._scene.changing():
            stock = self._scene.table("deem.stock")
            stock.put(deal_id, {**look_up(stock, deal_id, "deal"), "free": free})

    def purchases(self) -> list[Purchase]:
        """Return all purchases, the earliest first."""
        with self._scene.reading():
            found = [_purchase(key, row) for key, row in self._scene.table("deem.purchases").items()]
        return sorted(found, key=lambda purchase: purchase.created_at)

    def purchase(self, purchase_id: str) -> Purchase:
        """Return a purchase, with the state that it has now; raise KeyError for one that there is not."""
        with self._scene.reading():
            return _purchase(purchase_id, look_up(self._scene.table("deem.purchases"), purchase_id, "purchase"))

    def reservations(self) -> list[Reservation]:
        """Return what is reserved now, the next to expire first."""
        with self._scene.reading():
            return [
                Reservation(key, row["stock"], row["quantity"], instant(row["expires_at"]))
                for key, row in self._scene.table("deem.holds").find("by_expiry")
            ]

    def _deal(self, key: str, row: Row) -> Deal:
        ends_at = row.get("ends_at")
        return Deal(
            id=key,
            title=row["title"],
            price=row["price"],
            max_per_user=row.get("max_per_user", MAX_PER_USER),
            state=row.get("state", "in-flight"),
            ends_at=None if ends_at is None else instant(ends_at),
            stock=_stock(self._scene.table("deem.stock").get(key)),
        )


def leaks(scene: Scene) -> Iterator[Leak]:
    """Yield the reservations that were neither claimed nor released: those still held, then those that ran out.

    One that ran out and was claimed anew is none any more.
    """
    for held in View(scene).reservations():
        yield Leak("deem", held.purchase_id, held.deal_id, held.quantity, "held", held.expires_at)
    for key, row in scene.table("deem.purchases").items():
        if row["state"] == "expired":
            ran_out = instant(row["created_at"]) + RESERVATION_TTL
            yield Leak("deem", key, row["deal_id"], row["quantity"], "expired", ran_out)


def _stock(row: Row | None) -> Stock:
    """Return a stock; a deal that has none has nothing to sell."""
    return Stock(0, 0, 0) if row is None else Stock(row["free"], row["held"], row["sold"])


def _purchase(key: str, row: Row) -> Purchase:
    return Purchase(
        id=key,
        deal_id=row["deal_id"],
        state=row["state"],
        quantity=row["quantity"],
        price=row["price"],
        total=row["price"] * row["quantity"],
        user_id=row.get("user_id"),
        credit_card_id=row.get("credit_card_id"),
        coupons=tuple(row.get("coupons", ())),
        created_at=instant(row["created_at"]),
    )
