"""Drip, REST API v2: subscribers, their purchases, and the lifetime value that grows with them."""

from __future__ import annotations

from importlib.resources import files

from mocktill.apis.drip import handlers, subscribers
from mocktill.apis.drip.choices import CHOICES
from mocktill.apis.drip.dialect import DIALECT
from mocktill.apis.drip.events import WEBHOOK
from mocktill.apis.drip.factory import factory, populate
from mocktill.apis.drip.pages import PAGES
from mocktill.apis.drip.panels import PANELS
from mocktill.apis.drip.view import View
from mocktill.core import errors as e
from mocktill.core.api import Api, Operation, Sample
from mocktill.core.choices import Basis
from mocktill.core.store import Index, TableSpec

PAGE = "Drip REST API v2, Purchases"
PEOPLE = "Drip REST API v2, Subscribers"
SUBSCRIBER = "/{account_id}/subscribers/{id_or_email}"
BUYER = {"account_id": "9999999", "id_or_email": "98asdh9f8asd88d"}
BOUGHT = {
    "provider": "gumroad",
    "order_id": "123456",
    "amount": 4900,
    "permalink": "http://myorders.com/orders/123456",
    "properties": {"address": "123 Anywhere St"},
    "occurred_at": "2013-06-21T10:31:58Z",
    "items": [
        {
            "id": "8888888",
            "product_id": "765432",
            "sku": "4444",
            "amount": 4900,
            "name": "Canoe",
            "quantity": 1,
            "properties": {"color": "black"},
        }
    ],
}

SAM = {"email": "sam@acme.com", "time_zone": "America/Los_Angeles", "custom_fields": {"name": "Sam Doe"}}

OPERATIONS = (
    Operation(
        name="create_purchase",
        method="POST",
        path=f"{SUBSCRIBER}/purchases",
        handler=handlers.create_purchase,
        summary="Create a purchase for a subscriber",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Create a purchase",
        query="query",
        body="create_purchase.request",
        response="create_purchase.response",
        status=201,
        errors=(e.NotFound, e.Forbidden),
        sample=Sample(BUYER, body={"purchases": [BOUGHT]}),
    ),
    Operation(
        name="list_purchases",
        method="GET",
        path=f"{SUBSCRIBER}/purchases",
        handler=handlers.list_purchases,
        summary="List the purchases of a subscriber, by the hundred",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: List purchases for a subscriber",
        query="list_purchases.query",
        response="list_purchases.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample(BUYER),
    ),
    Operation(
        name="fetch_purchase",
        method="GET",
        path=f"{SUBSCRIBER}/purchases/{{purchase_id}}",
        handler=handlers.fetch_purchase,
        summary="Fetch a purchase",
        basis=Basis.DOCUMENTED,
        source=f"{PAGE}: Fetch a purchase",
        query="query",
        response="fetch_purchase.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample({**BUYER, "purchase_id": "9999999"}),
    ),
    Operation(
        name="read_subscriber",
        method="GET",
        path=SUBSCRIBER,
        handler=subscribers.read_subscriber,
        summary="Fetch a subscriber, with the lifetime value",
        basis=Basis.PUBLISHED,
        source=f"{PEOPLE}: Fetch a subscriber",
        query="query",
        response="read_subscriber.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample(BUYER),
    ),
    Operation(
        name="follow_subscriber",
        method="GET",
        path="/subscribers/{subscriber_id}",
        handler=subscribers.follow_subscriber,
        summary="Follow the link of a purchase to its subscriber",
        basis=Basis.ASSUMED,
        source=f"{PAGE}: the link `purchases.subscriber`, of which nothing but its template is documented",
        query="query",
        response="read_subscriber.response",
        errors=(e.NotFound, e.Forbidden),
        narrow=subscribers.of_its_account,
        sample=Sample({"subscriber_id": "98asdh9f8asd88d"}),
    ),
    Operation(
        name="fetch_account",
        method="GET",
        path="/accounts/{account_id}",
        handler=handlers.fetch_account,
        summary="Fetch an account, to which links of purchases and subscribers lead",
        basis=Basis.PUBLISHED,
        source="Drip REST API v2, Accounts: Fetch an account",
        query="query",
        response="fetch_account.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample({"account_id": "9999999"}),
    ),
    Operation(
        name="create_or_update_subscriber",
        method="POST",
        path="/{account_id}/subscribers",
        handler=subscribers.create_or_update_subscriber,
        summary="Create or update a subscriber",
        basis=Basis.PUBLISHED,
        source=f"{PEOPLE}: Create or update a subscriber",
        query="query",
        body="create_or_update_subscriber.request",
        response="create_or_update_subscriber.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample({"account_id": "9999999"}, body={"subscribers": [SAM]}),
    ),
    Operation(
        name="list_subscribers",
        method="GET",
        path="/{account_id}/subscribers",
        handler=subscribers.list_subscribers,
        summary="List the subscribers of an account",
        basis=Basis.PUBLISHED,
        source=f"{PEOPLE}: List all subscribers",
        query="list_subscribers.query",
        response="list_subscribers.response",
        errors=(e.NotFound, e.Forbidden),
        sample=Sample({"account_id": "9999999"}),
    ),
    Operation(
        name="delete_subscriber",
        method="DELETE",
        path=SUBSCRIBER,
        handler=subscribers.delete_subscriber,
        summary="Delete a subscriber, with the purchases",
        basis=Basis.PUBLISHED,
        source=f"{PEOPLE}: Delete a subscriber",
        query="query",
        response=None,
        status=204,
        errors=(e.NotFound, e.Forbidden),
        sample=Sample(
            {"account_id": "9999999"},
            after="create_or_update_subscriber",
            taken={"id_or_email": "/subscribers/0/id"},
        ),
    ),
)

API = Api(
    name="drip",
    title="Drip",
    hosts=("api.getdrip.com",),
    prefixes=("/v2",),
    operations=OPERATIONS,
    dialect=DIALECT,
    tables=(
        TableSpec("credentials"),
        TableSpec("accounts"),
        TableSpec(
            "subscribers",
            (
                Index("by_email", ("account", "email")),
                Index("by_visitor", ("account", "visitor_uuid"), sparse=True),
                Index("by_user", ("account", "user_id"), sparse=True),
                Index("by_account", ("account",), ("number",)),
                Index("by_status", ("account", "status"), ("number",)),
                Index("by_creation", order=("created_at", "number")),
            ),
        ),
        TableSpec(
            "purchases",
            (
                Index("by_subscriber", ("subscriber",), ("number",)),
                Index("by_occurrence", ("subscriber",), ("occurred", "number")),
                Index("by_time", order=("occurred", "number")),
                Index("by_order", ("subscriber", "provider", "order_id")),
            ),
        ),
        TableSpec("rate"),
    ),
    choices=CHOICES,
    schemas=files("mocktill.schemas") / "drip",
    fixtures=files("mocktill.fixtures") / "drip",
    factory=factory,
    populate=populate,
    view=View,
    pages=PAGES,
    panels=PANELS,
    webhook=WEBHOOK,
    credential="YOUR_API_KEY",
    curl=("curl -u YOUR_API_KEY: '{base}/v2/9999999/subscribers/98asdh9f8asd88d/purchases'",),
)
