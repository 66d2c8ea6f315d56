"""Supertab (formerly Laterpay): offerings are bought on tabs, which are paid when they are full.

The status of a purchase follows from its tab and its payment model.
"""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.supertab import access, buying, handlers, listing, tabs
from mocktill.apis.supertab.acts import ACTS
from mocktill.apis.supertab.choices import CHOICES
from mocktill.apis.supertab.dialect import DIALECT
from mocktill.apis.supertab.events import WEBHOOK
from mocktill.apis.supertab.factory import factory, populate
from mocktill.apis.supertab.panels import PANELS
from mocktill.apis.supertab.view import View
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.store import Index, TableSpec

PAGE = "Supertab API v1, Purchases"
CLIENT = "what Supertab's own browser client asks and reads"
TAB = "tab.bbbbbbbb-0000-4000-8000-000000000003"

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
    Operation(
        name="buy_offering",
        method="POST",
        path="/purchase/{offering_id}",
        handler=buying.buy_offering,
        summary="Buy an offering, on the user's tab",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="buy_offering.query",
        body="buy_offering.request",
        response="buy_offering.response",
        status=201,
        also={buying.PAYMENT_REQUIRED: "The tab is full: it has to be paid."},
        errors=(e.NotFound,),
        sample=Sample(
            {"offering_id": "offering.cccccccc-0000-4000-8000-000000000008"},
            {"currency": "USD"},
            {"metadata": {"article": "long-read-45", "words": 2100}},
        ),
    ),
    Operation(
        name="list_tabs",
        method="GET",
        path="/tabs",
        handler=listing.list_tabs,
        summary="List tabs, in pages",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="list_tabs.query",
        response="list_tabs.response",
        sample=Sample(query={"limit": "1", "payment_model": "pay_later"}),
    ),
    Operation(
        name="retrieve_tab",
        method="GET",
        path="/tabs/{tab_id}",
        handler=tabs.retrieve_tab,
        summary="Retrieve a tab with its purchases",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="query",
        response="retrieve_tab.response",
        errors=(e.NotFound,),
        sample=Sample({"tab_id": TAB}),
    ),
    Operation(
        name="finish_payment",
        method="POST",
        path="/payment/finish/{tab_id}",
        handler=buying.finish_payment,
        summary="Pay a tab, which closes it and completes what is on it",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="query",
        response="finish_payment.response",
        errors=(e.NotFound, e.Conflict),
        sample=Sample({"tab_id": TAB}),
    ),
    Operation(
        name="check_access",
        method="GET",
        path="/access/check",
        prefixes=("/v2",),
        handler=access.check_access,
        summary="Check whether a user has access to a content key",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="check_access.query",
        response="check_access.response",
        narrow=access.narrow,
        sample=Sample(query={"content_key": "articles/long-read-44"}),
    ),
    Operation(
        name="health",
        method="GET",
        path="/health",
        prefixes=("",),
        open=True,
        handler=handlers.health,
        summary="Check whether the API is well, and its version",
        basis=Basis.OBSERVED,
        source=CLIENT,
        query="query",
        response="health.response",
    ),
)

TABS = TableSpec(
    "tabs",
    (
        Index("all", order=("created_at",)),
        Index("by_user", equal=("user_id",), order=("created_at",)),
        Index("of_user", equal=("user_id", "currency", "payment_model", "status", "paid_at"), order=("created_at",)),
        Index(
            "of_merchant",
            equal=("user_id", "merchant_id", "currency", "payment_model", "status", "paid_at"),
            order=("created_at",),
        ),
    ),
)
PURCHASES = TableSpec(
    "purchases",
    (
        Index("by_tab", equal=("tab_id",), order=("purchase_date", "number")),
        Index("by_date", order=("purchase_date", "number")),
        Index("by_tab_and_model", equal=("tab_id", "payment_model"), order=("purchase_date", "number")),
        Index("by_content", equal=("user_id", "content_key"), order=("valid_to", "tab_id"), sparse=True),
        Index("of_user", equal=("user_id", "waiting", "payment_model"), order=("purchase_date", "number"), sparse=True),
        Index(
            "of_merchant",
            equal=("user_id", "merchant_id", "waiting", "payment_model"),
            order=("purchase_date", "number"),
            sparse=True,
        ),
    ),
)

API = Api(
    name="supertab",
    title="Supertab",
    hosts=("tapi.supertab.co", "tapi.sbx.supertab.co"),
    prefixes=("/v1",),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(
        TableSpec("credentials"),
        TableSpec("users"),
        TableSpec("offerings"),
        TABS,
        PURCHASES,
    ),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "supertab",
    fixtures=files("mocktill.fixtures") / "supertab",
    factory=factory,
    populate=populate,
    view=View,
    panels=PANELS,
    credential="token-test",
    curl=(
        "curl -H 'Authorization: Bearer token-test'"
        " '{base}/v1/purchases/purchase.aaaaaaaa-0000-4000-8000-000000000001'",
    ),
    acts=ACTS,
    webhook=WEBHOOK,
)
