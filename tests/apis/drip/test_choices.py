"""Drip's choices: every option of each works, and weakens the answers that it decides."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.drip.choices import CHOICES
from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import BUYER, JOHN, LIMITED, LINKS, MISSHAPEN, NEW, NOT_FOUND, SENT, invalid
from tests.client import Client

NAMELESS = {"amount": 1, "items": [{"amount": 1}]}


def post(drip: Client, *sent: Any, path: str = NEW) -> tuple[int, Any]:
    """Create purchases; return status and body."""
    answer = drip("POST", f"{path}/purchases", json={"purchases": list(sent)})
    return answer.status_code, answer.get_json()


def get(drip: Client, path: str, **headers: str) -> tuple[int, Any]:
    """Return status and body of a GET."""
    answer = drip("GET", path, headers=headers)
    return answer.status_code, answer.get_json()


def choose(box: Sandbox, name: str, value: str) -> None:
    """Set a choice of Drip."""
    box.choices[f"drip.{name}"] = value


def decided(drip: Client, name: str) -> bool:
    """Whether the last answer was decided by this choice."""
    return f"drip.{name}" in [used for used, _, _ in drip.entry.choices]


REFUSED: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "several_purchases": (
        [{"amount": 1}, {"amount": 2}],
        invalid("length_error", "purchases", "Purchases has too many entries"),
    ),
    "empty_purchases": ([], invalid("presence_error", "purchases", "Purchases is required")),
    "same_order_id": ([SENT], invalid("uniqueness_error", "order_id", "Order is already being used")),
    "null_values": (
        [{"amount": 1, "provider": None}],
        invalid("format_error", "provider", "Provider is invalid"),
    ),
    "unknown_properties": (
        [{"amount": 1, "colour": "red"}],
        invalid("format_error", "colour", "Colour is invalid"),
    ),
}
"""What each choice between keeping and refusing is about, and the refusal."""


@pytest.mark.parametrize("name", REFUSED)
def test_refused(drip: Client, box: Sandbox, name: str) -> None:
    """By choice it is refused, and nothing is kept."""
    sent, error = REFUSED[name]
    choose(box, name, "refuse")
    assert post(drip, *sent, path=BUYER) == (422, error)
    assert drip.entry.changes == ()
    assert drip.entry.basis == "assumed"
    assert decided(drip, name)


@pytest.mark.parametrize("name", REFUSED)
def test_kept(drip: Client, box: Sandbox, name: str) -> None:
    """By choice it is kept, and the answer is known as little as the choice."""
    other = next(option.value for option in _choice(name).options if option.value != "refuse")
    choose(box, name, other)
    sent, _ = REFUSED[name]
    assert post(drip, *sent, path=BUYER) == (201, {})
    assert drip.entry.basis == "assumed"
    assert box.view("drip").subscriber("98asdh9f8asd88d").purchases == 1 + len(sent)


def _choice(name: str) -> Any:
    return next(choice for choice in CHOICES if choice.name == f"drip.{name}")


@pytest.mark.parametrize(
    ("sent", "attribute"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -100}, "amount"),
        ({"amount": 1, "items": [{"name": "x", "amount": -1}]}, "items.amount"),
        ({"amount": 1, "items": [{"name": "x", "amount": 1, "quantity": 0}]}, "items.quantity"),
    ],
)
def test_amounts_below_one(drip: Client, box: Sandbox, sent: dict[str, Any], attribute: str) -> None:
    """Zero and negative amounts count as they are, or are out of range."""
    assert post(drip, sent) == (201, {})
    assert decided(drip, "amounts_below_one")
    assert box.view("drip").subscriber("new@acme.com").lifetime_value == sent["amount"]
    choose(box, "amounts_below_one", "refuse")
    status, body = post(drip, sent)
    assert status == 422
    assert (body["errors"][0]["code"], body["errors"][0]["attribute"]) == ("range_error", attribute)


@pytest.mark.parametrize("more", [{"foo": 1}, {"foo": None}, {"foo": {"purchases": []}}])
def test_unknown_properties_beside_the_purchases(drip: Client, box: Sandbox, more: dict[str, Any]) -> None:
    """What nobody lists is kept out or refused at the top of the body as well."""
    sent = {**more, "purchases": [{"amount": 1}]}
    answer = drip("POST", f"{NEW}/purchases", json=sent)
    assert (answer.status_code, answer.get_json()) == (201, {})
    assert (drip.entry.basis, decided(drip, "unknown_properties")) == ("assumed", True)
    assert [violation.pointer for violation in drip.entry.violations] == ["/foo"]
    choose(box, "unknown_properties", "refuse")
    answer = drip("POST", f"{NEW}/purchases", json=sent)
    assert (answer.status_code, answer.get_json()) == (422, invalid("format_error", "foo", "Foo is invalid"))
    assert drip.entry.changes == ()
    assert box.view("drip").subscriber("new@acme.com").purchases == 1


def test_same_order_id_in_one_request(drip: Client, box: Sandbox) -> None:
    """Twice in one request is twice; another provider's or subscriber's order is another."""
    choose(box, "same_order_id", "refuse")
    assert post(drip, {"amount": 1, "order_id": "7"}, {"amount": 1, "order_id": "7"})[0] == 422
    assert post(drip, {"amount": 1, "order_id": "7"}, {"amount": 1, "order_id": "7", "provider": "x"})[0] == 201
    assert post(drip, {"amount": 1, "order_id": "7"}, path=JOHN)[0] == 201


def test_unknown_credentials(drip: Client, box: Sandbox) -> None:
    """A key that nobody seeded is accepted or refused."""
    assert get(drip, BUYER)[0] == 200
    choose(box, "unknown_credentials", "refuse")
    assert get(drip, BUYER)[0] == 401
    assert get(drip, BUYER, Authorization="Bearer YOUR_API_KEY")[0] == 200


def test_unknown_account(drip: Client, box: Sandbox) -> None:
    """An account that nobody seeded has the samples' subscribers, or is not found."""
    assert get(drip, "/v2/77/subscribers/john@acme.com")[0] == 200
    assert drip.entry.basis == "published"
    choose(box, "unknown_account", "refuse")
    assert get(drip, "/v2/77/subscribers/john@acme.com") == (404, NOT_FOUND)
    assert drip.entry.basis == "assumed"
    assert get(drip, JOHN)[0] == 200


