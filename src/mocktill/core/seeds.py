"""Seed files: the factory state as YAML, checked by schema, with the line of whatever is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

import orjson
import yaml

from mocktill.core.api import JSON, Rows, Violation
from mocktill.core.clock import instant
from mocktill.core.contract import Contract
from mocktill.core.store import Row

try:
    from yaml.cyaml import CParser as _Events  # type: ignore[attr-defined]  # its stub has it unsaid
except ImportError:  # a PyYAML without libyaml
    _Events = None  # type: ignore[assignment, misc]

UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
LARGEST = 8 * 1024 * 1024
MOST = 10
"""How many mistakes of one file are told at once."""


class BrokenSeed(Exception):
    """A fixture file that cannot be used: says file, line, pointer and what is wrong, a line for each mistake."""


@dataclass(frozen=True)
class Magic:
    """A row that an integrator reaches an outcome with, and the sentence that says which."""

    api: str
    table: str
    key: str
    sentence: str


@dataclass(frozen=True)
class Seed:
    """One seed file: rows by table and key, and which of them are magic. A row that is None takes one away."""

    tables: Mapping[str, Mapping[str, Row | None]]
    magic: tuple[Magic, ...]

    def over(self, other: Seed) -> Seed:
        """Return this seed laid over another: its rows replace those with the same key."""
        tables = {name: dict(rows) for name, rows in other.tables.items()}
        for name, rows in self.tables.items():
            tables.setdefault(name, {}).update(rows)
        kept = [magic for magic in other.magic if magic.key not in self.tables.get(magic.table, {})]
        alive = [m for m in (*kept, *self.magic) if tables[m.table].get(m.key) is not None]
        return Seed(tables, tuple(alive))

    def rows(self) -> Rows:
        """Return the rows that are there."""
        return {name: {key: row for key, row in rows.items() if row is not None} for name, rows in self.tables.items()}


def load_seed(file: Traversable, api: str, contract: Contract, base: Seed | None = None) -> Seed:
    """Read a seed file of an API; raise `BrokenSeed` for one that its schemas do not accept.

    The API's schema `seed` says which tables there are and what a row is; a property with `x-table` is the key of a
    row there, or a list of keys, and that row has to be in the file or in the `base` that it will lie over. A row's
    `magic` is its sentence, and not part of the row.
    """
    document, lines = read_yaml(file)
    violations = contract.check("seed", document)
    if violations:
        raise BrokenSeed(say_all(file, violations, lines))
    tables: dict[str, dict[str, Row | None]] = {}
    magic: list[Magic] = []
    for name, rows in (document.get("tables") or {}).items():
        tables[name] = {}
        for key, row in rows.items():
            _check_instants(file, pointer_to("tables", name, key), row or {}, lines)
            _check_json(file, pointer_to("tables", name, key), {key: row}, lines)
            if row is not None and "magic" in row:
                magic.append(Magic(api, name, key, row["magic"]))
            tables[name][key] = row and {field: value for field, value in row.items() if field != "magic"}
    seed = Seed(tables, tuple(magic))
    dangling = [
        f"{file}:{lines.get(pointer, 1)}: {pointer}: {sentence}"
        for pointer, sentence in _dangling(seed, base or Seed({}, ()), references(contract))
    ]
    if dangling:
        raise BrokenSeed(_together(file, dangling))
    return seed


def references(contract: Contract, name: str = "seed") -> dict[str, dict[str, str]]:
    """Return, by table and property, the table whose keys the property's values are: what `x-table` says.

    The tables are those of the schema `seed`, or of another that says of each table what a row is.
    """
    found: dict[str, dict[str, str]] = {}
    document = contract.documents[name]
    at, tables = contract.resolve(name, contract.properties(name).get("tables", {}) if name == "seed" else document)
    for table, schema in tables.get("properties", {}).items():
        place, rows = contract.resolve(at, schema.get("additionalProperties", {}))
        for option in rows.get("anyOf", [rows]):
            inner, row = contract.resolve(place, option)
            for name, value in row.get("properties", {}).items():
                target = contract.resolve(inner, value)[1].get("x-table")
                if target is not None:
                    found.setdefault(table, {})[name] = target
    return found


def _dangling(seed: Seed, base: Seed, links: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield pointer and sentence of what refers to a row that there is not, or is taken away and referred to."""
    whole = seed.over(base).rows()
    for table, key, place, target, wanted in referred(whole, links):
        if wanted in whole.get(target, {}):
            continue
        if key in seed.tables.get(table, {}):
            pointer = pointer_to("tables", table, key, *place)
            yield pointer, f"this refers to the {target} row {wanted!r}, which there is not"
        elif wanted in seed.tables.get(target, {}):
            gone = pointer_to("tables", target, wanted)
            yield gone, f"this row is taken away, and the {table} row {key!r} refers to it"


