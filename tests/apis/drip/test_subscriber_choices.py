"""Drip's choices about subscribers: every option of each works, and weakens the answers that it decides."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import JOHN, MISSHAPEN, NOT_FOUND, PEOPLE, invalid
from tests.apis.drip.test_choices import choose, decided, get
from tests.apis.drip.test_subscribers import JOHN_ID, NEW_ID, save
from tests.client import Client


def one(body: Any) -> Any:
    """Return the only subscriber of an answer."""
    (subscriber,) = body["subscribers"]
    return subscriber


def test_kept_email(drip: Client, box: Sandbox) -> None:
    """An address with capital letters is kept in lower case or as it was sent, and found in any."""
    assert one(save(drip, {"email": "Sam@Acme.com"})[1])["email"] == "sam@acme.com"
    assert drip.entry.basis == "assumed"
    choose(box, "kept_email", "as_sent")
    made = one(save(drip, {"email": "Pat@Acme.com"})[1])
    assert made["email"] == "Pat@Acme.com"
    assert one(save(drip, {"email": "PAT@acme.com"})[1])["id"] == made["id"]
    assert one(get(drip, f"{PEOPLE}/pat@acme.com")[1])["email"] == "Pat@Acme.com"
    assert box.view("drip").subscriber("pat@acme.com").email == "Pat@Acme.com"
    choose(box, "email_case", "exact")
    assert get(drip, f"{PEOPLE}/pat@acme.com")[0] == 404
    assert get(drip, f"{PEOPLE}/Pat@Acme.com")[0] == 200
    assert one(save(drip, {"id": made["id"], "new_email": "p@acme.com"})[1])["email"] == "p@acme.com"


def test_nobody_named(drip: Client, box: Sandbox) -> None:
    """Who is not named is required to be, or it is the body that is misshapen."""
    assert save(drip, {"user_id": "1"}) == (422, invalid("presence_error", "email", "Email is required"))
    assert drip.entry.basis == "published"
    choose(box, "nobody_named", "parsing_error")
    assert save(drip, {"user_id": "1"}) == (422, MISSHAPEN)
    assert save(drip, {"id": None}) == (422, MISSHAPEN)
    assert save(drip, {"email": ""})[1]["errors"][0]["code"] == "email_error"
    choose(box, "parsing_error_status", "400")
    assert save(drip, {"subscribers": [{"email": "a@b.de"}]}) == (400, MISSHAPEN)
    assert save(drip, {"id": None}) == (400, MISSHAPEN)


def test_unknown_subscriber_id(drip: Client, box: Sandbox) -> None:
    """An id that nobody has is not found, or not valid."""
    assert save(drip, {"id": "nobody"}) == (404, NOT_FOUND)
    choose(box, "unknown_subscriber_id", "refuse")
    assert save(drip, {"id": "nobody"}) == (422, invalid("format_error", "id", "Id is invalid"))
    assert save(drip, {"visitor_uuid": "nobody"})[1] == invalid(
        "format_error", "visitor_uuid", "Visitor uuid is invalid"
    )


def test_id_beside_email(drip: Client, box: Sandbox) -> None:
    """Where id and address are not of the same one, either says who is meant, and the journal tells which."""
    sent = {"id": JOHN_ID, "email": "new@acme.com", "user_id": "7"}
    assert one(save(drip, sent)[1])["id"] == JOHN_ID
    assert drip.entry.basis == "assumed"
    assert "id and email are not of the same subscriber: the id says who is meant" in drip.entry.notes
    assert save(drip, {"id": "nobody", "email": "new@acme.com"}) == (404, NOT_FOUND)
    choose(box, "id_beside_email", "email")
    assert one(save(drip, {**sent, "user_id": "8"})[1])["id"] == NEW_ID
    assert one(save(drip, {"id": "nobody", "email": "new@acme.com"})[1])["id"] == NEW_ID
    assert one(save(drip, {"id": JOHN_ID, "email": "sam@acme.com"})[1])["email"] == "sam@acme.com"


def test_taken_new_email(drip: Client, box: Sandbox) -> None:
    """An address that another has is refused, or left to that one."""
    sent = {"email": "john@acme.com", "new_email": "New@acme.com", "user_id": "7"}
    assert save(drip, sent) == (422, invalid("uniqueness_error", "new_email", "New email is already being used"))
    choose(box, "taken_new_email", "keep")
    kept = one(save(drip, sent)[1])
    assert (kept["email"], kept["user_id"]) == ("john@acme.com", "7")
    assert drip.entry.basis == "assumed"


def test_sent_tags(drip: Client, box: Sandbox) -> None:
    """Tags are added to those that there are, or take their place; nobody asks where it is the same."""
    assert one(save(drip, {"email": "john@acme.com", "tags": ["Customer", "SEO"]})[1])["tags"] == ["Customer", "SEO"]
    assert not decided(drip, "sent_tags")
    choose(box, "sent_tags", "replace")
    sent = {"email": "john@acme.com", "tags": ["VIP", "X"], "remove_tags": ["X"]}
    assert one(save(drip, sent)[1])["tags"] == ["VIP"]
    assert drip.entry.basis == "assumed"
    assert one(save(drip, {"email": "john@acme.com", "remove_tags": ["Y"]})[1])["tags"] == ["VIP"]


def test_sent_custom_fields(drip: Client, box: Sandbox) -> None:
    """Custom fields are merged into those that there are, or take their place."""
    sent = {"email": "john@acme.com", "custom_fields": {"size": "M"}}
    assert one(save(drip, sent)[1])["custom_fields"] == {"name": "John Doe", "size": "M"}
    assert drip.entry.basis == "assumed"
    choose(box, "sent_custom_fields", "replace")
    assert one(save(drip, sent)[1])["custom_fields"] == {"size": "M"}
    assert one(save(drip, sent)[1])["custom_fields"] == {"size": "M"}
    assert not decided(drip, "sent_custom_fields")


def test_unknown_time_zone(drip: Client, box: Sandbox) -> None:
    """A zone that there is not is kept or refused; one that there is always kept."""
    sent = {"email": "sam@acme.com", "time_zone": "Mars/Phobos"}
    assert one(save(drip, sent)[1])["time_zone"] == "Mars/Phobos"
    assert drip.entry.basis == "assumed"
    choose(box, "unknown_time_zone", "refuse")
    assert save(drip, sent) == (422, invalid("format_error", "time_zone", "Time zone is invalid"))
    assert save(drip, {**sent, "time_zone": "Europe/Berlin"})[0] == 200


def test_negative_lifetime_value(drip: Client, box: Sandbox) -> None:
    """A lifetime value below 0 is kept, or out of range; 0 is one like any other."""
    assert one(save(drip, {"email": "john@acme.com", "lifetime_value": -1})[1])["lifetime_value"] == -1
    assert drip.entry.basis == "assumed"
    choose(box, "negative_lifetime_value", "refuse")
    assert save(drip, {"email": "john@acme.com", "lifetime_value": -1}) == (
        422,
        invalid("range_error", "lifetime_value", "Lifetime value is out of range"),
    )
    assert one(save(drip, {"email": "john@acme.com", "lifetime_value": 0})[1])["lifetime_value"] == 0


def test_lead_scoring(drip: Client, box: Sandbox) -> None:
    """Where there is no lead scoring nobody new has a score; neither way weakens the answer."""
    assert one(save(drip, {"email": "sam@acme.com"})[1])["lead_score"] == 30
    choose(box, "lead_scoring", "disabled")
    assert one(save(drip, {"email": "pat@acme.com"})[1])["lead_score"] is None
    assert drip.entry.basis == "published"


def test_current_fields(drip: Client, box: Sandbox) -> None:
    """What only today's page has comes back where it was set, always, or never; each is as a page has it."""
    save(drip, {"email": "new@acme.com", "first_name": "Nina"})
    seen = {}
    for value in ("set", "always", "never"):
        choose(box, "current_fields", value)
        seen[value] = [set(one(get(drip, f"{PEOPLE}/{name}@acme.com")[1])) for name in ("new", "john")]
        assert drip.entry.basis == "published"
    john = seen["never"][1]
    assert seen["never"] == [john, john]
    assert seen["set"] == [john | {"first_name"}, john]
    assert seen["always"][0] == seen["always"][1]
    assert len(seen["always"][0]) == len(john) + 12
    choose(box, "current_fields", "always")
    answered = one(get(drip, JOHN)[1])
    assert (answered["first_name"], answered["sms_consent"], answered["eu_consent"]) == (None, False, "unknown")


