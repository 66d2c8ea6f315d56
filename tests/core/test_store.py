"""The store: indexes that always fit the rows, and transactions that leave everything or nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.store import Change, Index, Row, Store, Table, TableSpec, Taken

INDEXES = (
    Index("by_size", order=("size",)),
    Index("by_shop", equal=("shop",)),
    Index("by_shop_and_size", equal=("shop", "kind"), order=("size", "kind")),
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "a", "b", "ä"]), st.just(0.5))
ROWS = st.fixed_dictionaries({}, optional={"size": VALUES, "shop": VALUES, "kind": VALUES})
KEYS = st.sampled_from("abcdef")
STEPS = st.lists(st.tuples(st.sampled_from(["insert", "put", "delete"]), KEYS, ROWS), max_size=6)
BATCHES = st.lists(st.tuples(STEPS, st.booleans()), max_size=6)


class Stop(Exception):
    """Ends a transaction that is to leave no trace."""


def table(store: Store, *indexes: Index) -> Table:
    """Declare a table of things."""
    return store.declare("things", TableSpec("things", indexes))


def rank(value: Any) -> tuple[int, Any]:
    """Sort as the store promises: null, then numbers, then text."""
    return (0, 0) if value is None else (2, value) if isinstance(value, str) else (1, value)


def found(model: dict[str, Row], index: Index, group: tuple[Any, ...]) -> list[tuple[str, Row]]:
    """Return what an index should find, by looking at every row."""
    rows = [(key, row) for key, row in model.items() if tuple(map(row.get, index.equal)) == group]
    return sorted(rows, key=lambda item: ([rank(item[1].get(field)) for field in index.order], item[0]))


def assert_equal(things: Table, model: dict[str, Row]) -> None:
    """Compare a table with a dictionary: its rows, and every group of every index."""
    assert dict(things.items()) == model
    assert len(things) == len(model)
    for index in INDEXES:
        groups = {tuple(map(row.get, index.equal)) for row in model.values()}
        for group in groups | {("nobody",) * len(index.equal)}:
            expected = found(model, index, group)
            assert list(things.find(index.name, *group)) == expected
            assert things.count(index.name, *group) == len(expected)
            assert things.first(index.name, *group) == (expected[0] if expected else None)
            for text in ("", "a") if index.order else ():
                later = [item for item in expected if rank(item[1].get(index.order[0])) > rank(text)]
                assert things.after(index.name, *group, text=text) == (later[0] if later else None)
            assert things.page(index.name, *group, offset=1, limit=2) == expected[1:3]
            assert things.page(index.name, *group, offset=1, limit=2, newest=True) == expected[::-1][1:3]


def do(things: Table, model: dict[str, Row], step: tuple[str, str, Row]) -> None:
    """Do one operation on the table and on its model."""
    what, key, row = step
    if what == "delete":
        things.delete(key)
        model.pop(key, None)
    elif what == "insert" and key in model:
        with pytest.raises(Taken, match=f"things/{key}"):
            things.insert(key, row)
    else:
        things.insert(key, row) if what == "insert" else things.put(key, row)
        model[key] = row


@settings(max_examples=120, deadline=None)
@given(BATCHES)
def test_the_store_equals_a_dictionary(batches: list[tuple[list[tuple[str, str, Row]], bool]]) -> None:
    """The rows and each index equal a dictionary's, whatever is written, kept or rolled back."""
    store = Store()
    things, model = table(store, *INDEXES), dict[str, Row]()
    for steps, keep in batches:
        trial = dict(model)
        try:
            with store.transaction():
                for step in steps:
                    do(things, trial, step)
                    assert_equal(things, trial)
                if not keep:
                    raise Stop
            model = trial
        except Stop:
            pass
        assert_equal(things, model)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(KEYS, ROWS), st.dictionaries(KEYS, ROWS))
def test_loading_replaces_rows_and_indexes(old: dict[str, Row], new: dict[str, Row]) -> None:
    """What is loaded is all that is there, and `rows` gives it back."""
    store = Store()
    things = table(store, *INDEXES)
    store.load({"things": old})
    store.load({"things": new})
    assert_equal(things, new)
    assert store.rows() == {"things": new}


def test_loading_empties_tables_that_are_not_named() -> None:
    """A table that a load does not name becomes empty."""
    store = Store()
    things = table(store)
    store.load({"things": {"a": {}}})
    store.load({})
    assert len(things) == 0


def test_writing_outside_a_transaction_is_refused() -> None:
    """A write needs an open transaction, and a refused one changes nothing."""
    store = Store()
    things = table(store, *INDEXES)
    for write in (things.insert, things.put):
        with pytest.raises(RuntimeError, match="write to things outside a transaction"):
            write("a", {})
    assert_equal(things, {})


def test_deleting_outside_a_transaction_is_refused() -> None:
    """A row is not deleted without a transaction either."""
    store = Store()
    things = table(store)
    store.load({"things": {"a": {}}})
    with pytest.raises(RuntimeError, match="outside a transaction"):
        things.delete("a")
    assert "a" in things


def test_a_transaction_within_another_is_refused() -> None:
    """Transactions do not nest, and the attempt leaves the outer one open."""
    store = Store()
    things = table(store)
    with store.transaction():
        with pytest.raises(RuntimeError, match="open already"), store.transaction():
            pass
        things.put("a", {})
    assert "a" in things