def referred(
    tables: Rows, links: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, tuple[str, ...], str, JSON]]:
    """Yield each reference of each row: table, key and place within the row, and the table and key referred to."""
    for table, fields in links.items():
        for key, row in tables.get(table, {}).items():
            for name, target in fields.items():
                value = row.get(name)
                if isinstance(value, list):
                    yield from ((table, key, (name, str(at)), target, wanted) for at, wanted in enumerate(value))
                elif value is not None:
                    yield table, key, (name,), target, value


def _check_json(file: Traversable, pointer: str, row: JSON, lines: Mapping[str, int]) -> None:
    """Raise `BrokenSeed` for what no answer could hold: half of a surrogate pair, an integer over 64 bits."""
    try:
        orjson.dumps(row)
    except TypeError as error:
        place = lines.get(pointer, 1)
        raise BrokenSeed(f"{file}:{place}: {pointer.encode(errors='replace').decode()}: {error}") from None


def _check_instants(file: Traversable, pointer: str, row: Row, lines: Mapping[str, int]) -> None:
    """Raise `BrokenSeed` for a date that there is not, such as 30 February, which no pattern can tell."""
    for name, value in row.items():
        if name.endswith("_at") and isinstance(value, str):
            try:
                instant(value)
            except ValueError as error:
                place = pointer + pointer_to(name)
                raise BrokenSeed(f"{file}:{lines.get(place, 1)}: {place}: {value!r} is no instant: {error}") from None


def say_all(file: Traversable, violations: Sequence[Violation], lines: Mapping[str, int]) -> str:
    """Return a line for each violation, unknown properties first: what is misspelt explains what is missing."""
    ordered = sorted(violations, key=lambda violation: violation.rule not in UNKNOWN)
    return _together(file, [say(file, violation, lines) for violation in ordered])


def _together(file: Traversable, mistakes: Sequence[str]) -> str:
    more = [f"{file}: and more of the kind"] if len(mistakes) > MOST else []
    return "\n".join([*mistakes[:MOST], *more])


def say(file: Traversable, violation: Violation, lines: Mapping[str, int]) -> str:
    """Return one line that names file, line, pointer and what is wrong."""
    pointer = violation.pointer
    known = pointer
    while known not in lines and known:
        known = known.rpartition("/")[0]
    return f"{file}:{lines.get(known, 1)}: {pointer or '/'}: {violation.said} ({violation.rule})"


def read_yaml(file: Traversable) -> tuple[JSON, dict[str, int]]:
    """Return a YAML document as JSON values, and the line of each of its JSON pointers.

    Only plain data: no tags, no aliases, no duplicate keys; keys are text.
    """
    try:
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise BrokenSeed(f"{file}:1: /: the file is over {LARGEST} bytes")
        text = content.decode()
        if _Events is not None:
            with suppress(yaml.YAMLError):  # the other one says what is wrong, and where
                return _read(_Quick(text))
        return _read(_Plain(text))
    except OSError as error:
        raise BrokenSeed(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BrokenSeed(f"{file}:1: /: the file is not UTF-8") from None
    except RecursionError:
        raise BrokenSeed(f"{file}:1: /: the file is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        if isinstance(error, yaml.reader.ReaderError):
            line = content[: error.position].count(b"\n") + 1
        reason = str(getattr(error, "problem", None) or "an unacceptable character")
        raise BrokenSeed(f"{file}:{line}: /: {reason}") from None


def _read(loader: _Plain) -> tuple[JSON, dict[str, int]]:
    node = loader.get_single_node()
    return ({}, {"": 1}) if node is None else (loader.construct_document(node), dict(_lines(node, "")))


class _Plain(yaml.SafeLoader):
    """YAML as JSON: dates stay text, and what JSON cannot say is an error."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's own API
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag not in _PLAIN_TAGS:
            raise yaml.MarkedYAMLError(problem=f"the tag {node.tag} is not allowed", problem_mark=node.start_mark)
        try:
            value = super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None
        return int(value) if isinstance(value, float) and value.is_integer() else value  # JSON's 2.0 is an integer

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is no text: put it in quotes", problem_mark=key.start_mark
                )
            if key.value in keys:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} is there twice", problem_mark=key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)


class _Quick(_Plain):
    """The same on libyaml's events, in half the time: every start reads the seeds."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        events = _Events(text)
        vars(self).update(check_event=events.check_event, peek_event=events.peek_event, get_event=events.get_event)


_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")}
_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _lines(node: yaml.Node, pointer: str) -> Iterator[tuple[str, int]]:
    yield pointer, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = pointer + pointer_to(str(key.value))
            yield inner, key.start_mark.line + 1
            for place, line in _lines(value, inner):
                if place != inner:
                    yield place, line
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, f"{pointer}/{number}")


def pointer_to(*parts: str) -> str:
    """Return the JSON pointer (RFC 6901) of these keys."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
