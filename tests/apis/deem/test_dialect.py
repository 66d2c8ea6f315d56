"""Deem on the wire: keys, prefixes, suffixes, JSON and forms in, the generic error out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from mocktill.apis.deem import API
from mocktill.apis.deem.dialect import DIALECT
from mocktill.core.choices import Basis
from mocktill.core.errors import EVERYWHERE, TooLarge
from tests.apis.deem.shop import (
    ASK,
    BUYING,
    DEAL,
    DOCUMENTED_PURCHASE,
    EVERY,
    FORM,
    RESERVING,
    Shop,
    ask,
    basis_of,
    error,
    purchase_of,
    usual_basis,
)

PREFIXES = ("", "/v1", "/api/v1")
WRITING = ("create_purchase", "reserve_purchase", "claim_purchase", "release_purchase")
UNAUTHORIZED = error("auth_failed", "Authentication failed")
UNKNOWN = error("find_failed", "Unable to find")


def test_every_operation_is_asked_here() -> None:
    """The table above has all of them."""
    assert set(EVERY) == {operation.name for operation in API.operations}


@pytest.mark.parametrize("operation", EVERY)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_all_prefixes_answer(shop: Shop, operation: str, prefix: str) -> None:
    """The page shows no prefix, other pages show `/v1` and `/api/v1`: all three work."""
    answer = ask(shop, operation, prefix)
    assert (answer.status_code, basis_of(answer)) == (200, usual_basis(operation))
    assert (answer.content_type, shop.entry.operation) == ("application/json", operation)


@pytest.mark.parametrize("operation", EVERY)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_json_suffix_is_taken_everywhere(shop: Shop, operation: str, prefix: str) -> None:
    """`.json` is shown for getting a purchase and for the all-in-one purchase, and assumed for the others."""
    answer = ask(shop, operation, prefix, ".json")
    basis = usual_basis(operation) if operation in {"get_purchase", "create_full_purchase"} else "assumed"
    assert (answer.status_code, basis_of(answer), shop.entry.operation) == (200, basis, operation)


@pytest.mark.parametrize("path", ["/v2/purchases/34063ec2", "/v1/purchase/34063ec2", "/v1/purchases/x/refund"])
def test_an_unknown_path_is_not_found(shop: Shop, path: str) -> None:
    """A path of no operation gets the generic 404, and the journal names the nearest operations."""
    answer = shop.ask("GET", path)
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (404, UNKNOWN, "assumed")
    assert shop.entry.operation is None
    assert any("/v1/purchases/{purchase_id}" in note for note in shop.entry.notes)


@pytest.mark.parametrize("purchase", ["nobody-knows-it", "%00", "%ff", "..", "34063EC2", "x" * 5_000, "%F0%9F%8E%AB"])
@pytest.mark.parametrize("operation", ["get_purchase", "claim_purchase", "release_purchase"])
def test_an_unknown_purchase_is_not_found(shop: Shop, operation: str, purchase: str) -> None:
    """An id that nobody has gets 404 `find_failed`, whatever its characters."""
    method, path, body = ASK[operation]
    answer = shop.ask(method, "/v1" + path.replace("34063ec2", purchase).format(reserved=purchase), json=body)
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (404, UNKNOWN, "assumed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/purchases/34063ec2"),
        ("POST", "/v1/purchases/34063ec2"),
        ("GET", "/v1/purchases"),
        ("PATCH", "/v1/purchases/34063ec2/claim"),
        ("POST", "/v1/purchases/34063ec2/release"),
    ],
)
def test_a_wrong_method_is_refused(shop: Shop, method: str, path: str) -> None:
    """A method that a path has not gets 405 in the generic shape, as assumed."""
    answer = shop.ask(method, path, json={})
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (405, UNKNOWN, "assumed")


def test_a_wrong_method_says_which_are_right(shop: Shop) -> None:
    """A 405 lists the methods in `Allow`, as HTTP demands (RFC 9110, 15.5.6)."""
    answer = shop.ask("DELETE", "/v1/purchases/34063ec2")
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"GET", "HEAD"}


def test_head_is_get_without_its_body(shop: Shop) -> None:
    """HEAD answers with the status and headers of GET."""
    answer = shop.ask("HEAD", f"/v1/purchases/{DOCUMENTED_PURCHASE}")
    assert (answer.status_code, answer.get_data(), basis_of(answer)) == (200, b"", "documented")


# Credentials


@pytest.mark.parametrize("operation", EVERY)
@pytest.mark.parametrize("key", [None, "", "key-refused", "key-expired", "key-revoked"])
def test_a_missing_or_refused_key_is_unauthorized(shop: Shop, operation: str, key: str | None) -> None:
    """Every operation answers 401 `auth_failed` to no key and to one that is refused, expired or revoked."""
    answer = ask(shop, operation, key=key)
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (401, UNAUTHORIZED, "published")


@pytest.mark.parametrize("operation", WRITING)
def test_the_key_may_be_in_the_body(shop: Shop, operation: str) -> None:
    """Older examples have `api_key` among the parameters: a good one passes, a refused one does not."""
    body = ASK[operation][2] or {}
    assert ask(shop, operation, key=None, json={**body, "api_key": "1234567"}).status_code == 200
    answer = ask(shop, operation, key=None, json={**body, "api_key": "key-refused"})
    assert (answer.status_code, answer.get_json()) == (401, UNAUTHORIZED)
    assert shop.entry.violations == ()


def test_a_key_in_the_body_is_observed(shop: Shop) -> None:
    """Only older examples have the key in the body, so that such an answer is observed; the query's is documented."""
    body = {**RESERVING, "api_key": "1234567"}
    for key, basis in ((None, "observed"), ("", "observed"), ("1234567", "documented")):
        assert basis_of(shop.ask("POST", "/v1/purchases/reserve", key=key, json=body)) == basis
        decided = [name for name, _, _ in shop.entry.choices]
        assert ("deem.body_api_key" in decided) == (basis == "observed")


