"""The documented examples: literal in the fixtures, literal in canned answers."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from mocktill.apis.deem import API
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Basis
from mocktill.core.sandbox import Sandbox, Setup
from tests.apis.deem.shop import DOCUMENTED_PURCHASE, Shop, basis_of, purchase_of
from tests.conftest import NOW

# Written out from the page by hand, and on purpose not read from any file of the product.
GET: dict[str, Any] = {
    "status": "success",
    "purchase": {
        "id": "34063ec2",
        "purchase_id": "34063ec2",
        "deal_type": "daily-deal",
        "deal_id": "la-1024-wsc-hair-studio-01-2",
        "price": 3900,
        "amount": 0,
        "number_bought": 0,
        "payment_state": "charged",
        "fulfillment_state": "fulfilled",
        "created_at": "Fri Dec 16 19:11:15 UTC 2011",
        "user_id": "ABC123",
        "credit_card_id": "2342f8073e",
        "deal": {
            "id": "a-50-for-100-worth-of-dining-1",
            "deal_id": "a-50-for-100-worth-of-dining-1",
            "title": "$50 for $100 worth of Dining",
            "type": "daily-deal",
            "image_url": "deals/generic_medium.gif",
            "image_url_abs": "http://d2x9dz1etb1m98.cloudfront.net/deals/generic_medium.gif",
        },
        "coupons": [
            {
                "id": "a21c5452d8",
                "expires_at": None,
                "created_at": "Fri Dec 16 19:14:55 UTC 2011",
                "qr_code_url": "http://domain/coupon/qr_code/ab231c9e",
                "qr_code": "apaosidnqw4tdsdpqi45jf091835ukdfq3-40695.kfmdg-q09i6m'ldfi8nqk6",
                "state": "valid",
                "redemption_code": None,
                "redeemed_at": None,
                "print_url": "http://domain/coupons/a21c5452d8/print",
            }
        ],
    },
}


def merged(**changes: Any) -> dict[str, Any]:
    """Return the base purchase with changes, which is how the page makes its other four samples."""
    assert set(changes) <= set(GET["purchase"])
    return {"status": "success", "purchase": {**copy.deepcopy(GET["purchase"]), **changes}}


UNPAID: dict[str, Any] = {"payment_state": "pending", "coupons": [], "credit_card_id": None, "user_id": None}
EXAMPLES = {
    "get_purchase": GET,
    "create_purchase": merged(coupons=None),
    "reserve_purchase": merged(fulfillment_state="reserved", **UNPAID),
    "claim_purchase": merged(credit_card_id=None),
    "release_purchase": merged(fulfillment_state="released", **UNPAID),
}
REQUESTS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "get_purchase": ("GET", "/v1/purchases/34063ec2.json", None),
    "create_purchase": (
        "POST",
        "/v1/purchases",
        {
            "deal_id": "last-one",
            "quantity": 1,
            "user_id": "ABC123",
            "credit_card_id": "2342f8073e",
            "expected_price_per_unit": 2000,
        },
    ),
    "reserve_purchase": ("POST", "/v1/purchases/reserve", {"deal_id": "last-one", "num_bought": 1}),
    "claim_purchase": ("PUT", "/v1/purchases/34063ec2/claim", {"user_id": "ABC123"}),
    "release_purchase": ("PUT", "/v1/purchases/34063ec2/release", None),
}


def keys(value: Any) -> Any:
    """Return the names of objects, in their order and at every depth."""
    if isinstance(value, dict):
        return [(name, keys(of)) for name, of in value.items()]
    return [keys(item) for item in value] if isinstance(value, list) else None


def rows(box: Sandbox) -> dict[str, Any]:
    """Return everything that a sandbox knows."""
    return box.store.rows()


def test_every_operation_has_its_documented_example() -> None:
    """The page shows a response for each of its five operations, and so do the fixtures, and no other."""
    files = {file.name for file in (API.fixtures / "examples").iterdir()}
    assert files == {f"{name}.json" for name in EXAMPLES}
    assert set(EXAMPLES) == {operation.name for operation in API.operations if operation.basis == Basis.DOCUMENTED}


@pytest.mark.parametrize("operation", EXAMPLES)
def test_an_example_is_the_page_literally(operation: str) -> None:
    """The example file is deep-equal to the page's JSON, and its keys stand in the page's order."""
    example = orjson.loads((API.fixtures / "examples" / f"{operation}.json").read_bytes())
    assert example == EXAMPLES[operation]
    assert keys(example) == keys(EXAMPLES[operation])


@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_preferred_example_is_answered_literally(shop: Shop, operation: str) -> None:
    """`Prefer: example=documented` gives the page's JSON, byte order and all, as documented."""
    method, path, body = REQUESTS[operation]
    answer = shop.ask(method, path, json=body, headers={"Prefer": "example=documented"})
    assert answer.status_code == 200
    assert answer.get_data() == orjson.dumps(EXAMPLES[operation])
    assert basis_of(answer) == "documented"
    assert answer.headers["Preference-Applied"] == "example=documented"


@pytest.mark.parametrize("operation", EXAMPLES)
@pytest.mark.parametrize("prefer", ["example=documented", "dynamic=true", "code=422"])
def test_an_answer_without_behaviour_changes_no_state(shop: Shop, operation: str, prefer: str) -> None:
    """What is answered because it was preferred leaves every row as it was, and the journal says so."""
    method, path, body = REQUESTS[operation]
    before = rows(shop.box)
    shop.ask(method, path, json=body, headers={"Prefer": prefer})
    assert rows(shop.box) == before
    assert shop.entry.changes == ()
    assert "answered without behaviour: no state changed" in shop.entry.notes


