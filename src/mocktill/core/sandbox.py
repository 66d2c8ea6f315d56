"""One isolated world, and many of them: state, clock, choices, dice and journal of a sandbox."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mocktill.core import choices as choosing
from mocktill.core.api import JSON, Api, Backend, Rows
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import Clock, instant
from mocktill.core.fake import Fake
from mocktill.core.holds import Holds
from mocktill.core.journal import Budget, Journal
from mocktill.core.store import Store, Table, Transaction

SEED = 1
ANSWERS = ("stateful", "canned", "generated")
NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}")
DEFAULT = "default"
OWN_TABLES = ("clock", "choices", "counters", "settings")


@dataclass(frozen=True)
class Event:
    """Something that time made happen: a hold of `quantity` units of `stock` ran out at an instant."""

    at: datetime
    api: str
    what: str
    key: str
    stock: str
    quantity: int
    sentence: str


@dataclass(frozen=True)
class Setup:
    """What a sandbox begins with, and goes back to on reset.

    `now` freezes its clock at an instant; `populate` is how many objects are made, of `populate_api` or of each API.
    """

    seed: int = SEED
    answers: str = ANSWERS[0]
    choices: Mapping[str, str] | None = None
    now: datetime | None = None
    populate: int = 0
    populate_api: str | None = None


class Choices:
    """The choices of a sandbox: read them by full name, set them, see them all."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def __getitem__(self, name: str) -> str:
        choice = self._box.catalogue.choices.get(name)
        if choice is None:
            raise KeyError(choosing.unknown(name, self._box.catalogue.choices))
        row = self._box.table("mocktill.choices").get(name)
        return choice.default if row is None else str(row["value"])

    def __setitem__(self, name: str, value: str) -> None:
        self.set({name: value})

    def set(self, settings: Mapping[str, str]) -> None:
        """Set several, or none if one is wrong: raises ValueError in words."""
        choosing.check(self._box.catalogue.choices, settings)
        with self._box.lock, self._box.store.transaction():
            for name, value in settings.items():
                self._box.table("mocktill.choices").put(name, {"value": value})

    def all(self) -> dict[str, str]:
        """Return every choice with its value."""
        return {name: self[name] for name in self._box.catalogue.choices}


class Sandbox:
    """One isolated world of all APIs: its rows, clock, choices, dice and journal.

    Anything that writes happens under `lock`, inside one transaction; requests go through `engine.handle`.
    `beginning` are the rows that it began with, and that another sandbox with the same setup may begin with as well.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        name: str = DEFAULT,
        setup: Setup | None = None,
        budget: Budget | None = None,
        beginning: Rows | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.name = name
        self.lock = threading.RLock()
        self.store = Store()
        for table in OWN_TABLES:
            self.store.declare(f"mocktill.{table}")
        for api in catalogue.apis:
            for spec in api.tables:
                self.store.declare(f"{api.name}.{spec.name}", spec)
        self.journal = Journal(budget)
        self.clock = Clock(self.table("mocktill.clock"), self._moved)
        self.choices = Choices(self)
        self._backends = {api.name: self._make_backend(api) for api in catalogue.apis}
        self._timed = [(api, self._backends[api.name].holds) for api in catalogue.apis if api.stock]
        self.beginning = beginning or self._begin(setup or Setup())
        self.store.load(self.beginning)

    def table(self, name: str) -> Table:
        """Return a table by its full name: `deem.deals`."""
        return self.store.tables[name]

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        return self.clock.now()

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Change rows as a whole: `with box.changing(): box.table(…).put(…)`; an exception leaves no trace."""
        with self.lock:
            with self.store.transaction() as transaction:
                yield transaction
            self.note_delicate()

    def change(self, table: str, key: str, fields: Mapping[str, JSON]) -> None:
        """Change some fields of one row; raise KeyError in words for a row that does not exist."""
        if table not in self.store.tables:
            raise KeyError(f"there is no table {table}")
        with self.changing():
            row = self.table(table).get(key)
            if row is None:
                raise KeyError(f"{table} has no row {key}")
            self.table(table).put(key, {**row, **fields})

    def backend(self, api: str) -> Backend:
        """Return the handlers' side of an API, as it is for one call."""
        return self._backends[api]

    def view(self, api: str) -> Any:
        """Return what a person sees of an API: typed accessors over its rows."""
        return self.catalogue.shelves[api].api.view(self)

    @property
    def answers(self) -> str:
        """How requests are answered that do not say how: `stateful`, `canned` or `generated`."""
        row = self.table("mocktill.settings").get("settings")
        return str(row["answers"]) if row else ANSWERS[0]

    @property
    def delicate(self) -> bool:
        """Whether something may have come in that the journal masks; only then are living answers searched for it."""
        row = self.table("mocktill.settings").get("settings")
        return row is None or bool(row.get("delicate", True))

    def note_delicate(self) -> None:
        """Remember that something came in that the journal may have to mask. Called outside a transaction."""
        if not self.delicate:
            settings = self.table("mocktill.settings")
            with self.store.transaction():
                settings.put("settings", {**(settings.get("settings") or {}), "delicate": True})

    def reset(self) -> None:
        """Go back to the beginning: factory rows, clock, choices and seed as at creation, no journal."""
        with self.lock:
            self.store.load(self.beginning)
            self.journal.clear()

    def populate(self, count: int, api: str | None = None) -> dict[str, list[str]]:
        """Make that many living objects of one API or of each; return their keys by API.

        Raises ValueError for a count below 0 or an API that there is not.
        """
        if count < 0:
            raise ValueError(f"cannot make {count} objects")
        if api is not None and api not in self._backends:
            raise ValueError(f"there is no API {api!r}; there are {', '.join(self._backends)}")
        made = {}
        with self.lock, self.store.transaction():
            for known in self.catalogue.apis:
                if api in {None, known.name}:
                    backend = self._backends[known.name]
                    backend.begin(self.clock.now())
                    made[known.name] = known.populate(backend, count)
        return made

    def pass_time(self) -> list[Event]:
        """Let what is due by now expire, earliest first, and return it."""
        events: list[Event] = []
        with self.lock:
            now = self.clock.now()
            for api, holds in self._timed:
                if holds.overdue(now):
                    with self.store.transaction():
                        events += self._expire(api, holds, now)
        return sorted(events, key=lambda event: event.at)

    def _expire(self, api: Api, holds: Holds, now: datetime) -> Iterator[Event]:
        backend = self._backends[api.name]
        for key, hold in holds.due(now):
            at = instant(hold["expires_at"])
            backend.begin(at)
            holds.release(key)
            sentence = api.expired(key, hold, backend) if api.expired else f"hold {key} expired"
            yield Event(at, api.name, "expired", key, hold["stock"], hold["quantity"], sentence)

    def _moved(self, change: Callable[[], None]) -> list[Event]:
        with self.lock:
            with self.store.transaction():
                change()
            return self.pass_time()

    def _make_backend(self, api: Api) -> Backend:
        fake = Fake(self.table("mocktill.settings"), api.name, self.table("mocktill.counters"))
        options = self.catalogue.shelves[api.name].choices
        return Backend(api.name, self.store, fake, options, self.table("mocktill.choices"), stock=api.stock)

    def _begin(self, setup: Setup) -> Rows:
        if setup.answers not in ANSWERS:
            raise ValueError(f"answers are {', '.join(ANSWERS)}; not {setup.answers!r}")
        self.store.load(self.catalogue.factory)
        with self.store.transaction():
            settings = {"seed": setup.seed, "answers": setup.answers, "delicate": self.catalogue.delicate}
            self.table("mocktill.settings").put("settings", settings)
        self.choices.set(setup.choices or {})
        if setup.now is not None:
            self.clock.freeze(setup.now)
        if setup.populate:
            self.populate(setup.populate, setup.populate_api)
        return self.store.rows()


