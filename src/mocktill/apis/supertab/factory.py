"""How Supertab's rows come to be: from a seed file, and made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from mocktill.apis.supertab.tabs import LIMIT, unused
from mocktill.core.api import JSON, Backend, Rows
from mocktill.core.clock import instant, text
from mocktill.core.store import Row

if TYPE_CHECKING:
    from faker import Faker

INSTANTS = frozenset(
    {
        "created_at",
        "updated_at",
        "purchase_date",
        "paid_at",
        "valid_from",
        "valid_to",
        "completed_at",
        "closes_at",
        "expires_at",
    }
)
PASSES = {"12h": timedelta(hours=12), "1d": timedelta(days=1), "7d": timedelta(days=7)}
INTERVALS = {"week": timedelta(weeks=1), "month": timedelta(days=30), "year": timedelta(days=365)}


def factory(tables: Rows) -> Rows:
    """Turn a seed's tables into rows: instants that sort, and what a short purchase leaves out, its user and dates."""
    tabs = {key: _sorting(row) for key, row in tables.get("tabs", {}).items()}
    purchases = {key: _complete(row, tabs) for key, row in tables.get("purchases", {}).items()}
    credentials = {key: _sorting(row) for key, row in tables.get("credentials", {}).items()}
    return {**tables, "credentials": credentials, "tabs": tabs, "purchases": purchases}


def populate(backend: Backend, count: int) -> list[str]:
    """Make that many purchases of all models, each on a new tab of its own or pending; return their ids."""
    made = []
    for _ in range(count):
        key = unused("purchase", backend.table("purchases"), backend)
        tab_id = unused("tab", backend.table("tabs"), backend)
        faker = backend.fake.values("purchase", key)
        row, tab = _purchase(faker, backend), None
        if row["payment_model"] == "pay_now" or faker.boolean(75):
            tab = _tab(row, faker, backend)
            backend.table("tabs").insert(tab_id, tab)
        backend.table("purchases").insert(key, {**row, "tab_id": tab and tab_id})
        made.append(key)
    return made


def _complete(row: Row, tabs: Mapping[str, Row]) -> Row:
    created_at = row["created_at"]
    user_id = tabs.get(row.get("tab_id") or "", {}).get("user_id")
    return _sorting({"updated_at": created_at, "purchase_date": created_at, "tab_id": None, "user_id": user_id, **row})


def _sorting(row: Row) -> Row:
    return {
        field: text(instant(value)) if field in INSTANTS and value is not None else value
        for field, value in row.items()
    }


def _purchase(faker: Faker, backend: Backend) -> dict[str, JSON]:
    sales_model = faker.random_element(("contribution", "single_purchase", "time_pass", "subscription"))
    now = text(backend.now)
    return {
        "created_at": now,
        "updated_at": now,
        "purchase_date": now,
        "merchant_id": f"merchant.{faker.uuid4()}",
        "user_id": f"user.{faker.uuid4()}",
        "summary": faker.catch_phrase(),
        "price": {"amount": faker.random_int(1, 40) * 25, "currency": "USD"},
        "sales_model": sales_model,
        "payment_model": faker.random_element(("pay_now", "pay_later")),
        "metadata": {"article": faker.slug()},
        "attributed_to": faker.random_element((None, faker.user_name())),
        "offering_id": f"offering.{faker.uuid4()}",
        "content_key": faker.random_element((None, faker.slug())),
        "test_mode": False,
        **_validity(sales_model, faker, backend),
    }


def _validity(sales_model: str, faker: Faker, backend: Backend) -> dict[str, JSON]:
    """Return from when to when access lasts: a pass has a length, a subscription an interval."""
    length, interval, lasts = None, None, None
    if sales_model == "time_pass":
        length = faker.random_element(sorted(PASSES))
        lasts = PASSES[length]
    elif sales_model == "subscription":
        interval = faker.random_element(sorted(INTERVALS))
        lasts = INTERVALS[interval]
    return {
        "valid_from": lasts and text(backend.now),
        "valid_to": lasts and text(backend.now + lasts),
        "valid_timedelta": length,
        "recurring_details": interval and {"billing_interval": interval, "interval_count": 1},
    }


def _tab(purchase: Row, faker: Faker, backend: Backend) -> Row:
    settled = faker.boolean()
    now = text(backend.now)
    return {
        "created_at": now,
        "updated_at": now,
        "merchant_id": purchase["merchant_id"],
        "user_id": purchase["user_id"],
        "status": "closed" if settled else "open",
        "paid_at": now if settled else None,
        "limit": LIMIT,
        "currency": purchase["price"]["currency"],
        "payment_model": purchase["payment_model"],
    }