@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_canned_sandbox_answers_the_page(catalogue: Catalogue, operation: str) -> None:
    """With `answers` canned, every request gets the page's JSON without asking for it."""
    shop = Shop(Sandbox(catalogue, setup=Setup(now=NOW, answers="canned")))
    method, path, body = REQUESTS[operation]
    answer = shop.ask(method, path, json=body)
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (
        200,
        EXAMPLES[operation],
        "documented",
    )
    assert "Preference-Applied" not in answer.headers


def test_a_canned_answer_asks_nobody_whether_the_purchase_exists(shop: Shop) -> None:
    """The documented example is for any id: nothing is looked up."""
    answer = shop.get("no-such-purchase", headers={"Prefer": "example=documented"})
    assert answer.get_json() == GET


def test_canned_answers_still_need_a_key_and_a_valid_body(shop: Shop) -> None:
    """Who asks without a key, or with a broken body, is refused before any example."""
    prefer = {"Prefer": "example=documented"}
    assert shop.get(DOCUMENTED_PURCHASE, key=None, headers=prefer).status_code == 401
    assert shop.ask("POST", "/v1/purchases", json={}, headers=prefer).status_code == 422


@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_generated_answer_obeys_the_contract(shop: Shop, operation: str) -> None:
    """`Prefer: dynamic=true` gives an object of the response's schema, the same each time, as assumed."""
    method, path, body = REQUESTS[operation]
    answers = [shop.ask(method, path, json=body, headers={"Prefer": "dynamic=true"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_data() == answers[1].get_data()
    assert basis_of(answers[0]) == "assumed"
    assert shop.box.catalogue.shelves["deem"].contract.accepts(f"{operation}.response", answers[0].get_json())
    assert list(answers[0].get_json()["purchase"]) == list(GET["purchase"])


def generated(shop: Shop, operation: str, key: str = DOCUMENTED_PURCHASE) -> dict[str, Any]:
    """Return the purchase of a generated answer."""
    method, path, body = REQUESTS[operation]
    asked = path.replace(DOCUMENTED_PURCHASE, key)
    answer = shop.ask(method, asked, json=body, headers={"Prefer": "dynamic=true"})
    return purchase_of(answer)


VARIANTS: dict[str, dict[str, Any]] = {
    "get_purchase": {"payment_state": "charged", "fulfillment_state": "fulfilled"},
    "create_purchase": {"payment_state": "charged", "fulfillment_state": "fulfilled", "coupons": None},
    "reserve_purchase": {"payment_state": "pending", "fulfillment_state": "reserved"},
    "claim_purchase": {"payment_state": "charged", "fulfillment_state": "fulfilled", "credit_card_id": None},
    "release_purchase": {"payment_state": "pending", "fulfillment_state": "released"},
}
"""What the page shows of a purchase in the answer of each operation."""


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("operation", EXAMPLES)
def test_a_generated_purchase_is_the_documented_variant(catalogue: Catalogue, operation: str, seed: int) -> None:
    """Whatever the dice say, ids, deal and total agree, and states, user, card and coupons are the page's."""
    purchase = generated(Shop(Sandbox(catalogue, setup=Setup(now=NOW, seed=seed))), operation, f"abc{seed}")
    if "{purchase_id}" in API.operation(operation).path:
        assert purchase["id"] == f"abc{seed}"
    assert purchase["purchase_id"] == purchase["id"]
    assert purchase["deal_id"] == purchase["deal"]["id"] == purchase["deal"]["deal_id"]
    assert purchase["deal_type"] == purchase["deal"]["type"]
    charged = purchase["payment_state"] == "charged"
    assert (purchase["number_bought"], purchase["amount"]) == (1, purchase["price"] if charged else 0)
    assert purchase["price"] > 0
    assert {name: purchase[name] for name in VARIANTS[operation]} == VARIANTS[operation]
    assert (purchase["user_id"] is not None) == charged
    assert (purchase["credit_card_id"] is not None) == (operation in {"get_purchase", "create_purchase"})
    if operation != "create_purchase":
        assert len(purchase["coupons"]) == (1 if charged else 0)


@pytest.mark.parametrize("operation", ["get_purchase", "claim_purchase"])
def test_a_generated_coupon_leads_back_to_the_sandbox(shop: Shop, operation: str) -> None:
    """A coupon is as the page's, valid and not redeemed, and its links are on the request's own host, by its id."""
    (coupon,) = generated(shop, operation)["coupons"]
    key = coupon["id"]
    assert coupon["qr_code_url"] == f"http://localhost/coupon/qr_code/{key}"
    assert coupon["print_url"] == f"http://localhost/coupons/{key}/print"
    assert (coupon["state"], coupon["expires_at"], coupon["redeemed_at"]) == ("valid", None, None)


@pytest.mark.parametrize(
    ("prefer", "status", "kind", "basis"),
    [
        ("code=402", 402, "purchase_failed", "assumed"),
        ("code=409", 409, "already_charging", "assumed"),
        ("code=404", 404, "find_failed", "published"),
        ("code=401", 401, "auth_failed", "published"),
        ("code=422, example=declined", 422, "declined", "assumed"),
        ("code=422, example=cannot_fufill", 422, "cannot_fufill", "published"),
    ],
)
def test_an_error_can_be_asked_for(shop: Shop, prefer: str, status: int, kind: str, basis: str) -> None:
    """`Prefer: code=NNN` gives the error that creating a purchase has for that status."""
    answer = shop.ask("POST", "/v1/purchases", json=REQUESTS["create_purchase"][2], headers={"Prefer": prefer})
    assert (answer.status_code, answer.get_json()["error_type"], basis_of(answer)) == (status, kind, basis)
