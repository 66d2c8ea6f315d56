"""Whether the keys of a value come in the order in which its schema has them."""

from __future__ import annotations

from collections.abc import Iterator

import jsonschema_rs

from mocktill.core.api import JSON
from mocktill.core.contract import Contract


def out_of_order(contract: Contract, name: str, value: JSON) -> list[str]:
    """Return the JSON pointers of the objects whose keys come in another order than in their schema."""
    return list(_find(contract, name, contract.documents[name], value, ""))


def _find(contract: Contract, name: str, schema: JSON, value: JSON, pointer: str) -> Iterator[str]:
    name, schema = contract.resolve(name, schema)
    for alternatives in ("anyOf", "oneOf"):
        fitting = [one for one in schema.get(alternatives, ()) if _may_be(contract.resolve(name, one)[1], value)]
        if fitting:
            yield from min((list(_find(contract, name, one, value, pointer)) for one in fitting), key=len)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        known = [key for key in value if key in properties]
        if known != [key for key in properties if key in value]:
            yield pointer or "/"
        for key in known:
            yield from _find(contract, name, properties[key], value[key], f"{pointer}/{key}")
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _find(contract, name, schema["items"], item, f"{pointer}/{number}")


def _may_be(schema: JSON, value: JSON) -> bool:
    kinds = {key: schema[key] for key in ("type", "required") if key in schema}
    return bool(jsonschema_rs.is_valid(kinds, value))
