"""The factory state and the purchases that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocktill.apis.kajabi import API
from mocktill.apis.kajabi.documents import ATTRIBUTES
from mocktill.apis.kajabi.factory import factory, new_purchase
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.seeds import BrokenSeed
from tests.client import Client

GIVEN = {
    "offer_id": "1",
    "customer_id": "2",
    "amount_in_cents": 500.0,
    "payment_type": "single",
    "created_at": "2026-01-01T00:00:00Z",
}


def test_a_short_purchase_gets_every_attribute() -> None:
    """What a seed does not say is null or usual, numbers are integers, and instants have the form of rows."""
    row = new_purchase(GIVEN)
    assert set(row) == {*ATTRIBUTES, "offer_id", "customer_id"}
    assert row["created_at"] == row["updated_at"] == "2026-01-01T00:00:00.000000Z"
    assert repr(row["amount_in_cents"]) == "500"
    assert (row["status"], row["currency"], row["quantity"], row["trial"]) == ("succeeded", "USD", 1, None)
    assert new_purchase({**GIVEN, "payment_type": "multipay"})["status"] == "active"


def test_the_factory_of_nothing() -> None:
    """A seed without tables makes no rows."""
    assert factory({}) == {"transactions": {}, "purchases": {}}


def test_every_purchase_of_the_factory_state_is_answered(ask: Client, box: Sandbox) -> None:
    """Each purchase is answered whole, belongs to an offer and a customer that exist, and is magic."""
    keys = [key for key, _ in box.table("kajabi.purchases").items()]
    for key in keys:
        answer = ask("GET", f"/v1/purchases/{key}")
        assert answer.status_code == 200
        related = answer.get_json()["data"]["relationships"]
        assert related["offer"]["data"]["id"] in box.table("kajabi.offers")
        assert related["customer"]["data"]["id"] in box.table("kajabi.customers")
        for product in related["products"]["data"]:
            assert product["id"] in box.table("kajabi.products")
    magic = {(magic.table, magic.key) for magic in box.catalogue.magic}
    assert {("purchases", key) for key in keys} <= magic
    assert {("credentials", key) for key, _ in box.table("kajabi.credentials").items()} <= magic


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ("payment_type: yearly", "/tables/purchases/9/payment_type"),
        ("payment_type: single\n      created_at: yesterday", "/tables/purchases/9/created_at"),
        ("payment_type: single\n      colour: red", "/tables/purchases/9/colour"),
    ],
)
def test_a_broken_seed(tmp_path: Path, line: str, pointer: str) -> None:
    """A seed file with a mistake stops the start, and says where it is."""
    (tmp_path / "kajabi").mkdir()
    (tmp_path / "kajabi" / "seed.yaml").write_text(
        "version: 1\ntables:\n  purchases:\n    '9':\n      offer_id: '1'\n      customer_id: '2'\n"
        f"      amount_in_cents: 1\n      {line}\n"
        + ("" if "created_at" in line else "      created_at: '2026-01-01T00:00:00Z'\n")
    )
    with pytest.raises(BrokenSeed, match=pointer):
        Catalogue([API], tmp_path)


def test_populate(ask: Client, box: Sandbox) -> None:
    """Made-up purchases are whole, of every kind, in the past, and can be made again."""
    first, second = box.populate(30)["kajabi"], box.populate(30)["kajabi"]
    assert len({*first, *second}) == 60
    kinds = set()
    for key in (*first, *second):
        body = ask("GET", f"/v1/purchases/{key}").get_json()
        found, related = body["data"]["attributes"], body["data"]["relationships"]
        kinds.add(found["payment_type"])
        assert key.isdigit()
        assert found["created_at"] <= found["updated_at"] <= "2026-03-02T12:00:00.000Z"
        made, total = found["multipay_payments_made"], found["payment_plan_total_payments"]
        assert len(related["transactions"]["data"]) == (made or 1)
        assert len(related["products"]["data"]) == 1
        if found["payment_type"] == "multipay":
            assert 1 <= made <= total
            assert found["status"] == ("completed" if made == total else "active")
        else:
            assert (made, total) == (None, None)
    assert kinds == {"single", "subscription", "multipay"}


def test_populate_is_the_same_for_the_same_seed(catalogue: Catalogue) -> None:
    """Two sandboxes with one seed make up the same purchases."""
    assert Sandbox(catalogue).populate(5) == Sandbox(catalogue).populate(5)


def test_populate_many(box: Sandbox) -> None:
    """A thousand are made at once."""
    assert len(set(box.populate(1000)["kajabi"])) == 1000
