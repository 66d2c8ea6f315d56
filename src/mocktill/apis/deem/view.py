"""What a person or a test author sees of Deem: deals with their stock, purchases, users with what they have.

Money is in cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from mocktill.apis.deem.handlers import RESERVATION_TTL
from mocktill.apis.deem.show import MAX_PER_USER, CouponState, coupon_state, show_card, show_user
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
Charge = Literal["succeeds", "declined", "fails", "charging"]
"""What charging a card comes to."""


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


@dataclass(frozen=True)
class User:
    """Somebody who buys; `email` is known of those who came with an all-in-one purchase."""

    id: str
    firstname: str
    lastname: str
    email: str | None
    points: int


@dataclass(frozen=True)
class Card:
    """A stored card, of which the last four digits are known, and what charging it comes to.

    One that has no user may be used by everybody. Of a user's cards one is the default, the `primary`.
    """

    id: str
    user_id: str | None
    last_four: str
    type: str
    primary: bool
    charge: Charge


@dataclass(frozen=True)
class Coupon:
    """The voucher for one unit of a purchase, with the state that it has now."""

    id: str
    purchase_id: str
    user_id: str | None
    state: CouponState
    created_at: datetime
    expires_at: datetime | None
    redeemed_at: datetime | None


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
            rows = sorted(self._scene.table("deem.purchases").items(), key=_coming)
        return [_purchase(key, row) for key, row in rows]

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

    def users(self) -> list[User]:
        """Return all users that are listed, by id."""
        with self._scene.reading():
            return [_user(key, row) for key, row in self._scene.table("deem.users").items()]

    def user(self, user_id: str) -> User:
        """Return a user; raise KeyError for one whom nobody listed."""
        with self._scene.reading():
            return _user(user_id, look_up(self._scene.table("deem.users"), user_id, "user"))

    def cards(self) -> list[Card]:
        """Return all stored cards, by id."""
        with self._scene.reading():
            return [_card(key, row) for key, row in self._scene.table("deem.cards").items()]

    def card(self, card_id: str) -> Card:
        """Return a stored card; raise KeyError for one that there is not."""
        with self._scene.reading():
            return _card(card_id, look_up(self._scene.table("deem.cards"), card_id, "card"))

    def set_charge(self, card_id: str, charge: Charge) -> None:
        """Let charging a card come to this from now on.

        Raises KeyError for a card that there is not, and ValueError for what charging never comes to.
        """
        self._set("cards", card_id, "card", "charge", charge, get_args(Charge))

    def coupons(self) -> list[Coupon]:
        """Return all coupons, the earliest first."""
        with self._scene.reading():
            rows = sorted(self._scene.table("deem.coupons").items(), key=_coming)
            return [self._coupon(key, row) for key, row in rows]

    def coupon(self, coupon_id: str) -> Coupon:
        """Return a coupon; raise KeyError for one that there is not."""
        with self._scene.reading():
            return self._coupon(coupon_id, look_up(self._scene.table("deem.coupons"), coupon_id, "coupon"))

    def set_coupon_state(self, coupon_id: str, state: CouponState) -> None:
        """Cancel a coupon, let it expire, or give it any other of its states; its dates stay as they are.

        Raises KeyError for a coupon that there is not, and ValueError for a state that there is not.
        """
        self._set("coupons", coupon_id, "coupon", "state", state, get_args(CouponState))

    def _set(self, table: str, key: str, what: str, field: str, value: str, values: tuple[str, ...]) -> None:
        if value not in values:
            raise ValueError(f"the {field} of a {what} is one of {', '.join(values)}; not {value!r}")
        self._scene.pass_time()
        with self._scene.changing():
            rows = self._scene.table(f"deem.{table}")
            rows.put(key, {**look_up(rows, key, what), field: value})

    def _coupon(self, key: str, row: Row) -> Coupon:
        return Coupon(
            id=key,
            purchase_id=row["purchase_id"],
            user_id=row.get("user_id"),
            state=coupon_state(row, self._scene.now()),
            created_at=instant(row["created_at"]),
            expires_at=_instant(row.get("expires_at")),
            redeemed_at=_instant(row.get("redeemed_at")),
        )

    def _deal(self, key: str, row: Row) -> Deal:
        return Deal(
            id=key,
            title=row["title"],
            price=row["price"],
            max_per_user=row.get("max_per_user", MAX_PER_USER),
            state=row.get("state", "in-flight"),
            ends_at=_instant(row.get("ends_at")),
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


def _coming(one: tuple[str, Row]) -> tuple[datetime, int]:
    """Return by what rows are in the order in which they came to be, while the clock stands still as well."""
    return instant(one[1]["created_at"]), one[1].get("place", -1)


def _instant(at: str | None) -> datetime | None:
    return None if at is None else instant(at)


def _user(key: str, row: Row) -> User:
    shown = show_user(key, row)
    return User(key, shown["firstname"], shown["lastname"], row.get("email"), shown["points"])


def _card(key: str, row: Row) -> Card:
    shown = show_card(key, row)
    last_four = shown["number"].removeprefix("XXXX")
    return Card(key, row.get("user_id"), last_four, shown["type"], shown["primary"], row["charge"])


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
