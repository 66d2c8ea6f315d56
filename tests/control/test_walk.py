"""Every rule of the root app refuses whom it has to: it walks the URL map, so that no route is forgotten."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mocktill.control.app import INDEX, create_root, rule_of
from mocktill.control.guard import Guard
from mocktill.control.routes import ROUTES
from mocktill.control.site import is_site
from mocktill.core.sandboxes import Sandboxes
from tests.control.control import OPEN, hold_problem, places

TOKEN = "s3cret"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
ELSEWHERE = [("GET", "/nothing"), ("GET", "/_mocktill"), ("POST", "/_mocktill/nothing"), ("DELETE", "/_mocktill/reset")]
"""Unknown paths and wrong methods: nothing is told there either."""


@pytest.fixture
def guarded(sandboxes: Sandboxes) -> Flask:
    """The root app with a token."""
    return create_root(sandboxes, guard=Guard(TOKEN))


def ask(app: Flask, method: str, path: str, **more: Any) -> TestResponse:
    """Send one request."""
    return app.test_client().open(path, method=method, **more)


def closed(app: Flask) -> list[tuple[str, str]]:
    """Return what is not open to all."""
    return [place for place in (*places(app), *ELSEWHERE) if place[1] not in OPEN]


def refuse(answer: TestResponse, status: int) -> None:
    """Hold an answer to be this refusal; a HEAD has no body to look at."""
    assert answer.status_code == status, answer.text
    if answer.request.method != "HEAD":
        hold_problem(answer)


def test_the_url_map_is_the_table(app: Flask) -> None:
    """Flask has a rule for each row, the index and the site, and no other; no method comes by itself but HEAD."""
    rules = {
        (rule.endpoint, str(rule), frozenset(rule.methods or ()))
        for rule in app.url_map.iter_rules()
        if not is_site(rule.endpoint)
    }
    table = {
        (route.name, rule_of(route), frozenset({route.method, "HEAD"} if route.method == "GET" else {route.method}))
        for route in ROUTES
    }
    assert rules == {*table, (INDEX, "/", frozenset({"GET", "HEAD"}))}
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert {rule_of(route) for route in ROUTES if route.open} == OPEN


def test_nobody_asks_without_the_token(guarded: Flask) -> None:
    """Every route but health and ready, and every place that is none, is a 401 without the token or with another."""
    for method, path in closed(guarded):
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": f"Basic {TOKEN}"}):
            refuse(ask(guarded, method, path, headers=headers), 401)
            assert ask(guarded, method, path, headers=headers).headers["WWW-Authenticate"] == "Bearer"


def test_with_the_token_they_answer(guarded: Flask) -> None:
    """The token opens every route: whatever comes then is not the guard's."""
    for method, path in closed(guarded):
        assert ask(guarded, method, path, headers=SHOWN).status_code not in {401, 403, 500}, path


def test_every_route_compares_in_constant_time(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No route looks at the token in another way."""
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: False)
    for method, path in closed(guarded):
        refuse(ask(guarded, method, path, headers=SHOWN), 401)


def test_no_rebound_name_asks(app: Flask) -> None:
    """Without a token, a Host that is not this machine's is a 403 everywhere."""
    for method, path in closed(app):
        refuse(ask(app, method, path, headers={"Host": "evil.test"}), 403)


def test_no_foreign_page_asks(app: Flask) -> None:
    """A foreign Origin and another site's page are a 403 everywhere."""
    for method, path in closed(app):
        for headers in ({"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            refuse(ask(app, method, path, headers=headers), 403)


def test_no_form_is_sent(app: Flask) -> None:
    """What a form can send is a 415 wherever something could change."""
    for method, path in closed(app):
        for told in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            refuse(ask(app, method, path, data=b'{"a":1}', content_type=told), 415)


def test_refusals_change_nothing(guarded: Flask, sandboxes: Sandboxes) -> None:
    """Whoever is refused has made no sandbox and moved nothing."""
    before = sandboxes.default.state()
    for method, path in closed(guarded):
        ask(guarded, method, path, json={"name": "other"})
    assert sandboxes.default.state() == before
    assert [box.name for box, _ in sandboxes.all()] == ["default"]


@pytest.mark.parametrize("path", sorted(OPEN))
def test_health_and_ready_are_open_to_all(guarded: Flask, path: str) -> None:
    """They need no token and no Host that is known, as probes have neither; and they say one word."""
    answer = ask(guarded, "GET", path, headers={"Host": "10.0.0.1:8080", "Origin": "http://evil.test"})
    assert answer.status_code == 200
    assert list(answer.get_json()) == ["status"]


def test_nothing_is_allowed_to_pages(app: Flask) -> None:
    """There is no CORS header and no answer to a preflight: OPTIONS is a 405 everywhere."""
    for _, path in places(app):
        answer = ask(app, "OPTIONS", path, headers={"Access-Control-Request-Method": "POST"})
        refuse(answer, 405)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_head_is_answered_like_get(app: Flask) -> None:
    """Every GET has its HEAD, without a body."""
    for method, path in places(app):
        if method == "HEAD":
            got = ask(app, "GET", path)
            answer = ask(app, "HEAD", path)
            assert (answer.status_code, answer.content_type, answer.data) == (got.status_code, got.content_type, b"")
