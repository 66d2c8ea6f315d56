"""A line that would pass: whatever was refused, what is offered instead is proven, explained, and holds no secret."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import orjson
import pytest
from werkzeug.test import TestResponse

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import errors_of
from mocktill.core.entry import Entry
from mocktill.core.passing import DRAWN, KEY, Passing, passing
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving.server import ServerThread
from tests import toyvendor
from tests.client import Client
from tests.conftest import NOW
from tests.core.toy import tell, toy_box

DEAL = "la-1024-wsc-hair-studio-01-2"
KEYS = {
    "deem": {"query_string": {"api_key": "1234567"}},
    "drip": {"headers": {"Authorization": "Basic WU9VUl9BUElfS0VZOg=="}},
    "supertab": {"headers": {"Authorization": "Bearer token-test"}},
    "kajabi": {"headers": {"Authorization": "Bearer token-active"}},
    "kiosk": {"headers": {"X-Kiosk-Key": "key-open"}},
}
SUBSCRIBER = "/v2/9999999/subscribers/98asdh9f8asd88d"
PURCHASE = "/v1/purchases/purchase.aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def box() -> Sandbox:
    """A sandbox of every vendor, whose clock stands still."""
    return Sandbox(Catalogue((*BUILTIN, toyvendor.API)), setup=Setup(now=NOW))


def ask(box: Sandbox, api: str, method: str, path: str, **more: Any) -> Entry:
    """Send a request with a good credential, or with what is given; return the journal's entry."""
    client = Client(box, api)
    client(method, path, **{**KEYS[api], **more})
    return client.entry


def offered(box: Sandbox, entry: Entry) -> Passing:
    """Return what is offered for an entry; there is something."""
    found = passing(box, box.catalogue.shelves[entry.api], entry)
    assert found is not None
    return found


def paste(box: Sandbox, api: str, line: str) -> TestResponse:
    """Send what a line of curl says, as curl would."""
    words = shlex.split(line)[1:]
    url, headers, body, method, options = urlsplit(words.pop()), {"User-Agent": "curl"}, b"", "", iter(words)
    for option in options:
        if option in {"-g", "--path-as-is"}:
            continue
        if option == "-I":
            method = "HEAD"
        elif option == "-X":
            method = next(options)
        elif option == "-d":
            body = next(options).encode()
        elif option == "-u":
            headers["Authorization"] = "Basic WU9VUl9BUElfS0VZOg==" if next(options) == "YOUR_API_KEY:" else ""
        else:
            name, _, value = next(options).partition(": ")
            headers[name] = value
    method = method or ("POST" if body else "GET")
    path = unquote(url.path)
    return Client(box, api)(method, path, query_string=url.query, data=body, headers=headers)


