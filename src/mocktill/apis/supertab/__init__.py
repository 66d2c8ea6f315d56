"""Supertab (formerly Laterpay): purchases whose status follows from their tab and their payment model."""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.supertab import handlers
from mocktill.apis.supertab.choices import CHOICES
from mocktill.apis.supertab.dialect import DIALECT
from mocktill.apis.supertab.factory import factory, populate
from mocktill.apis.supertab.view import View
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.store import Index, TableSpec

PAGE = "Supertab API v1, Purchases"

OPERATIONS = (
    Operation(
        name="retrieve_purchase",
        method="GET",
        path="/purchases/{purchase_id}",
        handler=handlers.retrieve_purchase,
        summary="Retrieve a purchase, on a tab or still pending",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Retrieve a purchase",
        query="query",
        response="retrieve_purchase.response",
        errors=(e.NotFound,),
        sample=Sample({"purchase_id": "purchase.aaaaaaaa-0000-4000-8000-000000000001"}),
    ),
)

PURCHASES = TableSpec(
    "purchases",
    (
        Index("by_tab", equal=("tab_id",), order=("purchase_date",)),
        Index("by_tab_and_model", equal=("tab_id", "payment_model"), order=("purchase_date",)),
    ),
)

API = Api(
    name="supertab",
    title="Supertab",
    hosts=("tapi.supertab.co", "tapi.sbx.supertab.co"),
    prefixes=("/v1",),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(TableSpec("credentials"), TableSpec("tabs"), PURCHASES),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "supertab",
    fixtures=files("mocktill.fixtures") / "supertab",
    factory=factory,
    populate=populate,
    view=View,
    credential="token-test",
    curl=(
        "curl -H 'Authorization: Bearer token-test'"
        " '{base}/v1/purchases/purchase.aaaaaaaa-0000-4000-8000-000000000001'",
    ),
)