class Sandboxes:
    """Many sandboxes by name, made on first use and bounded: of those the longest idle goes first.

    The default one, and those that were made on purpose with `make`, stay.
    """

    def __init__(self, catalogue: Catalogue, setup: Setup | None = None, limit: int = 1_000) -> None:
        self.catalogue = catalogue
        self._setup = setup or Setup()
        self._limit = limit
        self._budget = Budget()
        self._kept: dict[str, Sandbox] = {}
        self._passing: OrderedDict[str, Sandbox] = OrderedDict()
        self._lock = threading.Lock()
        self._beginning = self.make(DEFAULT).beginning

    @property
    def default(self) -> Sandbox:
        """The sandbox of requests that name none."""
        return self._kept[DEFAULT]

    def get(self, name: str = DEFAULT) -> Sandbox:
        """Return the sandbox with this name, made now if need be; raise ValueError for a name that is none."""
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        with self._lock:
            box = self._passing.get(name)
            if box is not None:
                self._passing.move_to_end(name)
                return box
        check_name(name)
        made = Sandbox(self.catalogue, name, self._setup, self._budget, self._beginning)
        with self._lock:
            box = self._kept.get(name) or self._passing.setdefault(name, made)
            self._evict(but=name)
            return box

    def make(self, name: str, setup: Setup | None = None) -> Sandbox:
        """Make a sandbox that stays until it is deleted; one with this name is replaced."""
        check_name(name)
        box = Sandbox(self.catalogue, name, setup or self._setup, self._budget)
        with self._lock:
            gone = self._passing.pop(name, None) or self._kept.get(name)
            if gone is not None:
                gone.journal.close()
            self._kept[name] = box
            self._evict(but=name)
        return box

    def _evict(self, but: str) -> None:
        """Let the longest idle go while there are too many; never the one that was just asked for."""
        for name in list(self._passing):
            if len(self._passing) + len(self._kept) <= self._limit:
                return
            if name != but:
                self._passing.pop(name).journal.close()


def check_name(name: str) -> None:
    """Raise ValueError for what is no name of a sandbox."""
    if not NAME.fullmatch(name):
        raise ValueError("the name of a sandbox is 1 to 64 of A-Z a-z 0-9 . _ -")
