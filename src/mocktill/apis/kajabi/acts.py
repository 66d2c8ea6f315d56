"""What happens in Kajabi's world without a request: a payment falls due, a visitor of the shop buys."""

from __future__ import annotations

from typing import Any

from mocktill.apis.kajabi import documents, plans
from mocktill.apis.kajabi.factory import new_purchase, unused
from mocktill.core.api import JSON, Act, Backend, Webhook
from mocktill.core.choices import Basis
from mocktill.core.clock import text
from mocktill.core.names import look_up
from mocktill.core.store import Row

PAYMENTS = 3
"""How many payments a plan has whose offer does not say."""
SENT = tuple(name for name in documents.ATTRIBUTES if name not in documents.PROSE_ONLY)
"""The attributes of a purchase in a webhook, as in the published sample."""
RELATED = ("customer", "offer", "products")
"""The relationships of a purchase in a webhook, as in the published sample."""

WEBHOOK = Webhook(("purchase",), Basis.PUBLISHED, "Kajabi API v1, Webhooks: Purchase sample, Create hook")


def pay_instalment(key: str, backend: Backend) -> str:
    """Let the next payment of a plan be made; with the last one it is completed."""
    purchases = backend.table("purchases")
    row = look_up(purchases, key, "purchase")
    made = plans.check_next(key, row)
    purchases.put(key, plans.moved(row, made, backend.now))
    _pay(key, row, backend)
    total = row["payment_plan_total_payments"]
    return f"payment {made}{'' if total is None else f' of {total}'} of the plan {key} was made"


def buy_offer(key: str, backend: Backend) -> str:
    """Let a customer who is new buy an offer; whoever is to be told of purchases gets a webhook."""
    offer = look_up(backend.table("offers"), key, "offer")
    customer = _customer(backend)
    purchase = unused(backend, "purchases")
    row = new_purchase({**_terms(offer), "offer_id": key, "customer_id": customer, **_buyer(customer, offer, backend)})
    backend.table("purchases").insert(purchase, row)
    _pay(purchase, row, backend)
    backend.emit("purchase", purchase, lambda: told(purchase, row, backend))
    return f"the offer {key} was bought by the customer {customer}: the purchase {purchase}"


def told(key: str, row: Row, backend: Backend) -> JSON:
    """Return what a webhook tells of a purchase: the purchase, its offer and its customer as resources.

    Its id is the purchase's (Webhooks: Create hook, Actual Payloads).
    """
    related = documents.relationships(key, row, backend)
    purchase = {
        "id": key,
        "type": "purchases",
        "attributes": documents.attributes(key, row, SENT, backend),
        "relationships": {name: related[name] for name in RELATED},
    }
    offer = documents.offer(row["offer_id"], backend)
    return {
        "id": key,
        "event": "purchase",
        "payload": [purchase, offer, documents.customer(row["customer_id"], backend)],
    }


def _customer(backend: Backend) -> str:
    key = unused(backend, "customers")
    faker = backend.fake.values("customer", key)
    backend.table("customers").insert(key, {"name": faker.name(), "email": faker.safe_email()})
    return key


def _buyer(customer: str, offer: Row, backend: Backend) -> dict[str, Any]:
    """Return what is known of who buys now: by whose card, unless the offer is free."""
    now = text(backend.now)
    bought = {"effective_start_at": now, "created_at": now}
    if not offer.get("price_in_cents", 0):
        return bought
    name = (backend.table("customers").get(customer) or {})["name"]
    return {**bought, "cardholder_name": name, "billing_address_zip": backend.fake.values("zip", customer).zipcode()}


def _terms(offer: Row) -> dict[str, Any]:
    """Return how a purchase of an offer is paid: of a plan the first payment is made, and it is over if it has one."""
    terms = {"amount_in_cents": offer.get("price_in_cents", 0), "payment_type": offer["payment_type"]}
    if offer["payment_type"] != "multipay":
        return terms
    total = offer.get("payments", PAYMENTS)
    status = plans.COMPLETED if total == 1 else "active"
    return {**terms, "multipay_payments_made": 1, "payment_plan_total_payments": total, "status": status}


def _pay(key: str, row: Row, backend: Backend) -> None:
    paid = {"state": "succeeded", "amount_in_cents": row["amount_in_cents"], "created_at": text(backend.now)}
    backend.table("transactions").insert(unused(backend, "transactions"), {"purchase_id": key, **paid})


ACTS = (
    Act("pay_instalment", "The next payment of a payment plan is made", "purchases", pay_instalment),
    Act("buy_offer", "A new customer buys an offer", "offers", buy_offer),
)
