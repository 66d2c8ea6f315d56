"""What a person or a test author sees of Supertab: offerings, purchases with their status, and tabs that can be paid.

Money is in minor units of its currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from mocktill.apis.supertab.choices import CHOICES
from mocktill.apis.supertab.handlers import done, model_of, status
from mocktill.apis.supertab.settling import with_validity
from mocktill.apis.supertab.tabs import filled, total
from mocktill.core.api import JSON, Scene
from mocktill.core.clock import instant, text
from mocktill.core.names import look_up
from mocktill.core.store import Row, Table

DEFAULTS = {choice.name.removeprefix("supertab."): choice.default for choice in CHOICES}
Status = Literal["completed", "pending", "abandoned"]
SalesModel = Literal["contribution", "single_purchase", "time_pass", "subscription"]
PaymentModel = Literal["pay_now", "pay_later", "pay_now_subscription"]
TabStatus = Literal["open", "full", "closed"]


@dataclass(frozen=True)
class Offering:
    """Something that can be bought: `prices` are in minor units, by currency.

    `valid_timedelta` says how long access lasts, as in `1d`; None where it has no such length.
    """

    id: str
    summary: str
    prices: Mapping[str, int]
    sales_model: SalesModel
    payment_model: PaymentModel
    content_key: str | None
    valid_timedelta: str | None
    merchant_id: str


@dataclass(frozen=True)
class Purchase:
    """Something that somebody bought or is about to: `amount` is in minor units of `currency`.

    `tab_id` is None while it is on no tab, and `status` None where Supertab tells none.
    """

    id: str
    status: Status | None
    summary: str
    amount: int
    currency: str
    sales_model: SalesModel
    payment_model: PaymentModel
    offering_id: str
    content_key: str | None
    metadata: Mapping[str, JSON]
    tab_id: str | None
    purchase_date: datetime
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Tab:
    """What somebody owes: it is paid when it has `paid_at`.

    `total` and `limit`, at which it is full, are in minor units of `currency`. What nobody said of it is None.
    """

    id: str
    status: TabStatus
    paid_at: datetime | None
    total: int
    limit: int | None
    currency: str | None
    payment_model: PaymentModel | None
    user_id: str | None
    merchant_id: str | None
    created_at: datetime | None
    updated_at: datetime | None


class View:
    """The domain of Supertab in one sandbox. What there is not is a KeyError in words."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def offerings(self) -> list[Offering]:
        """Return what can be bought, by id."""
        with self._scene.reading():
            return [_offering(key, row) for key, row in self._table("offerings").items()]

    def offering(self, offering_id: str) -> Offering:
        """Return an offering; raise KeyError for one that there is not."""
        with self._scene.reading():
            return _offering(offering_id, self._row("offering", offering_id))

    def purchases(self) -> list[Purchase]:
        """Return all purchases, the earliest first."""
        with self._scene.reading():
            found = [self._purchase(key, row) for key, row in self._table("purchases").items()]
        return sorted(found, key=lambda purchase: purchase.purchase_date)

    def purchase(self, purchase_id: str) -> Purchase:
        """Return a purchase, with the status that it has now; raise KeyError for one that there is not."""
        with self._scene.reading():
            return self._purchase(purchase_id, self._row("purchase", purchase_id))

    def status(self, purchase_id: str) -> Status | None:
        """Return the status that a purchase has now, None where Supertab tells none; KeyError for no purchase."""
        return self.purchase(purchase_id).status

    def tabs(self) -> list[Tab]:
        """Return all tabs, by id."""
        with self._scene.reading():
            return [self._tab(key, row) for key, row in self._table("tabs").items()]

    def tab(self, tab_id: str) -> Tab:
        """Return a tab; raise KeyError for one that there is not."""
        with self._scene.reading():
            return self._tab(tab_id, self._row("tab", tab_id))

    def purchases_on(self, tab_id: str) -> list[Purchase]:
        """Return the purchases on a tab, the earliest first; raise KeyError for a tab that there is not."""
        with self._scene.reading():
            self._row("tab", tab_id)
            return [self._purchase(key, row) for key, row in self._table("purchases").find("by_tab", tab_id)]

    def pay_tab(self, tab_id: str) -> None:
        """Let a tab be paid now: that closes it, completes what is on it, and makes room for what waited for it.

        The same as the act `supertab.pay_tab`. One that is paid stays as it is. Raises KeyError for a tab that there
        is not.
        """
        self._scene.act("supertab.pay_tab", tab_id)

    def add_to_tab(self, purchase_id: str, tab_id: str) -> None:
        """Put a pending purchase, which is on no tab, on one. No webhook tells of it.

        Raises KeyError for a purchase or a tab that there is not, and ValueError, in words, for a purchase that is on
        a tab already, and for a tab that is closed.
        """
        self._scene.pass_time()
        with self._scene.changing():
            purchase, tab = self._row("purchase", purchase_id), self._row("tab", tab_id)
            if purchase.get("tab_id") is not None:
                raise ValueError(f"{purchase_id} is on {purchase['tab_id']} already")
            if tab["status"] == "closed":
                raise ValueError(f"{tab_id} is closed")
            now, amount = text(self._scene.now()), int(purchase["price"]["amount"])
            owed = total(tab_id, self._table) + amount
            added: Row = {**purchase, "tab_id": tab_id, "waiting": None, "updated_at": now}
            if done(model_of(purchase, self._choice), tab):
                added = with_validity(added, now)
            self._table("purchases").put(purchase_id, added)
            self._table("tabs").put(tab_id, filled(tab, owed, amount, self._choice, now))

    def _row(self, what: str, key: str) -> Row:
        return look_up(self._table(f"{what}s"), key, what)

    def _table(self, name: str) -> Table:
        return self._scene.table(f"supertab.{name}")

    def _choice(self, name: str) -> str:
        # read from its row: a backend would note it as having decided the answer of a request that runs beside this
        row = self._scene.table("mocktill.choices").get(f"supertab.{name}")
        return DEFAULTS[name] if row is None else str(row["value"])

    def _purchase(self, key: str, row: Row) -> Purchase:
        return Purchase(
            id=key,
            status=cast("Status | None", status(key, row, self._table, self._choice)),
            summary=row["summary"],
            amount=int(row["price"]["amount"]),
            currency=row["price"]["currency"],
            sales_model=row["sales_model"],
            payment_model=row["payment_model"],
            offering_id=row["offering_id"],
            content_key=row.get("content_key"),
            metadata=dict(row.get("metadata", {})),
            tab_id=row.get("tab_id"),
            purchase_date=instant(row["purchase_date"]),
            valid_from=_instant(row.get("valid_from")),
            valid_to=_instant(row.get("valid_to")),
            created_at=instant(row["created_at"]),
            updated_at=instant(row["updated_at"]),
        )

    def _tab(self, key: str, row: Row) -> Tab:
        return Tab(
            id=key,
            status=row["status"],
            paid_at=_instant(row["paid_at"]),
            total=total(key, self._table),
            limit=row.get("limit"),
            currency=row.get("currency"),
            payment_model=row.get("payment_model"),
            user_id=row.get("user_id"),
            merchant_id=row.get("merchant_id"),
            created_at=_instant(row.get("created_at")),
            updated_at=_instant(row.get("updated_at")),
        )


def _offering(key: str, row: Row) -> Offering:
    return Offering(
        id=key,
        summary=row["summary"],
        prices={price["currency"]: int(price["amount"]) for price in row["prices"]},
        sales_model=row["sales_model"],
        payment_model=row["payment_model"],
        content_key=row.get("content_key"),
        valid_timedelta=row.get("valid_timedelta"),
        merchant_id=row["merchant_id"],
    )


def _instant(at: str | None) -> datetime | None:
    return None if at is None else instant(at)
