"""Deem's stock is conserved: units are free, held or sold, and nothing is sold twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from mocktill.apis import BUILTIN, deem
from mocktill.apis.deem.handlers import RESERVATION_TTL
from mocktill.core.api import Request
from mocktill.core.catalogue import Catalogue
from mocktill.core.engine import answer_at_once
from mocktill.core.sandbox import Sandbox, Setup
from tests.conftest import NOW

CATALOGUE = Catalogue(BUILTIN)
STOCK = {"last-one": 1, "few": 5, "sold-out": 0}
DEALS = st.sampled_from(sorted(STOCK))
PRICES = {"last-one": 2000, "few": 700, "sold-out": 1500}


def ask(box: Sandbox, operation: str, body: Any, key: str = "") -> tuple[int, Any]:
    """Call an operation of Deem; return the status and the purchase, or the error."""
    row = deem.API.operation(operation)
    path = "/v1" + row.path.replace("{purchase_id}", key)
    request = Request(
        row.method, path, "api_key=1234567", {}, orjson.dumps(body), "http://deem", row, {"purchase_id": key}
    )
    response = answer_at_once(box, CATALOGUE.shelves["deem"], request)
    value = orjson.loads(response.body)
    return response.status, value.get("purchase", value)


def make_box() -> Sandbox:
    """Make a sandbox with a deal of which five are left."""
    box = Sandbox(CATALOGUE, setup=Setup(now=NOW))
    with box.changing():
        box.table("deem.deals").put("few", {"title": "Few", "price": 700})
        box.table("deem.stock").put("few", {"free": STOCK["few"], "held": 0, "sold": 0})
    return box


class Shop(RuleBasedStateMachine):
    """People reserve, claim, release and buy, while time goes both ways."""

    purchases = Bundle("purchases")

    def __init__(self) -> None:
        super().__init__()
        self.box = make_box()
        self.sold: Counter[str] = Counter()

    @rule(target=purchases, deal=DEALS, quantity=st.integers(1, 3))
    def reserve(self, deal: str, quantity: int) -> Any:
        """Reserve: it works exactly when as many are free."""
        free = self.box.view("deem").stock(deal).free
        due = self.due(deal)
        status, purchase = ask(self.box, "reserve_purchase", {"deal_id": deal, "num_bought": quantity})
        assert status == (200 if free + due >= quantity else 422)
        return purchase["id"] if status == 200 else multiple()

    @rule(target=purchases, deal=DEALS, quantity=st.integers(1, 2), wrong=st.booleans())
    def create(self, deal: str, quantity: int, wrong: bool) -> Any:
        """Buy at once: at the wrong price nothing is sold."""
        body = {"deal_id": deal, "quantity": quantity, "user_id": "ABC123", "credit_card_id": "2342f8073e"}
        status, purchase = ask(self.box, "create_purchase", {**body, "expected_price_per_unit": PRICES[deal] + wrong})
        assert status == 422 if wrong else status in {200, 422}
        if status != 200:
            return multiple()
        self.sold[deal] += quantity
        return purchase["id"]

    @rule(key=purchases)
    def claim(self, key: str) -> None:
        """Claim: whatever the state, a purchase is sold at most once."""
        before = self.box.view("deem").purchase(key)
        status, purchase = ask(self.box, "claim_purchase", {"user_id": "ABC123"}, key)
        if before.state == "fulfilled":
            assert status == 409
        elif status == 200:
            assert len(purchase["coupons"]) == before.quantity
            assert purchase["amount"] == before.price * before.quantity
            self.sold[before.deal_id] += before.quantity
        else:
            assert (status, purchase["error_type"]) == (422, "cannot_fufill")

    @rule(key=purchases)
    def release(self, key: str) -> None:
        """Release: what is sold is not given back."""
        sold = self.box.view("deem").purchase(key).state == "fulfilled"
        status, _ = ask(self.box, "release_purchase", {}, key)
        assert status == (409 if sold else 200)

    @rule(seconds=st.sampled_from([1, 150, 299, 300, 301, 3600, -60]), asleep=st.booleans())
    def advance(self, seconds: int, asleep: bool) -> None:
        """Let time pass; `asleep` leaves the expiries to whoever looks next."""
        if asleep:
            at = self.box.clock.now() + timedelta(seconds=seconds)
            with self.box.changing():
                row = {"mode": "frozen", "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z")}
                self.box.table("mocktill.clock").put("clock", row)
        else:
            self.box.clock.advance(seconds=seconds)

    def due(self, deal: str) -> int:
        """Return how many units are held by reservations that have run out, though nobody has looked."""
        held = self.box.view("deem").reservations()
        now = self.box.clock.now()
        return sum(hold.quantity for hold in held if hold.deal_id == deal and hold.expires_at <= now)

    @invariant()
    def units_are_conserved(self) -> None:
        """Free, held and sold are the initial stock; held is what is reserved, sold what was answered."""
        purchases = dict(self.box.table("deem.purchases").items())
        for deal, initial in STOCK.items():
            stock = self.box.view("deem").stock(deal)
            assert min(stock.free, stock.held, stock.sold) >= 0
            assert stock.free + stock.held + stock.sold == initial
            assert stock.sold == self.sold[deal]
            for state, count in (("fulfilled", stock.sold), ("reserved", stock.held)):
                rows = [row for row in purchases.values() if row["deal_id"] == deal and row["state"] == state]
                assert sum(row["quantity"] for row in rows) == count

    @invariant()
    def holds_are_reservations(self) -> None:
        """Each reserved purchase has its hold for five minutes, and there are no other holds."""
        purchases = self.box.table("deem.purchases")
        holds = self.box.view("deem").reservations()
        assert {hold.purchase_id for hold in holds} == {
            key for key, row in purchases.items() if row["state"] == "reserved"
        }
        assert all(hold.expires_at - self.box.clock.now() <= RESERVATION_TTL + timedelta(hours=1) for hold in holds)

    @invariant()
    def coupons_are_unique(self) -> None:
        """Each fulfilled unit has a coupon of its own, and no coupon belongs to two purchases."""
        coupons = Counter(
            coupon
            for _, row in self.box.table("deem.purchases").items()
            if row["state"] == "fulfilled"
            for coupon in row["coupons"]
        )
        assert set(coupons.values()) <= {1}
        assert set(coupons) == {key for key, _ in self.box.table("deem.coupons").items()}


Shop.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestShop = Shop.TestCase


def test_many_ask_and_fifty_get() -> None:
    """64 threads with 2,000 reserves on 50 units get exactly 50 holds; all others are sold out."""
    box = make_box()
    with box.changing():
        box.table("deem.stock").put("few", {"free": 50, "held": 0, "sold": 0})
    together = Barrier(64)

    def hurry(requests: int) -> list[tuple[int, Any]]:
        together.wait()
        return [ask(box, "reserve_purchase", {"deal_id": "few", "num_bought": 1}) for _ in range(requests)]

    with ThreadPoolExecutor(64) as pool:
        shares = [2_000 // 64 + (number < 2_000 % 64) for number in range(64)]
        answers = [answer for share in pool.map(hurry, shares) for answer in share]
    assert Counter(status for status, _ in answers) == {200: 50, 422: 1_950}
    assert len({purchase["id"] for status, purchase in answers if status == 200}) == 50
    stock = box.view("deem").stock("few")
    assert (stock.free, stock.held, stock.sold) == (0, 50, 0)
    assert len(box.view("deem").reservations()) == 50
    assert box.journal.entries()[-1].id == 2_000


def test_the_last_unit_is_claimed_once() -> None:
    """Two expired reservations of one unit are claimed: the first gets it anew, the second nothing."""
    box = make_box()
    keys = []
    for _ in range(2):
        keys.append(ask(box, "reserve_purchase", {"deal_id": "last-one", "num_bought": 1})[1]["id"])
        box.clock.advance(RESERVATION_TTL)
    answers = [ask(box, "claim_purchase", {"user_id": "ABC123"}, key)[0] for key in keys]
    assert answers == [200, 422]
    assert box.view("deem").stock("last-one").sold == 1
