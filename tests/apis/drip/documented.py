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

SUBSCRIBER: dict[str, Any] = {
    "id": "z1togz2hcjrkpp5treip",
    "status": "active",
    "email": "john@acme.com",
    "time_zone": "America/Los_Angeles",
    "utc_offset": -440,
    "visitor_uuid": "sa8f7sdf78sdsdahf788d7asf8sd",
    "custom_fields": {"name": "John Doe"},
    "tags": ["Customer", "SEO"],
    "ip_address": "111.111.111.11",
    "user_agent": "Chrome/36.0.1985.143",
    "original_referrer": "http://www.getdrip.com",
    "landing_url": "https://www.getdrip.com/docs/rest-api",
    "prospect": True,
    "lead_score": 72,
    "lifetime_value": 10000,
    "created_at": "2013-06-21T10:31:58Z",
    "href": "https://api.getdrip.com/v2/9999999/subscribers/12345",
    "user_id": "12345",
    "base_lead_score": 30,
    "links": {"account": "9999999"},
}
"""The subscriber object of the page on subscribers."""

PEOPLE_LINKS = {"subscribers.account": "https://api.getdrip.com/v2/accounts/{subscribers.account}"}
"""The top-level link data of that page."""

ACCOUNT: dict[str, Any] = {
    "id": "9999999",
    "name": "Acme, Inc.",
    "url": "www.acme.com",
    "default_from_name": "John Doe",
    "default_from_email": "john@acme.com",
    "default_postal_address": "123 Anywhere St\nFresno, CA 99999",
    "primary_email": "john@acme.com",
    "enable_third_party_cookies": False,
    "phone_number": "999-999-9999",
    "created_at": "2013-06-21T10:31:58Z",
    "href": "https://api.getdrip.com/v2/accounts/9999999",
}
"""The account object of the page on accounts."""

ACCOUNT_LINKS = {
    "accounts.broadcasts": "https://api.getdrip.com/v2/{accounts.id}/broadcasts",
    "accounts.campaigns": "https://api.getdrip.com/v2/{accounts.id}/campaigns",
    "accounts.goals": "https://api.getdrip.com/v2/{accounts.id}/goals",
}
"""The top-level link data of that page."""

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

PEOPLE = "/v2/9999999/subscribers"
BUYER = "/v2/9999999/subscribers/98asdh9f8asd88d"
JOHN = "/v2/9999999/subscribers/john@acme.com"
NEW = "/v2/9999999/subscribers/new@acme.com"


def invalid(code: str, attribute: str, message: str) -> dict[str, Any]:
    """Return the body of one error of validation."""
    return {"errors": [{"code": code, "attribute": attribute, "message": message}]}
