"""The all-in-one purchase: with what is stored, with what is new, and with everything that can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.apis.deem.shop import (
    ADDRESS_FIELDS,
    CARD,
    CARD_FIELDS,
    COUPON_KEYS,
    DEAL,
    PURCHASE_KEYS,
    USER_FIELDS,
    Shop,
    basis_of,
    error,
    id_of,
    purchase_of,
)

INVALID = ("validation_failed", "validation failed")
STORED: Mapping[str, Any] = {
    "user": None,
    "credit_card": None,
    "shipping_address": None,
    "user_id": "ABC123",
    "credit_card_id": CARD,
}
"""Whom and what is stored already, instead of what is new."""


def wrong(kind: str, message: str, resource: str, field: str | None = None) -> dict[str, str]:
    """Return one line of `errors`."""
    item = {"type": kind, "message": message, **({} if field is None else {"field": field})}
    return {**item, "resource": resource}


def missing(field: str, resource: str) -> dict[str, str]:
    """Return the line of a field that is missing."""
    return wrong("missing_field", "is missing", resource, field)


def without(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return fields without some of them."""
    return {name: value for name, value in fields.items() if name not in names}


NO_CARD = wrong("missing", "missing credit card info", "credit_card")
NO_USER = wrong("missing", "missing user info", "user")
NO_ADDRESS = wrong("missing", "missing shipping address info", "shipping_address")
TOO_MANY = wrong("invalid", "cannot purchase that many", "purchase", "quantity")


def test_what_is_stored_buys(shop: Shop) -> None:
    """A stored user with a stored card buys, and the answer has the coupons at once."""
    answer = shop.full(**STORED)
    purchase = purchase_of(answer)
    assert basis_of(answer) == "published"
    assert list(purchase) == PURCHASE_KEYS
    assert (purchase["payment_state"], purchase["fulfillment_state"]) == ("charged", "fulfilled")
    assert (purchase["user_id"], purchase["credit_card_id"]) == ("ABC123", CARD)
    assert (purchase["price"], purchase["number_bought"], purchase["amount"]) == (3900, 2, 7800)
    assert [list(coupon) for coupon in purchase["coupons"]] == [COUPON_KEYS, COUPON_KEYS]
    assert purchase == purchase_of(shop.get(purchase["id"]))
    assert shop.deal()["number_sold"] == 3


def test_who_is_new_is_stored(shop: Shop) -> None:
    """A new user, card and address are kept with the purchase; of passwords and numbers nothing is."""
    answer = shop.full()
    purchase = purchase_of(answer)
    assert basis_of(answer) == "published"
    user, view = purchase["user_id"], shop.box.view("deem")
    assert (view.user(user).firstname, view.user(user).email) == ("Hanna", "new@example.com")
    card = view.card(purchase["credit_card_id"])
    assert (card.user_id, card.last_four, card.type, card.primary) == (user, "1111", "visa", True)
    address = shop.row(purchase["id"])["shipping_address_id"]
    assert shop.box.table("deem.addresses").get(address) == {"user_id": user, **ADDRESS_FIELDS}
    assert [shown["id"] for shown in shop.listing("purchases", user).get_json()["purchases"]] == [purchase["id"]]
    assert "pass123" not in repr(shop.box.store.rows())
    assert "pass123" not in repr(shop.entry)


def test_who_is_there_already_is_matched(shop: Shop) -> None:
    """The same email is the same user, however it is written, and the same number the same card."""
    first = purchase_of(shop.full())
    second = purchase_of(shop.full(user={**USER_FIELDS, "email": "New@Example.com"}))
    assert (second["user_id"], second["credit_card_id"]) == (first["user_id"], first["credit_card_id"])
    third = purchase_of(shop.full(credit_card={**CARD_FIELDS, "number": "4012888888881881"}))
    assert third["user_id"] == first["user_id"]
    assert third["credit_card_id"] != first["credit_card_id"]
    assert purchase_of(shop.full(user={**USER_FIELDS, "email": "robin@example.com"}))["user_id"] == "XYZ789"


