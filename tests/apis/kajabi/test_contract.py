"""The schemas: what an answer may be, and where each rule comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Contract
from tests.client import Client

RESPONSE = "purchase_details.response"


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    """Kajabi's schemas."""
    return catalogue.shelves["kajabi"].contract


@pytest.fixture
def whole(ask: Client) -> dict[str, Any]:
    """A whole document."""
    found: dict[str, Any] = ask("GET", "/v1/purchases/123").get_json()
    return found


def test_every_schema_names_its_source(contract: Contract) -> None:
    """Each schema says which page it was taken from."""
    assert all(document.get("x-source") for document in contract.documents.values())


@pytest.mark.parametrize("attributes", [{}, {"currency": "USD"}, {"status": "active", "trial": None}])
def test_sparse_documents(contract: Contract, attributes: dict[str, Any]) -> None:
    """A document without relationships has whichever attributes, and no links."""
    sparse = {"data": {"id": "1", "type": "purchases", "attributes": attributes}}
    assert contract.accepts(RESPONSE, sparse)
    assert not contract.accepts(RESPONSE, {**sparse, "links": {"self": "http://x", "current": "http://x"}})


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        (lambda whole: whole.pop("links"), "/links"),
        (lambda whole: whole.pop("data"), "/data"),
        (lambda whole: whole["data"].pop("id"), "/data/id"),
        (lambda whole: whole["data"]["attributes"].pop("currency"), "/data/attributes/currency"),
        (lambda whole: whole["data"]["relationships"].pop("offer"), "/data/relationships/offer"),
        (lambda whole: whole["data"].update(id=123), "/data/id"),
        (lambda whole: whole["data"].update(type="purchase"), "/data/type"),
        (lambda whole: whole["data"]["attributes"].update(colour="red"), "/data/attributes/colour"),
        (
            lambda whole: whole["data"]["attributes"].update(created_at="2025-01-01T00:00:00Z"),
            "/data/attributes",
        ),
        (lambda whole: whole["data"]["attributes"].update(currency=None), "/data/attributes/currency"),
    ],
)
def test_spoilt_documents(contract: Contract, whole: dict[str, Any], spoil: Callable[[Any], Any], pointer: str) -> None:
    """A whole document with something missing, unknown or mistyped is refused where it is wrong."""
    assert contract.accepts(RESPONSE, whole)
    spoil(whole)
    assert not contract.accepts(RESPONSE, whole)
    assert any(violation.pointer.startswith(pointer) for violation in contract.explain(RESPONSE, whole))
