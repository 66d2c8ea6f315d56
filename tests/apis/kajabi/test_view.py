"""What a test author sees of Kajabi, in this process and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mocktill.apis.kajabi.view import Plan, Purchase, Transaction, View
from tests.apis.conftest import Door
from tests.client import Client


@pytest.fixture
def view(door: Door) -> View:
    """The view of Kajabi in a fresh sandbox, here or on a server."""
    found = door.box.view("kajabi")
    assert isinstance(found, View)
    return found


@pytest.fixture
def ask(door: Door) -> Client:
    """A client of the same sandbox."""
    return Client(door.inner, "kajabi", {"Authorization": "Bearer token-active"})


def test_a_purchase_is_a_value(view: View) -> None:
    """A purchase has its amount in cents, its plan, and its instants in UTC."""
    at = datetime(2025, 7, 31, 16, 59, 27, 580000, tzinfo=UTC)
    assert view.purchase("123") == Purchase(
        id="123",
        customer_id="4001",
        offer_id="2002",
        status="active",
        payment_type="multipay",
        amount=19900,
        currency="USD",
        quantity=1,
        plan=Plan(1, 3),
        coupon_code=None,
        trial_end_at=None,
        effective_start_at=at,
        deactivated_at=None,
        deactivation_reason=None,
        created_at=at,
        updated_at=at.replace(second=28, microsecond=112000),
    )
    assert view.purchase("123").created_at.tzinfo is UTC
    assert view.purchase("204").trial_end_at == datetime(2030, 1, 15, 10, tzinfo=UTC)


def test_purchases_are_listed_earliest_first(view: View) -> None:
    """The purchases of a customer, or all, in the order in which they were made."""
    assert [purchase.id for purchase in view.purchases("4001")] == ["123", "201", "204", "208"]
    everything = view.purchases()
    assert {purchase.id for purchase in everything} > {"123", "201", "202", "208"}
    assert everything == sorted(everything, key=lambda purchase: purchase.created_at)
    assert [purchase for purchase in everything if purchase.customer_id == "4001"] == view.purchases("4001")


def test_status_is_the_wires(view: View, ask: Client) -> None:
    """The status of every purchase is the one that would be answered."""
    for purchase in view.purchases():
        answer = ask("GET", f"/v1/purchases/{purchase.id}?fields[purchases]=status").get_json()
        assert view.status(purchase.id) == purchase.status == answer["data"]["attributes"]["status"]
    assert (view.status("207"), view.status("203")) == ("failed", "completed")


def test_plan(view: View, ask: Client) -> None:
    """A payment plan moves on, and the next answer says so."""
    assert view.plan("123") == Plan(1, 3)
    view.set_payments_made("123", 2)
    assert view.plan("123") == Plan(2, 3)
    answer = ask("GET", "/v1/purchases/123?fields[purchases]=multipay_payments_made")
    assert answer.get_json()["data"]["attributes"] == {"multipay_payments_made": 2}


def test_the_last_payment_completes_a_plan(view: View, door: Door) -> None:
    """With the last payment a plan is completed, and not with one less; it was updated now either way."""
    view.set_payments_made("123", 3)
    done = view.purchase("123")
    assert (done.status, done.updated_at) == ("completed", door.inner.now())
    view.set_payments_made("123", 1)
    assert view.status("123") == "active"


def test_the_act_does_the_same(view: View, door: Door) -> None:
    """A payment that an act makes is the next one, and has a transaction beside."""
    before = view.transactions("123")
    door.box.act("kajabi.pay_instalment", "123")
    assert view.plan("123") == Plan(2, 3)
    assert len(view.transactions("123")) == len(before) + 1


def test_transactions(view: View) -> None:
    """The payments of a purchase come as values, the earliest first."""
    first, second = view.transactions("202")
    at = datetime(2025, 6, 1, 9, 30, 0, 250000, tzinfo=UTC)
    assert first == Transaction("5003", "succeeded", 2900, at)
    assert second.created_at > first.created_at
    assert view.transactions("204") == []


def test_active(view: View, ask: Client) -> None:
    """A purchase is active until it is deactivated, and then again."""
    assert [purchase.id for purchase in view.purchases() if not purchase.active] == ["205"]
    ask("POST", "/v1/purchases/205/reactivate")
    assert view.purchase("205").active


@pytest.mark.parametrize(
    ("purchase", "made", "said"),
    [
        ("123", 4, "the plan has 3 payments; not 4"),
        ("123", -1, "the plan has 3 payments; not -1"),
        ("201", 1, "the purchase 201 is no payment plan"),
    ],
)
def test_plan_refuses(view: View, purchase: str, made: int, said: str) -> None:
    """No more payments are made than the plan has, and none where there is no plan."""
    before = view.purchase(purchase)
    with pytest.raises(ValueError, match=said):
        view.set_payments_made(purchase, made)
    assert view.purchase(purchase) == before


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda view: view.purchase("2011"), "there is no purchase '2011': did you mean '201'?"),
        (lambda view: view.status("2011"), "there is no purchase '2011': did you mean '201'?"),
        (lambda view: view.plan("2011"), "there is no purchase '2011': did you mean '201'?"),
        (lambda view: view.transactions("2011"), "there is no purchase '2011': did you mean '201'?"),
        (lambda view: view.set_payments_made("2011", 1), "there is no purchase '2011': did you mean '201'?"),
        (lambda view: view.purchases("nobody"), "there is no customer 'nobody': there are '4001', '4002'"),
    ],
)
def test_what_there_is_not_is_said_in_words(view: View, look: Callable[[View], object], said: str) -> None:
    """What does not exist is a KeyError that says what there is not, and what may be meant."""
    with pytest.raises(KeyError) as caught:
        look(view)
    assert caught.value.args == (said,)
