"""What a person sees of Drip: subscribers with their lifetime value, and their purchases. Money is in cents."""

from __future__ import annotations

from mocktill.apis.drip.accounts import address
from mocktill.core.api import Backend, Panel
from mocktill.core.panels import Cells, Column, Field, money, state
from mocktill.core.store import Row

CURRENCY = "USD"
"""What cents are shown as: Drip names no currency."""
TONES = {"active": "good", "undeliverable": "bad", "removed": "bad"}


def show_subscriber(key: str, row: Row, backend: Backend) -> Cells:
    """Return a subscriber of whatever account."""
    return {
        "id": key,
        "email": address(row),
        "status": state(row.get("status", "active"), TONES),
        "lifetime_value": money(row["lifetime_value"], CURRENCY),
        "purchases": backend.table("purchases").count("by_subscriber", key),
        "tags": list(row.get("tags", ())),
        "account": row["account"],
        "created": row["created_at"],
    }


def show_purchase(key: str, row: Row, backend: Backend) -> Cells:
    """Return a purchase with the e-mail address of its subscriber and what was bought."""
    subscriber = backend.table("subscribers").get(row["subscriber"])
    return {
        "id": key,
        "subscriber": row["subscriber"],
        "email": None if subscriber is None else address(subscriber),
        "amount": money(row["amount"], CURRENCY),
        "items": [f"{item['name']} ({item['quantity']})" for item in row.get("items") or ()],
        "provider": row.get("provider"),
        "order": row.get("order_id"),
        "occurred": row["occurred"],
    }


SUBSCRIBERS = Panel(
    name="subscribers",
    title="Subscribers",
    table="subscribers",
    columns=(
        Column("id", "Subscriber", "id"),
        Column("email", "E-mail"),
        Column("status", "Status", "state"),
        Column("lifetime_value", "Lifetime value", "money"),
        Column("purchases", "Purchases", "number"),
        Column("tags", "Tags", "list"),
        Column("account", "Account", "id"),
        Column("created", "Created", "instant"),
    ),
    show=show_subscriber,
    index="by_creation",
    fields=(
        Field("email", "E-mail in small letters"),
        Field("status", "Status", default="active"),
        Field("lifetime_value", "Lifetime value in cents", "integer"),
        Field("first_name", "First name", optional=True),
        Field("last_name", "Last name", optional=True),
        Field("time_zone", "Time zone", optional=True),
        Field("user_id", "User", optional=True),
        Field("prospect", "Is a prospect", "boolean", default=False),
        Field("lead_score", "Lead score", "integer", optional=True),
        Field("created_at", "Created", "instant"),
    ),
    nothing="There is no subscriber.",
)
PURCHASES = Panel(
    name="purchases",
    title="Purchases",
    table="purchases",
    columns=(
        Column("id", "Purchase", "id"),
        Column("subscriber", "Subscriber", "id"),
        Column("email", "E-mail"),
        Column("amount", "Amount", "money"),
        Column("items", "Items", "list"),
        Column("provider", "Provider"),
        Column("order", "Order", "id"),
        Column("occurred", "Occurred", "instant"),
    ),
    show=show_purchase,
    index="by_time",
    fields=(
        Field("amount", "Amount in cents", "integer"),
        Field("provider", "Provider", optional=True),
        Field("order_id", "Order", optional=True),
        Field("permalink", "Permalink", optional=True),
    ),
    nothing="Nobody has bought anything.",
)

PANELS = (SUBSCRIBERS, PURCHASES)
