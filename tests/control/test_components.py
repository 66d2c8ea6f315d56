"""Schemas as components: every reference leads somewhere, and what only the sandbox reads is left out."""

from __future__ import annotations

import pytest

from mocktill.apis import BUILTIN
from mocktill.control.components import components, reference, standalone
from mocktill.core.api import JSON
from mocktill.core.contract import Contract

SHOP: dict[str, JSON] = {
    "answer": {
        "title": "An answer",
        "x-source": "a page",
        "type": "object",
        "additionalProperties": False,
        "$defs": {"deep": {"type": "string", "x-faker": "word"}, "unused": {"type": "null"}},
        "properties": {
            "x-faker": {"type": "string", "x-faker": "word", "default": {"x-faker": 1}},
            "one": {"$ref": "thing.json", "x-same": "a"},
            "two": {"$ref": "#/$defs/deep"},
            "three": {"$ref": "thing.json#/properties/a~1b", "x-source": "another page"},
            "list": {"type": "array", "x-generate": {"const": []}},
        },
    },
    "thing": {
        "title": "A thing",
        "type": "object",
        "unevaluatedProperties": False,
        "properties": {"a/b": {"enum": ["x-faker", 1]}, "self": {"$ref": "#"}},
    },
    "either": {"title": "Either", "anyOf": [{"type": "object", "properties": {}}, {"type": "null"}]},
}
CONTRACT = Contract(SHOP)


def test_references_become_components() -> None:
    """A document is a component, and so is what is referred to inside one; definitions that nobody uses are gone."""
    made = components(CONTRACT, ["answer"])
    assert set(made) == {"answer", "answer.deep", "thing", "thing.a_b"}
    answer = made["answer"]
    assert answer["properties"]["one"] == reference("thing")
    assert answer["properties"]["two"] == reference("answer.deep")
    assert answer["properties"]["three"] == {"$ref": "#/components/schemas/thing.a_b", "x-source": "another page"}
    assert made["answer.deep"] == {"x-source": "a page", "type": "string"}
    assert made["thing"]["properties"] == {"a/b": reference("thing.a_b"), "self": reference("thing")}
    assert "$defs" not in answer
    assert "$id" not in answer


def test_annotations_are_left_out() -> None:
    """What tells the generator how to make a value goes, wherever a schema stands; a property or a value stays."""
    made = components(CONTRACT, ["answer"])
    assert made["answer"]["properties"]["x-faker"] == {"type": "string", "default": {"x-faker": 1}}
    assert made["answer"]["properties"]["list"] == {"type": "array", "items": {}}
    assert made["thing.a_b"]["enum"] == ["x-faker", 1]
    assert (made["answer"]["description"], made["answer"]["x-source"]) == ("An answer", "a page")


def test_alternatives_become_components() -> None:
    """An object among the alternatives of a component has a name of its own."""
    made = components(CONTRACT, ["either"])
    assert made["either"]["anyOf"] == [reference("either.0"), {"type": "null"}]
    assert made["either.0"] == {"type": "object", "properties": {}}


def test_what_is_sent_forbids_nothing() -> None:
    """In what clients send an unknown property is a warning; in what they get it is forbidden."""
    sent = components(CONTRACT, ["answer"], sent=True, beside={"thing"})
    assert sent["answer"]["x-unknown-properties"] == "warning"
    assert "additionalProperties" not in sent["answer"]
    assert sent["thing.sent"]["x-unknown-properties"] == "warning"
    assert sent["answer"]["properties"]["one"] == reference("thing.sent")
    assert components(CONTRACT, ["answer"])["answer"]["additionalProperties"] is False


def test_a_schema_by_itself() -> None:
    """A schema that stands alone keeps its references, which lead to its siblings, and its definitions."""
    alone = standalone(CONTRACT, "answer")
    assert alone["properties"]["one"] == {"$ref": "thing.json"}
    assert alone["properties"]["two"] == {"$ref": "#/$defs/deep"}
    assert alone["$defs"]["deep"] == {"type": "string"}
    assert alone["title"] == "An answer"
    assert "$id" not in alone
    with pytest.raises(KeyError):
        standalone(CONTRACT, "nobody")


@pytest.mark.parametrize("api", BUILTIN, ids=lambda api: str(api.name))
def test_standing_alone_changes_no_verdict(api: JSON) -> None:
    """The schemas of a vendor that stand alone are a contract again, with the same documents."""
    contract = Contract.load(api.schemas)
    again = Contract({name: standalone(contract, name) for name in contract.documents})
    assert set(again.documents) == set(contract.documents)
