"""An operation to be tried: its request succeeds, its copies send it, and its answers are all that there are."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocktill.apis import BUILTIN
from mocktill.control.app import create_root
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.conftest import NOW
from tests.control.control import Control


@pytest.fixture
def server(catalogue: Catalogue) -> Iterator[str]:
    """A server, on which each operation has a sandbox of its own."""
    with ServerThread(create_app(Sandboxes(catalogue, Setup(now=NOW))), RequestLog(Nowhere())) as url:
        yield url


def test_every_operation_can_be_tried(server: str, catalogue: Catalogue) -> None:
    """The script of each operation gets its success in a sandbox of its own, where the request says it is."""
    for name in catalogue.operations:
        api, _, operation = name.partition(".")
        told = httpx.get(f"{server}/~{name}/_mocktill/apis/{api}/operations/{operation}").json()
        assert told["request"]["url"].startswith(f"{server}/~{name}/{api}/"), told
        known: dict[str, Any] = {}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(told["copies"]["python"], name, "exec"), known)
        assert known["answer"].status_code == told["answers"][0]["status"], (name, known["answer"].text)
        journal = httpx.get(f"{server}/~{name}/_mocktill/journal").json()["entries"]
        assert (journal[-1]["operation"], journal[-1]["violations"]) == (operation, [])
        assert len(journal) == 1 + bool(told["about"])
        assert len(told["copies"]["curl"].split("\n")) == len(journal)


def test_what_it_tells(control: Control) -> None:
    """It says what the table of operations says, and what is sent."""
    told = control.get("/apis/deem/operations/reserve_purchase")
    assert (told["method"], told["path"], told["open"]) == ("POST", "/v1/purchases/reserve", False)
    assert told["request"] == {
        "method": "POST",
        "url": "http://localhost/deem/v1/purchases/reserve?api_key=1234567",
        "headers": {"Content-Type": "application/json"},
        "body": '{"deal_id":"la-1024-wsc-hair-studio-01-2","num_bought":2}',
    }
    assert [told["about"], told["answers"][0]["status"]] == ["", 200]
    assert json.loads(told["request"]["body"])["num_bought"] == 2


def test_the_sandbox_that_a_header_names(control: Control) -> None:
    """The address is that of the sandbox, however it was named."""
    told = control.of("b").get("/apis/drip/operations/list_subscribers")
    assert told["request"]["url"].startswith("http://localhost/~b/drip/v2/")
    assert "Authorization" in told["request"]["headers"]


def test_what_comes_first(control: Control) -> None:
    """Where something has to be made first, it is said and stands before it; with nothing left, as in the factory."""
    stock = "/state/deem.stock/la-1024-wsc-hair-studio-01-2"
    for free in (1_000, 0):
        control.ok("PATCH", stock, {"free": free})
        told = control.get("/apis/deem/operations/claim_purchase")
        assert told["about"].startswith("reserve_purchase comes first")
        first, second = told["copies"]["curl"].split("\n")
        assert "/reserve?" in first
        assert second.endswith(f"{told['request']['url']}'")
        assert told["copies"]["fetch"].count("await fetch(") == told["copies"]["python"].count("answer = ") == 2


def test_where_nothing_can_be_made(tmp_path: Path) -> None:
    """Where somebody's own fixtures leave nothing to make it of, the path names what has to stand there."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text(
        "version: 1\ntables:\n  deals:\n    la-1024-wsc-hair-studio-01-2: {title: x, price: 1, stock: 0}\n"
    )
    sandboxes = Sandboxes(Catalogue(BUILTIN, tmp_path))
    told = Control(create_root(sandboxes), sandboxes).get("/apis/deem/operations/claim_purchase")
    assert "/v1/purchases/purchase_id/claim" in told["request"]["url"]


def test_every_refusal_is_told_once(control: Control) -> None:
    """Successes come first, then the refusals that the OpenAPI document has, each with its type, text and source."""
    told = control.get("/apis/kajabi/operations/purchase_details")["answers"]
    assert (told[0]["status"], told[0]["type"]) == (200, "")
    assert len({(one["status"], one["type"], one["text"]) for one in told}) == len(told)
    document = control.get("/openapi/kajabi.json")["paths"]["/v1/purchases/{id}"]["get"]["responses"]
    assert {str(one["status"]) for one in told} == set(document)
    assert all(one["source"] and one["basis"] for one in told)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("deem/operations/claim_purchas", 404, "did you mean 'claim_purchase'?"),
        ("eBay/operations/claim_purchase", 422, ""),
        ("ebay/operations/claim_purchase", 404, "there is no API 'ebay'"),
        ("deem/operations/Claim", 422, ""),
    ],
)
def test_no_operation(control: Control, path: str, status: int, said: str) -> None:
    """A name that nothing has is a 404 in words, and what is no name a 422."""
    assert said in control.refused(status, "GET", f"/apis/{path}")["detail"]
