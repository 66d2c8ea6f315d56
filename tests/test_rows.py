"""What is stored obeys the schema of its rows, whatever happened; and what obeys it, no handler trips over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocktill.apis import BUILTIN
from mocktill.core import state
from mocktill.core.api import JSON, Api, Operation
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import own
from mocktill.core.engine import answer_at_once
from mocktill.core.sample import pick, request
from mocktill.core.sandbox import KEPT_APART, Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import load_scenario
from mocktill.core.store import Row
from mocktill.doors.player import play_in_process
from tests import toyvendor
from tests.client import Client
from tests.conftest import NOW

APIS = {api.name: api for api in (*BUILTIN, toyvendor.API)}
CATALOGUE = Catalogue(tuple(APIS.values()))
FILES = sorted((Path(__file__).parents[1] / "fixtures").glob("*/scenarios/*.yaml"))
TABLES = [f"{api.name}.{spec.name}" for api in APIS.values() for spec in api.tables]
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1000, 10**12, -(10**12), 2**53 - 1, 2**63 - 1, 2**64 - 1, 1.0, 0.5, 1e300,
    "", "a", "a b/c?#%~", "x" * 700, "🎫" * 739, "é🎫\x00\"'<", "a@b", "null", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "2026-02-30T00:00:00.000000Z",
    "0000", "99999999y",
    [], [""], ["a"], [1], [None], [{}], {}, {"a": [1.5, {"token": None}]}, {"": "b"},
)  # fmt: skip
"""What a row's field may be set to, in good faith or not."""


def lived(choices: Mapping[str, str] | None = None) -> Sandbox:
    """Return a sandbox in which each operation was asked for once, beside objects that were made up."""
    box = Sandbox(CATALOGUE, setup=Setup(now=NOW, populate=3, choices=choices))
    for api in APIS.values():
        for operation in api.operations:
            ask(box, api, operation)
    return box


def ask(box: Sandbox, api: Api, operation: Operation, args: Mapping[str, str] | None = None) -> bytes:
    """Send the sample of an operation, or with other arguments; it is answered with no 5xx."""
    found = dict(args or {})
    if operation.sample.after and args is None:
        answer = orjson.loads(ask(box, api, api.operation(operation.sample.after)))
        try:
            found = {name: pick(answer, pointer) for name, pointer in operation.sample.taken.items()}
        except LookupError:
            return b""  # by the row that was changed there is nothing to go on with
    sent = request(api, operation, operation.sample, "http://localhost", found)
    headers = {**sent.headers, "user-agent": "a test"}
    answer = answer_at_once(box, box.catalogue.shelves[api.name], replace(sent, headers=headers))
    assert answer.status < 500, (operation.name, found, answer.body)
    return answer.body


def readings(box: Sandbox, api: Api) -> Iterator[tuple[Operation, dict[str, str]]]:
    """Yield how to read each object of an API that can be read."""
    table = box.store.tables[f"{api.name}.{'tickets' if api is toyvendor.API else 'purchases'}"]
    for operation in api.operations:
        if operation.method == "GET" and api.name != "drip":
            yield from ((operation, dict.fromkeys(operation.sample.args, key)) for key, _ in table.items())
    if api.name == "drip":
        for key, row in table.items():
            owner = box.table("drip.subscribers").get(row["subscriber"]) or {}
            args = {"account_id": owner["account"], "id_or_email": row["subscriber"], "purchase_id": key}
            yield from ((operation, args) for operation in api.operations if operation.method == "GET")


def rows_of(box: Sandbox) -> dict[str, dict[str, Row]]:
    """Return the rows that a document has."""
    return {name: rows for name, rows in box.store.rows().items() if name not in KEPT_APART}


def assert_obeyed(box: Sandbox) -> None:
    """See that every row is correct, alone and with all others, and that a document comes back as it is."""
    rows = rows_of(box)
    for table, of in rows.items():
        for key, row in of.items():
            assert state.check_row(box.catalogue, table, key, row, box.store.tables) == [], (table, key)
    document = state.document(rows, box.clock.setting())
    assert state.check(box.catalogue, document) == []
    raw = state.dump(document)
    assert state.read(raw) == document
    assert state.dump(state.read(raw)) == raw


def test_the_factory_state_obeys() -> None:
    """The rows that a sandbox begins with are correct."""
    assert_obeyed(Sandbox(CATALOGUE, setup=Setup(now=NOW)))


def test_what_is_made_up_obeys() -> None:
    """The rows of populated objects are correct."""
    assert_obeyed(Sandbox(CATALOGUE, setup=Setup(now=NOW, populate=20)))


def test_what_requests_leave_obeys() -> None:
    """The rows that each operation leaves are correct, and each table has some by then."""
    box = lived()
    assert_obeyed(box)
    assert [name for name in TABLES if not len(box.table(name))] == ["kiosk.holds"]


def test_rows_of_our_own_obey() -> None:
    """Choices, counters and fault rules are correct rows as well."""
    box = lived({"deem.claim_twice": "same_answer"})
    box.faults.add({"when": {"api": "deem"}, "what": {"rate_limit": {"limit": 5, "window": "1m"}}})
    ask(box, APIS["deem"], APIS["deem"].operation("get_purchase"))
    assert [name for name in own().properties("rows") if not len(box.table(f"mocktill.{name}"))] == []
    assert_obeyed(box)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}/{file.stem}")
def test_what_a_scenario_leaves_obeys(file: Path) -> None:
    """The rows that a scenario leaves are correct."""
    sandboxes = Sandboxes(CATALOGUE)
    assert [step.problems for step in play_in_process(load_scenario(file), sandboxes) if step.problems] == []
    assert_obeyed(sandboxes.default)


