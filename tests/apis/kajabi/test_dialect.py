"""Kajabi on the wire: Bearer tokens, and errors in the shape of JSON:API."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.apis.kajabi import API
from mocktill.core.api import Refusal
from mocktill.core.errors import EVERYWHERE, Forbidden, NotFound
from mocktill.core.sandbox import Sandbox
from tests.client import Client

PURCHASE = "/v1/purchases/123"
UNAUTHORIZED = {
    "errors": [
        {
            "status": "401",
            "source": None,
            "title": "Unauthorized",
            "detail": "The Authorization header is missing or invalid",
        }
    ]
}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer   ",
        "Basic dG9rZW4tYWN0aXZlOg==",
        "Token token-active",
        "token-active",
        "Bearer token-refused",
        "Bearer token-expired",
        "Bearer token-revoked",
    ],
)
def test_refused_credentials(box: Sandbox, authorization: str | None) -> None:
    """No token, another scheme and a token that is refused, expired or revoked each get the same 401."""
    client = Client(box, "kajabi", {} if authorization is None else {"Authorization": authorization})
    answer = client("GET", PURCHASE)
    assert answer.status_code == 401
    assert answer.get_json() == UNAUTHORIZED
    assert list(answer.get_json()["errors"][0]) == ["status", "source", "title", "detail"]
    assert answer.headers["Content-Type"] == "application/vnd.api+json"
    assert answer.headers["Mocktill-Basis"] == "published"


@pytest.mark.parametrize("authorization", ["Bearer token-active", "bearer token-active", "BEARER  token-active "])
def test_accepted_credentials(box: Sandbox, authorization: str) -> None:
    """The scheme is read in any case, and spaces around the token do not count."""
    assert Client(box, "kajabi", {"Authorization": authorization})("GET", PURCHASE).status_code == 200


def test_the_token_is_not_kept(ask: Client) -> None:
    """The journal masks the token."""
    ask("GET", PURCHASE)
    assert ask.entry.request_headers["authorization"] == "***"


@pytest.mark.parametrize(
    "path",
    ["/v2/purchases/123", "/purchases/123", "/v1/purchase/1", "/v1//purchases/1"],
)
def test_unknown_paths(ask: Client, path: str) -> None:
    """A path that no operation has gets 404 in the vendor's shape, and the journal names what is near."""
    answer = ask("GET", path)
    assert answer.status_code == 404
    assert answer.get_json()["errors"][0]["detail"] == "The requested path could not be found"
    assert any("GET /v1/purchases/{id}" in note for note in ask.entry.notes)


def test_trailing_slash(ask: Client) -> None:
    """A slash at the end of the path does not count."""
    assert ask("GET", f"{PURCHASE}/").status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"\xff\x00", b"[" * 5000])
def test_a_body_is_not_read(ask: Client, body: bytes) -> None:
    """A body on GET does not count, whatever it is."""
    assert ask("GET", PURCHASE, data=body).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.api+json", "*/*", "text/html", ""])
def test_any_accept(ask: Client, accept: str) -> None:
    """Whatever a client accepts, it gets JSON:API's media type."""
    answer = ask("GET", PURCHASE, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/vnd.api+json"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data": b"x" * (1024 * 1024 + 1)}, 413),
        ({"query_string": "&".join(f"a{n}=1" for n in range(201))}, 400),
        ({"query_string": "fields[purchases]=%00%FF%F0"}, 200),
        ({"query_string": "fields[purchases]=" + "," * 50_000}, 200),
        ({"query_string": "%E2%82%AC[]&&=&=="}, 200),
    ],
)
def test_odd_requests(ask: Client, box: Sandbox, more: dict[str, Any], status: int) -> None:
    """Odd and large requests are answered in the vendor's shape, never with 500."""
    answer = ask("GET", PURCHASE, **more)
    assert answer.status_code == status
    name = "error" if status >= 400 else "purchase_details.response"
    assert box.catalogue.shelves["kajabi"].contract.accepts(name, answer.get_json())


def test_every_meaning_has_a_row(box: Sandbox) -> None:
    """Every meaning that can happen has a row, whose error obeys the schema."""
    contract = box.catalogue.shelves["kajabi"].contract
    for meaning in (*EVERYWHERE, NotFound, Forbidden):
        row = API.dialect.row_for(meaning, "GET")
        value = API.dialect.error(Refusal(row, meaning("why")), box.backend("kajabi"))
        assert contract.accepts("error", value)
        assert value["errors"][0]["detail"] == row.text
