"""Why a value departs from a schema: the reference implementation's account, in words and with pointers.

Patterns are read as the verdict reads them, in ECMA-262's dialect, so that both always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, cast

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mocktill.core.api import JSON, Violation
from mocktill.core.secrets import shown

TOLERATED = frozenset({"additionalProperties", "unevaluatedProperties"})
MOST = 100
SCANNED = 20_000
"""How many violations of one value are kept of each severity, and looked at."""


class Explainer:
    """Explains what does not fit the schemas of one contract; `resolve` follows a `$ref` in it."""

    def __init__(self, documents: Mapping[str, JSON], resolve: Callable[[str, JSON], tuple[str, JSON]]) -> None:
        self._documents = documents
        self._resolve = resolve
        # without `$schema`, at whose sight jsonschema would go on with its own validator behind a `$ref`
        plain = {
            name: {key: value for key, value in document.items() if key != "$schema"}
            for name, document in documents.items()
        }
        registry: Any = Registry().with_resources(
            (document["$id"], DRAFT202012.create_resource(document)) for document in plain.values()
        )
        self._validators = {name: _MAKE(document, registry=registry) for name, document in plain.items()}

    def explain(self, name: str, value: JSON, at: str) -> tuple[Violation, ...]:
        """Return the ways in which the value departs from the schema, ordered by pointer.

        At the most `MOST` of each severity: one million wrong items are not explained one by one.
        """
        found: dict[Violation, None] = {}
        kept = {"error": 0, "warning": 0}
        for error in islice(self._validators[name].iter_errors(value), SCANNED):
            for leaf in _leaves(error):
                severity = "warning" if leaf.validator in TOLERATED else "error"
                if kept[severity] < MOST:
                    found[self._violation(name, leaf, at, severity)] = None
                    kept[severity] += 1
            if kept["error"] == MOST:
                break
        return tuple(sorted(found, key=lambda violation: violation.pointer))

    def _violation(self, name: str, error: ValidationError, at: str, severity: str) -> Violation:
        rule = str(error.validator)
        return Violation(
            severity=severity,
            at=at,
            pointer=_pointer(error.absolute_path),
            rule=rule,
            expected=_expected(error),
            got="nothing" if rule == "required" else shown(error.instance),
            source=self._source(name, error),
        )

    def _source(self, name: str, error: ValidationError) -> str:
        """Return the `x-source` nearest above the rule."""
        schema: JSON = self._documents[name]
        source = schema.get("x-source", "")
        for part in [*list(error.absolute_schema_path)[:-1], None]:
            name, schema = self._resolve(name, schema)
            source = schema.get("x-source", source) if isinstance(schema, Mapping) else source
            schema = schema if part is None else schema[part]
        return str(source)


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> Any:
    return jsonschema_rs.validator_for({"pattern": pattern})


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, as the verdict reads patterns: in ECMA-262's dialect."""
    return bool(_matcher(pattern).is_valid(text))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
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
    if validator.is_type(instance, "object"):
        for name in required:
            if name not in instance:
                yield ValidationError(f"{name!r} is required", path=[name])


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Any:
    """Name each unknown property by its own pointer."""
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


_MAKE: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "required": _required,
        "additionalProperties": _additional_properties,
    },
)


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
    return ValidationError(
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
    "minimum": "{}",
    "maximum": "{}",
    "minLength": "text of {} characters",
    "maxLength": "text of {} characters",
    "minItems": "{} items",
    "maxItems": "{} items",
    "minProperties": "{} properties",
    "maxProperties": "{} properties",
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
            return _UNITS[rule].format(f"{value} or more")
        case "maximum" | "maxLength" | "maxItems" | "maxProperties":
            return _UNITS[rule].format(f"{value} or less")
        case _:
            return f"{rule} {shown(value)}"


def _pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
