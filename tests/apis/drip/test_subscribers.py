"""Drip's subscribers: created or updated in one, read by whatever names them, and deleted with their purchases."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import JOHN, MISSHAPEN, NEW, NOT_FOUND, PEOPLE, invalid
from tests.client import Client

LINKS = {"subscribers.account": "http://localhost/v2/accounts/{subscribers.account}"}
JOHN_ID = "z1togz2hcjrkpp5treip"
NEW_ID = "n0pvrch4s3sy3tn0pvrc"


def save(drip: Client, *sent: dict[str, Any], path: str = PEOPLE) -> tuple[int, Any]:
    """Create or update subscribers; return status and body."""
    answer = drip("POST", path, json={"subscribers": list(sent)})
    return answer.status_code, answer.get_json()


def saved(drip: Client, **sent: Any) -> dict[str, Any]:
    """Create or update a subscriber, and return it as it is read afterwards."""
    status, body = save(drip, sent)
    assert status == 200, body
    (subscriber,) = body["subscribers"]
    assert drip("GET", f"{PEOPLE}/{subscriber['id']}").get_json() == body
    assert isinstance(subscriber, dict)
    return subscriber


def test_somebody_new(drip: Client) -> None:
    """Who is new is answered with 200 as by reading, with the published defaults and an id that was drawn."""
    status, body = save(drip, {"email": "sam@acme.com"})
    (subscriber,) = body["subscribers"]
    assert (status, list(body), body["links"]) == (200, ["links", "subscribers"], LINKS)
    assert drip.entry.basis == "published"
    assert subscriber == {
        "id": subscriber["id"],
        "status": "active",
        "email": "sam@acme.com",
        "time_zone": "Etc/UTC",
        "utc_offset": 0,
        "visitor_uuid": None,
        "custom_fields": {},
        "tags": [],
        "ip_address": None,
        "user_agent": None,
        "original_referrer": None,
        "landing_url": None,
        "prospect": True,
        "lead_score": 30,
        "lifetime_value": 0,
        "created_at": "2026-03-02T12:00:00Z",
        "href": f"http://localhost{PEOPLE}/{subscriber['id']}",
        "user_id": None,
        "base_lead_score": 30,
        "links": {"account": "9999999"},
    }
    assert len(subscriber["id"]) == 20


def test_the_documented_update(drip: Client) -> None:
    """What is sent takes its place, the same address is the same subscriber, and the rest stays as it was."""
    before = drip("GET", JOHN).get_json()["subscribers"][0]
    after = saved(drip, email="john@acme.com", time_zone="Etc/UTC", custom_fields={"name": "John"}, user_id="7")
    changed = {"time_zone": "Etc/UTC", "utc_offset": 0, "custom_fields": {"name": "John"}, "user_id": "7"}
    assert after == {**before, **changed}
    assert save(drip, {"email": "john@acme.com", "time_zone": "Etc/UTC"})[0] == 200
    assert drip.entry.basis == "published"


def test_whatever_may_be_sent(drip: Client, box: Sandbox) -> None:
    """Each published argument is kept, and comes back where a subscriber has such a property."""
    plain = {
        "user_id": "12345", "ip_address": "192.0.2.7", "prospect": True, "base_lead_score": 50, "tags": ["Customer"],
        "custom_fields": {"shirt_size": "Medium", "deep": [1, {"a": None}]}, "first_name": "Jane", "last_name": "Doe",
        "address1": "123 Main St.", "address2": "Suite 200", "city": "Los Angeles", "state": "CA", "zip": "90210",
        "country": "US", "phone": "555-555-5555", "sms_number": "+16125551212", "sms_consent": True,
        "eu_consent": "granted", "visitor_uuid": "sa8f7", "lifetime_value": 1234, "status": "unsubscribed",
    }  # fmt: skip
    subscriber = saved(drip, email="jane@acme.com", eu_consent_message="Yes", **plain)
    assert {name: subscriber[name] for name in plain} == plain
    assert subscriber["lead_score"] == 50
    assert list(subscriber)[2:5] == ["email", "first_name", "last_name"]
    row = box.table("drip.subscribers").get(subscriber["id"]) or {}
    assert row["eu_consent_message"] == "Yes"


def test_a_lifetime_value_is_set(drip: Client) -> None:
    """It is set in cents, and moved by what is bought afterwards; whole numbers are so however JSON writes them."""
    assert saved(drip, email="john@acme.com", lifetime_value=500)["lifetime_value"] == 500
    drip("POST", f"{JOHN}/purchases", json={"purchases": [{"amount": 4900}]})
    assert drip("GET", JOHN).get_json()["subscribers"][0]["lifetime_value"] == 5400
    drip("POST", PEOPLE, data=b'{"subscribers":[{"email":"john@acme.com","lifetime_value":2e3}]}')
    assert drip("GET", JOHN).get_json()["subscribers"][0]["lifetime_value"] == 2000


def test_who_is_meant(drip: Client) -> None:
    """By id, by address in whatever case, or by the id of a visitor: it is the same subscriber."""
    for named in ({"id": JOHN_ID}, {"email": "JOHN@Acme.com"}, {"visitor_uuid": "sa8f7sdf78sdsdahf788d7asf8sd"}):
        status, body = save(drip, {**named, "user_id": "x"})
        assert (status, body["subscribers"][0]["id"], body["subscribers"][0]["user_id"]) == (200, JOHN_ID, "x")
    assert save(drip, {"id": JOHN_ID, "email": "john@acme.com"})[0] == 200
    assert drip.entry.basis == "published"


@pytest.mark.parametrize("named", [JOHN_ID, "john@acme.com", "john%40acme.com", "sa8f7sdf78sdsdahf788d7asf8sd"])
def test_reading(drip: Client, named: str) -> None:
    """A subscriber is read by id, by address, raw or encoded, and by the id of its visitor."""
    answer = drip("GET", f"{PEOPLE}/{named}")
    assert answer.get_json()["subscribers"][0]["id"] == JOHN_ID
    assert answer.headers["Mocktill-Basis"] == "published"


def test_a_visitor_buys_nothing(drip: Client) -> None:
    """The id of a visitor is for reading alone."""
    path = f"{PEOPLE}/sa8f7sdf78sdsdahf788d7asf8sd"
    assert drip("POST", f"{path}/purchases", json={"purchases": [{"amount": 1}]}).status_code == 404
    assert drip("DELETE", path).status_code == 404


def test_another_address(drip: Client) -> None:
    """`new_email` takes the place of the address; where nobody has the old one, it is that of somebody new."""
    assert saved(drip, email="john@acme.com", new_email="jack@acme.com")["id"] == JOHN_ID
    assert drip("GET", JOHN).status_code == 404
    assert drip("GET", f"{PEOPLE}/jack@acme.com/purchases").get_json()["meta"]["total_count"] == 2
    made = saved(drip, email="nobody@acme.com", new_email="somebody@acme.com")
    assert made["email"] == "somebody@acme.com"
    assert saved(drip, email="nobody@acme.com", new_email="somebody@acme.com")["id"] == made["id"]
    assert saved(drip, id=NEW_ID, new_email="NEW@acme.com")["email"] == "new@acme.com"


def test_tags(drip: Client) -> None:
    """Tags are added, each once, and taken away by `remove_tags`."""
    assert saved(drip, email="john@acme.com", tags=["VIP", "SEO"])["tags"] == ["Customer", "SEO", "VIP"]
    assert saved(drip, email="john@acme.com", remove_tags=["SEO", "none"])["tags"] == ["Customer", "VIP"]
    assert saved(drip, email="sam@acme.com", tags=["a", "b", "a"], remove_tags=["b"])["tags"] == ["a"]


def test_status(drip: Client) -> None:
    """`status` changes it; `initial_status` is that of somebody new only."""
    assert saved(drip, email="sam@acme.com", initial_status="unsubscribed")["status"] == "unsubscribed"
    assert saved(drip, email="sam@acme.com", initial_status="active")["status"] == "unsubscribed"
    assert saved(drip, email="sam@acme.com", status="active")["status"] == "active"


def test_prospect(drip: Client) -> None:
    """`potential_lead` is what `prospect` used to be called; who is none has no score."""
    made = saved(drip, email="sam@acme.com", potential_lead=False)
    assert (made["prospect"], made["lead_score"], made["base_lead_score"]) == (False, None, 30)
    assert saved(drip, email="sam@acme.com", prospect=True)["prospect"] is True


@pytest.mark.parametrize(
    ("zone", "minutes"), [("Etc/UTC", 0), ("Asia/Kolkata", 330), ("America/Los_Angeles", -480), ("Mars/Phobos", None)]
)
def test_time_zones(drip: Client, zone: str, minutes: int | None) -> None:
    """The offset is that of the zone at the sandbox's instant, in minutes; null for a zone that there is not."""
    made = saved(drip, email="sam@acme.com", time_zone=zone)
    assert (made["time_zone"], made["utc_offset"]) == (zone, minutes)
    changed = saved(drip, id=NEW_ID, time_zone=zone)
    assert (changed["time_zone"], changed["utc_offset"]) == (zone, minutes)


