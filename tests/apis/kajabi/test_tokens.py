"""Tokens: who gets one and for how long, how it is refreshed and revoked, and that none is kept as it is."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import digest
from tests.client import Client

TOKEN, REVOKE = "/v1/oauth/token", "/v1/oauth/revoke"
CLIENT = {"grant_type": "client_credentials", "client_id": "client-active", "client_secret": "secret-active"}
USER = {"username": "owner@example.com", "password": "password-active"}


@pytest.fixture
def nobody(box: Sandbox) -> Client:
    """A client of Kajabi without a token, where only tokens that are known are accepted."""
    box.choices["kajabi.unknown_credentials"] = "refuse"
    return Client(box, "kajabi")


def get(nobody: Client, **form: str) -> Any:
    """Ask for a token with a form."""
    return nobody("POST", TOKEN, data=form)


def got(nobody: Client, **form: str) -> dict[str, Any]:
    """Ask for a token with a form; return what came."""
    answer = get(nobody, **form)
    assert answer.status_code == 200, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def refresh(nobody: Client, token: str) -> Any:
    """Ask for another token with a refresh token."""
    return get(nobody, grant_type="refresh_token", refresh_token=token)


def works(nobody: Client, token: str) -> bool:
    """Whether one can ask with a token; if not, it is refused with 401."""
    answer = nobody("GET", "/v1/purchases/123", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def revoke(nobody: Client, token: str, bearer: str = "token-active") -> Any:
    """Revoke a token."""
    return nobody("POST", REVOKE, data={"token": token}, headers={"Authorization": f"Bearer {bearer}"})


@pytest.mark.parametrize("form", [CLIENT, USER, {**USER, "grant_type": "password"}, {**CLIENT, "scope": "x"}])
def test_who_gets_a_token(nobody: Client, form: dict[str, str]) -> None:
    """A client with its secret and a user with the password get two tokens, in plain JSON, without showing any."""
    answer = get(nobody, **form)
    made = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert list(made) == ["access_token", "refresh_token", "token_type", "expires_in"]
    assert (made["token_type"], made["expires_in"]) == ("Bearer", 7200)
    assert made["access_token"] != made["refresh_token"]
    assert works(nobody, made["access_token"])
    assert answer.headers["Mocktill-Basis"] == "observed"


def test_json_is_borne(nobody: Client) -> None:
    """The fields may come as JSON as well."""
    answer = nobody("POST", TOKEN, json=CLIENT)
    assert works(nobody, answer.get_json()["access_token"])
    assert nobody("POST", TOKEN, json={**CLIENT, "client_id": 5}).get_json() == {"error": "invalid_request"}


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({**CLIENT, "client_secret": ""}, 400, "invalid_request"),
        ({**CLIENT, "client_secret": "wrong"}, 401, "invalid_client"),
        ({**CLIENT, "client_id": "client-refused", "client_secret": "secret-refused"}, 401, "invalid_client"),
        ({**CLIENT, "grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"username": "owner@example.com"}, 400, "invalid_request"),
        ({**USER, "password": "wrong"}, 400, "invalid_grant"),
        ({"username": "gone@example.com", "password": "password-refused"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nobody-issued-this"}, 400, "invalid_grant"),
    ],
)
def test_who_gets_none(nobody: Client, form: dict[str, str], status: int, word: str) -> None:
    """What is missing or wrong gets one of OAuth's words and nothing else."""
    answer = get(nobody, **form)
    assert answer.status_code == status
    assert answer.get_json() == {"error": word}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert nobody.entry.changes == ()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1]", b"{", b"&&&", b"grant_type=%FF", b"grant_type" * 9000])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "text/plain", ""])
def test_odd_bodies(nobody: Client, body: bytes, kind: str) -> None:
    """Whatever comes instead of a form is refused in OAuth's shape."""
    answer = nobody("POST", TOKEN, data=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.get_json()["error"] in {"invalid_request", "unsupported_grant_type"}


def test_unknown_clients(nobody: Client, box: Sandbox) -> None:
    """A client or a user of your own is accepted with any secret, or by choice refused."""
    mine = {**CLIENT, "client_id": "my-own"}
    user = {**USER, "username": "me@example.com"}
    assert works(nobody, got(nobody, **mine)["access_token"])
    assert works(nobody, got(nobody, **user)["access_token"])
    box.choices["kajabi.unknown_clients"] = "refuse"
    assert get(nobody, **mine).get_json() == {"error": "invalid_client"}
    assert get(nobody, **user).get_json() == {"error": "invalid_grant"}
    assert get(nobody, **CLIENT).status_code == 200


def test_refresh_across_an_expiry(nobody: Client, box: Sandbox) -> None:
    """A token is refused from the instant of its expiry; the refresh token brings another, which works."""
    first = got(nobody, **CLIENT)
    box.clock.advance(seconds=7199)
    assert works(nobody, first["access_token"])
    box.clock.advance(seconds=1)
    assert not works(nobody, first["access_token"])
    assert nobody.entry.basis == "published"
    second = refresh(nobody, first["refresh_token"]).get_json()
    assert list(second) == list(first)
    assert second["access_token"] != first["access_token"]
    assert works(nobody, second["access_token"])
    assert not works(nobody, first["access_token"])


def test_refresh_rotation(nobody: Client, box: Sandbox) -> None:
    """A refresh token is good once and a new one comes with the answer, or by choice it is good again."""
    first = got(nobody, **CLIENT)
    second = refresh(nobody, first["refresh_token"]).get_json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(nobody, first["refresh_token"]).get_json() == {"error": "invalid_grant"}
    box.choices["kajabi.refresh_rotation"] = "keep"
    for _ in range(2):
        again = refresh(nobody, second["refresh_token"])
        assert again.get_json()["refresh_token"] == second["refresh_token"]
        assert works(nobody, again.get_json()["access_token"])


def test_refresh_lifetime(nobody: Client, box: Sandbox) -> None:
    """A refresh token expires after 14 days, or by choice never."""
    first = got(nobody, **CLIENT)
    box.clock.advance(days=14)
    assert refresh(nobody, first["refresh_token"]).get_json() == {"error": "invalid_grant"}
    assert nobody.entry.choices[0][:2] == ("kajabi.refresh_lifetime", "14_days")
    box.choices["kajabi.refresh_lifetime"] = "never"
    box.clock.advance(days=4000)
    assert works(nobody, refresh(nobody, first["refresh_token"]).get_json()["access_token"])


def test_access_lifetime(nobody: Client, box: Sandbox) -> None:
    """By choice an access token lasts for an hour, and the answer says so."""
    box.choices["kajabi.access_lifetime"] = "3600"
    made = got(nobody, **CLIENT)
    assert made["expires_in"] == 3600
    box.clock.advance(seconds=3600)
    assert not works(nobody, made["access_token"])


def test_a_refresh_token_is_no_access_token(nobody: Client, box: Sandbox) -> None:
    """A refresh token opens nothing, even where unknown tokens do."""
    made = got(nobody, **CLIENT)
    box.choices["kajabi.unknown_credentials"] = "accept"
    assert not works(nobody, made["refresh_token"])


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoke(nobody: Client, which: str) -> None:
    """Either token revokes both, with an empty answer; those of another session stay good."""
    mine, other = got(nobody, **CLIENT), got(nobody, **CLIENT)
    answer = revoke(nobody, mine[which], mine["access_token"])
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Mocktill-Basis"] == "published"
    assert not works(nobody, mine["access_token"])
    assert refresh(nobody, mine["refresh_token"]).get_json() == {"error": "invalid_grant"}
    assert works(nobody, other["access_token"])
    assert refresh(nobody, other["refresh_token"]).status_code == 200


def test_revoke_takes_the_whole_session(nobody: Client) -> None:
    """What was refreshed is of the same session: all of its tokens go together."""
    first = got(nobody, **CLIENT)
    second = refresh(nobody, first["refresh_token"]).get_json()
    revoke(nobody, second["refresh_token"])
    assert not works(nobody, first["access_token"])
    assert not works(nobody, second["access_token"])


@pytest.mark.parametrize("token", ["token-active", "my-own-token"])
def test_revoke_what_nobody_issued(nobody: Client, box: Sandbox, token: str) -> None:
    """A token of the fixtures, or of your own, is refused from then on, and can be revoked once more."""
    box.choices["kajabi.unknown_credentials"] = "accept"
    assert works(nobody, token)
    assert revoke(nobody, token, "another").status_code == 200
    assert not works(nobody, token)
    assert revoke(nobody, token, "another").status_code == 200


def test_a_digest_revokes_nothing(nobody: Client) -> None:
    """What a state shows of a token is not the token: who shows the digest ends no session."""
    made = got(nobody, **CLIENT)
    assert revoke(nobody, digest(made["access_token"])).status_code == 200
    assert works(nobody, made["access_token"])


def test_a_form_in_parts(nobody: Client, box: Sandbox) -> None:
    """It is refused, and neither the entry nor what it says is wrong shows the token in it."""
    token = got(nobody, **CLIENT)["access_token"]
    part = f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--b--\r\n'
    headers = {"Authorization": "Bearer token-active", "Content-Type": "multipart/form-data; boundary=b"}
    answer = nobody("POST", REVOKE, data=part, headers=headers)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})
    assert works(nobody, token)
    assert token not in str([entry.to_json() for entry in box.journal.entries()])


