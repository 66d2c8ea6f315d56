"""The list of purchases: its order, its pages, their links and numbers, and what an index saves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mocktill.apis.kajabi.documents import ATTRIBUTES
from mocktill.core.sandbox import Sandbox
from tests.client import Client

PURCHASES = "/v1/purchases"
NEWEST = ["208", "207", "204", "201", "123", "202", "206", "205", "203"]
"""The purchases of the factory state; two were created at the same instant."""


def ids(answer: Any) -> list[str]:
    """Return the ids of a page."""
    return [one["id"] for one in answer.get_json()["data"]]


def basis(answer: Any) -> str:
    """Return how well an answer is known."""
    return str(answer.headers["Mocktill-Basis"])


def number(link: str) -> int:
    """Return the number of the page that a link leads to."""
    return int(parse_qs(urlsplit(link).query)["page[number]"][0])


def test_a_whole_page(ask: Client) -> None:
    """Without fields each purchase is whole, with relationships; the list has links and numbers."""
    answer = ask("GET", f"{PURCHASES}?sort=-created_at&page[size]=10")
    body = answer.get_json()
    assert answer.status_code == 200
    assert list(body) == ["data", "links", "meta"]
    assert ids(answer) == NEWEST
    for one in body["data"]:
        assert list(one) == ["id", "type", "attributes", "relationships"]
        assert list(one["attributes"]) == list(ATTRIBUTES)
        assert one == ask("GET", f"{PURCHASES}/{one['id']}").get_json()["data"]
    assert body["meta"] == {"count": 9, "total_count": 9, "total_pages": 1}
    assert basis(answer) == "published"


def test_sparse_fields(ask: Client) -> None:
    """With fields each purchase has just those, and no relationships; links and numbers stay."""
    answer = ask("GET", f"{PURCHASES}?sort=-created_at&page[size]=2&fields[purchases]=quantity,amount_in_cents")
    body = answer.get_json()
    assert body["data"] == [
        {"id": "208", "type": "purchases", "attributes": {"amount_in_cents": 2400, "quantity": 3}},
        {"id": "207", "type": "purchases", "attributes": {"amount_in_cents": 1000, "quantity": 1}},
    ]
    assert list(body) == ["data", "links", "meta"]
    assert basis(answer) == "published"


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5])
def test_links(ask: Client, page: int) -> None:
    """Each page links to itself, the first and the last, and to its neighbours where it has some."""
    body = ask("GET", f"{PURCHASES}?page[number]={page}&page[size]=2").get_json()
    links = {name: number(link) for name, link in body["links"].items()}
    wanted = {"self": page, "first": 1, "prev": page - 1, "next": page + 1, "last": 5}
    if page == 1:
        del wanted["prev"]
    if page == 5:
        del wanted["next"]
    assert links == wanted
    assert list(links) == list(wanted)
    assert body["meta"] == {"count": 1 if page == 5 else 2, "total_count": 9, "total_pages": 5}


def test_links_keep_the_other_parameters(ask: Client) -> None:
    """Links are on the request's own root, with raw brackets and all parameters, and lead where they say."""
    query = "page%5Bsize%5D=2&sort=-created_at,currency&filter%5Bcardholder_name_not_eq%5D=a%26b%2Bc%20d&x=%C3%A9"
    root = "https://shop.test:8443/~mine/kajabi"
    links = ask("GET", f"{PURCHASES}?{query}", base_url=root).get_json()["links"]
    assert links["next"] == (
        f"{root}{PURCHASES}?page[size]=2&sort=-created_at,currency"
        "&filter[cardholder_name_not_eq]=a%26b%2Bc%20d&x=%C3%A9&page[number]=2"
    )
    second = ask("GET", links["next"].removeprefix(root), base_url=root)
    assert second.get_json()["links"]["self"] == links["next"]
    assert ids(second) == ["204", "123"]  # what is alike comes in the direction of the last attribute


def test_pages_by_default(ask: Client, box: Sandbox) -> None:
    """A page has 30 purchases, which was observed, or by choice 100."""
    box.populate(150, "kajabi")
    answer = ask("GET", f"{PURCHASES}?sort=created_at")
    assert (len(ids(answer)), basis(answer)) == (30, "observed")
    box.choices["kajabi.page_size"] = "100"
    answer = ask("GET", f"{PURCHASES}?sort=created_at")
    assert (len(ids(answer)), basis(answer)) == (100, "assumed")


