"""The control API, described: its OpenAPI 3.1 document, made from the table of its routes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from werkzeug.http import HTTP_STATUS_CODES

from mocktill import __version__
from mocktill.control.ask import Route
from mocktill.control.components import components, reference
from mocktill.control.guard import JSON_TYPE
from mocktill.control.problem import MEDIA_TYPE
from mocktill.control.reading import ARGUMENTS
from mocktill.control.served import root_of
from mocktill.core.api import JSON
from mocktill.core.app import CONTROL
from mocktill.core.contract import Contract
from mocktill.core.names import NAME

TOKEN = "token"
PROBLEM = "problem"
INFO = """Steers the sandboxes of a Mocktill server: state, clock, faults, journal, snapshots, choices.

A sandbox is named by the prefix `/~name` or by the header `Mocktill-Sandbox`; without either it is `default`.
Where the server has a token, every call but `health` and `ready` needs it.
"""
TAGS = {
    "health": "Whether it lives.",
    "ready": "Whether it can be asked.",
    "metrics": "What the server counts.",
    "apis": "The APIs that are served.",
    "openapi": "The contracts as OpenAPI documents.",
    "schemas": "The contracts as JSON Schemas.",
    "pulse": "Whether anything has changed.",
    "reset": "Back to the beginning.",
    "state": "The rows of a sandbox.",
    "tables": "What the rows are in.",
    "panels": "What a person sees of each API.",
    "snapshots": "Named copies of a sandbox.",
    "clock": "The time of a sandbox.",
    "faults": "When and how a sandbox misbehaves.",
    "journal": "What was asked and answered.",
    "flows": "Whether what happened is what should have.",
    "scenarios": "Flows that can be played.",
    "choices": "What is decided where the documentation is silent.",
    "populate": "Living objects with made-up values.",
    "acts": "What happens without a request.",
    "webhooks": "What a sandbox tells, and to whom.",
    "sandboxes": "The sandboxes of the server.",
}
"""What the calls are about, by the first part of their paths."""
ALWAYS = (400, 401, 403, 413, 415, 422)
"""What every call may be refused with that is not open to all: bytes, token, Host, body and values come first."""
OPEN = (400, 413, 422)


def document(routes: Iterable[Route], contract: Contract, base_url: str) -> JSON:
    """Return the document; `base_url` is the root of the server as the client sees it."""
    routes = tuple(routes)
    statuses = sorted({status for route in routes for status in statuses_of(route)})
    names = sorted({name for route in routes for name in (route.body, route.response) if name} | {PROBLEM})
    paths: dict[str, JSON] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, contract)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mocktill, control API",
            "version": __version__,
            "description": INFO,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": _servers(root_of(base_url)),
        "security": [{TOKEN: []}, {}],
        "tags": [{"name": tag, "description": TAGS[tag]} for tag in dict.fromkeys(map(_tag, routes))],
        "paths": paths,
        "components": {
            "schemas": components(contract, names),
            "parameters": {"sandbox": _header()},
            "responses": {str(status): _refusal(status) for status in statuses},
            "securitySchemes": {
                TOKEN: {"type": "http", "scheme": "bearer", "description": "The token of the server, if it has one."}
            },
        },
    }


def statuses_of(route: Route) -> tuple[int, ...]:
    """Return the statuses with which a call may be refused."""
    given = OPEN if route.open else ALWAYS
    missing = (404,) if "{" in route.path else ()
    full = (409,) if route.boxed and route.method != "GET" else ()
    return tuple(sorted({*given, *missing, *full, *route.errors}))


def _servers(root: str) -> JSON:
    return [
        {"url": f"{root}{CONTROL}", "description": "the sandbox that a header names, or the default one"},
        {
            "url": f"{root}/~{{sandbox}}{CONTROL}",
            "description": "the sandbox of this name",
            "variables": {"sandbox": {"default": "default"}},
        },
    ]


def _tag(route: Route) -> str:
    return route.path.split("/")[1]


def _operation(route: Route, contract: Contract) -> JSON:
    operation: dict[str, JSON] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": inspect.getdoc(route.handler) or route.summary,
        "tags": [_tag(route)],
        "parameters": list(_parameters(route, contract)),
        "responses": _responses(route, contract),
    }
    if route.open:
        operation["security"] = []
    if route.body is not None:
        operation["requestBody"] = {
            "required": not route.optional and not contract.accepts(route.body, {}),
            "content": {JSON_TYPE: _content(contract, route.body)},
        }
    return operation


def _parameters(route: Route, contract: Contract) -> Iterator[JSON]:
    arguments = contract.properties(ARGUMENTS)
    for name in (part.partition("}")[0] for part in route.path.split("{")[1:]):
        yield _parameter(name, "path", arguments[name], required=True)
    if route.query is not None:
        for name, schema in contract.properties(route.query).items():
            yield _parameter(name, "query", schema)
    if route.boxed:
        yield {"$ref": "#/components/parameters/sandbox"}


def _parameter(name: str, place: str, schema: JSON, required: bool = False) -> JSON:
    told = {key: value for key, value in schema.items() if key not in {"description", "examples"}}
    parameter = {"name": name, "in": place, "required": required, "description": schema["description"]}
    parameter["schema"] = told
    return {**parameter, "example": schema["examples"][0]} if "examples" in schema else parameter


def _header() -> JSON:
    return {
        "name": "Mocktill-Sandbox",
        "in": "header",
        "required": False,
        "description": "The sandbox that is meant, where no prefix of the path names one; empty it says nothing.",
        "schema": {"type": "string", "pattern": f"^(?:{NAME.pattern})?$"},
        "example": "checkout-test",
    }


def _responses(route: Route, contract: Contract) -> JSON:
    good: dict[str, JSON] = {"description": "Done" if route.response is None else _title(contract, route.response)}
    if route.response is not None:
        good["content"] = {JSON_TYPE: _content(contract, route.response)}
    if route.media:
        text = {"schema": {"type": "string"}, "example": route.example}
        good = {"description": route.summary, "content": dict.fromkeys(route.media, text)}
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses_of(route)}
    return {str(route.status): good, **refusals}


def _refusal(status: int) -> JSON:
    title = HTTP_STATUS_CODES[status]
    example = {"type": "about:blank", "title": title, "status": status, "detail": "Why, in a sentence."}
    content = {"schema": reference(PROBLEM), "example": example}
    refusal: dict[str, JSON] = {"description": title, "content": {MEDIA_TYPE: content}}
    if status == 401:
        refusal["headers"] = {"WWW-Authenticate": {"schema": {"const": "Bearer"}}}
    return refusal


def _content(contract: Contract, name: str) -> JSON:
    examples = contract.documents[name]["examples"]
    content: dict[str, JSON] = {"schema": reference(name)}
    if len(examples) == 1:
        return {**content, "example": examples[0]}
    return {**content, "examples": {str(number): {"value": value} for number, value in enumerate(examples, 1)}}


def _title(contract: Contract, name: str) -> str:
    return str(contract.documents[name]["title"])
