"""Who may steer: token, Host, Origin, site and content type, as values."""

from __future__ import annotations

import hmac
from typing import Any

import pytest

from mocktill.control.guard import Guard, name_of

LOCAL = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "localhost:8080"}


def status(guard: Guard, **environ: str) -> int:
    """Return the status with which a request is refused, 200 where it is not."""
    problem = guard.check({**LOCAL, **environ})
    return 200 if problem is None else problem.status


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LOCALHOST", "localhost.", "localhost.:80", "127.0.0.1:1", "[::1]", "[::1]:8080"],
)
def test_this_machine_may_be_asked_by_its_own_names(host: str) -> None:
    """Without a token a Host that is this machine passes, whatever its port, case and dot at the end."""
    assert status(Guard(), HTTP_HOST=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.test", "localhost.evil.test", "evil.localhost", "127.0.0.1.evil.test", "127.0.0.2", "127.1", "[::2]",
        "localhost..", "0.0.0.0", "[::1", "[::1].evil.test:80", "localhost@evil.test", "evil.test:localhost", "host",
    ],
)  # fmt: skip
def test_a_rebound_name_is_refused(host: str) -> None:
    """A page whose name was made to lead here cannot ask: its Host is not this machine's."""
    assert status(Guard(), HTTP_HOST=host) == 403


def test_a_host_is_required() -> None:
    """Without a Host, and without a token, nobody is let in; the refusal says what to do."""
    problem = Guard().check({"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http"})
    assert problem is not None
    assert problem.status == 403
    assert "--allow-host" in problem.detail


@pytest.mark.parametrize("allowed", ["mocktill", "MockTill.", "mocktill:9000"])
def test_a_host_can_be_allowed(allowed: str) -> None:
    """Names that were allowed pass beside this machine's own."""
    guard = Guard(hosts=[allowed])
    assert [status(guard, HTTP_HOST=host) for host in ("mocktill:8080", "localhost", "mocktill2")] == [200, 200, 403]


@pytest.mark.parametrize("shown", ["Bearer s3cret", "bearer s3cret", "BEARER   s3cret ", " Bearer s3cret"])
def test_a_token_is_shown_as_a_bearer(shown: str) -> None:
    """The scheme is read in any case, and the token as it is; a Host of any name passes then."""
    assert status(Guard("s3cret"), HTTP_AUTHORIZATION=shown, HTTP_HOST="anywhere.test") == 200


@pytest.mark.parametrize(
    "shown",
    [
        "", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crett", "Bearer S3CRET", "s3cret", "Basic s3cret",
        "Bearer s3cret,Bearer s3cret", "Bearer \xff\xfe", "Bearer \ud800", "Bearer \x00", "Bearer s3cret\x00",
        "Bearer " + "x" * 100_000,
    ],
)  # fmt: skip
def test_a_wrong_token_is_refused(shown: str) -> None:
    """Anything else is a 401 that says how, whatever bytes came; a local Host does not help."""
    problem = Guard("s3cret").check({**LOCAL, "HTTP_AUTHORIZATION": shown})
    assert problem is not None
    assert (problem.status, problem.headers) == (401, (("WWW-Authenticate", "Bearer"),))
    assert "Authorization: Bearer" in problem.detail
    assert "s3cret" not in problem.detail


