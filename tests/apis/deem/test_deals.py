"""A deal as it is answered: its numbers move with reservations, purchases and what becomes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from mocktill.apis.deem.show import iso_date
from tests.apis.deem.shop import DEAL, Shop, basis_of, error, id_of, purchase_of

NUMBERS = ("num_left", "number_sold", "purchasable_number", "soldout")


def numbers(shop: Shop, deal: str = DEAL) -> tuple[Any, ...]:
    """Return what is left and sold of a deal, what may be bought of it, and whether nothing is left."""
    shown = shop.deal(deal)
    return tuple(shown[name] for name in NUMBERS)


def test_a_deal_as_it_is_answered(shop: Shop) -> None:
    """The whole deal, with what a user may buy of it, its value and its dates in ISO 8601."""
    shown = shop.deal("a-50-for-100-worth-of-dining-1")
    assert shown == {
        "id": "a-50-for-100-worth-of-dining-1",
        "deal_id": "a-50-for-100-worth-of-dining-1",
        "title": "$50 for $100 worth of Dining",
        "type": "daily-deal",
        "image_url": "deals/generic_medium.gif",
        "image_url_abs": "http://localhost/images/deals/generic_medium.gif",
        "shipping_address_required": False,
        "current_price": 5000,
        "value": 10000,
        "number_sold": 0,
        "ended": False,
        "start_at": "2011-11-20T02:35:58Z",
        "end_at": None,
        "expires_at": None,
        "state": "in-flight",
        "purchasable_number": 11,
        "num_left": 250,
        "soldout": False,
        "max_per_user": 11,
        "fulfillment_method": "redemptioncoded",
    }
    assert shop.deal("shipped")["shipping_address_required"] is True


def test_the_numbers_follow_a_purchase_from_its_reservation_to_its_coupon(shop: Shop) -> None:
    """Held units are not left; what runs out comes back; what is claimed is sold; redeeming moves nothing."""
    assert numbers(shop, "two-each") == (500, 0, 2, False)
    purchase = id_of(shop.reserve(deal_id="two-each"))
    assert numbers(shop, "two-each") == (498, 0, 2, False)
    shop.expire()
    assert numbers(shop, "two-each") == (500, 0, 2, False)
    coupons = purchase_of(shop.claim(purchase))["coupons"]
    assert numbers(shop, "two-each") == (498, 2, 2, False)
    assert shop.redeem(coupons[0]["id"]).status_code == 200
    assert numbers(shop, "two-each") == (498, 2, 2, False)


def test_the_numbers_follow_a_release_and_a_creation(shop: Shop) -> None:
    """What is released is left again, and what is bought at once is sold at once."""
    shop.brought_to("released")
    assert numbers(shop) == (1000, 1, 11, False)
    shop.brought_to("created")
    assert numbers(shop) == (998, 3, 11, False)


@pytest.mark.parametrize("state", ["reserved", "created"])
def test_the_last_unit_sells_the_deal_out(shop: Shop, state: str) -> None:
    """With the last unit reserved or bought nothing may be bought any more; the next one is refused."""
    assert numbers(shop, "last-one") == (1, 0, 1, False)
    shop.brought_to(state, "last-one", 1)
    assert numbers(shop, "last-one") == (0, int(state == "created"), 0, True)
    assert shop.reserve(deal_id="last-one", num_bought=1).status_code == 422


def test_the_last_unit_is_sold_once(shop: Shop) -> None:
    """However many ask at once for the last unit, in whatever way, one of them gets it, and the deal says so."""
    stored = {"user": None, "credit_card": None, "user_id": "ABC123", "credit_card_id": "my-own"}
    ways = [
        lambda: shop.create(deal_id="last-one", quantity=1, expected_price_per_unit=2000),
        lambda: shop.full(deal_id="last-one", quantity=1, **stored),
        lambda: shop.full(deal_id="last-one", quantity=1),
    ]
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda number: ways[number % 3]().status_code, range(24)))
    assert statuses == [200] + [422] * 23
    assert numbers(shop, "last-one") == (0, 1, 0, True)


@pytest.mark.parametrize(("value", "expected"), [("free", (998, 1, 11, False)), ("unsold", (1000, 1, 11, False))])
def test_whether_held_units_are_left_is_chosen(shop: Shop, value: str, expected: tuple[Any, ...]) -> None:
    """While units are held a choice decides whether they are left, and only then it is asked."""
    shop.box.choices["deem.num_left"] = value
    assert basis_of(shop.ask("GET", f"/v1/deals/{DEAL}")) == "published"
    shop.reserve()
    assert numbers(shop) == expected
    assert basis_of(shop.ask("GET", f"/v1/deals/{DEAL}")) == "assumed"


@pytest.mark.parametrize("value", ["landed", "in-flight"])
def test_a_deal_ends_by_the_clock(shop: Shop, value: str) -> None:
    """At its end a deal has ended; which state it has then is chosen, while any other state of its own stays."""
    shop.box.choices["deem.ended_state"] = value
    shop.box.clock.freeze(datetime(2012, 2, 29, 23, 59, 58, tzinfo=UTC))
    before = shop.deal("ended")
    assert (before["ended"], before["state"], before["end_at"]) == (False, "in-flight", "2012-02-29T23:59:59Z")
    shop.box.clock.advance(seconds=1)
    after = shop.deal("ended")
    assert (after["ended"], after["state"]) == (True, value)
    shop.set_row("deals", "ended", state="cancelled")
    assert shop.deal("ended")["state"] == "cancelled"


def test_a_deal_begins_by_the_clock(shop: Shop) -> None:
    """Before its start a deal cannot be bought, and from then on it can."""
    assert shop.reserve(deal_id="not-begun", num_bought=1).status_code == 422
    shop.box.clock.travel_to(datetime(2099, 1, 1, tzinfo=UTC))
    assert shop.reserve(deal_id="not-begun", num_bought=1).status_code == 200


def test_an_unknown_deal_is_not_found(shop: Shop) -> None:
    """A deal that there is not is the published 404, whatever is chosen for one that a body names."""
    shop.box.choices["deem.unknown_deal"] = "validation_failed"
    answer = shop.ask("GET", "/v1/deals/nobody-knows-it")
    assert (answer.status_code, basis_of(answer)) == (404, "published")
    assert answer.get_json() == error("find_failed", "Unable to find")


def test_a_deal_without_a_stock_is_sold_out(shop: Shop) -> None:
    """A deal that somebody put there without a stock has nothing left."""
    shop.set_row("deals", "bare", title="Bare", price=100)
    assert numbers(shop, "bare") == (0, 0, 0, True)


def test_dates_of_deals_have_four_digits_of_a_year() -> None:
    """An early year has its zeros, whatever the machine."""
    assert iso_date(datetime(33, 4, 3, 15, 0, tzinfo=UTC)) == "0033-04-03T15:00:00Z"
