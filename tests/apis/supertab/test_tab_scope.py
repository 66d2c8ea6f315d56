"""One tab for all merchants, or one for each; and that a merchant sees none of another's purchases in either."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.apis.supertab.shop import bought, buy, error, pay
from tests.client import Client

FIRST, SECOND = (f"merchant.dddddddd-0000-4000-8000-{number:012}" for number in (1, 2))


@pytest.fixture
def merchants(box: Sandbox) -> tuple[Client, Client]:
    """Clients of the two merchants; both buy for the first user."""
    first, second = (Client(box, "supertab", {"Authorization": f"token-merchant-{number}"}) for number in (1, 2))
    return first, second


def tab(client: Client) -> Any:
    """Return the tab that a client lists first."""
    return client("GET", "/v1/tabs?limit=1&currency=USD&payment_model=pay_later").get_json()["data"][0]


def test_a_user_has_one_tab_for_all_merchants(reader: Client) -> None:
    """What is bought from two merchants is on one tab, which is the first one's, fills it, and is paid with it."""
    assert buy(reader, ids.MAGAZINE)[1]["tab"]["merchant_id"] == FIRST
    code, body = buy(reader, ids.ISSUE)
    assert (code, body["tab"]["merchant_id"], body["tab"]["total"]) == (201, FIRST, 300)
    assert [purchase["merchant_id"] for purchase in body["tab"]["purchases"]] == [FIRST, SECOND]
    assert body["tab"]["tab_statistics"] == {
        "purchases_count": 2,
        "obfuscated_purchases_count": 0,
        "obfuscated_purchases_total": 0,
    }
    assert buy(reader, ids.ISSUE)[0] == 402
    assert buy(reader, ids.MAGAZINE)[1]["detail"]["item_added"] is False
    pay(reader, body["tab"]["id"])
    assert (tab(reader)["merchant_id"], tab(reader)["total"], tab(reader)["status"]) == (FIRST, 100, "open")


def test_the_first_purchase_names_the_merchant(reader: Client) -> None:
    """Where what waited opens the next tab, that is the tab of the merchant of what waited longest."""
    full = buy(reader, ids.REPORT)[1]["tab"]
    for offering in (ids.ISSUE, ids.MAGAZINE):
        assert buy(reader, offering)[1]["tab"]["id"] == full["id"]
    pay(reader, full["id"])
    assert tab(reader)["merchant_id"] == SECOND
    assert [purchase["merchant_id"] for purchase in tab(reader)["purchases"]] == [SECOND, FIRST]


def test_by_choice_each_merchant_has_a_tab(reader: Client, box: Sandbox) -> None:
    """A tab that is full stops no purchase from another merchant, and paying it moves none of that one's."""
    box.choices["supertab.tab_scope"] = "merchant"
    full = buy(reader, ids.REPORT)[1]["tab"]
    code, body = buy(reader, ids.ISSUE)
    assert (code, body["tab"]["merchant_id"], body["tab"]["total"]) == (201, SECOND, 200)
    assert body["tab"]["id"] != full["id"]
    assert buy(reader, ids.MAGAZINE)[1]["tab"]["id"] == full["id"]
    pay(reader, full["id"])
    assert [one["total"] for one in reader("GET", "/v1/tabs?is_active=true").get_json()["data"]] == [200, 100]


def test_pay_now_shares_no_tab_of_another_merchant(reader: Client, box: Sandbox) -> None:
    """The scope is that of `pay_later`: the tab that `pay_now` purchases share, by choice, is one merchant's."""
    box.choices["supertab.pay_now_tab"] = "shared"
    first = buy(reader, ids.WEEKLY, "EUR")[1]["tab"]
    row = box.table("supertab.offerings").get(ids.WEEKLY)
    assert row is not None
    box.change("supertab.offerings", ids.WEEKLY, {"merchant_id": FIRST})
    assert buy(reader, ids.WEEKLY, "EUR")[1]["tab"]["id"] != first["id"]


def test_a_merchant_sees_its_own_on_a_shared_tab(merchants: tuple[Client, Client]) -> None:
    """Each merchant gets its own purchases however it asks, the others as obfuscated ones; the total is the tab's."""
    first, second = merchants
    assert error(second, "GET", f"/v1/tabs/{ids.OPEN_TAB}") == (404, "tab_not_found")
    own = bought(second, ids.ISSUE)
    shared = second("GET", f"/v1/tabs/{ids.OPEN_TAB}").get_json()
    assert (shared["total"], shared["purchases"]) == (250, [own])
    assert shared["tab_statistics"] == {
        "purchases_count": 1,
        "obfuscated_purchases_count": 2,
        "obfuscated_purchases_total": 50,
    }
    assert tab(second) == shared
    others = first("GET", f"/v1/tabs/{ids.OPEN_TAB}").get_json()
    assert {purchase["merchant_id"] for purchase in others["purchases"]} == {FIRST}
    assert others["tab_statistics"]["obfuscated_purchases_total"] == 200
    assert error(first, "GET", f"/v1/purchases/{own['id']}") == (404, "purchase_not_found")
    paid = pay(second, ids.OPEN_TAB)
    assert (paid["status"], paid["purchases"]) == ("closed", [own])


def test_a_merchant_that_sold_nothing_there_sees_no_tab(merchants: tuple[Client, Client], box: Sandbox) -> None:
    """A tab without anything of the merchant's is neither listed nor payable, whatever the scope."""
    first, second = merchants
    for scope in ("user", "merchant"):
        box.choices["supertab.tab_scope"] = scope
        assert ids.OPEN_TAB in {one["id"] for one in first("GET", "/v1/tabs").get_json()["data"]}
        assert ids.OPEN_TAB not in {one["id"] for one in second("GET", "/v1/tabs").get_json()["data"]}
        assert error(second, "POST", f"/v1/payment/finish/{ids.OPEN_TAB}") == (404, "tab_not_found")


@pytest.mark.parametrize(("scope", "basis"), [("user", "documented"), ("merchant", "observed")])
def test_the_scope_decides_where_something_goes_on_a_tab(reader: Client, box: Sandbox, scope: str, basis: str) -> None:
    """The journal says so for a `pay_later` purchase, and for no other."""
    box.choices["supertab.tab_scope"] = scope
    buy(reader, ids.MAGAZINE)
    assert ("supertab.tab_scope", scope, basis) in reader.entry.choices
    buy(reader, ids.DAY_PASS)
    assert "supertab.tab_scope" not in {name for name, *_ in reader.entry.choices}
