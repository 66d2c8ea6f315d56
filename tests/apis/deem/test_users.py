"""Users and their lists: pages, counts, orders, and what is asked for oddly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from mocktill.core.store import Row, Table
from tests.apis.deem.shop import DOCUMENTED_PURCHASE, PURCHASE_KEYS, Shop, basis_of, error, id_of, purchase_of

UNKNOWN = error("find_failed", "Unable to find")
LISTS = ("purchases", "coupons", "credit_cards")


def keys_of(shop: Shop, user: str = "ABC123", **query: Any) -> list[str]:
    """Return the ids of a page of purchases."""
    answer = shop.listing("purchases", user, **query)
    assert answer.status_code == 200
    return [purchase["id"] for purchase in answer.get_json()["purchases"]]


def bought_over_time(shop: Shop, count: int) -> list[str]:
    """Buy one unit a minute; return the ids in this order, the documented purchase first."""
    made = [DOCUMENTED_PURCHASE]
    for _ in range(count):
        shop.box.clock.advance(minutes=1)
        made.append(id_of(shop.create(quantity=1)))
    return made


def test_a_user_as_answered(shop: Shop) -> None:
    """A user has names, points, an image and a partner's token, where there are any."""
    answer = shop.ask("GET", "/v1/users/ABC123")
    assert basis_of(answer) == "published"
    names = {"id": "ABC123", "firstname": "Avery", "lastname": "Example"}
    assert answer.get_json() == {
        "status": "success",
        "user": {**names, "image_url": None, "points": 100, "token": None},
    }


def test_a_user_with_a_whole_name(shop: Shop) -> None:
    """Where only a whole name is kept, its first word is the first name."""
    shop.set_row("users", "whole", name="Ada King Lovelace")
    user = shop.ask("GET", "/v1/users/whole").get_json()["user"]
    assert (user["firstname"], user["lastname"]) == ("Ada", "King Lovelace")


@pytest.mark.parametrize("path", ["", "/purchases", "/coupons"])
def test_an_unknown_user_is_not_found(shop: Shop, path: str) -> None:
    """A user whom nobody listed and who has nothing gets 404; by choice there are empty lists."""
    answer = shop.ask("GET", f"/v1/users/nobody{path}")
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (404, UNKNOWN, "assumed")
    shop.box.choices["deem.unknown_user_path"] = "accept"
    answer = shop.ask("GET", f"/v1/users/nobody{path}")
    assert answer.status_code == 200
    assert answer.get_json().get(path[1:] or "nothing", []) == []


def test_a_user_whom_nobody_listed_has_what_was_bought(shop: Shop) -> None:
    """Whoever has bought has a list, listed or not; nobody has to assume that."""
    purchase = id_of(shop.create(user_id="me"))
    answer = shop.listing("purchases", "me")
    assert [shown["id"] for shown in answer.get_json()["purchases"]] == [purchase]
    assert basis_of(answer) == "published"
    assert len(shop.listing("coupons", "me").get_json()["coupons"]) == 2


def test_a_listed_purchase_is_the_one_that_can_be_got(shop: Shop) -> None:
    """An item of the list is what getting it answers."""
    (item,) = shop.listing("purchases").get_json()["purchases"]
    assert list(item) == PURCHASE_KEYS
    assert item == shop.get(DOCUMENTED_PURCHASE).get_json()["purchase"]


@pytest.mark.parametrize("state", ["reserved", "released", "expired", "fulfilled", "created"])
def test_only_what_is_bought_is_listed(shop: Shop, state: str) -> None:
    """Nobody is the user of what is reserved, released or has expired."""
    purchase = shop.brought_to(state)
    assert (purchase in keys_of(shop)) == (state in {"fulfilled", "created"})


def test_pages_follow_each_other(shop: Shop) -> None:
    """Each purchase is on one page, in the order in which they were made, and after the last page there is nothing."""
    made = bought_over_time(shop, 6)
    pages = [keys_of(shop, per_page="3", page=str(number)) for number in (1, 2, 3, 4)]
    assert pages == [made[:3], made[3:6], made[6:], []]


@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
def test_a_clock_that_stands_still_keeps_the_order(shop: Shop, order: str) -> None:
    """What came in one instant is listed in the order in which it came, and coupons as their purchases have them."""
    shop.box.choices["deem.list_order"] = order
    made = [purchase_of(shop.full(user_id="XYZ789", user=None, credit_card=None, credit_card_id="x")) for _ in range(9)]
    cards = [shop.add_card(user_id="XYZ789", number=f"41111111111{n:05}") for n in range(9)]
    ids = {
        "purchases": [purchase["id"] for purchase in made],
        "coupons": [coupon["id"] for purchase in made for coupon in purchase["coupons"]],
        "credit_cards": [answer.get_json()["credit_card_id"] for answer in cards],
    }
    shop.box.load(shop.box.state())
    for what in LISTS:
        listed = [one["id"] for one in shop.listing(what, "XYZ789").get_json()[what]]
        assert listed == (ids[what] if order == "oldest_first" else ids[what][::-1])


