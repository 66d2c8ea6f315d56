"""How Kajabi's rows come to be: from a seed file, and made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mocktill.apis.kajabi.documents import ATTRIBUTES, INSTANTS
from mocktill.core.api import Backend, Rows
from mocktill.core.clock import instant, text
from mocktill.core.secrets import digest
from mocktill.core.store import Row

if TYPE_CHECKING:
    from faker import Faker

MONTH = timedelta(days=30)
"""How far apart the payments of a made-up plan are."""
ID = 10
"""How many digits a made-up id has."""
SET = {"currency": "USD", "opt_in": False, "raw_extra_contact_information": {}, "quantity": 1}
"""What a purchase has where nothing is said, as in the published sample; its other attributes are null."""
SECRETS = {"clients": "client_secret", "users": "password"}
"""The secret that each of these has: kept as its digest, so that no state shows it."""


def factory(tables: Rows) -> Rows:
    """Turn a seed's tables into rows: a purchase gets every attribute, and a secret becomes its digest."""
    transactions = {
        key: {**row, "created_at": text(instant(row["created_at"]))}
        for key, row in tables.get("transactions", {}).items()
    }
    purchases = {key: new_purchase(row) for key, row in tables.get("purchases", {}).items()}
    known = {name: _digested(tables[name], field) for name, field in SECRETS.items() if name in tables}
    return {**tables, **known, "transactions": transactions, "purchases": purchases}


def _digested(rows: Mapping[str, Row], field: str) -> dict[str, Row]:
    return {key: {"state": row["state"], "digest": digest(row[field])} for key, row in rows.items()}


def new_purchase(given: Row) -> Row:
    """Return the row of a purchase from what is said of it, with what is usual for the rest."""
    usual = "succeeded" if given["payment_type"] == "single" else "active"
    row = {**dict.fromkeys(ATTRIBUTES), **SET, "status": usual, "updated_at": given["created_at"], **given}
    return {name: _plain(name, value) for name, value in row.items()}


def _plain(name: str, value: Any) -> Any:
    if name in INSTANTS and value is not None:
        return text(instant(value))
    return int(value) if isinstance(value, float) else value  # YAML's 1.0 is an integer to a schema


def populate(backend: Backend, count: int) -> list[str]:
    """Make that many purchases, each of an offer and by a customer of its own; return their ids."""
    return [_make_purchase(backend) for _ in range(count)]


def _make_purchase(backend: Backend) -> str:
    purchases = backend.table("purchases")
    key = backend.fake.number("purchase", ID, unused=purchases)
    product, offer, customer = (unused(backend, table) for table in ("products", "offers", "customers"))
    faker = backend.fake.values("purchase", key)
    title, name, price = faker.catch_phrase(), faker.name(), faker.random_int(5, 500) * 100
    made_of = _plan(faker)
    payments = made_of["multipay_payments_made"] or 1
    began = backend.now - MONTH * (payments - 1) - timedelta(minutes=faker.random_int(0, 40_000))
    backend.table("products").insert(product, {"title": title})
    offered = {"title": title, "payment_type": made_of["payment_type"], "price_in_cents": price}
    backend.table("offers").insert(offer, {**offered, "products": [product]})
    backend.table("customers").insert(customer, {"name": name, "email": faker.safe_email()})
    given = {
        **made_of,
        "amount_in_cents": price,
        "offer_id": offer,
        "customer_id": customer,
        "cardholder_name": name,
        "billing_address_zip": faker.zipcode(),
        "effective_start_at": text(began),
        "created_at": text(began),
        "updated_at": text(began + MONTH * (payments - 1)),
    }
    purchases.insert(key, new_purchase(given))
    for number in range(payments):
        paid = {"state": "succeeded", "amount_in_cents": price, "created_at": text(began + MONTH * number)}
        backend.table("transactions").insert(unused(backend, "transactions"), {"purchase_id": key, **paid})
    return key


def _plan(faker: Faker) -> dict[str, Any]:
    """Return how a made-up purchase is paid: at once, by subscription, or in so many payments."""
    kind = ("single", "subscription", "multipay")[faker.random_int(0, 2)]
    if kind != "multipay":
        return {"payment_type": kind, "multipay_payments_made": None}
    total = faker.random_int(2, 12)
    made = faker.random_int(1, total)
    return {
        "payment_type": kind,
        "multipay_payments_made": made,
        "payment_plan_total_payments": total,
        "status": "completed" if made == total else "active",
    }


def unused(backend: Backend, table: str) -> str:
    """Draw an id that no row of a table has."""
    return backend.fake.number(table, ID, unused=backend.table(table))
