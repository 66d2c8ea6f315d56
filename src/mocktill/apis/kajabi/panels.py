"""What a person sees of Kajabi: purchases with their plans, the transactions that pay them, offers and customers.

Money is in cents.
"""

from __future__ import annotations

from typing import get_args

from mocktill.apis.kajabi.documents import status
from mocktill.apis.kajabi.view import PaymentType
from mocktill.core.api import Backend, Panel
from mocktill.core.panels import Cells, Column, Field, money, state
from mocktill.core.store import Row

CURRENCY = "USD"
"""What offers and transactions are shown in, which name no currency."""
STATES = ("initialized", "succeeded", "failed")
TONES = {
    "active": "good",
    "completed": "good",
    "succeeded": "good",
    "initialized": "waiting",
    "failed": "bad",
    "canceled": "bad",
}


def show_purchase(key: str, row: Row, backend: Backend) -> Cells:
    """Return a purchase, with how many payments of its plan are made where it has one."""
    made, offer = row["multipay_payments_made"], backend.table("offers").get(row["offer_id"]) or {}
    customer = backend.table("customers").get(row["customer_id"]) or {}
    plan = {"value": made, "limit": row["payment_plan_total_payments"], "currency": None}
    return {
        "id": key,
        "status": state(status(key, row, backend.table("transactions")), TONES),
        "offer": offer.get("title"),
        "customer": customer.get("name"),
        "amount": money(row["amount_in_cents"], row["currency"]),
        "payment_type": row["payment_type"],
        "payments": None if made is None else plan,
        "deactivated": row["deactivated_at"],
        "created": row["created_at"],
    }


def show_transaction(key: str, row: Row, backend: Backend) -> Cells:
    """Return a payment, or the attempt at one."""
    purchase = backend.table("purchases").get(row["purchase_id"]) or {}
    return {
        "id": key,
        "purchase": row["purchase_id"],
        "state": state(row["state"], TONES),
        "amount": money(row.get("amount_in_cents"), purchase.get("currency", CURRENCY)),
        "created": row["created_at"],
    }


def show_offer(key: str, row: Row, backend: Backend) -> Cells:
    """Return an offer with the products that it is of."""
    products = backend.table("products")
    return {
        "id": key,
        "title": row["title"],
        "price": money(row.get("price_in_cents", 0), CURRENCY),
        "payment_type": row["payment_type"],
        "payments": row.get("payments"),
        "products": [(products.get(number) or {}).get("title", number) for number in row.get("products", ())],
    }


def show_customer(key: str, row: Row, backend: Backend) -> Cells:
    """Return a customer, with how many purchases there are."""
    return {
        "id": key,
        "name": row.get("name"),
        "email": row.get("email"),
        "purchases": backend.table("purchases").count("by_customer", key),
    }


PURCHASES = Panel(
    name="purchases",
    title="Purchases",
    table="purchases",
    columns=(
        Column("id", "Purchase", "id"),
        Column("status", "Status", "state"),
        Column("offer", "Offer"),
        Column("customer", "Customer"),
        Column("amount", "Amount", "money"),
        Column("payment_type", "Payment type"),
        Column("payments", "Payments made", "meter"),
        Column("deactivated", "Deactivated", "instant"),
        Column("created", "Created", "instant"),
    ),
    show=show_purchase,
    index="by_creation",
    fields=(
        Field("status", "Status of its plan"),
        Field("amount_in_cents", "Amount in cents", "integer"),
        Field("payment_type", "Payment type", "option", options=get_args(PaymentType)),
        Field("multipay_payments_made", "Payments made", "integer", optional=True),
        Field("payment_plan_total_payments", "Payments in all", "integer", optional=True),
        Field("quantity", "Quantity", "integer", optional=True),
        Field("coupon_code", "Coupon", optional=True),
        Field("trial_end_at", "Trial ends", "instant", optional=True),
        Field("effective_start_at", "Starts", "instant", optional=True),
        Field("deactivated_at", "Deactivated", "instant", optional=True),
        Field("deactivation_reason", "Why deactivated", optional=True),
        Field("created_at", "Created", "instant"),
    ),
    acts=("pay_instalment",),
    nothing="Nothing has been bought.",
)
TRANSACTIONS = Panel(
    name="transactions",
    title="Transactions",
    table="transactions",
    columns=(
        Column("id", "Transaction", "id"),
        Column("purchase", "Purchase", "id"),
        Column("state", "State", "state"),
        Column("amount", "Amount", "money"),
        Column("created", "Created", "instant"),
    ),
    show=show_transaction,
    fields=(
        Field("state", "State", "option", options=STATES),
        Field("amount_in_cents", "Amount in cents", "integer"),
        Field("created_at", "Created", "instant"),
    ),
    nothing="Nothing has been paid.",
)
OFFERS = Panel(
    name="offers",
    title="Offers",
    table="offers",
    columns=(
        Column("id", "Offer", "id"),
        Column("title", "Title"),
        Column("price", "Price", "money"),
        Column("payment_type", "Payment type"),
        Column("payments", "Payments", "number"),
        Column("products", "Products", "list"),
    ),
    show=show_offer,
    fields=(
        Field("title", "Title"),
        Field("price_in_cents", "Price in cents", "integer", default=0),
        Field("payment_type", "Payment type", "option", options=get_args(PaymentType)),
        Field("payments", "Payments of a plan", "integer"),
    ),
    acts=("buy_offer",),
    nothing="There is no offer.",
)
CUSTOMERS = Panel(
    name="customers",
    title="Customers",
    table="customers",
    columns=(
        Column("id", "Customer", "id"),
        Column("name", "Name"),
        Column("email", "E-mail"),
        Column("purchases", "Purchases", "number"),
    ),
    show=show_customer,
    fields=(Field("name", "Name"), Field("email", "E-mail")),
    nothing="There is no customer.",
)

PANELS = (PURCHASES, TRANSACTIONS, OFFERS, CUSTOMERS)
