"""Kiosk, a vendor that does not exist: tickets for shows, sold from a number of seats."""

from __future__ import annotations

from pathlib import Path

from mocktill.core import errors as e
from mocktill.core.api import Act, Api, Operation, Sample, Webhook
from mocktill.core.choices import Basis
from mocktill.core.holds import TABLES as HOLD_TABLES
from mocktill.core.store import Index, TableSpec
from tests.toyvendor import handlers, keys, scan
from tests.toyvendor.choices import CHOICES
from tests.toyvendor.dialect import DIALECT
from tests.toyvendor.factory import factory, populate
from tests.toyvendor.panels import PANELS
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
        also={202: "So many seats are confirmed later: the ticket is good until somebody says otherwise."},
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
    Operation(
        name="return_ticket",
        method="DELETE",
        path="/tickets/{number}",
        handler=handlers.return_ticket,
        summary="Return a ticket; its seats are free again",
        basis=Basis.OBSERVED,
        source="a client of Kiosk",
        response=None,
        status=204,
        errors=(e.NotFound,),
        sample=Sample(after="buy_ticket", taken={"number": "/ticket/number"}),
    ),
    Operation(
        name="issue_key",
        method="POST",
        path="/keys",
        handler=keys.issue_key,
        summary="Get a key for an hour or more",
        basis=Basis.PUBLISHED,
        source="Kiosk, Keys",
        body="issue_key.request",
        response="key.response",
        status=201,
        errors=(e.NotAuthenticated,),
        open=True,
        form=True,
        media_type="application/json",
        sample=Sample(body={"password": "let me in", "hours": 2}),
    ),
    Operation(
        name="hand_in_key",
        method="POST",
        path="/keys/hand-in",
        handler=keys.hand_in_key,
        summary="Hand in the key that is shown",
        basis=Basis.PUBLISHED,
        source="Kiosk, Keys",
        response=None,
        sample=Sample(),
    ),
    Operation(
        name="look_up",
        method="GET",
        path="/up",
        handler=handlers.look_up,
        summary="Whether the kiosk is open",
        basis=Basis.OBSERVED,
        source="a client of Kiosk",
        response="up.response",
        open=True,
        prefixes=("", "/health"),
    ),
)

ACTS = (Act("scan_ticket", "The door of the house scans a ticket", "tickets", scan.scan_ticket),)
WEBHOOK = Webhook(
    events=("ticket.sold", "ticket.scanned"),
    basis=Basis.PUBLISHED,
    source="Kiosk, Webhooks",
    headers=scan.sign,
    secret="kiosk-whispers",
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
    panels=PANELS,
    credential="key-open",
    acts=ACTS,
    webhook=WEBHOOK,
    curl=("curl -H 'X-Kiosk-Key: key-open' '{base}/api/tickets/K-0001'",),
)
