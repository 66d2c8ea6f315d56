"""What a person or a test author sees of Kajabi: purchases, and how far a payment plan is. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mocktill.apis.kajabi import plans
from mocktill.apis.kajabi.documents import status
from mocktill.core.api import Scene
from mocktill.core.clock import instant
from mocktill.core.names import look_up
from mocktill.core.store import Row, Table

PaymentType = Literal["single", "subscription", "multipay"]


@dataclass(frozen=True)
class Plan:
    """How far a payment plan is: `made` of `total` payments. Either is None where there is no plan."""

    made: int | None
    total: int | None


@dataclass(frozen=True)
class Purchase:
    """A purchase of an offer: `amount` is in cents, `quantity` is None where it does not apply.

    `status` is that of the last transaction of a one-time purchase, and else the purchase's own.
    """

    id: str
    customer_id: str
    offer_id: str
    status: str
    payment_type: PaymentType
    amount: int
    currency: str
    quantity: int | None
    plan: Plan
    coupon_code: str | None
    trial_end_at: datetime | None
    effective_start_at: datetime | None
    deactivated_at: datetime | None
    deactivation_reason: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def active(self) -> bool:
        """Whether it is not deactivated; its subscription is another matter."""
        return self.deactivated_at is None


@dataclass(frozen=True)
class Transaction:
    """A payment, or the attempt at one: `amount` is in cents, None where it is not known."""

    id: str
    state: str
    amount: int | None
    created_at: datetime


class View:
    """The domain of Kajabi in one sandbox. What there is not is a KeyError in words."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def purchases(self, customer_id: str | None = None) -> list[Purchase]:
        """Return the purchases of a customer, or all, the earliest first; raise KeyError for no such customer."""
        with self._scene.reading():
            purchases, transactions = self._table("purchases"), self._table("transactions")
            if customer_id is None:
                rows = sorted(purchases.items(), key=lambda item: item[1]["created_at"])
            else:
                look_up(self._table("customers"), customer_id, "customer")
                rows = list(purchases.find("by_customer", customer_id))
            return [_purchase(key, row, transactions) for key, row in rows]

    def purchase(self, purchase_id: str) -> Purchase:
        """Return a purchase, with the status that it has now; raise KeyError for one that there is not."""
        with self._scene.reading():
            return _purchase(purchase_id, self._row(purchase_id), self._table("transactions"))

    def status(self, purchase_id: str) -> str:
        """Return the status as it would be answered; raise KeyError for a purchase that there is not."""
        return self.purchase(purchase_id).status

    def plan(self, purchase_id: str) -> Plan:
        """Return how far a payment plan is; raise KeyError for a purchase that there is not."""
        return self.purchase(purchase_id).plan

    def transactions(self, purchase_id: str) -> list[Transaction]:
        """Return the payments of a purchase, the earliest first; raise KeyError for a purchase that there is not."""
        with self._scene.reading():
            self._row(purchase_id)
            found = self._table("transactions").find("by_purchase", purchase_id)
            return [_transaction(key, row) for key, row in found]

    def set_payments_made(self, purchase_id: str, made: int) -> None:
        """Let that many payments of a plan be made, as its provider would in time; with the last it is completed.

        No transactions come of it: the act `pay_instalment` makes one. Raises KeyError for a purchase that there is
        not, ValueError for one that is no plan or has fewer payments.
        """
        self._scene.pass_time()
        with self._scene.changing():
            row = self._row(purchase_id)
            plans.check(purchase_id, row, made)
            self._table("purchases").put(purchase_id, plans.moved(row, made, self._scene.now()))

    def _row(self, purchase_id: str) -> Row:
        return look_up(self._table("purchases"), purchase_id, "purchase")

    def _table(self, name: str) -> Table:
        return self._scene.table(f"kajabi.{name}")


def _plan(row: Row) -> Plan:
    return Plan(row["multipay_payments_made"], row["payment_plan_total_payments"])


def _purchase(key: str, row: Row, transactions: Table) -> Purchase:
    return Purchase(
        id=key,
        customer_id=row["customer_id"],
        offer_id=row["offer_id"],
        status=status(key, row, transactions),
        payment_type=row["payment_type"],
        amount=row["amount_in_cents"],
        currency=row["currency"],
        quantity=row["quantity"],
        plan=_plan(row),
        coupon_code=row["coupon_code"],
        trial_end_at=_instant(row["trial_end_at"]),
        effective_start_at=_instant(row["effective_start_at"]),
        deactivated_at=_instant(row["deactivated_at"]),
        deactivation_reason=row["deactivation_reason"],
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
    )


def _transaction(key: str, row: Row) -> Transaction:
    return Transaction(key, row["state"], row.get("amount_in_cents"), instant(row["created_at"]))


def _instant(at: str | None) -> datetime | None:
    return None if at is None else instant(at)
