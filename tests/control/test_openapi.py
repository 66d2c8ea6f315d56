"""The contract as OpenAPI: valid, whole, without inventions, and good enough to make a client of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mocktill.apis import BUILTIN
from mocktill.control.openapi import document, schema
from mocktill.core.api import JSON, Api, Operation
from mocktill.core.bodies import FORM
from mocktill.core.catalogue import Catalogue
from mocktill.core.errors import EVERYWHERE, Forbidden, KeyInUse, KeyReused, Meaning, NotAuthenticated
from mocktill.core.sample import pick, request, show
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving.server import ServerThread
from tests import toyvendor
from tests.client import Client
from tests.conftest import NOW

CATALOGUE = Catalogue((*BUILTIN, toyvendor.API))
SHELVES = CATALOGUE.shelves
BASE = "http://127.0.0.1:8080"
CASES = [(api, operation) for api in CATALOGUE.apis for operation in api.operations]
every_api = pytest.mark.parametrize("name", SHELVES)
every_operation = pytest.mark.parametrize(
    ("api", "operation"), CASES, ids=[f"{api.name}.{operation.name}" for api, operation in CASES]
)
LINTER = "@redocly/cli@2.77.0"
LEFT_OFF = {
    "no-unused-components": "the schemas of queries are written out as parameters, and stay for their readers",
    "no-required-schema-properties-undefined": "a property that `then` requires is one of the schema around it, unseen",
    "no-ambiguous-paths": "a vendor's templates may meet: `/{account}/subscribers` and `/subscribers/{id}`",
}
"""The linter's rules that are not heeded, each with its reason."""


def of(name: str, **choices: str) -> JSON:
    """Return the document of an API, as JSON has it."""
    return json.loads(json.dumps(document(SHELVES[name], f"{BASE}/{name}", choices)))


DOCUMENTS = {name: of(name) for name in SHELVES}


def described(api: Api, operation: Operation) -> JSON:
    """Return what the document says of an operation."""
    return DOCUMENTS[api.name]["paths"][api.path(operation)][operation.method.lower()]


def examples(name: str) -> Iterator[tuple[JSON, JSON]]:
    """Yield every example of a document with the schema that it stands beside."""
    for operations in DOCUMENTS[name]["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if "example" in parameter:
                    yield parameter["schema"], parameter["example"]
            for content in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in content.get("content", {}).values():
                    for example in media.get("examples", {}).values():
                        yield media["schema"], example["value"]


def walk(value: JSON) -> Iterator[dict[str, JSON]]:
    """Yield every object in a value."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(part)


def refusals(told: JSON) -> list[JSON]:
    """Return the examples of refusals in what is said of an operation."""
    answers = [media for response in told["responses"].values() for media in response.get("content", {}).values()]
    shown = [example for media in answers for example in media.get("examples", {}).values()]
    return [example for example in shown if "x-meaning" in example]


def first_of(answer: JSON) -> JSON:
    """Return the body of an answer in its first media type; an empty object where it has none."""
    return next(iter(answer["content"].values())) if "content" in answer else {}


def name_of(meaning: type[Meaning]) -> str:
    """Return the name of a meaning: `not_authenticated`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", meaning.__name__).lower()


@every_api
def test_it_is_openapi(name: str) -> None:
    """The document is valid OpenAPI 3.1."""
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENTS[name]).iter_errors()] == []


@every_api
def test_every_example_obeys_its_schema(name: str) -> None:
    """An example is what the schema beside it says."""
    shown = list(examples(name))
    assert shown
    for beside, value in shown:
        validator = jsonschema_rs.validator_for({**beside, "components": DOCUMENTS[name]["components"]})
        assert [error.message for error in validator.iter_errors(value)] == []


@every_api
def test_every_reference_leads_somewhere(name: str) -> None:
    """No reference is dangling, and none leaves the document."""
    for schema_ in walk(DOCUMENTS[name]):
        if isinstance(schema_.get("$ref"), str):
            assert schema_["$ref"].startswith("#/components/")
            assert pick(DOCUMENTS[name], schema_["$ref"][1:]) is not None


