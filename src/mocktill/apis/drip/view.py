"""What a person or a test author sees of Drip: subscribers with their lifetime value, and their purchases."""

from __future__ import annotations

from dataclasses import dataclass

from mocktill.apis.drip.handlers import SAMPLE_ACCOUNT, find_subscriber
from mocktill.core.api import Scene
from mocktill.core.store import Row


@dataclass(frozen=True)
class Subscriber:
    """Somebody who buys; `lifetime_value` is in cents, `purchases` is how many there are."""

    id: str
    account: str
    email: str
    lifetime_value: int
    purchases: int


class View:
    """The domain of Drip in one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def subscriber(self, id_or_email: str, account: str = SAMPLE_ACCOUNT) -> Subscriber:
        """Return a subscriber by id or e-mail address; raise KeyError where the account has none."""
        found = find_subscriber(self._scene.table("drip.subscribers"), account, id_or_email)
        if found is None:
            raise KeyError(id_or_email)
        key, row = found
        count = self._scene.table("drip.purchases").count("by_subscriber", key)
        return Subscriber(key, row["account"], row["email"], row["lifetime_value"], count)

    def subscribers(self) -> list[Subscriber]:
        """Return all subscribers, the oldest row first."""
        return [self.subscriber(key, row["account"]) for key, row in self._scene.table("drip.subscribers").items()]

    def purchases(self, id_or_email: str, account: str = SAMPLE_ACCOUNT) -> list[tuple[str, Row]]:
        """Return the purchases of a subscriber, id and row, the one that was made last first."""
        key = self.subscriber(id_or_email, account).id
        return list(self._scene.table("drip.purchases").find("by_subscriber", key))[::-1]

    def purchase(self, purchase_id: str) -> Row:
        """Return the row of a purchase; raise KeyError for one that does not exist."""
        row = self._scene.table("drip.purchases").get(purchase_id)
        if row is None:
            raise KeyError(purchase_id)
        return row
