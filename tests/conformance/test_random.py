"""Bodies that nobody thought of."""

from __future__ import annotations

import copy
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.test_bodies import body_places, changed
from tests.conformance.world import Case

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(value=VALUES)
def test_any_json(body_case: Case, value: Any) -> None:
    """Any JSON value is accepted or refused in the vendor's shape."""
    body_case.ask(body_case.sent()(body=orjson.dumps(value)))


@MANY
@given(body=st.binary(max_size=200))
def test_any_bytes(body_case: Case, body: bytes) -> None:
    """So are any bytes, as JSON and as a form."""
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        body_case.ask(body_case.sent()(body=body, headers={"Content-Type": kind}))


@MANY
@given(data=st.data())
def test_any_value_in_any_place(body_case: Case, data: st.DataObject) -> None:
    """So is a good body with another value in one place, and with a name that nobody knows beside it."""
    body = copy.deepcopy(body_case.sample.body)
    places = [path for path, _, _ in body_places(body_case)]
    if places:
        body = changed(body, data.draw(st.sampled_from(places)), data.draw(VALUES))
    body_case.ask(
        body_case.sent()(body=orjson.dumps(body | data.draw(st.dictionaries(st.text(), SCALARS, max_size=2))))
    )


@MANY
@given(value=st.text(max_size=60), more=st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_path_and_query(case: Case, value: str, more: str) -> None:
    """Any text where an id belongs, and any query, is accepted or refused in the vendor's shape."""
    for name in case.sample.args:
        if value:
            case.ask(case.sent(**{name: value.encode(errors="replace").decode()}))
    sent = case.sent()
    case.ask(sent(query=f"{sent.query}&{more}"))
