"""Every magic value does what its sentence says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mocktill.core.catalogue import Catalogue
from tests.apis.deem.shop import CARD, DEAL, DOCUMENTED_PURCHASE, Shop, purchase_of


def with_key(key: str) -> Callable[[Shop], TestResponse]:
    """Get the documented purchase with a key."""
    return lambda shop: shop.get(DOCUMENTED_PURCHASE, key=key)


def with_card(card: str) -> Callable[[Shop], TestResponse]:
    """Buy with a card."""
    return lambda shop: shop.create(credit_card_id=card)


def first(deal: str) -> Callable[[Shop], TestResponse]:
    """Reserve one unit of a deal."""
    return lambda shop: shop.reserve(deal_id=deal, num_bought=1)


def second(deal: str) -> Callable[[Shop], TestResponse]:
    """Reserve one unit of a deal, and one more."""
    return lambda shop: [shop.reserve(deal_id=deal, num_bought=1) for _ in range(2)][-1]


def with_new_card(number: str) -> Callable[[Shop], TestResponse]:
    """Add a card, and buy with it."""
    return lambda shop: shop.create(credit_card_id=shop.add_card(number=number).get_json()["credit_card_id"])


SHIPPED: Mapping[str, Any] = {
    "deal_id": "shipped",
    "quantity": 1,
    "user": None,
    "credit_card": None,
    "shipping_address": None,
    "user_id": "ABC123",
    "credit_card_id": CARD,
}
"""Buy what is sent by mail, with what is stored, and without an address."""

MAGIC: Mapping[tuple[str, str], Callable[[Shop], TestResponse]] = {
    ("credentials", "1234567"): with_key("1234567"),
    ("credentials", "key-refused"): with_key("key-refused"),
    ("credentials", "key-expired"): with_key("key-expired"),
    ("credentials", "key-revoked"): with_key("key-revoked"),
    ("endings", "0002"): with_new_card("4000000000000002"),
    ("endings", "0341"): with_new_card("4000000000000341"),
    ("endings", "0259"): with_new_card("4000000000000259"),
    ("addresses", "home-of-avery"): lambda shop: shop.full(**{**SHIPPED, "shipping_address_id": "home-of-avery"}),
    ("deals", "not-begun"): first("not-begun"),
    ("deals", "short-vouchers"): first("short-vouchers"),
    ("deals", "shipped"): lambda shop: shop.full(**SHIPPED),
    ("coupons", "a21c5452d8"): lambda shop: [shop.redeem("a21c5452d8") for _ in range(2)][-1],
    ("users", "ABC123"): lambda shop: shop.create(user_id="ABC123"),
    ("cards", CARD): with_card(CARD),
    ("cards", "card-declined"): with_card("card-declined"),
    ("cards", "card-fails"): with_card("card-fails"),
    ("cards", "card-charging"): with_card("card-charging"),
    ("deals", DEAL): first(DEAL),
    ("deals", "a-50-for-100-worth-of-dining-1"): first("a-50-for-100-worth-of-dining-1"),
    ("deals", "last-one"): second("last-one"),
    ("deals", "sold-out"): first("sold-out"),
    ("deals", "ended"): first("ended"),
    ("deals", "paused"): first("paused"),
    ("deals", "two-each"): lambda shop: shop.reserve(deal_id="two-each", num_bought=3),
    ("purchases", DOCUMENTED_PURCHASE): lambda shop: shop.get(DOCUMENTED_PURCHASE),
}


def sentences(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Return the sentences of Deem's magic values."""
    return {(magic.table, magic.key): magic.sentence for magic in catalogue.magic if magic.api == "deem"}


def test_every_magic_value_is_tried(catalogue: Catalogue) -> None:
    """A magic value that is added needs its request in the table above."""
    assert set(sentences(catalogue)) == set(MAGIC)


@pytest.mark.parametrize(("table", "key"), MAGIC)
def test_a_magic_value_does_what_its_sentence_says(shop: Shop, catalogue: Catalogue, table: str, key: str) -> None:
    """The status and the error type of the sentence come, or a success where it names none."""
    said = re.search(r"(\d{3}) `(\w+)`", sentences(catalogue)[table, key])
    answer = MAGIC[table, key](shop)
    got = (str(answer.status_code), answer.get_json().get("error_type"))
    assert got == (said.groups() if said else ("200", None))


@pytest.mark.parametrize(("deal", "units"), [(DEAL, 11), ("last-one", 1), ("two-each", 2), ("short-vouchers", 3)])
def test_a_magic_deal_has_the_price_of_its_sentence(shop: Shop, catalogue: Catalogue, deal: str, units: int) -> None:
    """A deal is bought at the price that its sentence names, and as many of it as it says."""
    price = re.search(r"at (\d+)", sentences(catalogue)["deals", deal])
    assert price is not None
    answer = shop.create(deal_id=deal, quantity=units, expected_price_per_unit=int(price[1]))
    assert purchase_of(answer)["amount"] == int(price[1]) * units


def test_an_ended_deal_could_be_bought_before_its_end(shop: Shop) -> None:
    """The end of a deal is an instant of the sandbox's clock: before it, the deal is for sale."""
    shop.box.clock.freeze(datetime(2012, 2, 29, 23, 59, 58, tzinfo=UTC))
    assert shop.reserve(deal_id="ended", num_bought=1).status_code == 200
    shop.box.clock.advance(seconds=1)
    assert shop.reserve(deal_id="ended", num_bought=1).status_code == 422


@pytest.mark.parametrize("state", ["submitted", "in-review", "rejected", "approved", "paused", "landed", "deleted"])
def test_only_what_is_in_flight_is_sold(shop: Shop, state: str) -> None:
    """A deal in any other state cannot be reserved."""
    shop.set_row("deals", DEAL, state=state)
    answer = shop.reserve()
    assert (answer.status_code, answer.get_json()["error_type"]) == (422, "cannot_fufill")
