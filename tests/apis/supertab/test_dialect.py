"""The wire: tokens in, errors out, and that nothing a client sends brings the sandbox down."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.supertab.dialect import DIALECT, SIBLING
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.client import Client

PATH = f"/v1/purchases/{ids.LATER_ON_TAB}"
INVALID = {"error": {"message": "Invalid authentication credentials", "code": "invalid_credentials"}}
FORBIDDEN = {"error": {"message": "Forbidden", "code": "forbidden"}}


@pytest.fixture
def nobody(box: Sandbox) -> Client:
    """A client that shows no token."""
    return Client(box, "supertab")


@pytest.mark.parametrize(
    "header",
    ["Bearer token-test", "bearer token-test", "BEARER  token-test", "token-test", "any-other", " a "],
)
def test_tokens_that_are_taken(nobody: Client, header: str) -> None:
    """The access token comes after `Bearer` or alone."""
    answer = nobody("GET", PATH, headers={"Authorization": header})
    assert (answer.status_code, answer.headers["Mocktill-Basis"]) == (200, "documented")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "   ",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer one two",
        "Bearer token-refused",
        "Bearer token-expired",
        "token-revoked",
    ],
)
def test_tokens_that_are_refused(nobody: Client, header: str | None) -> None:
    """No token, one of another scheme and one in a bad state are 401."""
    answer = nobody("GET", PATH, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.get_json()) == (401, INVALID)
    assert answer.headers["Mocktill-Basis"] == "assumed"


@pytest.mark.parametrize("path", [PATH, f"/v1/purchases/{ids.UNKNOWN}", "/v1/purchases/123"])
@pytest.mark.parametrize("prefer", ["", "dynamic=true"])
def test_a_token_without_the_scope(nobody: Client, path: str, prefer: str) -> None:
    """A token that may not read purchases is 403, whatever is asked for and however it would be answered."""
    answer = nobody("GET", path, headers={"Authorization": "Bearer token-without-scope", "Prefer": prefer})
    assert (answer.status_code, answer.get_json()) == (403, FORBIDDEN)
    assert any("not for this" in note for note in nobody.entry.notes)


def test_the_token_is_not_in_the_journal(supertab: Client) -> None:
    """The journal masks the token, and keeps the ids as they are."""
    supertab("GET", PATH)
    assert supertab.entry.request_headers["authorization"] == "***"
    assert supertab.entry.path == PATH
    assert ids.LATER_ON_TAB.encode() in supertab.entry.response_body


@pytest.mark.parametrize(
    ("code", "type"),
    [
        (400, "bad_request"),
        (401, "invalid_credentials"),
        (403, "forbidden"),
        (404, "purchase_not_found"),
        (405, "method_not_allowed"),
        (413, "payload_too_large"),
        (500, "internal_server_error"),
    ],
)
def test_errors_that_are_asked_for(supertab: Client, code: int, type: str) -> None:
    """`Prefer: code=` gives the error of that status in Supertab's shape."""
    answer = supertab("GET", PATH, headers={"Prefer": f"code={code}"})
    body = answer.get_json()
    assert (answer.status_code, body["error"]["code"]) == (code, type)
    assert list(body["error"]) == ["message", "code"]
    assert answer.headers["Preference-Applied"] == f"code={code}"
    assert answer.headers["Mocktill-Basis"] == "assumed"


