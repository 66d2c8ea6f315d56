"""One isolated world: rows, clock, choices, faults, dice, snapshots and journal of a sandbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

import orjson

from mocktill.core import state
from mocktill.core.acts import find_act
from mocktill.core.api import JSON, Api, Backend, Leak, Rows
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Choices
from mocktill.core.clock import KEY as CLOCK
from mocktill.core.clock import Clock
from mocktill.core.contract import Unacceptable
from mocktill.core.deliveries import DELIVERIES, TARGETS
from mocktill.core.expiry import Event as Event
from mocktill.core.expiry import Expiry
from mocktill.core.fake import Fake
from mocktill.core.faults import TABLE as FAULTS
from mocktill.core.faults import Faults
from mocktill.core.journal import Budget, Journal
from mocktill.core.names import absent
from mocktill.core.replies import SPEC as REPLIES
from mocktill.core.replies import Replies
from mocktill.core.rules import check_rule
from mocktill.core.setup import ANSWERS as ANSWERS
from mocktill.core.setup import SEED as SEED
from mocktill.core.setup import SEEDS as SEEDS
from mocktill.core.setup import Setup as Setup
from mocktill.core.snapshots import Scene, Snapshots
from mocktill.core.store import Prepared, Row, Store, Table, TableSpec, Transaction
from mocktill.core.webhooks import Webhooks

if TYPE_CHECKING:
    from mocktill.core.flows import Verdict

DEFAULT = "default"
OWN_TABLES = (
    *(TableSpec(name) for name in ("clock", "choices", "counters", "settings")),
    FAULTS,
    REPLIES,
    TARGETS,
    DELIVERIES,
)
KEPT_APART = frozenset({"mocktill.clock", "mocktill.replies", "mocktill.webhooks", "mocktill.deliveries"})
"""What no scene has among its tables: the clock's row is a distance from the machine's time, which would not last, and
the others are about clients and receivers, who do not go back in time."""
OF_A_WORLD = frozenset({"mocktill.replies", "mocktill.deliveries"})
"""What ends with a world that another one takes the place of."""
NOT_IN_A_STATE = frozenset({"mocktill.faults"})
"""What a snapshot has, and a state does not."""


class Sandbox:
    """One isolated world of all APIs: its rows, clock, choices, dice and journal.

    Anything that writes happens under `lock`, inside one transaction; requests go through `engine.handle`. Hold it as
    long as you use a part of it: its clock, choices, faults and snapshots change nothing once it is gone.
    `beginning` are the rows that it began with, and that another sandbox with the same setup may begin with as well.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        name: str = DEFAULT,
        setup: Setup | None = None,
        budget: Budget | None = None,
        beginning: Rows | Prepared | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.name = name
        self.lock = threading.RLock()
        self.store = Store()
        for own in OWN_TABLES:
            self.store.declare(f"mocktill.{own.name}", own)
        for api in catalogue.apis:
            for spec in api.tables:
                self.store.declare(f"{api.name}.{spec.name}", spec)
        self.journal = Journal(budget, operations=catalogue.operations)
        self.generation = 0
        """How often it was reset, restored or loaded: what waited before is not for what came after."""
        me = partial(_still_there, ref(self))  # no part leads back: a sandbox is freed as soon as nobody holds it
        moved, whole = lambda change: me()._moved(change), lambda: me()._whole()
        self.clock: Clock[Event] = Clock(self.table("mocktill.clock"), moved, lambda: me()._expiry.next())
        self.choices = Choices(catalogue.choices, self.table("mocktill.choices"), whole)
        fake = Fake(self.table("mocktill.settings"), "mocktill", self.table("mocktill.counters"))
        check = partial(check_rule, catalogue.apis)
        self.faults = Faults(self.table("mocktill.faults"), fake, check, whole, lambda: catalogue.presets)
        self.snapshots = Snapshots(_written, lambda document: me()._read(document))
        targets, sent = self.table("mocktill.webhooks"), self.table("mocktill.deliveries")
        clock, choices, journal = self.clock, self.choices, self.journal
        self.webhooks = Webhooks(targets, sent, fake, clock, choices, journal, self.lock, whole, catalogue.apis)
        self._backends = {api.name: self._make_backend(api) for api in catalogue.apis}
        self._expiry = Expiry(catalogue.apis, self._backends, self.store, self.journal)
        self.replies = Replies(self.table("mocktill.replies"))
        self.beginning = self._begin(setup or Setup(), beginning)

    def table(self, name: str) -> Table:
        """Return a table by its full name: `deem.deals`."""
        return self.store.tables[name]

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        return self.clock.now()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read rows as a whole: what is due has expired, and nobody changes them meanwhile."""
        with self.lock:
            self.pass_time()
            yield

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Change rows as a whole: `with box.changing(): box.table(…).put(…)`; an exception leaves no trace."""
        with self.lock:
            with self.store.transaction() as transaction:
                yield transaction
            self.note_delicate()

    @contextmanager
    def _whole(self) -> Iterator[Transaction]:
        with self.lock, self.store.transaction() as transaction:
            yield transaction

    def change(self, table: str, key: str, fields: Mapping[str, JSON]) -> Row:
        """Change some fields of one row and return it.

        Raises KeyError in words for a row that does not exist, and `Unacceptable` for what would be no row any more.
        """
        state.check_table(self.catalogue, table)
        with self.changing():
            row = self.table(table).get(key)
            if row is None:
                raise KeyError(f"{table} has no row {key}")
            changed = {**row, **fields}
            if found := state.check_row(self.catalogue, table, key, changed, self.store.tables):
                raise Unacceptable(tuple(found))
            self.table(table).put(key, changed)
        return changed

    def state(self) -> JSON:
        """Return everything that a state covers as a document: rows, clock, choices and seed, with secrets masked.

        What is due has expired by then.
        """
        with self.reading():
            scene = self._scene(NOT_IN_A_STATE)
        return _written(scene)  # rows do not change: nobody has to wait for this

    def load(self, document: JSON) -> None:
        """Replace the state by a document; raise `Unacceptable`, with pointers, for a wrong one, and change nothing.

        Tables that it does not name are emptied; Mocktill's own that it does not name, the fault rules and, where it
        has none, the clock stay as they are.
        """
        scene = self._read(document)
        with self.lock:
            self._play(scene)
            self.journal.remark(self.now(), "loaded", "the state was loaded from a document")

    def snapshot(self, name: str) -> None:
        """Keep everything but journal and snapshots under a name; raise ValueError for what is no name, or `Full`."""
        with self.lock:
            self.snapshots.keep(name, self._scene())

    def restore(self, name: str) -> None:
        """Bring a snapshot back, with its instant; raise KeyError in words where there is none."""
        with self.lock:
            self._play(self.snapshots.scene(name))
            sentence = f"the snapshot {name} was restored"
            self.journal.remark(self.now(), "restored", sentence)
            self.journal.tell_next(sentence)

    def leaks(self) -> list[Leak]:
        """Return the reservations that are neither used nor given back, the next or the first to expire first."""
        with self.lock:
            self.pass_time()
            found = [leak for api in self.catalogue.apis for leak in api.leaks(self)]
        return sorted(found, key=lambda leak: leak.expires_at)

    def check(self, flow: JSON) -> Verdict:
        """Return whether this flow is what happened; raise `Unacceptable` for what is no flow."""
        from mocktill.core import flows  # only who asks needs it, and a start is to be quick

        with self.lock:
            self.pass_time()
            lost = self.journal.count().lost + self.journal.forgotten
            entries, remarks = self.journal.entries(), self.journal.remarks()
            operations, tables = self.catalogue.operations, list(self.store.tables)
            return flows.check(flow, entries, remarks, lost, operations=operations, tables=tables)

    def backend(self, api: str) -> Backend:
        """Return the handlers' side of an API, as it is for one call."""
        return self._backends[api]

    def view(self, api: str) -> Any:
        """Return what a person sees of an API: typed accessors over its rows; raise KeyError in words for no API."""
        if api not in self.catalogue.shelves:
            raise absent("API", api, self.catalogue.shelves)
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
            self._renew()
            self.store.load(self.beginning)
            self.journal.clear()
            self.journal.remark(self.now(), "reset", "the sandbox was reset")

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

    def pass_time(self, now: datetime | None = None) -> list[Event]:
        """Let what is due by now expire, earliest first, and return it. Whoever has asked the clock may say `now`."""
        with self.lock:
            events = self._expiry.pass_time(now or self.clock.now())
            if events:
                self.webhooks.tell()
        return events

    def act(self, name: str, key: str) -> str:
        """Let something happen in a vendor's world: `act("kajabi.pay_instalment", "123")`; return what, in words.

        Raises KeyError in words for an act or a key that there is not, ValueError for what is impossible.
        """
        api, known = find_act(self.catalogue.apis, name)
        with self.reading(), self.store.transaction():
            backend = self._backends[api.name]
            backend.begin(self.clock.now())
            sentence = known.handler(key, backend)
            self.journal.remark(backend.now, "act", sentence, api.name, key)
        self.webhooks.tell()
        return sentence

    def _scene(self, but: frozenset[str] = frozenset()) -> Scene:
        tables = {name: rows for name, rows in self.store.rows().items() if name not in KEPT_APART | but}
        return Scene(tables, self.clock.setting())

    def _read(self, document: JSON) -> Scene:
        if found := state.check(self.catalogue, document):
            raise Unacceptable(tuple(found))
        own: JSON = orjson.loads(orjson.dumps(document))  # whoever gave it may go on changing it
        delicate = state.masked(own) != own
        return Scene(own["tables"], own.get("clock") or self.clock.setting(), delicate)

    def _play(self, scene: Scene) -> None:
        """Let the rows be those of a scene, and the clock as it was then."""
        self._renew()
        own = self.store.rows("mocktill.")
        ended: Rows = {name: {} for name in OF_A_WORLD}
        self.store.load({**own, **ended, **scene.tables, "mocktill.clock": {CLOCK: self.clock.row(scene.clock)}})
        if scene.delicate:
            self.note_delicate()

    def _renew(self) -> None:
        """Note that another world begins: what waits is not for it."""
        self.generation += 1
        self.replies.forget_waiting()

    def _moved(self, change: Callable[[], None]) -> list[Event]:
        with self.lock:
            before = self.clock.now()
            with self.store.transaction():
                change()
                self.webhooks.stay_due(before)
            events = self.pass_time()
        self.webhooks.tell()
        return events

    def _make_backend(self, api: Api) -> Backend:
        fake = Fake(self.table("mocktill.settings"), api.name, self.table("mocktill.counters"))
        options = self.catalogue.shelves[api.name].choices
        tells, emit = partial(self.webhooks.tells, api.name), partial(self.webhooks.emit, api)
        choices = self.table("mocktill.choices")
        return Backend(api.name, self.store, fake, options, choices, stock=api.stock, tells=tells, emit=emit)

    def _begin(self, setup: Setup, beginning: Rows | Prepared | None) -> Rows:
        """Let the rows be those of the beginning, and return them; they are made where there are none yet."""
        if isinstance(beginning, Prepared):
            self.store.take(beginning)
            return beginning.rows
        if beginning is not None:
            self.store.load(beginning)
            return beginning
        setup.check()
        self.store.load(self.catalogue.factory)
        with self.store.transaction():
            settings = {"seed": setup.seed, "answers": setup.answers, "delicate": self.catalogue.delicate}
            self.table("mocktill.settings").put("settings", settings)
        self.choices.set(setup.choices or {})
        self.webhooks.begin_with(setup.webhooks or {})
        if setup.now is not None:
            self.clock.freeze(setup.now)
        if setup.populate:
            self.populate(setup.populate, setup.populate_api)
        return self.store.rows()


def _written(scene: Scene) -> JSON:
    return state.masked(state.document(scene.tables, scene.clock))


def _still_there(known: ReferenceType[Sandbox]) -> Sandbox:
    box = known()
    if box is None:
        raise ReferenceError("the sandbox is gone: hold it as long as you use a part of it")
    return box
