"""What Deem's links lead to: images of deals, codes of coupons, and a page to print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mocktill.apis.deem.code import picture
from mocktill.apis.deem.drawing import draw
from mocktill.apis.deem.pages import STATES
from mocktill.apis.deem.show import CouponState
from mocktill.core.pages import Shown
from mocktill.core.sandbox import Sandbox
from tests.apis.deem.shop import DEAL, DOCUMENTED_PURCHASE, Shop, purchase_of
from tests.client import Client

PRINT = "/coupons/a21c5452d8/print"
CODE = "apaosidnqw4tdsdpqi45jf091835ukdfq3-40695.kfmdg-q09i6m&#x27;ldfi8nqk6"
HOSTILE = "<script>alert(1)</script>\"'>&<img src=x onerror=alert(1)>"


@pytest.fixture
def deem(client: Callable[[str], Client]) -> Client:
    """A client without a credential: pages ask for none."""
    return client("deem")


def test_each_deal_has_a_picture_of_its_own(deem: Client) -> None:
    """The image is drawn by the deal's id alone, and that of the samples for `generic`."""
    for name in ("generic", "last-one"):
        answer = deem("GET", f"/images/deals/{name}_medium.gif")
        assert (answer.status_code, answer.content_type, answer.data) == (200, "image/gif", draw(name))


@pytest.mark.parametrize(
    ("own", "address"),
    [
        ("deals/generic_medium.gif", "http://localhost/images/deals/generic_medium.gif"),
        ("a b/ö#?.png", "http://localhost/images/a%20b/%C3%B6%23%3F.png"),
        ("https://a.test/x y.gif", "https://a.test/x y.gif"),
        ("", "http://localhost/images/deals/last-one_medium.gif"),
    ],
)
def test_a_deal_s_own_image(shop: Shop, own: str, address: str) -> None:
    """A relative image of a row's own resolves, one on another host is left alone, an empty one is none."""
    shop.box.change("deem.deals", "last-one", {"image_url": own})
    shown = shop.deal("last-one")
    assert (shown["image_url"], shown["image_url_abs"]) == (own or "deals/last-one_medium.gif", address)
    if address.startswith("http://localhost"):
        assert shop.ask("GET", address, key=None).content_type == "image/gif"


def test_odd_keys_lead_back(shop: Shop) -> None:
    """A deal and a coupon of your own that have to be encoded are encoded, and their links lead back."""
    box, key = shop.box, "my/1 <b>?#\n%2F"
    with box.changing():
        purchase = box.table("deem.purchases").get(DOCUMENTED_PURCHASE) or {}
        box.table("deem.deals").put(key, {"title": "T", "price": 1})
        box.table("deem.stock").put(key, {"free": 1, "held": 0, "sold": 0})
        box.table("deem.purchases").put(DOCUMENTED_PURCHASE, {**purchase, "deal_id": key, "coupons": [key]})
        box.table("deem.coupons").put(key, {**(box.table("deem.coupons").get("a21c5452d8") or {}), "qr_code": "Q"})
    shown = purchase_of(shop.get(DOCUMENTED_PURCHASE))
    assert shown["deal"]["image_url"] == "deals/my%2F1%20%3Cb%3E%3F%23%0A%252F_medium.gif"
    [coupon] = shown["coupons"]
    for link in (shown["deal"]["image_url_abs"], coupon["qr_code_url"], coupon["print_url"]):
        assert shop.ask("GET", link, key=None).status_code == 200
    page = shop.ask("GET", coupon["print_url"], key=None).text
    assert Shown(picture("Q"), "image/png").inline in page
    assert Shown(draw(key), "image/gif").inline in page


