"""What Drip tells of a subscriber by webhook: that the lifetime value is another one."""

from __future__ import annotations

from mocktill.apis.drip.show import drip_time, root, show_subscriber
from mocktill.core.api import JSON, Backend, Call, Webhook
from mocktill.core.choices import Basis

UPDATED = "subscriber.updated_lifetime_value"
LISTED = (
    "id", "status", "email", "custom_fields", "tags", "time_zone", "utc_offset", "created_at", "ip_address",
    "user_agent", "lifetime_value", "original_referrer", "landing_url", "prospect", "base_lead_score", "lead_score",
    "user_id",
)  # fmt: skip
"""What the page on webhook events has of a subscriber, in its order."""

WEBHOOK = Webhook((UPDATED,), Basis.PUBLISHED, "Drip REST API v2, Webhook Events")


def tell_lifetime_value(key: str, before: int, call: Call, backend: Backend) -> None:
    """Tell that the lifetime value of a subscriber is another one than before the call; links are on its host."""
    row = backend.table("subscribers").get(key)
    if row is None or row["lifetime_value"] == before:
        return

    def payload() -> JSON:
        whole = show_subscriber(key, row, root(call, backend), call.args["account_id"], "set")
        listed = backend.choice("webhook_subscriber") == "listed"
        told = {name: whole[name] for name in LISTED} if listed else whole
        change = {"value": row["lifetime_value"], "previous_value": before, "source": "drip"}
        data = {"account_id": call.args["account_id"], "subscriber": told, "properties": change}
        return {"event": UPDATED, "data": data, "occurred_at": drip_time(backend.now)}

    backend.emit(UPDATED, key, payload)
