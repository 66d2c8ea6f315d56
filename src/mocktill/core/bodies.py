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


def read_json(body: bytes) -> JSON:
    """Return the JSON value of a body; of an empty one an empty object. Raise `Malformed` with the place."""
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(str(error)) from None
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        _check_depth(value)
    return value


def read_form(body: bytes, properties: Mapping[str, JSON]) -> JSON:
    """Return the fields of a form; those that the schema calls integers as such, where they are."""
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:
        raise Malformed(f"not a form: {error}") from None
    return {name: _typed(value, properties.get(name, {})) for name, value in fields.items()}


def _check_depth(value: JSON) -> None:
    """Raise `Malformed` for JSON that is nested deeper than any document of these APIs."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for part in level
            if isinstance(part, (dict, list))
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return
    if any(isinstance(part, (dict, list)) for part in level):
        raise Malformed(f"nested deeper than {DEEPEST}")


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of a request's body without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _typed(value: str, schema: Mapping[str, JSON]) -> JSON:
    return int(value) if schema.get("type") == "integer" and _INTEGER.fullmatch(value) else value
