"""Kiosk, a vendor that does not exist: tickets for shows, sold from a number of seats."""

from __future__ import annotations

from pathlib import Path

from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.holds import TABLES as HOLD_TABLES
from mocktill.core.store import Index, TableSpec
from tests.toyvendor import handlers
from tests.toyvendor.choices import CHOICES
from tests.toyvendor.dialect import DIALECT
from tests.toyvendor.factory import factory, populate
from tests.toyvendor.view import View

HERE = Path(__file__).parent
PAGE = "Kiosk, Tickets"

OPERATIONS = (
    Operation(
        name="buy_ticket",
        method="POST",
        path="/shows/{show}/tickets",
        handler=handlers.buy_ticket,
        summary="Buy a ticket for one or more seats",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Buying",
        body="buy_ticket.request",
        response="ticket.response",
        status=201,
        errors=(e.NotFound, e.SoldOut),
        sample=Sample({"show": "matinee"}, body={"seats": 2, "guest": "Avery"}),
    ),
    Operation(
        name="read_ticket",
        method="GET",
        path="/tickets/{number}",
        handler=handlers.read_ticket,
        summary="Read a ticket",
        basis=Basis.PUBLISHED,
        source=f"{PAGE}: Reading",
        response="ticket.response",
        errors=(e.NotFound,),
        sample=Sample({"number": "K-0001"}),
    ),
)

API = Api(
    name="kiosk",
    title="Kiosk",
    hosts=("kiosk.example",),
    prefixes=("/api", "/api/v3"),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(
        *HOLD_TABLES,
        TableSpec("credentials"),
        TableSpec("shows"),
        TableSpec("tickets", (Index("by_show", equal=("show",), order=("sold_at",)),)),
    ),
    choices=CHOICES,
    schemas=HERE / "schemas",
    fixtures=HERE / "fixtures",
    factory=factory,
    populate=populate,
    view=View,
    credential="key-open",
    curl=("curl -H 'X-Kiosk-Key: key-open' '{base}/api/tickets/K-0001'",),
)