def test_revoke_refuses(nobody: Client) -> None:
    """Who revokes shows a good token and names one; errors have OAuth's shape."""
    answer = revoke(nobody, "x", "token-expired")
    assert (answer.status_code, answer.get_json()) == (401, {"error": "invalid_token"})
    answer = revoke(nobody, "x", "token-restricted")
    assert (answer.status_code, answer.get_json()) == (403, {"error": "insufficient_scope"})
    for form in ({}, {"token": ""}):
        answer = nobody("POST", REVOKE, data=form, headers={"Authorization": "Bearer token-active"})
        assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})


def test_nothing_secret_is_kept(nobody: Client, box: Sandbox) -> None:
    """Neither the state nor the journal has a token, a secret or a password, sent or issued, as it is."""
    box.choices["kajabi.unknown_clients"] = "accept"
    first = got(nobody, **CLIENT)
    second = refresh(nobody, first["refresh_token"]).get_json()
    got(nobody, **USER)
    got(nobody, **{**CLIENT, "client_id": "my-own", "client_secret": "s3cr3t-of-mine"})
    nobody("POST", TOKEN, json={**CLIENT, "client_secret": "wrong-s3cr3t"})
    revoke(nobody, second["refresh_token"], second["access_token"])
    kept = str(box.state()) + str([entry.to_json() for entry in box.journal.entries()])
    secrets = [first["access_token"], first["refresh_token"], second["access_token"], second["refresh_token"]]
    for secret in (*secrets, "secret-active", "password-active", "s3cr3t-of-mine", "wrong-s3cr3t"):
        assert secret not in kept


