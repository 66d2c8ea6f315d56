"""A client of the control API that holds every answer against the contract: the status, the type and the schema."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder, TestResponse

from mocktill.control.ask import Route
from mocktill.control.described import statuses_of
from mocktill.control.routes import ROUTES
from mocktill.control.site import is_site
from mocktill.core.app import CONTROL, SANDBOX_NAME
from mocktill.core.contract import own
from mocktill.core.sandboxes import Sandboxes

BY_NAME = {route.name: route for route in ROUTES}


class Control:
    """Asks the control API of a root app about one sandbox: `control("POST", "/clock", {"advance": "5m"})`."""

    def __init__(self, app: Flask, sandboxes: Sandboxes, name: str = "default") -> None:
        self.app = app
        self.sandboxes = sandboxes
        self.name = name
        self._client = app.test_client()

    def of(self, name: str) -> Control:
        """Return a client for another sandbox."""
        return Control(self.app, self.sandboxes, name)

    def __call__(self, method: str, path: str, body: Any = None, *, environ: Any = None, **more: Any) -> TestResponse:
        """Ask; the body is sent as JSON unless it is None."""
        if body is not None:
            more["json"] = body
        given = {SANDBOX_NAME: self.name, **(environ or {})}
        answer = self._client.open(CONTROL + path, method=method, environ_overrides=given, **more)
        self._hold(method, CONTROL + path, answer)
        return answer

    def get(self, path: str) -> Any:
        """Return the document that a GET answers; it has to succeed."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Return what is answered; it has to succeed."""
        answer = self(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.get_json() if answer.data else None

    def refused(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Return the problem that a call is refused with, with this status."""
        answer = self(method, path, body, **more)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def route(self, method: str, path: str) -> Route | None:
        """Return the route that a request is for, if there is one."""
        built = EnvironBuilder(path.partition("?")[0], method=method)
        try:
            endpoint, _ = self.app.url_map.bind_to_environ(built.get_environ()).match()
        except HTTPException:
            return None
        return BY_NAME.get(endpoint)

    def _hold(self, method: str, path: str, answer: TestResponse) -> None:
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        route = self.route(method, path)
        if answer.status_code >= 400:
            hold_problem(answer)
            assert route is None or answer.status_code in statuses_of(route), answer.text
            return
        assert route is not None
        assert answer.status_code == route.status
        if route.media:
            assert answer.mimetype in route.media
        elif route.response is None:
            assert answer.data == b""
        elif method != "HEAD":
            assert answer.content_type == "application/json"
            assert not own().check(route.response, answer.get_json())


def hold_problem(answer: TestResponse) -> None:
    """Hold an answer against RFC 9457 and our schema of it."""
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert not own().check("problem", problem)
    assert problem["status"] == answer.status_code


def places(app: Flask) -> list[tuple[str, str]]:
    """Return method and path of every rule of an app but the site's, its variables filled: none can be forgotten."""
    found = []
    for rule in app.url_map.iter_rules():
        if is_site(rule.endpoint):
            continue
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: VALUES[name[1]], str(rule))
        found += [(method, filled) for method in sorted(rule.methods or ())]
    return found


VALUES = {
    "api": "deem",
    "schema": "purchase",
    "table": "deem.deals",
    "key": "1",
    "snapshot": "a",
    "sandbox": "a",
    "fault": "1",
    "preset": "slow",
    "panel": "deals",
    "act": "kajabi.pay_instalment",
    "entry": "1",
    "scenario": "reserve-claim",
    "operation": "get_purchase",
}
OPEN = {f"{CONTROL}/health", f"{CONTROL}/ready"}
