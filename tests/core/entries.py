"""Entries of a journal as tests need them: one that is whole, changed where a test says so, and any at all."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from mocktill.core.api import Violation
from mocktill.core.choices import Basis
from mocktill.core.entry import Entry, Remark, Struck
from mocktill.core.store import Change
from tests.conftest import NOW

WRONG = Violation(
    "error", "body", "/num_bought", "type", "integer", '"two"', "Deem Offers API, Purchases: Reserve a purchase"
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
"""Any text that UTF-8 can write."""
INSTANTS = st.datetimes(timezones=st.just(UTC))
BODIES = st.binary(max_size=40) | TEXT.map(str.encode)
ROWS = st.none() | st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | st.lists(TEXT, max_size=2), max_size=3
)
BASES = st.sampled_from(Basis)
VIOLATIONS = st.builds(Violation, st.sampled_from(["error", "warning"]), *[TEXT] * 6)
KINDS = st.sampled_from(["drop", "delay", "other"])
REMARKS = st.builds(Remark, INSTANTS, st.integers(0, 10**9), TEXT, TEXT, TEXT, TEXT)
ENTRIES = st.builds(
    Entry,
    id=st.integers(1, 10**9), at=INSTANTS, sandbox=TEXT, api=TEXT, operation=st.none() | TEXT,
    method=TEXT, path=TEXT, query=TEXT, request_headers=st.dictionaries(TEXT, TEXT, max_size=3),
    request_body=BODIES, status=st.integers(100, 599),
    response_headers=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple), response_body=BODIES, basis=BASES,
    violations=st.lists(VIOLATIONS, max_size=2).map(tuple),
    choices=st.lists(st.tuples(TEXT, TEXT, BASES), max_size=2).map(tuple),
    changes=st.lists(st.builds(Change, TEXT, TEXT, ROWS, ROWS), max_size=2).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple), base_url=TEXT,
    fault=st.none() | st.builds(Struck, TEXT, TEXT, st.booleans(), KINDS), lost=st.booleans(),
)  # fmt: skip
"""Any entry."""


def entry(number: int = 1, **other: Any) -> Entry:
    """Make an entry of one claim that went well, but for what is named."""
    fields: dict[str, Any] = {
        "id": number, "at": NOW, "sandbox": "default", "api": "deem", "operation": "claim_purchase",
        "method": "PUT", "path": "/v1/purchases/34063ec2/claim", "query": "api_key=***",
        "request_headers": {"host": "localhost", "content-type": "application/json"},
        "request_body": b'{"user_id":"ABC123"}', "status": 200,
        "response_headers": (("Content-Type", "application/json"),), "response_body": b'{"id":"34063ec2"}',
        "basis": Basis.DOCUMENTED, "violations": (), "choices": (), "changes": (), "notes": (),
        "base_url": "http://localhost:8080/deem",
    }  # fmt: skip
    return Entry(**{**fields, **other})
