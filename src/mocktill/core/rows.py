"""What a correct row is: one that no handler trips over, whoever wrote it.

An API's schema `rows` says it for each of its tables. There a property with `x-table` is the key of a row of that
table, or a list of keys; one with the format `date-time` is an instant that there is; an integer is one in Python too.
Of an API without that schema any object is a row. Mocktill's own tables are described like those of an API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple, Protocol

from mocktill.core.api import JSON, Violation
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import instant
from mocktill.core.contract import Contract, Unacceptable, own
from mocktill.core.rules import check_rule
from mocktill.core.secrets import shown
from mocktill.core.seeds import pointer_to, references, referred

OWN = "mocktill"
ROWS = "rows"
SOURCE = "Mocktill, state of a sandbox"
LONGEST = 100
"""At how many characters a name is cut that is looked for among others."""


class Table(Protocol):
    """A table of which only the keys are asked for: of a document, or of a store."""

    def __contains__(self, key: str, /) -> bool: ...


Keys = Mapping[str, Table]
"""Tables by full name."""


def contracts(catalogue: Catalogue) -> Mapping[str, Contract]:
    """Return the tables that a document may have, by full name, each with the schemas that know its rows."""
    ours = {f"{OWN}.{table}": own() for table in own().properties(ROWS)}
    shelves = catalogue.shelves.values()
    return {f"{s.api.name}.{spec.name}": s.contract for s in shelves for spec in s.api.tables} | ours


def nearest(known: Iterable[str], name: str) -> str | None:
    """Return the known name that comes nearest to one that is not, if any comes near."""
    return next(iter(get_close_matches(name[:LONGEST], list(known), 1, 0.5)), None)


def existing(what: str, known: Iterable[str], name: str) -> str:
    """Return in words that one of these was expected, and which may be meant."""
    near = nearest(known, name)
    return f"{what} that there is" + (f", such as {near}" if near else "")


def wrong_table(catalogue: Catalogue, name: str, rows: Mapping[str, JSON], tables: Keys) -> Iterator[Violation]:
    """Yield what is wrong with a table of a document, with pointers into it: its rows, and that they are too many."""
    yield from wrong_rows(catalogue, name, rows, tables)
    contract, table = contracts(catalogue)[name], name.partition(".")[2]
    if ROWS not in contract.documents or contract.accepts(ROWS, {table: rows}):
        return
    if all(contract.accepts(ROWS, {table: {key: row}}) for key, row in rows.items()):
        yield from (_below(table, violation) for violation in contract.explain(ROWS, {table: rows}))


def wrong_rows(catalogue: Catalogue, name: str, rows: Mapping[str, JSON], tables: Keys) -> Iterator[Violation]:
    """Yield what is wrong with some rows of a table, with pointers into it; `tables` are those that they refer to."""
    api, _, table = name.partition(".")
    contract = contracts(catalogue)[name]
    if ROWS in contract.documents:
        yield from _by_schema(contract, table, rows)
        yield from _wrong_values(_marks(contract).get(table, ()), rows)
        yield from _dangling(contract, api, table, rows, tables)
    else:
        yield from _out_of_order(catalogue, api, table, rows)
    if name == f"{OWN}.choices":
        yield from _wrong_choices(catalogue, rows)
    elif name == f"{OWN}.faults":
        yield from _wrong_faults(catalogue, rows)


def wrong(pointer: str, rule: str, expected: str, got: JSON) -> Violation:
    """Return a violation of what no schema tells."""
    return Violation("error", "body", pointer, rule, expected, shown(got), SOURCE)


@lru_cache(maxsize=4096)
def is_instant(written: str) -> bool:
    """Whether there is such an instant: no pattern tells that there is no 30 February."""
    try:
        return bool(instant(written))
    except ValueError:
        return False


def _by_schema(contract: Contract, table: str, rows: Mapping[str, JSON]) -> Iterator[Violation]:
    """Yield what the schema has against rows; only those are explained, one by one, that it does not accept."""
    if contract.accepts(ROWS, {table: rows}):
        return
    for key, row in rows.items():
        for violation in contract.check(ROWS, {table: {key: row}}):
            below = _below(table, violation)
            yield below if below.pointer else replace(below, pointer=pointer_to(key))  # it is the key that is wrong


def _below(table: str, violation: Violation) -> Violation:
    return replace(violation, pointer=violation.pointer.removeprefix(pointer_to(table)))


def _wrong_values(marks: Iterable[_Mark], rows: Mapping[str, JSON]) -> Iterator[Violation]:
    for path, dated in marks:
        name = path[0]
        for key, row in rows.items():
            value = row.get(name)
            if value is None or type(value) is int:
                continue  # the common case at the least price
            for place, found in _follow(value, path[1:], (key, name)):
                if dated and isinstance(found, str) and not is_instant(found):
                    yield wrong(pointer_to(*place), "date-time", "an instant that there is", found)
                elif not dated and isinstance(found, float) and found.is_integer():
                    yield wrong(pointer_to(*place), "type", "integer", found)


def _dangling(contract: Contract, api: str, table: str, rows: Mapping[str, JSON], tables: Keys) -> Iterator[Violation]:
    links = {table: _links(contract).get(table, {})}
    for _, key, place, target, wanted in referred({table: rows}, links):
        if isinstance(wanted, str) and wanted not in tables.get(f"{api}.{target}", ()):
            yield wrong(pointer_to(key, *place), "x-table", f"the key of a row of {api}.{target}", wanted)


def _out_of_order(catalogue: Catalogue, api: str, table: str, rows: Mapping[str, JSON]) -> Iterator[Violation]:
    """Yield what could not be found by an index of the table, where no schema tells."""
    spec = next(spec for spec in catalogue.shelves[api].api.tables if spec.name == table)
    fields = {field for index in spec.indexes for field in (*index.equal, *index.order)}
    for key, row in rows.items():
        for field in sorted(fields & row.keys()):
            if isinstance(row[field], (dict, list)):
                yield wrong(pointer_to(key, field), "type", "text, a number or null: it is looked for", row[field])


def _wrong_choices(catalogue: Catalogue, rows: Mapping[str, JSON]) -> Iterator[Violation]:
    for name, row in rows.items():
        choice = catalogue.choices.get(name)
        if choice is None:
            yield wrong(pointer_to(name), "enum", existing("a choice", catalogue.choices, name), name)
        elif row.get("value") not in (options := [option.value for option in choice.options]):
            yield wrong(pointer_to(name, "value"), "enum", f"one of {', '.join(options)}", row.get("value"))


def _wrong_faults(catalogue: Catalogue, rows: Mapping[str, JSON]) -> Iterator[Violation]:
    """Yield what is wrong with fault rules, which are no more harmless for coming in a snapshot."""
    for key, row in rows.items():
        try:
            check_rule(catalogue.apis, row.get("rule"))
        except Unacceptable as error:
            for violation in error.violations:
                yield replace(violation, pointer=pointer_to(key, "rule") + violation.pointer)


class _Mark(NamedTuple):
    """Where the rows of a table have an instant, or else an integer; lists on the way are not named."""

    path: tuple[str, ...]
    dated: bool


@lru_cache(maxsize=64)
def _marks(contract: Contract) -> Mapping[str, tuple[_Mark, ...]]:
    tables = contract.properties(ROWS).items()
    return {name: tuple(_marked(contract, ROWS, table["additionalProperties"])) for name, table in tables}


def _marked(contract: Contract, at: str, schema: JSON, path: tuple[str, ...] = ()) -> Iterator[_Mark]:
    at, schema = contract.resolve(at, schema)
    kinds, dated = schema.get("type", ()), schema.get("format") == "date-time"
    if dated or "integer" in ([kinds] if isinstance(kinds, str) else kinds):
        yield _Mark(path, dated)
    for option in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _marked(contract, at, option, path)
    for name, inner in schema.get("properties", {}).items():
        yield from _marked(contract, at, inner, (*path, name))


@lru_cache(maxsize=64)
def _links(contract: Contract) -> Mapping[str, Mapping[str, str]]:
    return references(contract, ROWS)


def _follow(value: JSON, path: tuple[str, ...], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], JSON]]:
    """Yield what lies at a path within a value, in each item of a list, with its place."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _follow(item, path, (*place, str(number)))
    elif not path:
        yield place, value
    elif isinstance(value, dict) and path[0] in value:
        yield from _follow(value[path[0]], path[1:], (*place, path[0]))
