"""Schemas of a contract as OpenAPI's components: references rewritten, what only the generator reads left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import unquote

from mocktill.core.api import JSON
from mocktill.core.contract import DIALECT, Contract
from mocktill.core.sample import pick

ROOT = "#/components/schemas/"
KEPT = frozenset({"x-source"})
"""The annotations that a reader has something from; the others tell the generator how a value is made."""
ONE = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
MAP = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})
"""The keywords whose value is a schema, a list of schemas, and schemas by name."""
UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
TOLERATED = {"x-unknown-properties": "warning"}
Place = tuple[str, str]
"""A schema in a contract: its document's name and a JSON pointer into it."""


def components(contract: Contract, names: Iterable[str], *, sent: bool = False, beside: Collection[str] = ()) -> JSON:
    """Return these schemas and all that they refer to, by the name of a component.

    What is referred to inside a document becomes a component of its own, and so does each object among the
    alternatives of a component: generators of clients find no others. In what is `sent` by clients an unknown
    property is tolerated, so no schema forbids it. Names in `beside` are taken.
    """
    writer = _Writer(contract, sent, beside)
    places: dict[Place, None] = dict.fromkeys((name, "") for name in names)
    todo = list(places)
    while todo:
        found = [place for place in writer.references(*todo.pop()) if place not in places]
        places |= dict.fromkeys(found)
        todo += found
    writer.hoisted = frozenset(places)
    return {writer.key(*place): writer.component(*place) for place in places}


def reference(name: str) -> JSON:
    """Return a reference to the component of a document."""
    return {"$ref": ROOT + name}


def standalone(contract: Contract, name: str) -> JSON:
    """Return a schema as a file of its own, whose references are its siblings; raise KeyError for an unknown name."""
    writer = _Plain(contract, False, ())
    return {"$schema": DIALECT, **writer.component(name, "")}


class _Writer:
    def __init__(self, contract: Contract, sent: bool, beside: Collection[str]) -> None:
        self._contract = contract
        self._sent = sent
        self._beside = beside
        self.hoisted: frozenset[Place] = frozenset()

    def key(self, name: str, pointer: str) -> str:
        """Return the name of a component: `purchase`, and `purchase.deal` for what is inside it."""
        parts = [part for part in pointer.split("/")[1:] if part not in MAP | ONE | LIST]
        key = re.sub(r"~[01]|[^A-Za-z0-9._-]", "_", ".".join([name, *parts]))
        return f"{key}.sent" if key in self._beside else key

    def component(self, name: str, pointer: str) -> JSON:
        """Return the schema at a place, rewritten; what it was taken from is its document's where it does not say."""
        document = self._contract.documents[name]
        written = self._content(name, pointer, pick(document, pointer))
        inherited = {key: document[key] for key in KEPT if key in document}
        title = {"description": written.pop("title")} if "title" in written else {}  # its name is the component's
        return {**inherited, **title, **written}

    def references(self, name: str, pointer: str) -> Iterator[Place]:
        """Yield the places that the schema at a place refers to."""
        top = pick(self._contract.documents[name], pointer)
        for schema in _schemas(top):
            if "$ref" in schema:
                yield self.place(name, schema["$ref"])
        for keyword in ("anyOf", "oneOf"):
            for number, part in enumerate(top.get(keyword, ())):
                if part.get("type") == "object":
                    yield name, f"{pointer}/{keyword}/{number}"

    def place(self, name: str, reference: str) -> Place:
        """Return the place that a reference in a document leads to."""
        file, _, pointer = reference.partition("#")
        return file.removesuffix(".json") or name, unquote(pointer)

    def refer(self, name: str, reference: str) -> str:
        """Return a reference as it is written."""
        return ROOT + self.key(*self.place(name, reference))

    def _schema(self, name: str, pointer: str, schema: JSON) -> JSON:
        if (name, pointer) in self.hoisted:
            return {"$ref": ROOT + self.key(name, pointer)}
        return self._content(name, pointer, schema)

    def _content(self, name: str, pointer: str, schema: JSON) -> JSON:
        if not isinstance(schema, Mapping):
            return schema
        written: dict[str, JSON] = {}
        for keyword, value in schema.items():
            place = f"{pointer}/{keyword}"
            if self._leaves_out(keyword):
                continue
            if self._sent and keyword in UNKNOWN and value is False:
                written |= TOLERATED
            elif keyword == "$ref":
                written[keyword] = self.refer(name, value)
            elif keyword in ONE:
                written[keyword] = self._schema(name, place, value)
            elif keyword in LIST:
                written[keyword] = [self._schema(name, f"{place}/{i}", part) for i, part in enumerate(value)]
            elif keyword in MAP:
                written[keyword] = {
                    key: self._schema(name, f"{place}/{key.replace('~', '~0').replace('/', '~1')}", part)
                    for key, part in value.items()
                }
            else:
                written[keyword] = value
        if written.get("type") == "array" and not {"items", "prefixItems"} & set(written):
            written["items"] = {}  # says nothing, and generators of clients drop an array without it
        return written

    def _leaves_out(self, keyword: str) -> bool:
        return keyword in {"$schema", "$id", "$defs"} or (keyword.startswith("x-") and keyword not in KEPT)


class _Plain(_Writer):
    """Leaves title, references and definitions as they are: the document stays a file among its siblings."""

    def component(self, name: str, pointer: str) -> JSON:
        return self._content(name, pointer, self._contract.documents[name])

    def refer(self, name: str, reference: str) -> str:
        return reference

    def _leaves_out(self, keyword: str) -> bool:
        return keyword != "$defs" and super()._leaves_out(keyword)


def _schemas(schema: JSON) -> Iterator[Mapping[str, JSON]]:
    """Yield a schema and the schemas in it, definitions apart: those count where they are referred to."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for keyword, value in schema.items():
        if keyword in ONE:
            yield from _schemas(value)
        elif keyword in LIST:
            for part in value:
                yield from _schemas(part)
        elif keyword in MAP and keyword != "$defs":
            for part in value.values():
                yield from _schemas(part)
