"""The state as a document: what is written comes back, and what is wrong is refused with its place, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.apis import BUILTIN
from mocktill.core import state
from mocktill.core.api import JSON, Violation
from mocktill.core.bodies import DEEPEST
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import LATEST, text
from mocktill.core.contract import SAID, Unacceptable, own
from mocktill.core.names import NAME
from mocktill.core.sandbox import ANSWERS, KEPT_APART, Sandbox, Setup
from mocktill.core.state import DEEPER, MOST
from mocktill.core.store import Index, TableSpec
from tests.conftest import NOW
from tests.core.toy import toy

CATALOGUE = Catalogue(BUILTIN)
CARD = "4111111111111111"


def real(populate: int = 2) -> JSON:
    """Return the document of a real sandbox."""
    box = Sandbox(CATALOGUE, setup=Setup(now=NOW, populate=populate, choices={"deem.claim_twice": "same_answer"}))
    box.faults.add({"when": {"api": "deem", "nth": 3}, "what": {"delay": "2s"}})
    rows = {name: rows for name, rows in box.store.rows().items() if name not in KEPT_APART}
    return state.document(rows, box.clock.setting())


REAL = real()
"""A document, never changed in place."""


def test_what_is_said_besides_counts_more() -> None:
    """Each setting by itself, where the document names it at all; the document itself stays as it is."""
    before = deepcopy(REAL)
    laid = state.overlaid(REAL, seed=7, choices={"deem.sold_out": "validation_failed"}, now=NOW + timedelta(1))
    tables = laid["tables"]
    assert tables["mocktill.settings"]["settings"] == REAL["tables"]["mocktill.settings"]["settings"] | {"seed": 7}
    assert tables["mocktill.choices"] == {
        "deem.claim_twice": {"value": "same_answer"}, "deem.sold_out": {"value": "validation_failed"},
    }  # fmt: skip
    assert laid["clock"] == {"mode": "frozen", "at": "2026-03-03T12:00:00.000000Z"}
    assert state.check(CATALOGUE, laid) == []
    assert state.overlaid(REAL) == REAL == before
    assert state.overlaid(REAL, answers="canned")["tables"]["mocktill.settings"]["settings"]["answers"] == "canned"
    bare = {"version": 1, "tables": {}}
    assert state.overlaid(bare, seed=7, choices={"deem.sold_out": "validation_failed"}) == bare


@pytest.mark.parametrize(
    "document",
    [None, [], 7, {}, {"tables": 7}, {"tables": {"mocktill.settings": 7, "mocktill.choices": []}},
     {"tables": {"mocktill.settings": {"settings": 7}, "mocktill.choices": {"a": 7}}}],
)  # fmt: skip
def test_what_is_no_document_stays_as_it_is(document: JSON) -> None:
    """Whatever it is, nothing is laid over it where there is no place for that."""
    assert state.overlaid(document, seed=7, choices={"a": "b"}) == document


def spoilt(*place: str | int, by: JSON) -> JSON:
    """Return the real document with something else at a place."""
    document = deepcopy(REAL)
    inner = document
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = by
    return document


def told(document: JSON) -> list[tuple[str, str, str]]:
    """Return pointer, expectation and finding of each violation."""
    return [(found.pointer, found.expected, found.got) for found in state.check(CATALOGUE, document)]


def pointers(document: JSON) -> list[str]:
    """Return the pointers of the violations."""
    return [found.pointer for found in state.check(CATALOGUE, document)]


def test_a_real_document_is_accepted() -> None:
    """What a sandbox writes is a state."""
    assert state.check(CATALOGUE, REAL) == []
    assert state.check_server(CATALOGUE, {"version": 1, "sandboxes": {"default": _unversioned(REAL)}}) == []


def test_a_document_diffs_well() -> None:
    """Tables and keys are in order, a row's fields in its own; each field has its line, and the last line its end."""
    rows: dict[str, dict[str, dict[str, Any]]] = {
        "b.x": {"2": {"z": 1, "a": {"y": 1, "b": 2}}, "1": {"q": "é"}},
        "a.y": {},
    }
    clock = {"mode": "running", "at": "2026-03-02T12:00:00Z"}
    assert state.dump(state.document(rows, clock)).decode().splitlines(keepends=True) == [
        "{\n", '  "version": 1,\n',
        '  "clock": {\n', '    "mode": "running",\n', '    "at": "2026-03-02T12:00:00Z"\n', "  },\n",
        '  "tables": {\n', '    "a.y": {},\n', '    "b.x": {\n',
        '      "1": {\n', '        "q": "é"\n', "      },\n",
        '      "2": {\n', '        "z": 1,\n', '        "a": {\n', '          "y": 1,\n', '          "b": 2\n',
        "        }\n", "      }\n", "    }\n", "  }\n", "}\n",
    ]  # fmt: skip