@pytest.mark.parametrize(
    ("value", "root"), [("request", "http://localhost"), ("documented", "https://api.getdrip.com")]
)
def test_link_host(drip: Client, box: Sandbox, value: str, root: str) -> None:
    """Links are on the host that was asked or on the documented one; neither weakens the answer."""
    choose(box, "link_host", value)
    for path in (f"{BUYER}/purchases", f"{BUYER}/purchases/9999999"):
        links = get(drip, path)[1]["links"]
        assert links == {name: link.replace("https://api.getdrip.com", root) for name, link in LINKS.items()}
        assert drip.entry.basis == "documented"
    body = get(drip, BUYER)[1]
    assert body["links"] == {"subscribers.account": root + "/v2/accounts/{subscribers.account}"}
    assert body["subscribers"][0]["href"] == root + BUYER


def test_missing_user_agent(drip: Client, box: Sandbox) -> None:
    """A request without User-Agent is answered, which weakens no answer, or forbidden."""
    none = {"User-Agent": ""}
    assert get(drip, BUYER, **none)[0] == 200
    assert drip.entry.basis == "published"
    choose(box, "missing_user_agent", "refuse")
    assert get(drip, BUYER, **none)[0] == 403
    assert get(drip, BUYER)[0] == 200


def test_authentication_message(drip: Client, box: Sandbox) -> None:
    """The message of a 401 is one of two."""
    assert get(drip, BUYER, Authorization="")[1]["errors"][0]["message"].startswith("Authentication failed")
    choose(box, "authentication_message", "authorization")
    assert get(drip, BUYER, Authorization="") == (
        401,
        {"errors": [{"code": "authentication_error", "message": "You are not authorized to access this resource"}]},
    )


