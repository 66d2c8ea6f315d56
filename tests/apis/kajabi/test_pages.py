"""The page on which an offer of Kajabi's is sold."""

from __future__ import annotations

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ("2001", ("Watercolour from Scratch", "$10.00 USD", "One payment.")),
        ("2002", ("Watercolour in three payments", "$199.00 USD", "A payment plan, in 3 payments.")),
        ("2003", ("The Painters&#x27; Circle", "$29.00 USD", "A subscription")),
        ("2004", ("Five Free Brush Exercises", ">Free<", "One payment.")),
    ],
)
def test_an_offer_on_sale(ask: Client, offer: str, said: tuple[str, ...]) -> None:
    """The page says what is sold, for how much and how it is paid, and how somebody buys it here."""
    answer = ask("GET", f"/offers/{offer}", headers={"Authorization": ""})
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert all(words in answer.text for words in (*said, f"buys the offer {offer}", "kajabi.buy_offer"))


def test_an_offer_says_what_it_says(ask: Client, box: Sandbox) -> None:
    """A title is text, whatever it is; a plan without a number of payments has several; there are no other offers."""
    with box.changing():
        box.table("kajabi.offers").put("a/b", {"title": "<script>alert(1)</script>", "payment_type": "multipay"})
    page = ask("GET", "/offers/a%2Fb").text
    assert "<script" not in page
    assert "A payment plan, in several payments." in page
    assert ask("GET", "/offers/nobody").text.startswith("Mocktill: there is no offer 'nobody': ")
