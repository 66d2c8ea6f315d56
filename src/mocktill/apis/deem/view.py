"""What a person or a test author sees of Deem: deals with their stock, reservations, purchases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mocktill.apis.deem.handlers import RESERVATION_TTL
from mocktill.core.api import Leak, Scene
from mocktill.core.clock import instant
from mocktill.core.store import Row

MOST_STOCK = 2**53 - 1
"""How many units there may be: what every reader of JSON can count."""


@dataclass(frozen=True)
class Stock:
    """The units of a deal: `free` can be bought, `held` are reserved, `sold` are gone."""

    free: int
    held: int
    sold: int


@dataclass(frozen=True)
class Reservation:
    """A purchase that holds units of a deal until an instant."""

    purchase_id: str
    deal_id: str
    quantity: int
    expires_at: datetime


class View:
    """The domain of Deem in one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def stock(self, deal_id: str) -> Stock:
        """Return the units of a deal; raise KeyError for a deal that does not exist."""
        self._scene.pass_time()
        row = self._scene.table("deem.stock").get(deal_id)
        if row is None:
            raise KeyError(deal_id)
        return Stock(row["free"], row["held"], row["sold"])

    def set_stock(self, deal_id: str, free: int) -> None:
        """Let that many units of a deal be free; what is held and sold stays so."""
        if not 0 <= free <= MOST_STOCK:
            raise ValueError(f"a stock is from 0 to {MOST_STOCK:,}")
        self._scene.pass_time()
        with self._scene.changing():
            stock = self._scene.table("deem.stock")
            row = stock.get(deal_id)
            if row is None:
                raise KeyError(deal_id)
            stock.put(deal_id, {**row, "free": free})

    def purchase(self, purchase_id: str) -> Row:
        """Return the row of a purchase; raise KeyError for one that does not exist."""
        self._scene.pass_time()
        row = self._scene.table("deem.purchases").get(purchase_id)
        if row is None:
            raise KeyError(purchase_id)
        return row

    def reservations(self) -> list[Reservation]:
        """Return what is reserved now, the next to expire first."""
        self._scene.pass_time()
        return [
            Reservation(key, row["stock"], row["quantity"], instant(row["expires_at"]))
            for key, row in self._scene.table("deem.holds").find("by_expiry")
        ]


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
