"""Samples: what is shown of each operation passes, and the line that is copied is the request that was meant."""

from __future__ import annotations

import shlex
from dataclasses import replace

import orjson
import pytest

from mocktill.apis import BUILTIN
from mocktill.core.api import JSON, Api, Operation, Request, Sample
from mocktill.core.catalogue import Catalogue
from mocktill.core.engine import answer_at_once
from mocktill.core.sample import curl, pick, request, show, url
from mocktill.core.sandbox import Sandbox
from tests import toyvendor

APIS = (*BUILTIN, toyvendor.API)
CASES = [(api, operation) for api in APIS for operation in api.operations]
every_operation = pytest.mark.parametrize(
    ("api", "operation"), CASES, ids=[f"{api.name}.{operation.name}" for api, operation in CASES]
)
BASE = "http://localhost:8080/any"
UNTYPED = ("-H", "Content-Type:")


def sent(method: str = "GET", path: str = "/a", query: str = "", body: bytes = b"", **headers: str) -> Request:
    """Return a request."""
    return Request(method, path, query, headers, body, BASE)


@every_operation
def test_a_sample_passes(catalogue: Catalogue, api: Api, operation: Operation) -> None:
    """The sample of each operation, with the credential of its API, gets its success without a violation."""
    box = Sandbox(Catalogue([api]) if api is toyvendor.API else catalogue)
    shelf, found = box.catalogue.shelves[api.name], {}
    if operation.sample.after:
        first = api.operation(operation.sample.after)
        value = orjson.loads(answer_at_once(box, shelf, request(api, first, first.sample, BASE)).body)
        found = {name: pick(value, pointer) for name, pointer in operation.sample.taken.items()}
    made = request(api, operation, operation.sample, BASE, found)
    answer = answer_at_once(box, shelf, replace(made, headers={**made.headers, "user-agent": "a test"}))
    assert answer.entry is not None
    assert (answer.status, answer.entry.violations) == (operation.status, ())


@pytest.mark.parametrize(
    ("scheme", "headers", "query"),
    [
        ({"type": "apiKey", "in": "query", "name": "key"}, {}, {"key": "me"}),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"X-Key": "me"}, {}),
        ({"type": "http", "scheme": "basic"}, {"Authorization": "Basic bWU6"}, {}),
        ({"type": "http", "scheme": "bearer"}, {"Authorization": "Bearer me"}, {}),
        (None, {}, {}),
    ],
)
def test_how_a_credential_is_shown(scheme: JSON, headers: dict[str, str], query: dict[str, str]) -> None:
    """The first security scheme says how a credential is sent: where there is none, it is not."""
    security = {} if scheme is None else {"first": scheme, "second": {"type": "http", "scheme": "bearer"}}
    api = replace(toyvendor.API, dialect=replace(toyvendor.API.dialect, security=security))
    shown = show(api, "me")
    assert (shown.headers, shown.query) == (headers, query)


def test_a_request_is_encoded() -> None:
    """Arguments and parameters with odd characters come out as they were meant."""
    api, operation = toyvendor.API, toyvendor.API.operation("buy_ticket")
    sample = Sample({"show": "a b?#%/é"}, {"fields[x]": "1,2", "q": "a&b=c d"}, {"seats": 1})
    made = request(api, operation, sample, BASE)
    assert made.path == "/api/shows/a b?#%/é/tickets"
    assert made.args == {"show": "a b?#%/é"}
    assert url(made) == f"{BASE}/api/shows/a%20b%3F%23%25/%C3%A9/tickets?fields[x]=1,2&q=a%26b%3Dc%20d"
    assert made.headers == {"x-kiosk-key": "key-open", "content-type": "application/json"}
    assert made.parameters == {"fields[x]": "1,2", "q": "a&b=c d"}


def test_arguments_and_credential_of_ones_own() -> None:
    """Other arguments and another credential take the place of the sample's."""
    api, operation = toyvendor.API, toyvendor.API.operation("read_ticket")
    made = request(api, operation, operation.sample, BASE, {"number": "K-9"}, "mine")
    assert (made.path, made.args, made.headers) == ("/api/tickets/K-9", {"number": "K-9"}, {"x-kiosk-key": "mine"})


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (sent(), [f"{BASE}/a"]),
        (sent(query="a=1&b=2"), [f"{BASE}/a?a=1&b=2"]),
        (sent(query="f[x]=1"), ["-g", f"{BASE}/a?f[x]=1"]),
        (sent(path="/a/../b"), ["--path-as-is", f"{BASE}/a/../b"]),
        (sent("HEAD"), ["-I", f"{BASE}/a"]),
        (sent("DELETE"), ["-X", "DELETE", f"{BASE}/a"]),
        (sent("POST"), ["-X", "POST", f"{BASE}/a"]),
        (sent("POST", body=b"{}"), [*UNTYPED, "-d", "{}", f"{BASE}/a"]),
        (sent("GET", body=b"{}"), ["-X", "GET", *UNTYPED, "-d", "{}", f"{BASE}/a"]),
        (sent("POST", body=b"@/etc/passwd"), [*UNTYPED, "--data-raw", "@/etc/passwd", f"{BASE}/a"]),
        (sent("POST", body=b"-e';$(rm)"), [*UNTYPED, "-d", "-e';$(rm)", f"{BASE}/a"]),
        (sent(prefer=""), ["-H", "Prefer;", f"{BASE}/a"]),
        (sent(authorization="Basic bWU6"), ["-u", "me:", f"{BASE}/a"]),
        (sent(authorization="Bearer me"), ["-H", "Authorization: Bearer me", f"{BASE}/a"]),
        (sent(path="/it's $HOME"), [f"{BASE}/it%27s%20%24HOME"]),
    ],
)
def test_a_line_of_curl(made: Request, words: list[str]) -> None:
    """The line has what the request needs and nothing else; a shell reads the words that were meant."""
    line = curl(made)
    assert shlex.split(line) == ["curl", *words]
    assert "\n" not in line


def test_a_pointer_that_leads_nowhere() -> None:
    """A pointer picks from objects and arrays, and says where there is nothing."""
    assert pick({"a/b": [{"c": 1}]}, "/a~1b/0/c") == 1
    with pytest.raises(LookupError):
        pick({"a": []}, "/a/0")
