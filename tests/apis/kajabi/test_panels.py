"""What a person sees of Kajabi while a plan is paid and an offer is bought."""

from __future__ import annotations

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.cells import cells_of, control_of
from tests.client import Client
from tests.control.control import Control


@pytest.fixture
def control(catalogue: Catalogue) -> Control:
    """A client of the control API."""
    return control_of(catalogue)


@pytest.fixture
def box(control: Control) -> Sandbox:
    """The sandbox that it is about."""
    return control.sandboxes.default


def test_payments_are_made(control: Control) -> None:
    """A plan fills up with its payments, which its act makes, until it is completed."""
    panel = control.get("/panels/kajabi/purchases?key=123")
    assert cells_of(panel)["123"]["payments"] == {"value": 1, "limit": 3, "currency": None}
    assert cells_of(panel)["123"]["status"] == {"value": "active", "tone": "good"}
    (pay,) = panel["acts"]
    for _ in range(2):
        control.ok("POST", f"/acts/{pay['name']}", {"key": "123"})
    done = cells_of(control.get("/panels/kajabi/purchases?key=123"))["123"]
    assert (done["payments"]["value"], done["status"]["value"]) == (3, "completed")


def test_a_status_is_that_of_the_wire(control: Control, ask: Client) -> None:
    """Each purchase has the status that a request is told: of a one-time purchase that of its transaction."""
    transactions = control.get("/panels/kajabi/transactions")
    assert {field["name"]: field["table"] for field in transactions["fields"]}["state"] == "kajabi.transactions"
    control.ok("PATCH", "/state/kajabi.transactions/5002", {"state": "initialized"})
    shown = {key: cells["status"]["value"] for key, cells in cells_of(control.get("/panels/kajabi/purchases")).items()}
    assert shown["201"] == "initialized"
    told = ask("GET", "/v1/purchases?page[size]=100").get_json()["data"]
    assert shown == {one["id"]: one["attributes"]["status"] for one in told}


def test_an_offer_is_bought(control: Control) -> None:
    """The purchase that an act makes is the first of the list, with its offer and its customer."""
    control.ok("POST", "/acts/kajabi.buy_offer", {"key": "2002"})
    (newest,) = control.get("/panels/kajabi/purchases?limit=1")["objects"]
    assert newest["cells"]["offer"] == "Watercolour in three payments"
    assert newest["cells"]["amount"] == {"amount": 19900, "currency": "USD"}
    customers = cells_of(control.get("/panels/kajabi/customers"))
    assert [cells["purchases"] for cells in customers.values() if cells["name"] == newest["cells"]["customer"]] == [1]
