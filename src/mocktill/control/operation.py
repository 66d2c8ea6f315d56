"""One operation of a vendor as OpenAPI has it: how it is asked, what it answers, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mocktill.control.components import components, reference
from mocktill.control.refused import Refused
from mocktill.core.api import JSON, Api, Operation, Request
from mocktill.core.bodies import FORM
from mocktill.core.catalogue import Shelf
from mocktill.core.errors import Malformed

JSON_TYPE = "application/json"


def described(shelf: Shelf, operation: Operation, refused: Sequence[Refused], headers: JSON) -> JSON:
    """Return what OpenAPI says of an operation; `refused` are its refusals, `headers` those of all answers."""
    told: dict[str, JSON] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"{operation.summary}. {_before(operation)}Source: {operation.source}.",
        "tags": [shelf.api.name],
        "x-basis": operation.basis,
        "x-source": operation.source,
        "parameters": [*_path(shelf, operation), *_query(shelf, operation), {"$ref": "#/components/parameters/Prefer"}],
    }
    if operation.open:
        told["security"] = []
    if operation.body is not None:
        told["requestBody"] = _body(shelf, operation, operation.body)
    told["responses"] = _responses(shelf, operation, refused, headers)
    return told


def _before(operation: Operation) -> str:
    after = operation.sample.after
    return f"Ask `{after}` first: what it makes is what this is about. " if after else ""


def _responses(shelf: Shelf, operation: Operation, refused: Sequence[Refused], headers: JSON) -> JSON:
    examples = shelf.examples.get(operation.name, {})
    found = {operation.status: _success(shelf.api, operation, f"{operation.summary}: done.", headers, examples)}
    for status, sentence in operation.also.items():
        found[status] = _success(shelf.api, operation, sentence, headers, {})
    for status in sorted({one.row.status for one in refused}):
        answer = _refusal(shelf.api, operation, [one for one in refused if one.row.status == status], headers)
        found[status] = _either(found[status], answer) if status in found else answer
    return {str(status): answer for status, answer in found.items()}


def _path(shelf: Shelf, operation: Operation) -> Iterator[JSON]:
    for name in re.findall(r"{(\w+)}", operation.path):
        told = {"name": name, "in": "path", "required": True, "schema": _id(shelf, operation, name)}
        for other in (operation, *shelf.api.operations):
            if name in other.sample.args:
                told["example"] = other.sample.args[name]
                break
        yield told


def _id(shelf: Shelf, operation: Operation, name: str) -> JSON:
    """Return the schema of a path argument: what the answer says of the value that repeats it, never empty."""
    found: Mapping[str, JSON] = {}
    if operation.response is not None:
        answer = shelf.contract.documents[operation.response]
        found = next(_echoes(shelf, operation.response, answer, name), {})
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
    told = components(shelf.contract, [operation.query], sent=True)[operation.query]
    for name, schema in told.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "schema": schema}
        if name in operation.sample.query:
            parameter["example"] = operation.sample.query[name]
        yield {**parameter, "required": True} if name in told.get("required", ()) else parameter


def _body(shelf: Shelf, operation: Operation, name: str) -> JSON:
    asked = {"schema": reference(name), "examples": {"sample": {"value": operation.sample.body}}}
    usual, other = (FORM, JSON_TYPE) if operation.form else (JSON_TYPE, FORM)
    media = (usual, other) if _reads(shelf.api, operation, other) else (usual,)
    return {"required": bool(shelf.contract.documents[name].get("required")), "content": dict.fromkeys(media, asked)}


def _reads(api: Api, operation: Operation, kind: str) -> bool:
    """Whether a body of this type is read as such by the dialect."""
    body = b"a=1" if kind == FORM else b'{"a":"1"}'
    try:
        read = api.dialect.read(Request(operation.method, "/", "", {"content-type": kind}, body, "", operation), {})
        return bool(read == {"a": "1"})
    except Malformed:
        return False


def _success(api: Api, operation: Operation, said: str, headers: JSON, examples: Mapping[str, JSON]) -> JSON:
    told: dict[str, JSON] = {"description": said, "headers": headers, "x-basis": operation.basis}
    if operation.response is not None:
        answer: dict[str, JSON] = {"schema": reference(operation.response)}
        if examples:
            answer["examples"] = {name: {"value": value} for name, value in examples.items()}
        told["content"] = {_media_type(api, operation): answer}
    return told


def _refusal(api: Api, operation: Operation, refused: Sequence[Refused], headers: JSON) -> JSON:
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
    answer = {"schema": _any_of([reference(name) for name in schemas]), "examples": examples}
    return {
        "description": "; ".join(dict.fromkeys(one.row.text for one in refused)),
        "headers": headers,
        "content": {_media_type(api, operation): answer},
    }


def _either(one: JSON, other: JSON) -> JSON:
    """Return the response of a status that a success has and a refusal as well."""
    told = {**one, "description": f"{one['description']} Or: {other['description']}"}
    content = dict(one.get("content", {}))
    for kind, answer in other["content"].items():
        first = content.get(kind, {"schema": {"anyOf": []}})
        schemas = [schema for each in (first, answer) for schema in each["schema"].get("anyOf", [each["schema"]])]
        content[kind] = {
            "schema": _any_of(schemas),
            "examples": {**first.get("examples", {}), **answer.get("examples", {})},
        }
    return {**told, "content": content}


def _any_of(schemas: Sequence[JSON]) -> JSON:
    return schemas[0] if len(schemas) == 1 else {"anyOf": [*schemas]}


def _media_type(api: Api, operation: Operation) -> str:
    return (operation.media_type or api.dialect.media_type).partition(";")[0].strip()
