"""Drip on the wire: credentials, bodies, errors and the hourly limit."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest

from mocktill.apis.drip.dialect import DIALECT
from mocktill.apis.drip.refusals import INVALID
from mocktill.core.errors import EVERYWHERE
from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import BUYER, JOHN, LIMITED, MISSHAPEN, NEW, NOT_FOUND, PEOPLE, SENT, invalid
from tests.client import Client

SAM = {"email": "sam@acme.com"}
UNAUTHENTICATED = {
    "errors": [{"code": "authentication_error", "message": "Authentication failed, check your credentials"}]
}


def basic(text: str) -> str:
    """Return an Authorization header for Basic."""
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        basic("my-key:"),
        basic("my-key"),
        basic("my-key: "),
        basic("clé:secret"),
        "bearer my-token",
        "Bearer   t ",
    ],
    ids=["colon", "no colon", "a space as password", "not ASCII", "lower case", "spaces"],
)
def test_good_credentials(drip: Client, header: str) -> None:
    """Basic with or without a colon and with any password, and Bearer, are understood."""
    answer = drip("GET", BUYER, headers={"Authorization": header})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Digest abc",
        "my-key",
        "Basic",
        "Basic !!!",
        "Basic bXkta2V",
        basic(":password"),
        "Basic /////w==",
        "Bearer",
        "Bearer  ",
        basic("key-refused:"),
        "Bearer key-expired",
        basic("key-revoked"),
    ],
)
def test_bad_credentials(drip: Client, header: str) -> None:
    """No credential, another scheme, unreadable base64 and refused keys get 401, with code and message."""
    answer = drip("GET", BUYER, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.get_json() == UNAUTHENTICATED
    assert answer.headers["Mocktill-Basis"] == "assumed"


def test_key_of_another_account(drip: Client) -> None:
    """A key for one account gets the published 403 on any other."""
    headers = {"Authorization": "Bearer key-other-account"}
    answer = drip("GET", BUYER, headers=headers)
    assert answer.status_code == 403
    assert answer.get_json() == {
        "errors": [{"code": "authorization_error", "message": "You are not authorized to access this resource"}]
    }
    assert answer.headers["Mocktill-Basis"] == "published"
    assert drip("GET", "/v2/1111111/subscribers/nobody", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/vnd.api+json",
        "application/x-www-form-urlencoded",
        "text/plain; charset=x",
        "",
    ],
)
def test_any_content_type(drip: Client, media_type: str) -> None:
    """A body is read as JSON whatever its content type says."""
    answer = drip("POST", f"{NEW}/purchases", data=b'{"purchases":[{"amount":1}]}', content_type=media_type)
    assert (answer.status_code, answer.get_json()) == (201, {})


def test_content_type_on_get(drip: Client) -> None:
    """A content type on GET is of no consequence."""
    answer = drip("GET", f"{BUYER}/purchases", content_type="application/vnd.api+json")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body", [b'{"purchases":', b"{'a': 1}", b"\xff\xfe{\x00}\x00", b"amount=1", b"[" * 100, b'"\\ud800"']
)
def test_malformed_json(drip: Client, body: bytes) -> None:
    """Broken JSON gets 400 in the flat shape that clients have seen."""
    answer = drip("POST", f"{NEW}/purchases", data=body)
    value = answer.get_json()
    assert answer.status_code == 400
    assert list(value) == ["status", "error"]
    assert value["status"] == 400
    assert value["error"].startswith("There was a problem in the JSON you submitted: ")
    assert answer.headers["Mocktill-Basis"] == "observed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b'{"purchases":null}',
        b'{"purchases":{"amount":1}}',
        b'{"purchases":[1]}',
        b'{"purchases":[null]}',
        b'{"purchase":[{"amount":1}]}',
        b'{"amount":4900}',
    ],
)
def test_wrong_wrapper(drip: Client, body: bytes) -> None:
    """Whatever is not an array of objects under `purchases` gets the one parsing error."""
    answer = drip("POST", f"{NEW}/purchases", data=body)
    assert answer.status_code == 422
    assert answer.get_json() == MISSHAPEN
    assert any(violation.severity == "error" for violation in drip.entry.violations)


def test_presence_error(drip: Client) -> None:
    """A missing amount gets the published error, in the published key order."""
    answer = drip("POST", f"{NEW}/purchases", json={"purchases": [{"provider": "gumroad"}]})
    assert answer.status_code == 422
    assert answer.get_json() == invalid("presence_error", "amount", "Amount is required")
    assert list(answer.get_json()["errors"][0]) == ["code", "attribute", "message"]
    assert answer.headers["Mocktill-Basis"] == "published"
    (violation,) = drip.entry.violations
    assert (violation.pointer, violation.rule, violation.got) == (
        "/purchases/0/amount",
        "required",
        "nothing",
    )


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"amount": "4900"}, ("format_error", "amount", "Amount is invalid")),
        ({"amount": 49.99}, ("format_error", "amount", "Amount is invalid")),
        ({"amount": True}, ("format_error", "amount", "Amount is invalid")),
        ({"amount": None}, ("presence_error", "amount", "Amount is required")),
        ({"amount": 10**30}, ("range_error", "amount", "Amount is out of range")),
        ({"amount": -(10**13)}, ("range_error", "amount", "Amount is out of range")),
        ({"amount": 1, "order_id": 5}, ("format_error", "order_id", "Order is invalid")),
        ({"amount": 1, "permalink": []}, ("format_error", "permalink", "Permalink is invalid")),
        ({"amount": 1, "properties": "x"}, ("format_error", "properties", "Properties is invalid")),
        ({"amount": 1, "items": {}}, ("format_error", "items", "Items is invalid")),
        ({"amount": 1, "items": ["x"]}, ("format_error", "items", "Items is invalid")),
        ({"amount": 1, "items": [None]}, ("format_error", "items", "Items is invalid")),
        (
            {"amount": 1, "items": [{"name": None, "amount": 1}]},
            ("presence_error", "items.name", "Name is required"),
        ),
        ({"amount": 1, "items": [{"amount": 1}]}, ("presence_error", "items.name", "Name is required")),
        (
            {"amount": 1, "items": [{"amount": 1, "name": ""}]},
            ("presence_error", "items.name", "Name is required"),
        ),
        ({"amount": 1, "items": [{"name": "x"}]}, ("presence_error", "items.amount", "Amount is required")),
        (
            {"amount": 1, "items": [{"name": "x", "amount": 1, "quantity": "2"}]},
            ("format_error", "items.quantity", "Quantity is invalid"),
        ),
        *[
            (
                {"amount": 1, "occurred_at": bad},
                ("time_error", "occurred_at", "Occurred at is not a time in ISO 8601"),
            )
            for bad in (
                "",
                "yesterday",
                "2013-02-30",
                "2013-06-21 10:31:58",
                1371810718,
                "0001-01-01T00:00:00+14:00",
            )
        ],
    ],
)
def test_validation(drip: Client, sent: object, error: tuple[str, str, str]) -> None:
    """A wrong value gets 422 with the nearest published code; nothing is kept."""
    answer = drip("POST", f"{NEW}/purchases", json={"purchases": [sent]})
    assert answer.status_code == 422
    assert answer.get_json() == invalid(*error)
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert drip.entry.changes == ()


def test_every_wrong_value_is_listed_once(drip: Client) -> None:
    """All that is wrong is listed, the same only once."""
    purchases = [{"items": [{}]}, {}, {"amount": "x"}]
    answer = drip("POST", f"{NEW}/purchases", json={"purchases": purchases})
    assert [(item["code"], item["attribute"]) for item in answer.get_json()["errors"]] == [
        ("presence_error", "amount"),
        ("presence_error", "items.amount"),
        ("presence_error", "items.name"),
        ("format_error", "amount"),
    ]


def test_unknown_path(drip: Client) -> None:
    """An unknown path gets the published 404, and the journal names the nearest operations."""
    answer = drip("GET", "/v2/9999999/orders")
    assert (answer.status_code, answer.get_json()) == (404, NOT_FOUND)
    assert any("the nearest are" in note for note in drip.entry.notes)


def test_too_large(drip: Client) -> None:
    """A body over the limit of the sandbox gets 413 in the vendor's shape."""
    answer = drip("POST", f"{NEW}/purchases", data=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.get_json() == {"errors": [{"code": "length_error", "message": "The request is too long"}]}


def test_too_many_parameters(drip: Client) -> None:
    """A query that cannot be read gets 400 with code and message: there is no JSON to complain about."""
    answer = drip("GET", BUYER + "?" + "&".join(f"a{n}=1" for n in range(300)))
    assert answer.status_code == 400
    assert answer.get_json() == {"errors": [{"code": "parsing_error", "message": "The request cannot be read"}]}


@pytest.mark.parametrize(("code", "body"), [(404, NOT_FOUND), (429, LIMITED)])
def test_error_that_is_asked_for(drip: Client, code: int, body: object) -> None:
    """`Prefer: code=NNN` gives the vendor's error."""
    answer = drip("GET", JOHN, headers={"Prefer": f"code={code}"})
    assert (answer.status_code, answer.get_json()) == (code, body)


@pytest.mark.parametrize(("code", "operations"), INVALID, ids=lambda part: str(part) if part else "purchases")
def test_validation_that_is_asked_for(drip: Client, code: str, operations: tuple[str, ...]) -> None:
    """`Prefer: code=422` gives the published example's kind, with `example=` any other."""
    headers = {"Prefer": f"code=422, example={code}"}
    path, body = (PEOPLE, {"subscribers": [SAM]}) if operations else (f"{NEW}/purchases", {"purchases": [SENT]})
    answer = drip("POST", path, json=body, headers=headers)
    (error,) = answer.get_json()["errors"]
    assert answer.status_code == 422
    assert error["code"] == code
    assert error["message"] == INVALID[code, operations].text


def test_first_validation_error(drip: Client) -> None:
    """Asked for 422 without more, the answer is the published error, and on a subscriber literally so."""
    answer = drip("GET", JOHN, headers={"Prefer": "code=422"})
    assert answer.get_json() == invalid("presence_error", "email", "Email is required")
    answer = drip("GET", f"{JOHN}/purchases", headers={"Prefer": "code=422"})
    assert answer.get_json() == invalid("presence_error", "amount", "Amount is required")


def test_a_row_for_every_meaning() -> None:
    """The table of errors is total."""
    for meaning in (*EVERYWHERE, *DIALECT.errors):
        for method in ("GET", "POST"):
            assert DIALECT.row_for(meaning, method).meaning is meaning


def test_headers_count_down(drip: Client) -> None:
    """Every answer, refusals too, carries the limit and what is left of it."""
    seen = [
        drip("GET", BUYER),
        drip("GET", "/v2/nowhere"),
        drip("GET", BUYER, headers={"Authorization": ""}),
        drip("POST", f"{NEW}/purchases", data=b"{"),
    ]
    assert [answer.headers["X-RateLimit-Limit"] for answer in seen] == ["3600"] * 4
    assert [answer.headers["X-RateLimit-Remaining"] for answer in seen] == ["3599", "3598", "3597", "3596"]


def test_next_hour_begins_anew(drip: Client, box: Sandbox) -> None:
    """The window is the hour of the sandbox's clock."""
    drip("GET", BUYER)
    box.clock.advance(timedelta(minutes=59))
    assert drip("GET", BUYER).headers["X-RateLimit-Remaining"] == "3598"
    box.clock.advance(timedelta(minutes=1))
    assert drip("GET", BUYER).headers["X-RateLimit-Remaining"] == "3599"


def test_reset_forgets_the_count(drip: Client, box: Sandbox) -> None:
    """After a reset the hour is unused."""
    drip("GET", BUYER)
    box.reset()
    assert drip("GET", BUYER).headers["X-RateLimit-Remaining"] == "3599"


def test_missing_user_agent(drip: Client) -> None:
    """A request without User-Agent is answered; the journal has a warning."""
    answer = drip("GET", BUYER, headers={"User-Agent": ""})
    assert answer.status_code == 200
    (violation,) = drip.entry.violations
    assert (violation.severity, violation.at, violation.pointer) == ("warning", "header", "/user-agent")


def test_unknown_parameter(drip: Client) -> None:
    """An unknown parameter of the query is tolerated and journalled."""
    assert drip("GET", f"{BUYER}/purchases?sort=asc").status_code == 200
    assert [(v.severity, v.at, v.pointer) for v in drip.entry.violations] == [("warning", "query", "/sort")]
