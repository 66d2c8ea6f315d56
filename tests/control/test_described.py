"""The control API's own OpenAPI document: valid, whole, and true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from mocktill.control.app import INDEX
from mocktill.control.described import statuses_of
from mocktill.control.routes import ROUTES
from mocktill.control.site import is_site
from mocktill.core.app import CONTROL
from mocktill.core.contract import own
from tests.control.control import BY_NAME, Control
from tests.core.telling import Waiting

TELLING = {"set_webhook": "drip"}
"""Of which API an example is whose route has nothing to do with the API that is the usual example."""


@pytest.fixture
def document(control: Control) -> Any:
    """The document as it is served."""
    return control.get("/openapi/mocktill.json")


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield path, method and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def followed(document: Any, value: Any) -> Any:
    """Return what a reference within the document leads to."""
    if isinstance(value, Mapping) and "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found
    return value


def every(value: Any) -> Iterator[Any]:
    """Yield every object in a document."""
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from every(part)
    elif isinstance(value, list):
        for part in value:
            yield from every(part)


def test_it_has_every_rule_and_no_other(app: Flask, document: Any) -> None:
    """Whatever the URL map has below the prefix is described, but for the site's files, and nothing else is."""
    rules = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)).removeprefix(CONTROL), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.endpoint != INDEX and not is_site(rule.endpoint)
    }
    assert {(path, method) for path, method, _ in operations(document)} == rules


def test_every_reference_leads_somewhere(document: Any) -> None:
    """No reference leaves the document or ends nowhere."""
    found = [part for part in every(document) if isinstance(part.get("$ref"), str)]
    assert len(found) > 50
    for part in found:
        assert part["$ref"].startswith("#/")
        assert followed(document, part)


def test_every_call_says_what_it_does(document: Any) -> None:
    """Each has a name of its own, a summary, and a description in whole sentences."""
    told = {operation["operationId"]: operation for _, _, operation in operations(document)}
    assert set(told) == set(BY_NAME)
    for operation in told.values():
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert operation["tags"][0] in {tag["name"] for tag in document["tags"] if tag["description"].endswith(".")}


def test_every_answer_is_described(document: Any) -> None:
    """Each call names the answer that it gives, and every problem that can come instead."""
    for _, _, operation in operations(document):
        route = BY_NAME[operation["operationId"]]
        assert set(operation["responses"]) == {str(route.status), *map(str, statuses_of(route))}
        for status, response in operation["responses"].items():
            content = followed(document, response).get("content")
            if int(status) >= 400:
                assert list(content) == ["application/problem+json"]
            else:
                assert list(content or {}) == (
                    [*route.media] or ([] if route.response is None else ["application/json"])
                )


def test_arguments_and_bodies_are_described(document: Any) -> None:
    """Each variable, parameter and body is there, and the header of the sandbox where it counts."""
    for path, _, operation in operations(document):
        route = BY_NAME[operation["operationId"]]
        parameters = [followed(document, parameter) for parameter in operation["parameters"]]
        by_place = {place: {one["name"] for one in parameters if one["in"] == place} for place in ("path", "query")}
        assert by_place["path"] == set(re.findall(r"{(\w+)}", path))
        assert by_place["query"] == set(own().properties(route.query) if route.query else ())
        assert ("Mocktill-Sandbox" in {one["name"] for one in parameters}) is route.boxed
        assert all(one["description"] for one in parameters)
        assert ("requestBody" in operation) is (route.body is not None)


def test_who_may_ask_is_described(document: Any) -> None:
    """A bearer token or nothing; health and ready never need one."""
    assert document["security"] == [{"token": []}, {}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    open_to_all = {op["operationId"] for _, _, op in operations(document) if op.get("security") == []}
    assert open_to_all == {"health", "ready"}


def test_examples_obey_their_schemas(document: Any) -> None:
    """Every example fits the schema that stands beside it."""
    seen = 0
    for part in every(document["paths"] | document["components"]):
        if "schema" in part and ("example" in part or "examples" in part):
            schema = {**part["schema"], "components": document["components"]}
            for example in (
                [part["example"]] if "example" in part else [it["value"] for it in part["examples"].values()]
            ):
                Draft202012Validator(schema).validate(example)
                seen += 1
    assert seen > 60


def test_every_body_has_an_example(document: Any) -> None:
    """Requests and answers are shown, each at least once."""
    for _, _, operation in operations(document):
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in followed(document, holder).get("content", {}).values():
                assert "example" in content or content["examples"]


def test_the_examples_of_requests_work(control: Control) -> None:
    """What is shown as a request is answered as it stands, arguments and all."""
    arguments = {name: schema["examples"][0] for name, schema in own().properties("arguments").items()}
    control.sandboxes.default.webhooks.courier = Waiting()
    for route in ROUTES:
        for example in own().documents[route.body]["examples"] if route.body else ():
            control.ok("POST", "/reset")
            arguments["api"] = TELLING.get(route.name, "deem")
            assert control(route.method, route.path.format(**arguments), example).status_code == route.status


def test_where_it_is(app: Flask) -> None:
    """The servers are this one with and without a sandbox's prefix, however the document was asked for."""
    for base_url in ("http://localhost:8080", "http://localhost:8080/~b"):
        document = app.test_client().get(f"{CONTROL}/openapi/mocktill.json", base_url=base_url).get_json()
        assert [server["url"] for server in document["servers"]] == [
            "http://localhost:8080/_mocktill",
            "http://localhost:8080/~{sandbox}/_mocktill",
        ]


def test_it_is_valid(document: Any) -> None:
    """It is an OpenAPI 3.1 document, as the validator of the specification says."""
    validator = pytest.importorskip("openapi_spec_validator", reason="SKIPPED: openapi-spec-validator is not installed")
    validator.validate(document)


def test_schemas_are_used() -> None:
    """No schema of a request or an answer lies about that no call has."""
    used = {name for route in ROUTES for name in (route.body, route.response, route.query) if name}
    kinds = (".request", ".response", ".query")
    told = {name for name in own().documents if name.endswith(kinds)}
    assert told == {name for name in used if name.endswith(kinds)}
    assert {name for name in used if not name.endswith(kinds)} == set()
