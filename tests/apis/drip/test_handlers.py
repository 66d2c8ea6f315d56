"""Drip's behaviour: purchases are kept, listed and fetched, and the lifetime value grows."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import BUYER, JOHN, NEW, NOT_FOUND, PURCHASE, SENT, invalid
from tests.client import Client

LOCAL_LINKS = {
    "purchases.account": "http://localhost/v2/accounts/{purchases.account}",
    "purchases.subscriber": "http://localhost/v2/subscribers/{purchases.subscriber}",
}
SUBSCRIBER_FIELDS = [
    "id",
    "status",
    "email",
    "time_zone",
    "utc_offset",
    "visitor_uuid",
    "custom_fields",
    "tags",
    "ip_address",
    "user_agent",
    "original_referrer",
    "landing_url",
    "prospect",
    "lead_score",
    "lifetime_value",
    "created_at",
    "href",
    "user_id",
    "base_lead_score",
    "links",
]


def create(drip: Client, *sent: Any, path: str = NEW) -> Any:
    """Create purchases and expect that it works."""
    answer = drip("POST", f"{path}/purchases", json={"purchases": list(sent)})
    assert (answer.status_code, answer.get_json()) == (201, {})
    return answer


def listed(drip: Client, path: str = NEW) -> Any:
    """Return the purchases of the first page."""
    return drip("GET", f"{path}/purchases").get_json()["purchases"]


def lifetime_value(drip: Client, path: str = NEW) -> Any:
    """Return the lifetime value as the API says it."""
    return drip("GET", path).get_json()["subscribers"][0]["lifetime_value"]


def test_list_of_the_factory(drip: Client) -> None:
    """The factory's purchase is the documented one; links are on the host that was asked."""
    answer = drip("GET", f"{BUYER}/purchases")
    body = answer.get_json()
    assert answer.status_code == 200
    assert body == {
        "links": LOCAL_LINKS,
        "meta": {"page": 1, "count": 1, "total_pages": 1, "total_count": 1},
        "purchases": [PURCHASE],
    }
    assert list(body) == ["links", "meta", "purchases"]
    assert list(body["meta"]) == ["page", "count", "total_pages", "total_count"]
    assert list(body["purchases"][0]) == list(PURCHASE)
    assert list(body["purchases"][0]["items"][0]) == list(PURCHASE["items"][0])
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_fetch_of_the_factory(drip: Client) -> None:
    """The documented purchase can be fetched."""
    answer = drip("GET", f"{BUYER}/purchases/9999999")
    assert answer.get_json() == {"links": LOCAL_LINKS, "purchases": [PURCHASE]}
    assert list(answer.get_json()) == ["links", "purchases"]
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_create_and_read_back(drip: Client) -> None:
    """A purchase comes back as it was sent, under a drawn id, and raises the lifetime value."""
    answer = create(drip, SENT)
    assert answer.headers["Mocktill-Basis"] == "documented"
    (purchase,) = listed(drip)
    assert purchase["id"].isdigit()
    assert len(purchase["id"]) == 7
    assert {name: purchase[name] for name in SENT} == SENT
    assert purchase["links"] == {"account": "9999999", "subscriber": "n0pvrch4s3sy3tn0pvrc"}
    fetched = drip("GET", f"{NEW}/purchases/{purchase['id']}").get_json()
    assert fetched["purchases"] == [purchase]
    assert lifetime_value(drip) == 4900


def test_what_a_create_changes(drip: Client) -> None:
    """The journal shows the purchase and its subscriber; the count of requests is not part of it."""
    create(drip, SENT)
    assert {change.table for change in drip.entry.changes} == {
        "drip.purchases",
        "drip.subscribers",
    }


def test_defaults(drip: Client) -> None:
    """An item's quantity is 1 and the time is now, unless they were sent; ids are drawn."""
    create(drip, {"amount": 500, "items": [{"name": "Paddle", "amount": 500}]})
    (purchase,) = listed(drip)
    (item,) = purchase["items"]
    assert purchase["occurred_at"] == "2026-03-02T12:00:00Z"
    assert item["quantity"] == 1
    assert len(item["id"]) == 7
    assert item["id"].isdigit()


