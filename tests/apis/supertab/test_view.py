"""What a test author does with Supertab: look at a status, pay a tab, add a purchase to one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocktill.apis.supertab.view import View
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.client import Client


@pytest.fixture
def view(box: Sandbox) -> View:
    """The domain of Supertab in the sandbox."""
    view: View = box.view("supertab")
    return view


def test_status_is_the_wire_s(view: View, supertab: Client, box: Sandbox) -> None:
    """The view derives the same status as an answer has, for every purchase."""
    for key, row in box.table("supertab.purchases").items():
        assert view.purchase(key) is row
        assert view.status(key) == supertab("GET", f"/v1/purchases/{key}").get_json()["status"]


def test_status_only_reads(view: View, box: Sandbox) -> None:
    """A status can be read while rows are being changed, and is no part of another request's decisions."""
    used = list(box.backend("supertab").used)
    with box.changing() as changes:
        statuses = [view.status(key) for key, _ in box.table("supertab.purchases").items()]
    assert {"completed", "pending"} <= set(statuses)
    assert [change for change in changes.changes if change.table.startswith("supertab.")] == []
    assert box.backend("supertab").used == used


def test_status_heeds_the_choices(view: View, box: Sandbox) -> None:
    """What a choice decides on the wire it decides here, also with what holds where nobody chose."""
    assert view.status(ids.NOW_PENDING) == "pending"
    for value, status in (("null", None), ("pending", "pending")):
        box.choices["supertab.pay_now_pending_status"] = value
        assert view.status(ids.NOW_PENDING) == status


def test_paying_a_tab(view: View, box: Sandbox) -> None:
    """Paying closes the tab at the sandbox's instant and completes what is on it."""
    box.clock.freeze(datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    assert view.status(ids.NOW_UNPAID) == "pending"
    view.pay_tab(ids.UNPAID_TAB)
    tab = view.tab(ids.UNPAID_TAB)
    assert (tab["status"], tab["paid_at"]) == ("closed", "2026-05-01T09:30:00.000000Z")
    assert tab["updated_at"] == tab["paid_at"]
    assert view.status(ids.NOW_UNPAID) == "completed"


def test_paying_twice_is_paying_once(view: View, box: Sandbox) -> None:
    """A tab that is paid keeps its instant."""
    view.pay_tab(ids.UNPAID_TAB)
    paid = view.tab(ids.UNPAID_TAB)
    box.clock.advance(hours=1)
    view.pay_tab(ids.UNPAID_TAB)
    assert view.tab(ids.UNPAID_TAB) == paid


def test_adding_to_a_tab(view: View, supertab: Client) -> None:
    """A pending `pay_later` purchase completes on a tab, and has changed at the sandbox's instant."""
    view.add_to_tab(ids.LATER_PENDING, ids.OPEN_TAB)
    assert view.status(ids.LATER_PENDING) == "completed"
    body = supertab("GET", f"/v1/purchases/{ids.LATER_PENDING}").get_json()
    assert (body["status"], body["updated_at"]) == ("completed", "2026-03-02T12:00:00.000Z")
    assert body["created_at"] == "2023-11-04T09:20:00.000Z"


def test_purchases_on_a_tab(view: View) -> None:
    """What is on a tab is listed oldest first, whatever its payment model."""
    assert view.purchases_on(ids.OPEN_TAB) == [ids.ALL_NULL, ids.LATER_ON_TAB]
    view.add_to_tab(ids.NOW_PENDING, ids.OPEN_TAB)
    assert view.purchases_on(ids.OPEN_TAB) == [ids.ALL_NULL, ids.LATER_ON_TAB, ids.NOW_PENDING]
    assert view.purchases_on(ids.tab(99)) == []


def test_what_cannot_be_added(view: View) -> None:
    """A purchase that is on a tab stays there, and nothing is added to a closed tab."""
    with pytest.raises(ValueError, match=f"is on {ids.OPEN_TAB} already"):
        view.add_to_tab(ids.LATER_ON_TAB, ids.UNPAID_TAB)
    with pytest.raises(ValueError, match="is closed"):
        view.add_to_tab(ids.LATER_PENDING, ids.PAID_TAB)
    assert view.purchase(ids.LATER_PENDING)["tab_id"] is None


def test_what_does_not_exist(view: View, box: Sandbox) -> None:
    """What is not there is a KeyError that names it, and nothing has changed."""
    before = box.store.rows()
    for ask in (
        lambda: view.purchase(ids.UNKNOWN),
        lambda: view.status(ids.UNKNOWN),
        lambda: view.tab(ids.tab(99)),
        lambda: view.pay_tab(ids.tab(99)),
        lambda: view.add_to_tab(ids.UNKNOWN, ids.OPEN_TAB),
        lambda: view.add_to_tab(ids.LATER_PENDING, ids.tab(99)),
    ):
        with pytest.raises(KeyError, match=r"purchase\.|tab\."):
            ask()
    assert box.store.rows() == before
