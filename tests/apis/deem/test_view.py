"""What a test author sees of Deem's rows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

import mocktill.core.clock
from mocktill.apis.deem.view import Reservation, Stock, View, leaks
from mocktill.core.api import Leak
from tests.apis.deem.shop import DEAL, DOCUMENTED_PURCHASE, Shop, id_of
from tests.conftest import NOW


@pytest.fixture
def view(shop: Shop) -> View:
    """The view of Deem."""
    seen = shop.box.view("deem")
    assert isinstance(seen, View)
    return seen


def test_stock_counts_free_held_and_sold(shop: Shop, view: View) -> None:
    """Units move from free to held to sold, and back, and their sum stays."""
    assert view.stock(DEAL) == Stock(free=1000, held=0, sold=1)
    purchase = id_of(shop.reserve())
    assert view.stock(DEAL) == Stock(free=998, held=2, sold=1)
    shop.claim(purchase)
    assert view.stock(DEAL) == Stock(free=998, held=0, sold=3)
    shop.create(quantity=1)
    assert view.stock(DEAL) == Stock(free=997, held=0, sold=4)


def test_an_unknown_deal_or_purchase_is_a_key_error(view: View) -> None:
    """What does not exist raises KeyError with its id."""
    with pytest.raises(KeyError, match="nobody-knows-it"):
        view.stock("nobody-knows-it")
    with pytest.raises(KeyError, match="nobody-knows-it"):
        view.set_stock("nobody-knows-it", 1)
    with pytest.raises(KeyError, match="nobody-knows-it"):
        view.purchase("nobody-knows-it")


def test_set_stock_changes_what_is_free(shop: Shop, view: View) -> None:
    """What is held and sold stays so, and the next request meets the new stock."""
    shop.reserve()
    view.set_stock(DEAL, 1)
    assert view.stock(DEAL) == Stock(free=1, held=2, sold=1)
    assert shop.reserve().status_code == 422
    assert shop.reserve(num_bought=1).status_code == 200


class Interrupted:
    """A sandbox in which a request comes first whenever somebody wants to change rows."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.table = shop.box.table
        self.now = shop.box.now
        self.pass_time = shop.box.pass_time
        self.backend = shop.box.backend

    def changing(self) -> AbstractContextManager[object]:
        """Reserve two units, and only then let rows be changed."""
        self._shop.reserve()
        return self._shop.box.changing()


def test_set_stock_loses_nothing_that_happens_beside_it(shop: Shop) -> None:
    """What is held and sold is read where it is changed; other fields of the row stay."""
    shop.set_row("stock", DEAL, note="mine")
    View(Interrupted(shop)).set_stock(DEAL, 10)
    assert shop.box.table("deem.stock").get(DEAL) == {"free": 10, "held": 2, "sold": 1, "note": "mine"}


def test_a_stock_is_not_below_nothing(view: View) -> None:
    """A negative stock is refused, and nothing changes."""
    with pytest.raises(ValueError, match="a stock is from 0"):
        view.set_stock(DEAL, -1)
    assert view.stock(DEAL).free == 1000


def test_a_purchase_is_its_row(view: View) -> None:
    """The row has the instant as rows keep it and the ids of the coupons."""
    assert view.purchase(DOCUMENTED_PURCHASE) == {
        "deal_id": DEAL,
        "quantity": 1,
        "price": 3900,
        "created_at": "2011-12-16T19:11:15Z",
        "state": "fulfilled",
        "user_id": "ABC123",
        "credit_card_id": "2342f8073e",
        "coupons": ["a21c5452d8"],
    }


def test_reservations_are_listed_next_to_expire_first(shop: Shop, view: View) -> None:
    """What is held now, with its end; what is claimed, released or expired is gone from the list."""
    assert view.reservations() == []
    one = id_of(shop.reserve())
    shop.box.clock.advance(minutes=1)
    two, three = id_of(shop.reserve(num_bought=1)), id_of(shop.reserve())
    five = timedelta(minutes=5)
    assert view.reservations()[0] == Reservation(one, DEAL, 2, NOW + five)
    assert {held.purchase_id for held in view.reservations()} == {one, two, three}
    shop.claim(two)
    shop.box.clock.advance(minutes=4)
    assert view.reservations() == [Reservation(three, DEAL, 2, NOW + timedelta(minutes=6))]
    shop.release(three)
    assert view.reservations() == []


def test_a_view_sees_what_ran_out_meanwhile(shop: Shop, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a running clock a reservation is gone after five minutes, also where no request came since."""
    shop.box.clock.run()
    purchase = id_of(shop.reserve())
    later = mocktill.core.clock.machine_now() + timedelta(minutes=5)
    monkeypatch.setattr(mocktill.core.clock, "machine_now", lambda: later)
    assert view.purchase(purchase)["state"] == "expired"
    assert view.stock(DEAL) == Stock(free=1000, held=0, sold=1)
    assert view.reservations() == []


def test_a_reservation_leaks_that_is_neither_claimed_nor_released(shop: Shop) -> None:
    """It leaks while it is held and when it ran out; one that was claimed or released, or bought at once, does not."""
    for state in ("fulfilled", "released", "created"):
        shop.brought_to(state)
    assert list(leaks(shop.box)) == []
    forgotten = id_of(shop.reserve())
    shop.box.clock.advance(minutes=1)
    open_still = id_of(shop.reserve(num_bought=1))
    held = [
        Leak("deem", forgotten, DEAL, 2, "held", NOW + timedelta(minutes=5)),
        Leak("deem", open_still, DEAL, 1, "held", NOW + timedelta(minutes=6)),
    ]
    assert list(leaks(shop.box)) == held
    shop.box.clock.advance(minutes=4)
    assert list(leaks(shop.box)) == [held[1], Leak("deem", forgotten, DEAL, 2, "expired", NOW + timedelta(minutes=5))]


def test_a_reservation_that_was_claimed_anew_leaks_no_more(shop: Shop) -> None:
    """A claim of one that ran out is tried anew; where it succeeds nothing is left over."""
    purchase = shop.brought_to("expired")
    assert [leak.state for leak in leaks(shop.box)] == ["expired"]
    shop.claim(purchase)
    assert list(leaks(shop.box)) == []


def test_a_sandbox_finds_the_leaks(shop: Shop) -> None:
    """What Deem calls a leak is found by asking the sandbox, also where time ran on since the last request."""
    purchase = id_of(shop.reserve())
    assert [(leak.key, leak.state) for leak in shop.box.leaks()] == [(purchase, "held")]
    shop.expire()
    assert [(leak.key, leak.state) for leak in shop.box.leaks()] == [(purchase, "expired")]
