"""An entry and a remark as JSON, and back."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote, urlsplit

import orjson
import pytest
from hypothesis import given

from mocktill.core.api import Violation
from mocktill.core.choices import Basis
from mocktill.core.contract import own
from mocktill.core.entry import BODY, Entry, Remark, Struck, violation_json, violation_of
from mocktill.core.store import Change
from tests.conftest import NOW
from tests.core.entries import ENTRIES, REMARKS, VIOLATIONS, WRONG, entry


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was(kept: Entry) -> None:
    """Whoever reads an entry as JSON over a wire holds the same value, and the JSON obeys its schema."""
    value = orjson.loads(orjson.dumps(kept.to_json()))
    assert Entry.of(value) == kept
    assert own().explain("entry", value) == ()


@given(REMARKS)
def test_a_remark_comes_back_as_it_was(remark: Remark) -> None:
    """A remark survives the wire as well."""
    value = orjson.loads(orjson.dumps(remark.to_json()))
    assert Remark.of(value) == remark
    schema = {"$ref": "entry.json#/$defs/remark"}
    assert set(own().resolve("entry", schema)[1]["properties"]) == set(value)


@given(VIOLATIONS)
def test_a_violation_comes_back_as_it_was(violation: Violation) -> None:
    """A violation survives the wire as well."""
    assert violation_of(orjson.loads(orjson.dumps(violation_json(violation)))) == violation


def test_an_entry_reads_as_documented() -> None:
    """The JSON of an entry has these names, instants in RFC 3339 and each body as text."""
    kept = entry(
        7,
        violations=(WRONG,),
        choices=(("deem.claim_twice", "conflict", Basis.ASSUMED),),
        changes=(Change("deem.purchases", "34063ec2", None, {"state": "fulfilled"}),),
        notes=("a note",),
        fault=Struck("f1", "the answer was lost after the state changed"),
        lost=True,
    )
    assert kept.to_json() == {
        "id": 7,
        "at": "2026-03-02T12:00:00.000000Z",
        "sandbox": "default",
        "api": "deem",
        "operation": "claim_purchase",
        "request": {
            "method": "PUT",
            "path": "/v1/purchases/34063ec2/claim",
            "query": "api_key=***",
            "url": "http://localhost:8080/deem/v1/purchases/34063ec2/claim?api_key=***",
            "headers": {"host": "localhost", "content-type": "application/json"},
            "body": '{"user_id":"ABC123"}',
        },
        "response": {
            "status": 200,
            "headers": [["Content-Type", "application/json"]],
            "body": '{"id":"34063ec2"}',
        },
        "basis": "documented",
        "violations": [
            {
                "severity": "error",
                "at": "body",
                "pointer": "/num_bought",
                "rule": "type",
                "expected": "integer",
                "got": '"two"',
                "source": "Deem Offers API, Purchases: Reserve a purchase",
            }
        ],
        "choices": [{"name": "deem.claim_twice", "value": "conflict", "basis": "assumed"}],
        "changes": [{"table": "deem.purchases", "key": "34063ec2", "before": None, "after": {"state": "fulfilled"}}],
        "notes": ["a note"],
        "fault": {
            "id": "f1",
            "sentence": "the answer was lost after the state changed",
            "undone": False,
            "kind": "other",
        },
        "lost": True,
    }


def test_what_is_not_utf_8_is_base64() -> None:
    """A body that is no text, be it for a cut in the middle of a letter, is base64 and says so."""
    whole = ("x" * (BODY - 1) + "é").encode()
    for body in (b"\xff\x00", whole[:BODY]):
        value = entry(request_body=body, response_body=body).to_json()
        for part in (value["request"], value["response"]):
            assert (part["body"], part["body_encoding"]) == (b64encode(body).decode(), "base64")


def test_more_than_an_entry_is_left_aside() -> None:
    """One entry of the control API says more, and is the same entry."""
    kept = entry()
    assert Entry.of({**kept.to_json(), "nearest": [], "passing": None}) == kept


@pytest.mark.parametrize("path", ["/v1/a b", "/v1/ü", "/v1/a?b#c", "/v1/100%", "/v1/\n", "/v1/a:b@c;d=e,f+g", ""])
def test_the_url_is_one(path: str) -> None:
    """Whatever stands in a path is written so that the URL leads there again."""
    parts = urlsplit(entry(path=path, query="a=1").url)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("http", "localhost:8080", "a=1", "")
    assert unquote(parts.path) == f"/deem{path}"


def test_an_entry_is_named_by_api_and_operation() -> None:
    """The full name has the API before it; without an operation there is but the API, and the entry is unmatched."""
    assert (entry().full_name, entry().unmatched) == ("deem.claim_purchase", False)
    assert (entry(operation=None).full_name, entry(operation=None).unmatched) == ("deem", True)


def test_what_becomes_json_is_a_copy() -> None:
    """Whoever changes the JSON does not change the journal."""
    kept = entry()
    kept.to_json()["request"]["headers"].clear()
    assert kept == entry(at=NOW)
