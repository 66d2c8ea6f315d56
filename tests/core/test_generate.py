"""Generated values: valid by the schema, and always the same for the same seed and key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from faker import Faker
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.contract import Contract
from mocktill.core.generate import generate

SCHEMAS = files("mocktill.schemas")
RESPONSES = sorted(
    (folder.name, file.name.removesuffix(".json"))
    for folder in SCHEMAS.iterdir()
    if folder.is_dir() and folder.name not in {"mocktill", "__pycache__"}
    for file in folder.iterdir()
    if file.name.endswith((".response.json", ".request.json"))
)
FAKER = Faker("en_US")


def made(contract: Contract, name: str, seed: int, args: dict[str, str] | None = None) -> Any:
    """Generate a value from a seed."""
    FAKER.seed_instance(seed)
    return generate(contract, name, FAKER, {"base_url": "http://toy", **(args or {})})


def toy(schema: Any, seed: int = 1, **args: str) -> Any:
    """Generate a value for a schema on its own, and see that the schema accepts it."""
    contract = Contract({"toy": schema})
    value = made(contract, "toy", seed, args)
    assert contract.explain("toy", value) == ()
    return value


@pytest.mark.parametrize(("folder", "name"), RESPONSES)
def test_our_own_schemas_accept_what_is_made_for_them(folder: str, name: str) -> None:
    """Every request and response of the repository can be generated, and is valid, from any seed."""
    contract = Contract.load(SCHEMAS / folder)
    for seed in range(40):
        value = made(contract, name, seed)
        assert contract.explain(name, value) == ()
        assert made(contract, name, seed) == value


SCHEMA = st.recursive(
    st.one_of(
        st.builds(
            lambda kind, least, more: {"type": kind, "minimum": least, "maximum": least + more},
            st.sampled_from(["integer", "number"]), st.integers(-50, 50), st.integers(0, 50),
        ),
        st.builds(
            lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
            st.integers(0, 40), st.integers(0, 5),
        ),
        st.sampled_from([{"type": "boolean"}, {"type": ["string", "null"]}, {"enum": ["a"]}]),
        st.just({"const": None}),
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda items, least, more: {"type": "array", "items": items, "minItems": least, "maxItems": more},
            inner, st.integers(0, 2), st.integers(2, 4),
        ),
        st.builds(
            lambda parts, count: {"type": "object", "properties": parts, "required": sorted(parts)[:count]},
            st.dictionaries(st.sampled_from("abc"), inner), st.integers(0, 3),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(SCHEMA, st.integers(0, 1000))
def test_bounds_are_kept(schema: Any, seed: int) -> None:
    """Types, bounds, lengths and required properties are obeyed, in whatever way they are nested."""
    assert toy(schema, seed) == toy(schema, seed)


def test_faker_makes_what_the_schema_names() -> None:
    """`x-faker` names a method of Faker, alone or with its arguments."""
    assert toy(
        {
            "type": "string",
            "x-faker": {"bothify": {"text": "##-x", "letters": "a"}},
            "pattern": "^[0-9]{2}-x$",
        }
    )
    assert toy({"type": "integer", "x-faker": {"random_int": {"min": 7, "max": 7}}}) == 7
    assert isinstance(toy({"type": "string", "x-faker": "company"}), str)


def test_what_json_has_no_type_for_becomes_text() -> None:
    """A date that Faker makes is written as text."""
    assert isinstance(toy({"type": "string", "x-faker": "date_object"}), str)


def test_the_id_that_was_asked_for_is_in_the_answer() -> None:
    """`x-arg` takes the value from the path; without one it is made like any other."""
    schema = {
        "type": "object",
        "properties": {"id": {"type": "string", "x-arg": "thing_id", "enum": ["a", "b"]}},
    }
    assert toy(schema, thing_id="a") == {"id": "a"}
    assert toy(schema)["id"] in {"a", "b"}


def test_a_narrower_schema_makes_the_value() -> None:
    """`x-generate` makes it instead of what stands beside it, references too; `x-arg` comes first."""
    wide = {"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "array", "items": {"const": 7}}], "x-arg": "id"}
    assert toy({**wide, "x-generate": {"const": None}}) is None
    assert toy({**wide, "x-generate": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"const": 7}}}) == [7, 7]
    assert toy({**wide, "x-generate": {"const": "b"}}, id="a") == "a"
    contract = Contract(
        {
            "a": {"properties": {"n": {"$ref": "b.json", "x-generate": {"$ref": "c.json"}}}},
            "b": {"type": "integer", "minimum": 1},
            "c": {"const": 5},
        }
    )
    assert made(contract, "a", 1) == {"n": 5}


TEXT = {"type": "string", "x-faker": "uuid4"}


def test_values_of_the_same_name_are_equal() -> None:
    """`x-same` repeats what was made first under its name, at any depth; another name is another value."""
    one, other = {**TEXT, "x-same": "one"}, {**TEXT, "x-same": "other"}
    inner = {"properties": {"x": {**one, "x-generate": {"const": "z"}}, "y": other}}
    value = toy({"properties": {"a": one, "b": one, "c": other, "d": inner, "e": TEXT}})
    assert value["a"] == value["b"] == value["d"]["x"]
    assert value["c"] == value["d"]["y"]
    assert len({value["a"], value["c"], value["e"]}) == 3


def test_a_shared_name_may_be_null() -> None:
    """What was made first may be nothing at all, and is shared too."""
    shared = {"const": None, "x-same": "one"}
    assert toy({"properties": {"a": shared, "b": {**TEXT, "type": ["string", "null"], "x-same": "one"}}}) == {
        "a": None,
        "b": None,
    }


def test_an_argument_is_shared_under_its_name() -> None:
    """`x-arg` and `x-link` come before `x-same`, and give their value to the others of the name."""
    asked, shared = {**TEXT, "x-arg": "id", "x-same": "one"}, {**TEXT, "x-same": "one"}
    assert toy({"properties": {"a": asked, "b": shared}}, id="7") == {"a": "7", "b": "7"}
    value = toy({"properties": {"a": shared, "b": asked}}, id="7")
    assert value["b"] == "7" != value["a"]


def test_a_link_has_what_was_made_under_a_name() -> None:
    """`x-link` is made of arguments and of names of `x-same`; what is neither stays as it is."""
    item = {"properties": {"id": {**TEXT, "x-same": "it"}, "link": {"x-link": "{base_url}/{thing}/{it}/{a.b}"}}}
    value = toy(item, thing="t")
    assert value["link"] == f"http://toy/t/{value['id']}/{{a.b}}"


def test_items_share_what_is_around_them_only() -> None:
    """Each item has a value of its own for a name that is first met in it, and the object's for any other."""
    item = {"properties": {"out": {**TEXT, "x-same": "out"}, "in": {**TEXT, "x-same": "in"}, "on": {"x-link": "/{in}"}}}
    items = {"type": "array", "minItems": 3, "maxItems": 3, "items": item}
    value = toy({"properties": {"out": {**TEXT, "x-same": "out"}, "items": items, "in": {**TEXT, "x-same": "in"}}})
    assert {one["out"] for one in value["items"]} == {value["out"]}
    assert len({value["in"], *[one["in"] for one in value["items"]]}) == 4
    assert all(one["on"] == f"/{one['in']}" for one in value["items"])


