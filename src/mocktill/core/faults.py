"""When and how to misbehave: fault rules as rows of the sandbox, and which of them strikes a request.

A rule says *when* (which requests, and which of those) and *what* (a vendor's error, a status, a delay, a broken
connection …), and at which *moment*: before the state changes, or after it. The pipeline decides that a rule strikes;
the server's edge, or whatever door the request came through, does it to the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from mocktill.core.api import JSON, Api, ErrorRow, Request
from mocktill.core.bodies import at
from mocktill.core.clock import duration, instant, text
from mocktill.core.errors import Full, Meaning, RateLimited
from mocktill.core.fake import Fake
from mocktill.core.store import Index, Row, Table, TableSpec
from mocktill.core.strike import Strike

TABLE = TableSpec("faults", (Index("by_number", order=("number",)),), plain=True)
LONGEST_PATH = 1_000
"""How much of a path is held against a pattern: no operation's is as long."""
MOST = 100
"""How many rules a sandbox may have."""
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Fault:
    """A rule that is in force: how many requests it was about, and how many of those it struck."""

    id: str
    rule: JSON
    calls: int = 0
    hits: int = 0


@dataclass(frozen=True)
class Preset:
    """A fault rule that comes with Mocktill, under a name."""

    name: str
    title: str
    about: str
    rule: JSON


class Faults:
    """The fault rules of one sandbox, in the order in which they were added: the first that strikes wins.

    `check` refuses a rule that cannot be, `changing` gives a context in which rows are changed as a whole, and
    `presets` are the rules that come by name.
    """

    def __init__(
        self,
        table: Table,
        fake: Fake,
        check: Callable[[JSON], None],
        changing: Callable[[], AbstractContextManager[Any]],
        presets: Callable[[], Mapping[str, Preset]],
    ) -> None:
        self._table = table
        self._fake = fake
        self._check = check
        self._changing = changing
        self._presets = presets

    def add(self, rule: JSON) -> Fault:
        """Put a rule into force; raise `Unacceptable`, with the pointer, for one that cannot be, and `Full`."""
        self._check(rule)
        with self._changing():
            if len(self._table) >= MOST:
                raise Full(f"a sandbox has {MOST} fault rules at the most: remove one")
            number = self._fake.count("fault")
            while str(number) in self._table:  # a snapshot from elsewhere may have brought it
                number = self._fake.count("fault")
            self._table.insert(str(number), {"number": number, "rule": rule, "calls": 0, "hits": 0})
        return Fault(str(number), rule)

    def all(self) -> list[Fault]:
        """Return the rules in force, oldest first, with their counts."""
        return [Fault(key, row["rule"], row["calls"], row["hits"]) for key, row in self._table.find("by_number")]

    def presets(self) -> list[Preset]:
        """Return the rules that come by name."""
        return list(self._presets().values())

    def add_preset(self, name: str, when: JSON = None) -> Fault:
        """Put a preset into force, for the requests that `when` narrows it down to; raise KeyError for an unknown one.

        Raises as `add` does.
        """
        if name not in self._presets():
            raise KeyError(f"there is no preset {name[:64]!r}; there are {', '.join(self._presets())}")
        rule = self._presets()[name].rule
        if when is not None:
            rule = {**rule, "when": {**rule.get("when", {}), **when} if isinstance(when, Mapping) else when}
        return self.add(rule)

    def remove(self, number: str) -> None:
        """Remove a rule; raise KeyError in words where there is none."""
        with self._changing():
            if number not in self._table:
                raise KeyError(f"there is no fault {number}")
            self._table.delete(number)

    def clear(self) -> None:
        """Remove all rules."""
        with self._changing():
            for key, _ in tuple(self._table.items()):
                self._table.delete(key)

    def choose(
        self, api: Api, request: Request, now: datetime, fields: Callable[[], Mapping[str, JSON]] = dict
    ) -> Strike | None:
        """Count a request for each rule that is about it, and return how the first one strikes that does.

        `fields` returns the properties of the operation's body, for forms, whose values are all text.
        """
        if not len(self._table):
            return None
        chosen, body = None, _Body(api, request, fields)
        with self._changing():
            for key, row in self._table.find("by_number"):
                rule = row["rule"]
                meant = concerns(rule.get("when", NOTHING), api, request, now, body)
                if not meant or not answerable(rule["what"], api):
                    continue
                row = _counted(row, now)
                if chosen is None and self._strikes(key, row, rule):
                    row = {**row, "hits": row["hits"] + 1}
                    delay = self._delay(key, row, rule["what"].get("delay"))
                    chosen = Strike(key, rule["what"], rule.get("moment") == "after", delay)
                self._table.put(key, row)
        return chosen

    def _strikes(self, key: str, row: Row, rule: JSON) -> bool:
        when, calls, limit = rule.get("when", NOTHING), row["calls"], rule["what"].get("rate_limit")
        return (
            when.get("nth", calls) == calls
            and calls % when.get("every", 1) == 0
            and row["hits"] < when.get("next", calls)
            and ("probability" not in when or self._fake.share("fault", f"{key}/{calls}") < when["probability"])
            and (limit is None or row["window"]["calls"] > limit["limit"])
        )

    def _delay(self, key: str, row: Row, delay: Any) -> timedelta:
        if delay is None:
            return timedelta()
        if not isinstance(delay, Mapping):
            return duration(delay)
        least, most = duration(delay["least"]), duration(delay["most"])
        return least + (most - least) * self._fake.share("fault-delay", f"{key}/{row['calls']}")


