"""Deem Offers ("OfferEngine"): purchases of deals from a stock, with five-minute reservations."""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.deem import handlers
from mocktill.apis.deem.choices import CHOICES
from mocktill.apis.deem.dialect import DIALECT
from mocktill.apis.deem.factory import factory, populate
from mocktill.apis.deem.view import View, leaks
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.holds import TABLES as HOLD_TABLES
from mocktill.core.store import Index, TableSpec

PAGE = "Deem Offers API, Purchases"
DEAL = "la-1024-wsc-hair-studio-01-2"
BUYING = {
    "deal_id": DEAL,
    "quantity": 2,
    "user_id": "ABC123",
    "credit_card_id": "2342f8073e",
    "expected_price_per_unit": 3900,
}
RESERVED = {"purchase_id": "/purchase/purchase_id"}

OPERATIONS = (
    Operation(
        name="get_purchase",
        method="GET",
        path="/purchases/{purchase_id}",
        handler=handlers.get_purchase,
        summary="Get a purchase",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Get a purchase",
        query="query",
        response="get_purchase.response",
        errors=(e.NotFound,),
        sample=Sample({"purchase_id": "34063ec2"}),
    ),
    Operation(
        name="create_purchase",
        method="POST",
        path="/purchases",
        handler=handlers.create_purchase,
        summary="Create a purchase for a user with a stored payment card",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Create a purchase",
        query="query",
        body="create_purchase.request",
        response="create_purchase.response",
        errors=(e.SoldOut, e.Declined, e.InProgress, e.ChargeFailed, e.NotFound),
        sample=Sample(body=BUYING),
    ),
    Operation(
        name="reserve_purchase",
        method="POST",
        path="/purchases/reserve",
        handler=handlers.reserve_purchase,
        summary="Reserve units of a deal for five minutes",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Reserve a purchase",
        query="query",
        body="reserve_purchase.request",
        response="reserve_purchase.response",
        errors=(e.SoldOut, e.NotFound),
        sample=Sample(body={"deal_id": DEAL, "num_bought": 2}),
    ),
    Operation(
        name="claim_purchase",
        method="PUT",
        path="/purchases/{purchase_id}/claim",
        handler=handlers.claim_purchase,
        summary="Make the purchase of a reservation",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Claim a purchase",
        query="query",
        body="claim_purchase.request",
        response="claim_purchase.response",
        errors=(e.NotFound, e.Conflict, e.SoldOut),
        sample=Sample(body={"user_id": "ABC123"}, after="reserve_purchase", taken=RESERVED),
    ),
    Operation(
        name="release_purchase",
        method="PUT",
        path="/purchases/{purchase_id}/release",
        handler=handlers.release_purchase,
        summary="Give the units of a reservation back",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Release a reserved purchase",
        query="query",
        body="release_purchase.request",
        response="release_purchase.response",
        errors=(e.NotFound, e.Conflict),
        sample=Sample(body={}, after="reserve_purchase", taken=RESERVED),
    ),
)

API = Api(
    name="deem",
    title="Deem Offers",
    hosts=("api.offers.deem.com",),
    prefixes=("/v1", "", "/api/v1"),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(
        *HOLD_TABLES,
        TableSpec("credentials"),
        TableSpec("users"),
        TableSpec("cards"),
        TableSpec("deals"),
        TableSpec("purchases", (Index("by_buyer", equal=("deal_id", "user_id", "state"), sparse=True),)),
        TableSpec("coupons"),
    ),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "deem",
    fixtures=files("mocktill.fixtures") / "deem",
    factory=factory,
    populate=populate,
    expired=handlers.expired,
    view=View,
    leaks=leaks,
    curl=("curl '{base}/v1/purchases/34063ec2.json?api_key=1234567'",),
    json_suffix=True,
    credential="1234567",
)