def links(value: Any) -> Iterator[str]:
    """Yield the hosts of all links in a value."""
    if isinstance(value, str):
        yield from re.findall(r"\w+://([^/\s\"']*)", value)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from links(part)


NOWHERE = {"toy", "jsonapi.org"}
"""The host of the request, and that of a standard which a vendor's answer names."""


@pytest.mark.parametrize(("folder", "name"), RESPONSES)
def test_our_own_links_lead_nowhere_else(folder: str, name: str) -> None:
    """What is made has links on the request's own host, or on one that is nobody's: no page loads from elsewhere."""
    contract = Contract.load(SCHEMAS / folder)
    for seed in range(40):
        hosts = set(links(made(contract, name, seed)))
        assert {host for host in hosts if host not in NOWHERE and not host.endswith("example.com")} == set()


def test_what_is_not_required_is_left_out() -> None:
    """Only required properties are made, or all where none is required, in the schema's order."""
    properties = {"b": {"const": 1}, "a": {"const": 2}, "c": {"const": 3}}
    assert list(toy({"type": "object", "properties": properties, "required": ["a", "b"]})) == ["b", "a"]
    assert list(toy({"properties": properties})) == ["b", "a", "c"]


def test_references_are_followed_across_files() -> None:
    """What a reference leads to is made, also from another file, and what stands beside it counts."""
    contract = Contract(
        {
            "a": {"type": "object", "properties": {"n": {"$ref": "b.json#/$defs/n"}}, "required": ["n"]},
            "b": {"$defs": {"n": {"$ref": "#/$defs/m"}, "m": {"const": 5}}},
        }
    )
    assert made(contract, "a", 1) == {"n": 5}
