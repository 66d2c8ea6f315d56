"""Kajabi's public API: the details of a purchase of an offer, as a JSON:API document."""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.kajabi import handlers
from mocktill.apis.kajabi.choices import CHOICES
from mocktill.apis.kajabi.dialect import DIALECT
from mocktill.apis.kajabi.factory import factory, populate
from mocktill.apis.kajabi.view import View
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.store import Index, TableSpec

OPERATIONS = (
    Operation(
        name="purchase_details",
        method="GET",
        path="/purchases/{id}",
        handler=handlers.purchase_details,
        summary="Purchase details",
        basis=Basis.DOCUMENTED,
        source="Kajabi API v1, Purchases: Purchase details",
        query="query",
        response="purchase_details.response",
        errors=(e.NotFound, e.Forbidden),
        narrow=handlers.asked_for,
        sample=Sample({"id": "123"}),
    ),
)

API = Api(
    name="kajabi",
    title="Kajabi",
    hosts=("api.kajabi.com",),
    prefixes=("/v1",),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(
        TableSpec("credentials"),
        TableSpec("products"),
        TableSpec("offers"),
        TableSpec("customers"),
        TableSpec("transactions", (Index("by_purchase", equal=("purchase_id",), order=("created_at",)),)),
        TableSpec("purchases", (Index("by_customer", equal=("customer_id",), order=("created_at",)),)),
    ),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "kajabi",
    fixtures=files("mocktill.fixtures") / "kajabi",
    factory=factory,
    populate=populate,
    view=View,
    credential="token-active",
    curl=(
        "curl -g -H 'Authorization: Bearer token-active'"
        " '{base}/v1/purchases/123?fields[purchases]=amount_in_cents,multipay_payments_made'",
    ),
)
