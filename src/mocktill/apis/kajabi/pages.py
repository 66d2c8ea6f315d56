"""What Kajabi's links lead to that is no operation: the page on which an offer is sold."""

from __future__ import annotations

from html import escape

from mocktill.apis.kajabi.documents import price_in_words
from mocktill.core.api import Page, Scene
from mocktill.core.names import look_up
from mocktill.core.pages import Shown, Visit, document

KINDS = {
    "single": "One payment.",
    "subscription": "A subscription, paid again and again until it is cancelled.",
    "multipay": "A payment plan, {payments}.",
}
"""How each kind of offer is paid."""


def show_checkout(visit: Visit, scene: Scene) -> Shown:
    """Return the page of an offer: what it costs, and how to let somebody buy it here."""
    key = visit.args["offer_id"]
    row = look_up(scene.table("kajabi.offers"), key, "offer")
    title, price, count = row.get("title") or f"Offer {key}", row.get("price_in_cents", 0), row.get("payments")
    payments = f"in {count} payments" if count else "in several payments"
    kind = KINDS[row.get("payment_type", "single")].format(payments=payments)
    body = f"""
<main>
<h1>{escape(title)}</h1>
<p class="price">{price_in_words(price) if price else "Free"}</p>
<p>{kind}</p>
<p>Nothing is sold here: in this sandbox a new customer buys the offer {escape(key)} by the act
<code>kajabi.buy_offer</code>.</p>
</main>
"""
    return document(title, body)


PAGES = (Page("/offers/{+offer_id}", show_checkout, "The page on which an offer is sold"),)
