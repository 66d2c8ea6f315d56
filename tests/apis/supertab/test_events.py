"""The webhook of a purchase that was completed: when it is told, what it says, and that Svix's library believes it."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from mocktill.apis.supertab.events import SECRET, completed_payload, signed
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.apis.supertab.shop import bought, buy, pay
from tests.client import Client

BODY = b'{"type":"purchase.completed","data":{"id":"purchase.1"}}'


@pytest.fixture
def told(box: Sandbox) -> Sandbox:
    """A sandbox whose webhooks go somewhere."""
    box.webhooks.begin_with({"supertab": "http://127.0.0.1:9/hook"})
    return box


def keys(box: Sandbox) -> list[str]:
    """Return the purchases that were told of, in order."""
    return [delivery.key for delivery in box.webhooks.deliveries("supertab")]


def bodies(box: Sandbox) -> list[Any]:
    """Return what was told, in order."""
    return [orjson.loads(delivery.body) for delivery in box.webhooks.deliveries("supertab")]


def test_svix_verifies_it() -> None:
    """The library that receivers use takes the signature of the sandbox's own secret, and of one's own."""
    for secret in (SECRET, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        headers = signed("msg_1", int(time.time()), BODY, secret)
        Webhook(secret).verify(BODY, dict(headers))  # raises where it does not


@pytest.mark.parametrize("wrong", ["body", "svix-id", "svix-timestamp", "secret"])
def test_svix_refuses_what_was_changed(wrong: str) -> None:
    """What was not signed so is not believed."""
    now = int(time.time())
    headers = dict(signed("msg_1", now, BODY, SECRET))
    if wrong in headers:
        headers[wrong] = {"svix-id": "msg_2", "svix-timestamp": str(now + 1)}[wrong]
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" if wrong == "secret" else SECRET
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" " if wrong == "body" else BODY, headers)


@pytest.mark.parametrize(
    ("number", "at", "body", "secret", "signature"),
    [
        (
            "msg_loFOjxBNrRLzqYUf",
            1731705121,
            b'{"event_type":"ping","data":{"success":true}}',
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
        (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ],
)
def test_published_vectors(number: str, at: int, body: bytes, secret: str, signature: str) -> None:
    """The signature is what Svix publishes for the same id, time, body and secret."""
    assert signed(number, at, body, secret) == {
        "svix-id": number,
        "svix-timestamp": str(at),
        "svix-signature": signature,
    }


@pytest.mark.parametrize("secret", ["whsec_?", "whsec_abc", "not base64!"])
def test_what_is_no_secret(secret: str) -> None:
    """A secret that no receiver could have is refused in words."""
    with pytest.raises(ValueError, match="is not base64"):
        signed("msg_1", 1, BODY, secret)


def test_a_purchase_that_completes_at_once(told: Sandbox) -> None:
    """What goes on the tab is told of at once, in the published shape: the currency is an object there."""
    reader = Client(told, "supertab", {"Authorization": "token-new-reader"})
    purchase = bought(reader, ids.MAGAZINE, article="long-read-45")
    (body,) = bodies(told)
    expected = {
        "type": "purchase.completed",
        "data": {
            "id": purchase["id"],
            "offering_id": ids.MAGAZINE,
            "description": "A day of the magazine",
            "price": {
                "amount": 100,
                "currency": {"code": "USD", "name": "US Dollar", "symbol": "$", "base_unit": "100"},
            },
            "purchased_at": "2026-03-02T12:00:00.000000Z",
            "completed_at": "2026-03-02T12:00:00.000000Z",
            "metadata": {"article": "long-read-45"},
            "user": {
                "id": ids.user(4),
                "email": "mina.sato@example.com",
                "first_name": "Mina",
                "last_name": "Sato",
            },
        },
    }
    assert body == expected
    assert list(body["data"]) == list(expected["data"])
    assert told.catalogue.shelves["supertab"].contract.check("webhook.purchase.completed", body) == ()


def test_each_is_told_of_once(told: Sandbox) -> None:
    """What waits or is pending is told of when it completes, and nothing a second time."""
    reader = Client(told, "supertab", {"Authorization": "token-new-reader"})
    first = bought(reader, ids.REPORT)["id"]
    buy(reader, ids.MAGAZINE)
    pending = buy(reader, ids.DAY_PASS)[1]["tab"]
    assert keys(told) == [first]
    full = told.table("supertab.purchases").get(first) or {}
    pay(reader, full["tab_id"])
    (waited,) = set(keys(told)) - {first}
    assert keys(told) == [first, waited]
    told.clock.advance(hours=1)
    pay(reader, pending["id"])
    pay(reader, pending["id"])
    assert keys(told) == [first, waited, pending["purchases"][0]["id"]]
    assert [body["data"]["completed_at"][11:13] for body in bodies(told)] == ["12", "12", "13"]
    assert bodies(told)[2]["data"]["purchased_at"] == "2026-03-02T12:00:00.000000Z"


def test_what_the_view_pays_is_told_of(told: Sandbox) -> None:
    """Whoever pays a tab, by the view, by an act or by a request, is told of alike."""
    told.view("supertab").pay_tab(ids.UNPAID_TAB)
    assert keys(told) == [ids.NOW_UNPAID]
    told.act("supertab.complete_purchase", ids.LATER_PENDING)
    assert keys(told) == [ids.NOW_UNPAID, ids.LATER_PENDING]


def test_nothing_is_told_to_nobody(reader: Client, box: Sandbox) -> None:
    """Where webhooks go nowhere, nothing is written about them."""
    bought(reader, ids.MAGAZINE)
    assert box.webhooks.deliveries("supertab") == []
    assert "supertab.webhook_delivery" not in {name for name, *_ in reader.entry.choices}


def test_a_currency_that_few_know() -> None:
    """A currency without a name is told by its code, and one without minor units says so."""
    row = {
        "offering_id": ids.MAGAZINE,
        "summary": "",
        "price": {"amount": 7, "currency": "XTS"},
        "purchase_date": "2026-03-02T12:00:00.000000Z",
        "completed_at": "2026-03-02T12:00:00.000000Z",
    }
    told = completed_payload(ids.UNKNOWN, row, ids.user(9), {})["data"]
    assert told["price"]["currency"] == {"code": "XTS", "name": "XTS", "symbol": "XTS", "base_unit": "100"}
    assert told["user"] == {"id": ids.user(9), "email": None, "first_name": None, "last_name": None}
    yen = completed_payload(ids.UNKNOWN, {**row, "price": {"amount": 7, "currency": "JPY"}}, ids.user(9), {})
    assert yen["data"]["price"]["currency"]["base_unit"] == "1"