def test_several_subscribers(drip: Client, box: Sandbox) -> None:
    """Several at once are too many, or all are kept and answered in their order."""
    sent = [{"email": "sam@acme.com"}, {"email": "john@acme.com"}]
    assert save(drip, *sent) == (422, invalid("length_error", "subscribers", "Subscribers has too many entries"))
    choose(box, "several_subscribers", "all_or_none")
    status, body = save(drip, *sent)
    assert (status, [found["email"] for found in body["subscribers"]]) == (200, ["sam@acme.com", "john@acme.com"])
    assert drip.entry.basis == "assumed"


def test_the_same_address_twice_in_one_request(drip: Client, box: Sandbox) -> None:
    """Who is new in a request is known in the rest of it: it is one subscriber, with what came last."""
    choose(box, "several_subscribers", "all_or_none")
    sent = [{"email": "sam@acme.com", "user_id": "1"}, {"email": "Sam@acme.com", "user_id": "2"}]
    first, second = save(drip, *sent)[1]["subscribers"]
    assert first == second
    assert second["user_id"] == "2"
    assert len(box.view("drip").subscribers()) == 4


def test_empty_subscribers(drip: Client, box: Sandbox) -> None:
    """Nobody is required to be somebody, or nobody is kept."""
    assert save(drip) == (422, invalid("presence_error", "subscribers", "Subscribers is required"))
    choose(box, "empty_subscribers", "accept")
    status, body = save(drip)
    assert (status, body["subscribers"]) == (200, [])
    assert drip.entry.changes == ()


