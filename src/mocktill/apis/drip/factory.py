"""How Drip's rows come to be: from a seed file, and made up."""

from __future__ import annotations

from typing import Any

from mocktill.apis.drip.accounts import SAMPLE_ACCOUNT, add_subscriber
from mocktill.apis.drip.handlers import add_purchases
from mocktill.apis.drip.show import drip_time, moment
from mocktill.core.api import Backend, Rows
from mocktill.core.clock import text
from mocktill.core.store import Row


def factory(tables: Rows) -> Rows:
    """Turn a seed's tables into rows: accounts from their subscribers; these and purchases in the file's order."""
    subscribers, purchases = tables.get("subscribers", {}), tables.get("purchases", {})
    values = dict.fromkeys(subscribers, 0)
    rows: dict[str, Row] = {}
    for number, (key, row) in enumerate(purchases.items(), 1):
        owner = row["subscriber"]
        values[owner] = values.get(owner, 0) + int(row["amount"])
        rows[key] = {**row, "number": number, "occurred": text(moment(row["occurred_at"]))}
    accounts: dict[str, Row] = {row["account"]: {} for row in subscribers.values()}
    people = {key: _person(row, values[key], number) for number, (key, row) in enumerate(subscribers.items(), 1)}
    return {
        **tables,
        "accounts": {**accounts, **tables.get("accounts", {})},
        "subscribers": people,
        "purchases": rows,
    }


def _person(row: Row, value: int, number: int) -> Row:
    return {"status": "active", "lifetime_value": value, **row, "email": row["email"].lower(), "number": number}


def populate(backend: Backend, count: int) -> list[str]:
    """Make that many purchases in the account of the samples, each of a new subscriber; return their ids."""
    made = []
    for _ in range(count):
        faker = backend.fake.values("purchase", backend.fake.text("populate", 12))
        sent, person = _order(faker), _details(faker)
        email = f"{faker.user_name()}.{faker.hexify('^^^^^^^^')}@{faker.safe_domain_name()}"
        subscriber = add_subscriber(SAMPLE_ACCOUNT, email, backend, **person)
        occurred_at = drip_time(backend.now)
        made += add_purchases(subscriber, [{**sent, "occurred_at": occurred_at}], backend, own_page=True)
    return made


def _details(faker: Any) -> dict[str, Any]:
    return {
        "time_zone": faker.timezone(),
        "custom_fields": {"name": faker.name()},
        "ip_address": faker.ipv4_public(),
        "user_agent": faker.user_agent(),
        "landing_url": f"/landing/{faker.slug()}",
        "prospect": True,
        "lead_score": faker.random_int(30, 100),
        "base_lead_score": 30,
    }


def _order(faker: Any) -> dict[str, Any]:
    """Return a purchase as a client sends it: items whose line totals add up to its amount."""
    items = []
    for _ in range(faker.random_int(1, 3)):
        quantity = faker.random_int(1, 4)
        items.append(
            {
                "product_id": faker.numerify("%#####"),
                "sku": faker.numerify("%###"),
                "amount": quantity * faker.random_int(5, 200) * 100,
                "name": faker.word().capitalize(),
                "quantity": quantity,
                "properties": {"color": faker.color_name().lower()},
            }
        )
    return {
        "provider": faker.random_element(("gumroad", "shopify", "stripe")),
        "order_id": faker.numerify("%#########"),
        "amount": sum(item["amount"] for item in items),
        "properties": {"address": faker.street_address()},
        "items": items,
    }