@pytest.mark.parametrize("operation", WRITING)
def test_a_key_in_the_body_can_be_refused(shop: Shop, operation: str) -> None:
    """By choice only the query's key counts, in JSON and in forms, whatever else is right or wrong."""
    shop.box.choices["deem.body_api_key"] = "refuse"
    body = {**(ASK[operation][2] or {}), "api_key": "1234567"}
    for more in (
        {"json": body},
        {"json": {"api_key": "1234567"}},
        {"data": urlencode(body), "content_type": FORM},
    ):
        answer = ask(shop, operation, key=None, **more)
        assert (answer.status_code, answer.get_json()) == (401, UNAUTHORIZED)
        assert shop.entry.changes == ()
    assert ask(shop, operation, json=body).status_code == 200


@pytest.mark.parametrize("key", ["1234567", "key-refused"])
def test_the_key_may_be_in_a_form(shop: Shop, key: str) -> None:
    """A form carries the key as JSON does."""
    form = urlencode({**RESERVING, "api_key": key})
    answer = shop.ask("POST", "/v1/purchases/reserve", key=None, data=form, content_type=FORM)
    assert answer.status_code == (200 if key == "1234567" else 401)


def test_the_key_of_the_query_counts_first(shop: Shop) -> None:
    """Where both have one, the query's is the documented place."""
    assert shop.reserve(api_key="key-refused").status_code == 200
    refused = shop.ask("POST", "/v1/purchases/reserve", key="key-refused", json={**RESERVING, "api_key": "1234567"})
    assert refused.status_code == 401


def test_an_empty_key_in_the_query_is_none(shop: Shop) -> None:
    """Where the query's key is empty, the body's counts."""
    answer = shop.ask("POST", "/v1/purchases/reserve", key="", json={**RESERVING, "api_key": "1234567"})
    assert answer.status_code == 200


@pytest.mark.parametrize("key", [7, None, True, ["1234567"], {"a": 1}, ""])
def test_a_key_of_another_type_is_no_key(shop: Shop, key: Any) -> None:
    """A key in the body that is no text, or an empty one, is none."""
    answer = shop.ask("POST", "/v1/purchases/reserve", key=None, json={**RESERVING, "api_key": key})
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_cannot_be_read_has_no_key(shop: Shop, body: bytes) -> None:
    """Who shows no key learns nothing else: broken bodies get 401 too."""
    answer = shop.ask("POST", "/v1/purchases/reserve", key=None, data=body)
    assert (answer.status_code, answer.get_json()) == (401, UNAUTHORIZED)