def test_a_document_is_a_copy() -> None:
    """Whoever changes a document changes no row of the sandbox."""
    box = Sandbox(CATALOGUE)
    before = deepcopy(box.store.rows())
    for table in state.document(box.store.rows(), {})["tables"].values():
        for row in table.values():
            row["changed"] = True
    assert box.store.rows() == before


def test_what_is_written_comes_back() -> None:
    """A document is read as it was written, byte by byte."""
    raw = state.dump(REAL)
    assert state.read(raw) == REAL
    assert state.dump(state.read(raw)) == raw
    assert state.document(state.read(raw)["tables"], REAL["clock"]) == REAL


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "/: expected JSON, got line 1, column 1: "),
        (b'{"version": 1,\n "tables": {,}}', "/: expected JSON, got line 2, column 13: "),
        (b'{"version": NaN}', "/: expected JSON, got line 1, column 13: "),
        (b"\xff\xfe", "/: expected JSON, got line 1, column 1: "),
        (b"[" * 100_000, "/: expected JSON, got line 1, column "),
    ],
)
def test_what_is_no_json_is_told_with_its_line(raw: bytes, said: str) -> None:
    """A file that cannot be read is refused with line and column."""
    with pytest.raises(Unacceptable) as caught:
        state.read(raw)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("place", "by", "found"),
    [
        (("version",), 2, [("/version", "1", "2")]),
        (("clock", "mode"), "stopped", [("/clock/mode", 'one of "running", "frozen"', '"stopped"')]),
        (("colour",), "red", [("/colour", "no such property", '"red"')]),
        (("tables",), [], [("/tables", "object", "[]")]),
        (("tables", "deem.users"), [], [("/tables/deem.users", "object", "[]")]),
        (("tables", "deem.deals", "x"), 1, [("/tables/deem.deals/x", "object", "1")]),
        (
            ("tables", "deem.deal"), {},
            [("/tables/deem.deal", "a table that there is, such as deem.deals", '"deem.deal"')],
        ),
        (("tables", "qqq/~"), {}, [("/tables/qqq~1~0", "a table that there is", '"qqq/~"')]),
        (("tables", "mocktill.clock"), {}, [
            ("/tables/mocktill.clock", "a table that there is, such as mocktill.choices", '"mocktill.clock"')]),
        (("tables", "deem.stock", "last-one", "free"), -1, [("/tables/deem.stock/last-one/free", "0 or more", "-1")]),
        (("tables", "deem.stock", "last-one", "free"), 2.0, [("/tables/deem.stock/last-one/free", "integer", "2.0")]),
        (("tables", "deem.stock", ""), {"free": 1, "held": 0, "sold": 0}, [
            ("/tables/deem.stock/", "text of 1 or more characters", '""')]),
        (("tables", "deem.coupons", "a21c5452d8", "purchase_id"), "gone", [
            ("/tables/deem.coupons/a21c5452d8/purchase_id", "the key of a row of deem.purchases", '"gone"')]),
        (("tables", "deem.purchases", "34063ec2", "coupons"), ["gone"], [
            ("/tables/deem.purchases/34063ec2/coupons/0", "the key of a row of deem.coupons", '"gone"')]),
        (("tables", "deem.purchases", "34063ec2", "created_at"), "2026-02-30T00:00:00Z", [
            ("/tables/deem.purchases/34063ec2/created_at", "an instant that there is", '"2026-02-30T00:00:00Z"')]),
        (("tables", "mocktill.settings", "settings", "seed"), 2**63, [
            ("/tables/mocktill.settings/settings/seed", f"{2**63 - 1} or less", str(2**63))]),
        (("tables", "mocktill.settings", "settings", "answers"), "none", [
            ("/tables/mocktill.settings/settings/answers", 'one of "stateful", "canned", "generated"', '"none"')]),
        (("tables", "mocktill.settings"), {}, [
            ("/tables/mocktill.settings", "1 or more properties", "{}")]),
        (("tables", "mocktill.counters", "deem/coupon", "drawn"), "1", [
            ("/tables/mocktill.counters/deem~1coupon/drawn", "integer", '"1"')]),
        (("tables", "mocktill.choices", "deem.claim_twice", "value"), "perhaps", [
            ("/tables/mocktill.choices/deem.claim_twice/value", "one of conflict, same_answer", '"perhaps"')]),
        (("tables", "mocktill.choices", "deem.claim_twise"), {"value": "conflict"}, [
            ("/tables/mocktill.choices/deem.claim_twise", "a choice that there is, such as deem.claim_twice",
             '"deem.claim_twise"')]),
        (("tables", "mocktill.faults", "1", "rule", "what"), {"status": 700}, [
            ("/tables/mocktill.faults/1/rule/what/status", "599 or less", "700")]),
        (("tables", "mocktill.faults", "1", "rule", "what"), {"delay": "9d"}, [
            ("/tables/mocktill.faults/1/rule/what/delay", "from 0 to 1:00:00", '"9d"')]),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_place(place: tuple[str, ...], by: JSON, found: list[tuple[str, str, str]]) -> None:
    """A wrong document is refused at the place that is wrong, in words, and nowhere else."""
    assert told(spoilt(*place, by=by)) == found


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59Z", "9002-01-01T00:00:01Z", "2026-02-30T00:00:00Z"])
def test_the_clock_shows_an_instant(at: str) -> None:
    """An instant that there is not, or that no clock goes to, is refused."""
    assert pointers(spoilt("clock", "at", by=at)) == ["/clock/at"]


@pytest.mark.parametrize("at", ["noon", "2026-03-02T12:00:00", None, 1])
def test_the_clock_shows_it_in_utc(at: JSON) -> None:
    """What does not look like an instant in UTC is refused, once."""
    assert pointers(spoilt("clock", "at", by=at)) == ["/clock/at"]


def test_everything_is_told_at_once() -> None:
    """All that is wrong is told, in the order of the pointers, as errors."""
    document = spoilt("tables", "deem.stock", "last-one", by={"free": "x", "held": 2.0, "colour": 1})
    document["tables"]["nothing"] = {}
    document["version"] = 0
    found = state.check(CATALOGUE, document)
    assert [violation.pointer for violation in found] == [
        "/tables/deem.stock/last-one/colour",
        "/tables/deem.stock/last-one/free",
        "/tables/deem.stock/last-one/held",
        "/tables/deem.stock/last-one/sold",
        "/tables/nothing",
        "/version",
    ]
    assert {violation.severity for violation in found} == {"error"}


def test_a_table_may_be_left_out() -> None:
    """A document needs a version and tables: a table, or the clock, that is not named is not wrong."""
    assert state.check(CATALOGUE, {"version": 1, "tables": {}}) == []
    assert pointers({}) == ["/tables", "/version"]
    assert pointers({"version": 1, "tables": {"deem.coupons": REAL["tables"]["deem.coupons"]}})[0].endswith(
        "/purchase_id"
    )


def test_a_hundred_are_enough() -> None:
    """Of many mistakes the first hundred are told."""
    assert len(pointers(spoilt("tables", "deem.users", by={str(number): {"age": 1} for number in range(1000)}))) == MOST
    assert len(pointers({"version": 1, "tables": {f"t{number}": {} for number in range(1000)}})) == MOST


def test_too_many_fault_rules() -> None:
    """A table with more rows than it may have is refused as a whole."""
    rows = {str(n): {"number": n, "rule": {"what": {"status": 500}}, "calls": 0, "hits": 0} for n in range(1, 102)}
    assert pointers(spoilt("tables", "mocktill.faults", by=rows)) == ["/tables/mocktill.faults"]
    del rows["101"]
    assert pointers(spoilt("tables", "mocktill.faults", by=rows)) == []


@pytest.mark.parametrize(
    "value", [2**64, -(2**63) - 1, "\ud800", float("nan"), float("inf"), (1,), {1: 2}, {"\ud800": 1}, b"x", NOW, {1}]
)
def test_what_json_cannot_say(value: Any) -> None:
    """What could not be written, or not be read again as it is, is refused at its place."""
    subscriber = next(iter(REAL["tables"]["drip.subscribers"]))
    document = spoilt("tables", "drip.subscribers", subscriber, "custom_fields", by={"a": [value]})
    assert pointers(document) == [f"/tables/drip.subscribers/{subscriber}/custom_fields/a/0"]
    row = document["tables"]["drip.subscribers"][subscriber]
    found = state.check_row(CATALOGUE, "drip.subscribers", subscriber, row, REAL["tables"])
    assert [violation.pointer for violation in found] == ["/custom_fields/a/0"]
    assert orjson.dumps([violation.got for violation in found])


def nested(depth: int) -> JSON:
    """Return arrays within each other."""
    value: JSON = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_is_bounded() -> None:
    """What came with the deepest body can be kept in a file; what is deeper than that is refused."""
    subscriber = next(iter(REAL["tables"]["drip.subscribers"]))

    def document(depth: int) -> JSON:
        return spoilt("tables", "drip.subscribers", subscriber, "custom_fields", by={"a": nested(depth)})

    deepest = DEEPEST + DEEPER - 5
    assert deepest > DEEPEST
    assert pointers(document(deepest)) == []
    assert pointers(document(deepest + 1)) == [""]
    assert pointers(document(400)) == [""]
    whole = {"version": 1, "sandboxes": {"a": _unversioned(document(deepest))}}
    assert state.check_server(CATALOGUE, whole) == []
    for depth, wrong in ((deepest, []), (deepest + 1, [""])):
        row = document(depth)["tables"]["drip.subscribers"][subscriber]
        found = state.check_row(CATALOGUE, "drip.subscribers", subscriber, row, REAL["tables"])
        assert [violation.pointer for violation in found] == wrong


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.characters(categories=["Cs"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
TABLE = st.sampled_from([*REAL["tables"], "nothing", ""])
DOCUMENTS = JSONS | st.fixed_dictionaries(
    {}, optional={"version": st.just(1) | JSONS, "clock": JSONS, "tables": st.dictionaries(TABLE, JSONS), "a": JSONS}
)


def assert_told(found: list[Violation]) -> None:
    """See that violations can be told: sorted, bounded, in words, as JSON."""
    assert [violation.pointer for violation in found] == sorted(violation.pointer for violation in found)
    assert len(found) <= MOST
    assert orjson.dumps([[violation.pointer, violation.expected, violation.got] for violation in found])
    assert all(violation.expected and violation.got and violation.source for violation in found)
    assert str(Unacceptable(found)) or not found


@settings(deadline=None, max_examples=200)
@given(DOCUMENTS)
def test_no_value_is_too_odd(value: JSON) -> None:
    """Whatever JSON comes, it is judged: with no exception, and as a sandbox it is no server."""
    assert_told(state.check(CATALOGUE, value))
    found = state.check_server(CATALOGUE, {"version": 1, "sandboxes": {"a": value}})
    assert_told(found)
    assert state.check_server(CATALOGUE, value)


def places(value: JSON) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a value with each of its keys."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, (dict, list)):
            yield from places(item)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_change_is_too_odd(data: st.DataObject) -> None:
    """A real document with any value anywhere is accepted or refused; one that is accepted can be lived with."""
    document = deepcopy(REAL)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list(places(document))))
        container[key] = data.draw(JSONS)
        if isinstance(container, dict) and data.draw(st.booleans()):
            container[data.draw(st.text(max_size=9))] = container.pop(key)
    found = state.check(CATALOGUE, document)
    assert_told(found)
    if not found:
        assert state.read(state.dump(document)) == document
        box = Sandbox(CATALOGUE)
        box.load(document)
        box.pass_time()
        assert state.check(CATALOGUE, box.state()) == []


def check_row(table: str, key: str, row: JSON) -> list[tuple[str, str]]:
    """Return pointer and expectation of what is wrong with a row beside the real ones."""
    found = state.check_row(CATALOGUE, table, key, row, REAL["tables"])
    return [(violation.pointer, violation.expected) for violation in found]


@pytest.mark.parametrize(
    ("table", "key", "row", "found"),
    [
        ("deem.users", "x", {"name": "Avery"}, []),
        ("deem.users", "x", None, [("", "object")]),
        ("deem.users", "x", {"name": 1, "age": 2}, [("/age", "no such property"), ("/name", "string")]),
        ("deem.users", "", {}, [("", "text of 1 or more characters")]),
        ("deem.coupons", "a/b", {"purchase_id": "34063ec2", "created_at": "2026-03-02T12:00:00Z"}, []),
        ("deem.coupons", "a/b", {"purchase_id": "x", "created_at": "2026-02-30T12:00:00Z"}, [
            ("/created_at", "an instant that there is"), ("/purchase_id", "the key of a row of deem.purchases")]),
        ("mocktill.choices", "deem.claim_twice", {"value": "x"}, [("/value", "one of conflict, same_answer")]),
        ("mocktill.choices", "x", {"value": "x"}, [("", "a choice that there is")]),
        ("mocktill.faults", "1", {"number": 1, "rule": {"what": {}}, "calls": 0, "hits": 0}, [
            ("/rule/what", "1 or more properties")]),
    ],
)  # fmt: skip
def test_one_row(table: str, key: str, row: JSON, found: list[tuple[str, str]]) -> None:
    """One row is checked like those of a document, with pointers into it."""
    assert check_row(table, key, row) == found


def test_one_row_of_a_store(box: Sandbox) -> None:
    """What a row refers to is looked for in whatever has the keys: the tables of a store as well."""
    row = box.table("deem.coupons").get("a21c5452d8") or {}
    assert state.check_row(CATALOGUE, "deem.coupons", "x", row, box.store.tables) == []
    assert state.check_row(CATALOGUE, "deem.coupons", "x", {**row, "purchase_id": "x"}, box.store.tables) != []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("deem.deal", "there is no table deem.deal: did you mean deem.deals?"),
        ("qq", "there is no table qq: names begin with deem, drip, supertab, kajabi and a dot"),
    ],
)
def test_an_unknown_table_is_a_key_error(name: str, said: str) -> None:
    """A table that there is not is told in words, with the nearest; one that there is passes."""
    for ask in (
        lambda: state.check_table(CATALOGUE, name),
        lambda: state.check_row(CATALOGUE, name, "x", {}, {}),
    ):
        with pytest.raises(KeyError) as caught:
            ask()
        assert caught.value.args == (said,)
    state.check_table(CATALOGUE, "mocktill.settings")


