"""What a person or a test author sees of Drip: subscribers with their lifetime value, and their purchases.

Money is in cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from mocktill.apis.drip.accounts import SAMPLE_ACCOUNT, address, find_subscriber
from mocktill.apis.drip.handlers import MOST
from mocktill.apis.drip.show import order_path
from mocktill.core.api import JSON, Scene
from mocktill.core.clock import instant
from mocktill.core.names import absent, look_up
from mocktill.core.store import Row


@dataclass(frozen=True)
class Subscriber:
    """Somebody who buys: `lifetime_value` is in cents, `purchases` is how many there are.

    `custom_fields` are the account's own.
    """

    id: str
    account: str
    email: str
    status: str
    tags: tuple[str, ...]
    lifetime_value: int
    purchases: int
    created_at: datetime
    custom_fields: Mapping[str, JSON]


@dataclass(frozen=True)
class Item:
    """A line of a purchase: `amount` is in cents, as it was sent for the line. `properties` are the shop's own."""

    id: str
    name: str
    quantity: int
    amount: int
    product_id: str | None
    sku: str | None
    properties: Mapping[str, JSON]


@dataclass(frozen=True)
class Purchase:
    """What a shop told Drip that somebody bought: `amount` is in cents. `properties` are the shop's own.

    The `permalink` of one that the sandbox made up is a path below the root of the API.
    """

    id: str
    subscriber_id: str
    provider: str | None
    order_id: str | None
    amount: int
    items: tuple[Item, ...]
    properties: Mapping[str, JSON]
    permalink: str | None
    occurred_at: datetime


class View:
    """The domain of Drip in one sandbox. What there is not is a KeyError in words."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def subscribers(self) -> list[Subscriber]:
        """Return the subscribers of all accounts, the oldest first."""
        with self._scene.reading():
            found = [self._show(key, row) for key, row in self._scene.table("drip.subscribers").items()]
        return sorted(found, key=lambda subscriber: subscriber.created_at)

    def subscriber(self, id_or_email: str, account: str = SAMPLE_ACCOUNT) -> Subscriber:
        """Return a subscriber by id or e-mail address, in whatever case; raise KeyError where the account has none."""
        with self._scene.reading():
            return self._show(*self._find(id_or_email, account))

    def set_lifetime_value(self, id_or_email: str, cents: int, account: str = SAMPLE_ACCOUNT) -> None:
        """Let the lifetime value of a subscriber be that many cents; no webhook tells of it.

        Raises KeyError for a subscriber that there is not, and ValueError for more than any client reads exactly.
        """
        if not -MOST <= cents <= MOST:
            raise ValueError(f"a lifetime value is from -{MOST:,} to {MOST:,} cents")
        with self._scene.changing():
            key, row = self._find(id_or_email, account)
            self._scene.table("drip.subscribers").put(key, {**row, "lifetime_value": cents})

    def purchases(self, id_or_email: str, account: str = SAMPLE_ACCOUNT) -> list[Purchase]:
        """Return the purchases of a subscriber, the one that was made last first; raise KeyError for no subscriber."""
        with self._scene.reading():
            key, _ = self._find(id_or_email, account)
            found = self._scene.table("drip.purchases").find("by_subscriber", key)
            return [_purchase(number, row) for number, row in found][::-1]

    def purchase(self, purchase_id: str) -> Purchase:
        """Return a purchase, whoever made it; raise KeyError for one that there is not."""
        with self._scene.reading():
            return _purchase(purchase_id, look_up(self._scene.table("drip.purchases"), purchase_id, "purchase"))

    def _find(self, id_or_email: str, account: str) -> tuple[str, Row]:
        subscribers = self._scene.table("drip.subscribers")
        found = find_subscriber(subscribers, account, id_or_email)
        if found is None:
            emails = [row["email"] for _, row in subscribers.items() if row["account"] == account]
            raise absent("subscriber", id_or_email, emails, f"in the account {account}")
        return found

    def _show(self, key: str, row: Row) -> Subscriber:
        return Subscriber(
            id=key,
            account=row["account"],
            email=address(row),
            status=row.get("status", "active"),
            tags=tuple(row.get("tags", ())),
            lifetime_value=row["lifetime_value"],
            purchases=self._scene.table("drip.purchases").count("by_subscriber", key),
            created_at=instant(row["created_at"]),
            custom_fields=deepcopy(row.get("custom_fields") or {}),
        )


def _purchase(key: str, row: Row) -> Purchase:
    return Purchase(
        id=key,
        subscriber_id=row["subscriber"],
        provider=row.get("provider"),
        order_id=row.get("order_id"),
        amount=row["amount"],
        items=tuple(_item(item) for item in row.get("items") or ()),
        properties=deepcopy(row.get("properties") or {}),
        permalink=order_path(key) if row.get("own_page") else row.get("permalink"),
        occurred_at=instant(row["occurred"]),
    )


def _item(item: Mapping[str, JSON]) -> Item:
    return Item(
        id=item["id"],
        name=item["name"],
        quantity=item["quantity"],
        amount=item["amount"],
        product_id=item.get("product_id"),
        sku=item.get("sku"),
        properties=deepcopy(item.get("properties") or {}),
    )