def test_unwrapped_body(drip: Client, box: Sandbox) -> None:
    """A purchase without its wrapper is misshapen, or taken as the only one."""
    answer = drip("POST", f"{NEW}/purchases", json={"amount": 4900})
    assert (answer.status_code, answer.get_json()) == (422, MISSHAPEN)
    choose(box, "unwrapped_body", "accept")
    answer = drip("POST", f"{NEW}/purchases", json={"amount": 4900})
    assert (answer.status_code, answer.get_json()) == (201, {})
    assert drip.entry.basis == "assumed"
    assert box.view("drip").subscriber("new@acme.com").lifetime_value == 4900
    answer = drip("POST", f"{NEW}/purchases", json={"provider": "gumroad"})
    assert answer.get_json() == invalid("presence_error", "amount", "Amount is required")
    assert drip("POST", f"{NEW}/purchases", json={}).get_json() == MISSHAPEN


@pytest.mark.parametrize("status", [422, 400])
def test_parsing_error_status(drip: Client, box: Sandbox, status: int) -> None:
    """A misshapen body gets one of two statuses."""
    choose(box, "parsing_error_status", str(status))
    answer = drip("POST", f"{NEW}/purchases", json=[])
    assert (answer.status_code, answer.get_json()) == (status, MISSHAPEN)


def test_wrong_type(drip: Client, box: Sandbox) -> None:
    """A value of the wrong type gets an error on its attribute, or that of a misshapen body."""
    assert post(drip, {"amount": "1"}) == (422, invalid("format_error", "amount", "Amount is invalid"))
    choose(box, "wrong_type", "parsing_error")
    assert post(drip, {"amount": "1"}) == (422, MISSHAPEN)
    assert post(drip, {})[1] == invalid("presence_error", "amount", "Amount is required")


def test_nested_attribute(drip: Client, box: Sandbox) -> None:
    """An attribute of an item is named by its path, or alone."""
    assert post(drip, NAMELESS)[1] == invalid("presence_error", "items.name", "Name is required")
    choose(box, "nested_attribute", "name")
    assert post(drip, NAMELESS)[1] == invalid("presence_error", "name", "Name is required")


def test_unknown_subscriber(drip: Client, box: Sandbox) -> None:
    """A purchase of somebody unknown is refused, or makes a subscriber of an e-mail address."""
    path = "/v2/9999999/subscribers/Sam@acme.com"
    assert post(drip, {"amount": 5}, path=path) == (404, NOT_FOUND)
    choose(box, "unknown_subscriber", "create")
    assert post(drip, {"amount": 5}, path=path) == (201, {})
    assert drip.entry.basis == "assumed"
    (subscriber,) = get(drip, path)[1]["subscribers"]
    assert (subscriber["email"], subscriber["lifetime_value"]) == ("sam@acme.com", 5)
    assert len(subscriber["id"]) == 20
    for nobody in ("some-id", "@", "sam@", "sam@acme", "a@b@acme.com", "s am@acme.com", "sam%00@acme.com"):
        assert post(drip, {"amount": 5}, path=f"/v2/9999999/subscribers/{nobody}") == (404, NOT_FOUND)


def test_new_subscriber_of_a_refused_purchase(drip: Client, box: Sandbox) -> None:
    """A purchase that is refused makes no subscriber either."""
    choose(box, "unknown_subscriber", "create")
    path = "/v2/9999999/subscribers/sam@acme.com"
    assert post(drip, {"amount": 5, "occurred_at": "2013-02-30"}, path=path)[0] == 422
    assert get(drip, path)[0] == 404