def test_integral_numbers(drip: Client) -> None:
    """A whole number is one however JSON writes it."""
    body = b'{"purchases":[{"amount":2.0,"items":[{"name":"x","amount":2e0,"quantity":3.0}]}]}'
    drip("POST", f"{NEW}/purchases", data=body)
    (purchase,) = listed(drip)
    assert [type(value) for value in (purchase["amount"], purchase["items"][0]["quantity"])] == [int, int]
    assert lifetime_value(drip) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/v2/9999999/subscribers/john@acme.com/purchases",
        "/v2/9999999/subscribers/john%40acme.com/purchases",
        "/v2/9999999/subscribers/z1togz2hcjrkpp5treip/purchases",
        "/v2/9999999/subscribers/z1togz2hcjrkpp5treip/purchases/",
        "/v2/my-own-account/subscribers/john@acme.com/purchases",
    ],
)
def test_addressing(drip: Client, path: str) -> None:
    """A subscriber has an id and an e-mail address, encoded or raw; a trailing slash is fine."""
    create(drip, {"amount": 1}, path=path.rstrip("/").removesuffix("/purchases"))
    answer = drip("GET", path)
    assert answer.status_code == 200
    assert answer.get_json()["meta"]["total_count"] == 3


def test_account_that_nobody_seeded(drip: Client) -> None:
    """Any account id of your own has the factory's subscribers, and links name the account that was asked."""
    answer = drip("GET", "/v2/4242/subscribers/98asdh9f8asd88d/purchases/9999999")
    assert answer.get_json()["purchases"][0] == {
        **PURCHASE,
        "links": {"account": "4242", "subscriber": "98asdh9f8asd88d"},
    }
    assert answer.headers["Mocktill-Basis"] == "documented"


def test_account_that_is_seeded(drip: Client) -> None:
    """An account that is listed has its own subscribers only."""
    for wanted in ("john@acme.com", "z1togz2hcjrkpp5treip"):
        answer = drip("GET", f"/v2/1111111/subscribers/{wanted}")
        assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)
        assert answer.headers["Mocktill-Basis"] == "published"


@pytest.mark.parametrize("wanted", ["nobody", "nobody@acme.com", "%00", "%FF", "x" * 5000, "john@acme.com%20"])
def test_unknown_subscriber(drip: Client, wanted: str) -> None:
    """An unknown subscriber is 404 for every operation."""
    path = f"/v2/9999999/subscribers/{wanted}"
    for method, tail in (("GET", ""), ("GET", "/purchases"), ("GET", "/purchases/9999999")):
        answer = drip(method, path + tail)
        assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)
        assert answer.headers["Mocktill-Basis"] == "published"
    answer = drip("POST", f"{path}/purchases", json={"purchases": [SENT]})
    assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)
    assert answer.headers["Mocktill-Basis"] == "assumed"


def test_purchase_of_another(drip: Client) -> None:
    """A purchase is found only under its own subscriber."""
    assert drip("GET", f"{JOHN}/purchases/9999999").status_code == 404
    assert drip("GET", f"{BUYER}/purchases/1").status_code == 404


def test_all_or_none(drip: Client, box: Sandbox) -> None:
    """One bad item among several purchases leaves no trace."""
    before = box.store.rows()
    sent = [{"amount": 1}, {"amount": 2, "items": [{"amount": 2}]}]
    assert drip("POST", f"{NEW}/purchases", json={"purchases": sent}).status_code == 422
    after = box.store.rows()
    assert {name for name in before if before[name] != after[name]} == {"drip.rate"}


def test_several_are_kept_in_their_order(drip: Client) -> None:
    """Several purchases of one request are kept, the last one being the newest."""
    answer = create(drip, {"amount": 1}, {"amount": 2}, {"amount": 3})
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert [purchase["amount"] for purchase in listed(drip)] == [3, 2, 1]
    assert lifetime_value(drip) == 6


