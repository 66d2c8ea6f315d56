"""The sandbox's time: the only place that asks the machine for it.

An instant is an aware UTC datetime in Python, and in a row a text that sorts: RFC 3339 with
microseconds and a Z.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

from mocktill.core.store import Row, Table

Happened = TypeVar("Happened")
"""What time makes happen: those who make events of it are above the clock."""
KEY = "clock"
RUNNING: Row = {"mode": "running", "offset_microseconds": 0}
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_SHORT = re.compile(r"(-?)([0-9]{1,12})(ms|s|m|h|d)")
_ISO = re.compile(
    r"(-?)P(?=.)(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?"
)
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def machine_now() -> datetime:
    """Return the machine's time, as an aware UTC datetime."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Return the machine's steady clock, for how long somebody waits: no sandbox's time, and no date."""
    return monotonic()


def duration(written: str | float) -> timedelta:
    """Return what `250ms`, `90s`, `5m`, `2h`, `1d`, `PT5M` (ISO 8601) or a number of seconds says; `-` goes back.

    Raises ValueError in words for anything else.
    """
    try:
        if not isinstance(written, str):
            return timedelta(seconds=written)
        if found := _SHORT.fullmatch(written):
            distance = timedelta(**{_UNITS[found[3]]: int(found[2])})
        elif found := _ISO.fullmatch(written):
            weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
            distance = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        else:
            raise ValueError(f"{written!r} is no duration: write 250ms, 90s, 5m, 2h, 1d, PT5M or a number of seconds")
        return -distance if found[1] else distance
    except OverflowError:
        raise ValueError(f"{written!r} is longer than time goes") from None


def text(instant: datetime) -> str:
    """Return the instant as rows keep it: `2026-11-22T05:16:31.123456Z`."""
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def instant(text: str) -> datetime:
    """Return the instant that an RFC 3339 text names; raise ValueError for one without a time zone."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no instant: {error}") from None
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone: add Z or an offset")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None


class Clock(Generic[Happened]):
    """The time of one sandbox: it runs with the machine's, at a distance that can be set, or stands still.

    Every change is one call, answered with the list of what it made happen; `moved` makes the change under the
    sandbox's lock and lets time pass. `upcoming` says when something is going to happen next.
    """

    def __init__(
        self,
        table: Table,
        moved: Callable[[Callable[[], None]], list[Happened]],
        upcoming: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._table = table
        self._moved = moved
        self.next_expiry = upcoming
        self._seen: tuple[Row, datetime | timedelta] | None = None

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        setting = self._setting()
        return setting if isinstance(setting, datetime) else machine_now() + setting

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return isinstance(self._setting(), datetime)

    def advance(self, delta: timedelta = timedelta(), **parts: float) -> list[Happened]:
        """Move time by a timedelta, or by its parts as in `advance(minutes=5)`; return what happened.

        A negative distance moves back: nothing happens then, and what has expired stays expired.
        """
        try:
            distance = delta + timedelta(**parts)
        except OverflowError:
            raise ValueError("no clock goes that far") from None
        return self._moved(lambda: self._set(self._reach(distance), self.frozen))

    def travel_to(self, at: datetime) -> list[Happened]:
        """Move to an instant, keeping the mode; return what happened."""
        return self._moved(lambda: self._set(at, self.frozen))

    def freeze(self, at: datetime | None = None) -> list[Happened]:
        """Let time stand still, now or at an instant; return what happened."""
        return self._moved(lambda: self._set(at or self.now(), True))

    def run(self) -> list[Happened]:
        """Let time run on from where it is; return what happened."""
        return self._moved(lambda: self._set(self.now(), False))

    def next(self) -> list[Happened]:
        """Move to the next expiry, and return what happened; where nothing is going to happen, time stays."""

        def move() -> None:
            at = self.next_expiry()
            if at is not None and at > self.now():
                self._set(at, self.frozen)

        return self._moved(move)

    def setting(self) -> Row:
        """Return mode and instant, as a state keeps them: a distance from the machine's time would not last."""
        return {"mode": "frozen" if self.frozen else "running", "at": text(self.now())}

    def row(self, setting: Row) -> Row:
        """Return the row for a mode and an instant as `setting` gives them."""
        at = instant(setting["at"])
        return _row(at, setting["mode"] == "frozen")

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
        self._table.put(KEY, _row(at, frozen))

    def _setting(self) -> datetime | timedelta:
        row = self._table.get(KEY) or RUNNING
        if self._seen is None or self._seen[0] is not row:
            frozen = row["mode"] == "frozen"
            self._seen = (row, instant(row["at"]) if frozen else timedelta(microseconds=row["offset_microseconds"]))
        return self._seen[1]


def _row(at: datetime, frozen: bool) -> Row:
    if frozen:
        return {"mode": "frozen", "at": text(at)}
    return {"mode": "running", "offset_microseconds": (at - machine_now()) // timedelta(microseconds=1)}
