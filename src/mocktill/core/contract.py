"""The wire contract of an API: load its schemas, check values, explain what does not fit.

jsonschema-rs gives the verdict in microseconds; jsonschema, the reference implementation, explains when
the verdict is no. Patterns are read in JSON Schema's own dialect by both: `$` is the end of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable
from itertools import islice
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import jsonschema_rs
import orjson

from mocktill.core.api import JSON, Violation
from mocktill.core.secrets import masked, masked_text

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TOLERATED = frozenset({"additionalProperties", "unevaluatedProperties"})
SHOWN = 200
MOST = 100
SCANNED = 20_000
"""How many violations of one value are kept of each severity, and looked at."""


class BrokenSchema(Exception):
    """A schema file that cannot be used: says the file and what is wrong with it."""


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
        self._verdicts = {name: self._compile(name) for name in self.documents}
        self._explainers: dict[str, Validator] = {}

    @classmethod
    def load(cls, folder: Traversable) -> Contract:
        """Read every `*.json` of a folder; raise `BrokenSchema` for one that is not a schema."""
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
        return cls(documents)

    def accepts(self, name: str, value: JSON) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._verdicts[name].is_valid(value))

    def explain(self, name: str, value: JSON, at: str = "body") -> tuple[Violation, ...]:
        """Return the ways in which the value departs from the schema, ordered by pointer.

        At the most `MOST` of each severity: one million wrong items are not explained one by one.
        """
        found: dict[Violation, None] = {}
        kept = {"error": 0, "warning": 0}
        for error in islice(self._explainer(name).iter_errors(value), SCANNED):
            for leaf in _leaves(error):
                violation = self._violation(name, leaf, at)
                if kept[violation.severity] < MOST and violation not in found:
                    found[violation] = None
                    kept[violation.severity] += 1
            if kept["error"] == MOST:
                break
        return tuple(sorted(found, key=lambda violation: violation.pointer))

    def check(self, name: str, value: JSON, at: str = "body") -> tuple[Violation, ...]:
        """Return nothing for a value that obeys the schema, else `explain` it."""
        return () if self.accepts(name, value) else self.explain(name, value, at)

    def properties(self, name: str) -> Mapping[str, JSON]:
        """Return the properties that the schema's document names itself."""
        properties: Mapping[str, JSON] = self.documents[name].get("properties", {})
        return properties

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

    def _compile(self, name: str) -> Any:
        try:
            return jsonschema_rs.validator_for(self.documents[name], registry=self._registry, offline=True)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise BrokenSchema(f"{name}.json: {str(error).splitlines()[0]}") from None

    def _explainer(self, name: str) -> Validator:
        if name not in self._explainers:
            make, registry = self._reference
            self._explainers[name] = make(_without_dialect(self.documents[name]), registry=registry)
        return self._explainers[name]

    @cached_property
    def _reference(self) -> tuple[Any, Any]:
        from jsonschema import Draft202012Validator  # 0.15 s that a flawless client never costs
        from jsonschema.validators import extend
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        # without `$schema`, at whose sight jsonschema would go on with its own validator behind a `$ref`
        registry: Any = Registry().with_resources(
            (_uri(name), DRAFT202012.create_resource(_without_dialect(document)))
            for name, document in self.documents.items()
        )
        rules = {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "required": _required,
            "additionalProperties": _additional_properties,
        }
        make: Any = extend(Draft202012Validator, rules)  # type: ignore[no-untyped-call]
        return make, registry

    def _violation(self, name: str, error: ValidationError, at: str) -> Violation:
        rule = str(error.validator)
        return Violation(
            severity="warning" if rule in TOLERATED else "error",
            at=at,
            pointer=_pointer(error.absolute_path),
            rule=rule,
            expected=_expected(error),
            got="nothing" if rule == "required" else shown(error.instance),
            source=self._source(name, error),
        )

    def _source(self, name: str, error: ValidationError) -> str:
        """Return the `x-source` nearest above the rule."""
        schema: JSON = self.documents[name]
        source = schema.get("x-source", "")
        for part in [*list(error.absolute_schema_path)[:-1], None]:
            name, schema = self.resolve(name, schema)
            source = schema.get("x-source", source) if isinstance(schema, Mapping) else source
            schema = schema if part is None else schema[part]
        return str(source)


