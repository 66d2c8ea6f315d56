"""Texts of requests: whatever is in a value stays in its quotes, and what a client says by itself is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.core.api import Request
from mocktill.core.copies import call, fetch, limits, plain, python
from mocktill.core.literals import js, laid, lasts, py
from mocktill.core.sample import curl

TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    [
        "'",
        '"',
        "'\"",
        "\\",
        "\\'",
        '"""',
        "</script>",
        "<!--",
        "\u2028",
        "\u202e",
        "{x}",
        "%s",
        "\x00",
        "\ud800",
        "\r\n",
    ]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BASE = "http://localhost:8080/any"


def sent(method: str = "GET", path: str = "/a", query: str = "", body: bytes = b"", **headers: str) -> Request:
    """Return a request; an underscore in a header's name is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, path, query, named, body, BASE)


@given(VALUE)
def test_a_literal_of_python_is_the_value(value: Any) -> None:
    """Python reads the value that was meant, and nothing in it is invisible."""
    written = laid(value, py)
    assert eval(written, {}) == value
    assert all(line.isprintable() for line in written.split("\n"))


@given(VALUE)
def test_a_literal_of_javascript_is_the_value(value: Any) -> None:
    """It is JSON as well but for commas, has nothing invisible in it, and ends no tag of a page."""
    assert json.loads(js(value)) == value
    written = laid(value, js)
    assert all(line.isprintable() for line in written.split("\n"))
    assert not {"</", "<!"} & {written[place : place + 2] for place in range(len(written))}


@given(st.lists(TEXT, min_size=1, max_size=3).map("/".join), TEXT, TEXT)
def test_an_address_is_one_string(path: str, query: str, other: str) -> None:
    """Path and query stay within their string, with variables and without."""
    path, query = path.encode(errors="replace").decode(), query.encode(errors="replace").decode()
    request, _ = plain(sent(path=f"/{path}", query=f"a={query}"))
    asked: list[str] = []
    requests = type("", (), {"get": lambda address, **more: asked.append(address)})
    exec(call(request), {"requests": requests})
    exec(call(request, "url", {"no such value": "made"}), {"requests": requests, "url": BASE})
    assert asked[0] == asked[1]
    assert asked[0].isascii()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"a": [1, -1.5, None, True, "x"]}, True),
        (2**53 + 1, False),
        ({"a": [1.0]}, False),
        ([{"__proto__": 1}], False),
    ],
)
def test_what_javascript_keeps(value: Any, kept: bool) -> None:
    """A value that JavaScript would write otherwise is sent as the text that it was."""
    assert lasts(value) is kept


def test_headers_of_clients_are_left_out() -> None:
    """What each client says by itself is no part of a copy; what is no plain text is left out, and told."""
    own = {"host": "x", "content-length": "1", "user-agent": "me", "sec-fetch-mode": "cors", "accept": "*/*"}
    odd = {"prefer": " code=404 ", "x-odd": "é", "x-line": "a\nb"}
    request, said = plain(replace(sent(), headers={**own, **odd}))
    assert request.headers == {"prefer": "code=404"}
    assert said == tuple(f"the header '{name}' is left out: it is no plain text" for name in ("x-odd", "x-line"))


def test_a_body_that_curl_cannot_send() -> None:
    """With HEAD curl sends none: it would ask for two methods at once."""
    assert curl(sent("HEAD", body=b"a", content_type="a/b")) == f"curl -I -H 'Content-Type: a/b' {BASE}/a"
    assert list(limits(sent("HEAD", body=b"a"))) == ["curl and fetch send no body with HEAD"]


def test_a_body_that_no_shell_passes_on() -> None:
    """Bytes that are no text, or have a NUL, come from `printf`; text as it is."""
    assert curl(sent("POST", body=b"\xff%\\'-a\n", content_type="a/b")) == (
        f"printf '\\377\\045\\134\\047\\055a\\012' | curl -H 'Content-Type: a/b' --data-binary @- {BASE}/a"
    )
    assert curl(sent("POST", body=b"a\x00", content_type="a/b")).startswith("printf 'a\\000' | curl ")


def test_what_readers_would_write() -> None:
    """JSON, forms, users and methods are given as the clients take them."""
    form = "application/x-www-form-urlencoded"
    assert call(sent("PUT", body=b'{"a":true}', content_type="application/json")) == (
        f'requests.put("{BASE}/a", json={{"a": True}}, timeout=10)'
    )
    assert 'data={"a": "b c"}, timeout' in call(sent("POST", body=b"a=b+c", content_type=form))
    assert 'data=b"a=b%20c",' in call(sent("POST", body=b"a=b%20c", content_type=form))
    assert 'auth=("me", "it\'s")' in call(sent(authorization="Basic bWU6aXQncw=="))
    assert 'headers={"Authorization": "Basic ???"}' in call(sent(authorization="Basic ???"))
    assert "allow_redirects=False" in call(sent(), redirects=False)
    assert fetch(sent()) == f'await fetch("{BASE}/a")'
    assert python(sent(), sent()).count("answer = requests.get") == 2
