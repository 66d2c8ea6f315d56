"""What a failing test is told of its sandbox."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from mocktill.core.clock import text
from mocktill.core.entry import Remark
from mocktill.doors.testing.context import entered
from mocktill.doors.testing.report import TOLD, Report, table, take
from mocktill.doors.testing.settings import Settings
from tests.conftest import NOW
from tests.core.entries import WRONG, entry

REPORT = Report("shop", "in process", 7, NOW, True, NOW, [entry()], 0)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is not in a terminal."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *number: (_ for _ in ()).throw(OSError))


def test_a_part_has_all_that_is_to_be_known() -> None:
    """Whose it is; where it was, its seed and time; the requests; how to repeat it."""
    title, said = REPORT.section()
    lines = said.splitlines()
    assert title == "Mocktill journal of shop"
    assert lines[0] == "in process, seed 7, frozen at 2026-03-02T12:00:00.000000Z"
    assert lines[1].split() == ["1", "12:00:00", "200", "PUT", "/v1/purchases/34063ec2/claim?api_key=***",
                                "deem.claim_purchase", "documented"]  # fmt: skip
    assert lines[2:] == ["to repeat it: @pytest.mark.mocktill(seed=7, now='2026-03-02T12:00:00.000000Z')"]


def test_a_clock_that_runs_says_so() -> None:
    """A run of it is repeated from the instant of the first thing that happened, or with the seed alone."""
    _, said = replace(REPORT, frozen=False).section()
    assert "the clock runs, and says 2026-03-02T12:00:00.000000Z" in said
    _, said = replace(REPORT, frozen=False, began=None, told=[]).section()
    assert said.splitlines()[1:] == ["nothing was asked", "to repeat it: @pytest.mark.mocktill(seed=7)"]


def test_the_newest_are_told() -> None:
    """Of many requests and remarks the last ones, with how many are left out and how many are gone."""
    told = [entry(number, path=f"/v1/{number}", query="") for number in range(1, TOLD + 21)]
    lines = table(told, 9)
    assert lines[:2] == ["… 9 requests had to make room in the journal", "… 20 before these are left out"]
    assert [f"/v1/{number} " in line for number, line in zip(range(21, TOLD + 21), lines[2:], strict=True)] == [
        True
    ] * TOLD
    assert table(told[:TOLD])[0].split()[0] == "1"


def test_violations_and_remarks_stand_where_they_happened() -> None:
    """What was wrong is beneath its request, what time did between two of them."""
    remark = Remark(NOW, 1, "expired", "reservation 34063ec2 expired", "deem", "34063ec2")
    lines = table([entry(1, violations=(WRONG,)), remark, entry(2)])
    assert [line.strip()[:19] for line in lines] == [
        "1 12:00:00 200  PUT", "✗ /num_bought  expe", "12:00:00      reser", "2 12:00:00 200  PUT",
    ]  # fmt: skip


@pytest.mark.parametrize(("columns", "width"), [("200", 200), ("20", 80), ("", 120)])
def test_the_table_is_as_wide_as_there_is_room(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    """As the terminal, and where there is none, or a very narrow one, wide enough to be read."""
    monkeypatch.setenv("COLUMNS", columns)
    longest = table([entry(path="/v1/" + "x" * 300)])[0]
    assert len(longest) == width


def test_a_report_is_of_its_moment() -> None:
    """What happens after it was taken does not change it; it takes the seed of the state that was loaded."""
    with entered(Settings(seed=7, now=NOW)) as box:
        box.clock.advance(timedelta(minutes=1))
        report = take(box)
        box.clock.advance(timedelta(minutes=1))
    assert (report.seed, text(report.now), report.began, report.frozen) == (7, "2026-03-02T12:01:00.000000Z", NOW, True)
    with entered(Settings(seed=7)) as box:
        state = box.state()
    with entered(Settings(state=state)) as box:
        assert take(box).seed == 7


def test_nothing_of_it_is_coloured() -> None:
    """A report may end in a file."""
    assert "\x1b" not in REPORT.section()[1]