def shown(value: JSON) -> str:
    """Return a value as JSON text, with its secrets masked, cut to a length that a person reads."""
    try:
        text = orjson.dumps(masked(value)).decode()
    except (TypeError, ValueError, RecursionError):
        text = masked_text(repr(value))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def errors_of(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return the violations that a vendor refuses."""
    return tuple(violation for violation in violations if violation.severity == "error")


def _without_dialect(document: JSON) -> JSON:
    return {key: value for key, value in document.items() if key != "$schema"}


def _references(schema: JSON) -> Iterable[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for part in schema.values():
            yield from _references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _uri(name: str) -> str:
    return f"https://mocktill.invalid/{name}.json"  # a name, never an address: nothing is fetched


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> Any:
    return jsonschema_rs.validator_for({"pattern": pattern})


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, as the verdict reads patterns: in ECMA-262's dialect."""
    return bool(_matcher(pattern).is_valid(text))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Any:
    if validator.is_type(instance, "object"):
        for pattern, subschema in patterns.items():
            for name, value in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _required(validator: Any, required: Any, instance: Any, schema: Any) -> Any:
    """Name each missing property by its own pointer."""
    from jsonschema import ValidationError

    if validator.is_type(instance, "object"):
        for name in required:
            if name not in instance:
                yield ValidationError(f"{name!r} is required", path=[name])


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Any:
    """Name each unknown property by its own pointer."""
    from jsonschema import ValidationError

    if not validator.is_type(instance, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in known or any(_matches(pattern, name) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"{name!r} is unknown", path=[name], instance=value)
        else:
            yield from validator.descend(value, allowed, path=name)


def _leaves(error: ValidationError) -> Iterable[ValidationError]:
    """Yield what went wrong where; of alternatives, what is wrong with the one that was meant."""
    if error.context:
        branches: dict[int, list[ValidationError]] = {}
        for child in error.context:
            branches.setdefault(int(child.relative_schema_path[0]), []).append(child)
        if all(child.validator == "type" and not child.path for child in error.context):
            types = [name for child in error.context for name in _types(child)]
            yield _like(error.context[0], validator_value=types)
            return
        deepest = max(branches.values(), key=_closeness)
        for child in deepest:
            yield from _leaves(child)
    else:
        yield error


def _closeness(errors: list[ValidationError]) -> tuple[int, int]:
    """Return how near a branch of alternatives came: one that fails only below the top is meant."""
    return (min(len(error.path) for error in errors), -len(errors))


def _types(error: ValidationError) -> list[str]:
    return error.validator_value if isinstance(error.validator_value, list) else [str(error.validator_value)]


def _like(error: ValidationError, **other: Any) -> ValidationError:
    """Return a copy of the error at the same place, with other particulars."""
    from jsonschema import ValidationError as Error

    return Error(
        error.message,
        validator=error.validator,
        path=error.relative_path,
        instance=error.instance,
        schema=error.schema,
        schema_path=error.relative_schema_path,
        parent=error.parent,
        **{"validator_value": error.validator_value, **other},
    )


_UNITS = {
    "minimum": "",
    "maximum": "",
    "minLength": "a length of ",
    "maxLength": "a length of ",
    "minItems": "a number of items of ",
    "maxItems": "a number of items of ",
    "minProperties": "a number of properties of ",
    "maxProperties": "a number of properties of ",
}


def _expected(error: ValidationError) -> str:
    rule, value = error.validator, cast(JSON, error.validator_value)
    match rule:
        case "required":
            return "a value"
        case "type":
            return " or ".join(value) if isinstance(value, list) else str(value)
        case "enum":
            return "one of " + ", ".join(shown(option) for option in value)
        case "const":
            return shown(value)
        case "additionalProperties":
            return "no such property"
        case "pattern":
            return f"text like {value}"
        case "minimum" | "minLength" | "minItems" | "minProperties":
            return f"{_UNITS[rule]}{value} or more"
        case "maximum" | "maxLength" | "maxItems" | "maxProperties":
            return f"{_UNITS[rule]}{value} or less"
        case _:
            return f"{rule} {shown(value)}"


def _pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
