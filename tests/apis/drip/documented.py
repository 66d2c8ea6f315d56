"""The page on purchases, transcribed by hand: what the examples and the living answers are held against."""

from __future__ import annotations

from typing import Any

SENT: dict[str, Any] = {
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
"""The purchase of "Create a purchase"."""

PURCHASE: dict[str, Any] = {
    "id": "9999999",
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
    "links": {"account": "9999999", "subscriber": "98asdh9f8asd88d"},
}
"""The purchase object."""

LINKS = {
    "purchases.account": "https://api.getdrip.com/v2/accounts/{purchases.account}",
    "purchases.subscriber": "https://api.getdrip.com/v2/subscribers/{purchases.subscriber}",
}
"""The top-level link data."""

META = {"page": 1, "count": 5, "total_pages": 1, "total_count": 5}
"""The meta of "List purchases for a subscriber"."""

NOT_FOUND = {"errors": [{"code": "not_found_error", "message": "The resource you requested was not found"}]}
MISSHAPEN = {
    "errors": [
        {
            "code": "parsing_error",
            "message": "JSON parsing error: The property '#/' of type Hash did not match one or more of "
            "the required schemas",
        }
    ]
}
LIMITED = {
    "message": "API rate limit exceeded. Please try again in an hour.",
    "documentation": "https://www.getdrip.com/docs/rest-api#rate-limting",
}

BUYER = "/v2/9999999/subscribers/98asdh9f8asd88d"
JOHN = "/v2/9999999/subscribers/john@acme.com"
NEW = "/v2/9999999/subscribers/new@acme.com"


def invalid(code: str, attribute: str, message: str) -> dict[str, Any]:
    """Return the body of one error of validation."""
    return {"errors": [{"code": code, "attribute": attribute, "message": message}]}
