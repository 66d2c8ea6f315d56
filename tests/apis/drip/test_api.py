"""Drip's table of operations and its documented examples."""

from __future__ import annotations

import pytest

from mocktill.apis.drip import API
from mocktill.apis.drip.show import HOST
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Basis
from mocktill.core.sandbox import Sandbox, Setup
from tests.apis.drip.documented import (
    ACCOUNT,
    ACCOUNT_LINKS,
    BUYER,
    LINKS,
    META,
    PEOPLE,
    PEOPLE_LINKS,
    PURCHASE,
    SENT,
    SUBSCRIBER,
)
from tests.client import Client

EXAMPLES = {
    "create_purchase": {},
    "list_purchases": {"links": LINKS, "meta": META, "purchases": [PURCHASE]},
    "fetch_purchase": {"links": LINKS, "purchases": [PURCHASE]},
    "read_subscriber": {"links": PEOPLE_LINKS, "subscribers": [SUBSCRIBER]},
    "create_or_update_subscriber": {"links": PEOPLE_LINKS, "subscribers": [SUBSCRIBER]},
    "list_subscribers": {"links": PEOPLE_LINKS, "meta": META, "subscribers": [SUBSCRIBER]},
    "fetch_account": {"links": ACCOUNT_LINKS, "accounts": [ACCOUNT]},
}
PATHS = {
    "create_purchase": ("POST", f"{BUYER}/purchases"),
    "list_purchases": ("GET", f"{BUYER}/purchases"),
    "fetch_purchase": ("GET", f"{BUYER}/purchases/9999999"),
    "read_subscriber": ("GET", BUYER),
    "create_or_update_subscriber": ("POST", PEOPLE),
    "list_subscribers": ("GET", PEOPLE),
    "fetch_account": ("GET", "/v2/accounts/9999999"),
    "follow_subscriber": ("GET", "/v2/subscribers/98asdh9f8asd88d"),
}
BODIES = {
    "create_purchase": {"purchases": [SENT]},
    "create_or_update_subscriber": {"subscribers": [{"email": "sam@acme.com"}]},
}


def ordered(value: object) -> object:
    """Return a JSON value in which the order of keys counts."""
    if isinstance(value, dict):
        return [(key, ordered(item)) for key, item in value.items()]
    return [ordered(item) for item in value] if isinstance(value, list) else value


def test_bases() -> None:
    """The operations of the page on purchases are documented, the others published; of one only the link is known."""
    assert {operation.name: operation.basis for operation in API.operations} == {
        "create_purchase": Basis.DOCUMENTED,
        "list_purchases": Basis.DOCUMENTED,
        "fetch_purchase": Basis.DOCUMENTED,
        "read_subscriber": Basis.PUBLISHED,
        "follow_subscriber": Basis.ASSUMED,
        "fetch_account": Basis.PUBLISHED,
        "create_or_update_subscriber": Basis.PUBLISHED,
        "list_subscribers": Basis.PUBLISHED,
        "delete_subscriber": Basis.PUBLISHED,
    }


def test_examples_are_the_documented_ones(catalogue: Catalogue) -> None:
    """The example files are the pages' own JSON, in its key order."""
    examples = {name: named["documented"] for name, named in catalogue.shelves["drip"].examples.items()}
    assert examples == EXAMPLES
    assert {name: ordered(example) for name, example in examples.items()} == {
        name: ordered(example) for name, example in EXAMPLES.items()
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_canned(catalogue: Catalogue, name: str) -> None:
    """Where answers are canned they are the documented ones, and no state changes."""
    box = Sandbox(catalogue, setup=Setup(answers="canned"))
    client = Client(box, "drip", {"Authorization": "Bearer t"})
    method, path = PATHS[name]
    answer = client(method, path, json=BODIES.get(name))
    assert answer.status_code == API.operation(name).status
    assert answer.get_json() == EXAMPLES[name]
    assert answer.headers["Mocktill-Basis"] == API.operation(name).basis
    assert client.entry.changes == ()


@pytest.mark.parametrize("name", PATHS)
def test_generated(drip: Client, name: str) -> None:
    """A generated answer obeys the contract, and is the same for the same request."""
    method, path = PATHS[name]
    answers = [drip(method, path, json=BODIES.get(name), headers={"Prefer": "dynamic=true"}) for _ in range(2)]
    assert answers[0].status_code == API.operation(name).status
    assert answers[0].data == answers[1].data
    assert answers[0].headers["Mocktill-Basis"] == "assumed"


def test_generated_id(drip: Client) -> None:
    """A generated purchase has the id that was asked for."""
    answer = drip("GET", f"{BUYER}/purchases/1234567", headers={"Prefer": "dynamic=true"})
    assert answer.get_json()["purchases"][0]["id"] == "1234567"


def test_generated_links(drip: Client) -> None:
    """The links of a generated answer are the documented templates on the request's own host."""
    for path in (f"{BUYER}/purchases", f"{BUYER}/purchases/1"):
        body = drip("GET", path, headers={"Prefer": "dynamic=true"}).get_json()
        assert body["links"] == {name: link.replace(HOST, "http://localhost") for name, link in LINKS.items()}
    body = drip("GET", BUYER, headers={"Prefer": "dynamic=true"}).get_json()
    assert body["links"] == {"subscribers.account": "http://localhost/v2/accounts/{subscribers.account}"}
    (subscriber,) = body["subscribers"]
    assert subscriber["href"] == f"http://localhost/v2/9999999/subscribers/{subscriber['id']}"


def test_tables_have_seed_schemas(catalogue: Catalogue) -> None:
    """Every table but the count of requests can be seeded."""
    tables = catalogue.shelves["drip"].contract.documents["seed"]["properties"]["tables"]["properties"]
    assert {spec.name for spec in API.tables} - set(tables) == {"rate"}


def test_every_schema_names_its_source(catalogue: Catalogue) -> None:
    """Each schema says which page it was taken from."""
    documents = catalogue.shelves["drip"].contract.documents
    assert [name for name, document in documents.items() if not document.get("x-source")] == []