def test_no_header_is_no_token() -> None:
    """Whoever shows nothing is refused."""
    assert status(Guard("s3cret")) == 401


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison tells nobody how far a guess was right."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: Any, b: Any) -> bool:
        compared.append((a, b))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert status(Guard("s3cret"), HTTP_AUTHORIZATION="Bearer s3cret") == 401
    assert compared == [(b"s3cret", b"s3cret")]


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "ä", "\x7f"])
def test_a_token_that_no_header_carries_is_refused(token: str) -> None:
    """A token is of printable ASCII; an empty one would let everybody in."""
    with pytest.raises(ValueError, match="printable"):
        Guard(token)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8080", "localhost:8080", "http"),
        ("HTTP://LOCALHOST:8080", "localhost:8080", "http"),
        ("http://localhost", "localhost:80", "http"),
        ("http://localhost:80", "localhost", "http"),
        ("https://localhost", "localhost:443", "https"),
        ("http://[::1]:8080", "[::1]:8080", "http"),
    ],
)
def test_the_own_origin_passes(origin: str, host: str, scheme: str) -> None:
    """A page that this server sent may ask it."""
    assert status(Guard(), HTTP_ORIGIN=origin, HTTP_HOST=host, **{"wsgi.url_scheme": scheme}) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "http://evil.test", "http://localhost", "http://localhost:8081", "https://localhost:8080",
        "http://127.0.0.1:8080", "http://localhost:8080.evil.test", "http://localhost:8080,http://localhost:8080",
        "file://", "localhost:8080", "http://evil.test:8080", "http://localhost:8080/", "http://a@localhost:8080",
    ],
)  # fmt: skip
@pytest.mark.parametrize("token", [None, "s3cret"])
def test_a_foreign_origin_is_refused(origin: str, token: str | None) -> None:
    """A page of another origin may not ask, not even with the token."""
    assert status(Guard(token), HTTP_ORIGIN=origin, HTTP_AUTHORIZATION="Bearer s3cret") == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "CROSS-SITE", "other"])
def test_another_sites_page_is_refused(site: str) -> None:
    """What a browser sends for another site's page is refused, also without an Origin: an image, say."""
    guard = Guard()
    assert status(guard, HTTP_SEC_FETCH_SITE=site) == 403
    assert status(guard, HTTP_SEC_FETCH_SITE=site, HTTP_SEC_FETCH_MODE="no-cors") == 403
    assert status(guard, HTTP_SEC_FETCH_SITE=site, HTTP_SEC_FETCH_MODE="navigate") == 200
    assert status(guard, HTTP_SEC_FETCH_SITE=site, HTTP_SEC_FETCH_MODE="navigate", REQUEST_METHOD="POST") == 403


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_the_address_bar_and_the_own_page_pass(site: str) -> None:
    """Typing the address, and the console itself, are no other site."""
    assert status(Guard(), HTTP_SEC_FETCH_SITE=site) == 200


@pytest.mark.parametrize("told", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_json_passes(told: str, method: str) -> None:
    """JSON is the one content type, with parameters or without."""
    assert status(Guard(), REQUEST_METHOD=method, CONTENT_TYPE=told, CONTENT_LENGTH="2") == 200


@pytest.mark.parametrize(
    "told",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
        "text/plain; application/json", "application/problem+json", ";", "text/plain,application/json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", ["", "0", "2"])
def test_what_a_form_can_send_is_refused(told: str, length: str) -> None:
    """A content type that a page can send without asking is a 415, even where no body comes."""
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert status(Guard(), REQUEST_METHOD=method, CONTENT_TYPE=told, CONTENT_LENGTH=length) == 415
    assert status(Guard(), CONTENT_TYPE=told, CONTENT_LENGTH=length) == (415 if length == "2" else 200)


@pytest.mark.parametrize("announced", [{"CONTENT_LENGTH": "2"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_body_says_what_it_is(announced: dict[str, str]) -> None:
    """A body without a content type is refused; no body needs none."""
    assert status(Guard(), REQUEST_METHOD="POST", **announced) == 415
    assert status(Guard(), REQUEST_METHOD="POST", CONTENT_LENGTH="0") == 200
    assert status(Guard(), REQUEST_METHOD="POST") == 200


@pytest.mark.parametrize(
    ("host", "name"), [("A.b.:80", "a.b"), (" x ", "x"), ("[::1]:80", "[::1]"), ("", ""), (":80", "")]
)
def test_the_name_of_a_host(host: str, name: str) -> None:
    """A name is what is left of a Host without port, case and the dot at its end."""
    assert name_of(host) == name
