"""A fifth vendor: a folder of its own, and one line where the app is made. The conformance suite covers it as well."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from werkzeug.test import Client

from mocktill.apis import BUILTIN
from mocktill.apis import deem as one_of_ours
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests import toyvendor
from tests.conftest import NOW
from tests.toyvendor.view import View

KEY = {"X-Kiosk-Key": "key-open"}


@pytest.fixture(scope="module")
def sandboxes() -> Sandboxes:
    """The vendors that are built in, and a fifth."""
    return Sandboxes(Catalogue((*BUILTIN, toyvendor.API)), Setup(now=NOW))


@pytest.fixture
def client(sandboxes: Sandboxes) -> Client:
    """A client of all of them, in their factory state."""
    sandboxes.default.reset()
    return Client(create_app(sandboxes))


def test_it_is_served_beside_the_others() -> None:
    """One argument, and the app serves and lists it like the others."""
    client = Client(create_app(apis=(*BUILTIN, toyvendor.API)))
    listed = orjson.loads(client.get("/").data)["apis"]
    assert [api["title"] for api in listed] == [*(api.title for api in BUILTIN), "Kiosk"]
    assert client.get("/kiosk/api/tickets/K-0001", headers=KEY).status_code == 200
    assert client.get("/deem/v1/purchases/34063ec2?api_key=1234567").status_code == 200


def test_it_is_served_alone() -> None:
    """It needs none of the others."""
    client = Client(create_app(apis=(toyvendor.API,)))
    assert client.get("/kiosk/api/tickets/K-0001", headers=KEY).status_code == 200
    assert client.get("/deem/v1/purchases/34063ec2?api_key=1234567").status_code == 404


def test_it_is_stateful(client: Client, sandboxes: Sandboxes) -> None:
    """What was bought can be read, and the seats are gone."""
    bought = client.post("/kiosk/api/v3/shows/matinee/tickets", json={"seats": 2}, headers=KEY)
    assert bought.status_code == 201
    ticket = orjson.loads(bought.data)["ticket"]
    read = client.get(f"/kiosk/api/tickets/{ticket['number']}", headers=KEY)
    assert orjson.loads(read.data) == {"ok": True, "ticket": ticket}
    assert sandboxes.default.table("kiosk.stock").get("matinee") == {"free": 498, "held": 0, "sold": 2}
    view = sandboxes.default.view("kiosk")
    assert isinstance(view, View)
    assert view.tickets("matinee") == ["K-0001", ticket["number"]]


def test_it_has_errors_of_its_own(client: Client, sandboxes: Sandboxes) -> None:
    """Its refusals have its own shape, and its choices work."""
    path = "/kiosk/api/shows/premiere/tickets"
    full = client.post(path, json={"seats": 1}, headers=KEY)
    assert (full.status_code, full.headers["Mocktill-Basis"]) == (409, "assumed")
    assert orjson.loads(full.data) == {"ok": False, "fault": {"no": "E-FULL", "why": "The house is full"}}
    sandboxes.default.choices["kiosk.sold_out_status"] = "410"
    assert client.post(path, json={"seats": 1}, headers=KEY).status_code == 410
    wrong = client.post(path, json={"seats": "many", "guest": 1}, headers=KEY)
    assert orjson.loads(wrong.data) == {"ok": False, "fields": ["/guest", "/seats"]}
    assert orjson.loads(client.get("/kiosk/nowhere").data)["fault"]["no"] == "E-WAY"


def test_it_shares_the_sandbox(client: Client, sandboxes: Sandboxes) -> None:
    """Time, isolation and reset are those of the others."""
    sandboxes.default.clock.advance(timedelta(days=1))
    bought = client.post("/~mine/kiosk/api/shows/matinee/tickets", json={"seats": 1}, headers=KEY)
    ticket = orjson.loads(bought.data)["ticket"]
    assert ticket["sold_at"].startswith("2026-03-02T12:00")
    assert client.get(f"/kiosk/api/tickets/{ticket['number']}", headers=KEY).status_code == 404
    sandboxes.get("mine").reset()
    assert client.get(f"/~mine/kiosk/api/tickets/{ticket['number']}", headers=KEY).status_code == 404


def test_it_has_the_files_of_any_vendor() -> None:
    """It is made of the same files as those that are built in."""
    ours = {file.name for file in Path(one_of_ours.__file__).parent.glob("*.py")}
    assert ours <= {file.name for file in Path(toyvendor.__file__).parent.glob("*.py")}


def test_it_needs_nothing_but_the_core() -> None:
    """It imports the core and itself: nothing of another vendor, of the doors or of the control."""
    ours = {file.name for file in Path(one_of_ours.__file__).parent.glob("*.py")}
    for name in ours:
        tree = ast.parse((Path(toyvendor.__file__).parent / name).read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        outside = {module for module in imported if module.startswith(("mocktill", "tests"))}
        assert {module for module in outside if not module.startswith(("mocktill.core", "tests.toyvendor"))} == set()
