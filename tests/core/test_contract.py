"""The contract: one verdict by two implementations, and an explanation of every no."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocktill.core.contract import BrokenSchema, Contract, errors_of
from mocktill.core.secrets import SHOWN, shown

SCHEMAS = files("mocktill.schemas")
FOLDERS = sorted(
    folder.name
    for folder in SCHEMAS.iterdir()
    if folder.is_dir() and folder.name != "mocktill" and any(file.name.endswith(".json") for file in folder.iterdir())
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats(-2, 2) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@cache
def contract_of(folder: str) -> Contract:
    """Load the contract of one folder, once."""
    return Contract.load(SCHEMAS / folder)


NAMES = [(folder, name) for folder in FOLDERS for name in contract_of(folder).documents]


def values(contract: Contract, name: str, schema: Any) -> st.SearchStrategy[Any]:
    """Return values that are meant for a schema; `valid` sifts out what it says by other rules."""
    name, schema = contract.resolve(name, schema)
    if not isinstance(schema, dict):
        return JUNK
    if "const" in schema or "enum" in schema:
        return st.sampled_from([schema["const"]] if "const" in schema else schema["enum"])
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            around = {key: value for key, value in schema.items() if key != alternatives}
            return st.one_of([values(contract, name, within(around, part)) for part in schema[alternatives]])
    kinds = schema.get("type", "object" if "properties" in schema else None)
    if kinds is None:
        return JUNK
    return st.one_of([typed(contract, name, schema, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def within(around: Any, part: Any) -> Any:
    """Return one of the alternatives of an object as an object of its own; others stand for themselves."""
    if "properties" not in around or not isinstance(part, dict):
        return part
    required = [*around.get("required", ()), *part.get("required", ())]
    return {**around, "required": required, "properties": {**around["properties"], **part.get("properties", {})}}


def typed(contract: Contract, name: str, schema: Any, kind: str) -> st.SearchStrategy[Any]:
    """Return values of one type that are meant for a schema."""
    match kind:
        case "object":
            parts = {key: values(contract, name, part) for key, part in schema.get("properties", {}).items()}
            required = {key: parts.pop(key, JUNK) for key in schema.get("required", ())}
            fixed = st.fixed_dictionaries(required, optional=parts)
            if not schema.get("additionalProperties", True):
                return fixed
            more = st.dictionaries(st.text(max_size=4), values(contract, name, schema.get("additionalProperties")))
            return st.builds(lambda own, more: {**more, **own}, fixed, more)
        case "array":
            if "prefixItems" in schema:
                return st.tuples(*[values(contract, name, part) for part in schema["prefixItems"]]).map(list)
            most = schema.get("maxItems", 3)
            return st.lists(
                values(contract, name, schema.get("items")), min_size=schema.get("minItems", 0), max_size=most
            )
        case "integer":
            return st.integers(schema.get("minimum", -5), schema.get("maximum", 10**9))
        case "number":
            return st.floats(schema.get("minimum", -5), schema.get("maximum", 10**9))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace("$", r"\Z"))
    return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 20))


@cache
def valid(folder: str, name: str) -> st.SearchStrategy[Any]:
    """Return values that a schema of the repository accepts."""
    contract = contract_of(folder)
    return values(contract, name, contract.documents[name]).filter(lambda value: contract.accepts(name, value))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container in a value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@st.composite
def mutated(draw: st.DrawFn, strategy: st.SearchStrategy[Any]) -> Any:
    """Take a valid value and replace, remove or add something in it."""
    value = {"": deepcopy(draw(strategy))}
    for _ in range(draw(st.integers(1, 2))):
        container, key = draw(st.sampled_from(places(value)))
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "remove" and container is not value:
            del container[key]
        elif what == "add" and isinstance(container[key], dict):
            container[key][draw(st.text(max_size=5))] = draw(JUNK)
        else:
            container[key] = draw(JUNK)
    return value[""]


def assert_agreement(contract: Contract, name: str, value: Any) -> None:
    """Hold a value against both implementations: the verdicts are equal, and a no is explained."""
    violations = contract.explain(name, value)
    assert contract.accepts(name, value) is (not violations), violations
    assert contract.check(name, value) == violations
    for violation in violations:
        assert violation.pointer == "" or violation.pointer.startswith("/")
        assert violation.severity in {"error", "warning"}
        assert violation.expected
        assert violation.source


@pytest.mark.parametrize(("folder", "name"), NAMES)
def test_what_is_made_for_a_schema_is_accepted(folder: str, name: str) -> None:
    """Both implementations accept the values that are generated from a schema of ours."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(valid(folder, name))
    def check(value: Any) -> None:
        assert contract_of(folder).accepts(name, value)
        assert contract_of(folder).explain(name, value) == ()

    check()


