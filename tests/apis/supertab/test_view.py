"""What a test author does with Supertab, in this process and over HTTP: look at a status, pay a tab, add to one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mocktill.apis.supertab.view import Offering, Purchase, Tab, View
from mocktill.core.sandbox import Sandbox
from tests.apis.conftest import Door
from tests.apis.supertab import ids
from tests.client import Client
from tests.conftest import NOW


@pytest.fixture
def view(door: Door) -> View:
    """The domain of Supertab in a fresh sandbox, here or on a server."""
    view: View = door.box.view("supertab")
    return view


@pytest.fixture
def supertab(door: Door) -> Client:
    """A client of the same sandbox."""
    return Client(door.inner, "supertab", {"Authorization": "Bearer token-test"})


def test_a_purchase_is_a_value(view: View) -> None:
    """A purchase has its status, its amount in minor units, what it is on, and its instants in UTC."""
    at = datetime(2023, 11, 5, 10, 0, 30, tzinfo=UTC)
    assert view.purchase(ids.ALL_SET) == Purchase(
        id=ids.ALL_SET,
        status="completed",
        summary="The weekly, every week",
        amount=400,
        currency="EUR",
        sales_model="subscription",
        payment_model="pay_now",
        offering_id="offering.cccccccc-0000-4000-8000-000000000005",
        content_key="weekly",
        metadata={"campaign": "autumn", "gift": False, "discount": 0.25},
        tab_id=ids.tab(4),
        purchase_date=at,
        valid_from=datetime(2023, 11, 5, 10, 1, tzinfo=UTC),
        valid_to=datetime(2023, 11, 12, 10, 1, tzinfo=UTC),
        created_at=at,
        updated_at=at,
    )
    assert view.purchase(ids.ALL_SET).created_at.tzinfo is UTC
    bare = view.purchase(ids.LATER_PENDING)
    assert (bare.tab_id, bare.content_key, bare.metadata, bare.valid_from) == (None, None, {}, None)


def test_a_tab_is_a_value(view: View, door: Door) -> None:
    """A tab has its status, its limit in minor units, and when it was paid; what nobody said of it is None."""
    assert view.tab(ids.UNPAID_TAB) == Tab(
        id=ids.UNPAID_TAB,
        status="full",
        paid_at=None,
        total=500,
        limit=500,
        currency="USD",
        payment_model="pay_now",
        user_id="user.eeeeeeee-0000-4000-8000-000000000002",
        merchant_id="merchant.dddddddd-0000-4000-8000-000000000001",
        created_at=datetime(2023, 11, 4, 8, 12, tzinfo=UTC),
        updated_at=datetime(2023, 11, 4, 8, 12, 30, 500000, tzinfo=UTC),
    )
    assert view.tab(ids.PAID_TAB).paid_at == datetime(2023, 11, 3, 15, 36, 10, 7000, tzinfo=UTC)
    with door.inner.changing():
        door.inner.table("supertab.tabs").put(ids.tab(7), {"status": "open", "paid_at": None})
    assert view.tab(ids.tab(7)) == Tab(ids.tab(7), "open", None, 0, None, None, None, None, None, None, None)


def test_everything_is_listed(view: View) -> None:
    """Purchases are listed earliest first, tabs by id."""
    purchases = view.purchases()
    assert [purchase.purchase_date for purchase in purchases] == sorted(each.purchase_date for each in purchases)
    assert {purchase.id for purchase in purchases} == {ids.purchase(number) for number in range(1, 11)}
    assert [tab.id for tab in view.tabs()] == [ids.tab(number) for number in range(1, 7)]


def test_an_offering_is_a_value(view: View) -> None:
    """An offering has its prices by currency, in minor units, and how long it lasts; all are listed by id."""
    assert view.offering(ids.MAGAZINE) == Offering(
        id=ids.MAGAZINE,
        summary="A day of the magazine",
        prices={"USD": 100, "EUR": 95},
        sales_model="time_pass",
        payment_model="pay_later",
        content_key="magazine",
        valid_timedelta="1d",
        merchant_id="merchant.dddddddd-0000-4000-8000-000000000001",
    )
    assert [offering.id for offering in view.offerings()] == [ids.offering(number) for number in range(1, 11)]


def test_status_is_the_wires(view: View, supertab: Client) -> None:
    """The view derives the same status as an answer has, for every purchase."""
    for purchase in view.purchases():
        answered = supertab("GET", f"/v1/purchases/{purchase.id}").get_json()["status"]
        assert view.status(purchase.id) == purchase.status == answered


def test_status_only_reads(box: Sandbox) -> None:
    """A status can be read while rows are being changed, and is no part of another request's decisions."""
    view, used = box.view("supertab"), list(box.backend("supertab").used)
    with box.changing() as changes:
        statuses = [view.status(key) for key, _ in box.table("supertab.purchases").items()]
    assert {"completed", "pending"} <= set(statuses)
    assert [change for change in changes.changes if change.table.startswith("supertab.")] == []
    assert box.backend("supertab").used == used


def test_status_heeds_the_choices(view: View, door: Door) -> None:
    """What a choice decides on the wire it decides here, also with what holds where nobody chose."""
    assert view.status(ids.NOW_PENDING) == "pending"
    for value, status in (("null", None), ("pending", "pending")):
        door.box.choices["supertab.pay_now_pending_status"] = value
        assert view.status(ids.NOW_PENDING) == status