def test_a_coupon_to_print(deem: Client) -> None:
    """The page has title, picture, code, QR code, for whom it is and until when, and nothing to warn of."""
    page = deem("GET", PRINT).text
    assert "<title>Coupon: $39 for a cut at the Hair Studio</title>" in page
    assert "<h1>$39 for a cut at the Hair Studio</h1>" in page
    assert f'<b class="long">{CODE}</b>' in page
    for path, alt in (
        ("/images/deals/generic_medium.gif", ""),
        ("/coupon/qr_code/a21c5452d8", f"QR code that says {CODE}"),
    ):
        shown = deem("GET", path)
        assert f'<img src="{Shown(shown.data, shown.content_type).inline}" alt="{alt}"' in page
    assert "<dt>For</dt><dd>Avery Example</dd><dt>Expires</dt><dd>never</dd>" in page
    assert '<html lang="en">' in page
    assert "@page" in page
    assert 'class="state"' not in page


def test_a_redemption_code_is_large(shop: Shop) -> None:
    """A coupon that was bought has a redemption code, which is written large."""
    [coupon] = purchase_of(shop.get(shop.brought_to("created", units=1)))["coupons"]
    page = shop.ask("GET", coupon["print_url"], key=None).text
    assert f"<p>Redemption code<b>{coupon['redemption_code']}</b></p>" in page


@pytest.mark.parametrize("state", STATES)
def test_a_coupon_says_its_state(deem: Client, box: Sandbox, state: CouponState) -> None:
    """What cannot be used any more says so plainly, and why."""
    box.change("deem.coupons", "a21c5452d8", {"state": state, "redeemed_at": "2026-03-02T12:00:00Z"})
    page = deem("GET", PRINT).text
    assert page.count('class="state"') == (state != "valid")
    assert STATES[state] in page
    assert "<dt>Redeemed on</dt><dd>Monday, 2 March 2026, 12:00 UTC</dd>" in page


def test_a_coupon_expires_on_paper_too(deem: Client, box: Sandbox) -> None:
    """The page is as of the sandbox's clock: a coupon that ran out says so and when."""
    box.clock.freeze()
    box.change("deem.coupons", "a21c5452d8", {"expires_at": "2026-03-03T12:00:00Z"})
    assert "<dt>Valid until</dt><dd>Tuesday, 3 March 2026, 12:00 UTC</dd>" in deem("GET", PRINT).text
    assert STATES["expired"] not in deem("GET", PRINT).text
    box.clock.advance(timedelta(days=1))
    assert STATES["expired"] in deem("GET", PRINT).text


def test_whatever_stands_in_a_row_is_text(deem: Client, box: Sandbox) -> None:
    """No title, name or code becomes markup."""
    box.change("deem.deals", DEAL, {"title": HOSTILE})
    box.change("deem.users", "ABC123", {"name": HOSTILE})
    box.change("deem.coupons", "a21c5452d8", {"redemption_code": HOSTILE})
    page = deem("GET", PRINT).text
    assert "<script" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&gt;&amp;") == 5


@pytest.mark.parametrize("gone", ["deals", "purchases", "users"])
def test_a_coupon_outlives_what_it_is_of(deem: Client, box: Sandbox, gone: str) -> None:
    """A coupon whose deal, purchase or user has gone is printed with what is known."""
    with box.changing():
        table = box.table(f"deem.{gone}")
        for key in [key for key, _ in table.items()]:
            table.delete(key)
    page = deem("GET", PRINT)
    assert page.status_code == 200
    assert CODE in page.text


def test_an_image_of_another_host_is_not_asked_for(deem: Client, box: Sandbox) -> None:
    """No page loads anything from elsewhere: where the deal's image is there, there is none."""
    box.change("deem.deals", DEAL, {"image_url": "https://a.test/x.gif"})
    page = deem("GET", PRINT).text
    assert page.count("<img ") == 1
    assert "a.test" not in page


@pytest.mark.parametrize("path", ["/coupons/nobody-has-it/print", "/coupon/qr_code/nobody-has-it"])
def test_an_unknown_coupon(deem: Client, path: str) -> None:
    """There is nothing to print or to scan of a coupon that there is not."""
    answer: Any = deem("GET", path)
    assert (answer.status_code, answer.content_type) == (404, "text/plain; charset=utf-8")
    assert answer.text.startswith("Mocktill: there is no coupon 'nobody-has-it': ")