def test_an_api_without_a_schema_of_rows(tmp_path: Path) -> None:
    """Of an API that does not say what a row is any object is one, but for what an index could not sort."""
    api = toy(tmp_path)
    catalogue = Catalogue([api])
    spec = TableSpec("things", (Index("by_size", equal=("colour",), order=("size",)),))
    object.__setattr__(api, "tables", (*[table for table in api.tables if table.name != "things"], spec))
    document = {"version": 1, "tables": {"toy.things": {"a": {"x": [1, {}]}, "b": {"colour": None, "size": 1.5}}}}
    assert state.check(catalogue, document) == []
    document["tables"] = {"toy.things": {"a": {"colour": {}, "size": []}}}
    assert [violation.pointer for violation in state.check(catalogue, document)] == [
        "/tables/toy.things/a/colour",
        "/tables/toy.things/a/size",
    ]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda whole: whole.update(version=2), ["/version"]),
        (lambda whole: whole["sandboxes"].update({"../etc": {"tables": {}}}), ["/sandboxes"]),
        (lambda whole: whole["sandboxes"]["a"].update(version=1), ["/sandboxes/a/version"]),
        (lambda whole: whole["sandboxes"]["a"].pop("tables"), ["/sandboxes/a/tables"]),
        (lambda whole: whole["sandboxes"].update(b=[]), ["/sandboxes/b"]),
        (
            lambda whole: whole["sandboxes"]["a"]["tables"]["deem.stock"]["last-one"].update(free="x"),
            ["/sandboxes/a/tables/deem.stock/last-one/free"],
        ),
        (lambda whole: whole["sandboxes"]["a"]["clock"].update(at="9999-01-01T00:00:00Z"), ["/sandboxes/a/clock/at"]),
    ],
)
def test_the_file_of_a_server(spoil: Callable[[Any], object], found: list[str]) -> None:
    """The state of each sandbox is in it by name, and checked like one alone."""
    whole = {"version": 1, "sandboxes": {"a": _unversioned(deepcopy(REAL))}}
    assert state.check_server(CATALOGUE, whole) == []
    spoil(whole)
    assert [violation.pointer for violation in state.check_server(CATALOGUE, whole)] == found


