"""The response schema against an independent transcription of the documented page."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Contract
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.client import Client

SALES_MODELS = ["contribution", "single_purchase", "time_pass", "subscription"]
PAYMENT_MODELS = ["pay_now", "pay_later", "pay_now_subscription"]
STATUSES = ["completed", "pending", "abandoned"]
PAGE: list[tuple[str, str, bool]] = [
    ("id", "string", False),
    ("created_at", "string", False),
    ("updated_at", "string", False),
    ("purchase_date", "string", False),
    ("merchant_id", "string", False),
    ("summary", "string", False),
    ("price", "object", False),
    ("sales_model", "enum", False),
    ("payment_model", "enum", False),
    ("metadata", "object", False),
    ("attributed_to", "string", True),
    ("offering_id", "string", False),
    ("content_key", "string", True),
    ("test_mode", "boolean", True),
    ("valid_from", "string", True),
    ("valid_to", "string", True),
    ("valid_timedelta", "string", True),
    ("recurring_details", "object", True),
    ("status", "enum", True),
]
"""Name, type and nullability of each response field, as the page lists them; all are required."""


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    """Supertab's schemas."""
    return catalogue.shelves["supertab"].contract


@pytest.fixture
def purchase(supertab: Client) -> dict[str, Any]:
    """A purchase as it is answered, with every field set."""
    body: dict[str, Any] = supertab("GET", f"/v1/purchases/{ids.ALL_SET}").get_json()
    return body


def accepts(contract: Contract, purchase: dict[str, Any], **fields: Any) -> bool:
    """Whether the response schema accepts the purchase with other fields."""
    return contract.accepts("retrieve_purchase.response", {**purchase, **fields})


def test_the_fields_are_the_page_s_in_its_order(contract: Contract, purchase: dict[str, Any]) -> None:
    """The schema and the answer have the 19 documented fields, all required, in the documented order."""
    names = [name for name, _, _ in PAGE]
    document = contract.documents["retrieve_purchase.response"]
    assert list(document["properties"]) == names
    assert document["required"] == names
    assert list(purchase) == names
    assert len(names) == 19


@pytest.mark.parametrize(("name", "type", "nullable"), PAGE)
def test_types_and_nullability(
    contract: Contract, purchase: dict[str, Any], name: str, type: str, nullable: bool
) -> None:
    """Each field has the documented type, is null only where the page says so, and cannot be left out."""
    of_type = {"string": str, "enum": str, "object": dict, "boolean": bool}[type]
    assert isinstance(purchase[name], of_type)
    assert accepts(contract, purchase)
    assert accepts(contract, purchase, **{name: None}) is nullable
    assert not accepts(contract, purchase, **{name: 7})
    missing = {key: value for key, value in purchase.items() if key != name}
    assert not contract.accepts("retrieve_purchase.response", missing)


@pytest.mark.parametrize(
    ("name", "words"),
    [("sales_model", SALES_MODELS), ("payment_model", PAYMENT_MODELS), ("status", STATUSES)],
)
def test_enums(contract: Contract, purchase: dict[str, Any], name: str, words: list[str]) -> None:
    """Each enum has the documented words and no other."""
    assert all(accepts(contract, purchase, **{name: word}) for word in words)
    assert not accepts(contract, purchase, **{name: "managed_by_merchant"})


@pytest.mark.parametrize("value", ["1d", "30m", "1M", "90s", "12h", "2w", "1y", "12345678d"])
def test_lengths_of_validity(contract: Contract, purchase: dict[str, Any], value: str) -> None:
    """A length of validity is a number and a unit, of 2 to 9 characters."""
    assert accepts(contract, purchase, valid_timedelta=value)


@pytest.mark.parametrize("value", ["", "d", "1", "1D", "1 d", "123456789d", "1d\n", "P1D"])
def test_lengths_that_are_none(contract: Contract, purchase: dict[str, Any], value: str) -> None:
    """Anything else is no length of validity."""
    assert not accepts(contract, purchase, valid_timedelta=value)


def test_nested_shapes(contract: Contract, purchase: dict[str, Any]) -> None:
    """Price and recurring details have the observed shape, and metadata is flat."""
    assert not accepts(contract, purchase, price={"amount": 50})
    assert not accepts(contract, purchase, price={"amount": 50, "currency": {"iso_code": "USD"}})
    assert not accepts(contract, purchase, recurring_details={"billing_interval": "hour", "interval_count": 1})
    assert not accepts(contract, purchase, metadata={"nested": {"a": 1}})
    assert not accepts(contract, purchase, managed=True)


def test_test_mode_has_the_documented_default(contract: Contract) -> None:
    """The schema says the default that the page says."""
    assert contract.documents["retrieve_purchase.response"]["properties"]["test_mode"]["default"] is False


def test_what_is_observed_says_so(contract: Contract, purchase: dict[str, Any]) -> None:
    """Shapes that only clients show name that as their source, and the rest names the page."""
    wrong = {**purchase, "price": {}, "created_at": "today", "status": "paid"}
    sources = {v.pointer: v.source for v in contract.explain("retrieve_purchase.response", wrong)}
    assert sources["/price/amount"].startswith("observed")
    assert sources["/created_at"].startswith("observed")
    assert sources["/status"] == "Supertab API v1, Purchases: Retrieve a purchase"


@pytest.mark.parametrize("key", [*(ids.purchase(number) for number in range(20)), "123", "null", "🪙"])
def test_generated_answers(supertab: Client, key: str) -> None:
    """A generated purchase obeys the schema, has the id that was asked for, and is the same every time."""
    headers = {"Prefer": "dynamic=true"}
    answer = supertab("GET", f"/v1/purchases/{key}", headers=headers)
    body = answer.get_json()
    assert (answer.status_code, answer.headers["Mocktill-Basis"]) == (200, "assumed")
    assert answer.headers["Preference-Applied"] == "dynamic=true"
    assert (body["id"], list(body)) == (key, [name for name, _, _ in PAGE])
    assert supertab("GET", f"/v1/purchases/{key}", headers=headers).get_json() == body


def test_there_is_no_documented_example(supertab: Client, box: Sandbox) -> None:
    """The page has no JSON: a wish for its example is not applied, and is journalled."""
    answer = supertab("GET", f"/v1/purchases/{ids.LATER_ON_TAB}", headers={"Prefer": "example=documented"})
    assert (answer.status_code, "Preference-Applied" in answer.headers) == (200, False)
    assert any("no example" in note for note in supertab.entry.notes)
    assert box.catalogue.shelves["supertab"].examples == {}
