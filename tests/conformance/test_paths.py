"""Paths and methods that lead nowhere, or that are spelt oddly: the vendor's own 404 and 405, and no redirects."""

from __future__ import annotations

import pytest

from mocktill.core.app import VendorApp
from mocktill.core.errors import Malformed, NoRoute, WrongMethod
from mocktill.core.sample import show
from tests.conformance.world import Case, Vendor

INVENTED = ("BREW", "get", "M-SEARCH", "x" * 10_000)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", *INVENTED)
UNKNOWN = {
    "nothing": "",
    "the root": "/",
    "no prefix of its own": "/v999/purchases",
    "a word": "/nothing-is-here",
    "a file": "/favicon.ico",
    "the control API": "/_mocktill/health",
    "upwards": "/../../etc/passwd",
    "upwards, encoded": "/%2e%2e/%2e%2e/etc/passwd",
    "encoded slashes": "/%2F%2F%2F",
    "backslashes": "/..%5C..%5Cwindows",
    "a NUL": "/%00",
    "line breaks": "/a%0D%0ASet-Cookie:%20a=b",
    "invalid UTF-8": "/%ff%fe",
    "an overlong encoding": "/%c0%af",
    "a surrogate": "/%ed%a0%80",
    "emoji": "/%F0%9F%98%80",
    "half a percent": "/%",
    "spaces": "/%20%20",
    "a question mark": "/%3Fapi_key=1",
    "a template": "/{purchase_id}/<id>/%7B%7B7*7%7D%7D",
    "a sandbox within": "/~other/v1",
    "very long": "/" + "x" * 100_000,
    "very many parts": "/a" * 10_000,
    "only slashes": "/" * 1_000,
    "a semicolon": "/;jsessionid=1",
}
ARGUMENTS = {
    "unknown": "nobody-made-this",
    "empty text": "''",
    "a number": "0",
    "a negative number": "-1",
    "a huge number": "9" * 5_000,
    "invalid UTF-8": "%ff%fe%fd",
    "an overlong encoding": "%c0%80",
    "a surrogate": "%ed%a0%80",
    "a NUL": "a%00b",
    "line breaks": "a%0d%0ab",
    "white space": "%20",
    "a tab": "%09",
    "upwards": "..",
    "emoji": "%F0%9F%98%80",
    "combining": "e%CC%81",
    "right to left": "%E2%80%AE123",
    "percent signs": "%25%25s%25n",
    "braces": "%7Bbase_url%7D%7B0%7D",
    "quotes": "%22'%3E%3Cscript%3E",
    "plus": "a+b",
    "at": "nobody%40example.com",
    "at, raw": "nobody@example.com",
    "the suffix": ".json",
    "the suffix twice": "x.json.json",
    "very long": "x" * 100_000,
}
QUERIES = {
    "empty parts": "&&&=&=&&",
    "only names": "a&b&c",
    "many equals": "a====b",
    "repeated": "&".join(["a=1", "a=2"] * 20),
    "invalid UTF-8": "%ff=%fe",
    "raw bytes": "caf\xe9=\xff",
    "half a percent": "a=%&b=%z",
    "a NUL": "a=%00",
    "a surrogate": "a=%ed%a0%80",
    "plus": "a+b=c+d",
    "semicolons": "a=1;b=2",
    "brackets": "fields[purchases]=&fields[]=&fields[x][y]=&filter[a]=1",
    "encoded brackets": "fields%5Bpurchases%5D=%2C%2C%2C",
    "numbers": "page=0&page=-1&page=1e400&page=%D9%A1&per_page=" + "9" * 5_000,
    "unknown fields": "fields[purchases]=__class__,password,%00," + "x," * 5_000,
    "very long": "a=" + "x" * 100_000,
    "a long name": "x" * 100_000,
    "a question mark": "?a=1",
    "words that are taken": "__proto__=1&constructor=2&self=3&name=4",
    "braces": "a={base_url}&b=%7B0%7D",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_paths(vendor: Vendor, path: str) -> None:
    """A path of no operation gets the vendor's 404, with or without a credential; the journal names what is near."""
    case = vendor.case(vendor.api.operations[0].name)
    for sent in (case.sent(), case.sent(key=None)):
        answer = vendor.ask(sent(method="GET", path=f"/{vendor.api.name}{UNKNOWN[path]}", body=b""))
        assert answer.status == vendor.status_of(NoRoute, "GET")
        assert answer.entry.operation is None
        assert any("nearest" in note for note in answer.entry.notes)


def test_more_path(case: Case) -> None:
    """A path that goes on after an operation's leads nowhere, whatever the method."""
    sent = case.sent()
    for more in ("/and/on/and/on", "/%2e%2e/x/y", "//x"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = case.ask(sent(method=method, path=sent.path + more))
            assert answer.status == case.status_of(NoRoute, method)


def test_prefixes_of_others(case: Case) -> None:
    """An operation does not answer under a prefix that only other operations of its vendor have."""
    own = case.api.prefixes_of(case.operation)
    taken = {prefix + operation.path for operation in case.api.operations for prefix in case.api.prefixes_of(operation)}
    others = {prefix for operation in case.api.operations for prefix in case.api.prefixes_of(operation)} - {*own}
    for prefix in others:
        if prefix + case.operation.path not in taken:
            assert case.ask(case.sent(prefix=prefix)).entry.operation != case.operation.name


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method[:10])
def test_wrong_methods(case: Case, method: str) -> None:
    """A method that no operation has on this path gets the vendor's refusal; a 405 names those that there are."""
    sent = case.sent()
    app = VendorApp(case.shelf)
    allowed = app.url_map.bind("").allowed_methods(sent.path.removeprefix(f"/{case.api.name}"))
    answer = case.ask(sent(method=method))
    if method.upper() not in allowed:
        assert answer.status == case.status_of(WrongMethod, method)
        assert answer.entry.operation is None
        assert answer.status == 404 or set(answer.headers["Allow"].split(", ")) == set(allowed)


def test_a_method_may_not_be_overridden(case: Case) -> None:
    """No header and no parameter makes another method of the one that was sent."""
    sent = case.sent()
    answer = case.ask(sent(headers={"X-HTTP-Method-Override": "DELETE"}, query=sent.query + "&_method=DELETE"))
    assert answer.status == case.operation.status


def test_options_without_a_preflight(case: Case) -> None:
    """OPTIONS that is no preflight is a wrong method like any other."""
    answer = case.ask(case.sent()(method="OPTIONS", headers={"Origin": "http://localhost:3000"}))
    assert answer.status == case.status_of(WrongMethod, "OPTIONS")


def test_a_preflight(case: Case) -> None:
    """A preflight passes without a credential, and allows what it asks for."""
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": case.operation.method,
        "Access-Control-Request-Headers": "authorization, content-type, prefer",
    }
    status, headers, body = case.world.send(case.sent(key=None)(method="OPTIONS", headers=asked, body=b""))
    assert (status, body) == (204, b"")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == case.operation.method
    assert headers["Access-Control-Allow-Headers"] == asked["Access-Control-Request-Headers"]


