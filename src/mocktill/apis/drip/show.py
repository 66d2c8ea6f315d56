"""What is answered of subscribers and purchases, and the links beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from mocktill.apis.drip.accounts import address
from mocktill.core.api import JSON, Backend, Call
from mocktill.core.clock import instant
from mocktill.core.store import Row

HOST, ORDERS_HOST = "https://api.getdrip.com", "http://myorders.com"
"""The hosts of the documented links, and of the documented `permalink` (Purchases)."""
ACCOUNT_LINKS = {
    f"accounts.{what}": f"{HOST}/v2/{{accounts.id}}/{what}" for what in ("broadcasts", "campaigns", "goals")
}
"""The templates beside accounts (Accounts), literally: they lead to operations that the sandbox does not have."""
ACCOUNT_FIELDS = (
    "name", "url", "default_from_name", "default_from_email", "default_postal_address", "primary_email",
    "enable_third_party_cookies", "phone_number", "created_at",
)  # fmt: skip
"""What an account has beside its id and its address (Accounts)."""
PURCHASE_FIELDS = ("provider", "order_id", "amount", "permalink", "properties", "occurred_at", "items")
ITEM_FIELDS = ("id", "product_id", "sku", "amount", "name", "quantity", "properties")
CURRENT_FIELDS = (
    "first_name", "last_name", "address1", "address2", "city", "state", "zip", "country", "phone", "sms_number",
    "sms_consent", "eu_consent",
)  # fmt: skip
"""What the page on subscribers of today has, and that of the purchases' time has not."""
UNSET: Mapping[str, JSON] = {**dict.fromkeys(CURRENT_FIELDS), "sms_consent": False, "eu_consent": "unknown"}
"""What these are where nobody said them."""
_SAMPLE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def moment(sent: str) -> datetime:
    """Return the instant that an ISO 8601 text names, in UTC if it has no zone; raise ValueError for none."""
    try:
        at = datetime.fromisoformat(sent)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{sent} is out of range") from None


def drip_time(at: datetime) -> str:
    """Return an instant as the samples write it: `2013-06-21T10:31:58Z`."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def root(call: Call, backend: Backend) -> str:
    """Return the host on which links are."""
    return HOST if backend.choice("link_host") == "documented" else call.base_url


def purchase_links(call: Call, backend: Backend) -> JSON:
    """Return the links beside purchases."""
    host = root(call, backend)
    return {
        "purchases.account": f"{host}/v2/accounts/{{purchases.account}}",
        "purchases.subscriber": f"{host}/v2/subscribers/{{purchases.subscriber}}",
    }


def show_purchases(rows: Sequence[tuple[str, Row]], call: Call, backend: Backend) -> list[JSON]:
    """Return purchases as the wire has them; each open choice is asked once, and only if it matters here."""
    rows = [(key, _linked(key, row, call, backend) if row.get("own_page") else row) for key, row in rows]
    gaps = any(_has_gaps(row) for _, row in rows)
    blank = "" if gaps and backend.choice("absent_values") == "empty" else None
    unlike = any(not _SAMPLE_TIME.fullmatch(row["occurred_at"]) for _, row in rows)
    utc = unlike and backend.choice("occurred_at_form") == "utc"
    return [_show(key, row, call.args["account_id"], blank, utc) for key, row in rows]


def _linked(key: str, row: Row, call: Call, backend: Backend) -> Row:
    """Return a purchase that the sandbox made up, whose permalink is the page that the sandbox has of it."""
    host = ORDERS_HOST if backend.choice("link_host") == "documented" else call.base_url
    return {**row, "permalink": host + order_path(key)}


def order_path(key: str) -> str:
    """Return where the page of a purchase is, below the root."""
    return f"/orders/{quote(key, safe='')}"


def account_links(backend: Backend) -> JSON:
    """Return the links beside accounts: those of the documents lead nowhere here, and are there by choice."""
    return {**ACCOUNT_LINKS} if backend.choice("account_links") == "documented" else {}


def show_account(key: str, row: Row, call: Call, backend: Backend) -> dict[str, JSON]:
    """Return an account as the wire has it; what nobody said of it is null."""
    fields = {**{name: row.get(name) for name in ACCOUNT_FIELDS}, "enable_third_party_cookies": False}
    return {"id": key, **fields, "href": f"{root(call, backend)}/v2/accounts/{quote(key, safe='')}"}


def _has_gaps(row: Row) -> bool:
    return any(part.get(name) is None for part, names in _parts(row) for name in names)


def _parts(row: Row) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    yield row, PURCHASE_FIELDS
    for item in row.get("items") or ():
        yield item, ITEM_FIELDS


def _show(key: str, row: Row, account: str, blank: str | None, utc: bool) -> JSON:
    def shown(part: Mapping[str, Any], name: str) -> JSON:
        value = part.get(name)
        if value is None:
            return {} if name == "properties" else blank
        return value

    texts = {name: shown(row, name) for name in PURCHASE_FIELDS}
    items = [{name: shown(item, name) for name in ITEM_FIELDS} for item in row.get("items") or ()]
    occurred_at = drip_time(instant(row["occurred"])) if utc else row["occurred_at"]
    links = {"account": account, "subscriber": row["subscriber"]}
    return {"id": key, **texts, "occurred_at": occurred_at, "items": items, "links": links}


def show_subscribers(rows: Sequence[tuple[str, Row]], account: str, call: Call, backend: Backend) -> dict[str, JSON]:
    """Return subscribers of an account as the wire has them, with the links beside them, in the order of the body."""
    host = root(call, backend)
    current = backend.choice("current_fields") if rows else "never"
    links = {"subscribers.account": f"{host}/v2/accounts/{{subscribers.account}}"}
    return {"links": links, "subscribers": [show_subscriber(*one, host, account, current) for one in rows]}


def show_subscriber(key: str, row: Row, host: str, account: str, current: str) -> dict[str, JSON]:
    """Return a subscriber; `current` says whether what only the page of today has is `never` or `always` there.

    Else it is there where somebody set it.
    """
    return {
        "id": key,
        "status": row.get("status", "active"),
        "email": address(row),
        **_current(row, current),
        "time_zone": row.get("time_zone"),
        "utc_offset": row.get("utc_offset"),
        "visitor_uuid": row.get("visitor_uuid"),
        "custom_fields": row.get("custom_fields", {}),
        "tags": row.get("tags", []),
        "ip_address": row.get("ip_address"),
        "user_agent": row.get("user_agent"),
        "original_referrer": _below(host, row.get("original_referrer")),
        "landing_url": _below(host, row.get("landing_url")),
        "prospect": row.get("prospect", False),
        "lead_score": row.get("lead_score"),
        "lifetime_value": row["lifetime_value"],
        "created_at": drip_time(instant(row["created_at"])),
        "href": f"{host}/v2/{account}/subscribers/{key}",
        "user_id": row.get("user_id"),
        "base_lead_score": row.get("base_lead_score"),
        "links": {"account": account},
    }


def _below(host: str, address: str | None) -> str | None:
    """Return the address of a page; where it is a path, the sandbox has that page."""
    return host + address if address is not None and address.startswith("/") else address


def _current(row: Row, wanted: str) -> dict[str, JSON]:
    if wanted == "never":
        return {}
    values = {name: row.get(name) for name in CURRENT_FIELDS}
    return {
        name: UNSET[name] if value is None else value
        for name, value in values.items()
        if value is not None or wanted == "always"
    }