@pytest.mark.parametrize("zone", ["", ".", "..", "../../etc/passwd", "/etc/passwd", "America", "\x00", "x" * 5000, "é"])
def test_time_zones_that_are_none(drip: Client, zone: str) -> None:
    """Whatever stands in the place of a time zone, nothing else is looked at."""
    assert saved(drip, email="sam@acme.com", time_zone=zone)["utc_offset"] is None


ADDRESS = ("email_error", "email", "Email must be a valid email address")


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({}, [("presence_error", "email", "Email is required")]),
        ({"email": None}, [("presence_error", "email", "Email is required")]),
        ({"id": None}, [("presence_error", "email", "Email is required")]),
        ({"id": "", "visitor_uuid": ""}, [("presence_error", "email", "Email is required")]),
        ({"id": NEW_ID, "email": None}, [("presence_error", "email", "Email is required")]),
        ({"first_name": "Sam"}, [("presence_error", "email", "Email is required")]),
        ({"email": ""}, [ADDRESS, ("presence_error", "email", "Email is required")]),
        *[
            ({"email": bad}, [ADDRESS])
            for bad in (
                "sam",
                "sam@",
                "@acme.com",
                "sam@acme",
                "a b@acme.com",
                "a@b@c.de",
                "a@b..de",
                "a@b.c\n",
                7,
                "a\x00@b.de",
                "a@b\x1f.de",
                "a@b.d\x7f",
            )
        ],
        (
            {"email": "a@b.de", "new_email": "x"},
            [("email_error", "new_email", "New email must be a valid email address")],
        ),
        ({"email": "a@b.de", "user_id": 7}, [("format_error", "user_id", "User is invalid")]),
        ({"email": "a@b.de", "lifetime_value": "7"}, [("format_error", "lifetime_value", "Lifetime value is invalid")]),
        ({"email": "a@b.de", "lifetime_value": 1.5}, [("format_error", "lifetime_value", "Lifetime value is invalid")]),
        (
            {"email": "a@b.de", "lifetime_value": 2**53},
            [("range_error", "lifetime_value", "Lifetime value is out of range")],
        ),
        ({"email": "a@b.de", "tags": "Customer"}, [("format_error", "tags", "Tags is invalid")]),
        ({"email": "a@b.de", "tags": [None]}, [("format_error", "tags", "Tags is invalid")]),
        ({"email": "a@b.de", "tags": [""]}, [("format_error", "tags", "Tags is invalid")]),
        ({"email": "a@b.de", "custom_fields": []}, [("format_error", "custom_fields", "Custom fields is invalid")]),
        ({"email": "a@b.de", "status": "removed"}, [("format_error", "status", "Status is invalid")]),
        ({"email": "a@b.de", "prospect": "true"}, [("format_error", "prospect", "Prospect is invalid")]),
        ({"email": "a@b.de", "user_id": "123456"}, [("uniqueness_error", "user_id", "User is already being used")]),
        ({"id": NEW_ID, "user_id": "123456"}, [("uniqueness_error", "user_id", "User is already being used")]),
    ],
)
def test_validation(drip: Client, sent: dict[str, Any], errors: list[tuple[str, str, str]]) -> None:
    """What is wrong with a subscriber gets 422 with the nearest published code; nobody is made or changed."""
    status, body = save(drip, sent)
    assert (status, body) == (422, {"errors": [invalid(*error)["errors"][0] for error in errors]})
    assert drip.entry.changes == ()


