"""What a person or a test author sees of Kajabi: purchases, and how far a payment plan is."""

from __future__ import annotations

from dataclasses import dataclass

from mocktill.apis.kajabi.handlers import status
from mocktill.core.api import Scene
from mocktill.core.store import Row


@dataclass(frozen=True)
class Plan:
    """How far a payment plan is: `made` of `total` payments. Either is None where there is no plan."""

    made: int | None
    total: int | None


class View:
    """The domain of Kajabi in one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def purchase(self, purchase_id: str) -> Row:
        """Return the row of a purchase; raise KeyError for one that does not exist."""
        row = self._scene.table("kajabi.purchases").get(purchase_id)
        if row is None:
            raise KeyError(purchase_id)
        return row

    def purchases(self, customer_id: str) -> list[str]:
        """Return the ids of a customer's purchases, the earliest first."""
        return [key for key, _ in self._scene.table("kajabi.purchases").find("by_customer", customer_id)]

    def status(self, purchase_id: str) -> str:
        """Return the status as it would be answered; raise KeyError for a purchase that does not exist."""
        return status(purchase_id, self.purchase(purchase_id), self._scene.table("kajabi.transactions"))

    def plan(self, purchase_id: str) -> Plan:
        """Return how far a payment plan is; raise KeyError for a purchase that does not exist."""
        row = self.purchase(purchase_id)
        return Plan(row["multipay_payments_made"], row["payment_plan_total_payments"])

    def set_payments_made(self, purchase_id: str, made: int) -> None:
        """Let that many payments of a plan be made, as its provider would in time."""
        plan = self.plan(purchase_id)
        if plan.made is None:
            raise ValueError(f"the purchase {purchase_id} is no payment plan")
        if made < 0 or (plan.total is not None and made > plan.total):
            raise ValueError(f"the plan has {plan.total} payments")
        with self._scene.changing():
            row = {**self.purchase(purchase_id), "multipay_payments_made": made}
            self._scene.table("kajabi.purchases").put(purchase_id, row)
