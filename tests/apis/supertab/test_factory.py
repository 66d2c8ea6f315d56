"""The factory state, seed files of one's own, and purchases that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocktill.apis.supertab import API
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.seeds import BrokenSeed
from tests.apis.supertab import ids
from tests.client import Client

ROW = """
      created_at: "2024-02-01T08:00:00Z"
      merchant_id: merchant.dddddddd-0000-4000-8000-000000000009
      summary: Mine
      price: {amount: 10.0, currency: USD}
      sales_model: single_purchase
      payment_model: pay_later
      offering_id: offering.cccccccc-0000-4000-8000-000000000009
"""


def load(folder: Path, seed: str) -> Catalogue:
    """Load Supertab with a seed file of one's own laid over its factory state."""
    (folder / "supertab").mkdir()
    (folder / "supertab" / "seed.yaml").write_text(seed)
    return Catalogue([API], folder)


def test_every_magic_row_has_one_sentence(catalogue: Catalogue) -> None:
    """All tokens and purchases are magic, and what is bought with an outcome of its own, each with a sentence."""
    magic = {(row.table, row.key): row.sentence for row in catalogue.magic if row.api == "supertab"}
    assert {table: sum(of == table for of, _ in magic) for table, _ in magic} == {
        "credentials": 9,
        "offerings": 7,
        "tabs": 1,
        "purchases": 10,
    }
    assert all(sentence.endswith(".") for sentence in magic.values())
    assert "`pending`" in magic["purchases", ids.NOW_UNPAID]


def test_rows_are_complete_and_sort(box: Sandbox) -> None:
    """Instants are kept with microseconds, so that they sort; dates that were left out are the first one."""
    row = box.table("supertab.purchases").get(ids.LATER_ON_TAB) or {}
    assert row["created_at"] == row["updated_at"] == row["purchase_date"] == "2023-11-03T15:34:44.852000Z"
    assert "status" not in row
    tab = box.table("supertab.tabs").get(ids.PAID_TAB) or {}
    assert tab["paid_at"] == "2023-11-03T15:36:10.007000Z"


def test_every_tab_that_is_named_exists(box: Sandbox) -> None:
    """No seeded purchase is on a tab that the factory state lacks, and no tab is empty."""
    named = {row["tab_id"] for _, row in box.table("supertab.purchases").items()} - {None}
    assert named == {key for key, _ in box.table("supertab.tabs").items()}


def test_a_short_row_of_one_s_own(tmp_path: Path) -> None:
    """A purchase needs only what has no default, and a whole number may be written with a point."""
    key = ids.purchase(77)
    box = Sandbox(load(tmp_path, f"version: 1\ntables:\n  purchases:\n    {key}:{ROW}"))
    answer = Client(box, "supertab", {"Authorization": "t"})("GET", f"/v1/purchases/{key}")
    body = answer.get_json()
    assert answer.status_code == 200
    assert (body["metadata"], body["test_mode"], body["status"]) == ({}, False, "pending")
    assert b'"amount":10,' in answer.data


@pytest.mark.parametrize(
    ("key", "row", "message"),
    [
        ("mine", ROW, "purchase"),
        (ids.purchase(77), ROW.replace("2024-02-01", "2024-13-01"), "created_at"),
        (ids.purchase(77), ROW.replace("single_purchase", "managed_by_merchant"), "sales_model"),
        (ids.purchase(77), ROW + "      status: completed\n", "no such property"),
        (ids.purchase(77), ROW + "      valid_timedelta: 1D\n", "valid_timedelta"),
        (ids.purchase(77), ROW + "      tab_id: tab.1\n", "tab_id"),
        (ids.purchase(77), ROW.replace("      summary: Mine\n", ""), "summary"),
    ],
)
def test_a_mistake_stops_the_start(tmp_path: Path, key: str, row: str, message: str) -> None:
    """A row that Supertab could not have is refused with its file, and a status cannot be seeded."""
    with pytest.raises(BrokenSeed, match=message):
        load(tmp_path, f"version: 1\ntables:\n  purchases:\n    {key}:{row}")


def test_populate_makes_purchases_that_are_answered(box: Sandbox, supertab: Client) -> None:
    """Populated purchases are read like any other, in every sales model and in both statuses."""
    keys = box.populate(60)["supertab"]
    answers = [supertab("GET", f"/v1/purchases/{key}") for key in keys]
    assert {answer.status_code for answer in answers} == {200}
    bodies = [answer.get_json() for answer in answers]
    assert [body["id"] for body in bodies] == keys
    assert {body["sales_model"] for body in bodies} == {
        "contribution",
        "single_purchase",
        "time_pass",
        "subscription",
    }
    assert {body["status"] for body in bodies} == {"completed", "pending"}
    assert {answer.headers["Mocktill-Basis"] for answer in answers} == {"documented"}


def test_populate_gives_each_model_what_belongs_to_it(box: Sandbox) -> None:
    """A pass has a length, a subscription an interval, and both have a beginning and an end."""
    for key in box.populate(40)["supertab"]:
        row = box.table("supertab.purchases").get(key) or {}
        lasts = row["sales_model"] in {"time_pass", "subscription"}
        assert (row["valid_timedelta"] is not None) is (row["sales_model"] == "time_pass")
        assert (row["recurring_details"] is not None) is (row["sales_model"] == "subscription")
        assert (row["valid_from"] is not None) is (row["valid_to"] is not None) is lasts


def test_populate_twice_and_many(box: Sandbox) -> None:
    """A thousand purchases twice in a row are two thousand different ones beside the factory's."""
    first, second = (box.populate(1000)["supertab"] for _ in range(2))
    assert len({*first, *second}) == 2000
    assert len(box.table("supertab.purchases")) == 2010


def test_populate_is_the_same_for_the_same_seed(box: Sandbox, catalogue: Catalogue) -> None:
    """The same seed makes the same purchases; another seed makes others."""
    now = box.clock.now()
    again, other = (Sandbox(catalogue, setup=Setup(seed=seed, now=now)) for seed in (1, 2))
    keys = box.populate(5)["supertab"]
    assert again.populate(5)["supertab"] == keys
    assert other.populate(5)["supertab"] != keys
    rows = [box.table("supertab.purchases").get(key) for key in keys]
    assert [again.table("supertab.purchases").get(key) for key in keys] == rows
