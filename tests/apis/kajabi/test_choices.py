"""Every option of every choice, and how well an answer is known that it decides."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.kajabi.choices import CHOICES
from mocktill.apis.kajabi.documents import ATTRIBUTES, PROSE_ONLY
from mocktill.core.sandbox import Sandbox
from tests.client import Client

PURCHASE = "/v1/purchases/123"


def basis(answer: Any) -> str:
    """Return how well an answer is known."""
    return str(answer.headers["Mocktill-Basis"])


def detail(answer: Any) -> str:
    """Return the detail of an error, which has no source and says its own status."""
    [one] = answer.get_json()["errors"]
    assert list(one) == ["status", "source", "title", "detail"]
    assert (one["status"], one["source"]) == (str(answer.status_code), None)
    return str(one["detail"])


def test_names_and_defaults() -> None:
    """The choices are these, with these defaults."""
    assert {choice.name: choice.default for choice in CHOICES} == {
        "kajabi.unknown_credentials": "accept",
        "kajabi.idempotency": "ignore",
        "kajabi.webhook_delivery": "at_once",
        "kajabi.webhook_retries": "svix",
        "kajabi.full_document": "relationships_and_links",
        "kajabi.link_host": "request",
        "kajabi.prose_only_attributes": "present",
        "kajabi.unknown_fields": "omit",
        "kajabi.empty_fields": "none",
        "kajabi.include": "included",
        "kajabi.unknown_parameters": "ignore",
        "kajabi.wrong_parameter": "400",
        "kajabi.wrong_method": "405",
        "kajabi.list_order": "newest",
        "kajabi.null_order": "first",
        "kajabi.page_size": "30",
        "kajabi.page_beyond": "empty",
        "kajabi.list_meta": "count",
        "kajabi.filter_case": "sensitive",
        "kajabi.filter_nulls": "match",
        "kajabi.deactivate_again": "422",
        "kajabi.reactivate_active": "422",
        "kajabi.reactivate_paid": "allow",
        "kajabi.deactivation_reason": "null",
        "kajabi.unknown_clients": "accept",
        "kajabi.access_lifetime": "7200",
        "kajabi.refresh_lifetime": "14_days",
        "kajabi.refresh_rotation": "rotate",
    }


def test_unknown_credentials(ask: Client, box: Sandbox) -> None:
    """A token that is not listed is accepted, or by choice refused."""
    headers = {"Authorization": "Bearer my-own-token"}
    assert ask("GET", PURCHASE, headers=headers).status_code == 200
    box.choices["kajabi.unknown_credentials"] = "refuse"
    assert ask("GET", PURCHASE, headers=headers).status_code == 401
    assert ask("GET", PURCHASE).status_code == 200


def test_full_document(ask: Client, box: Sandbox) -> None:
    """The whole document has relationships and links, or by choice attributes only, which is a guess."""
    whole = ask("GET", PURCHASE)
    assert basis(whole) == "published"
    box.choices["kajabi.full_document"] = "attributes_only"
    bare = ask("GET", PURCHASE)
    data = whole.get_json()["data"]
    assert bare.get_json() == {"data": {name: data[name] for name in ("id", "type", "attributes")}}
    assert basis(bare) == "assumed"


def test_prose_only_attributes(ask: Client, box: Sandbox) -> None:
    """The four attributes that only the page has are there, or by choice unknown."""
    assert set(ask("GET", PURCHASE).get_json()["data"]["attributes"]) > PROSE_ONLY
    box.choices["kajabi.prose_only_attributes"] = "absent"
    whole = ask("GET", PURCHASE)
    assert list(whole.get_json()["data"]["attributes"]) == [name for name in ATTRIBUTES if name not in PROSE_ONLY]
    assert basis(whole) == "published"
    asked = ask("GET", f"{PURCHASE}?fields[purchases]=status,currency")
    assert asked.get_json()["data"]["attributes"] == {"currency": "USD"}
    assert basis(asked) == "assumed"
    assert basis(ask("GET", f"{PURCHASE}?fields[purchases]=currency")) == "documented"


def test_unknown_fields_are_left_out(ask: Client) -> None:
    """An unknown name is left out silently, which is a guess, and the journal says so."""
    answer = ask("GET", f"{PURCHASE}?fields[purchases]=colour,currency,offer")
    assert answer.get_json()["data"]["attributes"] == {"currency": "USD"}
    assert basis(answer) == "assumed"
    assert "left out: colour, offer: no such field of purchases" in ask.entry.notes
    nothing = ask("GET", f"{PURCHASE}?fields[purchases]=colour")
    assert nothing.get_json() == {"data": {"id": "123", "type": "purchases", "attributes": {}}}


@pytest.mark.parametrize(("option", "title"), [("400", "Bad Request"), ("422", "Unprocessable Entity")])
def test_unknown_fields_are_refused(ask: Client, box: Sandbox, option: str, title: str) -> None:
    """By choice an unknown name is refused with 400 or 422, and the detail names it; long ones are cut."""
    box.choices["kajabi.unknown_fields"] = option
    answer = ask("GET", f"{PURCHASE}?fields[purchases]=colour,currency")
    assert answer.status_code == int(option)
    assert answer.get_json()["errors"][0]["title"] == title
    assert detail(answer) == "colour: no such field of purchases"
    assert basis(answer) == "assumed"
    assert len(detail(ask("GET", f"{PURCHASE}?fields[purchases]={'x' * 5000}"))) < 200
    assert basis(ask("GET", f"{PURCHASE}?fields[purchases]=currency")) == "documented"


@pytest.mark.parametrize("value", ["", ",", "%20,%20"])
def test_empty_fields(ask: Client, box: Sandbox, value: str) -> None:
    """An empty value gives no attributes, or by choice everything."""
    none = ask("GET", f"{PURCHASE}?fields[purchases]={value}")
    assert none.get_json() == {"data": {"id": "123", "type": "purchases", "attributes": {}}}
    assert basis(none) == "assumed"
    box.choices["kajabi.empty_fields"] = "all"
    everything = ask("GET", f"{PURCHASE}?fields[purchases]={value}")
    assert everything.get_json() == ask("GET", PURCHASE).get_json()
    assert basis(everything) == "assumed"


@pytest.mark.parametrize("query", ["page[size]=5", "sort=-created_at", "filter[active]=true", "fields=x"])
def test_unknown_parameters(ask: Client, box: Sandbox, query: str) -> None:
    """A parameter that the page lacks is ignored with a warning, or by choice refused with 400."""
    whole = ask("GET", PURCHASE).get_json()
    ignored = ask("GET", f"{PURCHASE}?{query}")
    assert ignored.get_json() == whole
    assert basis(ignored) == "assumed"
    name = query.partition("=")[0]
    [violation] = ask.entry.violations
    assert (violation.severity, violation.at, violation.pointer) == ("warning", "query", f"/{name}")
    box.choices["kajabi.unknown_parameters"] = "400"
    refused = ask("GET", f"{PURCHASE}?{query}")
    assert refused.status_code == 400
    assert detail(refused) == f"{name}: no such parameter"


def test_wrong_method(ask: Client, box: Sandbox) -> None:
    """A wrong method gets 405, or by choice the 404 of an unknown path."""
    answer = ask("DELETE", PURCHASE)
    assert answer.status_code == 405
    assert detail(answer) == "The method is not allowed on this path"
    box.choices["kajabi.wrong_method"] = "404"
    answer = ask("DELETE", PURCHASE)
    assert answer.status_code == 404
    assert detail(answer) == detail(ask("GET", "/v1/nowhere"))


@pytest.mark.parametrize(
    ("value", "root", "shop"),
    [
        ("request", "http://localhost", "http://localhost"),
        ("documented", "https://api.kajabi.com", "https://www.example.com"),
    ],
)
def test_link_host(ask: Client, box: Sandbox, value: str, root: str, shop: str) -> None:
    """Links lead back to the sandbox, or are on the vendor's host; a shop has a host of its own then."""
    box.choices["kajabi.link_host"] = value
    one = ask("GET", f"{PURCHASE}?include=offer")
    assert set(one.get_json()["links"].values()) == {f"{root}{PURCHASE}"}
    assert one.get_json()["included"][0]["attributes"]["checkout_url"] == f"{shop}/offers/2002"
    assert basis(one) == "observed"
    listed = ask("GET", "/v1/purchases?page[size]=2&page[number]=2").get_json()["links"]
    assert len(listed) == 5
    assert all(link.startswith(f"{root}/v1/purchases?") for link in listed.values())