def concerns(when: Mapping[str, Any], api: Api, request: Request, now: datetime, body: _Body) -> bool:
    """Whether a rule is about this request, at this instant of the sandbox's clock."""
    operation = request.operation.name if request.operation else None
    return (
        when.get("api", api.name) == api.name
        and ("operation" not in when or when["operation"] in {operation, f"{api.name}.{operation}"})
        and when.get("method", request.method) == request.method
        and ("path" not in when or fnmatchcase(request.path[:LONGEST_PATH], when["path"]))
        and ("until" not in when or now < instant(when["until"]))
        and ("body" not in when or body.has(when["body"]))
    )


def answerable(what: Mapping[str, Any], api: Api) -> bool:
    """Whether this API has the error that a rule answers with."""
    return "error" not in what or any(rows_of(api, what["error"], what.get("type")))


def rows_of(api: Api, error: str, wire: str | None = None) -> Iterator[ErrorRow]:
    """Yield the rows of an API for a meaning in snake case, or those of them with that type on the wire."""
    for row in api.dialect.rows:
        if spelt(row.meaning) == error and wire in {None, row.type}:
            yield row


def spelt(meaning: type[Meaning]) -> str:
    """Return a meaning's name as rules write it: `sold_out`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in meaning.__name__).lstrip("_")


def limit_row(api: Api) -> ErrorRow | None:
    """Return how an API says that its rate limit is exceeded, if it does."""
    return next(rows_of(api, spelt(RateLimited)), None)


class _Body:
    """The body of a request, read once at the most, and only if a rule asks for something in it."""

    def __init__(self, api: Api, request: Request, fields: Callable[[], Mapping[str, JSON]]) -> None:
        self._api = api
        self._request = request
        self._fields = fields

    @cached_property
    def _value(self) -> tuple[JSON, ...]:
        """The value in a tuple, which is empty for a body that is none."""
        try:
            return (self._api.dialect.read(self._request, self._fields()),)
        except Meaning:
            return ()

    def has(self, wanted: Mapping[str, Any]) -> bool:
        """Whether all of this is in it, by JSON pointer."""
        try:
            return bool(self._value) and all(_equal(at(self._value[0], place), one) for place, one in wanted.items())
        except KeyError:
            return False


def _equal(found: Any, wanted: Any) -> bool:
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)


def _counted(row: Row, now: datetime) -> Row:
    row = {**row, "calls": row["calls"] + 1}
    limit = row["rule"]["what"].get("rate_limit")
    if limit is not None:
        window: Row = row.get("window") or {"at": text(now), "calls": 0}
        if not instant(window["at"]) <= now < instant(window["at"]) + duration(limit["window"]):
            window = {"at": text(now), "calls": 0}
        row["window"] = {**window, "calls": window["calls"] + 1}
    return row
