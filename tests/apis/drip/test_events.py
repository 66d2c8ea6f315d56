"""Drip's webhook: it tells of a lifetime value that changed, of nothing else, and only what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from mocktill.apis.drip import API
from mocktill.apis.drip.events import LISTED
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Basis
from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import BUYER, JOHN, NEW, PEOPLE
from tests.apis.drip.test_choices import choose
from tests.apis.drip.test_subscribers import JOHN_ID, NEW_ID, save
from tests.client import Client


@pytest.fixture
def told(box: Sandbox) -> Sandbox:
    """The sandbox, whose webhooks go somewhere; nobody brings them."""
    box.webhooks.begin_with({"drip": "http://shop.example.com/hooks"})
    return box


def buy(drip: Client, *amounts: int, path: str = NEW) -> None:
    """Create purchases of these amounts in one request."""
    answer = drip("POST", f"{path}/purchases", json={"purchases": [{"amount": amount} for amount in amounts]})
    assert (answer.status_code, answer.get_json()) == (201, {})


def sent(box: Sandbox) -> list[dict[str, Any]]:
    """Return the bodies of what was told, oldest first."""
    return [orjson.loads(delivery.body) for delivery in box.webhooks.deliveries("drip")]


def changes(box: Sandbox) -> list[tuple[int, int]]:
    """Return the previous and the new value of what was told."""
    told = [body["data"]["properties"] for body in sent(box)]
    return [(properties["previous_value"], properties["value"]) for properties in told]


def test_the_webhook_is_published() -> None:
    """One event, which is unsigned as the page has it."""
    assert API.webhook is not None
    assert (API.webhook.events, API.webhook.basis) == (("subscriber.updated_lifetime_value",), Basis.PUBLISHED)
    assert API.webhook.headers("msg_1", 0, b"{}", "") == {}


def test_what_is_told_of_a_purchase(drip: Client, told: Sandbox, catalogue: Catalogue) -> None:
    """The published shape, with the whole subscriber as it is read, and links on the host of the call."""
    buy(drip, 4900, path=JOHN)
    assert drip.entry.basis == "documented"
    (body,) = sent(told)
    (subscriber,) = drip("GET", JOHN).get_json()["subscribers"]
    assert body == {
        "event": "subscriber.updated_lifetime_value",
        "data": {
            "account_id": "9999999",
            "subscriber": subscriber,
            "properties": {"value": 14900, "previous_value": 10000, "source": "drip"},
        },
        "occurred_at": "2026-03-02T12:00:00Z",
    }
    assert list(body["data"]["subscriber"]) == list(subscriber)
    assert subscriber["href"] == f"http://localhost{PEOPLE}/{JOHN_ID}"
    assert catalogue.shelves["drip"].contract.explain("webhook.subscriber.updated_lifetime_value", body) == ()
    (delivery,) = told.webhooks.deliveries("drip")
    assert (delivery.event, delivery.key) == ("subscriber.updated_lifetime_value", JOHN_ID)


def test_once_for_a_request(drip: Client, told: Sandbox) -> None:
    """Several purchases of one request are one change; each request is one of its own."""
    buy(drip, 100, 200, 300)
    buy(drip, -100)
    assert changes(told) == [(0, 600), (600, 500)]


def test_a_value_that_is_set(drip: Client, told: Sandbox) -> None:
    """Setting a lifetime value tells of it, of somebody new as well, whose was 0."""
    save(drip, {"email": "john@acme.com", "lifetime_value": 500})
    assert drip.entry.basis == "published"
    save(drip, {"email": "sam@acme.com", "lifetime_value": 700})
    assert changes(told) == [(10000, 500), (0, 700)]
    assert [body["data"]["subscriber"]["email"] for body in sent(told)] == ["john@acme.com", "sam@acme.com"]


def test_what_stays_the_same_is_not_told(drip: Client, told: Sandbox) -> None:
    """No value that is another one, no word: not of other properties, of reading, or of who is deleted."""
    buy(drip, 0)
    buy(drip, 100, -100)
    save(drip, {"email": "john@acme.com", "lifetime_value": 10000, "user_id": "7"})
    save(drip, {"email": "sam@acme.com", "lifetime_value": 0})
    save(drip, {"email": "pat@acme.com"})
    drip("GET", JOHN)
    drip("GET", PEOPLE)
    assert drip("DELETE", JOHN).status_code == 204
    told.populate(2, "drip")
    assert sent(told) == []


def test_what_is_refused_is_not_told(drip: Client, told: Sandbox) -> None:
    """What was not kept is not told, whatever it would have changed before it was refused."""
    choose(told, "several_subscribers", "all_or_none")
    several: list[dict[str, Any]] = [{"email": "john@acme.com", "lifetime_value": 1}, {"id": "nobody"}]
    assert save(drip, *several)[0] == 404
    drip("POST", f"{NEW}/purchases", json={"purchases": [{"amount": 5}, {"amount": "x"}]})
    drip("POST", f"{BUYER}/purchases", json={"purchases": [{"amount": 5}]}, headers={"Prefer": "code=422"})
    assert sent(told) == []


def test_a_subscriber_made_by_a_purchase(drip: Client, told: Sandbox) -> None:
    """Who is made by a choice with the first purchase had nothing before."""
    choose(told, "unknown_subscriber", "create")
    buy(drip, 5, path=f"{PEOPLE}/sam@acme.com")
    assert changes(told) == [(0, 5)]


def test_the_account_is_the_one_that_was_asked(drip: Client, told: Sandbox) -> None:
    """An account that nobody seeded is told of under its own id."""
    buy(drip, 5, path="/v2/77/subscribers/new@acme.com")
    (body,) = sent(told)
    data = body["data"]
    assert (data["account_id"], data["subscriber"]["links"]) == ("77", {"account": "77"})
    assert data["subscriber"]["href"] == f"http://localhost/v2/77/subscribers/{NEW_ID}"


@pytest.mark.parametrize("operation", ["purchase", "subscriber"])
def test_webhook_subscriber(drip: Client, told: Sandbox, operation: str) -> None:
    """By choice the subscriber has what the page on events lists; the answer is as well known as ever."""
    choose(told, "webhook_subscriber", "listed")
    if operation == "purchase":
        buy(drip, 5)
    else:
        save(drip, {"email": "new@acme.com", "lifetime_value": 5})
    assert drip.entry.basis == ("documented" if operation == "purchase" else "published")
    (body,) = sent(told)
    subscriber: Mapping[str, Any] = body["data"]["subscriber"]
    assert tuple(subscriber) == LISTED
    assert not {"href", "links", "visitor_uuid"} & set(subscriber)


def test_documented_links(drip: Client, told: Sandbox) -> None:
    """Where links are on the documented host, that in a webhook is as well."""
    choose(told, "link_host", "documented")
    buy(drip, 5)
    (body,) = sent(told)
    assert body["data"]["subscriber"]["href"] == f"https://api.getdrip.com{PEOPLE}/{NEW_ID}"


def test_what_is_set_of_today_s_page_is_told(drip: Client, told: Sandbox) -> None:
    """A whole subscriber has what was set of it, whatever is answered of it elsewhere."""
    save(drip, {"email": "new@acme.com", "first_name": "Nina", "lifetime_value": 5})
    (body,) = sent(told)
    assert body["data"]["subscriber"]["first_name"] == "Nina"


def test_nothing_is_told_where_webhooks_go_nowhere(drip: Client, box: Sandbox) -> None:
    """Without an address nothing is kept to be told, and no choice about it is asked."""
    buy(drip, 5)
    assert box.webhooks.deliveries("drip") == []
    assert [name for name, _, _ in drip.entry.choices if "webhook" in name] == []
