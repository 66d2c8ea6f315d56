"""The contract of Deem's requests, parameter by parameter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.apis.deem.shop import ASK, DEAL, Shop, ask, basis_of, error, id_of

TEXTS = [
    ("create_purchase", "deal_id"),
    ("create_purchase", "user_id"),
    ("create_purchase", "credit_card_id"),
    ("reserve_purchase", "deal_id"),
    ("claim_purchase", "user_id"),
]
NUMBERS = [
    ("create_purchase", "quantity"),
    ("create_purchase", "expected_price_per_unit"),
    ("reserve_purchase", "num_bought"),
]
WRONG_TEXTS: list[Any] = [None, 7, 2.0, True, [], {}, "", "x" * 100_000]
WRONG_NUMBERS: list[Any] = [None, "2", "", 1.5, True, [], {}, -1, -(10**30), 1e300, 10**30]


def test_every_parameter_is_tried() -> None:
    """The tables above have every required parameter of every operation."""
    required = {(name, field) for name, (_, _, body) in ASK.items() for field in (body or {})}
    assert {*TEXTS, *NUMBERS} == required


def refusal_of(shop: Shop, operation: str, field: str, value: Any) -> TestResponse:
    """Ask with one parameter changed; everything else would succeed."""
    body = {**(ASK[operation][2] or {}), field: value}
    return ask(shop, operation, data=_json(body), content_type="application/json")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()  # orjson writes no integers over 64 bits, and clients do


@pytest.mark.parametrize(("operation", "field"), [*TEXTS, *NUMBERS])
def test_a_missing_parameter_is_named(shop: Shop, operation: str, field: str) -> None:
    """A required parameter that is missing gets 422 with its name, as published."""
    body = {name: value for name, value in (ASK[operation][2] or {}).items() if name != field}
    answer = ask(shop, operation, json=body)
    item = {"type": "missing_field", "message": "is missing", "field": field, "resource": "purchase"}
    assert (answer.status_code, basis_of(answer)) == (422, "published")
    assert answer.get_json() == error("validation_failed", "validation failed", item)
    assert [(v.pointer, v.rule, v.severity) for v in shop.entry.violations] == [(f"/{field}", "required", "error")]


@pytest.mark.parametrize(
    ("operation", "field", "value"),
    [(*where, value) for where in TEXTS for value in WRONG_TEXTS]
    + [(*where, value) for where in NUMBERS for value in WRONG_NUMBERS],
    ids=lambda value: repr(value)[:20],
)
def test_a_wrong_parameter_is_named(shop: Shop, operation: str, field: str, value: Any) -> None:
    """A parameter that is null, of another type, empty, out of range or huge gets 422 with its name."""
    answer = refusal_of(shop, operation, field, value)
    assert answer.status_code == 422
    (item,) = answer.get_json()["errors"]
    assert list(item) == ["type", "message", "field", "resource"]
    assert (item["type"], item["field"], item["resource"]) == ("invalid", field, "purchase")


@pytest.mark.parametrize("field", ["quantity", "num_bought"])
def test_nothing_cannot_be_bought(shop: Shop, field: str) -> None:
    """The least quantity is one."""
    operation = "create_purchase" if field == "quantity" else "reserve_purchase"
    assert refusal_of(shop, operation, field, 0).get_json()["errors"][0]["field"] == field


@pytest.mark.parametrize("value", ["2.0", "2e0", "0.2E+1"])
def test_a_whole_number_may_have_a_point(shop: Shop, value: str) -> None:
    """JSON knows one kind of number: 2.0 is 2, and is answered as 2."""
    form = '{{"deal_id": "{}", "num_bought": {}}}'
    reserved = shop.ask("POST", "/v1/purchases/reserve", data=form.format(DEAL, value))
    created = refusal_of(shop, "create_purchase", "quantity", float(value))
    priced = refusal_of(shop, "create_purchase", "expected_price_per_unit", 3900.0)
    for answer in (created, reserved, priced):
        assert b'"number_bought":2,' in answer.get_data()
    assert isinstance(shop.row(id_of(reserved))["quantity"], int)


@pytest.mark.parametrize(("value", "status"), [("s", 200), ("", 200), (None, 422), (7, 422), ("x" * 256, 422)])
def test_the_session_is_optional_text(shop: Shop, value: Any, status: int) -> None:
    """`session_id` may be missing; where it is there it is text."""
    assert refusal_of(shop, "create_purchase", "session_id", value).status_code == status


@pytest.mark.parametrize("name", ["quantity", "num_bought", "number_bought"])
def test_the_names_of_a_quantity_are_not_exchanged(shop: Shop, name: str) -> None:
    """Creating takes `quantity`, reserving `num_bought`: no operation takes the other's name."""
    for operation, right in (("create_purchase", "quantity"), ("reserve_purchase", "num_bought")):
        body = {key: value for key, value in (ASK[operation][2] or {}).items() if key != right}
        answer = ask(shop, operation, json={**body, name: 2})
        assert answer.status_code == (200 if name == right else 422)
