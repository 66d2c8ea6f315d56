"""Copies of requests: what is copied runs, and sends what was sent; and requests that are asked again at once."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from flask import Flask

from mocktill.core.app import PROBLEM
from mocktill.core.catalogue import Catalogue
from mocktill.core.copies import value_of
from mocktill.core.entry import Entry
from mocktill.core.errors import Malformed
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.client import Client
from tests.control.control import Control
from tests.doors.wire import environment

DEAL = "la-1024-wsc-hair-studio-01-2"
RESERVE = "/v1/purchases/reserve?api_key=1234567"
ODD = 'it\'s "$HOME" `id` \\ \\\\ %s {x} </script><!-- \u2028 \u202e \x7f é \U0001f600'
JSON, FORM = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
HOSTILE: list[tuple[str, str, Mapping[str, str], bytes]] = [
    ("GET", "/deem/v1/purchases/it's%20%22$HOME%22%0A%3C/script%3E{x}?q=%22'&f[a]={1}&x=`id`", {}, b""),
    ("GET", "/deem/v1/purchases/34063ec2", {"X-Odd": "it's \"$HOME\" `id` \\ </script>", "X-Empty": ""}, b""),
    ("HEAD", "/deem/v1/purchases/34063ec2", {}, b""),
    ("DELETE", "/deem/v1/purchases/34063ec2", {}, b""),
    ("PUT", "/deem/v1/purchases/34063ec2/claim", {}, b""),
    ("PROPFIND", "/deem/v1/purchases/34063ec2", {}, b""),
    ("POST", "/deem" + RESERVE, JSON, json.dumps({"deal_id": ODD, ODD: [ODD, "\x00\n\t"], "n": None}).encode()),
    ("POST", "/deem" + RESERVE, JSON, json.dumps({"deal_id": ODD}, ensure_ascii=False).encode()),
    ("POST", "/deem" + RESERVE, JSON, b'{"a": 1, "a": 2, "big": 123456789012345678901, "one": 1.0}'),
    ("POST", "/deem" + RESERVE, JSON, b'{"__proto__": {"a": true}, "\\ud800": "\\udc00"}'),
    ("POST", "/deem" + RESERVE, JSON, b"[1, 2"),
    ("POST", "/deem" + RESERVE, JSON, b"[" * 300 + b"]" * 300),
    ("POST", "/deem" + RESERVE, JSON, b"\xef\xbb\xbf{}"),
    ("POST", "/deem" + RESERVE, JSON, '{"a": 1}'.encode("utf-16")),
    ("POST", "/deem" + RESERVE, {"Content-Type": "text/plain"}, b"@/etc/passwd"),
    ("POST", "/deem" + RESERVE, {"Content-Type": "text/plain; charset=utf-8"}, f"-d\r\n{ODD}\n\n'".encode()),
    ("POST", "/deem" + RESERVE, {"Content-Type": "application/octet-stream"}, bytes(range(256))),
    ("POST", "/deem" + RESERVE, {}, b"no type, and a 'quote'"),
    ("POST", "/kajabi/v1/oauth/token", FORM, b"grant_type=x&note=it%27s+%22me%22%0A&empty="),
    ("PATCH", "/drip/v2/9999999/subscribers", JSON, b"{}"),
]  # fmt: skip
"""Requests that would break out of quotes that are none."""


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Sandboxes whose clocks run, as a user's do."""
    return Sandboxes(catalogue)