def test_any_other_key_passes(shop: Shop) -> None:
    """An integrator's own test key works, and weakens no answer."""
    answer = shop.get(DOCUMENTED_PURCHASE, key="sk_test_of_mine")
    assert (answer.status_code, basis_of(answer)) == (200, "documented")


def test_the_journal_has_no_key(shop: Shop) -> None:
    """Keys are masked before they are kept, in the query and in the body."""
    shop.ask("POST", "/v1/purchases/reserve", key="my-secret", json={**RESERVING, "api_key": "my-secret"})
    assert "my-secret" not in repr(shop.entry)
    assert shop.entry.query == "api_key=***"


# Bodies


def as_json(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send JSON that says so."""
    return {"data": orjson.dumps(dict(body)), "content_type": "application/json"}


def as_json_utf8(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send JSON that says its encoding as well."""
    return {"data": orjson.dumps(dict(body)), "content_type": "application/json; charset=utf-8"}


def as_bare_json(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send JSON that does not say so."""
    return {"data": orjson.dumps(dict(body))}


def as_form(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send a form."""
    return {"data": urlencode(body), "content_type": FORM}


def as_form_utf8(body: Mapping[str, Any]) -> dict[str, Any]:
    """Send a form that says its encoding."""
    return {"data": urlencode(body), "content_type": f"{FORM}; charset=UTF-8"}


@pytest.mark.parametrize("operation", ["create_purchase", "reserve_purchase", "claim_purchase"])
@pytest.mark.parametrize("send", [as_json, as_json_utf8, as_bare_json, as_form, as_form_utf8])
def test_json_and_forms_say_the_same(
    shop: Shop, operation: str, send: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> None:
    """Parameters come as JSON or as a form, and the answer is the same; that forms are read is assumed."""
    answer = ask(shop, operation, **send(ASK[operation][2] or {}))
    assert purchase_of(answer)["number_bought"] == 2
    assert basis_of(answer) == ("assumed" if send in {as_form, as_form_utf8} else "documented")


@pytest.mark.parametrize("form", ["num_bought=two", "num_bought=2.0", "num_bought=", ""])
def test_a_form_s_numbers_are_whole(shop: Shop, form: str) -> None:
    """What is no whole number in a form is refused by its field."""
    answer = shop.ask("POST", "/v1/purchases/reserve", data=f"deal_id={DEAL}&{form}", content_type=FORM)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "num_bought")


BROKEN = [
    b"{",
    b"{'deal_id': 'x'}",
    b"\xff\xfe{",
    '{"deal_id": "x"}'.encode("utf-16"),
    b'{"num_bought": NaN}',
    b'{"num_bought": 1e999}',
    b'{"deal_id": "\x00"}',
    b'{"deal_id": "\\ud800"}',
    b"[" * 70 + b"]" * 70,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("operation", WRITING)
def test_a_malformed_body_is_a_bad_request(shop: Shop, operation: str, body: bytes) -> None:
    """Bytes that are no JSON get 400, `create_failed` on POST and `update_failed` on PUT, as assumed."""
    answer = ask(shop, operation, data=body)
    expected = (
        ("create_failed", "Unable to create") if ASK[operation][0] == "POST" else ("update_failed", "Unable to update")
    )
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (400, error(*expected), "assumed")


def test_a_malformed_form_is_a_bad_request(shop: Shop) -> None:
    """So do bytes that are no text, or too many fields, where a form is announced."""
    for form in (b"deal_id=\xff", b"&".join(b"a=1" for _ in range(1_000))):
        answer = shop.ask("POST", "/v1/purchases/reserve", data=form, content_type=FORM)
        assert (answer.status_code, answer.get_json()["error_type"]) == (400, "create_failed")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"true", b'[{"deal_id": "x"}]'])
@pytest.mark.parametrize("operation", WRITING)
def test_a_body_that_is_no_object_is_invalid(shop: Shop, operation: str, body: bytes) -> None:
    """JSON that is no object is readable and not valid."""
    answer = ask(shop, operation, data=body)
    assert (answer.status_code, answer.get_json()) == (422, error("validation_failed", "validation failed"))


@pytest.mark.parametrize("body", [b"", b" \r\n", b"{}"])
def test_an_empty_body_misses_everything(shop: Shop, body: bytes) -> None:
    """Without parameters every required one is missing, each with its own line in the published shape."""
    answer = shop.ask("POST", "/v1/purchases", data=body)
    assert answer.status_code == 422
    fields = ["credit_card_id", "deal_id", "expected_price_per_unit", "quantity", "user_id"]
    missing = [
        {"type": "missing_field", "message": "is missing", "field": field, "resource": "purchase"} for field in fields
    ]
    assert answer.get_json() == error("validation_failed", "validation failed", *missing)
    assert basis_of(answer) == "published"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"reason": "payment failed"}'])
