"""The root app: health, the list of APIs, and problem details for everything else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mocktill.control.app import create_root
from mocktill.control.guard import Guard
from mocktill.core.app import PROBLEM
from mocktill.core.catalogue import Catalogue
from mocktill.core.errors import Malformed, TooLarge
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes

SHOP = Guard(hosts=["shop.test"])
"""Lets the Host of these tests in, beside this machine's own."""


@pytest.fixture
def app(catalogue: Catalogue) -> Flask:
    """The root app alone, without a front door."""
    return create_root(Sandboxes(catalogue), guard=SHOP)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the root app."""
    return app.test_client()


@pytest.mark.parametrize("path", ["/_mocktill/health", "/_mocktill/health/"])
def test_health_says_that_it_is_alive(client: FlaskClient, path: str) -> None:
    """`health` is open to all and says nothing else."""
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert answer.content_type == "application/json"


def test_head_of_health(client: FlaskClient) -> None:
    """HEAD is answered like GET, as probes of load balancers ask."""
    answer = client.head("/_mocktill/health")
    assert (answer.status_code, answer.data) == (200, b"")


def test_the_index_lists_the_apis(client: FlaskClient, catalogue: Catalogue) -> None:
    """`/` names each API with the base URL under which the client reaches it."""
    listed = client.get("/", base_url="https://shop.test:8443/mount/").get_json()["apis"]
    assert [item["title"] for item in listed] == [api.title for api in catalogue.apis]
    assert [item["base_url"] for item in listed] == [
        f"https://shop.test:8443/mount/{api.name}" for api in catalogue.apis
    ]


def test_an_api_alone_is_listed_alone(catalogue: Catalogue) -> None:
    """With `only` neither the list nor an unknown path names another API, and the one is at the root."""
    client = create_root(Sandboxes(catalogue), "drip", SHOP).test_client()
    title = catalogue.shelves["drip"].api.title
    assert client.get("/", base_url="http://shop.test/~box/").get_json() == {
        "apis": [{"title": title, "base_url": "http://shop.test/~box"}]
    }
    detail = assert_problem(client.get("/_mocktill/nothing"), 404)
    assert detail == "Nothing is here. The API is at the root."


def assert_problem(answer: Any, status: int) -> str:
    """Hold an answer against RFC 9457; return its detail."""
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["title"]
    return str(problem["detail"])


@pytest.mark.parametrize("path", ["/nothing", "/_mocktill", "/_mocktill/nothing", "/static/x", "/deems/v1", "/%00"])
def test_nothing_here_names_the_apis(client: FlaskClient, path: str) -> None:
    """An unknown path is answered with problem details that say where the APIs are."""
    detail = assert_problem(client.get(path), 404)
    assert all(f"/{name}" in detail for name in ("deem", "drip", "supertab", "kajabi"))


@pytest.mark.parametrize("path", ["//_mocktill/health", "/_mocktill//health"])
def test_doubled_slashes_are_another_path(client: FlaskClient, path: str) -> None:
    """There is no redirect to a path with fewer slashes."""
    assert_problem(client.get("/", environ_overrides={"PATH_INFO": path}), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_a_wrong_method_is_said(client: FlaskClient, method: str) -> None:
    """A method that a route does not have gets problem details, and the methods that it has."""
    answer = client.open("/_mocktill/health", method=method)
    assert assert_problem(answer, 405) == "the methods here are GET, HEAD"
    assert answer.headers["Allow"] == "GET, HEAD"


def test_what_a_door_could_not_read_is_told(client: FlaskClient) -> None:
    """A problem that a door left in the environment is a 400, whatever was asked for."""
    answer = client.get("/_mocktill/health", environ_overrides={PROBLEM: Malformed("the Host header is no host")})
    assert assert_problem(answer, 400) == "the Host header is no host"


def test_too_large_a_body_is_told(client: FlaskClient) -> None:
    """A body that a door did not read for its size is a 413."""
    answer = client.post("/_mocktill/reset", environ_overrides={PROBLEM: TooLarge("over 1 bytes")})
    assert assert_problem(answer, 413) == "over 1 bytes"


def test_a_defect_of_a_call_is_a_problem_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that fails is logged and answered with problem details."""

    def fail(box: Sandbox) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr(Sandbox, "reset", fail)
    assert assert_problem(client.post("/_mocktill/reset"), 500) == "the sandbox failed; its log has the reason"


def test_a_defect_is_a_problem_too(app: Flask) -> None:
    """A route that fails is answered with problem details, without a word of the program's insides."""

    def fail() -> str:
        raise RuntimeError("the inner secret")

    app.add_url_rule("/fail", view_func=fail)
    detail = assert_problem(app.test_client().get("/fail"), 500)
    assert "inner secret" not in detail
