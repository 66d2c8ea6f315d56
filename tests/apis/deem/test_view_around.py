"""What a test author sees of users, cards and coupons, in this process and over HTTP, and what can be set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mocktill.apis.deem.view import Card, Coupon, User, View
from tests.apis.conftest import Door
from tests.apis.deem.shop import CARD, DOCUMENTED_PURCHASE, Shop, purchase_of
from tests.conftest import NOW

COUPON = "a21c5452d8"


@pytest.fixture
def shop(door: Door) -> Shop:
    """Deem in a fresh sandbox, here or on a server."""
    return Shop(door.inner)


@pytest.fixture
def view(door: Door) -> View:
    """The view of Deem, through the same door."""
    seen = door.box.view("deem")
    assert isinstance(seen, View)
    return seen


def test_a_user_is_a_value(shop: Shop, view: View) -> None:
    """A user has names, points, and an email where one is known; users are listed by id."""
    avery = User("ABC123", "Avery", "Example", None, 100)
    assert view.user("ABC123") == avery
    assert view.users() == [avery, User("XYZ789", "Robin", "Example", "robin@example.com", 0)]
    new = purchase_of(shop.full())["user_id"]
    assert view.user(new) == User(new, "Hanna", "Novak", "new@example.com", 0)


def test_a_card_is_a_value(shop: Shop, view: View) -> None:
    """A card has its user, the end of its number, and what charging it comes to; one may be everybody's."""
    assert view.card(CARD) == Card(CARD, "ABC123", "0027", "visa", True, "succeeds")
    assert view.card("card-fails") == Card("card-fails", None, "0000", "visa", False, "fails")
    new = shop.add_card(number="4000000000000259").get_json()["credit_card_id"]
    assert view.card(new) == Card(new, "ABC123", "0259", "visa", False, "charging")
    assert new in [card.id for card in view.cards()]


def test_a_coupon_is_a_value(shop: Shop, view: View) -> None:
    """A coupon has its purchase, its user, its state now, and its instants; the earliest is listed first."""
    created_at = datetime(2011, 12, 16, 19, 14, 55, tzinfo=UTC)
    coupon = Coupon(COUPON, DOCUMENTED_PURCHASE, "ABC123", "valid", created_at, None, None)
    assert view.coupon(COUPON) == coupon
    shop.brought_to("created")
    assert [seen.created_at for seen in view.coupons()] == [created_at, NOW, NOW]
    shop.redeem(COUPON)
    assert (view.coupon(COUPON).state, view.coupon(COUPON).redeemed_at) == ("redeemed", NOW)


def test_the_order_of_one_instant(shop: Shop, view: View) -> None:
    """What came while the clock stood still is listed in the order in which it came."""
    made = [shop.brought_to(state) for state in ("reserved", "created", "released", "fulfilled") * 3]
    assert [seen.id for seen in view.purchases()] == [DOCUMENTED_PURCHASE, *made]
    coupons = [coupon for key in made for coupon in view.purchase(key).coupons]
    assert [seen.id for seen in view.coupons()] == [COUPON, *coupons]


def test_a_coupon_expires_in_the_view(shop: Shop, view: View) -> None:
    """The state is that of the sandbox's instant."""
    shop.set_row("coupons", COUPON, expires_at="2026-03-02T12:01:00.000000Z")
    assert view.coupon(COUPON).state == "valid"
    shop.box.clock.advance(minutes=1)
    assert (view.coupon(COUPON).state, view.coupon(COUPON).expires_at) == ("expired", NOW + timedelta(minutes=1))


def test_a_charge_can_be_set(shop: Shop, view: View) -> None:
    """From then on charging the card comes to that, and all else of the card stays."""
    view.set_charge(CARD, "declined")
    assert shop.create().get_json()["error_type"] == "declined"
    assert view.card(CARD) == Card(CARD, "ABC123", "0027", "visa", True, "declined")
    view.set_charge(CARD, "succeeds")
    assert shop.create().status_code == 200


def test_a_coupon_s_state_can_be_set(shop: Shop, view: View) -> None:
    """A coupon that was cancelled so is shown as cancelled, and cannot be redeemed."""
    view.set_coupon_state(COUPON, "cancelled")
    assert purchase_of(shop.get(DOCUMENTED_PURCHASE))["coupons"][0]["state"] == "cancelled"
    assert shop.redeem(COUPON).status_code == 409


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda view: view.user("ABC124"), "there is no user 'ABC124': did you mean 'ABC123'?"),
        (lambda view: view.card("card-fail"), "there is no card 'card-fail': did you mean 'card-fails'?"),
        (
            lambda view: view.set_charge("card-fail", "fails"),
            "there is no card 'card-fail': did you mean 'card-fails'?",
        ),
        (lambda view: view.coupon("a21c"), "there is no coupon 'a21c': did you mean 'a21c5452d8'?"),
        (lambda view: view.set_coupon_state("?", "valid"), "there is no coupon '?': there are 'a21c5452d8'"),
    ],
)
def test_what_there_is_not_is_said_in_words(view: View, look: Callable[[View], object], said: str) -> None:
    """What does not exist is a KeyError that says what there is not, and what may be meant."""
    with pytest.raises(KeyError) as caught:
        look(view)
    assert caught.value.args == (said,)


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda view: view.set_charge(CARD, "maybe"), "one of succeeds, declined, fails, charging; not 'maybe'"),
        (lambda view: view.set_coupon_state(COUPON, "lost"), "state of a coupon is one of valid, .*; not 'lost'"),
    ],
)
def test_what_cannot_be_is_refused(view: View, look: Callable[[Any], object], said: str) -> None:
    """A value that there is not is a ValueError with those that there are, and nothing changes."""
    with pytest.raises(ValueError, match=said):
        look(view)
    assert (view.card(CARD).charge, view.coupon(COUPON).state) == ("succeeds", "valid")
