"""A fifth vendor: a folder of its own, and one line where the app is made. The conformance suite covers it as well."""

from __future__ import annotations

import ast
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import orjson
import pytest
from werkzeug.test import Client

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests import toyvendor
from tests.conftest import NOW
from tests.toyvendor.view import View

KEY = {"X-Kiosk-Key": "key-open"}
HERE = Path(toyvendor.__file__).parent
FILES = {f"{name}.py" for name in ("__init__", "choices", "dialect", "factory", "handlers", "view")}
OURS = [f"mocktill.apis.{api.name}" for api in BUILTIN]


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


def test_it_sells_many_seats_later(client: Client) -> None:
    """Another status than the usual one has the same body; the ticket is there all the same."""
    many = client.post("/kiosk/api/shows/matinee/tickets", json={"seats": 11}, headers=KEY)
    assert (many.status_code, many.content_type) == (202, "application/json; charset=utf-8")
    number = orjson.loads(many.data)["ticket"]["number"]
    assert client.get(f"/kiosk/api/tickets/{number}", headers=KEY).status_code == 200


def test_it_takes_tickets_back(client: Client, sandboxes: Sandboxes) -> None:
    """What is gone is answered with nothing: no body, no type and no length. Then it is unknown, in its own words."""
    bought = client.post("/kiosk/api/shows/matinee/tickets", json={"seats": 2}, headers=KEY)
    number = orjson.loads(bought.data)["ticket"]["number"]
    gone = client.delete(f"/kiosk/api/tickets/{number}", headers=KEY)
    assert (gone.status_code, gone.data) == (204, b"")
    assert not {"Content-Type", "Content-Length"} & {name for name, _ in gone.headers}
    assert sandboxes.default.table("kiosk.stock").get("matinee") == {"free": 500, "held": 0, "sold": 0}
    again = client.delete(f"/kiosk/api/tickets/{number}", headers=KEY)
    assert (again.status_code, orjson.loads(again.data)["fault"]["no"]) == (404, "E-TICKET")
    unknown = client.post("/kiosk/api/shows/nobody/tickets", json={"seats": 1}, headers=KEY)
    assert (unknown.status_code, orjson.loads(unknown.data)["fault"]["no"]) == (404, "E-NONE")


def test_it_issues_keys(client: Client, sandboxes: Sandboxes) -> None:
    """A form and a password get a key that opens until it expires or is handed in; none is kept in the clear."""
    sandboxes.default.choices["kiosk.unknown_credentials"] = "refuse"
    wrong = client.post("/kiosk/api/keys", data={"password": "open"})
    assert (wrong.status_code, wrong.content_type) == (401, "application/json")
    assert orjson.loads(wrong.data)["fault"]["no"] == "E-PASS"
    keys = []
    for _ in range(2):
        issued = client.post("/kiosk/api/keys", data={"password": "let me in", "hours": 3})
        assert (issued.status_code, issued.content_type) == (201, "application/json")
        keys.append({"X-Kiosk-Key": orjson.loads(issued.data)["access_token"]})
        assert keys[-1]["X-Kiosk-Key"] not in str(sandboxes.default.state())
    handed_in = client.post("/kiosk/api/keys/hand-in", headers=keys[0])
    assert (handed_in.status_code, handed_in.data, handed_in.content_length) == (200, b"", 0)
    opened = [client.get("/kiosk/api/tickets/K-0001", headers=key).status_code for key in keys]
    sandboxes.default.clock.advance(timedelta(hours=3))
    later = [client.get("/kiosk/api/tickets/K-0001", headers=key).status_code for key in keys]
    assert (opened, later) == ([403, 200], [403, 403])


def test_it_says_that_it_is_up(client: Client) -> None:
    """An open operation answers at its own place, to everybody, and nowhere else."""
    assert orjson.loads(client.get("/kiosk/up").data) == {"up": True, "at": "2026-03-02T12:00:00.000000Z"}
    assert client.get("/kiosk/health/up", headers={"X-Kiosk-Key": "key-lost"}).status_code == 200
    assert client.get("/kiosk/api/up", headers=KEY).status_code == 404


def test_its_door_scans_tickets(sandboxes: Sandboxes) -> None:
    """What happens without a request is let happen by name, once, and the journal says so."""
    sandboxes.default.reset()
    assert sandboxes.default.act("kiosk.scan_ticket", "K-0001") == "ticket K-0001 was scanned"
    row = sandboxes.default.table("kiosk.tickets").get("K-0001")
    assert row is not None
    assert row["scanned_at"] == "2026-03-02T12:00:00.000000Z"
    with pytest.raises(ValueError, match="was scanned before"):
        sandboxes.default.act("kiosk.scan_ticket", "K-0001")
    with pytest.raises(KeyError, match="there is no ticket 'K-9'"):
        sandboxes.default.act("kiosk.scan_ticket", "K-9")
    told = [(remark.what, remark.key, remark.sentence) for remark in sandboxes.default.journal.remarks()]
    assert ("act", "K-0001", "ticket K-0001 was scanned") in told


def test_it_has_the_files_of_any_vendor() -> None:
    """It begins with the same files as those that are built in; behaviour has as many more as it needs."""
    for module in (*OURS, toyvendor.__name__):
        folder = Path(import_module(module).__file__ or "").parent
        assert {file.name for file in folder.glob("*.py")} >= FILES


def test_it_needs_nothing_but_the_core() -> None:
    """It imports the core and itself: nothing of another vendor, of the doors or of the control."""
    for file in set(HERE.glob("*.py")) - {Path(__file__)}:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        outside = {module for module in imported if module.startswith(("mocktill", "tests"))}
        assert {module for module in outside if not module.startswith(("mocktill.core", "tests.toyvendor"))} == set()
