"""The wire contract of an API: load its schemas, check values, explain what does not fit.

jsonschema-rs gives the verdict in microseconds; jsonschema, the reference implementation, explains when
the verdict is no. Patterns are read in JSON Schema's own dialect by both: `$` is the end of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import unquote

import jsonschema_rs
import orjson

from mocktill.core.api import JSON, Violation

if TYPE_CHECKING:
    from mocktill.core.explain import Explainer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Made = TypeVar("Made")
SAID = 3
"""How many violations the message of `Unacceptable` tells."""


class BrokenSchema(Exception):
    """A schema file that cannot be used: says the file and what is wrong with it."""


class Unacceptable(ValueError):
    """A document, a row or a rule that is refused as a whole; `violations` say why, all of them."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        said = [f"{found.pointer or '/'}: {found.said}" for found in self.violations]
        more = [f"and {len(said) - SAID} more"] if len(said) > SAID else []
        return "; ".join([*said[:SAID], *more])


class OnDemand(dict[str, Made], Generic[Made]):
    """Values by name, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Made:
        made = self[name] = self._make(name)
        return made


class Contract:
    """The schemas of one folder, by name (the file's, without `.json`).

    A schema refers to another by its file name: `{"$ref": "purchase.json"}`. Each names the page that it
    was taken from in `x-source`, on the document or nearer to the rule.
    """

    def __init__(self, documents: Mapping[str, JSON]) -> None:
        self.documents = {
            name: {"$schema": DIALECT, "$id": _uri(name), **document} for name, document in documents.items()
        }
        for name in self.documents:
            self._check(name)
        self._registry = jsonschema_rs.Registry([(_uri(name), doc) for name, doc in self.documents.items()])
        self._verdicts = OnDemand(self._compile)  # most of them nobody asks for
        self._check_patterns()

    @classmethod
    def load(cls, folder: Traversable) -> Contract:
        """Read every `*.json` of a folder; raise `BrokenSchema` for one that is not a schema."""
        return cls(_read(folder))

    def accepts(self, name: str, value: JSON) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._verdicts[name].is_valid(value))

    def explain(self, name: str, value: JSON, at: str = "body") -> tuple[Violation, ...]:
        """Return the ways in which the value departs from the schema, ordered by pointer."""
        return self._explainer.explain(name, value, at)

    def check(self, name: str, value: JSON, at: str = "body") -> tuple[Violation, ...]:
        """Return nothing for a value that obeys the schema, else `explain` it."""
        return () if self.accepts(name, value) else self.explain(name, value, at)

    def properties(self, name: str) -> Mapping[str, JSON]:
        """Return the properties that the schema's document names itself."""
        properties: Mapping[str, JSON] = self.documents[name].get("properties", {})
        return properties

    def names(self, name: str) -> frozenset[str]:
        """Return the names of all properties that a value may have by the schema `name`, at any depth."""
        seen: set[str] = set()
        return frozenset(self._names(name, self.documents[name], seen))

    def _names(self, name: str, schema: JSON, seen: set[str]) -> Iterator[str]:
        if isinstance(schema, list):
            for part in schema:
                yield from self._names(name, part, seen)
        elif isinstance(schema, Mapping):
            reference = schema.get("$ref")
            if isinstance(reference, str) and f"{name} {reference}" not in seen:
                seen.add(f"{name} {reference}")
                yield from self._names(*self.resolve(name, {"$ref": reference}), seen)
            if isinstance(schema.get("properties"), Mapping):
                yield from schema["properties"]
            for part in schema.values():
                yield from self._names(name, part, seen)

    def resolve(self, name: str, schema: JSON) -> tuple[str, JSON]:
        """Follow `$ref` from a schema of the document `name`; return where it leads, document and schema."""
        while isinstance(schema, Mapping) and "$ref" in schema:
            file, _, pointer = schema["$ref"].partition("#")
            name = file.removesuffix(".json") or name
            target: JSON = self.documents[name]
            for part in pointer.split("/")[1:]:
                key = unquote(part).replace("~1", "/").replace("~0", "~")
                target = target[int(key)] if isinstance(target, list) else target[key]
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        return name, schema

    def _check(self, name: str) -> None:
        """Raise `BrokenSchema` for what is no schema, or refers to what there is not."""
        document = self.documents[name]
        try:
            jsonschema_rs.meta.validate(document)
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise BrokenSchema(f"{name}.json: {str(error).splitlines()[0]}") from None
        for reference in _references(document):
            try:
                self.resolve(name, {"$ref": reference})
            except (KeyError, IndexError, ValueError, TypeError):
                raise BrokenSchema(f"{name}.json: there is no {reference}") from None

    def _check_patterns(self) -> None:
        """Raise `BrokenSchema` for a pattern that is none: what a schema may say about schemas does not tell."""
        known = {pattern for document in self.documents.values() for pattern in _patterns(document)}
        try:
            jsonschema_rs.validator_for({"allOf": [{"pattern": pattern} for pattern in sorted(known)] or [True]})
        except jsonschema_rs.ValidationError:
            for name in self.documents:
                self._compile(name)

    def _compile(self, name: str) -> Any:
        try:
            return jsonschema_rs.validator_for(self.documents[name], registry=self._registry, offline=True)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise BrokenSchema(f"{name}.json: {str(error).splitlines()[0]}") from None

    @cached_property
    def _explainer(self) -> Explainer:
        from mocktill.core.explain import Explainer  # 0.15 s that a flawless client never costs

        return Explainer(self.documents, self.resolve)


@cache
def own() -> Contract:
    """Return the schemas of Mocktill's own formats: what a user writes, and what the control API takes and says."""
    return Contract(own_documents())


@cache
def own_documents() -> Mapping[str, JSON]:
    """Return these schemas as they stand in their files: read once, which takes a tenth of what compiling them does."""
    return _read(files("mocktill.schemas") / "mocktill")


def errors_of(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return the violations that a vendor refuses."""
    return tuple(violation for violation in violations if violation.severity == "error")


def _read(folder: Traversable) -> Mapping[str, JSON]:
    documents = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            try:
                document = orjson.loads(file.read_bytes())
            except orjson.JSONDecodeError as error:
                raise BrokenSchema(f"{file}: {error}") from None
            if not isinstance(document, dict):
                raise BrokenSchema(f"{file}: a schema file holds an object")
            documents[file.name.removesuffix(".json")] = document
    return documents


def _references(schema: JSON) -> Iterable[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for part in schema.values():
            yield from _references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _patterns(schema: JSON) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), Mapping):
            yield from schema["patternProperties"]
        for part in schema.values():
            yield from _patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _patterns(part)


def _uri(name: str) -> str:
    return f"https://mocktill.invalid/{name}.json"  # a name, never an address: nothing is fetched