@every_api
def test_every_schema_is_there(name: str) -> None:
    """Each schema that is sent or received is a component; seeds and rows are the sandbox's own business."""
    told = set(DOCUMENTS[name]["components"]["schemas"])
    assert set(SHELVES[name].contract.documents) - {"seed", "rows"} <= told
    assert not {"seed", "rows"} & told
    assert not [key for value in walk(DOCUMENTS[name]["components"]["schemas"]) for key in value if key == "x-faker"]


@every_operation
def test_every_operation_is_there(api: Api, operation: Operation) -> None:
    """An operation is under the first prefix, with its parameters, basis, source and documented examples."""
    told = described(api, operation)
    assert (told["operationId"], told["summary"]) == (operation.name, operation.summary)
    assert (told["x-basis"], told["x-source"]) == (operation.basis, operation.source)
    places = {(parameter.get("in"), parameter.get("name")) for parameter in told["parameters"]}
    assert {("path", name) for name in re.findall(r"{(\w+)}", operation.path)} <= places
    asked = SHELVES[api.name].contract.documents[operation.query].get("properties", {}) if operation.query else {}
    assert {name for place, name in places if place == "query"} == set(asked)
    answer = told["responses"][str(operation.status)]
    assert ("content" in answer) == (operation.response is not None)
    shown = first_of(answer).get("examples", {})
    documented = SHELVES[api.name].examples.get(operation.name, {})
    assert {name: example["value"] for name, example in shown.items()} == documented


@every_operation
def test_who_is_asked_for_a_credential(api: Api, operation: Operation) -> None:
    """An open operation says that it needs no credential, and refuses nobody for one; the others say nothing else."""
    told = described(api, operation)
    assert told.get("security") == ([] if operation.open else None)
    meant = {example["x-meaning"] for example in refusals(told)}
    assert ("not_authenticated" in meant) == (not operation.open or NotAuthenticated in operation.errors)


@every_operation
def test_what_it_is_sent_and_sends(api: Api, operation: Operation) -> None:
    """A form is shown as one, and every answer has the operation's own media type, if it has one."""
    told = described(api, operation)
    if operation.body is not None:
        assert next(iter(told["requestBody"]["content"])) == (FORM if operation.form else "application/json")
    media_type = (operation.media_type or api.dialect.media_type).partition(";")[0]
    assert {kind for answer in told["responses"].values() for kind in answer.get("content", {})} <= {media_type}


@every_operation
def test_other_statuses_of_a_success(api: Api, operation: Operation) -> None:
    """Each of the other statuses has its sentence, and the body of a success."""
    responses = described(api, operation)["responses"]
    for status, sentence in operation.also.items():
        (answer,) = responses[str(status)]["content"].values()
        wanted = {"$ref": f"#/components/schemas/{operation.response}"}
        assert responses[str(status)]["description"].startswith(sentence)
        assert wanted in answer["schema"].get("anyOf", [answer["schema"]])


@every_operation
def test_every_error_is_there(api: Api, operation: Operation) -> None:
    """Each row of the table of errors that an operation meets has an example with its status, basis and source."""
    told = {
        (int(status), example["x-meaning"], example["x-source"])
        for status, response in described(api, operation)["responses"].items()
        for media in response.get("content", {}).values()
        for example in media.get("examples", {}).values()
        if "x-meaning" in example
    }
    never = {NotAuthenticated, Forbidden} if operation.open else set()
    never |= {KeyReused, KeyInUse} if operation.method == "GET" else set()
    for meaning in {*operation.errors, *({*api.dialect.errors, *EVERYWHERE} - never)}:
        row = api.dialect.row_for(meaning, operation.method, operation.name)
        assert (row.status, name_of(meaning), row.source) in told
    assert not {name_of(meaning) for meaning in never - {*operation.errors}} & {meaning for _, meaning, _ in told}


@every_operation
def test_idempotency_needs_a_choice(api: Api, operation: Operation) -> None:
    """What only a heeded idempotency key brings says which choice heeds it."""
    keyed = [one for one in refusals(described(api, operation)) if one["x-meaning"] in {"key_reused", "key_in_use"}]
    assert {one["x-choice"] for one in keyed} <= {f"{api.name}.idempotency=honour"}


