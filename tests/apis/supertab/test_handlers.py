"""Reading a purchase: the whole answer, and the status in every branch of its rule."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.client import Client

BRANCHES = {
    ids.LATER_ON_TAB: ("pay_later", "completed", "documented"),
    ids.NOW_PAID: ("pay_now", "completed", "documented"),
    ids.NOW_UNPAID: ("pay_now", "pending", "documented"),
    ids.LATER_PENDING: ("pay_later", "pending", "documented"),
    ids.SUBSCRIPTION_PAID: ("pay_now_subscription", "completed", "assumed"),
    ids.SUBSCRIPTION_UNPAID: ("pay_now_subscription", "pending", "assumed"),
    ids.NOW_PENDING: ("pay_now", "pending", "assumed"),
}


def retrieve(client: Client, purchase_id: str) -> Any:
    """Return the body of an answer that has to be a purchase."""
    answer = client("GET", f"/v1/purchases/{purchase_id}")
    assert answer.status_code == 200
    return answer.get_json()


def test_a_purchase_with_every_field_set(supertab: Client) -> None:
    """The answer is the purchase alone, with its 19 fields in the documented order."""
    answer = supertab("GET", f"/v1/purchases/{ids.ALL_SET}")
    expected = {
        "id": ids.ALL_SET,
        "created_at": "2023-11-05T10:00:30.000Z",
        "updated_at": "2023-11-05T10:00:30.000Z",
        "purchase_date": "2023-11-05T10:00:30.000Z",
        "merchant_id": "merchant.dddddddd-0000-4000-8000-000000000002",
        "summary": "The weekly, every week",
        "price": {"amount": 400, "currency": "EUR"},
        "sales_model": "subscription",
        "payment_model": "pay_now",
        "metadata": {"campaign": "autumn", "gift": False, "discount": 0.25},
        "attributed_to": "newsletter-autumn",
        "offering_id": "offering.cccccccc-0000-4000-8000-000000000005",
        "content_key": "weekly",
        "test_mode": True,
        "valid_from": "2023-11-05T10:01:00.000Z",
        "valid_to": "2023-11-12T10:01:00.000Z",
        "valid_timedelta": "1w",
        "recurring_details": {"billing_interval": "week", "interval_count": 1},
        "status": "completed",
    }
    body = answer.get_json()
    assert body == expected
    assert list(body) == list(expected)
    assert list(body["price"]) == ["amount", "currency"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_a_purchase_with_every_nullable_field_null(supertab: Client) -> None:
    """Fields that may be null are there, as null."""
    body = retrieve(supertab, ids.ALL_NULL)
    nulls = [name for name, value in body.items() if value is None]
    assert nulls == [
        "attributed_to",
        "content_key",
        "test_mode",
        "valid_from",
        "valid_to",
        "valid_timedelta",
        "recurring_details",
    ]
    assert body["metadata"] == {}
    assert body["status"] == "completed"


def test_test_mode_is_false_where_a_row_does_not_say(supertab: Client) -> None:
    """`test_mode` has the documented default."""
    assert retrieve(supertab, ids.LATER_ON_TAB)["test_mode"] is False


def test_metadata_is_given_back_as_it_is(supertab: Client) -> None:
    """Metadata is flat: text, numbers, booleans and null, in their own order."""
    metadata = retrieve(supertab, ids.LATER_ON_TAB)["metadata"]
    assert list(metadata.items()) == [
        ("article", "long-read-44"),
        ("words", 4200),
        ("featured", True),
        ("series", None),
    ]


def test_instants_are_in_milliseconds(supertab: Client) -> None:
    """Times are ISO 8601 with three digits after the second and a Z."""
    assert retrieve(supertab, ids.LATER_ON_TAB)["created_at"] == "2023-11-03T15:34:44.852Z"
    assert retrieve(supertab, ids.NOW_PAID)["created_at"] == "2023-11-03T15:35:01.200Z"


@pytest.mark.parametrize("purchase_id", BRANCHES)
def test_the_status_follows_the_rule(supertab: Client, purchase_id: str) -> None:
    """The four documented branches are documented; what no rule names is assumed."""
    answer = supertab("GET", f"/v1/purchases/{purchase_id}")
    body = answer.get_json()
    known = (body["payment_model"], body["status"], answer.headers["Mocktill-Basis"])
    assert known == BRANCHES[purchase_id]


def test_every_branch_and_sales_model_is_in_the_factory_state(supertab: Client) -> None:
    """The factory state has each sales model, each payment model, and both statuses that are set."""
    bodies = [retrieve(supertab, key) for key, _ in supertab.box.table("supertab.purchases").items()]
    assert {body["sales_model"] for body in bodies} == {
        "contribution",
        "single_purchase",
        "time_pass",
        "subscription",
    }
    assert {body["payment_model"] for body in bodies} == {"pay_now", "pay_later", "pay_now_subscription"}
    assert {body["status"] for body in bodies} == {"completed", "pending"}


def test_paying_the_tab_completes_its_purchase(supertab: Client, box: Sandbox) -> None:
    """A `pay_now` purchase completes when the row of its tab becomes paid."""
    box.change("supertab.tabs", ids.UNPAID_TAB, {"paid_at": "2026-03-02T12:00:00Z"})
    assert retrieve(supertab, ids.NOW_UNPAID)["status"] == "completed"


@pytest.mark.parametrize("status", ["open", "full", "closed"])
def test_a_tab_is_paid_when_its_payment_has_an_instant(supertab: Client, box: Sandbox, status: str) -> None:
    """Whether a tab is paid is said by `paid_at`, not by whether it is open, full or closed."""
    box.change("supertab.tabs", ids.UNPAID_TAB, {"status": status})
    assert retrieve(supertab, ids.NOW_UNPAID)["status"] == "pending"
    box.change("supertab.tabs", ids.PAID_TAB, {"status": status})
    assert retrieve(supertab, ids.NOW_PAID)["status"] == "completed"


def test_taking_a_payment_back_makes_the_purchase_pending(supertab: Client, box: Sandbox) -> None:
    """The status is never kept: it follows the tab in both directions."""
    box.change("supertab.tabs", ids.PAID_TAB, {"paid_at": None})
    assert retrieve(supertab, ids.NOW_PAID)["status"] == "pending"


def test_a_tab_that_is_not_kept_is_not_paid(supertab: Client, box: Sandbox) -> None:
    """A purchase whose tab has no row is on an unpaid tab."""
    row = box.table("supertab.purchases").get(ids.NOW_PAID)
    assert row is not None
    with box.changing():
        box.table("supertab.purchases").put(ids.NOW_PAID, {**row, "tab_id": ids.tab(99)})
    assert retrieve(supertab, ids.NOW_PAID)["status"] == "pending"


def test_adding_to_a_tab_completes_a_pay_later_purchase(supertab: Client, box: Sandbox) -> None:
    """A `pay_later` purchase completes as soon as it is on a tab, paid or not."""
    box.change("supertab.purchases", ids.LATER_PENDING, {"tab_id": ids.OPEN_TAB})
    assert retrieve(supertab, ids.LATER_PENDING)["status"] == "completed"


def test_adding_to_an_unpaid_tab_leaves_a_pay_now_purchase_pending(supertab: Client, box: Sandbox) -> None:
    """A `pay_now` purchase stays pending on an unpaid tab, and is now in a documented branch."""
    box.change("supertab.purchases", ids.NOW_PENDING, {"tab_id": ids.UNPAID_TAB})
    answer = supertab("GET", f"/v1/purchases/{ids.NOW_PENDING}")
    assert answer.get_json()["status"] == "pending"
    assert answer.headers["Mocktill-Basis"] == "documented"


def rows(box: Sandbox) -> dict[str, Any]:
    """Return the rows of Supertab's own tables."""
    return {name: of for name, of in box.store.rows().items() if name.startswith("supertab.")}


def test_reading_changes_nothing(supertab: Client, box: Sandbox) -> None:
    """Reading a purchase writes no row, and the journal says which choices decided."""
    before = rows(box)
    retrieve(supertab, ids.LATER_ON_TAB)
    assert rows(box) == before
    assert supertab.entry.operation == "retrieve_purchase"
    assert supertab.entry.changes == ()
    assert supertab.entry.choices == ()
    assert supertab.entry.violations == ()


def test_an_unknown_purchase(supertab: Client) -> None:
    """An id that no purchase has is 404, and the journal names it."""
    answer = supertab("GET", f"/v1/purchases/{ids.UNKNOWN}")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": {"message": "Purchase not found", "code": "purchase_not_found"}}
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert any(ids.UNKNOWN in note for note in supertab.entry.notes)
