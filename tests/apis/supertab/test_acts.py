"""What happens at Supertab without a request: tabs are paid, purchases complete, subscriptions are charged again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.apis.supertab.shop import access, bought, buy, status
from tests.client import Client


def test_a_poller_sees_a_purchase_complete(reader: Client, box: Sandbox) -> None:
    """Whoever asks again and again finds a purchase pending until its tab was paid elsewhere."""
    tab = buy(reader, ids.DAY_PASS)[1]["tab"]
    purchase = tab["purchases"][0]["id"]
    assert [status(reader, purchase) for _ in range(3)] == ["pending"] * 3
    sentence = box.act("supertab.pay_tab", tab["id"])
    assert sentence == f"{tab['id']} was paid, which completed {purchase}"
    assert status(reader, purchase) == "completed"


def test_paying_twice(reader: Client, box: Sandbox) -> None:
    """A tab that is paid stays as it is, and the sentence says since when."""
    box.act("supertab.pay_tab", ids.FULL_TAB)
    row = box.table("supertab.tabs").get(ids.FULL_TAB)
    assert box.act("supertab.pay_tab", ids.FULL_TAB).endswith("was paid already, at 2026-03-02T12:00:00.000000Z")
    assert box.table("supertab.tabs").get(ids.FULL_TAB) is row


def test_the_same_as_the_request(box: Sandbox, reader: Client) -> None:
    """Paid by an act or by a request, a tab makes room for what waited."""
    full = buy(reader, ids.REPORT)[1]["tab"]
    buy(reader, ids.MAGAZINE)
    assert access(reader, "magazine") is None
    box.act("supertab.pay_tab", full["id"])
    assert access(reader, "magazine") is not None


@pytest.mark.parametrize("key", [ids.LATER_PENDING, ids.NOW_PENDING, ids.NOW_UNPAID, ids.SUBSCRIPTION_UNPAID])
def test_completing_a_purchase(supertab: Client, box: Sandbox, key: str) -> None:
    """Whatever it waits for, it completes: it is put on its user's tab, and that is paid if need be."""
    assert status(supertab, key) == "pending"
    assert box.act("supertab.complete_purchase", key) == f"{key} was completed"
    assert status(supertab, key) == "completed"
    row = box.table("supertab.purchases").get(key) or {}
    tab = box.table("supertab.tabs").get(row["tab_id"]) or {}
    assert (tab["paid_at"] is None) is (key == ids.LATER_PENDING)
    with pytest.raises(ValueError, match="is completed already"):
        box.act("supertab.complete_purchase", key)


def test_completing_what_waits_for_a_full_tab(reader: Client, box: Sandbox) -> None:
    """What waits goes on the tab although that is full, and is not added once more when it is paid."""
    full = buy(reader, ids.REPORT)[1]["tab"]
    buy(reader, ids.MAGAZINE)
    (key,) = [key for key, row in box.table("supertab.purchases").items() if row.get("waiting")]
    box.act("supertab.complete_purchase", key)
    tab = reader("GET", f"/v1/tabs/{full['id']}").get_json()
    assert ([purchase["id"] for purchase in tab["purchases"]][1:], tab["total"]) == ([key], 600)
    box.act("supertab.pay_tab", full["id"])
    assert len(reader("GET", "/v1/tabs").get_json()["data"]) == 1


def test_what_cannot_be_completed(box: Sandbox) -> None:
    """A purchase that has no status, and one whose tab is gone, are refused in words."""
    box.choices["supertab.pay_now_subscription_status"] = "null"
    with pytest.raises(ValueError, match="has no status"):
        box.act("supertab.complete_purchase", ids.SUBSCRIPTION_UNPAID)
    with box.changing():
        box.table("supertab.tabs").delete(ids.UNPAID_TAB)
    with pytest.raises(ValueError, match="which there is not"):
        box.act("supertab.complete_purchase", ids.NOW_UNPAID)


def test_a_subscription_is_charged_again(reader: Client, box: Sandbox) -> None:
    """Each charge adds an interval, by the calendar from the first day on."""
    box.clock.travel_to(datetime(2026, 1, 31, 12, tzinfo=UTC))
    key = bought(reader, ids.MONTHLY, "EUR")["id"]
    with pytest.raises(ValueError, match="is no subscription that was completed"):
        box.act("supertab.renew_subscription", key)
    box.act("supertab.complete_purchase", key)
    ends = [access(reader, "archive")["valid_to"]]
    for _ in range(3):
        box.act("supertab.renew_subscription", key)
        ends.append(access(reader, "archive")["valid_to"])
    assert [datetime.fromtimestamp(end, UTC).strftime("%d.%m.") for end in ends] == [
        "28.02.",
        "31.03.",
        "30.04.",
        "31.05.",
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"valid_timedelta": "0d"}, "cannot go on"),
        ({"valid_to": "9999-12-31T23:59:59.000000Z"}, "cannot go on"),
        ({"valid_to": None}, "no subscription that was completed"),
    ],
)
def test_what_cannot_go_on(box: Sandbox, fields: dict[str, str | None], said: str) -> None:
    """A subscription that lasts no time, or to the end of the calendar, is refused in words."""
    box.change("supertab.purchases", ids.ALL_SET, fields)
    with pytest.raises(ValueError, match=said):
        box.act("supertab.renew_subscription", ids.ALL_SET)


def test_a_subscription_that_ends_far_off(box: Sandbox) -> None:
    """However many intervals there are until then, the next end is found, and none is beyond the calendar."""
    box.change("supertab.purchases", ids.ALL_SET, {"valid_to": "9998-12-31T00:00:00.000000Z"})
    assert box.act("supertab.renew_subscription", ids.ALL_SET).endswith("goes on until 9999-01-03T10:01:00.000000Z")
    longest = {"billing_interval": "year", "interval_count": 10**12}
    box.change("supertab.purchases", ids.ALL_SET, {"valid_timedelta": None, "recurring_details": longest})
    assert box.act("supertab.renew_subscription", ids.ALL_SET).endswith("goes on until 9999-12-31T23:59:59.000000Z")


def test_only_a_subscription_is_charged_again(box: Sandbox) -> None:
    """What does not recur is refused in words."""
    with pytest.raises(ValueError, match="is no subscription"):
        box.act("supertab.renew_subscription", ids.NOW_PAID)


@pytest.mark.parametrize(
    ("name", "key", "what"),
    [
        ("pay_tab", ids.tab(99), "tab"),
        ("complete_purchase", ids.UNKNOWN, "purchase"),
        ("renew_subscription", ids.UNKNOWN, "purchase"),
    ],
)
def test_unknown_keys(box: Sandbox, name: str, key: str, what: str) -> None:
    """A key that there is not is a KeyError in words."""
    with pytest.raises(KeyError, match=f"there is no {what} '{key}'"):
        box.act(f"supertab.{name}", key)
