"""What a test author sees of Deem, in this process and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import mocktill.core.clock
from mocktill.apis.deem.view import Deal, Purchase, Reservation, Stock, View, leaks
from mocktill.core.api import Leak
from mocktill.core.sandbox import Sandbox
from tests.apis.conftest import Door
from tests.apis.deem.shop import CARD, DEAL, DOCUMENTED_PURCHASE, Shop, id_of
from tests.conftest import NOW

FIVE = timedelta(minutes=5)


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


def test_a_deal_has_its_price_and_its_stock(shop: Shop, view: View) -> None:
    """A deal is a value with its price in cents, what a user may buy of it, and its units."""
    shop.reserve()
    hair_studio = Deal(
        id=DEAL,
        title="$39 for a cut at the Hair Studio",
        price=3900,
        max_per_user=11,
        state="in-flight",
        ends_at=None,
        stock=Stock(free=998, held=2, sold=1),
    )
    assert view.deal(DEAL) == hair_studio
    assert hair_studio in view.deals()
    assert view.deal("two-each").max_per_user == 2
    assert view.deal("paused").state == "paused"
    assert view.deal("ended").ends_at == datetime(2012, 2, 29, 23, 59, 59, tzinfo=UTC)


def test_deals_are_listed_by_id(view: View) -> None:
    """All deals are there, in the order of their ids."""
    ids = [deal.id for deal in view.deals()]
    assert ids == sorted(ids)
    assert {DEAL, "last-one", "sold-out", "ended", "paused", "two-each"} <= set(ids)


def test_a_deal_without_a_stock_has_nothing_to_sell(shop: Shop, view: View) -> None:
    """A deal that somebody put there without a stock is shown as sold out, as it is answered."""
    shop.set_row("deals", "bare", title="Bare", price=100)
    assert view.deal("bare") == Deal("bare", "Bare", 100, 11, "in-flight", None, Stock(0, 0, 0))


def test_stock_counts_free_held_and_sold(shop: Shop, view: View) -> None:
    """Units move from free to held to sold, and back, and their sum stays."""
    assert view.stock(DEAL) == Stock(free=1000, held=0, sold=1)
    purchase = id_of(shop.reserve())
    assert view.stock(DEAL) == Stock(free=998, held=2, sold=1)
    shop.claim(purchase)
    assert view.stock(DEAL) == Stock(free=998, held=0, sold=3)
    shop.create(quantity=1)
    assert view.stock(DEAL) == Stock(free=997, held=0, sold=4)


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda view: view.deal("lats-one"), "there is no deal 'lats-one': did you mean 'last-one'?"),
        (lambda view: view.stock("lats-one"), "there is no deal 'lats-one': did you mean 'last-one'?"),
        (lambda view: view.set_stock("lats-one", 1), "there is no deal 'lats-one': did you mean 'last-one'?"),
        (lambda view: view.purchase("????"), "there is no purchase '????': there are '34063ec2'"),
    ],
)
def test_what_there_is_not_is_said_in_words(view: View, look: Callable[[View], object], said: str) -> None:
    """What does not exist is a KeyError that says what there is not, and what may be meant."""
    with pytest.raises(KeyError) as caught:
        look(view)
    assert caught.value.args == (said,)


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
        self.reading = shop.box.reading
        self.act = shop.box.act

    def changing(self) -> AbstractContextManager[object]:
        """Reserve two units, and only then let rows be changed."""
        self._shop.reserve()
        return self._shop.box.changing()


def test_set_stock_loses_nothing_that_happens_beside_it(box: Sandbox) -> None:
    """What is held and sold is read where it is changed; other fields of the row stay."""
    shop = Shop(box)
    shop.set_row("stock", DEAL, note="mine")
    View(Interrupted(shop)).set_stock(DEAL, 10)
    assert box.table("deem.stock").get(DEAL) == {"free": 10, "held": 2, "sold": 1, "note": "mine"}


def test_a_stock_is_not_below_nothing(view: View) -> None:
    """A negative stock is refused, and nothing changes."""
    with pytest.raises(ValueError, match="a stock is from 0"):
        view.set_stock(DEAL, -1)
    assert view.stock(DEAL).free == 1000


def test_a_purchase_is_a_value(view: View) -> None:
    """A purchase has its state, its amounts in cents, its buyer, its coupons and its instant in UTC."""
    purchase = Purchase(
        id=DOCUMENTED_PURCHASE,
        deal_id=DEAL,
        state="fulfilled",
        quantity=1,
        price=3900,
        total=3900,
        user_id="ABC123",
        credit_card_id=CARD,
        coupons=("a21c5452d8",),
        created_at=datetime(2011, 12, 16, 19, 11, 15, tzinfo=UTC),
    )
    assert view.purchase(DOCUMENTED_PURCHASE) == purchase
    assert view.purchase(DOCUMENTED_PURCHASE).created_at.tzinfo is UTC
    assert view.purchases() == [purchase]


@pytest.mark.parametrize("state", ["reserved", "fulfilled", "created", "released", "expired"])
def test_a_purchase_has_the_state_that_it_came_to(shop: Shop, view: View, state: str) -> None:
    """Whatever happened to a purchase, the view says so; only who bought is its user, only a stored card is charged."""
    purchase = id_of(shop.reserve()) if state == "reserved" else shop.brought_to(state)
    seen = view.purchase(purchase)
    bought = state in {"fulfilled", "created"}
    assert seen.state == ("fulfilled" if bought else state)
    assert (seen.quantity, seen.price, seen.total, seen.created_at) == (2, 3900, 7800, NOW)
    assert seen.user_id == ("ABC123" if bought else None)
    assert seen.credit_card_id == (CARD if state == "created" else None)
    assert len(seen.coupons) == (2 if bought else 0)


def test_purchases_are_listed_earliest_first(shop: Shop, view: View) -> None:
    """All purchases, whatever their state, in the order in which they were made."""
    made = [DOCUMENTED_PURCHASE]
    for _ in range(6):
        made.append(id_of(shop.reserve(num_bought=1)))
        shop.box.clock.advance(minutes=1)
    seen = view.purchases()
    assert [purchase.id for purchase in seen] == made != sorted(made)
    assert [purchase.state for purchase in seen] == ["fulfilled", *["expired"] * 2, *["reserved"] * 4]


def test_reservations_are_listed_next_to_expire_first(shop: Shop, view: View) -> None:
    """What is held now, with its end; what is claimed, released or expired is gone from the list."""
    assert view.reservations() == []
    one = id_of(shop.reserve())
    shop.box.clock.advance(minutes=1)
    two, three = id_of(shop.reserve(num_bought=1)), id_of(shop.reserve())
    assert view.reservations()[0] == Reservation(one, DEAL, 2, NOW + FIVE)
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
    before = view.purchase(purchase)
    later = mocktill.core.clock.machine_now() + FIVE
    monkeypatch.setattr(mocktill.core.clock, "machine_now", lambda: later)
    assert view.purchase(purchase) == replace(before, state="expired")
    assert view.stock(DEAL) == Stock(free=1000, held=0, sold=1)
    assert view.reservations() == []


@pytest.mark.parametrize(
    "look",
    [
        lambda view: view.stock(DEAL),
        lambda view: view.deal(DEAL).stock,
        lambda view: next(deal.stock for deal in view.deals() if deal.id == DEAL),
    ],
)
def test_each_look_lets_time_pass(
    shop: Shop, view: View, look: Callable[[View], Stock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever way somebody looks first, what is due has expired."""
    shop.box.clock.run()
    shop.reserve()
    assert look(view) == Stock(free=998, held=2, sold=1)
    later = mocktill.core.clock.machine_now() + FIVE
    monkeypatch.setattr(mocktill.core.clock, "machine_now", lambda: later)
    assert look(view) == Stock(free=1000, held=0, sold=1)


