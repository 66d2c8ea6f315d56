"""The journal as an HTTP Archive, read as the specification has it."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from importlib.metadata import version
from typing import Any

import orjson
import pytest
from hypothesis import given

from mocktill.core.api import JSON
from mocktill.core.contract import own
from mocktill.core.entry import BODY, Entry, Struck
from mocktill.core.har import har
from tests.core.entries import ENTRIES, WRONG, entry

NEEDED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "log": {"version": str, "creator": dict, "entries": list},
    "creator": {"name": str, "version": str},
    "entry": {
        "startedDateTime": str, "time": (int, float), "request": dict, "response": dict, "cache": dict, "timings": dict,
    },
    "request": {
        "method": str, "url": str, "httpVersion": str, "cookies": list, "headers": list, "queryString": list,
        "headersSize": int, "bodySize": int,
    },
    "response": {
        "status": int, "statusText": str, "httpVersion": str, "cookies": list, "headers": list, "content": dict,
        "redirectURL": str, "headersSize": int, "bodySize": int,
    },
    "content": {"size": int, "mimeType": str},
    "timings": {"send": (int, float), "wait": (int, float), "receive": (int, float)},
    "pair": {"name": str, "value": str},
}  # fmt: skip
"""What HAR 1.2 does not call optional, by object, with its type."""
OPTIONAL: dict[str, set[str]] = {
    "log": {"browser", "pages", "comment"},
    "creator": {"comment"},
    "entry": {"pageref", "serverIPAddress", "connection", "comment"},
    "request": {"postData", "comment"},
    "response": {"comment"},
    "content": {"compression", "text", "encoding", "comment"},
    "timings": {"blocked", "dns", "connect", "ssl", "comment"},
    "pair": {"comment"},
}
"""What HAR 1.2 calls optional; anything else begins with an underscore."""


def read(name: str, value: JSON) -> None:
    """Read one object as the specification has it."""
    for field, kind in NEEDED[name].items():
        assert isinstance(value[field], kind), f"{name}.{field}"
    assert {f for f in value if not f.startswith("_")} <= {*NEEDED[name], *OPTIONAL[name]}


def read_log(archive: JSON) -> JSON:
    """Read a whole archive as the specification has it; return its entries."""
    log = archive["log"]
    read("log", log)
    read("creator", log["creator"])
    for one in log["entries"]:
        for name, value in (("entry", one), *[(part, one[part]) for part in ("request", "response", "timings")]):
            read(name, value)
        read("content", one["response"]["content"])
        for pair in (*one["request"]["headers"], *one["request"]["queryString"], *one["response"]["headers"]):
            read("pair", pair)
        assert datetime.fromisoformat(one["startedDateTime"]).tzinfo is not None
        assert one["time"] == sum(time for time in one["timings"].values() if time > 0)
    return log["entries"]


def archived(**other: Any) -> JSON:
    """Return the archive of one entry."""
    return read_log(har([entry(**other)]))[0]


@given(ENTRIES)
def test_every_entry_is_archived_as_the_specification_has_it(kept: Entry) -> None:
    """Whatever was asked and answered becomes an archive that obeys HAR 1.2, and our schema of it."""
    kept.base_url = "http://localhost"
    archive = orjson.loads(orjson.dumps(har([kept])))
    assert len(read_log(archive)) == 1
    assert own().explain("har", archive) == ()


def test_an_archive_says_who_made_it() -> None:
    """An empty journal is an archive too, of version 1.2, made by this version of Mocktill."""
    creator = {"name": "Mocktill", "version": version("mocktill")}
    assert har([]) == {"log": {"version": "1.2", "creator": creator, "entries": []}}


def test_a_request_is_archived() -> None:
    """URL, query and body are those of the request; what HAR has no word for has names of our own."""
    one = archived(violations=(WRONG,), query="api_key=***&a=1+2&b=")
    request = one["request"]
    assert request["url"] == "http://localhost:8080/deem/v1/purchases/34063ec2/claim?api_key=***&a=1+2&b="
    assert [(pair["name"], pair["value"]) for pair in request["queryString"]] == [
        ("api_key", "***"), ("a", "1 2"), ("b", ""),
    ]  # fmt: skip
    assert request["postData"] == {"mimeType": "application/json", "text": '{"user_id":"ABC123"}'}
    assert (request["bodySize"], request["headersSize"]) == (20, -1)
    assert (one["_entry"], one["_basis"], one["_operation"]) == (1, "documented", "deem.claim_purchase")
    assert (one["_fault"], one["_violations"][0]["pointer"]) == (None, "/num_bought")


def test_only_a_body_is_archived_as_one() -> None:
    """A request without a body has no `postData`."""
    assert "postData" not in archived(request_body=b"")["request"]


def test_an_answer_is_archived() -> None:
    """Status with its phrase, headers in their order, the body as text, and where a redirect leads."""
    response = archived(status=303, response_headers=(("Location", "/x"), ("A", "1"), ("A", "2")))["response"]
    assert (response["status"], response["statusText"], response["redirectURL"]) == (303, "See Other", "/x")
    assert [pair["value"] for pair in response["headers"]] == ["/x", "1", "2"]
    text = '{"id":"34063ec2"}'
    assert response["content"] == {"size": len(text), "mimeType": "application/octet-stream", "text": text}
    assert archived(status=299)["response"]["statusText"] == ""


def test_a_body_that_is_no_text_is_base64() -> None:
    """Bytes that are no UTF-8 are base64, and the archive says so."""
    one = archived(request_body=b"\xff", response_body=b"\xfe")
    assert (one["request"]["postData"]["_encoding"], one["response"]["content"]["encoding"]) == ("base64", "base64")
    assert b64decode(one["request"]["postData"]["text"]) == b"\xff"
    assert b64decode(one["response"]["content"]["text"]) == b"\xfe"


def test_the_size_of_what_was_cut_is_not_known() -> None:
    """A body that was cut when it was kept had more bytes than those."""
    one = archived(request_body=b"x" * BODY, response_body=b"x" * (BODY - 1))
    assert (one["request"]["bodySize"], one["response"]["bodySize"]) == (-1, BODY - 1)


def test_head_is_answered_without_a_body() -> None:
    """What GET would have been answered with never went over the wire."""
    response = archived(method="HEAD")["response"]
    assert (response["bodySize"], response["content"]["size"], response["content"]["text"]) == (0, 0, "")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            Struck("f1", "dropped the connection after the state changed"),
            "dropped the connection after the state changed",
        ),
        (None, "the client never got the whole answer"),
    ],
)
def test_a_lost_answer_has_status_0(fault: Struck | None, error: str) -> None:
    """An answer that the client never got is archived as browsers do: status 0, nothing in it, and why."""
    one = archived(fault=fault, lost=True)
    response = one["response"]
    assert (response["status"], response["_error"], response["headers"]) == (0, error, [])
    assert "text" not in response["content"]
    assert one["_fault"] == (fault and fault.sentence)


def test_a_fault_that_let_the_answer_through_is_named() -> None:
    """A late answer is an answer: the archive has it, and the fault beside it."""
    one = archived(fault=Struck("f1", "answered 2 s late"), notes=("a note", "another"))
    assert (one["response"]["status"], one["_fault"], one["comment"]) == (200, "answered 2 s late", "a note\nanother")
