"""The npm package `drip-nodejs`, in both of its generations, as a shop that keeps Drip told of what was bought."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.thirdparty.conftest import Script

JOHN = "john@acme.com"
JOHNS_ID = "z1togz2hcjrkpp5treip"
CANOE: dict[str, Any] = {
    "provider": "shopify",
    "order_id": "456445746",
    "amount": 4900,
    "permalink": "http://myorders.com/orders/456445746",
    "occurred_at": "2013-06-21T10:31:58Z",
    "items": [{"id": "8888888", "product_id": "765432", "sku": "4444", "amount": 4900, "name": "Canoe", "quantity": 1}],
}
ORDER = {"purchases": [CANOE]}
Answer = list[Any]
"""A status and a body."""


@dataclass(frozen=True)
class Drip:
    """`drip-nodejs` of one generation, called in one of its two styles."""

    version: str
    style: str
    script: Script

    def call(self, *steps: list[Any], token: str = "YOUR_API_KEY") -> list[Answer]:
        """Call methods one after another, each given by its name and its arguments; return what came of each."""
        came: list[Answer] = self.script.run(self.version, self.style, json.dumps(steps), token=token)
        return came

    def list(self, whom: str) -> list[Any]:
        """Return the step that lists purchases; 1.x wants options when it is called with a callback."""
        return ["listPurchases", whom, *([{}] if self.version == "1" else [])]


@pytest.fixture(params=["0-callbacks", "1-callbacks", "1-promises"])
def drip(request: pytest.FixtureRequest, script: Callable[[str], Script]) -> Drip:
    """Version 0.2.0, which has callbacks, and 1.0.1 in both styles."""
    version, _, style = request.param.partition("-")
    return Drip(version, style, script("drip.cjs"))


@pytest.mark.parametrize("whom", [JOHN, JOHNS_ID])
def test_create_list_and_fetch(drip: Drip, whom: str) -> None:
    """What is created is listed first, is fetched by its id, and makes the subscriber worth more."""
    (_, before), created, (status, listed) = drip.call(
        drip.list(whom),
        ["createPurchase", whom, ORDER],
        drip.list(whom),
    )
    assert created == [201, {}]
    assert (status, listed["meta"]["total_count"]) == (200, before["meta"]["total_count"] + 1)
    newest, *rest = listed["purchases"]
    assert rest == before["purchases"]
    told = ("provider", "order_id", "amount", "permalink")
    assert [newest[name] for name in told] == [CANOE[name] for name in told]
    fetched, found = drip.call(["fetchPurchase", whom, newest["id"]], ["fetchSubscriber", whom])
    assert (fetched[0], fetched[1]["purchases"]) == (200, [newest])
    assert (found[0], found[1]["subscribers"][0]["lifetime_value"]) == (200, 10000 + CANOE["amount"])


def test_a_subscriber_from_beginning_to_end(drip: Drip) -> None:
    """Somebody new is made, found, changed, buys, and is deleted: then there is nobody any more."""
    update = "updateSubscriber" if drip.version == "0" else "createUpdateSubscriber"
    somebody = {"email": "kim@example.com", "time_zone": "Europe/Berlin"}
    made, found, changed, bought, again, deleted, gone = drip.call(
        [update, {"subscribers": [somebody]}],
        ["fetchSubscriber", "kim@example.com"],
        [update, {"subscribers": [{"email": "kim@example.com", "time_zone": "Asia/Tokyo"}]}],
        ["createPurchase", "kim@example.com", ORDER],
        ["fetchSubscriber", "kim@example.com"],
        ["deleteSubscriber", "kim@example.com"],
        ["fetchSubscriber", "kim@example.com"],
    )
    assert [answer[0] for answer in (made, found, changed, bought, again)] == [200, 200, 200, 201, 200]
    (kim,) = made[1]["subscribers"]
    assert (kim["email"], kim["time_zone"], kim["lifetime_value"]) == ("kim@example.com", "Europe/Berlin", 0)
    assert found[1] == made[1]
    assert changed[1]["subscribers"][0]["time_zone"] == "Asia/Tokyo"
    assert {one["subscribers"][0]["id"] for one in (changed[1], again[1])} == {kim["id"]}
    assert again[1]["subscribers"][0]["lifetime_value"] == 4900
    assert deleted in ([204, None], [204, ""])
    assert (gone[0], gone[1]["errors"][0]["code"]) == (404, "not_found_error")


def test_it_asks_for_a_page(script: Callable[[str], Script]) -> None:
    """1.x asks for a page by its number: 101 purchases are on two."""
    drip = Drip("1", "promises", script("drip.cjs"))
    orders = {"purchases": [{**CANOE, "order_id": f"order-{number}"} for number in range(101)]}
    made, first, second = drip.call(
        ["createPurchase", "new@acme.com", orders],
        ["listPurchases", "new@acme.com", {}],
        ["listPurchases", "new@acme.com", {"page": 2}],
    )
    assert made == [201, {}]
    assert [(len(page["purchases"]), page["meta"]["page"]) for _, page in (first, second)] == [(100, 1), (1, 2)]
    assert {page["meta"]["total_pages"] for _, page in (first, second)} == {2}
    assert len({each["id"] for _, page in (first, second) for each in page["purchases"]}) == 101


def test_errors_arrive(drip: Drip) -> None:
    """Each refusal arrives with its status, and with a code and a message to index."""
    wrong, unwrapped, nobody, nothing = drip.call(
        ["createPurchase", JOHN, {"purchases": [{"provider": "shop"}]}],
        ["createPurchase", JOHN, CANOE],
        ["fetchSubscriber", "nobody@example.com"],
        ["fetchPurchase", JOHN, "no-such-purchase"],
    )
    (refused,) = drip.call(["fetchSubscriber", JOHN], token="key-refused")
    seen = [(status, body["errors"][0]["code"]) for status, body in (wrong, unwrapped, nobody, nothing, refused)]
    assert seen == [
        (422, "presence_error"),
        (422, "parsing_error"),
        (404, "not_found_error"),
        (404, "not_found_error"),
        (401, "authentication_error"),
    ]
    assert all(body["errors"][0]["message"] for _, body in (wrong, unwrapped, nobody, nothing, refused))


def test_too_many_requests(drip: Drip) -> None:
    """A 429 arrives as it is: flat, without `errors`."""
    drip.script.box.faults.add_preset("rate-limited")
    *_, last = drip.call(*[["fetchSubscriber", JOHN]] * 6)
    assert (last[0], sorted(last[1])) == (429, ["documentation", "message"])


def test_what_it_sends(drip: Drip) -> None:
    """The vendor's own host is called, as each generation calls it, and nothing breaks the contract."""
    drip.call(["createPurchase", JOHN, ORDER], drip.list(JOHN))
    created, listed = drip.script.entries()
    slash = "/" if drip.version == "0" else ""
    assert {entry.path for entry in (created, listed)} == {f"/v2/9999999/subscribers/{JOHN}/purchases{slash}"}
    assert [entry.operation for entry in (created, listed)] == ["create_purchase", "list_purchases"]
    assert not [entry.violations for entry in (created, listed) if entry.violations]
