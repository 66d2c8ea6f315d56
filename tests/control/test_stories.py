"""The test that is copied: it runs as it stands, tells the story that the answer needed, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client
from tests.control.control import Control
from tests.doors.testing.inner import Inner
from tests.doors.testing.inner import inner as inner

DEAL = "la-1024-wsc-hair-studio-01-2"
KEY = "?api_key=mine"


def reserve(deem: Client, deal: str = DEAL) -> str:
    """Reserve one unit; return the purchase's id, or nothing."""
    answer = deem("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": deal, "num_bought": 1})
    return str(answer.get_json()["purchase"]["purchase_id"]) if answer.status_code == 200 else ""


def claim(deem: Client, purchase: str, **more: Any) -> None:
    """Claim a reservation for the documented user."""
    deem("PUT", f"/v1/purchases/{purchase}/claim{KEY}", json={"user_id": "ABC123"}, **more)


def told(control: Control) -> Any:
    """Return the copies of the last entry."""
    return control.get(f"/journal/{control.get('/pulse')['journal']['last']}/copies")


def operations(text: str) -> list[str]:
    """Return the calls of a test by method and path."""
    return [f"{method} {path}" for method, path in re.findall(r'requests\.(\w+)\(\s*f"{url}([^?"]*)', text)]


def plainly(control: Control, box: Sandbox, deem: Client) -> None:
    """Read what the factory state has."""
    deem("GET", f"/v1/purchases/34063ec2{KEY}")


def made(control: Control, box: Sandbox, deem: Client) -> None:
    """Reserve twice, claim and read one of them."""
    first, _ = reserve(deem), reserve(deem)
    claim(deem, first)
    deem("GET", f"/v1/purchases/{first}{KEY}")


def sold_out(control: Control, box: Sandbox, deem: Client) -> None:
    """Reserve the last one after others, and then nothing."""
    for deal in (DEAL, "last-one", DEAL, "last-one"):
        reserve(deem, deal)


def expired(control: Control, box: Sandbox, deem: Client) -> None:
    """Claim too late."""
    purchase = reserve(deem)
    control.ok("POST", "/clock", {"advance": "6m"})
    claim(deem, purchase)


def refused(control: Control, box: Sandbox, deem: Client) -> None:
    """Show a key that has expired."""
    deem("GET", "/v1/purchases/34063ec2?api_key=key-expired")


def wrong(control: Control, box: Sandbox, deem: Client) -> None:
    """Send what breaks the contract, and quotes."""
    deem("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": "'\"\\\n</script>{x}", "num_bought": "2"})


def unmatched(control: Control, box: Sandbox, deem: Client) -> None:
    """Ask for what no operation has."""
    deem("BREW", "/v1/{coffee}/it's\"?x={y}")


def lost(control: Control, box: Sandbox, deem: Client) -> None:
    """Lose the answer of a claim that was made."""
    purchase = reserve(deem)
    box.faults.add({"when": {"operation": "claim_purchase"}, "what": {"connection": "drop"}, "moment": "after"})
    claim(deem, purchase)


def broken(control: Control, box: Sandbox, deem: Client) -> None:
    """Get a status of a fault rule."""
    box.faults.add({"when": {"nth": 1}, "what": {"status": 503, "delay": "1h"}, "moment": "after"})
    reserve(deem)


def chosen(control: Control, box: Sandbox, deem: Client) -> None:
    """Claim twice where the same answer is given."""
    control.ok("PATCH", "/choices", {"deem.claim_twice": "same_answer"})
    purchase = reserve(deem)
    claim(deem, purchase)
    claim(deem, purchase)


def of_drip(control: Control, box: Sandbox, deem: Client) -> None:
    """Make a subscriber, let it buy, and read the purchase: ids in paths and bodies, and another vendor's dialect."""
    drip = Client(box, "drip", {"Authorization": "Bearer mine"})
    answer = drip("POST", "/v2/9999999/subscribers", json={"subscribers": [{"email": "it's@example.com"}]})
    subscriber = answer.get_json()["subscribers"][0]["id"]
    bought = drip("POST", f"/v2/9999999/subscribers/{subscriber}/purchases", json={"purchases": [{"amount": 100}]})
    assert bought.status_code == 201
    drip("GET", f"/v2/9999999/subscribers/{subscriber}/purchases")


def a_head(control: Control, box: Sandbox, deem: Client) -> None:
    """Ask without a body for what there is not."""
    deem("HEAD", f"/v1/purchases/nope{KEY}")


