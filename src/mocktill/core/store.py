"""Rows in tables, with indexes and transactions: all the mutable state of a sandbox.

A row is a JSON object that is never changed in place, only replaced. So a snapshot is a copy of the
tables' dictionaries, a rollback puts the old rows back, and the journal can keep a change by reference.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

Row = Mapping[str, Any]
SMALL_CHANGE = 8
"""Of how many rows one may change while it is quicker to change it than to make a table's indexes anew."""


class Change(NamedTuple):
    """One row as it was and as it is: `before` is None for a new row, `after` for a deleted one."""

    table: str
    key: str
    before: Row | None
    after: Row | None


class Taken(Exception):
    """A row with this key exists already."""


@dataclass(frozen=True)
class Index:
    """Rows with equal values in the fields `equal`, sorted by the fields `order` and then by key.

    A `sparse` one leaves the rows out in which one of the fields `equal` is null.
    """

    name: str
    equal: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    sparse: bool = False


@dataclass(frozen=True)
class TableSpec:
    """A table that an API declares, with the indexes that its questions need.

    `plain` says that no row holds anything that a client sent: nothing in it needs to be masked.
    """

    name: str
    indexes: tuple[Index, ...] = ()
    plain: bool = False


class Table:
    """The rows of one table by key; writing needs an open transaction of its store."""

    def __init__(self, name: str, spec: TableSpec, log: _Log) -> None:
        self.name = name
        self.plain = spec.plain
        self._log = log
        self._rows: dict[str, Row] = {}
        self._indexes = {index.name: _Sorted(index) for index in spec.indexes}

    def get(self, key: str) -> Row | None:
        """Return the row under the key, or None."""
        return self._rows.get(key)

    def insert(self, key: str, row: Row) -> None:
        """Add a row; raise `Taken` when the key has one."""
        if key in self._rows:
            raise Taken(f"{self.name}/{key}")
        self._write(key, row)

    def put(self, key: str, row: Row) -> None:
        """Add the row or replace the one under the key."""
        self._write(key, row)

    def delete(self, key: str) -> None:
        """Remove the row; a key without one is left alone."""
        if key in self._rows:
            self._write(key, None)

    def find(self, index: str, *equal: Any) -> Iterator[tuple[str, Row]]:
        """Yield key and row for the rows whose fields equal these values, in the index's order."""
        for entry in tuple(self._indexes[index].group(equal)):
            yield entry[-1], self._rows[entry[-1]]

    def first(self, index: str, *equal: Any) -> tuple[str, Row] | None:
        """Return the first of `find`, or None, without looking at the others."""
        group = self._indexes[index].group(equal)
        return (group[0][-1], self._rows[group[0][-1]]) if group else None

    def after(self, index: str, *equal: Any, text: str) -> tuple[str, Row] | None:
        """Return the first of `find` in which the first field of the order is a text after this one, or None."""
        group = self._indexes[index].group(equal)
        place = bisect_right(group, _rank(text), key=lambda entry: entry[:2])
        return (group[place][-1], self._rows[group[place][-1]]) if place < len(group) else None

    def count(self, index: str, *equal: Any) -> int:
        """Return how many rows `find` would yield, without looking at them."""
        return len(self._indexes[index].group(equal))

    def page(self, index: str, *equal: Any, offset: int, limit: int, newest: bool = False) -> list[tuple[str, Row]]:
        """Return one page of `find`; `newest` counts from the end of the order, backwards."""
        group = self._indexes[index].group(equal)
        if newest:
            stop = max(len(group) - offset, 0)
            entries = group[max(stop - limit, 0) : stop][::-1]
        else:
            entries = group[offset : offset + limit]
        return [(entry[-1], self._rows[entry[-1]]) for entry in entries]

    def page_by_key(self, offset: int, limit: int) -> list[tuple[str, Row]]:
        """Return one page of `items`."""
        return [(key, self._rows[key]) for key in sorted(self._rows)[offset : offset + limit]]

    def items(self) -> Iterable[tuple[str, Row]]:
        """Return every key with its row, in the order of the keys."""
        return sorted(self._rows.items())

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def _write(self, key: str, row: Row | None) -> None:
        before = self._rows.get(key)
        # every place is worked out before anything changes: a row that cannot be indexed leaves no trace
        places = self._places(key, before, row)
        self._log.note(self, Change(self.name, key, before, row))
        self._replace(key, row, places)

    def _undo(self, change: Change) -> None:
        _, key, before, after = change
        self._replace(key, before, self._places(key, after, before))

    def _places(self, key: str, old: Row | None, new: Row | None) -> list[tuple[_Sorted, _Place, _Place]]:
        indexes: Iterable[_Sorted] = self._indexes.values()
        if old is not None and new is not None:
            indexes = [index for index in indexes if index.moves(old, new)]
        return [(index, index.place(key, old), index.place(key, new)) for index in indexes]

    def _replace(self, key: str, after: Row | None, places: list[tuple[_Sorted, _Place, _Place]]) -> None:
        for index, old, new in places:
            index.move(old, new)
        if after is None:
            del self._rows[key]
        else:
            self._rows[key] = after

    def _load(self, rows: Mapping[str, Row]) -> None:
        """Replace all rows: one by one where most stay, as after a few changes, else with the indexes made anew."""
        if not rows and not self._rows:
            return
        other = [key for key, row in rows.items() if self._rows.get(key) is not row]
        gone = [key for key in self._rows if key not in rows]
        if SMALL_CHANGE * (len(other) + len(gone)) < len(rows):
            for key in (*gone, *other):
                before, after = self._rows.get(key), rows.get(key)
                self._replace(key, after, self._places(key, before, after))
            return
        self._rows = dict(rows)
        for index in self._indexes.values():
            index.rebuild(self._rows)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows by table and key, and the groups of each table's indexes."""

    rows: Mapping[str, Mapping[str, Row]]
    indexes: Mapping[str, Mapping[str, _Groups]]


