"""Kiosk's behaviour: a ticket is sold while there are seats, can be read, and is taken back."""

from __future__ import annotations

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.store import Row

MANY = 10
"""More seats than these are confirmed later."""


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
    shown = show_ticket(number, ticket)
    backend.emit("ticket.sold", number, lambda: {"event": "ticket.sold", "ticket": shown})
    return Result(shown, status=202 if seats > MANY else None)


def read_ticket(call: Call, backend: Backend) -> Result:
    """Return a ticket as it is."""
    number = call.args["number"]
    return Result(show_ticket(number, find_ticket(number, backend)))


def return_ticket(call: Call, backend: Backend) -> Result:
    """Take a ticket back, and let its seats be sold again."""
    number = call.args["number"]
    ticket = find_ticket(number, backend)
    backend.table("tickets").delete(number)
    stock = backend.table("stock")
    row = stock.get(ticket["show"]) or {"free": 0, "held": 0, "sold": ticket["seats"]}
    back = min(ticket["seats"], row["sold"])  # seeded tickets were never counted as sold
    stock.put(ticket["show"], {**row, "free": row["free"] + back, "sold": row["sold"] - back})
    return Result(None)


def look_up(call: Call, backend: Backend) -> Result:
    """Say that the kiosk is open, and what time it is there."""
    return Result({"up": True, "at": text(backend.now)})


def find_ticket(number: str, backend: Backend) -> Row:
    """Return the row of a ticket; raise `NotFound` where there is none."""
    row = backend.table("tickets").get(number)
    if row is None:
        raise e.NotFound(f"there is no ticket {number}")
    return row


def show_ticket(number: str, row: Row) -> JSON:
    """Return a ticket as the wire has it."""
    return {"number": number, **{name: row[name] for name in ("show", "seats", "guest", "price", "sold_at")}}
