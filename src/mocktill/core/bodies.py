"""Bytes become values: the readings of a body that dialects share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson

from mocktill.core.api import FIELDS, JSON
from mocktill.core.errors import Malformed

_INTEGER = re.compile(r"-?[0-9]{1,18}")
DEEPEST = 64
"""How many objects and arrays may lie within each other."""
FORM = "application/x-www-form-urlencoded"


def read_json(body: bytes, deepest: int = DEEPEST) -> JSON:
    """Return the JSON value of a body; of an empty one an empty object. Raise `Malformed` with the place."""
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(str(error)) from None
    if body.count(b"[") + body.count(b"{") > deepest:
        check_depth(value, deepest)
    return value


def read_form(body: bytes, properties: Mapping[str, JSON]) -> JSON:
    """Return the fields of a form; those that the schema calls integers as such, where they are."""
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:
        raise Malformed(f"not a form: {error}") from None
    return {name: _typed(value, properties.get(name, {})) for name, value in fields.items()}


def check_depth(value: JSON, deepest: int = DEEPEST) -> None:
    """Raise `Malformed` for JSON that is nested deeper than any document of these APIs."""
    level = [value]
    for _ in range(deepest):
        level = [
            inner
            for part in level
            if isinstance(part, (dict, list))
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return
    if any(isinstance(part, (dict, list)) for part in level):
        raise Malformed(f"nested deeper than {deepest}")


def at(value: JSON, pointer: str) -> JSON:
    """Return what a JSON pointer leads to; raise KeyError in words where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[_place(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, TypeError, ValueError):
            raise KeyError(f"there is nothing at {pointer}") from None
    return value


def _place(name: str) -> int:
    if not re.fullmatch("0|[1-9][0-9]*", name):
        raise ValueError(name)
    return int(name)


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of a request's body without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _typed(value: str, schema: Mapping[str, JSON]) -> JSON:
    return int(value) if schema.get("type") == "integer" and _INTEGER.fullmatch(value) else value
