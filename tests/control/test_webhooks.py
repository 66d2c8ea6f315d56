"""The webhooks of a sandbox, over the control API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mocktill.control.app import create_root
from mocktill.core import deliveries
from mocktill.core.deliveries import Outcome
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.webhooks import OFF, Webhooks
from tests.control.control import Control
from tests.core.telling import URL, Waiting, bring

HIDDEN = "http://127.0.0.1:1/"


@pytest.fixture
def control(control: Control) -> Control:
    """A client of the control API of a server whose courier brings nothing by itself."""
    control.sandboxes.deliver_by(Waiting(frozenset({HIDDEN})))
    return control


def buy(box: Sandbox) -> None:
    """Let somebody buy an offer of Kajabi, which is told."""
    box.act("kajabi.buy_offer", next(key for key, _ in box.table("kajabi.offers").items()))


def test_they_are_off(control: Control, box: Sandbox) -> None:
    """Where no courier is, nothing is allowed, an address is a 422 that says so, and nothing is told."""
    control.sandboxes.deliver_by(None)
    assert control.get("/webhooks") == {
        "apis": ["drip", "supertab", "kajabi"], "allowed": [], "targets": [], "deliveries": [], "due": 0,
    }  # fmt: skip
    problem = control.refused(422, "PUT", "/webhooks/kajabi", {"url": URL})
    assert OFF in problem["detail"]
    buy(box)
    assert control.get("/webhooks")["deliveries"] == []


def test_an_address_comes_and_goes(control: Control, box: Sandbox) -> None:
    """An address is given, told without its secret and its query, and taken back; what waits is given up then."""
    given = {"url": f"{URL}?token=abc", "secret": "whsec_abcdef"}
    target = {"api": "kajabi", "url": f"{URL}?…", "secret": True}
    assert control.ok("PUT", "/webhooks/kajabi", given) == target
    buy(box)
    told = control.get("/webhooks")
    assert (told["allowed"], told["targets"], told["due"]) == (["127.0.0.1:9000"], [target], 1)
    assert "abcdef" not in str(told)
    (delivery,) = told["deliveries"]
    assert (delivery["event"], delivery["state"], delivery["attempts"]) == ("purchase", "waiting", 0)
    assert control("DELETE", "/webhooks/kajabi").status_code == 204
    told = control.get("/webhooks")
    assert (told["targets"], told["due"]) == ([], 0)
    assert [delivery["state"] for delivery in told["deliveries"]] == ["failed"]
    assert control.refused(404, "DELETE", "/webhooks/kajabi")["detail"] == "the webhooks of kajabi go nowhere"


def test_what_came_of_it(control: Control, box: Sandbox) -> None:
    """Each delivery says how often it was tried and what came of it; the journal has a remark on each attempt."""
    control.ok("PUT", "/webhooks/kajabi", {"url": URL})
    buy(box)
    bring(box, Outcome(503))
    (delivery,) = control.get("/webhooks")["deliveries"]
    assert (delivery["attempts"], delivery["last"]) == (1, "answered 503")
    assert delivery["at"] == "2026-03-02T12:00:05.000000Z"
    said = [remark for remark in control.get("/journal")["remarks"] if remark["what"] == "webhook"]
    assert [(remark["api"], remark["key"]) for remark in said] == [("kajabi", delivery["key"])]
    assert "attempt 1: answered 503; again at 2026-03-02T12:00:05.000000Z" in said[0]["sentence"]


def test_a_reset_takes_an_address_back(control: Control) -> None:
    """A reset goes back to the beginning, where they went nowhere."""
    control.ok("PUT", "/webhooks/drip", {"url": URL})
    control.ok("POST", "/reset")
    assert control.get("/webhooks")["targets"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": 1}, "/url"),
        ({"url": "a" * 2001}, "/url"),
        ({"url": HIDDEN}, "/url"),
        ({"url": URL, "secret": ""}, "/secret"),
        ({"url": URL, "secret": "whsec_!"}, "/secret"),
        ({"url": URL, "more": 1}, "/more"),
    ],
)
def test_an_address_that_cannot_be(control: Control, body: Any, pointer: str) -> None:
    """What breaks the schema, is not allowed or cannot sign is a 422 with the pointer, and nothing changes."""
    problem = control.refused(422, "PUT", "/webhooks/supertab", body)
    assert [found["pointer"] for found in problem["violations"]] == [pointer]
    assert control.get("/webhooks")["targets"] == []


@pytest.mark.parametrize(("method", "body"), [("PUT", {"url": URL}), ("DELETE", None)])
@pytest.mark.parametrize("api", ["deem", "nobody"])
def test_an_api_that_tells_of_nothing(control: Control, method: str, body: Any, api: str) -> None:
    """One without webhooks, and one that there is not, is a 404 that says which have some."""
    problem = control.refused(404, method, f"/webhooks/{api}", body)
    assert problem["detail"].startswith(f"there is no API with webhooks '{api}'")
    assert [found["pointer"] for found in problem["violations"]] == ["/api"]


def test_no_other_api_is_named_where_one_is_served_alone(sandboxes: Sandboxes, box: Sandbox) -> None:
    """With one API at the root the webhooks of the others are neither listed nor steered."""
    sandboxes.deliver_by(Waiting())
    box.webhooks.send_to("kajabi", URL)
    buy(box)
    control = Control(create_root(sandboxes, "drip"), sandboxes)
    told = control.get("/webhooks")
    assert (told["apis"], told["targets"], told["deliveries"]) == (["drip"], [], [])
    assert (
        "kajabi" not in control.refused(404, "PUT", "/webhooks/kajabi", {"url": URL})["detail"].partition("'kajabi'")[2]
    )


def test_a_sandbox_begins_with_addresses(control: Control) -> None:
    """A sandbox can be made with addresses, and goes back to them on reset."""
    control.ok("POST", "/sandboxes", {"name": "a", "webhooks": {"drip": URL}})
    there = control.of("a")
    there.ok("PUT", "/webhooks/drip", {"url": "http://127.0.0.1:9001/"})
    there.ok("POST", "/reset")
    assert there.get("/webhooks")["targets"] == [{"api": "drip", "url": URL, "secret": False}]


@pytest.mark.parametrize(
    ("webhooks", "pointer"),
    [({"drip": HIDDEN}, "/webhooks/drip"), ({"deem": URL}, "/webhooks/deem"), ({"drip": 1}, "/webhooks/drip")],
)
def test_a_sandbox_that_cannot_begin_with_them(control: Control, webhooks: Any, pointer: str) -> None:
    """An address that is not allowed, or of an API without webhooks, is a 422, and no sandbox is made."""
    problem = control.refused(422, "POST", "/sandboxes", {"name": "a", "webhooks": webhooks})
    assert [found["pointer"] for found in problem["violations"]] == [pointer]
    assert "a" not in control.sandboxes


def test_every_sandbox_begins_with_the_servers(control: Control, catalogue: Any) -> None:
    """What the server begins with holds for each sandbox, those that come by first use included."""
    sandboxes = Sandboxes(catalogue, Setup(webhooks={"drip": URL}))
    sandboxes.deliver_by(Waiting())
    there = Control(create_root(sandboxes), sandboxes)
    made = there.ok("POST", "/sandboxes", {"name": "b", "webhooks": {"kajabi": URL}})["name"]
    for name, apis in (("default", ["drip"]), ("a", ["drip"]), (made, ["drip", "kajabi"])):
        assert [target["api"] for target in there.of(name).get("/webhooks")["targets"]] == apis


@pytest.mark.parametrize("secret", ["hunter-2 is none", "x" * 201])
def test_a_secret_is_not_answered(control: Control, secret: str) -> None:
    """A secret that is refused, by the API or by the schema, is not said again."""
    problem = control.refused(422, "PUT", "/webhooks/supertab", {"url": URL, "secret": secret})
    assert problem["violations"][0]["pointer"] == "/secret"
    assert secret[:20] not in str(problem)


def test_an_address_that_somebody_takes_back_meanwhile(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gives an address is told of that one, though it is gone by then."""
    monkeypatch.setattr(Webhooks, "targets", lambda self: [])
    assert control.ok("PUT", "/webhooks/kajabi", {"url": URL}) == {"api": "kajabi", "url": URL, "secret": False}


def test_payloads_are_masked_while_nobody_waits(
    control: Control, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are answered while a long list is made: it is made without the sandbox's lock."""
    control.ok("PUT", "/webhooks/kajabi", {"url": URL})
    buy(box)
    free: list[bool] = []

    def masked(value: Any) -> Any:
        with ThreadPoolExecutor(1) as others:
            free.append(others.submit(box.lock.acquire, False).result())
            if free[-1]:
                others.submit(box.lock.release).result()
        return value

    monkeypatch.setattr(deliveries, "masked", masked)
    control.get("/webhooks")
    assert free == [True]