def test_a_release_needs_no_body(shop: Shop, body: bytes) -> None:
    """Releasing has no parameters: none are needed, and others are tolerated with a warning."""
    assert ask(shop, "release_purchase", data=body).status_code == 200
    assert [v.severity for v in shop.entry.violations] == (["warning"] if b"reason" in body else [])


def test_a_huge_body_is_too_large(shop: Shop) -> None:
    """Over a megabyte is refused in the generic shape, without being read."""
    answer = shop.ask("POST", "/v1/purchases", data=b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, basis_of(answer)) == (413, "assumed")
    assert answer.get_json() == error("create_failed", "Unable to create")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_that_is_too_large_is_not_found(shop: Shop, method: str) -> None:
    """What only reads fails to find, and creates or updates nothing."""
    row = DIALECT.row_for(TooLarge, method)
    assert (row.status, row.type, row.text) == (413, "find_failed", "Unable to find")
    answer = shop.ask(method, f"/v1/purchases/{DOCUMENTED_PURCHASE}", data=b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.get_json() if method == "GET" else UNKNOWN) == (413, UNKNOWN)


def test_unknown_parameters_are_tolerated(shop: Shop) -> None:
    """Parameters that nobody documents change nothing and are warnings in the journal."""
    answer = shop.ask("POST", "/v1/purchases", json={**BUYING, "gift": True}, query={"debug": "1"})
    assert (answer.status_code, basis_of(answer)) == (200, "documented")
    assert [(v.severity, v.at, v.pointer) for v in shop.entry.violations] == [
        ("warning", "query", "/debug"),
        ("warning", "body", "/gift"),
    ]


# Errors


def test_every_meaning_has_a_row() -> None:
    """Whatever an operation can meet is in the table of errors, with where it comes from."""
    for operation in API.operations:
        for meaning in (*operation.errors, *EVERYWHERE):
            row = DIALECT.row_for(meaning, operation.method, operation.name)
            assert row.source
            assert 400 <= row.status <= 500


@pytest.mark.parametrize(
    ("kind", "status", "basis"),
    [
        ("auth_failed", 401, Basis.PUBLISHED),
        ("find_failed", 404, Basis.PUBLISHED),
        ("validation_failed", 422, Basis.PUBLISHED),
        ("purchase_failed", 402, Basis.ASSUMED),
        ("already_charging", 409, Basis.ASSUMED),
        ("cannot_fufill", 422, Basis.PUBLISHED),
        ("declined", 422, Basis.ASSUMED),
    ],
)
def test_the_published_errors_are_in_the_table(kind: str, status: int, basis: Basis) -> None:
    """Each published type has its published status; when a charge comes to one of them is assumed."""
    assert (status, basis) in [(row.status, row.basis) for row in DIALECT.rows if row.type == kind]


@pytest.mark.parametrize(
    ("card", "status", "kind", "basis"),
    [
        ("card-declined", 422, "declined", "assumed"),
        ("card-charging", 409, "already_charging", "assumed"),
        ("card-fails", 402, "purchase_failed", "assumed"),
    ],
)
def test_a_card_s_error_is_as_well_known_as_its_row(shop: Shop, card: str, status: int, kind: str, basis: str) -> None:
    """No error of a plain creation is documented, so that what each card gets is assumed."""
    answer = shop.create(credit_card_id=card)
    assert (answer.status_code, answer.get_json()["error_type"], basis_of(answer)) == (status, kind, basis)
    assert list(answer.get_json()) == ["status", "error_type", "error_msg"]
