"""Kajabi's resources as JSON:API shows them: a purchase, and the offer and the customer that it belongs to.

Attributes are always in the order of the page's table, whatever the order in which they were asked for: the
documented sample fits both. Amounts are in cents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from mocktill.core.api import JSON, Backend, Call
from mocktill.core.clock import instant, text
from mocktill.core.store import Row, Table

ATTRIBUTES = (
    "amount_in_cents",
    "payment_type",
    "trial",
    "trial_end_at",
    "multipay_payments_made",
    "payment_plan_total_payments",
    "status",
    "opt_in",
    "raw_extra_contact_information",
    "currency",
    "effective_start_at",
    "cardholder_name",
    "billing_address_zip",
    "deactivated_at",
    "deactivation_reason",
    "coupon_code",
    "source",
    "referrer",
    "quantity",
    "created_at",
    "updated_at",
)
"""The attributes of a purchase, in the order of their table (Purchases, Purchase details)."""
PROSE_ONLY = frozenset({"trial", "trial_end_at", "payment_plan_total_payments", "status"})
"""What the page lists and the published schema lacks."""
INSTANTS = frozenset({"trial_end_at", "effective_start_at", "deactivated_at", "created_at", "updated_at"})
CANONICAL = len("2025-07-31T16:59:27.580000Z")
SITE = "1001"
"""The site of an offer that names none."""
HOST, SHOP = "https://api.kajabi.com", "https://www.example.com"
"""The vendor's host, and that of a shop, where none was asked or the documented ones are chosen: every shop has its
own."""


def root(call: Call, backend: Backend) -> str:
    """Return the host on which links are."""
    return HOST if backend.choice("link_host") == "documented" else call.base_url


def address(root: str, key: str) -> str:
    """Return the address of a purchase under a root."""
    return f"{root}/v1/purchases/{quote(key, safe='')}"


def whole(key: str, row: Row, names: Iterable[str], backend: Backend, *, related: bool) -> dict[str, JSON]:
    """Return a purchase with these attributes, and where `related` says so with its relationships."""
    data = {"id": key, "type": "purchases", "attributes": attributes(key, row, names, backend)}
    return {**data, "relationships": relationships(key, row, backend)} if related else data


def attributes(key: str, row: Row, names: Iterable[str], backend: Backend) -> dict[str, JSON]:
    """Return these attributes of a purchase, in their order."""
    return {name: _attribute(name, key, row, backend) for name in names}


def _attribute(name: str, key: str, row: Row, backend: Backend) -> JSON:
    if name == "status":
        return status(key, row, backend.table("transactions"))
    value: Any = row[name]
    return kajabi_date(value) if name in INSTANTS and value is not None else value


def status(key: str, row: Row, transactions: Table) -> str:
    """Return the status of a purchase: for a one-time purchase its transaction's, else the plan's own."""
    if row["payment_type"] == "single":
        newest = transactions.page("by_purchase", key, offset=0, limit=1, newest=True)
        if newest:
            return str(newest[0][1]["state"])
    return str(row["status"])


def kajabi_date(at: str) -> str:
    """Return an instant of a row as Kajabi writes it: `2025-07-31T16:59:27.580Z`."""
    if len(at) == CANONICAL and at.endswith("Z"):
        return f"{at[:-4]}Z"  # a list has many of them, in the form of rows
    return instant(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def relationships(key: str, row: Row, backend: Backend) -> dict[str, JSON]:
    """Return what a purchase belongs to: offer and customer; transactions from the first to the last; products."""
    offer = backend.table("offers").get(row["offer_id"]) or {}
    transactions = [number for number, _ in backend.table("transactions").find("by_purchase", key)]
    return {
        "offer": {"data": _identifier("offers", row["offer_id"])},
        "customer": {"data": _identifier("customers", row["customer_id"])},
        "transactions": {"data": [_identifier("transactions", number) for number in transactions]},
        "products": {"data": [_identifier("products", number) for number in offer.get("products", ())]},
    }


def included(rows: Iterable[Row], kinds: Iterable[str], call: Call, backend: Backend) -> list[JSON]:
    """Return the offers and customers of purchases, each once; one that has gone is left out."""
    sold = partial(offer, shop=_shop(call, backend))
    makers: dict[str, tuple[str, str, Callable[[str, Backend], JSON]]] = {
        "offer": ("offers", "offer_id", sold),
        "customer": ("customers", "customer_id", customer),
    }
    wanted = [makers[kind] for kind in kinds]
    found: dict[tuple[str, str], JSON] = {}
    for row in rows:
        for table, field, make in wanted:
            key = row[field]
            if (table, key) not in found and key in backend.table(table):
                found[table, key] = make(key, backend)
    return list(found.values())


def _shop(call: Call, backend: Backend) -> str:
    return SHOP if backend.choice("link_host") == "documented" else call.base_url


def offer(key: str, backend: Backend, shop: str = SHOP) -> JSON:
    """Return an offer as a resource, sold at the root of a shop (Offers: Offer details; Webhooks: Purchase sample)."""
    row = backend.table("offers").get(key) or {}
    price, kind = row.get("price_in_cents", 0), row.get("payment_type", "single")
    shown = {
        "title": row.get("title", ""),
        "description": None,
        "internal_title": None,
        "currency": "USD",
        "price_in_cents": price,
        "payment_type": kind,
        "token": key,
        "image_url": None,
        "payment_method": "",
        "price_description": price_in_words(price),
        "checkout_url": f"{shop}/offers/{quote(key, safe='')}",
        "recurring_offer": kind != "single",
        "subscription": kind == "subscription",
        "one_time": kind == "single",
        "single": kind == "single",
        "free": price == 0,
    }
    related = {
        "site": {"data": _identifier("sites", row.get("site_id", SITE))},
        "products": {"data": [_identifier("products", number) for number in row.get("products", ())]},
        "forms": {"data": []},
    }
    return {"id": key, "type": "offers", "attributes": shown, "relationships": related}


def price_in_words(cents: int) -> str:
    """Return a price as an offer has it: `$10.00 USD`."""
    return f"${cents // 100}.{cents % 100:02} USD"


def customer(key: str, backend: Backend) -> JSON:
    """Return a customer as a resource, as old as the first purchase (Webhooks: Purchase sample)."""
    row = backend.table("customers").get(key) or {}
    first = backend.table("purchases").first("by_customer", key)
    since = kajabi_date(first[1]["created_at"] if first else text(backend.now))
    shown = {
        "name": row.get("name", ""),
        "email": row.get("email", ""),
        "avatar": None,
        "external_user_id": None,
        "public_bio": None,
        "public_location": None,
        "public_website": None,
        "socials": None,
        "net_revenue": None,
        "sign_in_count": 0,
        "last_request_at": None,
        "bounced_at": None,
        "created_at": since,
        "updated_at": since,
    }
    bought = [one["offer_id"] for _, one in backend.table("purchases").find("by_customer", key)]
    offers = {"data": [_identifier("offers", number) for number in dict.fromkeys(bought)]}
    return {"id": key, "type": "customers", "attributes": shown, "relationships": {"offers": offers}}


def _identifier(kind: str, key: str) -> dict[str, str]:
    return {"id": key, "type": kind}
