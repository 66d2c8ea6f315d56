"""A value that a schema accepts, made with Faker: always the same for the same seed and key.

Annotations in a schema guide it:

- `x-faker` names the Faker method for a value, alone (`"company"`) or with its arguments
  (`{"bothify": {"text": "??##"}}`).
- `x-arg` names the path argument that the value is when the request has one (the id that was asked for).
- `x-link` is a link made of the path arguments and of `{base_url}`.
- `x-instant` is the pattern of a point in time. It is drawn from fixed years: Faker's own dates end at the machine's
  now, and would change with it.

Properties that are not required are left out where others are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mocktill.core.api import JSON
from mocktill.core.contract import Contract

if TYPE_CHECKING:
    from faker import Faker


FIRST = datetime(2012, 1, 1, tzinfo=UTC)
SPAN_SECONDS = 12 * 365 * 24 * 3600


def generate(contract: Contract, name: str, faker: Faker, args: Mapping[str, str]) -> JSON:
    """Return a value for the schema `name`, drawn from a Faker that was seeded for it."""
    return _Maker(contract, faker, args).value(name, contract.documents[name])


class _Maker:
    def __init__(self, contract: Contract, faker: Faker, args: Mapping[str, str]) -> None:
        self._contract = contract
        self._faker = faker
        self._args = args

    def value(self, name: str, schema: JSON) -> JSON:
        name, schema = self._contract.resolve(name, schema)
        if schema.get("x-arg") in self._args:
            return self._args[schema["x-arg"]]
        if "x-link" in schema:
            return re.sub(r"{(\w+)}", lambda name: self._args.get(name[1], name[1]), schema["x-link"])
        if "const" in schema:
            return schema["const"]
        if "x-faker" in schema:
            return self._fake(schema["x-faker"])
        if "x-instant" in schema:
            at = FIRST + timedelta(seconds=self._faker.random_int(0, SPAN_SECONDS))
            return at.strftime(schema["x-instant"])
        if "enum" in schema:
            return self._pick(schema["enum"])
        for alternatives in ("anyOf", "oneOf"):
            if alternatives in schema:
                return self.value(name, self._pick(schema[alternatives]))
        kind = schema.get("type", "object")
        return self._of_type(name, schema, kind if isinstance(kind, str) else self._pick(kind))

    def _of_type(self, name: str, schema: JSON, kind: str) -> JSON:
        match kind:
            case "object":
                properties = schema.get("properties", {})
                wanted = schema.get("required", properties)
                return {key: self.value(name, of) for key, of in properties.items() if key in wanted}
            case "array":
                least = schema.get("minItems", 1)
                count = self._faker.random_int(least, max(least, min(schema.get("maxItems", 3), 3)))
                return [self.value(name, schema.get("items", {"type": "string"})) for _ in range(count)]
            case "integer":
                return self._integer(schema)
            case "number":
                return float(self._integer(schema))
            case "boolean":
                return self._faker.boolean()
            case "null":
                return None
            case _:
                return self._text(schema)

    def _integer(self, schema: JSON) -> int:
        least = schema.get("minimum", 0)
        return self._faker.random_int(least, max(least, min(schema.get("maximum", least + 10_000), least + 10_000)))

    def _text(self, schema: JSON) -> str:
        text = " ".join(self._faker.words(3))
        while len(text) < schema.get("minLength", 0):
            text += " " + self._faker.word()
        return text[: schema.get("maxLength")]

    def _pick(self, options: list[JSON]) -> JSON:
        return options[self._faker.random_int(0, len(options) - 1)]

    def _fake(self, how: JSON) -> JSON:
        method, arguments = (how, {}) if isinstance(how, str) else next(iter(how.items()))
        made = getattr(self._faker, method)(**arguments)
        return made if isinstance(made, (str, int, float, bool, list, dict, type(None))) else str(made)
