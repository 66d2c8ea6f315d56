"""Credit cards: stored by the end of their number, listed, one of them the default."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.deem.shop import CARD, CARD_FIELDS, Shop, basis_of, error

VISA, MASTER, AMEX, DISCOVER = "4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"
INVALID = ("validation_failed", "validation failed")


def cards(shop: Shop, user: str = "ABC123") -> list[dict[str, Any]]:
    """Return the cards of a user as they are listed."""
    answer = shop.listing("credit_cards", user)
    assert answer.status_code == 200
    listed: list[dict[str, Any]] = answer.get_json()["credit_cards"]
    return listed


def added(shop: Shop, **changes: Any) -> str:
    """Add a card and return its id."""
    answer = shop.add_card(**changes)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    key: str = answer.get_json()["credit_card_id"]
    return key


def test_a_card_as_it_is_listed(shop: Shop) -> None:
    """A card has the end of its number, its type, and whether it is the default."""
    answer = shop.listing("credit_cards")
    card = {"id": CARD, "credit_card_id": CARD, "number": "XXXX0027", "type": "visa", "primary": True, "deleted": False}
    assert answer.get_json() == {"status": "success", "credit_cards": [card]}
    assert basis_of(answer) == "published"


def test_an_added_card_is_listed_after_the_others(shop: Shop) -> None:
    """A new card gets an id, and comes last; only the first of a user is the default by itself."""
    answer = shop.add_card()
    assert basis_of(answer) == "published"
    key = answer.get_json()["credit_card_id"]
    assert answer.get_json() == {"status": "success", "credit_card_id": key}
    assert [(card["id"], card["primary"]) for card in cards(shop)] == [(CARD, True), (key, False)]
    first = added(shop, user_id="XYZ789")
    assert [(card["id"], card["primary"]) for card in cards(shop, "XYZ789")] == [(first, True)]


@pytest.mark.parametrize("number", [VISA, MASTER, AMEX, DISCOVER, "4012888888881881"])
def test_no_number_is_kept(shop: Shop, number: str) -> None:
    """Neither a row nor the journal has the number or its verification value, and the list has four digits."""
    fields = {"number": number, "verification_value": "8642"}
    for way in ("alone", "all in one"):
        answer = shop.add_card(**fields) if way == "alone" else shop.full(credit_card={**CARD_FIELDS, **fields})
        assert answer.status_code == 200
        assert number not in repr(shop.entry)
        assert number not in repr(shop.box.store.rows())
        assert "8642" not in repr(shop.box.store.rows("deem."))
        assert "8642" not in repr(shop.entry)
    assert cards(shop)[-1]["number"] == f"XXXX{number[-4:]}"


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        (VISA, "visa"),
        (MASTER, "master"),
        ("2223003122003222", "master"),
        (AMEX, "american_express"),
        (DISCOVER, "discover"),
        ("36227206271667", "visa"),
    ],
)
def test_the_type_of_a_card(shop: Shop, number: str, brand: str) -> None:
    """A Visa is one; of another card the sandbox says so too, unless its brand is chosen."""
    key = added(shop, number=number, user_id="XYZ789")
    assert basis_of(shop.add_card(number=VISA)) == "published"
    assert cards(shop, "XYZ789")[0]["type"] == "visa"
    shop.box.choices.set({"deem.card_type": "brand", "deem.same_card": "new"})
    assert added(shop, number=number, user_id="XYZ789") != key
    assert cards(shop, "XYZ789")[-1]["type"] == brand


def test_the_same_card_is_matched(shop: Shop) -> None:
    """The same number of the same user is the card that there is; another user's, or another number, is another."""
    key = added(shop)
    again = shop.add_card()
    assert (again.get_json()["credit_card_id"], basis_of(again)) == (key, "assumed")
    assert added(shop, user_id="XYZ789") != key
    assert added(shop, number="4012888888881881") != key
    shop.box.choices["deem.same_card"] = "new"
    assert added(shop) != key


def test_another_default(shop: Shop) -> None:
    """One card of a user is the default; choosing it again changes nothing, and other users' cards are left alone."""
    own, other = added(shop), added(shop, user_id="XYZ789")
    answer = shop.ask("PUT", f"/v1/credit_cards/{own}/default")
    assert (answer.get_json(), basis_of(answer)) == ({"status": "success"}, "published")
    assert {card["id"]: card["primary"] for card in cards(shop)} == {CARD: False, own: True}
    assert cards(shop, "XYZ789")[0]["id"] == other
    assert cards(shop, "XYZ789")[0]["primary"] is True
    shop.ask("PUT", f"/v1/credit_cards/{own}/default")
    assert shop.entry.changes == ()