def test_the_usual_order(ask: Client, box: Sandbox) -> None:
    """Without `sort` the newest come first, or by choice the oldest, or they come by id; each is a guess."""
    answer = ask("GET", f"{PURCHASES}?page[size]=20")
    assert (ids(answer), basis(answer)) == (NEWEST, "assumed")
    box.choices["kajabi.list_order"] = "oldest"
    assert ids(ask("GET", PURCHASES)) == NEWEST[::-1]
    box.choices["kajabi.list_order"] = "id"
    assert ids(ask("GET", PURCHASES)) == sorted(NEWEST)


@pytest.mark.parametrize("query", ["", "&filter[currency_eq]=USD"])
@pytest.mark.parametrize("sort", ["-created_at", "created_at"])
def test_the_same_order_with_and_without_an_index(ask: Client, sort: str, query: str) -> None:
    """What is alike is ordered by id in the direction of the sort, whether an index gave the order or not."""
    wanted = NEWEST if sort.startswith("-") else NEWEST[::-1]
    assert ids(ask("GET", f"{PURCHASES}?sort={sort}{query}")) == wanted


def test_sorting_by_several(ask: Client) -> None:
    """A list of attributes sorts by the first, then the next, each in its direction; a repeated one counts once."""
    assert ids(ask("GET", f"{PURCHASES}?sort=-quantity,-opt_in,created_at")) == [
        "208", "206", "203", "205", "202", "123", "201", "204", "207",
    ]  # fmt: skip
    assert ids(ask("GET", f"{PURCHASES}?sort=created_at,-created_at")) == NEWEST[::-1]
    assert ids(ask("GET", f"{PURCHASES}?sort=%20opt_in%20,%20-created_at"))[-1] == "206"


@pytest.mark.parametrize(
    ("option", "sort", "wanted"),
    [
        ("first", "multipay_payments_made", [None, 1, 3]),
        ("first", "-multipay_payments_made", [3, 1, None]),
        ("last", "multipay_payments_made", [1, 3, None]),
        ("last", "-multipay_payments_made", [None, 3, 1]),
    ],
)
def test_null_order(ask: Client, box: Sandbox, option: str, sort: str, wanted: list[int | None]) -> None:
    """Null comes before all values, or by choice behind them; descending it is the other way round."""
    box.choices["kajabi.null_order"] = option
    answer = ask("GET", f"{PURCHASES}?sort={sort}&page[size]=20&fields[purchases]=multipay_payments_made")
    made = [one["attributes"]["multipay_payments_made"] for one in answer.get_json()["data"]]
    assert list(dict.fromkeys(made)) == wanted
    assert basis(answer) == "assumed"


def test_null_order_is_asked_where_there_is_null(ask: Client) -> None:
    """Where nothing is null an order is as well known as published."""
    assert basis(ask("GET", f"{PURCHASES}?sort=quantity&page[size]=20")) == "published"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("page[number]=0", "page[number]: a whole number from 1 is meant"),
        ("page[number]=-1", "page[number]: a whole number from 1 is meant"),
        ("page[number]=", "page[number]: a whole number from 1 is meant"),
        ("page[number]=%D9%A1", "page[number]: a whole number from 1 is meant"),
        ("page[number]=9999999999999999999999", "page[number]: a whole number from 1 is meant"),
        ("page[size]=0", "page[size]: a whole number from 1 is meant"),
        ("page[size]=ten", "page[size]: a whole number from 1 is meant"),
        ("page[size]=1001", "page[size]: a page has 1000 purchases at the most"),
        ("sort=", "sort: an empty name is nothing to sort by"),
        ("sort=colour", "sort: colour is nothing to sort by"),
        ("sort=created_at,,currency", "sort: an empty name is nothing to sort by"),
        ("sort=--created_at", "sort: -created_at is nothing to sort by"),
        ("sort=amount_in_cents", "sort: amount_in_cents is nothing to sort by"),
    ],
)
def test_wrong_parameters(ask: Client, box: Sandbox, query: str, said: str) -> None:
    """A page or an order that there is not gets 400, or by choice 422, and the detail says why."""
    for option, title in (("400", "Bad Request"), ("422", "Unprocessable Entity")):
        box.choices["kajabi.wrong_parameter"] = option
        answer = ask("GET", f"{PURCHASES}?{query}")
        assert answer.status_code == int(option)
        assert answer.get_json() == {"errors": [{"status": option, "source": None, "title": title, "detail": said}]}
        assert basis(answer) == "assumed"


