"""Whatever is sent, the control API stays in its place: hostile names, bodies and values, at every place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from mocktill.control.ask import Route
from mocktill.control.described import statuses_of
from mocktill.control.routes import ROUTES
from mocktill.core.app import BODY_LIMIT, CONTROL, UPLOAD_LIMIT
from mocktill.core.contract import own
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests.control.control import VALUES, Control, hold_problem

WITH_BODY = [route for route in ROUTES if route.body]
WITH_QUERY = [route for route in ROUTES if route.query]
WITH_NAMES = [route for route in ROUTES if "{" in route.path]
each_body = pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
each_name = pytest.mark.parametrize("route", WITH_NAMES, ids=lambda route: route.name)
JSON = {"content_type": "application/json"}
PATH_LIKE = [
    ".", "..", "../a", "a/../b", "..\\a", "..%5ca", "%2e%2e", "%252e%252e", "%2e%2e%2f", "a\x00", "\x00", "a\n", "a b",
    "/etc/passwd", "//a", "a/", "~a", "a" * 65, "default/../b", "default\\", "C:\\a", "\uff41", "ä", "\u202e",
    "a;b", "$a",
    "{a}", "<a>", "*", "", " ", "file:///a", "a?b", "a#b", "%00", "..;/a", "....//a",
]  # fmt: skip
NAMED = [("GET", "/state"), ("GET", "/openapi/mocktill.json"), ("POST", "/reset"), ("PUT", "/snapshots/a")]
WRONG: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e300, -1e-300, 10**18, "", "x", "\x00", "ä\U0001f600", "x" * 3_000, [], [[]], {},
    {"": {}}, [None], "2026-13-45T99:99:99Z", "-P1D", "P99999999999D", "9" * 400, "../..", "NaN", "1e400",
]  # fmt: skip
"""Put in the place of every value of every example."""


@pytest.fixture
def door(sandboxes: Sandboxes) -> Client:
    """A client of the whole: front door, vendors and control API."""
    return Client(create_app(sandboxes))


def path_of(route: Route, **other: str) -> str:
    """Return the path of a route below the prefix, its variables filled."""
    return route.path.format(**{**VALUES, **other})


def raw(path: str) -> str:
    """Return a path as WSGI has it: its bytes as if they were Latin-1."""
    return path.encode().decode("latin-1")


def filled(route: Route) -> Iterator[str]:
    """Yield paths of a route with each of its variables path-like in turn, once and doubly encoded, and decoded."""
    for name in VALUES:
        if f"{{{name}}}" in route.path:
            for value in PATH_LIKE:
                for written in {value, quote(value, safe=""), quote(quote(value, safe=""), safe="")}:
                    yield path_of(route, **{name: written})


# names


@each_name
def test_names_stay_in_their_place(route: Route, door: Client, sandboxes: Sandboxes) -> None:
    """A path-like name reaches nothing: it is refused, or is a key or a preset that there is not."""
    before = sandboxes.default.state()
    for path in filled(route):
        body = b'{"free": 1}' if route.name == "change_row" else b"{}"
        sent: dict[str, Any] = {} if route.method == "GET" or route.optional else {"data": body, **JSON}
        answer = door.open("/", method=route.method, environ_overrides={"PATH_INFO": raw(CONTROL + path)}, **sent)
        assert answer.status_code in {404, 405, 422}, (path, answer.text)
        hold_problem(answer)
    assert sandboxes.default.state() == before
    assert [box.name for box, _ in sandboxes.all()] == ["default"]
    assert sandboxes.default.snapshots.names() == []


@pytest.mark.parametrize("name", PATH_LIKE)
def test_a_snapshot_has_a_plain_name(control: Control, name: str) -> None:
    """What is no name saves nothing, and the answer is a refusal."""
    answer = control("PUT", f"/snapshots/{quote(name, safe='')}")
    assert answer.status_code in {404, 405, 422}
    assert control.get("/snapshots") == {"snapshots": []}


@pytest.mark.parametrize("name", PATH_LIKE)
@pytest.mark.parametrize(("method", "path"), NAMED)
def test_a_sandbox_has_a_plain_name(door: Client, sandboxes: Sandboxes, method: str, path: str, name: str) -> None:
    """What is no name makes no sandbox and steers none, in the path or in the header."""
    for written in (name, quote(name, safe="")):
        asked = {"PATH_INFO": raw(f"/~{written}{CONTROL}{path}")}
        assert door.open("/", method=method, environ_overrides=asked).status_code in {404, 405, 422}
    asked = {"PATH_INFO": CONTROL + path, "HTTP_MOCKTILL_SANDBOX": raw(name)}
    answer = door.open("/", method=method, environ_overrides=asked)
    assert answer.status_code == 422 or name == ""
    assert [box.name for box, _ in sandboxes.all()] == ["default"]


@pytest.mark.parametrize("path", ["/state/deem.deals/../../reset", "/snapshots/../reset", "/../_mocktill/reset"])
def test_dots_are_not_followed(door: Client, path: str) -> None:
    """A path with dots in it is that path, and no other."""
    answer = door.open("/", method="POST", environ_overrides={"PATH_INFO": CONTROL + path})
    assert answer.status_code in {404, 405}


# bodies


@each_body
@pytest.mark.parametrize(
    "body",
    [
        b"{", b"}", b"nul", b"NaN", b'{"a": NaN}', b"Infinity", b'{"a": -Infinity}', b"1e999",
        b'"\\ud800"', b"\xff\xfe",
        b'{"a": "\xed\xa0\x80"}', b"{'a': 1}", b"{} {}", b"// x\n{}", b" ", b"\n\t", b"\x00", b"\xef\xbb\xbf{}",
        b"[" * 100_000, b'{"a":' * 100_000, b"[" * 80 + b"]" * 80, b'{"a":' * 80 + b"1" + b"}" * 80,
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_json_is_refused(control: Control, route: Route, body: bytes) -> None:
    """Broken, endless, too deep or blank: a 400 that says so, and nothing happens."""
    before = control.get("/state")
    answer = control(route.method, path_of(route), data=body, **JSON)
    assert answer.status_code == 400, answer.text
    assert control.get("/state") == before


@each_body
def test_bodies_are_bounded(control: Control, route: Route) -> None:
    """A body over the limit is a 413, whether it says its length or not; a state may be larger."""
    limit = UPLOAD_LIMIT if route.scene else BODY_LIMIT
    path = path_of(route)
    body = b'{"a": "' + b"x" * limit + b'"}'
    assert control(route.method, path, data=body, **JSON).status_code == 413
    unsaid = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert control(route.method, path, data=body, environ=unsaid, **JSON).status_code == 413
    for length in ("-1", "1x", "9" * 30, "\u0661"):
        answer = control(route.method, path, data=b"{}", environ={"CONTENT_LENGTH": length}, **JSON)
        assert answer.status_code in {400, 413}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method != "GET" and not route.body])
def test_what_is_not_asked_for_is_refused(control: Control, route: Route) -> None:
    """A call without a body takes none but an empty object."""
    unasked: list[Any] = [{"a": 1}, [], 1, "x", [{}]]
    for body in unasked:
        assert control.refused(422, route.method, path_of(route), body)
    assert control(route.method, path_of(route), {}).status_code != 422 or route.name == "delete_sandbox"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_no_unknown_parameter(control: Control, route: Route) -> None:
    """A parameter that a call does not have is refused: a misspelt one is not passed over."""
    body = own().documents[route.body]["examples"][0] if route.body else None
    problem = control.refused(422, route.method, f"{path_of(route)}?limti=1", body)
    assert "/limti" in [found["pointer"] for found in problem["violations"]]


def spots(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value in a document."""
    yield place
    if isinstance(value, dict):
        for name, part in value.items():
            yield from spots(part, (*place, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from spots(part, (*place, number))


def put(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    return changed


def settled(answer: TestResponse, route: Route) -> None:
    """Hold an answer to be one that the contract names: an answer, or a problem, and never a defect."""
    assert answer.status_code in {route.status, *statuses_of(route)}, answer.text


@each_body
def test_wrong_values_everywhere(control: Control, route: Route) -> None:
    """Each value of each example, replaced by what it is not: an answer or a refusal, and never a defect."""
    control.ok("PUT", "/snapshots/start")
    for example in own().documents[str(route.body)]["examples"]:
        for place in spots(example):
            for wrong in WRONG:
                settled(control(route.method, path_of(route), put(example, place, wrong)), route)
                if isinstance(wrong, str) and place and isinstance(place[-1], str):
                    settled(control(route.method, path_of(route), put(example, (*place[:-1], wrong), 1)), route)
        control.ok("POST", "/reset")
        control.ok("POST", "/snapshots/start/restore")


def test_an_unknown_property_is_refused_everywhere(control: Control) -> None:
    """No object of a request takes a property that it does not have, but for the fields of rows and of our choice."""
    for route in WITH_BODY:
        for example in own().documents[str(route.body)]["examples"]:
            if route.name not in {"change_row", "set_choices"}:
                problem = control.refused(422, route.method, path_of(route), {**example, "unheard_of": 1})
                assert {found["severity"] for found in problem["violations"]} == {"error"}


# values


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@each_body
@often
@given(data=st.data())
def test_any_json(control: Control, route: Route, data: st.DataObject) -> None:
    """Any JSON at all, and any under the names that a body has, is answered or refused."""
    names = [*own().properties(str(route.body)), "steps", "when", "what", "version", "tables"]
    body = data.draw(VALUE | st.dictionaries(st.sampled_from(names), VALUE, max_size=4))
    answer = control(route.method, path_of(route), data=json.dumps(body).encode(), **JSON)
    settled(answer, route)


@pytest.mark.parametrize("route", WITH_QUERY, ids=lambda route: route.name)
@often
@given(data=st.data())
def test_any_query(control: Control, route: Route, data: st.DataObject) -> None:
    """Any parameters at all are answered or refused."""
    names = st.sampled_from(list(own().properties(str(route.query)))) | TEXT
    values = TEXT | st.sampled_from(["true", "1", "-1", "4xx", "deem", "5s", "has", "*", "[", "(?", "\\"])
    query = data.draw(st.lists(st.tuples(names, values), max_size=4))
    text = "&".join(f"{quote(name)}={quote(value)}" for name, value in query)
    settled(control("GET", f"{route.path}?{text}"), route)


@each_name
@often
@given(data=st.data())
def test_any_name(control: Control, route: Route, data: st.DataObject) -> None:
    """Any text in the place of a name is answered or refused."""
    names = [name for name in VALUES if f"{{{name}}}" in route.path]
    drawn = {name: quote(data.draw(TEXT.filter(bool)), safe="") for name in names}
    answer = control(route.method, path_of(route, **drawn))
    assert answer.status_code < 500