def test_what_a_stock_is_set_to_is_not_given_back_twice(
    shop: Shop, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is due expires before a stock is set: its units do not come on top later."""
    shop.box.clock.run()
    shop.reserve()
    later = mocktill.core.clock.machine_now() + FIVE
    monkeypatch.setattr(mocktill.core.clock, "machine_now", lambda: later)
    view.set_stock(DEAL, 5)
    assert view.stock(DEAL) == Stock(free=5, held=0, sold=1)


def test_a_reservation_leaks_that_is_neither_claimed_nor_released(box: Sandbox) -> None:
    """It leaks while it is held and when it ran out; one that was claimed or released, or bought at once, does not."""
    shop = Shop(box)
    for state in ("fulfilled", "released", "created"):
        shop.brought_to(state)
    assert list(leaks(box)) == []
    forgotten = id_of(shop.reserve())
    box.clock.advance(minutes=1)
    open_still = id_of(shop.reserve(num_bought=1))
    held = [
        Leak("deem", forgotten, DEAL, 2, "held", NOW + FIVE),
        Leak("deem", open_still, DEAL, 1, "held", NOW + timedelta(minutes=6)),
    ]
    assert list(leaks(box)) == held
    box.clock.advance(minutes=4)
    assert list(leaks(box)) == [held[1], Leak("deem", forgotten, DEAL, 2, "expired", NOW + FIVE)]


def test_a_reservation_that_was_claimed_anew_leaks_no_more(box: Sandbox) -> None:
    """A claim of one that ran out is tried anew; where it succeeds nothing is left over."""
    shop = Shop(box)
    purchase = shop.brought_to("expired")
    assert [leak.state for leak in leaks(box)] == ["expired"]
    shop.claim(purchase)
    assert list(leaks(box)) == []


def test_a_sandbox_finds_the_leaks(shop: Shop, door: Door) -> None:
    """What Deem calls a leak is found by asking the sandbox, also where time ran on since the last request."""
    purchase = id_of(shop.reserve())
    assert [(leak.key, leak.state) for leak in door.box.leaks()] == [(purchase, "held")]
    shop.expire()
    assert [(leak.key, leak.state) for leak in door.box.leaks()] == [(purchase, "expired")]
