"""The list of tabs: filters, pages, and cursors that hold while tabs are opened."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mocktill.core.sandbox import Sandbox
from mocktill.core.store import Row, Table
from tests.apis.supertab import ids
from tests.apis.supertab.shop import buy, error
from tests.client import Client


def listed(client: Client, **query: Any) -> Any:
    """Return the body of a list."""
    answer = client("GET", "/v1/tabs", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def found(client: Client, **query: Any) -> list[str]:
    """Return the ids of the tabs of a list."""
    return [tab["id"] for tab in listed(client, **query)["data"]]


def tabs(*numbers: int) -> list[str]:
    """Return the ids of seeded tabs."""
    return [ids.tab(number) for number in numbers]


def pages(client: Client, **query: Any) -> list[list[str]]:
    """Return the ids on all pages, following the links from the first."""
    body, told = listed(client, **query), []
    while True:
        told.append([tab["id"] for tab in body["data"]])
        link = body["metadata"]["links"]["next"]
        if not link:
            return told
        body = client("GET", link.removeprefix("http://localhost")).get_json()


def test_the_newest_come_first(supertab: Client) -> None:
    """All tabs are on one page, as the one that was opened last is the present one to clients."""
    body = listed(supertab)
    assert [tab["id"] for tab in body["data"]] == tabs(6, 5, 4, 3, 2, 1)
    assert body["metadata"] == {
        "count": 6,
        "per_page": 20,
        "links": {"previous": "", "next": ""},
        "number_pages": 1,
    }
    assert body["data"][5] == supertab("GET", f"/v1/tabs/{ids.OPEN_TAB}").get_json()


def test_a_tab_has_every_field(supertab: Client) -> None:
    """A tab has the fields that clients read, in their order."""
    tab = listed(supertab)["data"][4]
    (purchase,) = tab.pop("purchases")
    assert purchase == supertab("GET", f"/v1/purchases/{ids.NOW_PAID}").get_json()
    assert tab == {
        "id": ids.PAID_TAB,
        "created_at": "2023-11-03T15:30:00.000Z",
        "updated_at": "2023-11-03T15:36:10.007Z",
        "merchant_id": "merchant.dddddddd-0000-4000-8000-000000000001",
        "user_id": ids.user(1),
        "status": "closed",
        "paid_at": "2023-11-03T15:36:10.007Z",
        "total": 150,
        "limit": 500,
        "currency": "USD",
        "payment_model": "pay_now",
        "metadata": {},
        "test_mode": False,
        "tab_statistics": {
            "purchases_count": 1,
            "obfuscated_purchases_count": 0,
            "obfuscated_purchases_total": 0,
        },
        "closes_at": None,
        "guest_email": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "full"}, tabs(6, 3)),
        ({"payment_model": "pay_later"}, tabs(6, 1)),
        ({"currency": "EUR"}, tabs(5, 4)),
        ({"is_active": "true"}, tabs(6, 5, 3, 1)),
        ({"is_active": "False"}, tabs(4, 2)),
        ({"is_active": "1", "payment_model": "pay_later", "status": "full", "currency": "USD"}, tabs(6)),
        ({"status": "closed", "payment_model": "pay_later"}, []),
    ],
)
def test_filters(supertab: Client, query: dict[str, str], expected: list[str]) -> None:
    """Each filter lets through what it says, and several what all of them say."""
    assert found(supertab, **query) == expected


def test_active_tab(supertab: Client, box: Sandbox) -> None:
    """By choice a full tab is not active."""
    box.choices["supertab.active_tab"] = "open"
    assert found(supertab, is_active="true") == tabs(5, 1)
    assert found(supertab, is_active="false") == tabs(6, 4, 3, 2)


def test_whose_tabs(box: Sandbox) -> None:
    """A user's token lists the user's tabs, a merchant's the merchant's."""
    for token, expected in (("token-full-tab", tabs(6)), ("token-merchant-2", tabs(5, 4)), ("token-new-reader", [])):
        assert found(Client(box, "supertab", {"Authorization": token})) == expected


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 100])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages(supertab: Client, box: Sandbox, limit: int, order: str) -> None:
    """Following the links shows each tab once, in either order, and the way back leads to the same pages."""
    box.choices["supertab.tab_order"] = order
    told = pages(supertab, limit=limit)
    assert [key for page in told for key in page] == tabs(*(range(6, 0, -1) if order == "newest" else range(1, 7)))
    assert [len(page) for page in told[:-1]] == [limit] * (len(told) - 1)
    body = listed(supertab, limit=limit)
    assert (body["metadata"]["number_pages"], body["metadata"]["per_page"]) == (len(told), limit)
    while body["metadata"]["links"]["next"]:
        body = supertab("GET", body["metadata"]["links"]["next"].removeprefix("http://localhost")).get_json()
    back = [[tab["id"] for tab in body["data"]]]
    while body["metadata"]["links"]["previous"]:
        body = supertab("GET", body["metadata"]["links"]["previous"].removeprefix("http://localhost")).get_json()
        back.append([tab["id"] for tab in body["data"]])
    assert [key for page in reversed(back) for key in page] == [key for page in told for key in page]


def test_a_link_keeps_the_filters(supertab: Client) -> None:
    """The address of another page has the filters and the size of this one."""
    body = listed(supertab, limit=1, status="full", is_active="true")
    link = urlsplit(body["metadata"]["links"]["next"])
    query = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert (link.path, {**query, "cursor": ""}) == (
        "/v1/tabs",
        {"limit": "1", "status": "full", "is_active": "true", "cursor": ""},
    )
    assert found(supertab, **query) == tabs(3)


def test_a_cursor_holds_while_tabs_are_opened(supertab: Client, reader: Client, box: Sandbox) -> None:
    """A tab that is opened between two pages neither repeats one nor hides one."""
    body = listed(supertab, limit=3)
    assert buy(reader, ids.MAGAZINE)[0] == 201
    link = body["metadata"]["links"]["next"].removeprefix("http://localhost")
    following = supertab("GET", link).get_json()
    assert [tab["id"] for tab in following["data"]] == tabs(3, 2, 1)
    assert following["metadata"]["count"] == 7


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nowhere",
        "!!!",
        "é",
        "a" * 5_000,
        *(
            urlsafe_b64encode(said).decode()
            for said in (b"[]", b"null", b'["next"]', b'["up","a","b"]', b'["next",1,2]', b"[[],[],[]]", b"\xff")
        ),
    ],
)
def test_a_cursor_that_nobody_gave_away(supertab: Client, cursor: str) -> None:
    """What is no cursor is a validation error."""
    found = error(supertab, "GET", "/v1/tabs", query_string={"cursor": cursor})
    assert found == (422, ("query -> cursor", "invalid"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", ""),
        ("limit", "9" * 100),
        ("status", "paid"),
        ("payment_model", "later"),
        ("currency", "usd"),
        ("is_active", "maybe"),
    ],
)
def test_filters_that_are_none(supertab: Client, name: str, value: str) -> None:
    """A filter or a size that is none is a validation error that names it."""
    found = error(supertab, "GET", "/v1/tabs", query_string={name: value})
    assert found == (422, (f"query -> {name}", "invalid"))


def test_large_limit(supertab: Client, box: Sandbox) -> None:
    """A page holds a hundred at most, or by choice no more may be asked for."""
    assert listed(supertab, limit=101)["metadata"]["per_page"] == 100
    box.choices["supertab.large_limit"] = "refuse"
    assert error(supertab, "GET", "/v1/tabs?limit=101") == (422, ("query -> limit", "invalid"))
    assert listed(supertab, limit=100)["metadata"]["per_page"] == 100


@pytest.mark.parametrize(("value", "size"), [("20", 20), ("100", 100)])
def test_default_limit(supertab: Client, box: Sandbox, value: str, size: int) -> None:
    """A page whose size nobody asked for has the default one."""
    box.choices["supertab.default_limit"] = value
    assert listed(supertab)["metadata"]["per_page"] == size


def test_tab_count(supertab: Client, box: Sandbox) -> None:
    """All that match are counted, or those on the page; on a single page it makes no difference."""
    box.choices["supertab.tab_count"] = "page"
    full = {"status": "full"}
    assert (listed(supertab, limit=1, **full)["metadata"]["count"], supertab.entry.basis) == (1, "assumed")
    assert (listed(supertab, limit=2, **full)["metadata"]["count"], supertab.entry.basis) == (2, "observed")


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("0", 0)])
def test_empty_number_pages(reader: Client, box: Sandbox, value: str, number: int) -> None:
    """A list without tabs has one page, or none."""
    box.choices["supertab.empty_number_pages"] = value
    assert listed(reader) == {
        "data": [],
        "metadata": {"count": 0, "per_page": 20, "links": {"previous": "", "next": ""}, "number_pages": number},
    }


def test_page_links(supertab: Client, box: Sandbox) -> None:
    """By choice a link is the cursor alone."""
    box.choices["supertab.page_links"] = "cursor"
    cursor = listed(supertab, limit=5)["metadata"]["links"]["next"]
    assert found(supertab, limit=5, cursor=cursor) == tabs(1)


@pytest.mark.parametrize(
    ("value", "root"), [("request", "http://localhost"), ("documented", "https://tapi.supertab.co")]
)
def test_link_host(supertab: Client, box: Sandbox, value: str, root: str) -> None:
    """A link leads to the sandbox, or is on the vendor's host."""
    box.choices["supertab.link_host"] = value
    assert listed(supertab, limit=5)["metadata"]["links"]["next"].startswith(f"{root}/v1/tabs?limit=5&cursor=")


def test_a_tab_that_says_little(supertab: Client, box: Sandbox) -> None:
    """A row without what a tab always has is shown with what is usual."""
    with box.changing():
        box.table("supertab.tabs").insert(ids.tab(71), {"status": "open", "paid_at": None})
    tab = listed(supertab)["data"][-1]
    assert (tab["id"], tab["created_at"], tab["limit"], tab["currency"]) == (
        ids.tab(71),
        "1970-01-01T00:00:00.000Z",
        500,
        "USD",
    )


@pytest.mark.parametrize("token", ["token-test", "token-full-tab"])
def test_a_page_costs_what_it_has(box: Sandbox, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """Without a filter no tab is looked at but those of the page, and those that a cursor's place is found by."""
    client, looked_at = Client(box, "supertab", {"Authorization": token}), set()
    find = Table.find

    def noted(table: Table, index: str, *equal: Any) -> Iterator[tuple[str, Row]]:
        looked_at.add(table.name)
        return find(table, index, *equal)

    monkeypatch.setattr(Table, "find", noted)
    assert pages(client, limit=1)[-1]
    assert looked_at == {"supertab.purchases"}
    assert found(client, status="full")
    assert "supertab.tabs" in looked_at