class Store:
    """The tables of one sandbox, kept in memory. Not locked: whoever shares one holds a lock of his own."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self._log = _Log()

    @property
    def commits(self) -> int:
        """How often rows changed, as a whole each time: whoever knows the number knows whether anything did."""
        return self._log.commits

    def declare(self, name: str, spec: TableSpec | None = None) -> Table:
        """Add an empty table under a name that is unique in the store."""
        table = self.tables[name] = Table(name, spec or TableSpec(name), self._log)
        return table

    def transaction(self) -> Transaction:
        """Open a transaction: `with store.transaction() as tx:` commits at the end, an exception rolls back."""
        return Transaction(self._log)

    def rows(self, prefix: str = "") -> dict[str, dict[str, Row]]:
        """Return all rows by table and key, or those of tables whose name begins so; they are shared, not copied."""
        return {name: dict(table._rows) for name, table in self.tables.items() if name.startswith(prefix)}

    def load(self, rows: Mapping[str, Mapping[str, Row]]) -> None:
        """Replace all rows by these; tables that are not named become empty."""
        for name, table in self.tables.items():
            table._load(rows.get(name, {}))
        self._log.commits += 1

    def prepare(self) -> Prepared:
        """Return all rows with their indexes, for stores that are declared alike."""
        indexes = {
            name: {key: index.groups() for key, index in table._indexes.items()} for name, table in self.tables.items()
        }
        return Prepared(self.rows(), indexes)

    def take(self, prepared: Prepared) -> None:
        """Replace all rows by those that another store has prepared: quicker than loading them."""
        for name, table in self.tables.items():
            table._rows = dict(prepared.rows[name])
            for key, index in table._indexes.items():
                index.take(prepared.indexes[name][key])
        self._log.commits += 1


class Transaction:
    """What is written inside is kept as a whole, or not at all."""

    __slots__ = ("_log", "changes", "kept")

    def __init__(self, log: _Log) -> None:
        self._log = log
        self.changes: list[Change] = []
        self.kept = True

    def discard(self) -> None:
        """Keep nothing of it at its end, as if it had failed."""
        self.kept = False

    def __enter__(self) -> Transaction:
        if self._log.open is not None:
            raise RuntimeError("a transaction is open already")
        self._log.open = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        writes, self._log.open = self._log.open or [], None
        if error is None and self.kept:
            self.changes = [change for _, change in writes]
            self._log.commits += bool(writes)
            return
        for table, change in reversed(writes):
            table._undo(change)


class _Log:
    """What the open transaction of a store wrote, if one is open, and how many were kept that wrote something.

    Store and tables share it, so that no table leads back to its store: rows go with the last who holds them.
    """

    __slots__ = ("commits", "open")

    def __init__(self) -> None:
        self.open: list[tuple[Table, Change]] | None = None
        self.commits = 0

    def note(self, table: Table, change: Change) -> None:
        if self.open is None:
            raise RuntimeError(f"write to {table.name} outside a transaction")
        self.open.append((table, change))


class _Sorted:
    """The entries of one index: for each group a sorted list of (order values …, key)."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._fields = (*index.equal, *index.order)
        self._groups: _Groups = {}

    def groups(self) -> _Groups:
        """Return a copy of all entries by group."""
        return {group: list(entries) for group, entries in self._groups.items()}

    def take(self, groups: _Groups) -> None:
        """Be as an index whose groups these were."""
        self._groups = {group: list(entries) for group, entries in groups.items()}

    def group(self, equal: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return self._groups.get(equal, _NOTHING)

    def move(self, old: _Place, new: _Place) -> None:
        if old == new:
            return
        if old is not None:
            group = self._groups[old[0]]
            del group[bisect_left(group, old[1])]
            if not group:
                del self._groups[old[0]]
        if new is not None:
            group = self._groups.setdefault(new[0], [])
            if not group or group[-1] < new[1]:  # the common case: what is new comes last
                group.append(new[1])
            else:
                insort(group, new[1])

    def moves(self, old: Row, new: Row) -> bool:
        """Whether a row may have another place here than before: most changes are of other fields."""
        return any(old.get(field) is not new.get(field) for field in self._fields)

    def rebuild(self, rows: Mapping[str, Row]) -> None:
        self._groups = {}
        for key, row in rows.items():
            place = self.place(key, row)
            if place is not None:
                self._groups.setdefault(place[0], []).append(place[1])
        for entries in self._groups.values():
            entries.sort()

    def place(self, key: str, row: Row | None) -> _Place:
        """Return group and entry of a row, None for no row or none here; raise TypeError for what has no order."""
        if row is None:
            return None
        index = self._index
        group = tuple([row.get(field) for field in index.equal])
        if index.sparse and None in group:
            return None
        hash(group)
        ranks = [part for field in index.order for part in _rank(row.get(field))]  # flat: there is one for each row
        return group, (*ranks, key)


_Place = tuple[tuple[Any, ...], tuple[Any, ...]] | None
_Groups = dict[tuple[Any, ...], list[tuple[Any, ...]]]
_NOTHING: list[tuple[Any, ...]] = []


def _rank(value: Any) -> tuple[int, Any]:
    """Return a sort key: null before numbers before text, so that no mixture of them fails to compare."""
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, (int, float)):
        return (1, value)
    raise TypeError(f"{value!r} has no place in an order")