def test_a_validation_error_that_is_asked_for(supertab: Client) -> None:
    """`Prefer: code=422` gives the list, with nothing wrong in it."""
    answer = supertab("GET", PATH, headers={"Prefer": "code=422"})
    assert answer.status_code == 422
    assert answer.get_json() == {"error": [{"code": "validation_error", "message": "Validation Error", "errors": []}]}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/purchases", 404, "not_found"),
        ("GET", "/purchases/1", 404, "not_found"),
        ("GET", f"{PATH}/status", 404, "not_found"),
        ("POST", PATH, 405, "method_not_allowed"),
        ("PUT", PATH, 405, "method_not_allowed"),
        ("DELETE", PATH, 405, "method_not_allowed"),
        ("OPTIONS", PATH, 405, "method_not_allowed"),
    ],
)
def test_unknown_paths_and_wrong_methods(supertab: Client, method: str, path: str, status: int, code: str) -> None:
    """What Supertab does not have is refused in its shape."""
    answer = supertab(method, path)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "key",
    [
        "null",
        "%00",
        "%FF%FE",
        "%F0%9F%92%B0",
        "purchase.%ZZ",
        "a" * 5000,
        "1" * 400,
        "%7B%22a%22%3A1%7D",
        ids.LATER_ON_TAB + "%0A",
        ids.LATER_ON_TAB.upper(),
        " " + ids.LATER_ON_TAB,
    ],
)
@pytest.mark.parametrize("malformed", ["purchase_not_found", "validation_error"])
def test_odd_ids(supertab: Client, box: Sandbox, key: str, malformed: str) -> None:
    """An odd id is an unknown purchase or a bad one, and never a defect."""
    box.choices["supertab.malformed_id"] = malformed
    answer = supertab("GET", f"/v1/purchases/{key}")
    assert answer.status_code in ({404} if malformed == "purchase_not_found" else {404, 422})
    assert "error" in answer.get_json()


@pytest.mark.parametrize(
    "more",
    [
        {"data": b'{"broken'},
        {"data": b"\xff\xfe", "content_type": "application/json; charset=odd"},
        {"json": [1, None, {"a": 10**30}]},
        {"data": b"[" * 10_000},
        {"headers": {"Accept": "text/html", "Prefer": ",;=,example=no,wait=x"}},
    ],
)
def test_a_body_is_not_read(supertab: Client, more: dict[str, Any]) -> None:
    """Reading a purchase takes no body: whatever comes is left alone."""
    answer = supertab("GET", PATH, **more)
    assert (answer.status_code, answer.get_json()["id"]) == (200, ids.LATER_ON_TAB)


def test_a_query_is_a_warning(supertab: Client) -> None:
    """No parameter is documented: one that comes changes nothing and is journalled."""
    answer = supertab("GET", f"{PATH}?expand=tab&x=")
    assert (answer.status_code, answer.headers["Mocktill-Basis"]) == (200, "documented")
    assert [(v.severity, v.pointer) for v in supertab.entry.violations] == [
        ("warning", "/expand"),
        ("warning", "/x"),
    ]


def test_too_many_parameters(supertab: Client) -> None:
    """A query that no client means is 400 in Supertab's shape."""
    answer = supertab("GET", PATH + "?" + "&".join(f"p{n}=1" for n in range(300)))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")


def test_a_huge_body(supertab: Client) -> None:
    """A body over the limit is 413 in Supertab's shape."""
    answer = supertab("GET", PATH, data=b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "payload_too_large")


def test_a_trailing_slash(supertab: Client) -> None:
    """A slash at the end makes no difference."""
    assert supertab("GET", f"{PATH}/").get_json()["id"] == ids.LATER_ON_TAB


def test_every_error_obeys_its_schema(box: Sandbox, supertab: Client) -> None:
    """All rows of the dialect, in both shapes, are what the contract says."""
    contract = box.catalogue.shelves["supertab"].contract
    for shape in ("error", "detail"):
        box.choices["supertab.error_shape"] = shape
        for code in (400, 401, 403, 404, 405, 413, 422, 500):
            body = supertab("GET", PATH, headers={"Prefer": f"code={code}"}).get_json()
            assert contract.check("error", body) == ()
            assert list(body) == [shape]


def test_only_what_siblings_answer_is_said_of_them() -> None:
    """The other endpoints of the backend show four errors; every other row says that it is assumed by Mocktill."""
    shown = {row.type for row in DIALECT.rows if row.source == SIBLING}
    assert shown == {"invalid_credentials", "forbidden", "purchase_not_found", "validation_error"}