def test_bases_of_refusals(drip: Client) -> None:
    """That an address is required is published, that a user is used already was seen, the rest is assumed."""
    for sent, basis in (
        ({}, "published"),
        ({"user_id": "1"}, "published"),
        ({"email": "a@b.de", "user_id": "123456"}, "observed"),
        ({"email": "sam"}, "assumed"),
    ):
        assert save(drip, sent)[0] == 422
        assert drip.entry.basis == basis


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b'{"subscribers":null}', b'{"subscribers":{"email":"a@b.de"}}',
        b'{"subscribers":[1]}', b'{"subscribers":[null]}', b'{"subscriber":[{"email":"a@b.de"}]}',
        b'{"email":"a@b.de"}',
        b'{"purchases":[{"amount":1}]}',
    ],
)  # fmt: skip
def test_wrong_wrapper(drip: Client, body: bytes) -> None:
    """Whatever is not an array of objects under `subscribers` gets the one parsing error."""
    answer = drip("POST", PEOPLE, data=body)
    assert (answer.status_code, answer.get_json()) == (422, MISSHAPEN)
    assert drip.entry.changes == ()


def test_an_empty_text_names_nobody(drip: Client) -> None:
    """What a form left empty is no id: it is nobody's, so that nobody has it before, and the address says who it is."""
    for email in ("sam@acme.com", "pat@acme.com"):
        made = saved(drip, email=email, id="", user_id="", visitor_uuid="")
        assert (made["email"], made["user_id"], made["visitor_uuid"]) == (email, None, None)
    save(drip, {"email": "sam@acme.com", "user_id": ""})
    assert drip.entry.basis == "assumed"
    assert saved(drip, email="john@acme.com", user_id="", visitor_uuid="")["user_id"] == "123456"
    drip.box.choices["drip.null_values"] = "refuse"
    assert save(drip, {"email": "sam@acme.com", "id": ""}) == (422, invalid("format_error", "id", "Id is invalid"))


