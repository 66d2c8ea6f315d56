"""What happens in Kajabi's world without a request, what is told of it, and what is included with a purchase."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.kajabi.documents import PROSE_ONLY
from mocktill.core.sandbox import Sandbox
from tests.client import Client
from tests.core.telling import URL, Waiting

NOW = "2026-03-02T12:00:00.000Z"


@pytest.fixture
def told(box: Sandbox) -> Sandbox:
    """The sandbox, whose webhooks wait for a courier that never comes."""
    box.webhooks.courier = Waiting()
    box.webhooks.send_to("kajabi", URL)
    return box


def whole(ask: Client, key: str) -> Any:
    """Return a purchase."""
    return ask("GET", f"/v1/purchases/{key}").get_json()["data"]


def newest(ask: Client) -> Any:
    """Return the newest purchase, with what it belongs to."""
    return ask("GET", "/v1/purchases?sort=-created_at&page[size]=1&include=offer,customer").get_json()


def test_pay_instalment(ask: Client, box: Sandbox) -> None:
    """A payment moves the plan on by one: a transaction more, and another `updated_at`; the last one completes it."""
    before = whole(ask, "123")
    assert box.act("kajabi.pay_instalment", "123") == "payment 2 of 3 of the plan 123 was made"
    after = whole(ask, "123")
    changed = {"multipay_payments_made": 2, "updated_at": NOW}
    assert after["attributes"] == {**before["attributes"], **changed}
    assert len(after["relationships"]["transactions"]["data"]) == 2
    box.clock.advance(days=30)
    assert box.act("kajabi.pay_instalment", "123") == "payment 3 of 3 of the plan 123 was made"
    last = whole(ask, "123")["attributes"]
    assert (last["multipay_payments_made"], last["status"]) == (3, "completed")
    assert last["updated_at"] == "2026-04-01T12:00:00.000Z"
    payments = box.view("kajabi").transactions("123")
    assert [(one.state, one.amount) for one in payments] == [("succeeded", 19900)] * 3
    assert [remark.what for remark in box.journal.remarks()] == ["act", "act"]


def test_a_plan_without_a_known_end(ask: Client, box: Sandbox) -> None:
    """A plan whose number of payments nobody knows goes on for ever."""
    box.change("kajabi.purchases", "203", {"payment_plan_total_payments": None, "status": "active"})
    assert box.act("kajabi.pay_instalment", "203") == "payment 4 of the plan 203 was made"
    assert whole(ask, "203")["attributes"]["status"] == "active"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("203", "the plan 203 has no payment left: 3 of 3 are made"),
        ("201", "the purchase 201 is no payment plan"),
        ("202", "the purchase 202 is no payment plan"),
    ],
)
def test_no_instalment_left(ask: Client, box: Sandbox, key: str, said: str) -> None:
    """Where no payment is left, or there is no plan, that is said in words, and nothing changes."""
    before = box.store.rows("kajabi.")
    with pytest.raises(ValueError, match=said):
        box.act("kajabi.pay_instalment", key)
    assert box.store.rows("kajabi.") == before


def test_a_cancelled_plan_is_paid_no_more(ask: Client, box: Sandbox) -> None:
    """What was cancelled is not paid any more; what was only deactivated is, since its plan goes on."""
    ask("POST", "/v1/purchases/123/deactivate")
    box.act("kajabi.pay_instalment", "123")
    ask("POST", "/v1/purchases/123/cancel_subscription")
    with pytest.raises(ValueError, match="the plan 123 was cancelled"):
        box.act("kajabi.pay_instalment", "123")


@pytest.mark.parametrize(("offer", "status"), [("2001", "succeeded"), ("2002", "active"), ("2003", "active")])
def test_buy_offer(ask: Client, box: Sandbox, offer: str, status: str) -> None:
    """A new customer buys: the purchase is the newest, has what the offer says, and its first payment is made."""
    assert box.act("kajabi.buy_offer", offer).startswith(f"the offer {offer} was bought by the customer ")
    found = newest(ask)
    [purchase], [sold, buyer] = found["data"], found["included"]
    attributes = purchase["attributes"]
    assert attributes["created_at"] == attributes["effective_start_at"] == attributes["updated_at"] == NOW
    assert attributes["amount_in_cents"] == sold["attributes"]["price_in_cents"]
    assert attributes["payment_type"] == sold["attributes"]["payment_type"]
    assert (attributes["status"], attributes["deactivated_at"]) == (status, None)
    assert attributes["cardholder_name"] == buyer["attributes"]["name"]
    plan = (attributes["multipay_payments_made"], attributes["payment_plan_total_payments"])
    assert plan == ((1, 3) if offer == "2002" else (None, None))
    assert len(purchase["relationships"]["transactions"]["data"]) == 1
    assert buyer["attributes"]["created_at"] == NOW


def test_buy_what_is_free(ask: Client, box: Sandbox) -> None:
    """A free offer is bought without a card."""
    box.act("kajabi.buy_offer", "2004")
    attributes = newest(ask)["data"][0]["attributes"]
    assert (attributes["amount_in_cents"], attributes["cardholder_name"]) == (0, None)


def test_a_plan_of_one_payment(ask: Client, box: Sandbox) -> None:
    """A plan with one payment is completed when it is bought; one that does not say has three."""
    box.change("kajabi.offers", "2002", {"payments": 1})
    box.act("kajabi.buy_offer", "2002")
    assert newest(ask)["data"][0]["attributes"]["status"] == "completed"


def test_the_same_happens_again(catalogue: Any, box: Sandbox) -> None:
    """With the same seed the same is bought."""
    other = Sandbox(catalogue)
    assert box.act("kajabi.buy_offer", "2001") == other.act("kajabi.buy_offer", "2001")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("pay_instalment", "there is no purchase '2011': did you mean '201'"),
        ("buy_offer", "there is no offer '2011': did you mean '2001'"),
    ],
)
def test_what_there_is_not(box: Sandbox, act: str, said: str) -> None:
    """A key that nothing has is a KeyError in words."""
    with pytest.raises(KeyError) as caught:
        box.act(f"kajabi.{act}", "2011")
    assert caught.value.args[0].startswith(said)


def test_the_webhook_of_a_purchase(ask: Client, told: Sandbox) -> None:
    """Whoever is told of a purchase gets it, its offer and its customer as resources, in the published shape."""
    told.choices["kajabi.link_host"] = "documented"  # a webhook answers nobody, and has no host of a request
    told.act("kajabi.buy_offer", "2002")
    found = newest(ask)
    [delivery] = told.webhooks.due()
    body = delivery.payload
    assert told.catalogue.shelves["kajabi"].contract.explain("webhook.purchase", body) == ()
    [purchase] = found["data"]
    assert (delivery.event, delivery.key) == ("purchase", purchase["id"])
    assert list(body) == ["id", "event", "payload"]
    assert (body["id"], body["event"]) == (purchase["id"], "purchase")
    sent, *belonging = body["payload"]
    assert belonging == found["included"]
    assert sent["attributes"] == {
        name: value for name, value in purchase["attributes"].items() if name not in PROSE_ONLY
    }
    assert list(sent["relationships"]) == ["customer", "offer", "products"]


def test_what_no_webhook_tells(ask: Client, told: Sandbox) -> None:
    """Nobody is told of a deactivation, a cancellation or a payment; nor of a purchase that did not come to be."""
    ask("POST", "/v1/purchases/202/deactivate")
    ask("POST", "/v1/purchases/202/reactivate")
    ask("POST", "/v1/purchases/202/cancel_subscription")
    told.act("kajabi.pay_instalment", "123")
    with pytest.raises(KeyError):
        told.act("kajabi.buy_offer", "nothing")
    assert told.webhooks.due() == []


def test_include(ask: Client, box: Sandbox) -> None:
    """The offer and the customer are included as resources, in the order asked for, or by choice ignored."""
    answer = ask("GET", "/v1/purchases/123?include=customer,offer")
    body = answer.get_json()
    assert list(body) == ["data", "included", "links"]
    assert [(one["type"], one["id"]) for one in body["included"]] == [("customers", "4001"), ("offers", "2002")]
    customer, offer = body["included"]
    assert customer["attributes"]["created_at"] == "2025-07-31T16:59:27.580Z"
    assert [one["id"] for one in customer["relationships"]["offers"]["data"]] == ["2002", "2001", "2003"]
    assert offer["attributes"]["price_description"] == "$199.00 USD"
    assert offer["relationships"]["site"]["data"] == {"id": "1001", "type": "sites"}
    assert answer.headers["Mocktill-Basis"] == "observed"
    box.choices["kajabi.include"] = "ignore"
    answer = ask("GET", "/v1/purchases/123?include=customer,offer,colour")
    assert list(answer.get_json()) == ["data", "links"]
    assert answer.headers["Mocktill-Basis"] == "assumed"


def test_include_what_cannot_be(ask: Client, box: Sandbox) -> None:
    """What cannot be included gets 400, or by choice 422; nothing asked for includes nothing."""
    for path in ("/v1/purchases", "/v1/purchases/123"):
        box.choices["kajabi.wrong_parameter"] = "400"
        answer = ask("GET", f"{path}?include=offer,products")
        assert answer.status_code == 400
        assert "products cannot be included" in answer.get_json()["errors"][0]["detail"]
        box.choices["kajabi.wrong_parameter"] = "422"
        assert ask("GET", f"{path}?include=products").status_code == 422
        assert "included" not in ask("GET", f"{path}?include=").get_json()


def test_what_has_gone_is_not_included(ask: Client, box: Sandbox) -> None:
    """An offer or a customer that has gone is left out; in a list each is there once."""
    with box.changing():
        box.table("kajabi.offers").delete("2002")
        box.table("kajabi.customers").delete("4001")
    assert ask("GET", "/v1/purchases/123?include=offer,customer").get_json()["included"] == []
    listed = ask("GET", "/v1/purchases?include=offer,customer").get_json()["included"]
    assert sorted(one["id"] for one in listed) == ["2001", "2003", "2004", "4002"]