@every_operation
def test_no_status_is_invented(api: Api, operation: Operation) -> None:
    """Each refusal in the document that needs no choice can be asked for, by its status and type."""
    box = Sandbox(CATALOGUE, setup=Setup(now=NOW))
    shown = show(api, api.credential)
    client = Client(box, api.name, dict(shown.headers) | {"User-Agent": "a test"})
    made = request(api, operation, operation.sample, BASE, dict.fromkeys(operation.sample.taken, "34063ec2"))
    for status, response in described(api, operation)["responses"].items():
        media = first_of(response)
        if all("x-choice" in example for example in media.get("examples", {}).values()) and media.get("examples"):
            continue
        answer = client(
            operation.method, made.path, query_string=made.query, data=made.body,
            headers={"Content-Type": made.headers.get("content-type", ""), "Prefer": f"code={status}"},
        )  # fmt: skip
        assert answer.status_code == int(status)


@pytest.mark.parametrize(
    ("setting", "operation", "status"),
    [
        ("deem.missing_parameter=400", "reserve_purchase", "400"),
        ("deem.wrong_method=404", "get_purchase", "404"),
        ("deem.malformed_body=unprocessable", "create_purchase", "422"),
        ("deem.validation_error_type=validations_failed", "create_purchase", "422"),
        ("drip.parsing_error_status=400", "create_purchase", "400"),
        ("drip.wrong_method=405", "read_subscriber", "405"),
        ("kajabi.wrong_method=404", "purchase_details", "404"),
        ("kiosk.sold_out_status=410", "buy_ticket", "410"),
    ],
)
def test_what_a_choice_brings_is_there(setting: str, operation: str, status: str) -> None:
    """What is answered only when a choice is made is listed, and says which; once made, it needs no more."""
    api = CATALOGUE.shelves[setting.partition(".")[0]].api
    told = described(api, api.operation(operation))["responses"][status]["content"]
    assert setting in {example.get("x-choice") for media in told.values() for example in media["examples"].values()}
    name, value = setting.split("=")
    now = of(api.name, **{name: value})
    assert f'"{setting}"' not in json.dumps(now)
    assert value in {choice["value"] for choice in now["info"]["x-choices"] if choice["name"] == name}


@every_api
def test_choices_and_magic_values_are_there(name: str) -> None:
    """Every choice is listed with its options and what holds, every magic value with its sentence."""
    info, shelf = DOCUMENTS[name]["info"], SHELVES[name]
    assert [choice["name"] for choice in info["x-choices"]] == list(shelf.choices)
    for choice in info["x-choices"]:
        known = shelf.choices[choice["name"]]
        assert (choice["question"], choice["value"], choice["basis"]) == (known.question, known.default, known.basis)
        assert [option["value"] for option in choice["options"]] == [option.value for option in known.options]
    assert [(one["table"], one["key"], one["sentence"]) for one in info["x-magic"]] == [
        (one.table, one.key, one.sentence) for one in shelf.seed.magic
    ]


@every_api
def test_how_it_is_asked(name: str) -> None:
    """The ways to show a credential are those of the dialect, and each of them will do."""
    told = DOCUMENTS[name]
    assert told["components"]["securitySchemes"] == SHELVES[name].api.dialect.security
    assert told["security"] == [{scheme: []} for scheme in SHELVES[name].api.dialect.security]


