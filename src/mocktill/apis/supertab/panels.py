"""What a person sees of Supertab: tabs that fill up, purchases with their status, and what can be bought.

Money is in minor units of its currency.
"""

from __future__ import annotations

from typing import get_args

from mocktill.apis.supertab.handlers import status
from mocktill.apis.supertab.tabs import LIMIT, UNSAID, total
from mocktill.apis.supertab.view import PaymentModel, SalesModel, TabStatus
from mocktill.core.api import Backend, Panel
from mocktill.core.panels import Cells, Column, Field, money, state
from mocktill.core.store import Row

TONES = {"full": "waiting", "closed": "good", "completed": "good", "pending": "waiting"}
"""How each status is: an open tab and an abandoned purchase are neither good nor bad."""
MODELS = get_args(PaymentModel)


def show_tab(key: str, row: Row, backend: Backend) -> Cells:
    """Return a tab: how full it is, and whether it is paid."""
    known = {**UNSAID, **row}
    return {
        "id": key,
        "filled": {
            "value": total(key, backend.table),
            "limit": int(known["limit"]),
            "currency": known["currency"],
        },
        "status": state(known["status"], TONES),
        "paid": known["paid_at"],
        "payment_model": known["payment_model"],
        "purchases": backend.table("purchases").count("by_tab", key),
        "user": known["user_id"],
        "created": known["created_at"],
    }


def show_purchase(key: str, row: Row, backend: Backend) -> Cells:
    """Return a purchase with the status that it has now, which is a gap where Supertab tells none."""
    return {
        "id": key,
        "status": state(status(key, row, backend.table, backend.choice), TONES),
        "summary": row["summary"],
        "price": money(int(row["price"]["amount"]), row["price"]["currency"]),
        "payment_model": row["payment_model"],
        "tab": row.get("tab_id"),
        "user": row.get("user_id"),
        "valid_to": row.get("valid_to"),
        "purchased": row["purchase_date"],
    }


def show_offering(key: str, row: Row, backend: Backend) -> Cells:
    """Return what can be bought, with its usual price and every currency that it is sold in."""
    usual = row["prices"][0]
    return {
        "id": key,
        "summary": row["summary"],
        "price": money(int(usual["amount"]), usual["currency"]),
        "currencies": [price["currency"] for price in row["prices"]],
        "sales_model": row["sales_model"],
        "payment_model": row["payment_model"],
        "content_key": row.get("content_key"),
        "valid": row.get("valid_timedelta"),
    }


TABS = Panel(
    name="tabs",
    title="Tabs",
    table="tabs",
    columns=(
        Column("id", "Tab", "id"),
        Column("filled", "Filled", "meter"),
        Column("status", "Status", "state"),
        Column("paid", "Paid", "instant"),
        Column("payment_model", "Payment model"),
        Column("purchases", "Purchases", "number"),
        Column("user", "User", "id"),
        Column("created", "Created", "instant"),
    ),
    show=show_tab,
    index="all",
    fields=(
        Field("status", "Status", "option", options=get_args(TabStatus)),
        Field("paid_at", "Paid", "instant", optional=True),
        Field("limit", "Limit in minor units", "integer", default=LIMIT),
        Field("currency", "Currency", default=UNSAID["currency"]),
        Field("payment_model", "Payment model", "option", options=MODELS, default=UNSAID["payment_model"]),
        Field("closes_at", "Closes", "instant", optional=True),
        Field("guest_email", "E-mail of a guest", optional=True),
    ),
    acts=("pay_tab",),
    nothing="There is no tab.",
)
PURCHASES = Panel(
    name="purchases",
    title="Purchases",
    table="purchases",
    columns=(
        Column("id", "Purchase", "id"),
        Column("status", "Status", "state"),
        Column("summary", "Summary"),
        Column("price", "Price", "money"),
        Column("payment_model", "Payment model"),
        Column("tab", "Tab", "id"),
        Column("user", "User", "id"),
        Column("valid_to", "Access until", "instant"),
        Column("purchased", "Purchased", "instant"),
    ),
    show=show_purchase,
    index="by_date",
    fields=(
        Field("summary", "Summary"),
        Field("sales_model", "Sales model", "option", options=get_args(SalesModel)),
        Field("payment_model", "Payment model", "option", options=MODELS),
        Field("tab_id", "Tab", optional=True),
        Field("content_key", "Content key", optional=True),
        Field("valid_from", "Access from", "instant", optional=True),
        Field("valid_to", "Access until", "instant", optional=True),
        Field("purchase_date", "Purchased", "instant"),
    ),
    acts=("complete_purchase", "renew_subscription"),
    nothing="Nothing has been bought.",
)
OFFERINGS = Panel(
    name="offerings",
    title="Offerings",
    table="offerings",
    columns=(
        Column("id", "Offering", "id"),
        Column("summary", "Summary"),
        Column("price", "Price", "money"),
        Column("currencies", "Currencies", "list"),
        Column("sales_model", "Sales model"),
        Column("payment_model", "Payment model"),
        Column("content_key", "Content key", "id"),
        Column("valid", "Access for"),
    ),
    show=show_offering,
    fields=(
        Field("summary", "Summary"),
        Field("sales_model", "Sales model", "option", options=get_args(SalesModel)),
        Field("payment_model", "Payment model", "option", options=MODELS),
        Field("content_key", "Content key", optional=True),
        Field("valid_timedelta", "Access for", optional=True),
    ),
    nothing="There is no offering.",
)

PANELS = (TABS, PURCHASES, OFFERINGS)