def test_lifetime_value_has_an_end(drip: Client, box: Sandbox) -> None:
    """A lifetime value that no client could read exactly is refused as a whole."""
    with box.changing():
        table = box.table("drip.subscribers")
        table.put("n0pvrch4s3sy3tn0pvrc", {**(table.get("n0pvrch4s3sy3tn0pvrc") or {}), "lifetime_value": 2**53 - 2})
    answer = drip("POST", f"{NEW}/purchases", json={"purchases": [{"amount": 5}]})
    assert answer.status_code == 422
    assert answer.get_json() == invalid("range_error", "amount", "Amount is out of range")
    assert listed(drip) == []


def test_pages(drip: Client) -> None:
    """A page holds 100, and its meta counts this page's and all."""
    create(drip, *[{"amount": number} for number in range(1, 251)])
    pages = [drip("GET", f"{NEW}/purchases?page={page}").get_json() for page in (1, 2, 3)]
    assert [page["meta"] for page in pages] == [
        {"page": page, "count": count, "total_pages": 3, "total_count": 250}
        for page, count in ((1, 100), (2, 100), (3, 50))
    ]
    amounts = [purchase["amount"] for page in pages for purchase in page["purchases"]]
    assert amounts == list(range(250, 0, -1))


def test_read_subscriber(drip: Client) -> None:
    """A subscriber has the published fields in the published order, and links on the host that was asked."""
    answer = drip("GET", JOHN)
    body = answer.get_json()
    (subscriber,) = body["subscribers"]
    assert body["links"] == {"subscribers.account": "http://localhost/v2/accounts/{subscribers.account}"}
    assert list(subscriber) == SUBSCRIBER_FIELDS
    assert subscriber["id"] == "z1togz2hcjrkpp5treip"
    assert subscriber["lifetime_value"] == 10000
    assert subscriber["created_at"] == "2013-06-21T10:31:58Z"
    assert subscriber["href"] == "http://localhost/v2/9999999/subscribers/z1togz2hcjrkpp5treip"
    assert subscriber["links"] == {"account": "9999999"}
    assert answer.headers["Mocktill-Basis"] == "published"


def test_unknown_properties_are_kept_out(drip: Client) -> None:
    """Unknown properties are not kept, and the journal warns of each."""
    create(drip, {"amount": 1, "colour": "red", "items": [{"name": "x", "amount": 1, "size": 3}]})
    warned = [(v.severity, v.pointer) for v in drip.entry.violations]
    assert warned == [("warning", "/purchases/0/colour"), ("warning", "/purchases/0/items/0/size")]
    (purchase,) = listed(drip)
    assert list(purchase) == list(PURCHASE)
    assert list(purchase["items"][0]) == list(PURCHASE["items"][0])


def test_free_properties(drip: Client) -> None:
    """What stands in `properties` is the client's own: any JSON comes back unchanged."""
    properties = {"deep": {"list": [1, 2.5, None, True]}, "": "é\u0000"}
    create(drip, {"amount": 1, "properties": properties})
    assert listed(drip)[0]["properties"] == properties


def test_permalink_is_untouched(drip: Client) -> None:
    """A permalink comes back unchanged, whatever host it is on."""
    create(drip, {"amount": 1, "permalink": "https://api.getdrip.com/orders/1?x=%20"})
    assert listed(drip)[0]["permalink"] == "https://api.getdrip.com/orders/1?x=%20"


def test_page_parameter_is_text(drip: Client) -> None:
    """Pages that are no plain number are the first, and a large one is beyond the end."""
    for page in ("0", "-1", "", "two", "1.5", "٣", "9" * 40):
        answer = drip("GET", f"{BUYER}/purchases", query_string={"page": page})
        assert answer.get_json()["meta"]["page"] == 1
    answer = drip("GET", f"{BUYER}/purchases?page=999999999999999")
    assert answer.get_json()["meta"] == {
        "page": 999999999999999,
        "count": 0,
        "total_pages": 1,
        "total_count": 1,
    }
    assert answer.get_json()["purchases"] == []
