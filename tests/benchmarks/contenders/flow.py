"""What each contender does: reserve, claim, and get the purchase, as a client of Deem would."""

from __future__ import annotations

from typing import Any, Protocol

COUNT = 1_000
HOST = "https://api.offers.deem.com"
DEAL = "la-1024-wsc-hair-studio-01-2"
KEY = "?api_key=1234567"
ID = "34063ec2"
PURCHASE = {"id": ID, "purchase_id": ID, "deal_id": DEAL, "num_bought": 1, "fulfillment_state": "fulfilled"}
STUB = {"status": "success", "purchase": PURCHASE}
"""What a hand-written stub answers, to anything."""


class Answer(Protocol):
    """What a client gets."""

    status_code: int

    def json(self) -> Any:
        """Return the body's value."""


class Client(Protocol):
    """requests and httpx alike."""

    def post(self, url: str, *, json: Any) -> Answer:
        """Send a POST."""

    def put(self, url: str, *, json: Any) -> Answer:
        """Send a PUT."""

    def get(self, url: str) -> Answer:
        """Send a GET."""


def buy(client: Client, base: str = HOST) -> None:
    """Reserve, claim and get, and look at each answer."""
    reserved = client.post(f"{base}/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 1})
    assert reserved.status_code == 200
    purchase = reserved.json()["purchase"]["purchase_id"]
    claimed = client.put(f"{base}/v1/purchases/{purchase}/claim{KEY}", json={"user_id": "ABC123"})
    assert claimed.status_code == 200
    got = client.get(f"{base}/v1/purchases/{purchase}{KEY}")
    assert (got.status_code, got.json()["purchase"]["fulfillment_state"]) == (200, "fulfilled")