STORIES: dict[Callable[[Control, Sandbox, Client], None], tuple[list[str], tuple[str, ...]]] = {
    plainly: (["get /v1/purchases/34063ec2"], ("answer.status_code == 200",)),
    made: (
        ["post /v1/purchases/reserve", "put /v1/purchases/{purchase_id}/claim", "get /v1/purchases/{purchase_id}"],
        ('purchase_id = answer.json()["purchase"]["id"]',),
    ),
    sold_out: (["post /v1/purchases/reserve"] * 2, ("last-one", "status_code == 422", '"error_type": "cannot_fufill"')),
    expired: (
        ["post /v1/purchases/reserve", "put /v1/purchases/{purchase_id}/claim"],
        ("mocktill.clock.advance(minutes=6)",),
    ),
    refused: (["get /v1/purchases/34063ec2"], ("api_key=key-refused", "status_code == 401")),
    wrong: (["post /v1/purchases/reserve"], ('violations="allow"', "status_code == 422")),
    unmatched: ([], ('requests.request("BREW", ', 'violations="allow"', "def test_unmatched(")),
    lost: (
        ["post /v1/purchases/reserve", "put /v1/purchases/{purchase_id}/claim"],
        ("with pytest.raises(requests.RequestException):", '{"connection": "drop"}'),
    ),
    broken: (["post /v1/purchases/reserve"], ('"what": {"status": 503}', "status_code == 503")),
    chosen: (
        ["post /v1/purchases/reserve", *["put /v1/purchases/{purchase_id}/claim"] * 2],
        ('choices={"deem.claim_twice": "same_answer"}',),
    ),
    of_drip: (
        [
            "post /v2/9999999/subscribers",
            "post /v2/9999999/subscribers/{subscribers_id}/purchases",
            "get /v2/9999999/subscribers/{subscribers_id}/purchases",
        ],
        ('auth=("YOUR_API_KEY", "")',),
    ),
    a_head: (["head /v1/purchases/nope"], ("status_code == 404",)),
}
"""What happened, the calls that its test makes, and what else is in it."""


@pytest.mark.parametrize("play", STORIES, ids=lambda play: play.__name__)
def test_it_tells_the_story(control: Control, box: Sandbox, play: Callable[..., None]) -> None:
    """It makes the calls that the answer needed and no others, and says what holds; nothing happens in the sandbox."""
    play(control, box, Client(box, "deem"))
    before = control.get("/pulse")
    copied = told(control)
    calls, parts = STORIES[play]
    assert operations(copied["pytest"]) == calls, copied["pytest"]
    assert [part for part in parts if part not in copied["pytest"]] == [], copied["pytest"]
    assert "is not in" not in copied["about"]
    assert control.get("/pulse") == before


def test_it_runs(control: Control, box: Sandbox, inner: Inner) -> None:
    """As a file of its own each of them passes, without a warning."""
    for play in STORIES:
        control.ok("POST", "/reset")
        play(control, box, Client(box, "deem"))
        (inner.path / f"test_{play.__name__}.py").write_text(told(control)["pytest"], encoding="utf-8")
    result = inner.pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=len(STORIES))


def test_what_it_cannot_tell(control: Control, box: Sandbox, deem: Client) -> None:
    """What was changed otherwise is not in it: it holds what it gets, and it is said that the journal has another."""
    control.ok("PATCH", f"/state/deem.stock/{DEAL}", {"free": 0})
    reserve(deem)
    copied = told(control)
    assert "the test gets 200 and not 422: what made the difference is not in it" in copied["about"]
    assert "status_code == 200" in copied["pytest"]


def test_what_came_before_another_world(control: Control, box: Sandbox, deem: Client) -> None:
    """Requests before a snapshot was brought back are no part of the story."""
    purchase = reserve(deem)
    box.snapshot("a")
    box.restore("a")
    claim(deem, purchase)
    copied = told(control)
    assert operations(copied["pytest"]) == [f"put /v1/purchases/{purchase}/claim"]
    assert "the test gets 404 and not 200" in copied["about"]


def test_what_orjson_cannot_write(control: Control, box: Sandbox) -> None:
    """A later request that names what was made, beside half of a character, is told and played like any other."""
    drip = Client(box, "drip", {"Authorization": "Bearer mine"})
    answer = drip("POST", "/v2/9999999/subscribers", json={"subscribers": [{"email": "a@example.com"}]})
    body = json.dumps({"subscribers": [{"id": answer.get_json()["subscribers"][0]["id"], "first_name": "\ud800"}]})
    drip("POST", "/v2/9999999/subscribers", data=body, content_type="application/json")
    assert operations(told(control)["pytest"]) == ["post /v2/9999999/subscribers"] * 2


def test_other_ids_than_then(control: Control) -> None:
    """Where a test draws other ids than the sandbox did, its requests name what it has made itself."""
    control.ok("POST", "/sandboxes", {"name": "b", "seed": 7})
    deem = Client(control.sandboxes.get("b"), "deem")
    claim(deem, reserve(deem))
    copied = told(control.of("b"))
    assert operations(copied["pytest"]) == ["post /v1/purchases/reserve", "put /v1/purchases/{purchase_id}/claim"]
    assert "is not in" not in copied["about"]


def test_a_fault_that_is_gone(control: Control, box: Sandbox, deem: Client) -> None:
    """A rule that is no more cannot strike in the test, which is said."""
    broken(control, box, deem)
    box.faults.clear()
    assert "the fault that struck the request is not in the test" in told(control)["about"]
