"""Buying offerings: tabs that fill, what waits for them, and what has to be paid at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.apis.supertab.shop import access, bought, buy, error, pay, status
from tests.client import Client

BUY = f"/v1/purchase/{ids.MAGAZINE}"


def fill(client: Client) -> Any:
    """Fill the tab of a user; return it."""
    code, body = buy(client, ids.REPORT)
    assert (code, body["tab"]["status"]) == (402, "full")
    return body["tab"]


def test_the_first_purchase_opens_a_tab(reader: Client) -> None:
    """A user without a tab gets one with the usual limit, and the purchase is on it, completed, with its metadata."""
    code, body = buy(reader, ids.MAGAZINE, page="spring", words=850, gift=False, series=None)
    assert code == 201
    assert list(body) == ["tab", "detail"]
    tab = body["tab"]
    assert {name: tab[name] for name in ("merchant_id", "user_id", "status", "paid_at", "total", "limit")} == {
        "merchant_id": "merchant.dddddddd-0000-4000-8000-000000000001",
        "user_id": ids.user(4),
        "status": "open",
        "paid_at": None,
        "total": 100,
        "limit": 500,
    }
    (purchase,) = tab["purchases"]
    assert purchase["metadata"] == {"page": "spring", "words": 850, "gift": False, "series": None}
    assert (purchase["status"], purchase["valid_from"], purchase["valid_to"]) == (
        "completed",
        "2026-03-02T12:00:00.000Z",
        "2026-03-03T12:00:00.000Z",
    )
    assert reader("GET", f"/v1/purchases/{purchase['id']}").get_json() == purchase
    assert reader("GET", f"/v1/tabs/{tab['id']}").get_json() == tab
    assert reader.entry.basis == "observed"


def test_a_tab_fills_is_paid_and_its_access_ends(reader: Client, box: Sandbox) -> None:
    """A tab fills until 402, paying completes all that is on it, and access is given and ends with its time."""
    answers = [buy(reader, ids.MAGAZINE, number=number) for number in range(5)]
    assert [code for code, _ in answers] == [201, 201, 201, 201, 402]
    assert len({body["tab"]["id"] for _, body in answers}) == 1
    full = answers[-1][1]["tab"]
    assert (full["status"], full["total"]) == ("full", 500)
    assert [purchase["metadata"]["number"] for purchase in full["purchases"]] == [0, 1, 2, 3, 4]

    closed = pay(reader, full["id"])
    assert (closed["status"], closed["paid_at"]) == ("closed", "2026-03-02T12:00:00.000Z")
    assert [status(reader, purchase["id"]) for purchase in closed["purchases"]] == ["completed"] * 5
    granted = access(reader, "magazine")
    assert granted == {
        "status": "Granted",
        "content_key": "magazine",
        "valid_to": int(datetime(2026, 3, 3, 12, tzinfo=UTC).timestamp()),
        "subscription_id": None,
    }
    box.clock.advance(hours=23, minutes=59, seconds=59)
    assert access(reader, "magazine") == granted
    box.clock.advance(seconds=1)
    assert access(reader, "magazine") is None


def test_what_is_bought_on_a_full_tab_waits(reader: Client) -> None:
    """It is not added and pending, until the tab is paid: then it goes on the next one, in the order of buying."""
    full = fill(reader)
    for number in range(6):
        code, body = buy(reader, ids.MAGAZINE, number=number)
        assert (code, body["detail"]) == (402, {"item_added": False, "purchase_outcome": None})
        assert body["tab"] == full
    waiting = [key for key, row in reader.box.table("supertab.purchases").items() if row.get("waiting")]
    assert [status(reader, key) for key in waiting] == ["pending"] * 6
    assert access(reader, "magazine") is None

    assert pay(reader, full["id"])["total"] == 500
    second = reader("GET", "/v1/tabs?limit=1&is_active=true").get_json()["data"][0]
    assert (second["status"], second["total"], second["id"] == full["id"]) == ("full", 500, False)
    assert [purchase["metadata"]["number"] for purchase in second["purchases"]] == [0, 1, 2, 3, 4]
    assert sorted(status(reader, key) for key in waiting) == ["completed"] * 5 + ["pending"]
    assert access(reader, "magazine") is not None

    pay(reader, second["id"])
    third = reader("GET", "/v1/tabs?limit=1&is_active=true").get_json()["data"][0]
    assert (third["status"], [purchase["metadata"]["number"] for purchase in third["purchases"]]) == ("open", [5])


def test_what_waits_goes_first(reader: Client, box: Sandbox) -> None:
    """Where a row was edited to pay the tab, the next purchase puts what waited on the new tab before itself."""
    full = fill(reader)
    buy(reader, ids.MAGAZINE, number=1)
    box.change("supertab.tabs", full["id"], {"status": "closed", "paid_at": "2026-03-02T12:00:00.000000Z"})
    code, body = buy(reader, ids.MAGAZINE, number=2)
    assert (code, [purchase["metadata"]["number"] for purchase in body["tab"]["purchases"]]) == (201, [1, 2])


def test_tabs_are_of_one_currency(reader: Client) -> None:
    """Another currency goes on another tab."""
    assert buy(reader, ids.REPORT)[0] == 402
    code, body = buy(reader, ids.MAGAZINE, "EUR")
    assert (code, body["tab"]["currency"], body["tab"]["total"]) == (201, "EUR", 95)


def test_users_have_tabs_of_their_own(reader: Client, supertab: Client) -> None:
    """A full tab of one user stops no other; a token that names no user buys as the first one."""
    fill(reader)
    code, body = buy(supertab, ids.MAGAZINE)
    assert (code, body["tab"]["id"], body["tab"]["user_id"]) == (201, ids.OPEN_TAB, ids.user(1))
    assert body["tab"]["total"] == 150


def test_pay_now_is_pending_until_it_is_paid(reader: Client, box: Sandbox) -> None:
    """It is on a tab of its own that has to be paid; what it gives begins when that happens."""
    code, body = buy(reader, ids.DAY_PASS)
    tab, purchase = body["tab"], body["tab"]["purchases"][0]
    assert (code, tab["payment_model"], tab["status"], tab["total"]) == (402, "pay_now", "full", 150)
    assert (status(reader, purchase["id"]), access(reader, "site")) == ("pending", None)
    box.clock.advance(hours=5)
    assert pay(reader, tab["id"])["purchases"][0]["status"] == "completed"
    assert access(reader, "site")["valid_to"] == int(datetime(2026, 3, 3, 17, tzinfo=UTC).timestamp())
    assert status(reader, purchase["id"]) == "completed"


@pytest.mark.parametrize(("value", "tabs"), [("own", 2), ("shared", 1)])
def test_pay_now_tab(reader: Client, box: Sandbox, value: str, tabs: int) -> None:
    """A second one gets a tab of its own as well, or goes on the one that is not paid."""
    box.choices["supertab.pay_now_tab"] = value
    found = {buy(reader, ids.DAY_PASS)[1]["tab"]["id"] for _ in range(2)}
    assert len(found) == tabs


@pytest.mark.parametrize(("value", "code", "tab"), [("full", 402, "full"), ("open", 201, "open")])
def test_limit_reached(reader: Client, box: Sandbox, value: str, code: int, tab: str) -> None:
    """A tab that is exactly at its limit is full, or only one over it."""
    box.choices["supertab.limit_reached"] = value
    answered, body = buy(reader, ids.REPORT)
    assert (answered, body["tab"]["status"], reader.entry.basis) == (code, tab, "assumed")


def test_over_the_limit_no_choice_decides(reader: Client) -> None:
    """What goes over the limit fills the tab, as is observed."""
    buy(reader, ids.LONG_READ)
    code, body = buy(reader, ids.REPORT)
    assert (code, body["tab"]["total"], body["tab"]["status"], reader.entry.basis) == (402, 550, "full", "observed")


def test_full_tab(reader: Client, box: Sandbox) -> None:
    """By choice a full tab takes more, which completes."""
    box.choices["supertab.full_tab"] = "add"
    full = fill(reader)
    code, body = buy(reader, ids.MAGAZINE)
    assert (code, body["tab"]["id"], body["tab"]["total"], body["detail"]["item_added"]) == (402, full["id"], 600, True)
    assert status(reader, body["tab"]["purchases"][-1]["id"]) == "completed"


@pytest.mark.parametrize(("value", "more"), [("null", {"purchase_outcome": None}), ("omitted", {})])
def test_outcome_of_waiting(reader: Client, box: Sandbox, value: str, more: dict[str, None]) -> None:
    """What was not added has an outcome of null, or none."""
    box.choices["supertab.outcome_of_waiting"] = value
    fill(reader)
    assert buy(reader, ids.MAGAZINE)[1]["detail"] == {"item_added": False, **more}


@pytest.mark.parametrize(
    ("query", "choice", "code"),
    [("", "missing_currency", "missing"), ("?currency=JPY", "unpriced_currency", "invalid")],
)
def test_a_currency_that_is_missing_or_has_no_price(
    reader: Client, box: Sandbox, query: str, choice: str, code: str
) -> None:
    """Without a currency, or in one without a price, nothing is bought, or in the first currency of the offering."""
    assert error(reader, "POST", BUY + query, json={}) == (422, ("query -> currency", code))
    assert reader.entry.changes == ()
    box.choices[f"supertab.{choice}"] = "offering"
    answer = reader("POST", BUY + query, json={})
    assert (answer.status_code, answer.get_json()["tab"]["currency"]) == (201, "USD")
    assert reader.entry.basis == "assumed"


@pytest.mark.parametrize("currency", ["usd", "", "US", "DOLLAR", "U$D", "USD%0A"])
def test_what_is_no_currency(reader: Client, currency: str) -> None:
    """A currency is three capital letters."""
    found = error(reader, "POST", f"{BUY}?currency={currency}", json={})
    assert found == (422, ("query -> currency", "invalid"))


def test_an_unknown_offering(reader: Client) -> None:
    """An offering that there is not is 404 with a code of its own."""
    assert error(reader, "POST", f"/v1/purchase/{ids.offering(99)}?currency=USD", json={}) == (
        404,
        "offering_not_found",
    )


@pytest.mark.parametrize("value", [[], "text", 7, None, {"nested": {"a": 1}}, {"list": [1]}])
def test_metadata_is_flat(reader: Client, value: object) -> None:
    """Metadata is an object of text, numbers, booleans and null."""
    code, (attribute, _) = error(reader, "POST", f"{BUY}?currency=USD", json={"metadata": value})
    assert (code, attribute.startswith("body -> metadata")) == (422, True)


def test_a_purchase_without_a_body(reader: Client) -> None:
    """Metadata may be left out, and the body with it."""
    answer = reader("POST", f"{BUY}?currency=USD")
    assert (answer.status_code, answer.get_json()["tab"]["purchases"][0]["metadata"]) == (201, {})


def test_paying_twice(reader: Client, box: Sandbox) -> None:
    """A tab that is paid stays as it is, or the second payment is a conflict."""
    tab = fill(reader)
    first = pay(reader, tab["id"])
    box.clock.advance(hours=1)
    assert pay(reader, tab["id"]) == first
    assert reader.entry.changes == ()
    box.choices["supertab.paid_tab"] = "refuse"
    assert error(reader, "POST", f"/v1/payment/finish/{tab['id']}") == (409, "conflict")


def test_paying_early(reader: Client, box: Sandbox) -> None:
    """A tab that is not full can be paid, or not, by choice; the next purchase opens another."""
    box.choices["supertab.pay_open_tab"] = "refuse"
    tab = buy(reader, ids.MAGAZINE)[1]["tab"]
    assert error(reader, "POST", f"/v1/payment/finish/{tab['id']}") == (409, "conflict")
    box.choices["supertab.pay_open_tab"] = "pay"
    assert pay(reader, tab["id"])["status"] == "closed"
    assert buy(reader, ids.MAGAZINE)[1]["tab"]["id"] != tab["id"]


@pytest.mark.parametrize(("value", "code"), [("pay", 200), ("refuse", 409)])
def test_pay_empty_tab(reader: Client, box: Sandbox, value: str, code: int) -> None:
    """A tab that nothing is on can be paid, or not, by choice."""
    box.choices["supertab.pay_empty_tab"] = value
    row = box.table("supertab.tabs").get(ids.FULL_TAB) or {}
    with box.changing():
        box.table("supertab.tabs").insert(ids.tab(70), {**row, "status": "open", "user_id": ids.user(4)})
    assert reader("POST", f"/v1/payment/finish/{ids.tab(70)}").status_code == code


def test_payment_answer(reader: Client, box: Sandbox) -> None:
    """The answer is the tab as it is now, or an empty object: none is shown anywhere."""
    box.choices["supertab.payment_answer"] = "empty"
    tab = fill(reader)
    assert pay(reader, tab["id"]) == {}
    assert reader("GET", f"/v1/tabs/{tab['id']}").get_json()["status"] == "closed"


def test_unknown_tabs(reader: Client) -> None:
    """A tab that there is not is 404 with a code of its own, to read and to pay."""
    for method, path in (("GET", "/v1/tabs"), ("POST", "/v1/payment/finish")):
        assert error(reader, method, f"{path}/{ids.tab(99)}") == (404, "tab_not_found")


def test_a_seeded_tab_is_paid(supertab: Client) -> None:
    """What was pending on a tab of the factory state completes with its payment."""
    assert status(supertab, ids.NOW_UNPAID) == "pending"
    pay(supertab, ids.UNPAID_TAB)
    assert status(supertab, ids.NOW_UNPAID) == "completed"


def test_the_deprecated_model_is_bought_to_be_paid(reader: Client, box: Sandbox) -> None:
    """It is pending on a tab of its own like `pay_now`, or completed at once where the choice says `pay_later`."""
    assert bought(reader, ids.MONTHLY, "EUR")["status"] == "pending"
    box.choices["supertab.pay_now_subscription_status"] = "pay_later"
    second = bought(reader, ids.MONTHLY, "EUR")
    assert (second["status"], second["valid_to"]) == ("completed", "2026-04-02T12:00:00.000Z")