def test_everything_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    """Each resource has its lines, in the order of the published sample, and no ids where nobody was found."""
    answer = shop.full(
        deal_id="two-each", quantity=3, user=without(USER_FIELDS, "email"), credit_card=None, shipping_address=None,
        shipping_address_id="nowhere",
    )  # fmt: skip
    lines = [
        missing("email", "user"),
        NO_CARD,
        TOO_MANY,
        wrong("not_found", "does not exist", "shipping_address"),
    ]
    assert (answer.status_code, answer.get_json()) == (422, error(*INVALID, *lines))


def test_what_was_found_is_told_with_what_is_wrong(shop: Shop) -> None:
    """Where user and card are stored, the error has their ids, before its lines."""
    answer = shop.full(deal_id="two-each", quantity=3, **STORED)
    body = answer.get_json()
    assert list(body) == ["status", "error_type", "error_msg", "user_id", "credit_card_id", "errors"]
    assert (body["user_id"], body["credit_card_id"], body["errors"]) == ("ABC123", CARD, [TOO_MANY])


def test_who_was_matched_is_told_and_who_is_new_is_not(shop: Shop) -> None:
    """An id is told of a user by email and of a card by its number; of what would have been new there is none."""
    first = purchase_of(shop.full())
    body = shop.full(quantity=12).get_json()
    assert (body["user_id"], body["credit_card_id"]) == (first["user_id"], first["credit_card_id"])
    body = shop.full(quantity=12, user={**USER_FIELDS, "email": "other@example.com"}).get_json()
    assert {"user_id", "credit_card_id"}.isdisjoint(body)


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"user": None}, [NO_USER]),
        ({"credit_card": None}, [NO_CARD]),
        ({"user": None, "credit_card": None}, [NO_USER, NO_CARD]),
        ({"user": {}}, [missing(name, "user") for name in ("email", "password", "password_confirmation")]),
        (
            {"credit_card": {}},
            [missing(name, "credit_card") for name in ("number", "verification_value", "month", "year")],
        ),
        (
            {"shipping_address": {}},
            [missing(name, "shipping_address") for name in ("address_one", "postal_code", "city", "state", "country")],
        ),
        (
            {"user": {**USER_FIELDS, "password_confirmation": "other"}},
            [wrong("invalid", "is not the password", "user", "password_confirmation")],
        ),
        ({"deal_id": "nobody-knows-it"}, [wrong("not_found", "not found", "deal")]),
        (
            {"shipping_address": None, "shipping_address_id": "home-of-avery"},
            [wrong("not_owner", "is another user's", "shipping_address")],
        ),
        ({"credit_card": None, "credit_card_id": CARD}, [wrong("not_owner", "is another user's", "credit_card")]),
        ({**STORED, "user_id": "XYZ789"}, [wrong("not_owner", "is another user's", "credit_card")]),
        ({"deal_id": "shipped", "shipping_address": None}, [NO_ADDRESS]),
        ({"deal_id": "shipped", "shipping_address": None, "user": None}, [NO_USER, NO_ADDRESS]),
        ({"quantity": 12}, [TOO_MANY]),
    ],
)
def test_a_mistake_has_its_line(shop: Shop, changes: dict[str, Any], lines: list[dict[str, str]]) -> None:
    """Each mistake is told for its resource, with its field where there is one; nothing is kept."""
    before = shop.box.store.rows("deem.")
    answer = shop.full(**changes)
    assert (answer.status_code, answer.get_json()["errors"]) == (422, lines)
    assert shop.box.store.rows("deem.") == before
    assert shop.entry.changes == ()


@pytest.mark.parametrize(
    ("resource", "field", "value"),
    [
        ("user", "email", "nobody"),
        ("user", "email", None),
        ("user", "password", ""),
        ("credit_card", "number", "4111"),
        ("credit_card", "month", "13"),
        ("credit_card", "year", 40),
        ("shipping_address", "state", "California"),
        ("shipping_address", "country", "USA"),
        ("shipping_address", "city", 7),
    ],
)
def test_a_malformed_field_is_told_for_its_resource(shop: Shop, resource: str, field: str, value: Any) -> None:
    """A field of a wrong form is named without what it stands in, which is the resource."""
    fields: Mapping[str, Any] = {"user": USER_FIELDS, "credit_card": CARD_FIELDS, "shipping_address": ADDRESS_FIELDS}
    answer = shop.full(**{resource: {**fields[resource], field: value}})
    line = wrong("invalid", "is invalid", resource, field)
    assert (answer.status_code, answer.get_json()) == (422, error(*INVALID, line))
    assert basis_of(answer) == "published"


