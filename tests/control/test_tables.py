"""The tables of a sandbox and their rows, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.control.control import Control


def test_every_table_is_listed(control: Control, box: Sandbox) -> None:
    """Each table that a state may have is told with its API and its rows; those of a scene are among them."""
    listed = {table["name"]: table for table in control.get("/tables")["tables"]}
    assert set(control.get("/state")["tables"]) <= set(listed)
    assert listed["deem.deals"] == {"name": "deem.deals", "api": "deem", "rows": len(box.table("deem.deals"))}
    assert listed["mocktill.settings"] == {"name": "mocktill.settings", "api": "mocktill", "rows": 1}


def test_every_table_can_be_read(control: Control) -> None:
    """The rows of each table are those of the state, masked as there, whole and in the order of their keys."""
    state = control.get("/state")["tables"]
    for table in control.get("/tables")["tables"]:
        told = control.get(f"/state/{table['name']}?limit=500")
        assert (told["table"], told["total"], told["offset"]) == (table["name"], table["rows"], 0)
        assert {row["key"]: row["row"] for row in told["rows"]} == state.get(table["name"], {})
        assert [row["key"] for row in told["rows"]] == sorted(row["key"] for row in told["rows"])


def test_pages(control: Control) -> None:
    """A page has as many rows as is said, 50 where nothing is; pages follow on each other, and end."""
    control.ok("POST", "/populate", {"count": 60, "api": "deem"})
    total = control.get("/state/deem.purchases")["total"]
    assert total > 60
    first, second = control.get("/state/deem.purchases"), control.get("/state/deem.purchases?offset=50&limit=500")
    assert [len(first["rows"]), len(second["rows"])] == [50, total - 50]
    assert [*first["rows"], *second["rows"]] == control.get("/state/deem.purchases?limit=500")["rows"]
    assert control.get(f"/state/deem.purchases?offset={10**15}")["rows"] == []


def test_one_row(control: Control) -> None:
    """With a key only the row that has it is told; where there is none, that is said."""
    (deal,) = [row for row in control.get("/state/deem.deals")["rows"] if row["key"] == "last-one"]
    assert control.get("/state/deem.deals?key=last-one") == {
        "table": "deem.deals",
        "total": 1,
        "offset": 0,
        "rows": [deal],
    }
    assert control.refused(404, "GET", "/state/deem.deals?key=no/such")["detail"] == "deem.deals has no row no/such"


def test_secrets_are_masked(control: Control, box: Sandbox) -> None:
    """What is secret in a row, and a card number that is a key, is masked."""
    with box.changing():
        box.table("deem.users").put("4111111111111111", {"password": "hunter2"})
    (row,) = [row for row in control.get("/state/deem.users?limit=500")["rows"] if row["key"].endswith("1111")]
    assert row == {"key": "************1111", "row": {"password": "***"}}


def test_a_row_that_is_changed_is_masked(control: Control) -> None:
    """Whoever changes a row is told no more of it than whoever reads it."""
    (key,) = [row["key"] for row in control.get("/state/drip.subscribers?limit=1")["rows"]]
    fields = {"custom_fields": {"token": "abc", "note": "4111 1111 1111 1111"}}
    changed = control.ok("PATCH", f"/state/drip.subscribers/{key}", fields)
    assert changed["custom_fields"] == {"token": "***", "note": "************1111"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("deem.nothing", 404),
        ("ebay.deals", 404),
        ("mocktill.clock", 404),
        ("mocktill.replies", 404),
        ("deals", 422),
        ("deem.deals?limit=0", 422),
        ("deem.deals?limit=501", 422),
        ("deem.deals?limit=x", 422),
        ("deem.deals?offset=-1", 422),
        ("deem.deals?offset=99999999999999999999", 422),
        ("deem.deals?page=2", 422),
    ],
)
def test_what_cannot_be_read(control: Control, path: str, status: int) -> None:
    """A table that no state has is a 404 in words, and a page that there cannot be a 422 with its pointer."""
    problem: Any = control.refused(status, "GET", f"/state/{path}")
    assert problem["detail"].startswith("there is no table") if status == 404 else problem["violations"]
