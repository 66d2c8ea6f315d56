"""The contract of one vendor API as OpenAPI 3.1: operations, every error, examples, choices and magic values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from mocktill import __version__
from mocktill.control.components import components as components
from mocktill.control.components import reference, standalone
from mocktill.control.refused import Refusals, Refused
from mocktill.core.api import JSON, Api, Operation, Request
from mocktill.core.bodies import FORM
from mocktill.core.catalogue import Shelf
from mocktill.core.choices import Basis, Choice
from mocktill.core.errors import Malformed

OPENAPI = "3.1.1"
JSON_TYPE = "application/json"
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
        described = _operation(shelf, operation, refusals.of(operation), headers)
        paths.setdefault(api.prefixes[0] + operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": OPENAPI,
        "info": {
            "title": f"{api.title}, as Mocktill's sandbox answers",
            "version": __version__,
            "summary": f"{api.title}: {len(api.operations)} operations",
            "description": ABOUT.format(title=api.title),
            "license": {"name": "MIT", "identifier": "MIT"},
            "x-choices": [_choice(choice, held.get(choice.name)) for choice in api.choices],
            "x-magic": [{"table": one.table, "key": one.key, "sentence": one.sentence} for one in shelf.seed.magic],
        },
        "servers": _servers(base_url),
        "tags": [{"name": api.name, "description": f"The operations of {api.title}."}],
        "security": [{name: []} for name in api.dialect.security],
        "paths": paths,
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


def _operation(shelf: Shelf, operation: Operation, refused: Sequence[Refused], headers: JSON) -> JSON:
    described: dict[str, JSON] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"{operation.summary}. Source: {operation.source}.",
        "tags": [shelf.api.name],
        "x-basis": operation.basis,
        "x-source": operation.source,
        "parameters": [*_path(shelf, operation), *_query(shelf, operation), {"$ref": "#/components/parameters/Prefer"}],
    }
    if operation.body is not None:
        described["requestBody"] = _body(shelf, operation, operation.body)
    described["responses"] = {str(operation.status): _success(shelf, operation, headers)}
    for status in sorted({one.row.status for one in refused}):
        those = [one for one in refused if one.row.status == status]
        described["responses"][str(status)] = _refusal(shelf.api, those, headers)
    return described


def _path(shelf: Shelf, operation: Operation) -> Iterator[JSON]:
    for name in re.findall(r"{(\w+)}", operation.path):
        described = {"name": name, "in": "path", "required": True, "schema": _id(shelf, operation, name)}
        for other in (operation, *shelf.api.operations):
            if name in other.sample.args:
                described["example"] = other.sample.args[name]
                break
        yield described


def _id(shelf: Shelf, operation: Operation, name: str) -> JSON:
    """Return the schema of a path argument: what the answer says of the value that repeats it, never empty."""
    found = next(_echoes(shelf, operation.response, shelf.contract.documents[operation.response], name), {})
    return {"type": "string", "minLength": 1} | {key: found[key] for key in ("minLength", "pattern") if key in found}


def _echoes(shelf: Shelf, name: str, schema: JSON, argument: str) -> Iterator[Mapping[str, JSON]]:
    name, schema = shelf.contract.resolve(name, schema)
    if schema.get("x-arg") == argument:
        yield schema
    for part in schema.get("properties", {}).values():
        yield from _echoes(shelf, name, part, argument)


def _query(shelf: Shelf, operation: Operation) -> Iterator[JSON]:
    if operation.query is None:
        return
    described = components(shelf.contract, [operation.query], sent=True)[operation.query]
    for name, schema in described.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "schema": schema}
        yield {**parameter, "required": True} if name in described.get("required", ()) else parameter


def _body(shelf: Shelf, operation: Operation, name: str) -> JSON:
    asked = {"schema": reference(name), "examples": {"sample": {"value": operation.sample.body}}}
    media = {JSON_TYPE: asked, FORM: asked} if _reads_forms(shelf.api, operation) else {JSON_TYPE: asked}
    return {"required": bool(shelf.contract.documents[name].get("required")), "content": media}


def _reads_forms(api: Api, operation: Operation) -> bool:
    form = Request("POST", "/", "", {"content-type": FORM}, b"a=1", "", operation)
    try:
        return bool(api.dialect.read(form, {}) == {"a": "1"})
    except Malformed:
        return False


def _success(shelf: Shelf, operation: Operation, headers: JSON) -> JSON:
    answer: dict[str, JSON] = {"schema": reference(operation.response)}
    examples = shelf.examples.get(operation.name, {})
    if examples:
        answer["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {
        "description": f"{operation.summary}: done.",
        "headers": headers,
        "content": {_media_type(shelf.api): answer},
        "x-basis": operation.basis,
    }


def _refusal(api: Api, refused: Sequence[Refused], headers: JSON) -> JSON:
    """Return the response of one status: a schema or several, and an example of each refusal under its type."""
    schemas = dict.fromkeys(api.dialect.error_schema(one.row) for one in refused)
    examples: dict[str, JSON] = {}
    for one in refused:
        name = one.row.type if one.row.type not in examples else f"{one.row.type}.{one.meaning}"
        examples[name] = {
            "summary": one.row.text,
            "value": one.body,
            "x-meaning": one.meaning,
            "x-basis": one.basis,
            "x-source": one.row.source,
            **({"x-choice": one.choice} if one.choice else {}),
        }
    several = [reference(name) for name in schemas]
    answer = {"schema": several[0] if len(several) == 1 else {"anyOf": several}, "examples": examples}
    return {
        "description": "; ".join(dict.fromkeys(one.row.text for one in refused)),
        "headers": headers,
        "content": {_media_type(api): answer},
    }


def _media_type(api: Api) -> str:
    return api.dialect.media_type.partition(";")[0].strip()
