"""How Kiosk's rows come to be."""

from __future__ import annotations

from mocktill.core.api import Backend, Rows
from mocktill.core.clock import text


def factory(tables: Rows) -> Rows:
    """Turn the seats of a show into stock."""
    shows = tables.get("shows", {})
    stock = {key: {"free": row["seats"], "held": 0, "sold": 0} for key, row in shows.items()}
    return {**tables, "stock": stock, "shows": {key: {"price": row["price"]} for key, row in shows.items()}}


def populate(backend: Backend, count: int) -> list[str]:
    """Make that many tickets for a show of their own; return their numbers."""
    numbers = []
    for _ in range(count):
        number = "K-" + backend.fake.number("ticket", 4, unused=backend.table("tickets"))
        guest = backend.fake.values("guest", number).name()
        row = {"show": "matinee", "seats": 1, "guest": guest, "price": 900, "sold_at": text(backend.now)}
        backend.table("tickets").insert(number, row)
        numbers.append(number)
    return numbers