def test_email_case(drip: Client, box: Sandbox) -> None:
    """The case of an address is ignored, or counts."""
    shouted = "/v2/9999999/subscribers/JOHN@Acme.com"
    assert get(drip, shouted)[0] == 200
    assert drip.entry.basis == "assumed"
    choose(box, "email_case", "exact")
    assert get(drip, shouted) == (404, NOT_FOUND)
    assert get(drip, JOHN)[0] == 200
    assert drip.entry.basis == "published"


def test_null_values_count_as_not_sent(drip: Client) -> None:
    """Null in an optional place is as if it had not been sent."""
    item = {"name": "x", "amount": 1, "id": None, "quantity": None, "properties": None}
    assert post(drip, {"amount": 1, "occurred_at": None, "items": [item]}, {"amount": 2, "items": None})[0] == 201
    second, first = get(drip, f"{NEW}/purchases")[1]["purchases"]
    assert first["occurred_at"] == "2026-03-02T12:00:00Z"
    assert (first["items"][0]["quantity"], first["items"][0]["properties"]) == (1, {})
    assert second["items"] == []


def test_item_id(drip: Client, box: Sandbox) -> None:
    """The id of an item is the one that was sent, or drawn."""
    sent = {**SENT, "order_id": "1"}
    assert post(drip, sent) == (201, {})
    assert drip.entry.basis == "documented"
    assert get(drip, f"{NEW}/purchases")[1]["purchases"][0]["items"][0]["id"] == "8888888"
    choose(box, "item_id", "draw")
    assert post(drip, {**SENT, "order_id": "2"}) == (201, {})
    assert drip.entry.basis == "assumed"
    assert get(drip, f"{NEW}/purchases")[1]["purchases"][0]["items"][0]["id"] != "8888888"


@pytest.mark.parametrize(("value", "blank"), [("null", None), ("empty", "")])
def test_absent_values(drip: Client, box: Sandbox, value: str, blank: str | None) -> None:
    """What was not sent comes back as null or as empty text; properties and items as empty."""
    choose(box, "absent_values", value)
    post(drip, {"amount": 1, "items": [{"name": "x", "amount": 1}]})
    (purchase,) = get(drip, f"{NEW}/purchases")[1]["purchases"]
    assert [purchase[name] for name in ("provider", "order_id", "permalink")] == [blank] * 3
    assert [purchase["items"][0][name] for name in ("product_id", "sku")] == [blank] * 2
    assert purchase["properties"] == purchase["items"][0]["properties"] == {}
    assert drip.entry.basis == "assumed"


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2013-06-21T12:31:58+02:00", "2013-06-21T10:31:58Z"),
        ("2013-06-21", "2013-06-21T00:00:00Z"),
        ("20130621T103158Z", "2013-06-21T10:31:58Z"),
        ("2013-06-21T10:31:58.5Z", "2013-06-21T10:31:58Z"),
        ("2013-06-21T10:31:58", "2013-06-21T10:31:58Z"),
    ],
)
def test_occurred_at_form(drip: Client, box: Sandbox, sent: str, utc: str) -> None:
    """A time in another form of ISO 8601 comes back as it was sent, or in the form of the sample."""
    assert post(drip, {**SENT, "order_id": "1", "occurred_at": sent}) == (201, {})
    assert get(drip, f"{NEW}/purchases")[1]["purchases"][0]["occurred_at"] == sent
    assert drip.entry.basis == "assumed"
    choose(box, "occurred_at_form", "utc")
    assert get(drip, f"{NEW}/purchases")[1]["purchases"][0]["occurred_at"] == utc


