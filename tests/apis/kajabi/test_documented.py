"""The documented example: canned, living, and against a transcription of the page by hand."""

from __future__ import annotations

import json

import pytest

from mocktill.apis.kajabi.documents import ATTRIBUTES
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from tests.client import Client

DOCUMENTED = {
    "data": {
        "id": "123",
        "type": "purchases",
        "attributes": {"amount_in_cents": 19900, "multipay_payments_made": 1},
    }
}
TABLE = [
    "amount_in_cents",
    "payment_type",
    "trial",
    "trial_end_at",
    "multipay_payments_made",
    "payment_plan_total_payments",
    "status",
    "opt_in",
    "raw_extra_contact_information",
    "currency",
    "effective_start_at",
    "cardholder_name",
    "billing_address_zip",
    "deactivated_at",
    "deactivation_reason",
    "coupon_code",
    "source",
    "referrer",
    "quantity",
    "created_at",
    "updated_at",
]
REQUEST = "/v1/purchases/123?fields[purchases]=amount_in_cents,multipay_payments_made"


def test_the_example_is_the_documents(catalogue: Catalogue) -> None:
    """The example that is kept is the page's, key for key and in its order."""
    kept = catalogue.shelves["kajabi"].examples["purchase_details"]["documented"]
    assert json.dumps(kept) == json.dumps(DOCUMENTED)


def test_the_attributes_are_the_documents() -> None:
    """There are the page's 21 attributes, in the order of its table."""
    assert len(TABLE) == 21
    assert list(ATTRIBUTES) == TABLE


def test_the_living_state_answers_as_documented(ask: Client) -> None:
    """The documented request gets the documented body from the factory state, byte for byte."""
    answer = ask("GET", REQUEST)
    assert answer.status_code == 200
    assert answer.get_data(as_text=True) == json.dumps(DOCUMENTED, separators=(",", ":"))
    assert answer.headers["Content-Type"] == "application/vnd.api+json"
    assert answer.headers["Mocktill-Basis"] == "documented"
    assert ask.entry.violations == ()
    assert ask.entry.changes == ()


def test_canned_by_preference(ask: Client) -> None:
    """`Prefer: example=documented` gives the documented body, whatever was asked for."""
    answer = ask("GET", "/v1/purchases/999", headers={"Prefer": "example=documented"})
    assert answer.get_json() == DOCUMENTED
    assert answer.headers["Preference-Applied"] == "example=documented"
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_canned_by_default(catalogue: Catalogue) -> None:
    """A sandbox of canned answers gives the documented body."""
    box = Sandbox(catalogue, setup=Setup(answers="canned"))
    client = Client(box, "kajabi", {"Authorization": "Bearer token-active"})
    assert client("GET", "/v1/purchases/201").get_json() == DOCUMENTED


@pytest.mark.parametrize("number", range(20))
def test_generated_answers_are_whole_documents(ask: Client, number: int) -> None:
    """A generated answer has all attributes in order, relationships, links and the id asked for."""
    path = f"/v1/purchases/{number}"
    answer = ask("GET", path, headers={"Prefer": "dynamic=true"})
    body = answer.get_json()
    assert answer.status_code == 200
    assert list(body) == ["data", "links"]
    assert list(body["data"]) == ["id", "type", "attributes", "relationships"]
    assert list(body["data"]["attributes"]) == TABLE
    assert body["data"]["id"] == str(number)
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert ask("GET", path, headers={"Prefer": "dynamic=true"}).get_json() == body


@pytest.mark.parametrize(("code", "title"), [("401", "Unauthorized"), ("403", "Forbidden"), ("404", "Not Found")])
def test_errors_by_preference(ask: Client, code: str, title: str) -> None:
    """`Prefer: code=` gives each error that the page publishes."""
    answer = ask("GET", "/v1/purchases/123", headers={"Prefer": f"code={code}"})
    assert answer.status_code == int(code)
    assert answer.get_json()["errors"][0]["title"] == title
    assert answer.headers["Mocktill-Basis"] == "published"