def test_tokens_survive_a_state(nobody: Client, box: Sandbox) -> None:
    """A token that was issued, a client and a user go on where a state is loaded again."""
    made = got(nobody, **CLIENT)
    box.load(box.state())
    assert works(nobody, made["access_token"])
    assert got(nobody, **CLIENT)
    assert got(nobody, **USER)
    assert refresh(nobody, made["refresh_token"]).status_code == 200


def test_what_was_drawn_before_is_not_issued_again(nobody: Client, box: Sandbox) -> None:
    """In a sandbox that has loaded the rows of another no token and no session of the other comes again."""
    first = got(nobody, **CLIENT)
    state = box.state()
    tables = {name: rows for name, rows in state["tables"].items() if name != "mocktill.counters"}
    box.reset()
    box.load({**state, "tables": {**tables, "mocktill.counters": {}}})
    second = got(nobody, **CLIENT)
    assert not {first["access_token"], first["refresh_token"]} & {second["access_token"], second["refresh_token"]}
    revoke(nobody, second["access_token"])
    assert works(nobody, first["access_token"])


def test_version(nobody: Client) -> None:
    """The version is told to anybody, in the published shape and spelling."""
    for headers in ({}, {"Authorization": "Bearer token-refused"}, {"Authorization": "Basic x"}):
        answer = nobody("GET", "/v1/version", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/vnd.api+json"
        body = answer.get_json()
        assert body["meta"] == {"title": "Kajabi API V1", "version": "1.1.0"}
        assert list(body) == ["meta", "links", "jsonapi"]
        assert list(body["jsonapi"]) == ["version", "specficiation"]
        assert answer.headers["Mocktill-Basis"] == "published"