def test_paying_a_tab(view: View, door: Door) -> None:
    """Paying closes the tab at the sandbox's instant and completes what is on it."""
    door.box.clock.freeze(datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    assert view.status(ids.NOW_UNPAID) == "pending"
    view.pay_tab(ids.UNPAID_TAB)
    tab = view.tab(ids.UNPAID_TAB)
    assert (tab.status, tab.paid_at) == ("closed", datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    assert tab.updated_at == tab.paid_at
    assert view.status(ids.NOW_UNPAID) == "completed"


def test_paying_twice_is_paying_once(view: View, door: Door) -> None:
    """A tab that is paid keeps its instant."""
    view.pay_tab(ids.UNPAID_TAB)
    paid = view.tab(ids.UNPAID_TAB)
    door.box.clock.advance(hours=1)
    view.pay_tab(ids.UNPAID_TAB)
    assert view.tab(ids.UNPAID_TAB) == paid


def test_paying_a_tab_makes_room(view: View, supertab: Client) -> None:
    """What waited for a full tab is completed on the next one when that is paid, as it is by a request."""
    token = {"Authorization": "token-full-tab"}
    answer = supertab("POST", f"/v1/purchase/{ids.MAGAZINE}?currency=USD", headers=token)
    assert answer.get_json()["detail"]["item_added"] is False
    (waiting,) = [purchase for purchase in view.purchases() if purchase.offering_id == ids.MAGAZINE]
    assert (waiting.status, waiting.tab_id, view.tab(ids.FULL_TAB).total) == ("pending", None, 500)
    view.pay_tab(ids.FULL_TAB)
    added = view.purchase(waiting.id)
    assert (added.status, added.valid_to) == ("completed", datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert added.tab_id is not None
    tab = view.tab(added.tab_id)
    assert (tab.status, tab.total, tab.merchant_id) == ("open", 100, view.tab(ids.FULL_TAB).merchant_id)


def test_adding_fills_a_tab(view: View) -> None:
    """What brings a tab over its limit makes it full."""
    assert (view.tab(ids.OPEN_TAB).total, view.tab(ids.OPEN_TAB).status) == (50, "open")
    view.add_to_tab(ids.LATER_PENDING, ids.OPEN_TAB)
    assert (view.tab(ids.OPEN_TAB).total, view.tab(ids.OPEN_TAB).status) == (350, "open")
    view.add_to_tab(ids.NOW_PENDING, ids.OPEN_TAB)
    assert (view.tab(ids.OPEN_TAB).total, view.tab(ids.OPEN_TAB).status) == (450, "open")


def test_adding_to_a_tab(view: View, supertab: Client) -> None:
    """A pending `pay_later` purchase completes on a tab, and has changed at the sandbox's instant."""
    view.add_to_tab(ids.LATER_PENDING, ids.OPEN_TAB)
    added = view.purchase(ids.LATER_PENDING)
    assert (added.status, added.tab_id, added.updated_at) == ("completed", ids.OPEN_TAB, NOW)
    body = supertab("GET", f"/v1/purchases/{ids.LATER_PENDING}").get_json()
    assert (body["status"], body["updated_at"]) == ("completed", "2026-03-02T12:00:00.000Z")
    assert body["created_at"] == "2023-11-04T09:20:00.000Z"


def test_purchases_on_a_tab(view: View) -> None:
    """What is on a tab is listed earliest first, whatever its payment model."""

    def listed() -> list[str]:
        return [purchase.id for purchase in view.purchases_on(ids.OPEN_TAB)]

    assert listed() == [ids.ALL_NULL, ids.LATER_ON_TAB]
    view.add_to_tab(ids.NOW_PENDING, ids.OPEN_TAB)
    assert listed() == [ids.ALL_NULL, ids.LATER_ON_TAB, ids.NOW_PENDING]
    assert view.purchases_on(ids.OPEN_TAB)[0] == view.purchase(ids.ALL_NULL)


def test_what_cannot_be_added(view: View) -> None:
    """A purchase that is on a tab stays there, and nothing is added to a closed tab."""
    with pytest.raises(ValueError, match=f"is on {ids.OPEN_TAB} already"):
        view.add_to_tab(ids.LATER_ON_TAB, ids.UNPAID_TAB)
    with pytest.raises(ValueError, match="is closed"):
        view.add_to_tab(ids.LATER_PENDING, ids.PAID_TAB)
    assert view.purchase(ids.LATER_PENDING).tab_id is None


@pytest.mark.parametrize(
    ("look", "missing"),
    [
        (lambda view: view.purchase(ids.UNKNOWN), f"purchase {ids.UNKNOWN!r}"),
        (lambda view: view.status(ids.UNKNOWN), f"purchase {ids.UNKNOWN!r}"),
        (lambda view: view.offering(ids.offering(99)), f"offering {ids.offering(99)!r}"),
        (lambda view: view.tab(ids.tab(99)), f"tab {ids.tab(99)!r}"),
        (lambda view: view.purchases_on(ids.tab(99)), f"tab {ids.tab(99)!r}"),
        (lambda view: view.pay_tab(ids.tab(99)), f"tab {ids.tab(99)!r}"),
        (lambda view: view.add_to_tab(ids.UNKNOWN, ids.OPEN_TAB), f"purchase {ids.UNKNOWN!r}"),
        (lambda view: view.add_to_tab(ids.LATER_PENDING, ids.tab(99)), f"tab {ids.tab(99)!r}"),
    ],
)
def test_what_there_is_not_is_said_in_words(
    view: View, door: Door, look: Callable[[Any], object], missing: str
) -> None:
    """What does not exist is a KeyError that says what there is not and what may be meant, and nothing has changed."""
    before = door.inner.store.rows()
    with pytest.raises(KeyError) as caught:
        look(view)
    assert caught.value.args[0].startswith(f"there is no {missing}: did you mean '{missing.partition(' ')[0]}.")
    assert door.inner.store.rows() == before
