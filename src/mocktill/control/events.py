"""What a vendor tells by itself, as OpenAPI's webhooks: each event with its body, as far as it is known."""

from __future__ import annotations

import re

from mocktill.control.components import reference
from mocktill.core.api import JSON, Webhook
from mocktill.core.catalogue import Shelf

PREFIX = "webhook."
"""What the names of the schemas begin with: `webhook.purchase.completed`."""
OFF = "Nothing is sent unless the sandbox was given an address."


def webhooks(shelf: Shelf) -> JSON:
    """Return the webhooks of an API by event; none for an API that sends nothing."""
    webhook = shelf.api.webhook
    return {} if webhook is None else {event: {"post": _told(shelf, webhook, event)} for event in webhook.events}


def _told(shelf: Shelf, webhook: Webhook, event: str) -> JSON:
    headers = webhook.headers("msg_1", 0, b"", webhook.secret)
    told: dict[str, JSON] = {
        "operationId": "webhook_" + re.sub(r"\W", "_", event),
        "summary": f"{shelf.api.title} tells of {event}",
        "description": f"{shelf.api.title} tells of `{event}`. {OFF} Source: {webhook.source}.",
        "tags": [shelf.api.name],
        "security": [],
        "x-basis": webhook.basis,
        "x-source": webhook.source,
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in headers
        ],
        "responses": {
            "2XX": {"description": "It was taken."},
            "4XX": {"description": "It was not taken, and is sent again if the choice on that says so."},
        },
    }
    name = PREFIX + event
    if name in shelf.contract.documents:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference(name)}}}
    return told
