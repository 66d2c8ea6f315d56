"""What the links lead to that the sandbox makes up for Drip: pages of a shop that told it of its orders."""

from __future__ import annotations

from html import escape

from mocktill.core.api import Page, Scene
from mocktill.core.names import look_up
from mocktill.core.pages import Shown, Visit, document
from mocktill.core.store import Row


def show_order(visit: Visit, scene: Scene) -> Shown:
    """Return the page of an order in the shop that sold it: what was bought, and the total in cents."""
    key = visit.args["purchase_id"]
    row = look_up(scene.table("drip.purchases"), key, "purchase")
    title = f"Order {row.get('order_id') or key}"
    items = "".join(_line(item) for item in row.get("items") or ())
    body = f"""
<main>
<h1>{escape(title)}</h1>
<p>Sold by {escape(row.get("provider") or "the shop")} on {escape(row["occurred_at"])}.</p>
<table>
<thead><tr><th scope="col">Item</th><th scope="col">Quantity</th><th scope="col">Amount</th></tr></thead>
<tbody>{items}</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td>{_money(row["amount"])}</td></tr></tfoot>
</table>
</main>
"""
    return document(title, body)


def show_landing(visit: Visit, scene: Scene) -> Shown:
    """Return the page of a shop at which somebody arrived who became a subscriber."""
    title = visit.args["name"].replace("-", " ").capitalize()
    return document(title, f"<main>\n<h1>{escape(title)}</h1>\n<p>A page of a shop that does not exist.</p>\n</main>")


def _line(item: Row) -> str:
    name, quantity = escape(item["name"]), item["quantity"]
    return f"<tr><td>{name}</td><td>{quantity}</td><td>{_money(item['amount'])}</td></tr>\n"


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


PAGES = (
    Page("/orders/{+purchase_id}", show_order, "The page of an order that the sandbox made up"),
    Page("/landing/{+name}", show_landing, "The page at which a subscriber arrived whom the sandbox made up"),
)
