"""What a terminal shows of a journal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from unicodedata import combining, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.core.choices import Basis
from mocktill.core.entry import Entry, Remark, Struck
from mocktill.doors.commands.lines import VIOLATIONS, lines
from tests.conftest import NOW
from tests.core.entries import ENTRIES, REMARKS, WRONG, entry

COLOUR = re.compile(r"\x1b\[[0-9]+m")
EXPIRED = Remark(NOW, 1, "expired", "reservation 34063ec2 expired: 2 of la-1024 returned", "deem", "34063ec2")


def shown(width: int = 80, **other: Any) -> list[str]:
    """Return what is shown of one entry, without colour."""
    return lines(entry(**other), width, False)


def cells(line: str) -> int:
    """Return how wide a line is in a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def test_a_request_is_one_line() -> None:
    """Time of the sandbox, status, method, path with its query, operation and basis; the path is cut where it must."""
    assert shown(80) == ["12:00:00 200  PUT    /v1/purchases/34063ec2/cl… deem.claim_purchase   documented"]
    path = "/v1/purchases/34063ec2/claim?api_key=***".ljust(54)
    assert shown(120) == [f"    1 12:00:00 200  PUT    {path} deem.claim_purchase         documented"]


@pytest.mark.parametrize("width", [72, 80, 99, 100, 120, 160, 1_000])
def test_columns_are_aligned(width: int) -> None:
    """In every line the columns begin at the same place, whatever stands in them."""
    paths = ["/v1", "/v1/purchases/34063ec2", "/v1/票/" + "x" * 10]
    names = [("deem", "get_purchase"), ("supertab", "retrieve_purchase"), ("drip", None)]
    said = [
        shown(width, path=path, api=api, operation=name, query="", method=method)[0]
        for path in paths
        for api, name in names
        for method in ("GET", "DELETE")
    ]
    assert len({cells(line[: line.index(" /v1")]) for line in said}) == 1
    assert len({cells(line[: line.rindex("documented")]) for line in said}) == 1
    assert {cells(re.split(r" (?=deem|supertab|drip)", line)[0]) for line in said} == {
        cells(re.split(r" (?=deem|supertab|drip)", said[0])[0])
    }


def test_there_is_less_in_a_narrow_terminal() -> None:
    """First the basis gives way to the path, then the operation; in a wide one the number of the entry is shown."""
    assert "documented" in shown(72)[0]
    assert ("documented" in shown(71)[0], "deem.claim" in shown(71)[0]) == (False, True)
    assert ("deem.claim" in shown(49)[0], "/v1/purchases/34063ec2" in shown(49)[0]) == (False, True)
    assert (shown(99)[0][:8], shown(100)[0][:14]) == ("12:00:00", "    1 12:00:00")


def test_where_there_is_no_terminal_nothing_is_cut() -> None:
    """A very wide line has the whole path, the query and what the fault did."""
    path = "/v1/" + "x" * 200
    said = shown(1_000, path=path, fault=Struck("f1", "answered 2 s late"))
    assert len(said) == 1
    assert f"{path}?api_key=***" in said[0]
    assert said[0].endswith("answered 2 s late")


def test_violations_stand_beneath_in_words() -> None:
    """Pointer, what was expected and what came, then rule and source; an error and a warning are told apart."""
    tolerated = replace(WRONG, severity="warning", at="query", pointer="/x", rule="additionalProperties", source="")
    assert shown(110, violations=(WRONG, tolerated))[1:] == [
        '                    ✗ /num_bought  expected integer, got "two"',
        "                      (type; Deem Offers API, Purchases: Reserve a purchase)",
        '                    ~ query /x  expected integer, got "two"  (additionalProperties)',
    ]
    assert shown(130, violations=(WRONG,))[1].endswith(
        'got "two"  (type; Deem Offers API, Purchases: Reserve a purchase)'
    )
    assert shown(80, violations=(replace(WRONG, pointer=""),))[1] == '              ✗ /  expected integer, got "two"'


def test_many_violations_are_counted() -> None:
    """What a screen has no room for is counted, and it is said where the rest is told."""
    said = shown(120, number=7, violations=(WRONG,) * (VIOLATIONS + 3))
    assert len(said) == 1 + VIOLATIONS + 1
    assert said[-1].strip() == "… and 3 more, which `mocktill journal show 7` tells"
    assert len(shown(120, violations=(WRONG,) * VIOLATIONS)) == 1 + VIOLATIONS


def test_notes_are_wrapped_beneath() -> None:
    """A sentence goes on beneath itself, and no further than three lines."""
    note = "or PUT /v1/purchases/{purchase_id}/claim: the method is GET, not PUT; the path has 3 parts, not 4"
    assert shown(80, notes=("a note", note))[1:] == [
        "              · a note",
        "              · or PUT /v1/purchases/{purchase_id}/claim: the method is GET, not",
        "                PUT; the path has 3 parts, not 4",
    ]
    assert len(shown(80, notes=("many words " * 50,))) == 4
    assert shown(80, notes=("many words " * 50,))[-1].endswith(" …")


def test_a_fault_is_seen() -> None:
    """A mark beside the status says that a fault struck, another that the answer never came; beneath stands which."""
    late, dropped = Struck("f1", "answered 2 s late"), Struck("f2", "dropped the connection after the state changed")
    assert shown(fault=late)[0].startswith("12:00:00 200! PUT")
    assert shown(fault=dropped, lost=True)[0].startswith("12:00:00 200✗ PUT")
    assert shown(fault=dropped, lost=True)[1:] == ["              ! dropped the connection after the state changed"]


def test_a_remark_is_a_line_too() -> None:
    """What happened between two requests stands where their methods stand."""
    assert lines(EXPIRED, 80, False) == ["12:00:00      reservation 34063ec2 expired: 2 of la-1024 returned"]
    assert lines(EXPIRED, 100, False)[0].index("reservation") == shown(100)[0].index("PUT")
    assert lines(EXPIRED, 40, False)[1].startswith(" " * 14)


@pytest.mark.parametrize(
    ("status", "colour"), [(200, "32"), (303, "36"), (404, "33"), (500, "31")], ids=["2xx", "3xx", "4xx", "5xx"]
)
def test_the_status_has_a_colour(status: int, colour: str) -> None:
    """Each class of status has its own."""
    assert f"\x1b[{colour}m{status}\x1b[0m" in lines(entry(status=status), 80, True)[0]


def test_what_matters_has_a_colour() -> None:
    """An error is red, a warning and what is only assumed are yellow, a fault is magenta."""
    told = entry(
        basis=Basis.ASSUMED,
        violations=(WRONG, replace(WRONG, severity="warning")),
        fault=Struck("f", "answered late"),
    )
    said = "\n".join(lines(told, 80, True))
    for mark in ("\x1b[31m✗ ", "\x1b[33m~ ", "\x1b[33m assumed", "\x1b[35manswered late", "\x1b[1m/num_bought"):
        assert mark in said


@given(ENTRIES | REMARKS, st.integers(20, 200))
def test_nothing_leaves_the_terminal(told: Entry | Remark, width: int) -> None:
    """Whatever a client sends, no line is wider than the terminal, and none has a control character in it."""
    plain = lines(told, width, False)
    assert plain
    assert all(line.isprintable() and cells(line) <= width for line in plain)


@given(ENTRIES | REMARKS, st.integers(20, 200))
def test_colour_is_all_that_colour_adds(told: Entry | Remark, width: int) -> None:
    """The text is the same with colour and without."""
    assert [COLOUR.sub("", line).rstrip() for line in lines(told, width, True)] == lines(told, width, False)