@pytest.fixture
def server(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of these sandboxes."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


def sent(server: str, sandboxes: Sandboxes) -> list[Entry]:
    """Send what is hostile as it is written; return the journal's entries."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=10)
    for method, target, headers, body in HOSTILE:
        connection.putrequest(method, target.replace(" ", "%20"), skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        connection.getresponse().read()
    connection.close()
    return list(sandboxes.default.journal.entries())


def copies(server: str, entry: Entry) -> Any:
    """Return the copies of an entry."""
    answer = httpx.get(f"{server}/_mocktill/journal/{entry.id}/copies")
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(entries: list[Entry], again: list[Entry]) -> None:
    """Hold requests to be those that were sent before: to the byte, or as JSON to the value."""
    assert len(again) == len(entries)
    for one, other in zip(entries, again, strict=True):
        assert (other.method, other.path, unquote(other.url)) == (one.method, one.path, unquote(one.url))
        value = value_of(one.request_body)
        assert value_of(other.request_body) == value, one.request_body
        assert value is not None or other.request_body == one.request_body
        assert (other.status, other.operation) == (one.status, one.operation)
        for name in ("content-type", "x-odd", "x-empty"):
            assert other.request_headers.get(name) == one.request_headers.get(name), (name, one.request_headers)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: no curl here, so no line was pasted into a shell")
def test_curl_runs(server: str, sandboxes: Sandboxes) -> None:
    """Pasted into a POSIX shell, the line sends what was sent, whatever stands in it."""
    entries = sent(server, sandboxes)
    for entry in entries:
        subprocess.run(["sh", "-c", copies(server, entry)["curl"]], capture_output=True, check=True, timeout=30)
    held(entries, list(sandboxes.default.journal.entries())[len(entries) :])


def test_python_runs(server: str, sandboxes: Sandboxes, tmp_path: Path) -> None:
    """The script sends what was sent, and is no other program whatever stands in it."""
    entries = sent(server, sandboxes)
    for entry in entries:
        (tmp_path / f"{entry.id:03}.py").write_text(copies(server, entry)["python"], encoding="utf-8")
    run = "import pathlib, runpy; [runpy.run_path(str(path)) for path in sorted(pathlib.Path('.').glob('*.py'))]"
    ran = subprocess.run(
        [sys.executable, "-c", run], cwd=tmp_path, capture_output=True, env=environment(), check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    held(entries, list(sandboxes.default.journal.entries())[len(entries) :])


@pytest.mark.skipif(shutil.which("node") is None, reason="SKIPPED: no Node.js here, so no fetch was run")
def test_fetch_runs(server: str, sandboxes: Sandboxes, tmp_path: Path) -> None:
    """The expression is a Response, in a module and in a script of a page, and sends what was sent."""
    entries = sent(server, sandboxes)
    told = [copies(server, entry)["fetch"] for entry in entries]
    assert not [text for text in told if "</script" in text or "<!--" in text or "\u2028" in text]
    lines = [f"if (!(({text}) instanceof Response)) throw new Error()" for text in told]
    (tmp_path / "all.mjs").write_text(";\n".join(lines), encoding="utf-8")
    ran = subprocess.run(["node", "all.mjs"], cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    held(entries, list(sandboxes.default.journal.entries())[len(entries) :])


def test_where_it_goes(control: Control, deem: Client) -> None:
    """A copy goes where the request went: to the sandbox that a header named, or to a vendor's own host, as is said."""
    path = "/v1/purchases/34063ec2?api_key=1234567"
    deem("GET", path, headers={"Mocktill-Sandbox": "mine"}, base_url="http://api.offers.deem.com")
    told = control.get("/journal/1/copies")
    assert told["curl"].startswith("curl -H 'Mocktill-Sandbox: mine' ")
    assert "http://api.offers.deem.com/v1/purchases/34063ec2" in told["fetch"]
    assert "it goes to api.offers.deem.com: that name has to lead to the sandbox" in told["about"]
    assert "mine" not in told["pytest"]


def test_what_fetch_cannot_send(control: Control, deem: Client) -> None:
    """A body of a GET, a method that no page may use, and dots that most clients resolve, are told."""
    deem("GET", "/v1/purchases/34063ec2", json={"a": 1})
    deem("TRACE", "/v1/purchases/34063ec2")
    assert control.get("/journal/1/copies")["about"] == "fetch sends no body with GET"
    assert "body" not in control.get("/journal/1/copies")["fetch"]
    assert control.get("/journal/2/copies")["about"] == "no page may send TRACE"
    deem("GET", "/v1/purchases/%2e%2e/x")
    assert control.get("/journal/3/copies")["about"] == "only curl leaves the dots in the path as they are"


@pytest.mark.parametrize(
    ("api", "path", "headers", "shown"),
    [
        ("deem", "/v1/purchases/34063ec2?api_key=mine", {}, "api_key=1234567"),
        ("drip", "/v2/9999999/subscribers/john@acme.com", {"Authorization": "Bearer mine"}, "-u YOUR_API_KEY:"),
        ("kajabi", "/v1/purchases/123", {"Authorization": "Bearer mine"}, "'Authorization: Bearer token-active'"),
    ],
)
def test_a_masked_key(control: Control, box: Sandbox, api: str, path: str, headers: dict[str, str], shown: str) -> None:
    """In the place of a key that was masked stands one that the sandbox accepts, and it is said."""
    client = Client(box, api)
    assert client("GET", path, headers=headers).status_code == 200
    told = control.get("/journal/1/copies")
    assert told["about"] == "the key is a placeholder that this sandbox accepts"
    assert shown in told["curl"]
    assert not [text for text in told.values() if "mine" in text or "***" in text]
    assert control.ok("POST", "/journal/1/replay") == {"entry": 2, "status": 200, "about": told["about"]}


def test_a_key_that_is_refused(control: Control, box: Sandbox, deem: Client) -> None:
    """A request that was refused for its key is copied and asked again with one that is refused as well."""
    deem("GET", "/v1/purchases/34063ec2?api_key=key-expired")
    told = control.get("/journal/1/copies")
    assert told["about"] == "the key is one of the factory state that is answered alike"
    assert "answer.status_code == 401" in told["pytest"]
    assert control.ok("POST", "/journal/1/replay")["status"] == 401


def test_what_else_is_masked(control: Control, box: Sandbox) -> None:
    """A masked value of a body is the sample's; a masked header, parameter and path are told."""
    kajabi = Client(box, "kajabi")
    form = {"grant_type": "client_credentials", "client_id": "client-active", "client_secret": "secret-active"}
    assert kajabi("POST", "/v1/oauth/token", data=form).status_code == 200
    kajabi("GET", "/v1/version?token=abc&a=1", headers={"X-Token": "abc", "X-Secret": "b"})
    kajabi("POST", "/v1/4111111111111111", data=b"password: hunter2", headers={"Content-Type": "text/plain"})
    first, second, third = [control.get(f"/journal/{number}/copies") for number in (1, 2, 3)]
    assert first["about"] == '`client_secret` is "secret-active"'
    assert control.ok("POST", "/journal/1/replay")["status"] == 200
    assert second["about"] == "; ".join(f"{what} is left out, which is masked" for what in MASKED)
    assert "a=1" in second["curl"]
    assert third["about"] == "a part of the path is masked; a part of the body is masked"


MASKED = ("the header x-token", "the header x-secret", "`token`")


# asking again


def test_asking_again(control: Control, box: Sandbox, deem: Client, purchase: str) -> None:
    """It happens in this sandbox as it is now, and its entry says what it is."""
    deem("PUT", f"/v1/purchases/{purchase}/claim?api_key=1234567", json={"user_id": "ABC123"})
    assert control.ok("POST", "/journal/1/replay")["status"] == 200
    assert box.view("deem").stock(DEAL).held == 2
    again = control.ok("POST", "/journal/2/replay", {})
    entry = box.journal.entries()[-1]
    assert (again["entry"], again["status"], entry.id) == (4, 409, 4)
    assert (entry.operation, entry.request_body) == ("claim_purchase", b'{"user_id": "ABC123"}')
    assert entry.notes[0] == "the request of entry 2 was asked again"


def test_asking_again_what_no_operation_has(control: Control, box: Sandbox, deem: Client) -> None:
    """An unmatched request is asked again like any other, in the sandbox that is named."""
    other = control.of("b")
    Client(control.sandboxes.get("b"), "deem")("BREW", "/v1/coffee?x=1", data=b"\xff")
    assert other.ok("POST", "/journal/1/replay")["status"] == 404
    first, second = control.sandboxes.get("b").journal.entries()
    assert (second.method, second.target, second.request_body) == (first.method, first.target, first.request_body)
    assert len(box.journal) == 0


@pytest.mark.parametrize("what", [{"connection": "drop"}, {"delay": "1h"}, {"status": 503}])
def test_a_fault_strikes_again(control: Control, box: Sandbox, deem: Client, what: dict[str, Any]) -> None:
    """A rule that is in force strikes what is asked again; nobody waits, and it is said."""
    deem("GET", "/v1/purchases/34063ec2")
    box.faults.add({"what": what})
    again = control.ok("POST", "/journal/1/replay")
    fault = box.journal.entries()[-1].fault
    assert fault is not None
    assert again["about"] == fault.sentence


def test_a_request_that_is_not_whole(control: Control, box: Sandbox, deem: Client) -> None:
    """What the journal has cut cannot be asked again, and its copies say so; just as long as is kept it can."""
    limit = 64 * 1024
    for size in (limit, limit + 1, 2 * 1024 * 1024):
        deem("POST", "/v1/purchases", data=b"x" * size, content_type="text/plain")
    deem("GET", "/v1/" + "x" * 9_000)
    assert control.ok("POST", "/journal/1/replay")["entry"] == 5
    for number in (2, 3, 4):
        assert "longer than the journal keeps" in control.refused(422, "POST", f"/journal/{number}/replay")["detail"]
        assert "longer than the journal keeps" in control.get(f"/journal/{number}/copies")["about"]
    assert len(box.journal) == 5


def test_what_nobody_could_read(control: Control, box: Sandbox, deem: Client) -> None:
    """A request of a page that could not be read can neither be copied nor asked again, and leaves no note behind."""
    path = "/coupons/x/print"
    deem("GET", path, environ_base={PROBLEM: Malformed("the Host header is no host")})
    said = f"the request of entry 1 could not be read, and {path} is a page otherwise"
    assert control.refused(422, "GET", "/journal/1/copies")["detail"] == said
    assert control.refused(422, "POST", "/journal/1/replay")["detail"] == said
    deem("GET", "/v1/purchases/34063ec2?api_key=mine")
    assert box.journal.entries()[-1].notes == ()


def test_no_entry(control: Control, app: Flask) -> None:
    """An entry that made room, or never was, is a 404 in words."""
    said = "there is no entry 1, or it had to make room"
    assert control.refused(404, "GET", "/journal/1/copies")["detail"] == said
    assert control.refused(404, "POST", "/journal/1/replay")["detail"] == said