def test_an_unknown_card_is_no_default(shop: Shop) -> None:
    """A card that there is not gets the published 404."""
    answer = shop.ask("PUT", "/v1/credit_cards/nobody-knows-it/default")
    assert (answer.status_code, basis_of(answer)) == (404, "published")
    assert answer.get_json() == error("find_failed", "Unable to find")


def test_a_card_that_is_nobody_s_can_be_a_default(shop: Shop) -> None:
    """A card that everybody may use has no others beside it."""
    assert shop.ask("PUT", "/v1/credit_cards/card-declined/default").status_code == 200
    assert cards(shop)[0]["primary"] is True


def test_a_list_of_cards_needs_a_user(shop: Shop) -> None:
    """Without a user there is nothing to list, and a user without cards has none."""
    answer = shop.ask("GET", "/v1/credit_cards")
    item = {"type": "missing_field", "message": "is missing", "field": "user_id", "resource": "user"}
    assert (answer.status_code, answer.get_json()) == (422, error(*INVALID, item))
    assert cards(shop, "XYZ789") == []


def test_a_user_whom_nobody_listed_can_be_refused(shop: Shop) -> None:
    """By choice an unknown user has no cards to list and none to add."""
    assert shop.add_card(user_id="me").status_code == 200
    shop.box.choices["deem.unknown_user"] = "refuse"
    for answer in (shop.add_card(user_id="me"), shop.listing("credit_cards", "me")):
        assert (answer.status_code, answer.get_json()["errors"][0]["resource"]) == (422, "user")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "4111 1111 1111 1111"),
        ("number", "41111111111"),
        ("number", ""),
        ("number", 4111111111111111),
        ("verification_value", "12"),
        ("verification_value", "abc"),
        ("verification_value", 12345),
        ("month", 0),
        ("month", 13),
        ("month", "13"),
        ("month", "Jan"),
        ("year", 40),
        ("year", "40"),
        ("zip_code", 94105),
    ],
)
def test_a_wrong_field_of_a_card_is_named(shop: Shop, field: str, value: Any) -> None:
    """What is no number, month or year is refused by its field, for the card."""
    answer = shop.add_card(**{field: value})
    assert (answer.status_code, basis_of(answer)) == (422, "published")
    item = {"type": "invalid", "message": "is invalid", "field": field, "resource": "credit_card"}
    assert answer.get_json() == error(*INVALID, item)


@pytest.mark.parametrize(
    "fields",
    [
        {"month": 12, "year": 2099},
        {"month": "01", "year": "2040"},
        {"month": "9", "year": "2040", "verification_value": 123},
        {"zip_code": ""},
    ],
)
def test_fields_of_a_card_come_as_numbers_or_as_text(shop: Shop, fields: dict[str, Any]) -> None:
    """One page says integers, another two digits and four: both are taken."""
    assert basis_of(shop.add_card(**fields)) == "published"
    assert shop.entry.status == 200


def test_all_that_is_wrong_with_a_card_is_told(shop: Shop) -> None:
    """Where both are chosen to be refused, a wrong check digit and a month that has passed are told together."""
    shop.box.choices.set({"deem.card_number": "check_digit", "deem.card_expiry": "refuse"})
    answer = shop.add_card(number="4111111111111112", month=2, year=2026)
    assert [item["field"] for item in answer.get_json()["errors"]] == ["number", "year"]
    assert answer.get_json()["errors"][0]["resource"] == "credit_card"
    assert basis_of(shop.add_card(month=3, year=2026)) == "published"
    assert len(cards(shop)) == 2


@pytest.mark.parametrize(("end", "status"), [("0002", 422), ("0341", 402), ("0259", 409), ("1111", 200)])
def test_the_end_of_a_number_says_what_a_charge_comes_to(shop: Shop, end: str, status: int) -> None:
    """A new card is charged as the end of its number says, in a purchase with it and in the all-in-one purchase."""
    number = f"400000000000{end}"
    assert shop.create(credit_card_id=added(shop, number=number)).status_code == status
    assert shop.full(credit_card={**CARD_FIELDS, "number": number}).status_code == status


def test_another_user_s_card_can_be_refused(shop: Shop) -> None:
    """A card that is another user's is refused by choice; one that is nobody's is everybody's."""
    shop.box.choices["deem.other_users_card"] = "refuse"
    assert shop.create(user_id="XYZ789").get_json()["errors"][0]["type"] == "not_owner"
    assert shop.create().status_code == 200
    assert shop.create(credit_card_id="card-declined").get_json()["error_type"] == "declined"
