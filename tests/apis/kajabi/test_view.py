"""What a test author sees of Kajabi."""

from __future__ import annotations

import pytest

from mocktill.apis.kajabi.view import Plan, View
from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.fixture
def view(box: Sandbox) -> View:
    """The view of Kajabi in the sandbox."""
    found = box.view("kajabi")
    assert isinstance(found, View)
    return found


def test_purchases(view: View) -> None:
    """Purchases are found by id and by customer, the earliest first."""
    assert view.purchase("123")["amount_in_cents"] == 19900
    assert view.purchases("4001") == ["123", "201", "204", "208"]
    assert view.purchases("nobody") == []
    with pytest.raises(KeyError):
        view.purchase("999")


def test_status(view: View) -> None:
    """The status is the one that would be answered."""
    assert view.status("207") == "failed"
    assert view.status("203") == "completed"


def test_plan(view: View, ask: Client) -> None:
    """A payment plan moves on, and the next answer says so."""
    assert view.plan("123") == Plan(1, 3)
    view.set_payments_made("123", 2)
    answer = ask("GET", "/v1/purchases/123?fields[purchases]=multipay_payments_made")
    assert answer.get_json()["data"]["attributes"] == {"multipay_payments_made": 2}


@pytest.mark.parametrize(("purchase", "made"), [("123", 4), ("123", -1), ("201", 1)])
def test_plan_refuses(view: View, purchase: str, made: int) -> None:
    """No more payments are made than the plan has, and none where there is no plan."""
    before = view.purchase(purchase)
    with pytest.raises(ValueError):
        view.set_payments_made(purchase, made)
    assert view.purchase(purchase) is before
