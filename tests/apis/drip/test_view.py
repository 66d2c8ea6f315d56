"""What a test author sees of Drip, in this process and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mocktill.apis.drip.view import Item, Purchase, Subscriber, View
from tests.apis.conftest import Door
from tests.client import Client

JOHN = "z1togz2hcjrkpp5treip"
NEW = "n0pvrch4s3sy3tn0pvrc"
SENT = {
    "provider": "shop",
    "order_id": "7",
    "amount": 1200,
    "properties": {"gift": True, "tags": ["a"]},
    "occurred_at": "2026-03-02T14:00:00+02:00",
    "items": [{"name": "Pen", "amount": 1200, "quantity": 2, "sku": "p-1"}],
}


@pytest.fixture
def view(door: Door) -> View:
    """The view of Drip in a fresh sandbox, here or on a server."""
    seen = door.box.view("drip")
    assert isinstance(seen, View)
    return seen


@pytest.fixture
def drip(door: Door) -> Client:
    """A client of the same sandbox."""
    return Client(door.inner, "drip", {"Authorization": "Bearer my-own-token"})


def test_a_subscriber_is_a_value(view: View) -> None:
    """A subscriber has a lifetime value in cents, a number of purchases and an instant in UTC."""
    john = Subscriber(
        id=JOHN,
        account="9999999",
        email="john@acme.com",
        status="active",
        tags=("Customer", "SEO"),
        lifetime_value=10000,
        purchases=2,
        created_at=datetime(2013, 6, 21, 10, 31, 58, tzinfo=UTC),
        custom_fields={"name": "John Doe"},
    )
    assert view.subscriber("john@acme.com") == view.subscriber("JOHN@acme.com") == view.subscriber(JOHN) == john
    assert view.subscriber(JOHN).created_at.tzinfo is UTC
    assert john in view.subscribers()


def test_subscribers_are_listed_oldest_first(view: View) -> None:
    """All subscribers of all accounts, in the order in which they came."""
    assert [subscriber.id for subscriber in view.subscribers()] == ["98asdh9f8asd88d", JOHN, NEW]


def test_a_purchase_is_what_was_sent(view: View, drip: Client) -> None:
    """A purchase has its amount in cents, its items, the shop's own properties, and its instant in UTC."""
    assert drip("POST", f"/v2/9999999/subscribers/{NEW}/purchases", json={"purchases": [SENT]}).status_code == 201
    (purchase,) = view.purchases("new@acme.com")
    (item,) = purchase.items
    assert purchase == Purchase(
        id=purchase.id,
        subscriber_id=NEW,
        provider="shop",
        order_id="7",
        amount=1200,
        items=(Item(item.id, "Pen", 2, 1200, None, "p-1", {}),),
        properties={"gift": True, "tags": ["a"]},
        permalink=None,
        occurred_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )
    assert purchase.occurred_at.utcoffset() == timedelta()
    assert view.purchase(purchase.id) == purchase
    assert (view.subscriber(NEW).lifetime_value, view.subscriber(NEW).purchases) == (1200, 1)


def test_what_is_seen_is_a_copy(view: View) -> None:
    """Whoever changes what a view gave changes no row."""
    seen = view.purchase("9999999")
    vars(seen.items[0])["properties"]["color"] = vars(seen)["properties"]["address"] = "changed"
    assert view.purchase("9999999").properties == {"address": "123 Anywhere St"}
    assert view.purchase("9999999").items[0].properties == {"color": "black"}


def test_a_lifetime_value_is_set(view: View, drip: Client) -> None:
    """A lifetime value is set in cents, and what is bought later comes on top; the purchases stay."""
    view.set_lifetime_value("JOHN@acme.com", 25_000)
    drip("POST", f"/v2/9999999/subscribers/{JOHN}/purchases", json={"purchases": [{"amount": 500}]})
    assert view.subscriber(JOHN).lifetime_value == 25_500
    assert view.subscriber(JOHN).purchases == 3
    with pytest.raises(ValueError, match="a lifetime value is from -9,007,199,254,740,991 to 9,007,199,254,740,991"):
        view.set_lifetime_value(JOHN, 2**53)


def test_who_is_deleted_is_gone(view: View, drip: Client) -> None:
    """Who was deleted is seen no more, with the purchases; nobody else is gone."""
    assert drip("DELETE", f"/v2/9999999/subscribers/{JOHN}").status_code == 204
    assert [subscriber.id for subscriber in view.subscribers()] == ["98asdh9f8asd88d", NEW]
    with pytest.raises(KeyError, match="there is no purchase '1000001'"):
        view.purchase("1000001")
    assert view.purchase("9999999").amount == 4900


def test_a_purchase_without_items(view: View, drip: Client) -> None:
    """What a shop did not say is None, and no items are none."""
    sent = {"order_id": "8", "amount": 1, "occurred_at": None}
    drip("POST", f"/v2/9999999/subscribers/{NEW}/purchases", json={"purchases": [sent]})
    (purchase,) = view.purchases(NEW)
    assert (purchase.provider, purchase.items, purchase.properties) == (None, (), {})


def test_purchases_are_listed_newest_first(view: View) -> None:
    """The purchases of a subscriber, the one that was made last first; none is an empty list."""
    assert [(purchase.id, purchase.amount) for purchase in view.purchases("john@acme.com")] == [
        ("1000002", 2400),
        ("1000001", 7600),
    ]
    assert view.purchases(NEW) == []


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (
            lambda view: view.subscriber("jon@acme.com"),
            "there is no subscriber 'jon@acme.com' in the account 9999999: did you mean 'john@acme.com'?",
        ),
        (
            lambda view: view.purchases("john@acme.com", "1111111"),
            "there is no subscriber 'john@acme.com' in the account 1111111: there are none",
        ),
        (
            lambda view: view.set_lifetime_value("x", 1),
            "there is no subscriber 'x' in the account 9999999: "
            "there are 'avery@example.com', 'new@acme.com', 'john@acme.com'",
        ),
        (
            lambda view: view.purchase("x"),
            "there is no purchase 'x': there are '1000001', '1000002', '9999999'",
        ),
    ],
)
def test_what_there_is_not_is_said_in_words(view: View, look: Callable[[View], object], said: str) -> None:
    """What does not exist is a KeyError that says what there is not, and what may be meant."""
    with pytest.raises(KeyError) as caught:
        look(view)
    assert caught.value.args == (said,)