def test_an_item_without_a_name_of_its_own() -> None:
    """An item's id that is an empty text is none: it gets one, and the list can be read."""
    box, api = Sandbox(CATALOGUE, setup=Setup(now=NOW)), APIS["drip"]
    path = "/v2/9999999/subscribers/98asdh9f8asd88d/purchases"
    sent = {"purchases": [{"amount": 1, "items": [{"id": "", "name": "Canoe", "amount": 1}]}]}
    client = Client(box, "drip", {"Authorization": "Bearer me", "User-Agent": "a test"})
    assert client("POST", path, json=sent).status_code == 201
    assert_obeyed(box)
    ask(box, api, api.operation("list_purchases"))


@cache
def used() -> Sandbox:
    """Return a sandbox to look at, with rows in each table."""
    return lived()


def schema_of(table: str) -> tuple[JSON, JSON]:
    """Return the schema of a table's rows: of its fields, and which are required."""
    api, _, name = table.partition(".")
    row = CATALOGUE.shelves[api].contract.properties("rows")[name]["additionalProperties"]
    return row["properties"], row["required"]


def refused(table: str, key: str, row: JSON) -> list[str]:
    """Return the pointers to what is wrong with a row."""
    return [found.pointer for found in state.check_row(CATALOGUE, table, key, row, used().store.tables)]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_described(table: str) -> None:
    """Each table has a description of its rows, which allows no other fields, and some row has each field."""
    fields, required = schema_of(table)
    api, _, name = table.partition(".")
    row = CATALOGUE.shelves[api].contract.properties("rows")[name]["additionalProperties"]
    assert row["additionalProperties"] is False
    assert set(required) <= set(fields)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_with_something_missing_is_refused(table: str) -> None:
    """A row without one of the fields that are required, or with one that is unknown, is refused at that field."""
    _, required = schema_of(table)
    for key, row in used().table(table).items():
        for field in required:
            assert refused(table, key, {name: value for name, value in row.items() if name != field}) == [f"/{field}"]
        assert refused(table, key, {**row, "colour": "red"}) == ["/colour"]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_with_a_wrong_type_is_refused(table: str) -> None:
    """A row is refused at the field that has a value of a type that no such field has."""
    fields, _ = schema_of(table)
    for key, row in used().table(table).items():
        for field in fields:
            for value in (0.5, [0.5], 2**65, "\ud800"):
                assert any(at.startswith(f"/{field}") for at in refused(table, key, {**row, field: value})), field


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_refers_to_none_is_refused(table: str) -> None:
    """Each field that has the key of another row is refused when there is no such row."""
    fields, _ = schema_of(table)
    for key, row in used().table(table).items():
        for field, schema in fields.items():
            if "x-table" in schema and schema["type"] == "array":
                assert f"/{field}/0" in refused(table, key, {**row, field: ["gone"]})
            elif "x-table" in schema:
                assert refused(table, key, {**row, field: "gone"}) == [f"/{field}"]


def places(value: JSON) -> Iterator[tuple[str | int, ...]]:
    """Yield the places within a value, those of lists for the first item alone."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, item in inner:
        yield (name,)
        yield from ((name, *place) for place in places(item))


def changed(value: JSON, place: tuple[str | int, ...], new: JSON) -> JSON:
    """Return a copy with something else at a place, if it has it; a field of a row it gets."""
    if not place:
        return new
    if isinstance(value, list):
        return [changed(item, place[1:], new) for item in value]
    if isinstance(value, dict):
        return {**value, place[0]: changed(value.get(place[0]), place[1:], new)}
    return value


def enumerated(schema: JSON) -> Iterator[Any]:
    """Yield all the words of a schema that a field is chosen from."""
    if isinstance(schema, dict):
        yield from schema.get("enum", ())
        for part in schema.values():
            yield from enumerated(part)


def accepted(box: Sandbox, table: str) -> Iterator[dict[str, Row]]:
    """Yield the rows of a table, all of them changed in the same way, those of them that are correct."""
    fields, _ = schema_of(table)
    rows = dict(box.table(table).items())
    where = {place for row in rows.values() for place in places(row)} | {(field,) for field in fields}
    for place in sorted(where, key=str):
        for value in (*ODD, *enumerated(fields.get(place[0], {}))):
            made = {key: changed(row, place, value) for key, row in rows.items()}
            good = {key: row for key, row in made.items() if correct(box, table, key, row)}
            if good and any(good[key] != rows[key] for key in good):
                yield good


def correct(box: Sandbox, table: str, key: str, row: JSON) -> bool:
    """Whether a row is correct in a sandbox; most are not, and the schema's verdict is quick."""
    api, _, name = table.partition(".")
    try:
        accepted = CATALOGUE.shelves[api].contract.accepts("rows", {name: {key: row}})
    except ValueError:
        return False
    return accepted and not state.check_row(CATALOGUE, table, key, row, box.store.tables)


@pytest.mark.parametrize("option", [0, -1], ids=["default-choices", "other-choices"])
@pytest.mark.parametrize("table", TABLES)
def test_no_handler_trips_over_a_correct_row(table: str, option: int) -> None:
    """Whatever a correct row holds, everything can be read, and each operation answers; what that leaves is correct."""
    api = APIS[table.partition(".")[0]]
    box = lived({choice.name: choice.options[option].value for choice in api.choices})
    before, count = box.store.rows(), 0
    for rows in accepted(box, table):
        count += 1
        with box.changing():
            for key, row in rows.items():
                box.table(table).put(key, row)
        for operation, args in readings(box, api):
            ask(box, api, operation, args)
        for operation in api.operations:
            if operation.method != "GET":
                ask(box, api, operation)
        box.store.load(before)
    assert count or table in {"drip.accounts", "kiosk.holds"}