@pytest.mark.parametrize("resource", ["user", "credit_card", "shipping_address"])
@pytest.mark.parametrize("value", [7, "text", [], True])
def test_a_resource_that_is_none_is_told(shop: Shop, resource: str, value: Any) -> None:
    """What is no object is no resource."""
    (line,) = shop.full(**{resource: value}).get_json()["errors"]
    assert (line["type"], line["resource"]) == ("invalid", resource)


@pytest.mark.parametrize(
    ("changes", "status", "kind", "basis"),
    [
        ({"deal_id": "sold-out", "quantity": 1}, 422, "cannot_fufill", "assumed"),
        ({"deal_id": "last-one"}, 422, "cannot_fufill", "assumed"),
        ({"deal_id": "ended"}, 422, "cannot_fufill", "assumed"),
        ({"credit_card_id": "card-declined"}, 422, "declined", "published"),
        ({"credit_card_id": "card-charging"}, 409, "already_charging", "published"),
        ({"credit_card_id": "card-fails"}, 402, "purchase_failed", "assumed"),
    ],
)
def test_what_cannot_be_bought_or_charged(
    shop: Shop, changes: dict[str, Any], status: int, kind: str, basis: str
) -> None:
    """Where all is right but the stock or the charge, the error is of the purchase alone; nothing is kept."""
    before = shop.box.store.rows("deem.")
    answer = shop.full(**{**STORED, **changes})
    assert (answer.status_code, answer.get_json()["error_type"], basis_of(answer)) == (status, kind, basis)
    assert "errors" not in answer.get_json()
    assert shop.box.store.rows("deem.") == before


@pytest.mark.parametrize(("choice", "deal"), [("sold_out", "sold-out"), ("short_stock", "last-one")])
def test_what_was_found_is_told_with_a_stock_that_is_short(shop: Shop, choice: str, deal: str) -> None:
    """Where a lack of stock is chosen to be a mistake, it is told as any other, with the ids of user and card."""
    shop.box.choices[f"deem.{choice}"] = "validation_failed"
    body = shop.full(**{**STORED, "deal_id": deal}).get_json()
    assert (body["user_id"], body["credit_card_id"], len(body["errors"])) == ("ABC123", CARD, 1)


def test_what_is_wrong_comes_before_what_is_sold_out(shop: Shop) -> None:
    """A deal that has ended is told only when there is nothing to correct."""
    assert shop.full(**{**STORED, "deal_id": "ended", "credit_card_id": None}).get_json()["errors"] == [NO_CARD]


def test_a_declined_new_card_leaves_nobody_behind(shop: Shop) -> None:
    """Where the charge of a new card fails, neither its user nor the card is there."""
    before = shop.box.store.rows("deem.")
    answer = shop.full(credit_card={**CARD_FIELDS, "number": "4000000000000002"})
    assert answer.get_json() == error("declined", "The purchase was declined")
    assert shop.box.store.rows("deem.") == before


@pytest.mark.parametrize("own", [True, False])
def test_what_is_shipped_goes_to_an_address(shop: Shop, own: bool) -> None:
    """A deal that is sent by mail is bought with a stored address or with a new one."""
    address = {"shipping_address_id": "home-of-avery"} if own else {"shipping_address": ADDRESS_FIELDS}
    purchase = shop.row(id_of(shop.full(**{**STORED, "deal_id": "shipped", **address})))
    assert (purchase["shipping_address_id"] == "home-of-avery") is own


@pytest.mark.parametrize("value", ["id", "resource"])
def test_id_or_fields_by_choice(shop: Shop, value: str) -> None:
    """Where both are there, the chosen one counts, for user, card and address alike."""
    shop.box.choices["deem.id_or_resource"] = value
    both = {"user_id": "ABC123", "credit_card_id": CARD, "shipping_address_id": "home-of-avery"}
    answer = shop.full(**both)
    purchase = purchase_of(answer)
    stored = (purchase["user_id"], purchase["credit_card_id"], shop.row(purchase["id"])["shipping_address_id"])
    assert (stored == ("ABC123", CARD, "home-of-avery")) == (value == "id")
    assert basis_of(answer) == "assumed"


