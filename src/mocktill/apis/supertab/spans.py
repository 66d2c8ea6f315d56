"""How long something lasts: a number of seconds or of calendar months, added to an instant.

`m` are minutes and `M` months. A month or a year ends on the same day of the month, or on its last one where it has no
such day: a month after 31 January is 28 February.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mocktill.core.store import Row

WRITTEN = re.compile(r"([0-9]{1,8})([smhdwMy])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
MONTHS = {"M": 1, "y": 12}
UNITS = {"day": "d", "week": "w", "month": "M", "year": "y"}
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What goes on beyond the calendar ends with it."""


class Span(NamedTuple):
    """A number of units, as in `1d`."""

    number: int
    unit: str

    def after(self, at: datetime, times: int = 1) -> datetime:
        """Return the instant that is so many spans after another, and not beyond the end of the calendar."""
        number = self.number * times
        if self.unit in MONTHS:
            return _months_after(at, number * MONTHS[self.unit])
        try:
            return min(at + timedelta(seconds=number * SECONDS[self.unit]), END)
        except OverflowError:
            return END


def span(row: Row) -> Span | None:
    """Return how long access lasts: the time of a pass, else one interval of what recurs; None for no end."""
    found = WRITTEN.fullmatch(row.get("valid_timedelta") or "")
    return Span(int(found[1]), found[2]) if found else interval(row)


def interval(row: Row) -> Span | None:
    """Return how often a subscription recurs, None for what does not."""
    details = row.get("recurring_details")
    return details and Span(int(details["interval_count"]), UNITS[details["billing_interval"]])


def _months_after(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    if year > END.year:
        return END
    return min(at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1])), END)
