"""A value that a schema accepts, made with Faker: always the same for the same seed and key.

Annotations in a schema guide it:

- `x-faker` names the Faker method for a value, alone (`"company"`) or with its arguments
  (`{"bothify": {"text": "??##"}}`).
- `x-arg` names the path argument that the value is when the request has one (the id that was asked for).
- `x-link` is a link made of the path arguments, of `{base_url}` and of what `x-same` has names for.
- `x-same` is a name: values of the same name within one made object are equal. The first one made wins; `x-arg` and
  `x-link` come before it. The items of an array share what is around them, and nothing with each other.
- `x-generate` is a schema narrower than the one that it stands in: the value is made by it instead.
- `x-instant` is the pattern of a point in time. It is drawn from fixed years: Faker's own dates end at the machine's
  now, and would change with it.

Properties that are not required are left out where others are.
"""

from __future__ import annotations

import re
from collections import ChainMap
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
        self._same: ChainMap[str, JSON] = ChainMap()

    def value(self, name: str, schema: JSON) -> JSON:
        document, schema = self._contract.resolve(name, schema)
        if schema.get("x-arg") in self._args:
            made = self._args[schema["x-arg"]]
        elif "x-link" in schema:
            made = re.sub(r"{(\w+)}", self._part, schema["x-link"])
        elif schema.get("x-same") in self._same:
            return self._same[schema["x-same"]]
        elif "x-generate" in schema:
            made = self.value(document, schema["x-generate"])
        else:
            made = self._make(document, schema)
        if "x-same" in schema:
            self._same.setdefault(schema["x-same"], made)
        return made

    def _part(self, name: re.Match[str]) -> str:
        return str(self._args.get(name[1], self._same.get(name[1], name[1])))

    def _make(self, name: str, schema: JSON) -> JSON:
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
                return [self._item(name, schema.get("items", {"type": "string"})) for _ in range(count)]
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

    def _item(self, name: str, schema: JSON) -> JSON:
        around, self._same = self._same, self._same.new_child()
        made = self.value(name, schema)
        self._same = around
        return made

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
