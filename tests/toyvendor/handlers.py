"""Kiosk's behaviour: a ticket is sold while there are seats, and can be read."""

from __future__ import annotations

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.store import Row


def buy_ticket(call: Call, backend: Backend) -> Result:
    """Sell seats of a show."""
    show, seats = call.args["show"], int(call.body["seats"])
    row = backend.table("shows").get(show)
    if row is None:
        raise e.NotFound(f"there is no show {show}")
    backend.holds.sell(show, seats)
    number = "K-" + backend.fake.number("ticket", 4, unused=backend.table("tickets"))
    ticket = {
        "show": show,
        "seats": seats,
        "guest": call.body.get("guest"),
        "price": row["price"] * seats,
        "sold_at": text(backend.now),
    }
    backend.table("tickets").insert(number, ticket)
    return Result(show_ticket(number, ticket))


def read_ticket(call: Call, backend: Backend) -> Result:
    """Return a ticket as it is."""
    number = call.args["number"]
    row = backend.table("tickets").get(number)
    if row is None:
        raise e.NotFound(f"there is no ticket {number}")
    return Result(show_ticket(number, row))


def show_ticket(number: str, row: Row) -> JSON:
    """Return a ticket as the wire has it."""
    return {"number": number, **{name: row[name] for name in ("show", "seats", "guest", "price", "sold_at")}}