def test_a_transaction_tells_what_it_changed() -> None:
    """Changes come in the order of the writes, with the row before and after."""
    store = Store()
    things = table(store)
    with store.transaction() as transaction:
        things.insert("a", {"n": 1})
        things.put("a", {"n": 2})
        things.delete("a")
        things.delete("nobody")
    assert transaction.changes == [
        Change("things", "a", None, {"n": 1}),
        Change("things", "a", {"n": 1}, {"n": 2}),
        Change("things", "a", {"n": 2}, None),
    ]


def test_a_rolled_back_transaction_changed_nothing() -> None:
    """After an exception there are no changes to tell."""
    store = Store()
    things = table(store)
    transaction = store.transaction()
    with suppress(Stop), transaction:
        things.put("a", {})
        raise Stop
    assert transaction.changes == []
    assert "a" not in things


def test_a_rollback_puts_rows_back_in_their_places() -> None:
    """The order of the rows, oldest key first, is the same after a rollback as before."""
    store = Store()
    things = table(store)
    store.load({"things": {"a": {}, "b": {}, "c": {}}})
    with suppress(Stop), store.transaction():
        things.delete("a")
        things.insert("d", {})
        raise Stop
    assert [key for key, _ in things.items()] == ["a", "b", "c"]


def test_reads_see_the_transactions_own_writes() -> None:
    """Inside a transaction a row is there as soon as it is written, in the indexes as well."""
    store = Store()
    things = table(store, *INDEXES)
    with store.transaction():
        things.put("a", {"shop": "x"})
        assert things.get("a") == {"shop": "x"}
        assert things.first("by_shop", "x") == ("a", {"shop": "x"})


@pytest.mark.parametrize("row", [{"shop": ["no", "value"]}, {"size": {"no": "value"}}])
def test_a_row_that_cannot_be_indexed_leaves_no_trace(row: Row) -> None:
    """A write that fails half-way through the indexes is rolled back like any other."""
    store = Store()
    things = table(store, *INDEXES)
    old: dict[str, Row] = {"a": {"shop": "x", "size": 1}, "b": {"shop": "x", "size": 2}}
    store.load({"things": old})
    with suppress(TypeError), store.transaction():
        things.put("a", {"shop": "y", "size": 3})
        things.put("b", row)
    assert_equal(things, old)
    with store.transaction():
        things.put("c", {"shop": "x"})
    assert things.count("by_shop", "x") == 3


def test_a_row_may_be_deleted_while_find_goes_on() -> None:
    """What is found is what was there when the search began: deleting on the way does no harm."""
    store = Store()
    things = table(store, *INDEXES)
    store.load({"things": {key: {"shop": "x"} for key in "abc"}})
    with store.transaction():
        for key, _ in things.find("by_shop", "x"):
            things.delete(key)
    assert len(things) == 0


def test_rows_that_were_taken_out_do_not_change() -> None:
    """`rows` is a picture: what is written later does not show in it."""
    store = Store()
    things = table(store)
    store.load({"things": {"a": {"n": 1}}})
    before = store.rows()
    with store.transaction():
        things.put("a", {"n": 2})
        things.put("b", {})
    assert before == {"things": {"a": {"n": 1}}}


def test_a_sparse_index_leaves_null_out() -> None:
    """Rows in which a field of equality is null are in no group, and come in as soon as it has a value."""
    store = Store()
    table = store.declare("t", TableSpec("t", (Index("by_buyer", equal=("deal", "user"), sparse=True),)))
    with store.transaction():
        table.put("a", {"deal": "d", "user": None})
    assert (table.count("by_buyer", "d", None), table.count("by_buyer", "d", "u")) == (0, 0)
    with store.transaction():
        table.put("a", {"deal": "d", "user": "u"})
    store.load(store.rows())
    assert table.count("by_buyer", "d", "u") == 1


@given(st.dictionaries(st.integers(0, 60), ROWS, min_size=40), st.dictionaries(st.integers(0, 70), ROWS, max_size=6))
def test_a_load_leaves_indexes_that_fit(first: dict[int, Row], changed: dict[int, Row]) -> None:
    """However much a load changes, rows and indexes are those of the new rows alone."""
    store = Store()
    things = table(store, *INDEXES)
    before = {f"k{number}": row for number, row in first.items()}
    store.load({"things": before})
    assert_equal(things, before)
    after = {**before, **{f"k{number}": row for number, row in changed.items()}}
    for key in list(after)[: len(changed) // 2]:
        del after[key]
    store.load({"things": after})
    assert_equal(things, after)
    store.load({"things": before})
    assert_equal(things, before)
    store.load({})
    assert_equal(things, {})


def insert(things: Table, *keys: str) -> None:
    """Add rows under keys that have none."""
    for key in keys:
        things.insert(key, {})


def test_whatever_changes_rows_is_counted() -> None:
    """A commit that wrote counts once, and so do a load and a take; what wrote nothing or was undone does not."""
    store, other = Store(), Store()
    things = table(store)
    table(other)
    with store.transaction():
        things.put("a", {})
        things.put("b", {})
    assert store.commits == 1
    with store.transaction():
        things.delete("c")
    with store.transaction() as transaction:
        things.delete("a")
        transaction.discard()
    with pytest.raises(Taken), store.transaction():
        insert(things, "c", "a")
    assert store.commits == 1
    store.load({})
    other.take(store.prepare())
    assert (store.commits, other.commits) == (2, 1)