@every_api
def test_every_event_is_there(name: str) -> None:
    """What a vendor tells by itself is a webhook, with its basis, its headers and the schema of its body."""
    webhook, told = SHELVES[name].api.webhook, DOCUMENTS[name].get("webhooks", {})
    assert list(told) == ([] if webhook is None else list(webhook.events))
    for event, methods in told.items():
        assert webhook is not None
        sent = methods["post"]
        assert (sent["x-basis"], sent["x-source"], sent["security"]) == (webhook.basis, webhook.source, [])
        headers = webhook.headers("msg_1", 0, b"", webhook.secret)
        assert [(one["name"], one["in"]) for one in sent["parameters"]] == [(header, "header") for header in headers]
        body = sent["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"#/components/schemas/webhook.{event}"}


def test_an_event_of_which_nothing_is_known() -> None:
    """An event whose body no schema tells is a webhook all the same."""
    webhook = replace(toyvendor.WEBHOOK, events=("ticket.lost",))
    shelf = replace(SHELVES["kiosk"], api=replace(toyvendor.API, webhook=webhook))
    told = document(shelf, BASE)
    assert [str(error) for error in OpenAPIV31SpecValidator(json.loads(json.dumps(told))).iter_errors()] == []
    assert "requestBody" not in told["webhooks"]["ticket.lost"]["post"]


def test_a_status_of_a_success_and_of_a_refusal() -> None:
    """Where a status is both, its body is one or the other, with the examples of the refusals."""
    buy, *others = toyvendor.OPERATIONS
    both = replace(buy, also={409: "The seats are gone, and the ticket is good."})
    told = document(replace(SHELVES["kiosk"], api=replace(toyvendor.API, operations=(both, *others))), BASE)
    answer = told["paths"][toyvendor.API.path(buy)]["post"]["responses"]["409"]
    (media,) = answer["content"].values()
    assert media["schema"]["anyOf"] == [
        {"$ref": f"#/components/schemas/{name}"} for name in ("ticket.response", "fault")
    ]
    assert "E-FULL" in media["examples"]
    assert answer["description"].startswith("The seats are gone, and the ticket is good. Or: ")


def test_a_form_that_may_be_json() -> None:
    """A form comes first; JSON beside it where the vendor reads it so."""
    told = described(toyvendor.API, toyvendor.API.operation("issue_key"))["requestBody"]
    assert list(told["content"]) == [FORM, "application/json"]
    assert told["content"][FORM]["examples"]["sample"]["value"] == {"password": "let me in", "hours": 2}


@pytest.mark.parametrize(
    ("base_url", "named"),
    [
        ("http://a:1/deem", "http://a:1/~{sandbox}/deem"),
        ("http://a:1/~mine/deem", "http://a:1/~{sandbox}/deem"),
        ("https://a", "https://a/~{sandbox}"),
    ],
)
def test_servers(base_url: str, named: str) -> None:
    """The first address is the one that was asked, the second is that of any sandbox."""
    servers = document(SHELVES["deem"], base_url)["servers"]
    assert [server["url"] for server in servers] == [base_url, named]
    assert servers[1]["variables"]["sandbox"]["default"] == "default"


def test_bodies() -> None:
    """A body is JSON, and a form where the vendor reads one; unknown properties pass, and answers have none."""
    deem, drip = DOCUMENTS["deem"], DOCUMENTS["drip"]
    asked = deem["paths"]["/v1/purchases"]["post"]["requestBody"]
    assert list(asked["content"]) == ["application/json", "application/x-www-form-urlencoded"]
    assert asked["required"]
    assert list(
        drip["paths"]["/v2/{account_id}/subscribers/{id_or_email}/purchases"]["post"]["requestBody"]["content"]
    ) == ["application/json"]
    assert "additionalProperties" not in deem["components"]["schemas"]["create_purchase.request"]
    assert deem["components"]["schemas"]["purchase"]["additionalProperties"] is False


def test_headers_of_answers() -> None:
    """Every answer has the sandbox's headers, and the vendor's own."""
    for response in DOCUMENTS["drip"]["paths"]["/v2/{account_id}/subscribers/{id_or_email}"]["get"][
        "responses"
    ].values():
        assert {"Mocktill-Entry", "Mocktill-Basis", "Preference-Applied", "X-RateLimit-Limit"} <= set(
            response["headers"]
        )


def test_a_schema_by_its_name() -> None:
    """A schema of the contract is given by itself; another name is an error."""
    assert schema(SHELVES["deem"], "purchase")["properties"]["coupons"]["anyOf"][0]["items"] == {"$ref": "coupon.json"}
    with pytest.raises(KeyError):
        schema(SHELVES["deem"], "nobody")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of every API."""
    with ServerThread(create_app(), RequestLog(sys.stderr)) as url:
        yield url


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a client of an API's document with openapi-python-client; return its name to import from."""

    def make(name: str) -> str:
        package = f"generated_{name}"
        (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENTS[name]), encoding="utf-8")
        (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
        command = ["generate", "--path", "openapi.json", "--config", "config.yaml", "--meta", "none"]
        made = subprocess.run(
            [sys.executable, "-m", "openapi_python_client", *command, "--output-path", package],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        assert "Warning" not in made.stdout + made.stderr
        monkeypatch.syspath_prepend(str(tmp_path))
        return package

    return make


def test_a_generated_client_of_deem(server: str, generated: Any) -> None:
    """A client that was made of Deem's document reads a purchase, and reserves one."""
    package = generated("deem")
    with import_module(f"{package}.client").Client(base_url=f"{server}/deem") as client:
        read_and_reserve(client, package)


def read_and_reserve(client: Any, package: str) -> None:
    """Ask as a user of the generated package would."""
    api, models = f"{package}.api.deem", import_module(f"{package}.models")
    found = import_module(f"{api}.get_purchase").sync("34063ec2", client=client, api_key="1234567")
    assert isinstance(found, models.GetPurchaseResponse)
    assert (found.purchase.purchase_id, found.purchase.number_bought) == ("34063ec2", 1)
    body = models.ReservePurchaseRequest(deal_id="last-one", num_bought=1)
    reserve = import_module(f"{api}.reserve_purchase")
    made = reserve.sync(client=client, body=body, api_key="1234567")
    assert isinstance(made, models.ReservePurchaseResponse)
    refused = reserve.sync_detailed(client=client, body=body, api_key="1234567")
    assert (refused.status_code, refused.parsed.error_type) == (422, "cannot_fufill")


@pytest.mark.parametrize(
    ("name", "operation", "args", "prefix", "found"),
    [
        ("drip", "fetch_purchase", ("9999999", "98asdh9f8asd88d", "9999999"), "Basic", "FetchPurchaseResponse"),
        (
            "supertab", "retrieve_purchase", ("purchase.aaaaaaaa-0000-4000-8000-000000000001",), "Bearer",
            "RetrievePurchaseResponse",
        ),
        ("kajabi", "purchase_details", ("123",), "Bearer", "PurchaseDetailsResponse"),
    ],
)  # fmt: skip
def test_a_generated_client(
    server: str, generated: Any, name: str, operation: str, args: tuple[str, ...], prefix: str, found: str
) -> None:
    """A client that was made of a document asks with a credential, and understands answer and refusal."""
    package, key = generated(name), SHELVES[name].api.credential
    token = b64encode(f"{key}:".encode()).decode() if prefix == "Basic" else key
    make = import_module(f"{package}.client").AuthenticatedClient
    call = import_module(f"{package}.api.{name}.{operation}")
    with make(f"{server}/{name}", token=token, prefix=prefix) as client:
        answer = call.sync_detailed(*args, client=client)
        refused = call.sync_detailed(*args[:-1], "nobody", client=client)
    assert (answer.status_code, type(answer.parsed).__name__) == (200, found)
    assert (refused.status_code, type(refused.parsed).__name__.startswith("Error")) == (404, True)


def test_a_linter_finds_nothing(tmp_path: Path) -> None:
    """Redocly's strictest set of rules, but for those that are left off for a reason, has nothing to say."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("SKIPPED: no Node.js here, so the documents were not linted: install nodejs and npm")
    command, environment = (
        [npx, "--yes", LINTER],
        {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
    )
    installed = subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        pytest.skip(f"SKIPPED: {LINTER} cannot be had here: {installed.stderr.strip()[-200:]}")
    rules = "".join(f"  {rule}: off\n" for rule in LEFT_OFF)
    (tmp_path / "redocly.yaml").write_text(f"extends: [recommended-strict]\nrules:\n{rules}", encoding="utf-8")
    for name, told in DOCUMENTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    linted = subprocess.run(
        [*command, "lint", *[f"{name}.json" for name in DOCUMENTS]],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "warning" not in linted.stdout.lower()