@pytest.mark.parametrize(
    ("choice", "value", "changes", "status"),
    [
        ("unknown_deal", "find_failed", {"deal_id": "nobody-knows-it"}, 404),
        ("unknown_user", "refuse", {**STORED, "user_id": "me", "credit_card_id": "my-own"}, 422),
        ("unknown_card", "refuse", {**STORED, "credit_card_id": "my-own"}, 422),
        ("unknown_card", "accept", {**STORED, "credit_card_id": "my-own"}, 200),
        ("too_many", "cannot_fufill", {**STORED, "quantity": 12}, 422),
        ("ended_deal", "validation_failed", {**STORED, "deal_id": "ended"}, 422),
        ("card_expiry", "refuse", {"credit_card": {**CARD_FIELDS, "year": 2014}}, 422),
        ("card_expiry", "accept", {"credit_card": {**CARD_FIELDS, "year": 2014}}, 200),
    ],
)
def test_choices_decide_here_too(shop: Shop, choice: str, value: str, changes: dict[str, Any], status: int) -> None:
    """What is open elsewhere is decided the same way here, as assumed."""
    shop.box.choices[f"deem.{choice}"] = value
    answer = shop.full(**changes)
    assert (answer.status_code, basis_of(answer)) == (status, "assumed")
    assert (f"deem.{choice}", value) in [(used, decided) for used, decided, _ in shop.entry.choices]


@pytest.mark.parametrize("changes", [{"user": {}}, {"credit_card": None}, {"quantity": None}])
def test_a_missing_parameter_has_its_status(shop: Shop, changes: dict[str, Any]) -> None:
    """What is missing here has the status that is chosen for it everywhere; what is wrong otherwise keeps its own."""
    assert shop.full(**changes).status_code == 422
    shop.box.choices["deem.missing_parameter"] = "400"
    answer = shop.full(**changes)
    assert (answer.status_code, basis_of(answer)) == (400, "published")
    assert shop.full(quantity=12).status_code == 422


def test_a_user_s_limit_counts_here_too(shop: Shop) -> None:
    """Where all that a user has is chosen to count, it does."""
    shop.box.choices["deem.max_per_user"] = "per_user"
    assert shop.full(**{**STORED, "deal_id": "two-each"}).status_code == 200
    assert shop.full(**{**STORED, "deal_id": "two-each", "quantity": 1}).get_json()["errors"] == [TOO_MANY]


def test_a_session_is_made_for_a_purchase(shop: Shop) -> None:
    """A session has an id, which is its token too, and a user; a purchase names it and keeps it."""
    session = shop.ask("POST", "/v1/sessions").get_json()["session"]
    assert list(session) == ["id", "user_token", "user_id"]
    assert session["id"] == session["user_token"]
    assert shop.ask("GET", f"/v1/users/{session['user_id']}").status_code == 200
    shop.box.choices["deem.unknown_session"] = "refuse"
    answer = shop.create(session_id=session["id"])
    assert basis_of(answer) == "documented"
    assert shop.row(id_of(answer))["session_id"] == session["id"]
    assert shop.create(session_id="").status_code == 200
    assert shop.create(session_id="another").status_code == 422


def test_no_two_sessions_are_alike(shop: Shop) -> None:
    """Each session is another one, of another user; that much is published."""
    answers = [shop.ask("POST", "/v1/sessions") for _ in range(2)]
    first, second = (answer.get_json()["session"] for answer in answers)
    assert {first["id"], first["user_id"]}.isdisjoint(second.values())
    assert [basis_of(answer) for answer in answers] == ["published"] * 2


def test_the_path_is_no_purchase(shop: Shop) -> None:
    """`full` is a path of its own: it is no purchase to get, and a purchase may have any other id."""
    assert shop.get("full").status_code == 404
    assert shop.full(deal_id=DEAL).status_code == 200