def test_schemas_say_what_the_code_says() -> None:
    """The names of sandboxes and the ways of answering are the same in the schemas as in the code."""
    names = own().properties("states")["sandboxes"]["propertyNames"]["pattern"]
    assert names == f"^{NAME.pattern}$"
    answers = own().properties("rows")["settings"]["additionalProperties"]["properties"]["answers"]["enum"]
    assert tuple(answers) == ANSWERS


def with_secrets() -> JSON:
    """Return a document with secrets in rows, and a card as a key."""
    document = deepcopy(REAL)
    subscriber = next(iter(document["tables"]["drip.subscribers"].values()))
    subscriber["custom_fields"] = {"token": "hush", "note": f"pay with {CARD}", "colour": "red"}
    document["tables"]["deem.users"] = {CARD: {"name": "Avery"}, "5555555555554444": {}, "4012888888881881": {}}
    document["tables"]["deem.users"]["*" * 12 + "1111"] = {}
    document["tables"]["deem.credentials"][CARD] = {"state": "active"}
    return document


def test_secrets_are_masked() -> None:
    """What is secret in rows, and a card that is a key, does not go out; credentials keep their keys."""
    before = with_secrets()
    after = state.masked(before)
    assert before == with_secrets()
    subscriber = next(iter(after["tables"]["drip.subscribers"].values()))
    assert subscriber["custom_fields"] == {"token": "***", "note": f"pay with {'*' * 12}1111", "colour": "red"}
    assert list(after["tables"]["deem.users"]) == [
        "*" * 12 + "1111", "*" * 12 + "4444", "*" * 12 + "1881", "*" * 12 + "1111*",
    ]  # fmt: skip
    assert after["tables"]["deem.credentials"] == before["tables"]["deem.credentials"]
    assert state.check(CATALOGUE, after) == []


