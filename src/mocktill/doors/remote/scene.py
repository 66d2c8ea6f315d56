"""A sandbox that a server runs, as the views of an API read and change it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from mocktill.core.api import JSON, Api
from mocktill.core.names import absent
from mocktill.core.store import Change, Row, Store, Table, Transaction
from mocktill.doors.remote.client import ControlClient, encoded
from mocktill.doors.remote.parts import RemoteClock


class RemoteScene:
    """The rows of a sandbox that a server runs, for the view of an API: a `core.api.Scene`.

    They are read into a store of this process, which has the API's indexes, and are never older than the question:
    they are read anew for each `reading`, each `changing` and each table that is asked for outside of those. Secrets
    in them are masked, as in every state that a server gives away.

    Every method raises ConnectionError where no Mocktill server answers and PermissionError where it wants another
    token.
    """

    def __init__(self, client: ControlClient, api: Api) -> None:
        self._client = client
        self._clock = RemoteClock(client)
        self._specs = {f"{api.name}.{spec.name}": spec for spec in api.tables}
        self._lock = threading.RLock()
        self._held: Store | None = None

    def table(self, name: str) -> Table:
        """Return a table by its full name; raise KeyError in words for one that the server does not have."""
        with self._lock:
            tables = (self._held or self._fetch()).tables
        if name not in tables:
            raise absent("table", name, tables, f"at {self._client.url}")
        return tables[name]

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        return self._clock.now()

    def pass_time(self) -> None:
        """Let what is due by now expire, on the server: whoever reads the state sees to that."""
        self._client.get("state")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read rows as a whole: what is due has expired, and all tables are as they were at one moment."""
        with self._lock, self._holding():
            yield

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Change rows as a whole, here, and then on the server: of each row only the fields that are not as they were.

        What others changed meanwhile in other fields stays. An exception inside sends nothing. Neither does a change
        that the control API has no call for, a new row, one that is gone or a field that is: that is a ValueError in
        words. A row that the server refuses is `Unacceptable`; rows that were sent before it stay changed, and a note
        at the exception says how many.
        """
        with self._lock, self._holding() as store:
            with store.transaction() as transaction:
                yield transaction
            self._send(transaction.changes)

    def act(self, name: str, key: str) -> str:
        """Let something happen on the server that no request brings about; return a sentence on it.

        Raises KeyError in words for an act or a key that there is not, ValueError for what is impossible as things are.
        """
        return str(self._client.call("POST", "acts", name, body={"key": key})["sentence"])

    @contextmanager
    def _holding(self) -> Iterator[Store]:
        """Let every question inside be answered from the same rows."""
        before = self._held
        self._held = store = before or self._fetch()
        try:
            yield store
        finally:
            self._held = before

    def _fetch(self) -> Store:
        tables: Mapping[str, Mapping[str, Row]] = self._client.get("state")["tables"]
        store = Store()
        for name in tables:
            store.declare(name, self._specs.get(name))
        store.load(tables)
        return store

    def _send(self, changes: Iterable[Change]) -> None:
        changed = [(change, fields) for change in _net(changes) if (fields := _changed_fields(change))]
        for number, (change, fields) in enumerate(changed):
            try:
                self._client.call("PATCH", "state", change.table, change.key, body=fields)
            except Exception as error:
                error.add_note(f"{number} of {len(changed)} rows had been changed before {change.table} {change.key}")
                raise


def known_api(name: str) -> Api:
    """Return the API of this name; raise KeyError, in words, for one that this process does not know."""
    from mocktill.apis import BUILTIN, installed  # a client that looks at no rows needs no vendor

    known = {api.name: api for api in BUILTIN}
    if name not in known:  # other packages are looked for only where it is none of ours
        known = {api.name: api for api in installed()}
    if name not in known:
        raise absent("API", name, known, "in this process")
    return known[name]


def _net(changes: Iterable[Change]) -> list[Change]:
    """Return one change for each row that is not as it was, however often it was written."""
    whole: dict[tuple[str, str], Change] = {}
    for change in changes:
        first = whole.get((change.table, change.key), change)
        whole[change.table, change.key] = change._replace(before=first.before)
    return [change for change in whole.values() if change.before is not change.after]


def _changed_fields(change: Change) -> dict[str, JSON]:
    """Return the fields of a row that are not as they were; raise ValueError for what cannot be changed from afar."""
    table, key, before, after = change
    if before is None:
        raise ValueError(f"{table} {key} is a new row, which cannot be made from afar: load a state, or ask the API")
    if after is None:
        raise ValueError(f"{table} {key} cannot be removed from afar: load a state without it, or ask the API")
    if gone := [name for name in before if name not in after]:
        raise ValueError(f"the field {gone[0]} of {table} {key} cannot be removed from afar: load a state without it")
    return {name: value for name, value in after.items() if name not in before or not _same(before[name], value)}


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where 1 is not true; raise ValueError for what JSON cannot hold."""
    return encoded([one]) == encoded([other])
