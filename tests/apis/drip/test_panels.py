"""What a person sees of Drip when a subscriber buys."""

from __future__ import annotations

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.cells import cells_of, control_of
from tests.client import Client
from tests.control.control import Control

NEW = "n0pvrch4s3sy3tn0pvrc"
BOUGHT = {
    "provider": "shop",
    "order_id": "7",
    "amount": 1200,
    "occurred_at": "2026-03-02T11:00:00Z",
    "items": [{"name": "Pen", "amount": 1200, "quantity": 2}],
}


@pytest.fixture
def control(catalogue: Catalogue) -> Control:
    """A client of the control API."""
    return control_of(catalogue)


@pytest.fixture
def box(control: Control) -> Sandbox:
    """The sandbox that it is about."""
    return control.sandboxes.default


def test_lifetime_value(control: Control, drip: Client) -> None:
    """A purchase adds to the lifetime value and is the first of the list, with what was bought."""
    path = f"/v2/9999999/subscribers/{NEW}/purchases"
    assert drip("POST", path, json={"purchases": [BOUGHT]}).status_code == 201
    (subscriber,) = control.get(f"/panels/drip/subscribers?key={NEW}")["objects"]
    assert subscriber["cells"]["lifetime_value"] == {"amount": 1200, "currency": "USD"}
    assert (subscriber["cells"]["purchases"], subscriber["values"]["lifetime_value"]) == (1, 1200)
    (purchase,) = control.get("/panels/drip/purchases?limit=1")["objects"]
    assert purchase["cells"]["items"] == ["Pen (2)"]
    assert (purchase["cells"]["email"], purchase["cells"]["order"]) == ("new@acme.com", "7")


def test_the_newest_subscriber(control: Control, drip: Client) -> None:
    """Who came last is the first of the list, of whatever account, with the address as it was written."""
    for number in range(3):
        sent = {"subscribers": [{"email": f"Person{number}@Example.com", "tags": ["Fan"]}]}
        assert drip("POST", "/v2/9999999/subscribers", json=sent).status_code in {200, 201}
    shown = [*cells_of(control.get("/panels/drip/subscribers?limit=2")).values()]
    told = drip("GET", "/v2/9999999/subscribers?sort=created_at&direction=desc").get_json()["subscribers"]
    assert [cells["email"] for cells in shown] == [one["email"] for one in told][:2]
    assert shown[0]["tags"] == ["Fan"]
    assert shown[0]["status"] == {"value": "active", "tone": "good"}
