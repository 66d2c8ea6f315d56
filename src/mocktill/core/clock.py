"""The sandbox's time: the only place that asks the machine for it.

An instant is an aware UTC datetime in Python, and in a row a text that sorts: RFC 3339 with
microseconds and a Z.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from mocktill.core.store import Row, Table

KEY = "clock"
RUNNING: Row = {"mode": "running", "offset_microseconds": 0}
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def machine_now() -> datetime:
    """Return the machine's time, as an aware UTC datetime."""
    return datetime.now(UTC)


def text(instant: datetime) -> str:
    """Return the instant as rows keep it: `2026-11-22T05:16:31.123456Z`."""
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def instant(text: str) -> datetime:
    """Return the instant that an RFC 3339 text names; raise ValueError for one without a time zone."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone: add Z or an offset")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None


class Clock:
    """The time of one sandbox: it runs with the machine's, at a distance that can be set, or stands still.

    Every change is one call, answered with the list of what it made happen; `moved` makes the change under the
    sandbox's lock and lets time pass.
    """

    def __init__(self, table: Table, moved: Callable[[Callable[[], None]], list[Any]]) -> None:
        self._table = table
        self._moved = moved
        self._seen: tuple[Row, datetime | timedelta] | None = None

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        setting = self._setting()
        return setting if isinstance(setting, datetime) else machine_now() + setting

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return isinstance(self._setting(), datetime)

    def advance(self, delta: timedelta = timedelta(), **parts: float) -> list[Any]:
        """Move time by a timedelta, or by its parts as in `advance(minutes=5)`; return what happened.

        A negative distance moves back: nothing happens then, and what has expired stays expired.
        """
        try:
            distance = delta + timedelta(**parts)
        except OverflowError:
            raise ValueError("no clock goes that far") from None
        return self._moved(lambda: self._set(self._reach(distance), self.frozen))

    def travel_to(self, at: datetime) -> list[Any]:
        """Move to an instant, keeping the mode; return what happened."""
        return self._moved(lambda: self._set(at, self.frozen))

    def freeze(self, at: datetime | None = None) -> list[Any]:
        """Let time stand still, now or at an instant; return what happened."""
        return self._moved(lambda: self._set(at or self.now(), True))

    def run(self) -> list[Any]:
        """Let time run on from where it is; return what happened."""
        return self._moved(lambda: self._set(self.now(), False))

    def _reach(self, distance: timedelta) -> datetime:
        try:
            return self.now() + distance
        except OverflowError:
            raise ValueError(f"{distance} from now is no date") from None

    def _set(self, at: datetime, frozen: bool) -> None:
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        if not EARLIEST <= at <= LATEST:
            raise ValueError(f"the clock goes from {text(EARLIEST)} to {text(LATEST)}")
        if frozen:
            self._table.put(KEY, {"mode": "frozen", "at": text(at)})
        else:
            offset = (at - machine_now()) // timedelta(microseconds=1)
            self._table.put(KEY, {"mode": "running", "offset_microseconds": offset})

    def _setting(self) -> datetime | timedelta:
        row = self._table.get(KEY) or RUNNING
        if self._seen is None or self._seen[0] is not row:
            frozen = row["mode"] == "frozen"
            self._seen = (row, instant(row["at"]) if frozen else timedelta(microseconds=row["offset_microseconds"]))
        return self._seen[1]