REFUSED: dict[str, tuple[str, str, str, dict[str, Any], tuple[str, ...]]] = {
    "no credential": ("deem", "GET", "/v1/purchases/34063ec2", {"query_string": ""}, ()),
    "a refused credential": ("deem", "GET", "/v1/purchases/34063ec2", {"query_string": "api_key=key-refused"}, ()),
    "an unknown purchase": ("deem", "GET", "/v1/purchases/nope", {}, ('`purchase_id` is "34063ec2"',)),
    "a missing field": ("deem", "POST", "/v1/purchases/reserve", {"json": {"deal_id": DEAL}}, ("`num_bought` is 2",)),
    "a value of a wrong type": (
        "deem", "POST", "/v1/purchases/reserve", {"json": {"deal_id": "last-one", "num_bought": "1"}},
        ('`deal_id` is "la-1024', "`num_bought` is 2"),
    ),
    "an unknown deal": (
        "deem", "POST", "/v1/purchases/reserve", {"json": {"deal_id": "x", "num_bought": 3}},
        ('`deal_id` is "la-1024',),
    ),
    "broken JSON": ("deem", "POST", "/v1/purchases", {"data": b"{"}, ("the body is the sample of the operation",)),
    "no object": ("deem", "POST", "/v1/purchases", {"data": b"[]"}, ("the body is the sample of the operation",)),
    "an empty body": ("deem", "POST", "/v1/purchases", {}, ("`expected_price_per_unit` is 3900",)),
    "a declined card": (
        "deem", "POST", "/v1/purchases",
        {"json": {"deal_id": DEAL, "quantity": 1, "user_id": "u", "credit_card_id": "card-declined",
                  "expected_price_per_unit": 3900}},
        ('`credit_card_id` is "2342f8073e"',),
    ),
    "a claim of nothing": ("deem", "PUT", "/v1/purchases/nope/claim", {"json": {"user_id": "me"}}, (DRAWN,)),
    "a claim again": ("deem", "PUT", "/v1/purchases/34063ec2/claim", {"json": {}}, ('`user_id` is "ABC123"', DRAWN)),
    "an unmatched path": ("deem", "GET", "/v1/purchase/34063ec2", {}, ("/v1/purchases/{purchase_id} is the nearest",)),
    "a wrong method": ("deem", "PATCH", "/v1/purchases/34063ec2", {}, ("the method is GET",)),
    "another suffix": ("deem", "GET", "/api/v1/purchases/nope.json", {}, ('`purchase_id` is "34063ec2"',)),
    "a missing amount": (
        "drip", "POST", f"{SUBSCRIBER}/purchases",
        {"json": {"purchases": [{"provider": "me", "amount": 1}, {"provider": "you"}]}},
        ("`/purchases/1/amount` is 4900",),
    ),
    "a purchase without its wrapper": (
        "drip", "POST", f"{SUBSCRIBER}/purchases", {"json": {"amount": 12}}, ("the body has the documented shape",),
    ),
    "a wrong type deep down": (
        "drip", "POST", f"{SUBSCRIBER}/purchases",
        {"json": {"purchases": [{"amount": 1, "items": [{"name": 7, "amount": 1}]}]}},
        ('`/purchases/0/items/0/name` is "Canoe"',),
    ),
    "an unknown subscriber": ("drip", "GET", "/v2/9999999/subscribers/nobody@x.de", {}, ("`id_or_email` is",)),
    "an account of another": (
        "drip", "GET", SUBSCRIBER, {"headers": {"Authorization": "Bearer key-other-account"}}, (),
    ),
    "a malformed id": ("supertab", "GET", "/v1/purchases/1", {}, ('`purchase_id` is "purchase.aaaaaaaa',)),
    "a wrong scheme": ("kajabi", "GET", "/v1/purchases/123", {"headers": {"Authorization": "Basic abc"}}, ()),
    "HEAD of nothing": ("kajabi", "HEAD", "/v1/purchases/0", {}, ('`id` is "123"',)),
    "a preference": (
        "kajabi", "GET", "/v1/purchases/123",
        {"headers": {"Authorization": "Bearer token-active", "Prefer": "code=404"}}, ("the header Prefer is left out",),
    ),
    "a full house": ("kiosk", "POST", "/api/shows/premiere/tickets", {"json": {"seats": 1}}, ('`show` is "matinee"',)),
    "too many seats": (
        "kiosk", "POST", "/api/v3/shows/matinee/tickets", {"json": {"seats": 99, "guest": "Me"}}, ("`seats` is 2",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_offered_passes(box: Sandbox, case: str) -> None:
    """Pasted, the lines pass without a violation that a vendor refuses, and the sentence names what is different."""
    api, method, path, more, said = REFUSED[case]
    entry = ask(box, api, method, path, **more)
    assert entry.status >= 400
    found = offered(box, entry)
    *changed, key = found.about.split("; ")
    assert key == KEY
    assert len(changed) >= len(said)
    for part in said:
        assert part in found.about
    for line in found.curl:
        assert paste(box, api, line).status_code < 400, line
        assert not errors_of(box.journal.entries()[-1].violations)
        assert entry.base_url in line


def test_nothing_happens_in_the_sandbox(box: Sandbox) -> None:
    """Finding out leaves the rows, the dice and the journal as they were."""
    entry = ask(box, "deem", "PUT", "/v1/purchases/nope/claim", json={"user_id": "me"})
    rows = box.store.rows()
    assert offered(box, entry) == offered(box, entry)
    assert box.store.rows() == rows
    assert box.journal.entries()[-1] is entry


def test_only_what_is_wrong_is_changed(box: Sandbox) -> None:
    """What was sent and was right is sent again, unknown properties as well."""
    entry = ask(box, "deem", "POST", "/v1/purchases/reserve", json={"deal_id": "two-each", "num_bought": 0, "my": [1]})
    found = offered(box, entry)
    assert found.about == f"`num_bought` is 2; {KEY}"
    assert orjson.loads(shlex.split(found.curl[0])[4]) == {"deal_id": "two-each", "num_bought": 2, "my": [1]}


def test_the_form_becomes_json(box: Sandbox) -> None:
    """A form that is refused is offered as JSON, with its values."""
    box.choices["deem.form_bodies"] = "refuse"
    entry = ask(box, "deem", "POST", "/v1/purchases/reserve", data={"deal_id": DEAL, "num_bought": "1"})
    found = offered(box, entry)
    assert "the body is JSON, not application/x-www-form-urlencoded" in found.about
    assert orjson.loads(shlex.split(found.curl[0])[4]) == {"deal_id": DEAL, "num_bought": 1}


@pytest.mark.parametrize(
    ("choice", "api", "request_", "said"),
    [
        ("drip.unknown_properties=refuse", "drip", ("POST", f"{SUBSCRIBER}/purchases",
         {"json": {"purchases": [{"amount": 1, "nobody_knows": 1}]}}), "`/purchases/0/nobody_knows` is left out"),
        ("kajabi.unknown_parameters=400", "kajabi", ("GET", "/v1/purchases/123",
         {"query_string": "sort=currency&fields[purchases]=currency"}), "`sort` is left out"),
        ("kajabi.unknown_fields=422", "kajabi", ("GET", "/v1/purchases/123",
         {"query_string": "fields[purchases]=nope"}), "`fields[purchases]` is left out"),
        ("deem.json_suffix=documented", "deem", ("POST", "/v1/purchases/reserve.json",
         {"json": {"deal_id": DEAL, "num_bought": 1}}), "the path is /v1/purchases/reserve"),
        ("supertab.malformed_id=validation_error", "supertab", ("GET", "/v1/purchases/1", {}), "`purchase_id` is"),
    ],
)  # fmt: skip
def test_choices_hold(box: Sandbox, choice: str, api: str, request_: tuple[str, str, Any], said: str) -> None:
    """What would pass is what passes with the choices of the sandbox."""
    name, value = choice.split("=")
    box.choices[name] = value
    entry = ask(box, api, *request_[:2], **request_[2])
    assert entry.status >= 400
    found = offered(box, entry)
    assert said in found.about
    assert paste(box, api, found.curl[-1]).status_code < 400


def test_a_query_is_kept(box: Sandbox) -> None:
    """Parameters that are right go along, in a line whose brackets curl leaves alone."""
    entry = ask(box, "kajabi", "GET", "/v1/purchases/0", query_string="fields[purchases]=currency")
    line = offered(box, entry).curl[0]
    assert "fields[purchases]=currency" in line
    assert " -g " in line


def test_a_fault_does_not_strike_the_proof(box: Sandbox) -> None:
    """A request that a fault rule struck is offered as it was, and the rule has counted only that one."""
    rule = box.faults.add({"what": {"status": 503}})
    entry = ask(box, "kajabi", "GET", "/v1/purchases/123")
    assert (entry.status, entry.fault is not None) == (503, True)
    assert offered(box, entry).about == f"a fault rule struck the request: it passes where none does; {KEY}"
    assert [(one.id, one.calls) for one in box.faults.all()] == [(rule.id, 1)]


def test_what_passed_needs_no_help(box: Sandbox) -> None:
    """For an entry that passed there is nothing to offer."""
    entry = ask(box, "kajabi", "GET", "/v1/purchases/123")
    assert passing(box, box.catalogue.shelves["kajabi"], entry) is None


def test_nothing_is_offered_that_fails(box: Sandbox) -> None:
    """Where nothing would pass, the sandbox says so."""
    box.choices["drip.hourly_limit"] = "refuse"
    with box.changing():
        box.table("drip.rate").put("rate", {"hour": "2026-03-02T12:00:00.000000Z", "used": 3600})
    entry = ask(box, "drip", "GET", SUBSCRIBER)
    assert entry.status == 429
    assert passing(box, box.catalogue.shelves["drip"], entry) is None
    box.clock.advance(timedelta(hours=1))
    assert offered(box, entry).about == KEY


def test_no_secret_is_offered(box: Sandbox) -> None:
    """Whatever was masked is replaced or left out: the lines hold neither the secret nor its mask."""
    card, secret = "4111111111111111", "s3cr3t-of-mine"
    entries = [
        ask(box, "deem", "POST", "/v1/purchases", query_string=f"api_key={secret}&token={secret}",
            json={"deal_id": DEAL, "quantity": 0, "user_id": "me", "credit_card_id": card,
                  "expected_price_per_unit": 3900, "password": secret}),
        ask(box, "deem", "POST", "/v1/purchases/reserve", query_string="",
            json={"api_key": secret, "deal_id": DEAL}),
        ask(box, "deem", "GET", f"/v1/purchases/{card}"),
        ask(box, "drip", "POST", f"{SUBSCRIBER}/purchases", headers={"Authorization": f"Bearer {secret}"},
            json={"purchases": [{"order_id": card, "properties": {"token": secret}}]}),
        ask(box, "kiosk", "GET", f"/api/tickets/{card}", headers={"X-Kiosk-Key": secret, "Cookie": secret}),
    ]  # fmt: skip
    for entry in entries:
        assert entry.status >= 400
        found = offered(box, entry)
        told = " ".join([found.about, *found.curl])
        assert "***" not in told
        assert secret not in told
        assert not re.search("1111", told)


def test_the_same_sandbox_is_asked(box: Sandbox) -> None:
    """A request whose header named the sandbox does so again; one to a vendor's own host says where it goes."""
    headers = {"Authorization": "Bearer token-active", "Mocktill-Sandbox": "mine", "Host": "api.kajabi.com"}
    found = offered(box, ask(box, "kajabi", "GET", "/v1/purchases/0", headers=headers))
    assert "-H 'Mocktill-Sandbox: mine'" in found.curl[0]
    assert found.curl[0].endswith(" http://api.kajabi.com/v1/purchases/123")
    assert "it goes to api.kajabi.com" in found.about


def test_a_vendor_without_samples(tmp_path: Any) -> None:
    """A vendor that shows no sample and no credential is offered nothing, and nothing breaks."""
    box = toy_box(tmp_path)
    entry = tell(box, b"{").entry
    assert entry is not None
    assert passing(box, box.catalogue.shelves["toy"], entry) is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: no curl here, so no line was pasted into a shell")
def test_the_lines_work_in_a_shell() -> None:
    """Pasted into a POSIX shell one after the other, the lines get their success from a server."""
    sandboxes = Sandboxes(Catalogue(BUILTIN))
    with ServerThread(create_app(sandboxes), RequestLog(sys.stderr)) as url, httpx.Client() as client:
        client.put(f"{url}/deem/v1/purchases/it's%20gone/claim?api_key=mine", json={"user_id": "it's $HOME"})
        client.get(f"{url}/drip{SUBSCRIBER}/purchases/0", auth=("mine", ""))
        client.get(f"{url}/kajabi/v1/purchases/0?fields[purchases]=currency", headers={"Authorization": "Bearer me"})
        for entry in sandboxes.default.journal.entries():
            assert entry.status == 404
            for line in offered(sandboxes.default, entry).curl:
                said = subprocess.run(["sh", "-c", f"{line} -s -w '%{{http_code}}'"], capture_output=True, check=True)
                assert said.stdout.endswith(b"200"), line