def test_only_options_is_a_preflight(case: Case) -> None:
    """Any other method with the headers of a preflight is a request like any other."""
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}
    assert case.ask(case.sent()(headers=asked)).status == case.operation.status


def test_a_slash_at_the_end(case: Case) -> None:
    """A slash at the end is ignored; it never redirects."""
    sent = case.sent()
    assert case.ask(sent(path=sent.path + "/")).status == case.operation.status


def test_doubled_slashes(case: Case) -> None:
    """A slash that is doubled leads nowhere; it never redirects."""
    sent = case.sent()
    start = len(case.api.name) + 1
    for place in [place for place, letter in enumerate(sent.path) if letter == "/" and place >= start]:
        answer = case.ask(sent(path=f"{sent.path[:place]}/{sent.path[place:]}"))
        assert answer.status == case.unread(NoRoute), place


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_odd_arguments(case: Case, argument: str) -> None:
    """Whatever stands in a path where an id belongs, it is answered or refused."""
    sent = case.sent()
    for name in case.sample.args:
        marked = case.sent(**{name: "MARK"})
        answer = case.ask(marked(path=marked.path.replace("MARK", ARGUMENTS[argument]), body=sent.body))
        assert argument != "unknown" or 200 <= answer.status < 500


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_odd_arguments_are_generated_for(case: Case, argument: str) -> None:
    """A generated answer is valid whatever stands in the path."""
    for name in case.sample.args:
        marked = case.sent(**{name: "MARK"})(headers={"Prefer": "dynamic=true"})
        case.ask(marked(path=marked.path.replace("MARK", ARGUMENTS[argument])))


@pytest.mark.parametrize("query", QUERIES)
def test_odd_queries(case: Case, query: str) -> None:
    """A query parameter that is odd is ignored or refused."""
    sent = case.sent()
    case.ask(sent(query=f"{QUERIES[query]}&{sent.query}"))
    case.ask(sent(query=f"{sent.query}&{QUERIES[query]}"))
    case.ask(sent(query=QUERIES[query]))


@pytest.mark.parametrize("parameter", ["a=1", "a=%31", "a"])
def test_ten_thousand_parameters(case: Case, parameter: str) -> None:
    """More parameters than anybody has are malformed, and the credential does not matter."""
    sent = case.sent()
    answer = case.ask(sent(query="&".join([sent.query, *[parameter] * 10_000])))
    assert answer.status == case.means(Malformed)


def test_the_credential_given_twice(case: Case) -> None:
    """A parameter that is repeated counts once, the last one."""
    sent = case.sent()
    for name in show(case.api, case.key("active")).query:
        assert case.ask(sent(query=f"{name}=&{sent.query}")).status == case.operation.status
