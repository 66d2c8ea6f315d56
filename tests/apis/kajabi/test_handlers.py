"""Purchase details: the whole document, and the fields that were asked for."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.kajabi.documents import ATTRIBUTES, kajabi_date
from mocktill.core.sandbox import Sandbox
from tests.client import Client

WHOLE = {
    "data": {
        "id": "123",
        "type": "purchases",
        "attributes": {
            "amount_in_cents": 19900,
            "payment_type": "multipay",
            "trial": None,
            "trial_end_at": None,
            "multipay_payments_made": 1,
            "payment_plan_total_payments": 3,
            "status": "active",
            "opt_in": False,
            "raw_extra_contact_information": {},
            "currency": "USD",
            "effective_start_at": "2025-07-31T16:59:27.580Z",
            "cardholder_name": "Avery Example",
            "billing_address_zip": "92614",
            "deactivated_at": None,
            "deactivation_reason": None,
            "coupon_code": None,
            "source": None,
            "referrer": None,
            "quantity": 1,
            "created_at": "2025-07-31T16:59:27.580Z",
            "updated_at": "2025-07-31T16:59:28.112Z",
        },
        "relationships": {
            "offer": {"data": {"id": "2002", "type": "offers"}},
            "customer": {"data": {"id": "4001", "type": "customers"}},
            "transactions": {"data": [{"id": "5001", "type": "transactions"}]},
            "products": {"data": [{"id": "3001", "type": "products"}, {"id": "3003", "type": "products"}]},
        },
    },
    "links": {
        "self": "http://localhost/v1/purchases/123",
        "current": "http://localhost/v1/purchases/123",
    },
}
SAMPLE = {
    "amount_in_cents": 1000,
    "payment_type": "single",
    "multipay_payments_made": None,
    "opt_in": False,
    "raw_extra_contact_information": {},
    "currency": "USD",
    "effective_start_at": None,
    "cardholder_name": None,
    "billing_address_zip": None,
    "deactivated_at": None,
    "deactivation_reason": None,
    "coupon_code": None,
    "source": None,
    "referrer": None,
    "quantity": 1,
    "created_at": "2025-07-31T16:59:27.580Z",
    "updated_at": "2025-07-31T16:59:27.580Z",
}


def attributes(ask: Client, key: str) -> dict[str, Any]:
    """Return all attributes of a purchase."""
    found: dict[str, Any] = ask("GET", f"/v1/purchases/{key}").get_json()["data"]["attributes"]
    return found


def test_whole_document(ask: Client) -> None:
    """Without fields the answer is the whole document, in the published order and basis."""
    answer = ask("GET", "/v1/purchases/123")
    body = answer.get_json()
    assert answer.status_code == 200
    assert body == WHOLE
    assert list(body) == ["data", "links"]
    assert list(body["data"]) == ["id", "type", "attributes", "relationships"]
    assert list(body["data"]["attributes"]) == list(ATTRIBUTES)
    assert list(body["data"]["relationships"]) == ["offer", "customer", "transactions", "products"]
    assert list(body["links"]) == ["self", "current"]
    assert answer.headers["Mocktill-Basis"] == "published"
    assert ask.entry.violations == ()


def test_links_are_the_requests_own(ask: Client) -> None:
    """Links are on the request's own scheme, host and prefix."""
    answer = ask("GET", "/v1/purchases/123", base_url="https://shop.test:8443/~mine/kajabi")
    assert answer.get_json()["links"] == {
        "self": "https://shop.test:8443/~mine/kajabi/v1/purchases/123",
        "current": "https://shop.test:8443/~mine/kajabi/v1/purchases/123",
    }


def test_links_of_an_odd_id(ask: Client, box: Sandbox) -> None:
    """An id of your own that needs encoding is encoded in the links, and they lead back."""
    with box.changing():
        box.table("kajabi.purchases").put("my 1?", dict(box.table("kajabi.purchases").get("201") or {}))
    links = ask("GET", "/v1/purchases/my%201%3F").get_json()["links"]
    assert links["self"] == "http://localhost/v1/purchases/my%201%3F"
    assert ask("GET", links["self"]).get_json()["links"] == links


def test_the_published_sample(ask: Client) -> None:
    """A one-time purchase with nothing set has the values of the published sample."""
    found = attributes(ask, "201")
    assert {name: found[name] for name in SAMPLE} == SAMPLE


@pytest.mark.parametrize(
    "query",
    [
        "fields[purchases]=currency,quantity",
        "fields%5Bpurchases%5D=currency%2Cquantity",
        "fields%5bpurchases%5d=currency,quantity",
        "fields[purchases]=quantity,currency",
        "fields[purchases]=%20currency%20,%20quantity,currency,",
    ],
)
def test_sparse_fields(ask: Client, query: str) -> None:
    """Fields come raw or encoded, in any order; the answer has just them, in the table's order."""
    answer = ask("GET", f"/v1/purchases/201?{query}")
    body = answer.get_json()
    assert body == {"data": {"id": "201", "type": "purchases", "attributes": {"currency": "USD", "quantity": 1}}}
    assert list(body["data"]["attributes"]) == ["currency", "quantity"]
    assert answer.headers["Mocktill-Basis"] == "documented"
    assert ask.entry.violations == ()


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_each_field_alone(ask: Client, name: str) -> None:
    """Every documented attribute can be asked for alone, and the answer is a documented one."""
    answer = ask("GET", f"/v1/purchases/123?fields[purchases]={name}")
    assert answer.get_json()["data"]["attributes"] == {name: WHOLE["data"]["attributes"][name]}  # type: ignore[index]
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_the_last_of_repeated_fields_counts(ask: Client) -> None:
    """Of a repeated parameter the last counts."""
    answer = ask("GET", "/v1/purchases/201?fields[purchases]=currency&fields[purchases]=quantity")
    assert answer.get_json()["data"]["attributes"] == {"quantity": 1}


