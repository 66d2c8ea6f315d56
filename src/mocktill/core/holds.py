"""Stock that can be held: place, confirm, release, expire.

A stock row counts its units: `{"free": 3, "held": 2, "sold": 5}`. A unit moves between the three and is
never made or lost here, so their sum stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mocktill.core.clock import instant, text
from mocktill.core.errors import SoldOut
from mocktill.core.store import Index, Row, Table, TableSpec

STOCK = TableSpec("stock", plain=True)
HOLDS = TableSpec("holds", (Index("by_expiry", order=("expires_at",)),), plain=True)
TABLES = (STOCK, HOLDS)
"""The tables that an API with stock declares."""


class Holds:
    """The stock of one API and what is held of it."""

    def __init__(self, stock: Table, holds: Table) -> None:
        self._stock = stock
        self._holds = holds
        self._seen: tuple[str, datetime] | None = None

    def free(self, stock: str) -> int:
        """Return how many units are neither held nor sold; 0 for a stock that does not exist."""
        row = self._stock.get(stock)
        return 0 if row is None else row["free"]

    def get(self, key: str) -> Row | None:
        """Return the hold under the key while it lasts."""
        return self._holds.get(key)

    def place(self, key: str, stock: str, quantity: int, expires_at: datetime) -> None:
        """Hold units until an instant; raise `SoldOut` when fewer are free."""
        self._move(stock, quantity, "free", "held")
        self._holds.insert(key, {"stock": stock, "quantity": quantity, "expires_at": text(expires_at)})

    def sell(self, stock: str, quantity: int) -> None:
        """Sell units that were not held; raise `SoldOut` when fewer are free."""
        self._move(stock, quantity, "free", "sold")

    def confirm(self, key: str) -> bool:
        """Sell what is held under the key; False when nothing is."""
        return self._end(key, "sold")

    def release(self, key: str) -> bool:
        """Free what is held under the key; False when nothing is."""
        return self._end(key, "free")

    def due(self, now: datetime) -> Iterator[tuple[str, Row]]:
        """Yield the holds that have expired by now, earliest first; whoever asks releases them."""
        limit = text(now)
        while (first := self._holds.first("by_expiry")) is not None and first[1]["expires_at"] <= limit:
            yield first

    def overdue(self, now: datetime) -> bool:
        """Whether `due` would yield anything."""
        first = self._holds.first("by_expiry")
        if first is None:
            return False
        expires_at = first[1]["expires_at"]
        if self._seen is None or self._seen[0] != expires_at:
            self._seen = (expires_at, instant(expires_at))
        return self._seen[1] <= now

    def next_expiry(self) -> datetime | None:
        """Return when the next hold runs out; None where nothing is held."""
        first = self._holds.first("by_expiry")
        return None if first is None else instant(first[1]["expires_at"])

    def _end(self, key: str, into: str) -> bool:
        """End a hold; False when there is none, or when somebody changed the stock so that it holds nothing."""
        hold = self._holds.get(key)
        if hold is None:
            return False
        self._holds.delete(key)
        row = self._stock.get(hold["stock"])
        if row is None:
            return False
        whole = row["held"] >= hold["quantity"]
        quantity = min(row["held"], hold["quantity"])
        self._put(hold["stock"], row, quantity, "held", into if whole else "free")
        return bool(whole)

    def _move(self, stock: str, quantity: int, source: str, target: str) -> None:
        row = self._stock.get(stock)
        if row is None or row[source] < quantity:
            raise SoldOut(f"{quantity} wanted, {0 if row is None else row[source]} {source}")
        self._put(stock, row, quantity, source, target)

    def _put(self, stock: str, row: Row, quantity: int, source: str, target: str) -> None:
        self._stock.put(stock, {**row, source: row[source] - quantity, target: row[target] + quantity})
