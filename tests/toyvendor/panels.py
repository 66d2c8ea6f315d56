"""What a person sees of Kiosk: tickets, and shows with their seats."""

from __future__ import annotations

from mocktill.core.api import Backend, Panel
from mocktill.core.panels import Cells, Column, Field, money, state
from mocktill.core.store import Row


def show_ticket(key: str, row: Row, backend: Backend) -> Cells:
    """Return a ticket: it is used when it was scanned."""
    return {
        "number": key,
        "guest": row["guest"],
        "price": money(row["price"], "USD"),
        "state": state("used" if "scanned_at" in row else "good", {"good": "good"}),
    }


def show_show(key: str, row: Row, backend: Backend) -> Cells:
    """Return a show with its seats."""
    return {"name": key, "seats": backend.table("stock").get(key)}


PANELS = (
    Panel(
        name="tickets",
        title="Tickets",
        table="tickets",
        columns=(
            Column("number", "Ticket", "id"),
            Column("guest", "Guest"),
            Column("price", "Price", "money"),
            Column("state", "State", "state"),
        ),
        show=show_ticket,
        fields=(
            Field("guest", "Guest", optional=True),
            Field("seats", "Seats", "integer"),
            Field("sold_at", "Sold", "instant"),
        ),
        acts=("scan_ticket",),
        nothing="No ticket was sold.",
    ),
    Panel(
        name="shows",
        title="Shows",
        table="shows",
        columns=(Column("name", "Show", "id"), Column("seats", "Seats", "stock")),
        show=show_show,
        fields=(Field("free", "Free seats", "integer", "stock"), Field("price", "Price", "integer")),
        nothing="Nothing is on.",
    ),
)