@pytest.mark.parametrize(("folder", "name"), NAMES)
def test_both_implementations_agree(folder: str, name: str) -> None:
    """On a mutated value the verdicts are equal, and one that is refused has at least one violation."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(valid(folder, name)))
    def check(value: Any) -> None:
        assert_agreement(contract_of(folder), name, value)

    check()


def explain(schema: Any, value: Any) -> list[tuple[str, str, str, str]]:
    """Return pointer, rule, what was expected and what came, for each violation of a schema on its own."""
    contract = Contract({"toy": schema})
    assert not contract.accepts("toy", value)
    return [(v.pointer, v.rule, v.expected, v.got) for v in contract.explain("toy", value)]


OBJECT = {
    "type": "object",
    "required": ["id", "it's"],
    "properties": {"id": {"type": "string"}, "it's": True},
    "additionalProperties": False,
}


def test_missing_and_unknown_properties_are_named_each() -> None:
    """Each missing and each unknown property is a violation of its own, and its pointer ends in its name."""
    assert explain(OBJECT, {"a/b": 1, "c~d": [2]}) == [
        ("/a~1b", "additionalProperties", "no such property", "1"),
        ("/c~0d", "additionalProperties", "no such property", "[2]"),
        ("/id", "required", "a value", "nothing"),
        ("/it's", "required", "a value", "nothing"),
    ]


def test_an_unknown_property_is_tolerated() -> None:
    """An unknown property is a warning, everything else an error."""
    found = Contract({"toy": OBJECT}).explain("toy", {"id": 1, "it's": 0, "more": 0})
    assert [(v.pointer, v.severity) for v in found] == [("/id", "error"), ("/more", "warning")]
    assert errors_of(found) == found[:1]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 1, ("", "type", "string", "1")),
        ({"type": ["string", "null"]}, 1, ("", "type", "string or null", "1")),
        ({"enum": ["a", None]}, "b", ("", "enum", 'one of "a", null', '"b"')),
        ({"const": 1}, True, ("", "const", "1", "true")),
        ({"minimum": 1}, 0, ("", "minimum", "1 or more", "0")),
        ({"maxLength": 1}, "ab", ("", "maxLength", "text of 1 or less characters", '"ab"')),
        ({"maxItems": 0}, [1], ("", "maxItems", "0 or less items", "[1]")),
        ({"pattern": "^a$"}, "a\n", ("", "pattern", "text like ^a$", '"a\\n"')),
        ({"items": {"type": "null"}}, [None, 0], ("/1", "type", "null", "0")),
        ({"multipleOf": 5}, 7, ("", "multipleOf", "multipleOf 5", "7")),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1, ("", "type", "null or string", "1")),
    ],
)
def test_a_violation_says_what_was_expected_and_what_came(schema: Any, value: Any, expected: Any) -> None:
    """Rule, expectation and value are said in words that a person reads."""
    assert explain(schema, value) == [expected]


def test_of_alternatives_the_nearest_is_explained() -> None:
    """A value that fails inside one alternative is told of that one, not of all."""
    schema = {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]}
    assert explain(schema, {"n": "x"}) == [("/n", "type", "integer", '"x"')]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^[$€]"}, "x"),
        ({"pattern": "^[^$]+$"}, "$"),
        ({"pattern": r"^\$[0-9]"}, "5"),
        ({"pattern": r"^\d+$"}, "١٢٣"),
        ({"pattern": r"^\w+$"}, "é"),
        ({"pattern": r"^\\$"}, "\\\n"),
        ({"patternProperties": {"^a$": {"type": "null"}}, "additionalProperties": False}, {"a\n": None}),
        ({"patternProperties": {"^a$": {"type": "null"}}, "additionalProperties": False}, {"b": None}),
        ({"properties": {"x": False}}, {"x": 1}),
        ({"not": {"type": "string"}}, "x"),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "x"),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        ({"unevaluatedProperties": False}, {"a": 1}),
        ({"contains": {"const": 1}}, [0]),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
        ({"uniqueItems": True}, [1, 1.0]),
        ({"$ref": "#/$defs/a/anyOf/0", "$defs": {"a": {"anyOf": [{"type": "null"}]}}}, 1),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "null"}}}, 1),
    ],
)
def test_every_refusal_is_explained(schema: Any, value: Any) -> None:
    """Whatever rule the fast implementation refuses by, the explanation finds it as well, and its source."""
    contract = Contract({"toy": {"x-source": "a page", **schema}})
    assert not contract.accepts("toy", value)
    assert_agreement(contract, "toy", value)


@pytest.mark.parametrize(
    ("pattern", "value"), [("^[$€]", "$5"), (r"^\$", "$"), ("^a$", "a"), ("(?i)^a$", "A"), (r"\S", "x")]
)
def test_patterns_accept_alike(pattern: str, value: str) -> None:
    """What a pattern accepts in the one implementation it accepts in the other."""
    contract = Contract({"toy": {"pattern": pattern}})
    assert contract.accepts("toy", value)
    assert contract.explain("toy", value) == ()


def test_the_source_nearest_above_a_rule_counts() -> None:
    """A violation cites the page that is named nearest to its rule, also across files."""
    contract = Contract(
        {
            "order": {
                "x-source": "Orders",
                "type": "object",
                "properties": {
                    "price": {"type": "integer"},
                    "state": {"enum": ["new"], "x-source": "States"},
                    "card": {"$ref": "card.json"},
                },
            },
            "card": {"x-source": "Cards", "properties": {"id": {"type": "string"}}},
        }
    )
    found = contract.explain("order", {"price": "", "state": "", "card": {"id": 1}})
    assert [(v.pointer, v.source) for v in found] == [
        ("/card/id", "Cards"),
        ("/price", "Orders"),
        ("/state", "States"),
    ]


def test_violations_come_in_the_order_of_their_pointers() -> None:
    """The same value gets the same list, sorted, each violation once."""
    schema = {"anyOf": [{"required": ["a"]}], "allOf": [{"required": ["a"]}, {"required": ["A"]}]}
    assert [pointer for pointer, *_ in explain(schema, {})] == ["/A", "/a"]


def test_tolerated_violations_do_not_crowd_out_the_others() -> None:
    """However many warnings a value gives rise to, an error is among what is explained."""
    item = {"properties": {"n": {"type": "integer"}}, "additionalProperties": False}
    value = [*[{"unknown": number} for number in range(5_000)], {"n": "x"}]
    found = Contract({"toy": {"items": item}}).explain("toy", value)
    assert [v.pointer for v in errors_of(found)] == ["/5000/n"]
    assert len(found) <= 1_000


def test_where_the_value_came_from_is_told() -> None:
    """A violation says in which part of the request it is: the body unless told otherwise."""
    contract = Contract({"toy": {"type": "null"}})
    assert [contract.check("toy", 1)[0].at, contract.check("toy", 1, "query")[0].at] == ["body", "query"]


def test_resolving_follows_references_through_files() -> None:
    """`resolve` ends at a schema without a reference, and keeps what stands beside one."""
    contract = Contract(
        {
            "a": {"$ref": "b.json#/$defs/n"},
            "b": {"$defs": {"n": {"$ref": "#/$defs/m"}, "m": {"type": "null"}}},
        }
    )
    assert contract.resolve("a", {"$ref": "b.json#/$defs/n", "title": "N"}) == (
        "b",
        {"type": "null", "title": "N"},
    )


@pytest.mark.parametrize(
    "content",
    [
        b'{"type": 12}',
        b'{"$ref": "nowhere.json"}',
        b'{"pattern": "("}',
        b"[]",
        b"true",
        b'{"type": "nil"}',
        b"{",
    ],
)
def test_a_broken_schema_is_named(tmp_path: Path, content: bytes) -> None:
    """What is no schema stops the loading with the file's name."""
    (tmp_path / "good.json").write_bytes(b"{}")
    (tmp_path / "wrong.json").write_bytes(content)
    with pytest.raises(BrokenSchema, match=r"wrong\.json: "):
        Contract.load(tmp_path)


def test_only_json_files_are_schemas(tmp_path: Path) -> None:
    """Whatever else lies in the folder is left alone, and a schema's name is its file's."""
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "a.request.json").write_bytes(orjson.dumps({"properties": {"x": {"type": "null"}}}))
    contract = Contract.load(tmp_path)
    assert list(contract.documents) == ["a.request"]
    assert contract.properties("a.request") == {"x": {"type": "null"}}


def test_long_values_are_cut() -> None:
    """A value is shown as JSON, cut to what a person reads, and also when JSON cannot say it."""
    assert shown({"a": [1, None]}) == '{"a":[1,null]}'
    assert len(shown("x" * 1000)) == SHOWN
    assert shown(2**70) == str(2**70)


def test_names_at_any_depth() -> None:
    """The names of all properties are told, behind references, in arrays and among alternatives; loops end."""
    documents = {
        "a": {"properties": {"one": {"$ref": "b.json#/$defs/part"}, "many": {"items": {"$ref": "#"}}}},
        "b": {"$defs": {"part": {"anyOf": [{"type": "null"}, {"properties": {"deep": True}}]}, "other": {}}},
    }
    contract = Contract(documents)
    assert contract.names("a") == {"one", "many", "deep"}
    assert contract.names("b") == {"deep"}