def test_without_secrets_nothing_is_masked() -> None:
    """The state of a sandbox to which nothing secret came goes out as it is."""
    assert state.masked(REAL) == REAL


def test_a_refusal_in_words() -> None:
    """The message has the first violations with pointer, expectation and finding, and says how many more there are."""
    found = state.check(CATALOGUE, {"version": 2, "tables": [], "a": 1})
    error = Unacceptable(found)
    assert isinstance(error, ValueError)
    assert error.violations == tuple(found)
    assert str(error) == (
        "/a: expected no such property, got 1; /tables: expected object, got []; /version: expected 1, got 2"
    )
    many = Unacceptable([*found, *found])
    assert str(many) == f"{error}; and {len(many.violations) - SAID} more"
    assert str(Unacceptable(state.check(CATALOGUE, 1))) == "/: expected object, got 1"


def _unversioned(document: Mapping[str, JSON]) -> JSON:
    return {name: value for name, value in document.items() if name != "version"}


def test_a_clock_at_its_end_can_be_kept(catalogue: Catalogue) -> None:
    """The state of a sandbox whose clock ran beyond where it can be sent is a state all the same."""
    box = Sandbox(catalogue)
    box.clock.travel_to(LATEST)
    document = box.state()
    assert document["clock"]["at"] > text(LATEST)
    box.load(document)
    assert box.now() > LATEST