def test_the_newest_first_by_choice(shop: Shop) -> None:
    """By choice the list begins with the newest; the order is asked about only where there are two."""
    shop.box.choices["deem.list_order"] = "newest_first"
    assert basis_of(shop.listing("purchases")) == "published"
    made = bought_over_time(shop, 4)[::-1]
    assert [*keys_of(shop, per_page="3"), *keys_of(shop, per_page="3", page="2")] == made
    assert basis_of(shop.listing("purchases")) == "assumed"


def many(shop: Shop, count: int) -> None:
    """Let the documented user have that many more purchases, straight in the rows."""
    row = shop.row(DOCUMENTED_PURCHASE)
    with shop.box.changing():
        for number in range(count):
            shop.box.table("deem.purchases").insert(f"made-{number:04}", {**row, "coupons": []})


@pytest.mark.parametrize(
    ("query", "length"),
    [
        ({}, 100),
        ({"per_page": "1000"}, 1000),
        ({"per_page": "1001"}, 1000),
        ({"per_page": "9" * 400}, 1000),
        ({"per_page": "007"}, 7),
        ({"per_page": "0"}, 100),
        ({"per_page": "-1"}, 100),
        ({"per_page": "ten"}, 100),
        ({"per_page": ""}, 100),
        ({"per_page": "٣"}, 100),
        ({"page": "11"}, 51),
        ({"page": "12"}, 0),
        ({"page": "9" * 400}, 0),
        ({"page": "0"}, 100),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_page_has_a_hundred_and_at_the_most_a_thousand(shop: Shop, query: dict[str, str], length: int) -> None:
    """The published default and maximum; what is no number from 1 on is taken as the nearest."""
    many(shop, 1050)
    assert len(keys_of(shop, **query)) == length


def test_a_list_looks_at_its_page_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many purchases and coupons there are, no list goes through all of them."""
    shop.create()

    def everything(table: Table, *where: Any) -> Iterable[tuple[str, Row]]:
        raise AssertionError(f"all rows of {table.name}")

    monkeypatch.setattr(Table, "items", everything)
    monkeypatch.setattr(Table, "find", everything)
    for what in LISTS:
        assert shop.listing(what).status_code == 200
        assert shop.listing(what, count="true").status_code == 200


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("said", ["true", "1", "TRUE", ""])
def test_a_count_comes_instead_of_the_list(shop: Shop, what: str, said: str) -> None:
    """`count` brings the number, whatever the page; where it stands is assumed, and chosen."""
    answer = shop.listing(what, count=said, per_page="1", page="99")
    assert (answer.get_json(), basis_of(answer)) == ({"status": "success", "count": 1}, "assumed")
    shop.box.choices["deem.count_shape"] = "in_place_of_the_list"
    assert shop.listing(what, count=said).get_json() == {"status": "success", what: 1}


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("said", ["false", "0", "maybe"])
def test_no_count_is_a_list(shop: Shop, what: str, said: str) -> None:
    """Where no count is wanted there is the list; what is no Boolean is noted."""
    assert isinstance(shop.listing(what, count=said).get_json()[what], list)
    assert any("count" in note for note in shop.entry.notes) == (said == "maybe")


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("query", [{"per_page": "1001"}, {"per_page": "x"}, {"page": "0"}, {"count": "maybe"}])
def test_an_odd_parameter_can_be_refused(shop: Shop, what: str, query: dict[str, str]) -> None:
    """By choice a parameter that is not as the page says is refused by its name; the usual ones are not."""
    shop.box.choices["deem.list_parameters"] = "refuse"
    answer = shop.listing(what, **query)
    assert (answer.status_code, basis_of(answer)) == (422, "assumed")
    assert answer.get_json()["errors"][0]["field"] == next(iter(query))
    assert shop.listing(what, per_page="1000", page="2").status_code == 200


def test_a_generated_list_is_the_user_s(shop: Shop) -> None:
    """A list that is made up has purchases of the user who was asked for."""
    made = shop.ask("GET", "/v1/users/somebody/purchases", headers={"Prefer": "dynamic=true"}).get_json()
    assert {purchase["user_id"] for purchase in made["purchases"]} == {"somebody"}