def test_a_page_behind_the_last(ask: Client, box: Sandbox) -> None:
    """A page behind the last is empty and links back to it, or by choice it is not found."""
    answer = ask("GET", f"{PURCHASES}?page[number]=7&page[size]=5")
    body = answer.get_json()
    assert (body["data"], body["meta"]) == ([], {"count": 0, "total_count": 9, "total_pages": 2})
    assert {name: number(link) for name, link in body["links"].items()} == {
        "self": 7, "first": 1, "prev": 2, "last": 2,
    }  # fmt: skip
    box.choices["kajabi.page_beyond"] = "404"
    assert ask("GET", f"{PURCHASES}?page[number]=7&page[size]=5").status_code == 404
    assert ask("GET", f"{PURCHASES}?page[number]=2&page[size]=5").status_code == 200


def test_an_empty_list(ask: Client) -> None:
    """Where nothing fits the list is empty: no pages, and links to the first."""
    body = ask("GET", f"{PURCHASES}?filter[customer_id]=nobody").get_json()
    assert (body["data"], body["meta"]) == ([], {"count": 0, "total_count": 0, "total_pages": 0})
    assert {name: number(link) for name, link in body["links"].items()} == {"self": 1, "first": 1, "last": 1}


def test_list_meta(ask: Client, box: Sandbox) -> None:
    """The numbers of a page have one of the three forms that are published."""
    box.choices["kajabi.list_meta"] = "current_page"
    answer = ask("GET", f"{PURCHASES}?sort=-created_at&page[number]=2&page[size]=2")
    assert answer.get_json()["meta"] == {"total_pages": 5, "total_count": 9, "current_page": 2}
    assert basis(answer) == "published"
    box.choices["kajabi.list_meta"] = "total"
    assert ask("GET", PURCHASES).get_json()["meta"] == {"total": 9}


def test_full_document(ask: Client, box: Sandbox) -> None:
    """By choice the purchases of a list have no relationships; its links stay, or nobody could go on."""
    box.choices["kajabi.full_document"] = "attributes_only"
    body = ask("GET", PURCHASES).get_json()
    assert list(body["data"][0]) == ["id", "type", "attributes"]
    assert "self" in body["links"]


def test_250_purchases_while_one_is_deactivated(ask: Client, box: Sandbox) -> None:
    """Who follows `links.next` by creation sees each purchase once, though one of them changes meanwhile."""
    made = box.populate(250, "kajabi")["kajabi"]
    seen: list[Any] = []
    link: str | None = f"{PURCHASES}?sort=-created_at&fields[purchases]=created_at"
    while link is not None:
        body = ask("GET", link).get_json()
        seen += body["data"]
        link = body["links"].get("next")
        if len(seen) == 60:
            assert ask("POST", f"{PURCHASES}/{seen[10]['id']}/deactivate").status_code == 200
            assert ask("POST", f"{PURCHASES}/{made[-1]}/deactivate").status_code == 200
    assert sorted(one["id"] for one in seen) == sorted({*made, *NEWEST})
    created = [(one["attributes"]["created_at"], one["id"]) for one in seen]
    assert all(earlier[0] >= later[0] for earlier, later in pairwise(created))


def test_generated_lists_heed_the_query(ask: Client) -> None:
    """A made list has the fields that were asked for, includes what was asked for, and is one page."""
    made = {"Prefer": "dynamic=true"}
    whole = ask("GET", PURCHASES, headers=made).get_json()
    assert "included" not in whole
    some = ask("GET", f"{PURCHASES}?fields[purchases]=currency&include=offer", headers=made).get_json()
    assert all(list(one) == ["id", "type", "attributes"] for one in some["data"])
    assert {name for one in some["data"] for name in one["attributes"]} == {"currency"}
    assert {one["type"] for one in some["included"]} <= {"offers"}
    assert some["meta"]["count"] == len(some["data"]) == len(whole["data"])
    assert "next" not in some["links"]
    assert ask("GET", f"{PURCHASES}?sort=colour", headers=made).status_code == 400
