"""What a server is: health, ready, the APIs and their contracts."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from flask import Flask

from mocktill.control import served
from mocktill.control.app import create_root
from mocktill.core import contract
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import own
from mocktill.core.engine import answer_at_once
from mocktill.core.sandboxes import Sandboxes
from tests.control.control import Control


def test_health(control: Control) -> None:
    """It lives."""
    assert control.get("/health") == {"status": "ok"}


def test_an_answer_needs_no_file(sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control API has read its schemas before it is asked: a server full of connections can open no more files."""
    contract.own_documents.cache_clear()
    contract.own.cache_clear()
    control = Control(create_root(sandboxes), sandboxes)

    def fail(folder: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(contract, "_read", fail)
    assert control.get("/health") == {"status": "ok"}
    assert control.get("/faults") == {"faults": []}


def test_ready(control: Control) -> None:
    """Every API answers, in a sandbox of its own: nothing is seen of it in the others."""
    assert control.get("/ready") == {"status": "ready"}
    assert [box.name for box, _ in control.sandboxes.all()] == ["default"]
    assert len(control.sandboxes.default.journal) == 0


def test_not_ready(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that does not answer its own sample makes the server unready, by name."""
    monkeypatch.setattr(served, "_answers", lambda box, shelf: shelf.api.name != "drip")
    problem = control.refused(503, "GET", "/ready")
    assert problem["detail"] == "drip cannot be asked"


def test_each_api_asks_itself(catalogue: Catalogue) -> None:
    """Readiness is not an empty word: every API has a sample to be asked with, and a broken one is noticed."""
    asked: list[str] = []

    def spy(box: Any, shelf: Any, request: Any) -> Any:
        asked.append(shelf.api.name)
        return answer_at_once(box, shelf, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served, "answer_at_once", spy)
        assert served.Served(Sandboxes(catalogue)).silent == ()
    assert asked == [api.name for api in catalogue.apis]


def test_apis(control: Control, catalogue: Catalogue) -> None:
    """Each API says how it is reached and what it has."""
    listed = {api["name"]: api for api in control.get("/apis")["apis"]}
    assert list(listed) == [api.name for api in catalogue.apis]
    deem = listed["deem"]
    assert (deem["title"], deem["base_url"]) == ("Deem Offers", "http://localhost/deem")
    assert deem["prefixes"][0] == "/v1"
    assert deem["operations"][0] == {
        "name": "get_purchase",
        "method": "GET",
        "path": "/purchases/{purchase_id}",
        "prefixes": ["/v1", "", "/api/v1"],
        "summary": "Get a purchase",
        "basis": "documented",
        "source": "Deem Offers API, Purchases: Get a purchase",
        "open": False,
    }
    assert len(deem["operations"]) == len(catalogue.shelves["deem"].api.operations)
    assert "deem.claim_twice" in deem["choices"]
    assert all("http://localhost/deem" in line for line in deem["curl"])
    assert {(magic["table"], bool(magic["sentence"])) for magic in deem["magic"]} >= {("deals", True)}


def test_an_api_alone(sandboxes: Sandboxes) -> None:
    """Served alone, an API is at the root, and no other is told of or described."""
    control = Control(create_root(sandboxes, "drip"), sandboxes)
    assert [(api["name"], api["base_url"]) for api in control.get("/apis")["apis"]] == [("drip", "http://localhost")]
    assert {found["api"] for found in control.get("/scenarios")["scenarios"]} == {"drip"}
    assert control.get("/openapi/drip.json")["servers"][0]["url"] == "http://localhost"
    for path in ("/openapi/deem.json", "/schemas/deem/purchase.json"):
        assert control.refused(404, "GET", path)["detail"] == "there is no API deem; there are drip"
    assert control.refused(404, "POST", "/scenarios/deem/reserve-claim/play")


@pytest.mark.parametrize("api", ["deem", "drip", "supertab", "kajabi"])
def test_a_vendors_document(control: Control, catalogue: Catalogue, api: str) -> None:
    """Each API is described where it is reached, with the choices of this sandbox."""
    document = control.get(f"/openapi/{api}.json")
    operations = [one for path in document["paths"].values() for one in path.values() if isinstance(one, dict)]
    told = {operation.get("operationId") for operation in operations}
    assert {operation.name for operation in catalogue.shelves[api].api.operations} <= told
    assert document["servers"][0]["url"] == f"http://localhost/{api}"


def test_a_document_tells_the_sandboxs_choices(control: Control) -> None:
    """What a sandbox chose stands in its document."""
    control.ok("PATCH", "/choices", {"deem.claim_twice": "same_answer"})
    for asked, value in ((control, "same_answer"), (control.of("b"), "conflict")):
        told = {choice["name"]: choice["value"] for choice in asked.get("/openapi/deem.json")["info"]["x-choices"]}
        assert told["deem.claim_twice"] == value


def test_a_schema(control: Control, catalogue: Catalogue) -> None:
    """Every schema of every API, and of the control API, can be had by its name."""
    contracts = {name: shelf.contract for name, shelf in catalogue.shelves.items()} | {"mocktill": own()}
    for api, shown in contracts.items():
        for name, document in shown.documents.items():
            answered = control.get(f"/schemas/{api}/{name}.json")
            assert answered["$schema"] == "https://json-schema.org/draft/2020-12/schema"
            assert answered["title"] == document["title"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/openapi/ebay.json", "there is no API ebay; there are deem, drip, supertab, kajabi"),
        ("/schemas/ebay/purchase.json", "there is no API ebay; there are deem, drip, supertab, kajabi"),
        ("/schemas/deem/nothing.json", "deem has no schema nothing"),
        ("/schemas/mocktill/purchase.json", "mocktill has no schema purchase"),
    ],
)
def test_what_is_not_described(control: Control, path: str, detail: str) -> None:
    """An API or a schema that there is not is a 404 in words."""
    assert control.refused(404, "GET", path)["detail"] == detail


@pytest.mark.parametrize("path", ["/openapi/De!em.json", "/schemas/deem/a%20b.json", f"/schemas/deem/{'x' * 129}.json"])
def test_what_is_no_name(control: Control, path: str) -> None:
    """What cannot be a name is refused with its place."""
    assert control.refused(422, "GET", path)["violations"][0]["at"] == "path"


def test_a_mounted_server(app: Flask) -> None:
    """The base URLs are those under which the client reaches the server, sandbox and mount included."""
    answer = app.test_client().get("/_mocktill/apis", base_url="http://localhost:8443/mount/~box/")
    assert answer.get_json()["apis"][0]["base_url"] == "http://localhost:8443/mount/~box/deem"


def test_an_api_names_its_errors(control: Control) -> None:
    """Each API says by which meanings it refuses, and each of them is one that a fault rule may answer with."""
    for api in control.get("/apis")["apis"]:
        assert "not_authenticated" in api["errors"]
        for error in api["errors"]:
            control.ok("POST", "/faults", {"when": {"api": api["name"]}, "what": {"error": error}})