def test_unknown_ids(drip: Client) -> None:
    """An id that nobody has, or somebody of another account, is not found."""
    for sent in ({"id": "nobody"}, {"visitor_uuid": "nobody"}, {"id": "nobody", "new_email": "a@b.de"}):
        assert save(drip, sent) == (404, NOT_FOUND)
        assert drip.entry.basis == "assumed"
    assert save(drip, {"id": JOHN_ID}, path="/v2/1111111/subscribers") == (404, NOT_FOUND)


def test_accounts(drip: Client) -> None:
    """The same address is another subscriber in another account; an account that nobody seeded is the samples'."""
    status, body = save(drip, {"email": "john@acme.com"}, path="/v2/1111111/subscribers")
    assert (status, body["subscribers"][0]["links"]) == (200, {"account": "1111111"})
    assert body["subscribers"][0]["id"] != JOHN_ID
    status, body = save(drip, {"email": "john@acme.com"}, path="/v2/77/subscribers")
    assert (status, body["subscribers"][0]["id"]) == (200, JOHN_ID)
    assert body["subscribers"][0]["links"] == {"account": "77"}


def test_unknown_properties_are_kept_out(drip: Client) -> None:
    """What no document lists is not kept, and the journal warns of it."""
    made = saved(drip, email="sam@acme.com", colour="red")
    assert "colour" not in made
    save(drip, {"email": "sam@acme.com", "colour": "red"})
    assert [(v.severity, v.pointer) for v in drip.entry.violations] == [("warning", "/subscribers/0/colour")]
    assert drip.entry.basis == "assumed"


