"""Where Drip's links lead: an account, a subscriber by the link of a purchase, and pages of made-up shops."""

from __future__ import annotations

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import ACCOUNT, ACCOUNT_LINKS, BUYER, NOT_FOUND
from tests.client import Client

ACCOUNTS, PEOPLE = "/v2/accounts", "/v2/subscribers"


def test_the_documented_account(drip: Client) -> None:
    """The account of the samples is the published one, at the address that was asked."""
    answer = drip("GET", f"{ACCOUNTS}/9999999")
    (account,) = answer.get_json()["accounts"]
    assert account == {**ACCOUNT, "href": "http://localhost/v2/accounts/9999999"}
    assert list(account) == list(ACCOUNT)


@pytest.mark.parametrize(
    ("value", "links", "basis"), [("resolvable", {}, "assumed"), ("documented", ACCOUNT_LINKS, "published")]
)
def test_the_links_beside_an_account(drip: Client, box: Sandbox, value: str, links: dict[str, str], basis: str) -> None:
    """What the templates of the documents lead to is not here: they are left out, or by choice there literally."""
    box.choices["drip.account_links"] = value
    answer = drip("GET", f"{ACCOUNTS}/9999999")
    assert (answer.get_json()["links"], answer.headers["Mocktill-Basis"]) == (links, basis)


def test_an_account_of_which_little_is_known(drip: Client, box: Sandbox) -> None:
    """What nobody said of an account is null; the address is its own."""
    (account,) = drip("GET", f"{ACCOUNTS}/1111111").get_json()["accounts"]
    assert (account["name"], account["phone_number"], account["created_at"]) == ("Other, Inc.", None, None)
    assert account["enable_third_party_cookies"] is False
    assert account["href"] == "http://localhost/v2/accounts/1111111"


def test_an_unknown_account(drip: Client, box: Sandbox) -> None:
    """An account that nobody listed is that of the samples under its own id, or by choice not found."""
    (account,) = drip("GET", f"{ACCOUNTS}/123").get_json()["accounts"]
    assert account == {**ACCOUNT, "id": "123", "href": "http://localhost/v2/accounts/123"}
    box.choices["drip.unknown_account"] = "refuse"
    answer = drip("GET", f"{ACCOUNTS}/123")
    assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)


def test_a_subscriber_by_the_link(drip: Client) -> None:
    """The link of a purchase leads to what fetching the subscriber answers; nobody else is there."""
    answer = drip("GET", f"{PEOPLE}/98asdh9f8asd88d")
    assert answer.get_json() == drip("GET", BUYER).get_json()
    assert answer.headers["Mocktill-Basis"] == "assumed"
    for unknown in ("john@acme.com", "nobody"):
        answer = drip("GET", f"{PEOPLE}/{unknown}")
        assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"{PEOPLE}/98asdh9f8asd88d", 403), (f"{ACCOUNTS}/9999999", 403), (f"{ACCOUNTS}/1111111", 200)],
)
def test_a_key_of_one_account(drip: Client, path: str, status: int) -> None:
    """A key for one account follows no link to another."""
    answer = drip("GET", path, headers={"Authorization": "Bearer key-other-account"})
    assert answer.status_code == status


def test_a_generated_subscriber_has_its_own_address(drip: Client) -> None:
    """A made answer to the link is of the subscriber that was asked for, and its address is in its account."""
    answer = drip("GET", f"{PEOPLE}/abc", headers={"Prefer": "dynamic=true"})
    (one,) = answer.get_json()["subscribers"]
    assert one["id"] == "abc"
    assert one["href"] == f"http://localhost/v2/{one['links']['account']}/subscribers/abc"


@pytest.mark.parametrize(("value", "host"), [("request", "http://localhost"), ("documented", "http://myorders.com")])
def test_a_permalink_of_the_sandbox(drip: Client, box: Sandbox, value: str, host: str) -> None:
    """A purchase that the sandbox made up has a page of it as its permalink, by choice on the documented host."""
    box.choices["drip.link_host"] = value
    john = "/v2/9999999/subscribers/john@acme.com"
    shown = {one["id"]: one["permalink"] for one in drip("GET", f"{john}/purchases").get_json()["purchases"]}
    assert shown == {key: f"{host}/orders/{key}" for key in ("1000001", "1000002")}
    assert box.view("drip").purchase("1000001").permalink == "/orders/1000001"


def test_the_page_of_an_order(drip: Client, box: Sandbox) -> None:
    """The page says what was bought and for how much; what stands in a row is text, whatever it is."""
    (page,) = [drip("GET", "/orders/1000001").text]
    assert all(text in page for text in ("Order 1001", "shopify", "Paddle", "76.00"))
    box.change("drip.purchases", "1000001", {"provider": "<script>alert(1)</script>"})
    assert "<script" not in drip("GET", "/orders/1000001").text
    assert drip("GET", "/orders/nobody").status_code == 404


def test_where_a_subscriber_arrived(drip: Client, box: Sandbox) -> None:
    """A path as `landing_url` is a page of the sandbox; a whole address stays as it is."""
    paths = {"landing_url": "/landing/robust-<b>-idea", "original_referrer": "https://a.test/x"}
    box.change("drip.subscribers", "98asdh9f8asd88d", paths)
    (one,) = drip("GET", BUYER).get_json()["subscribers"]
    assert one["landing_url"] == "http://localhost/landing/robust-<b>-idea"
    assert one["original_referrer"] == "https://a.test/x"
    assert "Robust &lt;b&gt; idea" in drip("GET", "/landing/robust-<b>-idea").text
