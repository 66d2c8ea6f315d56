"""Bodies: bytes become values, or are malformed in words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.api import FIELDS
from mocktill.core.bodies import media_type, read_form, read_json
from mocktill.core.errors import Malformed

PROPERTIES = {"n": {"type": "integer"}, "s": {"type": "string"}, "either": {"type": ["integer", "null"]}}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_json_is_read(value: Any) -> None:
    """A JSON body is its value, whatever white space is around it."""
    assert read_json(b" \n" + orjson.dumps(value) + b"\r\n") == value


@pytest.mark.parametrize("body", [b"", b" ", b"\n\t"])
def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    """No body counts as no parameters."""
    assert read_json(body) == {}


@pytest.mark.parametrize(
    "body",
    [b"{", b"{'a': 1}", b'{"a": NaN}', b'{"a": 1,}', b"\xff", b'"\xed\xa0\x80"', b'"\\ud800"', b"[" * 5000],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    """Broken JSON, broken UTF-8 and bottomless nesting say where they break."""
    with pytest.raises(Malformed) as caught:
        read_json(body)
    assert caught.value.detail


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"s=a+b%20c&n=12", {"s": "a b c", "n": 12}),
        (b"n=-3&s=7&other=8", {"n": -3, "s": "7", "other": "8"}),
        (b"n=1.5&either=4", {"n": "1.5", "either": "4"}),
        (b"n=&s=", {"n": "", "s": ""}),
        (b"n=" + b"9" * 19, {"n": "9" * 19}),
        ("n=\u0661".encode(), {"n": "\u0661"}),
        (b"s=1&s=2", {"s": "2"}),
    ],
)
def test_a_form_is_read(body: bytes, fields: dict[str, Any]) -> None:
    """Fields are texts, and integers where the schema says so and they are; the last of a name counts."""
    assert read_form(body, PROPERTIES) == fields


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join(b"a=%d" % number for number in range(FIELDS + 1))])
def test_what_is_no_form_is_malformed(body: bytes) -> None:
    """Broken UTF-8 and too many fields are malformed."""
    with pytest.raises(Malformed, match="not a form"):
        read_form(body, {})


@pytest.mark.parametrize(
    ("header", "found"),
    [("Application/JSON; charset=utf-8", "application/json"), (" text/plain ", "text/plain")],
)
def test_the_media_type_is_without_parameters(header: str, found: str) -> None:
    """A media type is compared in lower case and without what follows it."""
    assert media_type({"content-type": header}) == found
    assert media_type({}) == ""
