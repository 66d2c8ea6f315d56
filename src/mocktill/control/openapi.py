"""The contract of one vendor API as OpenAPI 3.1: operations, every error, examples, choices and magic values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from mocktill import __version__
from mocktill.control.components import components as components
from mocktill.control.components import standalone
from mocktill.control.events import webhooks
from mocktill.control.operation import described
from mocktill.control.refused import Refusals
from mocktill.core.api import JSON
from mocktill.core.catalogue import Shelf
from mocktill.core.choices import Basis, Choice

OPENAPI = "3.1.1"
OWN = frozenset({"seed", "rows"})
"""Documents of a contract that nobody sends or receives."""
ABOUT = """\
How Mocktill's sandbox of {title} is asked and what it answers. It remembers what it was told and answers as the \
vendor documents it.

Each answer says how well it is known, in the header `Mocktill-Basis`, and each operation and error here in `x-basis`:

- `documented`: a page of the vendor on this operation says so.
- `published`: the vendor says so elsewhere, in a specification or a sample.
- `observed`: a client of the vendor or a recorded answer shows it.
- `assumed`: Mocktill decided it. `x-choices` lists what can be decided otherwise."""
LEGEND = [basis.value for basis in Basis]
PREFER = (
    "Asks for another answer than the living one (RFC 7240): `example=NAME` for a documented example, `dynamic=true` "
    "for a generated object, `code=NNN` for an error of this operation. No state changes then."
)
HEADERS: Mapping[str, JSON] = {
    "Mocktill-Entry": {
        "description": "The number of the journal's entry about this request.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Mocktill-Basis": {
        "description": "How well this answer is known.",
        "required": True,
        "schema": {"type": "string", "enum": LEGEND},
    },
    "Preference-Applied": {
        "description": "The preference that was heeded, where one was sent.",
        "schema": {"type": "string"},
    },
}
_TEXT: Mapping[str, JSON] = {"type": "string"}


def document(shelf: Shelf, base_url: str, choices: Mapping[str, str] | None = None) -> JSON:
    """Return the OpenAPI document of an API that answers at `base_url`; `choices` are the values that hold there."""
    api, held = shelf.api, choices or {}
    refusals = Refusals(shelf, held)
    extra = refusals.headers()
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in (*HEADERS, *extra)}
    paths: dict[str, JSON] = {}
    for operation in api.operations:
        told = described(shelf, operation, refusals.of(operation), headers)
        paths.setdefault(api.path(operation), {})[operation.method.lower()] = told
    events = webhooks(shelf)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": f"{api.title}, as Mocktill's sandbox answers",
            "version": __version__,
            "summary": f"{api.title}: {len(api.operations)} operations",
            "description": ABOUT.format(title=api.title),
            "license": {"name": "MIT", "identifier": "MIT"},
            "x-choices": [_choice(choice, held.get(choice.name)) for choice in api.choices],
            "x-credential": api.credential,
            "x-magic": [{"table": one.table, "key": one.key, "sentence": one.sentence} for one in shelf.seed.magic],
        },
        "servers": _servers(base_url),
        "tags": [{"name": api.name, "description": f"The operations of {api.title}."}],
        "security": [{name: []} for name in api.dialect.security],
        "paths": paths,
        **({"webhooks": events} if events else {}),
        "components": {
            "schemas": _schemas(shelf),
            "headers": {**HEADERS, **{name: _vendor_header(name) for name in extra}},
            "parameters": {"Prefer": {"name": "Prefer", "in": "header", "description": PREFER, "schema": _TEXT}},
            "securitySchemes": dict(api.dialect.security),
        },
    }


def schema(shelf: Shelf, name: str) -> JSON:
    """Return one schema of the contract, its references the addresses of its siblings; raise KeyError for no name."""
    return standalone(shelf.contract, name)


def _servers(base_url: str) -> list[JSON]:
    """Return the address, and that of a sandbox by its name."""
    parts = urlsplit(base_url)
    below = re.sub(r"^/~[^/]*", "", parts.path)
    variable = {"default": "default", "description": "The name of a sandbox; it is made when it is first asked."}
    return [
        {"url": base_url, "description": "The sandbox that was asked"},
        {
            "url": f"{parts.scheme}://{parts.netloc}/~{{sandbox}}{below}",
            "description": "A sandbox by its name",
            "variables": {"sandbox": variable},
        },
    ]


def _choice(choice: Choice, value: str | None) -> JSON:
    return {
        "name": choice.name,
        "question": choice.question,
        "value": value or choice.default,
        "default": choice.default,
        "basis": choice.basis,
        "options": [
            {"value": option.value, "sentence": option.sentence, "basis": option.basis or choice.basis}
            for option in choice.options
        ],
    }


def _vendor_header(name: str) -> JSON:
    return {"description": f"The vendor's {name}.", "schema": _TEXT}


def _schemas(shelf: Shelf) -> JSON:
    """Return every schema of the contract: those of requests forbid no unknown property."""
    operations = shelf.api.operations
    asked = {name for operation in operations for name in (operation.body, operation.query) if name}
    told = [name for name in shelf.contract.documents if name not in asked | OWN]
    received = components(shelf.contract, told)
    return {**received, **components(shelf.contract, sorted(asked), sent=True, beside=received)}
