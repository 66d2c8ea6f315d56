"""How long something lasts: seconds, and months of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocktill.apis.supertab.spans import END, Span, interval, span


def at(*parts: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # parts of a date


@pytest.mark.parametrize(
    ("start", "written", "end"),
    [
        (at(2026, 3, 2, 12), "90s", at(2026, 3, 2, 12, 1, 30)),
        (at(2026, 3, 2, 12), "30m", at(2026, 3, 2, 12, 30)),
        (at(2026, 3, 2, 12), "36h", at(2026, 3, 4)),
        (at(2026, 3, 2, 12), "1d", at(2026, 3, 3, 12)),
        (at(2026, 3, 2, 12), "2w", at(2026, 3, 16, 12)),
        (at(2026, 3, 2, 12), "1M", at(2026, 4, 2, 12)),
        (at(2026, 1, 31, 12), "1M", at(2026, 2, 28, 12)),
        (at(2028, 1, 31), "1M", at(2028, 2, 29)),
        (at(2026, 3, 31), "3M", at(2026, 6, 30)),
        (at(2026, 11, 30), "3M", at(2027, 2, 28)),
        (at(2026, 12, 31), "12M", at(2027, 12, 31)),
        (at(2028, 2, 29), "1y", at(2029, 2, 28)),
        (at(2028, 2, 29), "4y", at(2032, 2, 29)),
        (at(2026, 3, 2), "0d", at(2026, 3, 2)),
        (at(2026, 3, 2), "99999999y", END),
        (at(2026, 3, 2), "99999999M", END),
        (at(2026, 3, 2), "99999999w", END),
        (at(2026, 3, 2), "99999999d", END),
    ],
)
def test_after(start: datetime, written: str, end: datetime) -> None:
    """Seconds to weeks are lengths, months and years go by the calendar, and nothing goes beyond its end."""
    found = span({"valid_timedelta": written})
    assert found is not None
    assert found.after(start) == end


def test_several_times() -> None:
    """The third month of one that began on the 31st ends on the 30th: no month in between shortens it."""
    assert [Span(1, "M").after(at(2026, 1, 31), times) for times in (1, 2, 3)] == [
        at(2026, 2, 28),
        at(2026, 3, 31),
        at(2026, 4, 30),
    ]


@pytest.mark.parametrize(
    ("billing", "count", "unit"), [("day", 3, "d"), ("week", 1, "w"), ("month", 6, "M"), ("year", 1, "y")]
)
def test_intervals(billing: str, count: int, unit: str) -> None:
    """What recurs has an interval; without a length of its own it lasts as long."""
    row = {"recurring_details": {"billing_interval": billing, "interval_count": count}}
    assert interval(row) == span(row) == Span(count, unit)
    assert span({**row, "valid_timedelta": "5d"}) == Span(5, "d")
    assert Span(10**12, unit).after(at(2026, 3, 2)) == END


def test_nothing_lasts_that_has_no_length() -> None:
    """What neither has a length nor recurs never ends."""
    assert span({}) is None
    assert span({"valid_timedelta": None, "recurring_details": None}) is None