@pytest.mark.parametrize(("value", "amounts"), [("newest", [3, 2, 1]), ("occurred", [2, 3, 1]), ("oldest", [1, 2, 3])])
def test_list_order(drip: Client, box: Sandbox, value: str, amounts: list[int]) -> None:
    """Purchases are listed by when they were made, or by when they occurred."""
    days = ("2013-06-21", "2013-06-23T01:00:00+02:00", "2013-06-22T22:59:59Z")
    post(drip, *[{"amount": number, "occurred_at": day} for number, day in enumerate(days, 1)])
    choose(box, "list_order", value)
    assert [one["amount"] for one in get(drip, f"{NEW}/purchases")[1]["purchases"]] == amounts
    assert drip.entry.basis == "assumed"


def test_order_of_one_is_not_asked(drip: Client) -> None:
    """Where there is one purchase, no choice on the order weakens the answer."""
    get(drip, f"{BUYER}/purchases")
    assert not decided(drip, "list_order")


def test_invalid_page(drip: Client, box: Sandbox) -> None:
    """A page that is none is the first, or out of range."""
    assert get(drip, f"{BUYER}/purchases?page=0")[1]["meta"]["page"] == 1
    assert drip.entry.basis == "assumed"
    choose(box, "invalid_page", "refuse")
    assert get(drip, f"{BUYER}/purchases?page=0") == (
        422,
        invalid("range_error", "page", "Page is out of range"),
    )
    assert get(drip, f"{BUYER}/purchases?page=1")[0] == 200


def test_page_beyond_end(drip: Client, box: Sandbox) -> None:
    """A page beyond the last is empty, or not found; the first always exists."""
    assert get(drip, f"{BUYER}/purchases?page=2")[1]["purchases"] == []
    choose(box, "page_beyond_end", "not_found")
    assert get(drip, f"{BUYER}/purchases?page=2") == (404, NOT_FOUND)
    assert get(drip, f"{NEW}/purchases?page=1")[0] == 200


@pytest.mark.parametrize("pages", [0, 1])
def test_empty_total_pages(drip: Client, box: Sandbox, pages: int) -> None:
    """No purchases make no page, or one."""
    choose(box, "empty_total_pages", str(pages))
    assert get(drip, f"{NEW}/purchases")[1]["meta"] == {
        "page": 1,
        "count": 0,
        "total_pages": pages,
        "total_count": 0,
    }
    assert drip.entry.basis == "assumed"


def use_up(box: Sandbox) -> None:
    """Let the hour's requests be used up."""
    with box.changing():
        rate = box.table("drip.rate")
        rate.put("rate", {**(rate.get("rate") or {}), "used": 3600})


def test_hourly_limit(drip: Client, box: Sandbox) -> None:
    """Over the limit requests are answered as before, or refused flatly; the count survives the refusal."""
    get(drip, BUYER)
    assert not decided(drip, "hourly_limit")
    use_up(box)
    answer = drip("GET", BUYER)
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (200, "0")
    assert drip.entry.basis == "assumed"
    choose(box, "hourly_limit", "refuse")
    answer = drip("GET", BUYER)
    assert (answer.status_code, answer.get_json()) == (429, LIMITED)
    assert list(answer.get_json()) == ["message", "documentation"]
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert drip.entry.basis == "published"
    row = box.table("drip.rate").get("rate")
    assert row is not None
    assert row["used"] == 3602
    box.clock.advance(hours=1)
    assert get(drip, BUYER)[0] == 200


@pytest.mark.parametrize("status", [404, 405])
def test_wrong_method(drip: Client, box: Sandbox, status: int) -> None:
    """A wrong method gets one of two statuses, in the shape of a 404."""
    choose(box, "wrong_method", str(status))
    answer = drip("DELETE", f"{BUYER}/purchases")
    assert (answer.status_code, answer.get_json()) == (status, NOT_FOUND)


def test_names() -> None:
    """Each choice is Drip's, ends in a question, and has alternatives."""
    for choice in CHOICES:
        assert choice.name.startswith("drip.")
        assert choice.question.endswith("?")
        assert len({option.value for option in choice.options}) == len(choice.options) > 1
