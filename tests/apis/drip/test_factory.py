"""Drip's rows: from the seed file, and made up."""

from __future__ import annotations

from mocktill.apis.drip.factory import factory
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.client import Client

CREATED = "2020-01-01T00:00:00Z"


def test_lifetime_values_of_the_factory_add_up(box: Sandbox) -> None:
    """The factory's lifetime values are the sums of its purchases."""
    view = box.view("drip")
    for subscriber in view.subscribers():
        amounts = [purchase.amount for purchase in view.purchases(subscriber.id)]
        assert subscriber.lifetime_value == sum(amounts)


def test_seeded_purchases_are_in_the_order_of_the_file() -> None:
    """A seeded purchase gets its place in the file and its instant, and counts for its subscriber."""
    rows = factory(
        {
            "subscribers": {"s": {"account": "7", "email": "A@b.c", "created_at": CREATED}},
            "purchases": {
                "2": {"subscriber": "s", "amount": 5, "occurred_at": CREATED},
                "1": {"subscriber": "s", "amount": 6, "occurred_at": CREATED},
                "3": {"subscriber": "nobody", "amount": 6, "occurred_at": CREATED},
            },
        }
    )
    assert [row["number"] for row in rows["purchases"].values()] == [1, 2, 3]
    assert rows["purchases"]["2"]["occurred"] == "2020-01-01T00:00:00.000000Z"
    assert rows["subscribers"]["s"]["email"] == "a@b.c"
    assert rows["subscribers"]["s"]["lifetime_value"] == 11
    assert rows["accounts"] == {"7": {}}


def test_magic_values(catalogue: Catalogue) -> None:
    """Every refused credential says so in a sentence."""
    magic = {(one.table, one.key) for one in catalogue.magic}
    refused = {("credentials", f"key-{state}") for state in ("refused", "expired", "revoked")}
    assert refused <= magic
    assert ("purchases", "9999999") in magic


def test_populate(box: Sandbox, drip: Client) -> None:
    """Populating makes living purchases, each of a subscriber of its own, as often as one likes."""
    first = box.populate(1000, "drip")["drip"]
    second = box.populate(10, "drip")["drip"]
    assert len({*first, *second}) == 1010
    view = box.view("drip")
    for key in (first[0], first[-1], second[-1]):
        path = f"/v2/9999999/subscribers/{view.purchase(key).subscriber_id}"
        answer = drip("GET", f"{path}/purchases/{key}")
        assert answer.status_code == 200
        assert answer.headers["Mocktill-Basis"] == "documented"
        (purchase,) = answer.get_json()["purchases"]
        assert purchase["amount"] == sum(item["amount"] for item in purchase["items"])
        (subscriber,) = drip("GET", path).get_json()["subscribers"]
        assert subscriber["lifetime_value"] == purchase["amount"]
        assert drip("GET", f"/v2/9999999/subscribers/{subscriber['email']}").status_code == 200


def test_populate_is_repeatable(catalogue: Catalogue) -> None:
    """The same seed makes the same purchases."""
    made = [Sandbox(catalogue).populate(3, "drip") for _ in range(2)]
    assert made[0] == made[1]