def test_key_of_another_account(drip: Client) -> None:
    """A key for one account can neither make, list nor delete subscribers of another."""
    for method, path in (("POST", PEOPLE), ("GET", PEOPLE), ("DELETE", JOHN)):
        answer = drip(method, path, json={}, headers={"Authorization": "Bearer key-other-account"})
        assert answer.status_code == 403
    assert drip("GET", JOHN).status_code == 200


@pytest.mark.parametrize("named", [JOHN_ID, "John@acme.com", "john%40acme.com"])
def test_delete(drip: Client, box: Sandbox, named: str) -> None:
    """Who is deleted is gone with the purchases: 204 without a body, and from then on 404 everywhere."""
    answer = drip("DELETE", f"{PEOPLE}/{named}", content_type="application/vnd.api+json")
    assert (answer.status_code, answer.data) == (204, b"")
    assert {change.table for change in drip.entry.changes} == {"drip.subscribers", "drip.purchases"}
    assert [key for key, _ in box.table("drip.purchases").items()] == ["9999999"]
    for path in (f"{PEOPLE}/{JOHN_ID}", JOHN):
        for method, tail in (("GET", ""), ("GET", "/purchases"), ("GET", "/purchases/1000001"), ("DELETE", "")):
            answer = drip(method, path + tail)
            assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)
        answer = drip("POST", f"{path}/purchases", json={"purchases": [{"amount": 1}]})
        assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)


def test_who_comes_again_is_somebody_new(drip: Client) -> None:
    """The address of who was deleted makes a new subscriber, with another id and no purchases."""
    drip("DELETE", JOHN)
    again = saved(drip, email="john@acme.com")
    assert again["id"] != JOHN_ID
    assert (again["lifetime_value"], again["tags"], again["custom_fields"]) == (0, [], {})
    assert drip("GET", f"{JOHN}/purchases").get_json()["purchases"] == []
    assert drip("GET", f"{PEOPLE}/{JOHN_ID}").status_code == 404


def test_delete_and_its_basis(drip: Client) -> None:
    """That who is deleted is gone is published, and so is that there is nobody to delete."""
    assert drip("DELETE", NEW).headers["Mocktill-Basis"] == "published"
    answer = drip("DELETE", NEW)
    assert (answer.status_code, answer.headers["Mocktill-Basis"]) == (404, "published")


def test_what_real_clients_send(drip: Client) -> None:
    """A trailing slash on the collection and the media type of JSON:API on everything are borne."""
    for method, path, status in (
        ("POST", f"{PEOPLE}/", 200),
        ("GET", f"{PEOPLE}/", 200),
        ("GET", f"{PEOPLE}/sam@acme.com/", 200),
        ("DELETE", f"{PEOPLE}/sam@acme.com/", 204),
    ):
        body = b'{"subscribers":[{"email":"sam@acme.com"}]}' if method == "POST" else b""
        answer = drip(method, path, data=body, content_type="application/vnd.api+json")
        assert answer.status_code == status


def test_all_or_none(drip: Client, box: Sandbox) -> None:
    """One bad subscriber among several leaves no trace of the others."""
    box.choices["drip.several_subscribers"] = "all_or_none"
    assert save(drip, {"email": "sam@acme.com"}, {"id": "nobody"})[0] == 404
    assert drip("GET", f"{PEOPLE}/sam@acme.com").status_code == 404