def test_unwrapped_body(drip: Client, box: Sandbox) -> None:
    """A subscriber without its wrapper is misshapen, or taken as the only one."""
    answer = drip("POST", PEOPLE, json={"email": "sam@acme.com"})
    assert (answer.status_code, answer.get_json()) == (422, MISSHAPEN)
    choose(box, "unwrapped_body", "accept")
    answer = drip("POST", PEOPLE, json={"email": "sam@acme.com"})
    assert (answer.status_code, one(answer.get_json())["email"]) == (200, "sam@acme.com")
    assert drip.entry.basis == "assumed"


@pytest.mark.parametrize(
    ("name", "sent", "field"),
    [("unknown_properties", {"colour": "red"}, "colour"), ("null_values", {"user_id": None}, "user_id")],
)
def test_refused(drip: Client, box: Sandbox, name: str, sent: dict[str, Any], field: str) -> None:
    """What no document lists and what is null is refused by the choices that are also about purchases."""
    assert save(drip, {"email": "sam@acme.com", **sent})[0] == 200
    assert decided(drip, name)
    choose(box, name, "refuse")
    status, body = save(drip, {"email": "sam@acme.com", **sent})
    assert (status, body["errors"][0]["code"], body["errors"][0]["attribute"]) == (422, "format_error", field)
    answer = drip("POST", PEOPLE, json={"subscribers": [{"email": "a@b.de"}], "beside": 1})
    assert answer.status_code == (422 if name == "unknown_properties" else 200)


def test_wrong_type(drip: Client, box: Sandbox) -> None:
    """A value of the wrong type gets an error on its attribute, or that of a misshapen body; an address its own."""
    choose(box, "wrong_type", "parsing_error")
    assert save(drip, {"email": "a@b.de", "tags": "x"}) == (422, MISSHAPEN)
    assert save(drip, {"email": "a"})[1] == invalid("email_error", "email", "Email must be a valid email address")
