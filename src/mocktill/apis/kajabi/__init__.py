"""Kajabi's public API: the purchases of offers, as JSON:API documents, and the tokens to ask for them with."""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.kajabi import actions, handlers, listing, tokens
from mocktill.apis.kajabi.acts import ACTS, WEBHOOK
from mocktill.apis.kajabi.choices import CHOICES
from mocktill.apis.kajabi.dialect import DIALECT
from mocktill.apis.kajabi.factory import factory, populate
from mocktill.apis.kajabi.pages import PAGES
from mocktill.apis.kajabi.panels import PANELS
from mocktill.apis.kajabi.view import View
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.store import Index, TableSpec

PURCHASES = "Kajabi API v1, Purchases"
AUTHENTICATION = "Kajabi API v1, Authentication"
JSON = "application/json"
CLIENT = {"grant_type": "client_credentials", "client_id": "client-active", "client_secret": "secret-active"}

OPERATIONS = (
    Operation(
        name="list_purchases",
        method="GET",
        path="/purchases",
        handler=listing.list_purchases,
        summary="List purchases, page by page, sorted and filtered",
        basis=Basis.PUBLISHED,
        source=f"{PURCHASES}: List purchases",
        query="list_purchases.query",
        response="list_purchases.response",
        errors=(e.NotFound, e.Forbidden),
        narrow=listing.narrowed,
        sample=Sample(query={"page[size]": "10", "sort": "-created_at"}),
    ),
    Operation(
        name="purchase_details",
        method="GET",
        path="/purchases/{id}",
        handler=handlers.purchase_details,
        summary="Purchase details",
        basis=Basis.DOCUMENTED,
        source=f"{PURCHASES}: Purchase details",
        query="query",
        response="purchase_details.response",
        errors=(e.NotFound, e.Forbidden),
        narrow=handlers.asked_for,
        sample=Sample({"id": "123"}),
    ),
    Operation(
        name="deactivate",
        method="POST",
        path="/purchases/{id}/deactivate",
        handler=actions.deactivate,
        summary="Deactivate a purchase; its subscription goes on",
        basis=Basis.PUBLISHED,
        source=f"{PURCHASES}: Deactivate purchase",
        query="no_query",
        response="purchase_details.response",
        errors=(e.NotFound, e.Forbidden, e.Conflict),
        narrow=handlers.plain,
        sample=Sample({"id": "202"}),
    ),
    Operation(
        name="reactivate",
        method="POST",
        path="/purchases/{id}/reactivate",
        handler=actions.reactivate,
        summary="Reactivate a purchase, and not its subscription",
        basis=Basis.PUBLISHED,
        source=f"{PURCHASES}: Reactivate purchase",
        query="no_query",
        response="purchase_details.response",
        errors=(e.NotFound, e.Forbidden, e.Conflict),
        narrow=handlers.plain,
        sample=Sample({"id": "205"}),
    ),
    Operation(
        name="cancel_subscription",
        method="POST",
        path="/purchases/{id}/cancel_subscription",
        handler=actions.cancel_subscription,
        summary="Cancel the subscription of a purchase at once, and deactivate it",
        basis=Basis.PUBLISHED,
        source=f"{PURCHASES}: Cancel subscription",
        query="no_query",
        response="purchase_details.response",
        errors=(e.NotFound, e.Forbidden, e.Conflict),
        narrow=handlers.plain,
        sample=Sample({"id": "123"}),
    ),
    Operation(
        name="authenticate",
        method="POST",
        path="/oauth/token",
        handler=tokens.authenticate,
        summary="Get an access token for a client, a user or a refresh token",
        basis=Basis.PUBLISHED,
        source=f"{AUTHENTICATION}: Get access token",
        query="no_query",
        body="authenticate.request",
        response="authenticate.response",
        errors=(e.NotAuthenticated,),
        open=True,
        form=True,
        media_type=JSON,
        sample=Sample(body=CLIENT),
    ),
    Operation(
        name="revoke",
        method="POST",
        path="/oauth/revoke",
        handler=tokens.revoke,
        summary="Revoke a token, and the other one of its session",
        basis=Basis.PUBLISHED,
        source=f"{AUTHENTICATION}: Revoke a token",
        query="no_query",
        body="revoke.request",
        response=None,
        errors=(e.Forbidden,),
        form=True,
        media_type=JSON,
        sample=Sample(body={"token": "token-spare"}),
    ),
    Operation(
        name="version",
        method="GET",
        path="/version",
        handler=handlers.version,
        summary="The version of the API, without a token",
        basis=Basis.PUBLISHED,
        source="Kajabi API v1, Version",
        query="no_query",
        response="version.response",
        open=True,
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
        TableSpec("credentials", (Index("by_session", equal=("session",), sparse=True),)),
        TableSpec("grants", (Index("by_session", equal=("session",)),)),
        TableSpec("clients"),
        TableSpec("users"),
        TableSpec("products"),
        TableSpec("offers"),
        TableSpec("customers"),
        TableSpec("transactions", (Index("by_purchase", equal=("purchase_id",), order=("created_at",)),)),
        TableSpec(
            "purchases",
            (
                Index("by_creation", order=("created_at",)),
                Index("by_customer", equal=("customer_id",), order=("created_at",)),
            ),
        ),
    ),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "kajabi",
    fixtures=files("mocktill.fixtures") / "kajabi",
    factory=factory,
    populate=populate,
    view=View,
    pages=PAGES,
    panels=PANELS,
    credential="token-active",
    curl=(
        "curl -g -H 'Authorization: Bearer token-active'"
        " '{base}/v1/purchases/123?fields[purchases]=amount_in_cents,multipay_payments_made'",
    ),
    acts=ACTS,
    webhook=WEBHOOK,
)