def test_kinds_of_purchases(ask: Client) -> None:
    """The factory state has a subscription, a finished plan, a trial, a deactivated and a free purchase."""
    assert attributes(ask, "202")["payment_type"] == "subscription"
    done = attributes(ask, "203")
    assert done["multipay_payments_made"] == done["payment_plan_total_payments"] == 3
    trial = attributes(ask, "204")
    assert (trial["trial"], trial["trial_end_at"]) == (14, "2030-01-15T10:00:00.000Z")
    ended = attributes(ask, "205")
    assert (ended["deactivated_at"], ended["deactivation_reason"]) == ("2025-03-20T15:16:17.890Z", "refund")
    free = attributes(ask, "206")
    assert (free["amount_in_cents"], free["opt_in"]) == (0, True)
    assert attributes(ask, "208")["raw_extra_contact_information"] == {
        "phone": "+1 555 0100",
        "custom_1": "Studio B",
    }


def test_status_of_a_one_time_purchase(ask: Client, box: Sandbox) -> None:
    """The status of a one-time purchase is its newest transaction's; without one it is its own."""
    assert attributes(ask, "201")["status"] == "succeeded"
    assert attributes(ask, "207")["status"] == "failed"
    with box.changing():
        again = {"purchase_id": "207", "state": "succeeded", "created_at": "2025-08-02T12:00:00.000000Z"}
        box.table("kajabi.transactions").insert("5999", again)
    assert attributes(ask, "207")["status"] == "succeeded"
    with box.changing():
        box.table("kajabi.transactions").delete("5002")
    assert attributes(ask, "201")["status"] == "succeeded"


def test_status_of_a_plan(ask: Client, box: Sandbox) -> None:
    """The status of a subscription or a payment plan is the plan's, whatever a single payment's."""
    with box.changing():
        failed = {"purchase_id": "202", "state": "failed", "created_at": "2025-08-01T09:30:00.000000Z"}
        box.table("kajabi.transactions").insert("5999", failed)
    assert attributes(ask, "202")["status"] == "active"


def test_transactions_are_in_order(ask: Client) -> None:
    """The transactions of a purchase are listed from the first to the last."""
    listed = ask("GET", "/v1/purchases/203").get_json()["data"]["relationships"]["transactions"]["data"]
    assert [one["id"] for one in listed] == ["5005", "5006", "5007"]


def test_an_offer_that_is_gone(ask: Client, box: Sandbox) -> None:
    """A purchase of an offer that has gone still names it, and has no products."""
    with box.changing():
        box.table("kajabi.offers").delete("2002")
    related = ask("GET", "/v1/purchases/123").get_json()["data"]["relationships"]
    assert related["offer"] == {"data": {"id": "2002", "type": "offers"}}
    assert related["products"] == {"data": []}


@pytest.mark.parametrize("key", ["999", "abc", "0123", "123.json", "%00", "%F0%9F%8E%A8", "%FF", "1" * 3000])
def test_unknown_purchase(ask: Client, key: str) -> None:
    """An id that no purchase has gets 404, whatever it looks like."""
    answer = ask("GET", f"/v1/purchases/{key}")
    assert answer.status_code == 404
    assert answer.get_json() == {
        "errors": [
            {
                "status": "404",
                "source": None,
                "title": "Not Found",
                "detail": "The requested purchase could not be found",
            }
        ]
    }
    assert answer.headers["Mocktill-Basis"] == "published"


def test_restricted_token(ask: Client) -> None:
    """A token without permission gets 403, before it learns whether the purchase exists."""
    for key in ("123", "999"):
        answer = ask("GET", f"/v1/purchases/{key}", headers={"Authorization": "Bearer token-restricted"})
        assert answer.status_code == 403
        assert answer.get_json()["errors"][0]["title"] == "Forbidden"
        assert answer.headers["Mocktill-Basis"] == "published"


def test_dates_have_milliseconds() -> None:
    """An instant is written with milliseconds and a Z; what is finer is cut."""
    assert kajabi_date("2025-07-31T16:59:27.580999Z") == "2025-07-31T16:59:27.580Z"
    assert kajabi_date("0001-01-01T00:00:00.000000Z") == "0001-01-01T00:00:00.000Z"


def test_generated_answers_heed_the_fields(ask: Client) -> None:
    """A made document has the attributes that were asked for, in the table's order, and the same values."""
    made = {"Prefer": "dynamic=true"}
    whole = ask("GET", "/v1/purchases/77", headers=made).get_json()
    some = ask("GET", "/v1/purchases/77?fields[purchases]=currency,amount_in_cents", headers=made).get_json()
    names = ["amount_in_cents", "currency"]
    attributes = {name: whole["data"]["attributes"][name] for name in names}
    assert some == {"data": {"id": "77", "type": "purchases", "attributes": attributes}}
    assert list(some["data"]["attributes"]) == names
