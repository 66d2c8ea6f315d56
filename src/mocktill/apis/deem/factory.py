"""How Deem's rows come to be: from a seed file, and made up."""

from __future__ import annotations

from collections.abc import Mapping

from mocktill.apis.deem.buying import fulfil, new_key, new_purchase
from mocktill.apis.deem.handlers import RESERVATION_TTL
from mocktill.core.api import Backend, Rows
from mocktill.core.clock import instant, text
from mocktill.core.store import Row


def factory(tables: Rows) -> Rows:
    """Turn a seed's tables into rows: a deal's stock becomes a stock row, a reserved purchase a hold.

    A coupon gets the user of its purchase, by whom it is found.
    """
    deals, purchases = tables.get("deals", {}), tables.get("purchases", {})
    stock = {key: {"free": deal["stock"], "held": 0, "sold": 0} for key, deal in deals.items()}
    holds = {}
    for key, row in purchases.items():
        counts = stock.setdefault(row["deal_id"], {"free": 0, "held": 0, "sold": 0})
        counts["sold"] += row["quantity"] if row["state"] == "fulfilled" else 0
        if row["state"] == "reserved":
            counts["held"] += row["quantity"]
            expires_at = text(instant(row["created_at"]) + RESERVATION_TTL)
            holds[key] = {"stock": row["deal_id"], "quantity": row["quantity"], "expires_at": expires_at}
    plain = {key: {name: value for name, value in deal.items() if name != "stock"} for key, deal in deals.items()}
    coupons = {key: _owned(row, purchases) for key, row in tables.get("coupons", {}).items()}
    return {**tables, "deals": plain, "stock": stock, "holds": holds, "coupons": coupons}


def _owned(coupon: Row, purchases: Mapping[str, Row]) -> Row:
    user = purchases.get(coupon["purchase_id"], {}).get("user_id")
    return coupon if user is None else {"user_id": user, **coupon}


def populate(backend: Backend, count: int) -> list[str]:
    """Make that many fulfilled purchases, each of a new deal of its own; return their ids."""
    made = []
    for _ in range(count):
        deal_id = backend.fake.text("deal", 12, unused=backend.table("deals"))
        faker = backend.fake.values("deal", deal_id)
        deal = {"title": faker.catch_phrase(), "price": faker.random_int(5, 200) * 100, "state": "in-flight"}
        quantity, stock = faker.random_int(1, 4), faker.random_int(5, 500)
        user, card = faker.bothify("???###").upper(), faker.hexify("^^^^^^^^^^")
        backend.table("deals").insert(deal_id, deal)
        backend.table("stock").insert(deal_id, {"free": stock, "held": 0, "sold": quantity})
        key = new_key(backend)
        row = {**new_purchase(deal_id, deal, quantity, backend), "user_id": user, "credit_card_id": card}
        fulfil(key, row, backend)
        made.append(key)
    return made
