"""The shop, tested without a network: its calls to the vendors' own hosts are answered by a sandbox."""

from collections.abc import Iterator

import pytest
import requests
from shop import Shop, SoldOut

from mocktill import Mocktill

DEAL = "la-1024-wsc-hair-studio-01-2"
JOHN = "john@acme.com"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop that is open."""
    shop = Shop()
    yield shop
    shop.close()


def test_checkout(mocktill: Mocktill, shop: Shop) -> None:
    """What was reserved is bought, and counts for whoever bought it."""
    spent = mocktill.drip.subscriber(JOHN).lifetime_value
    purchase = shop.reserve(DEAL, 2)
    assert mocktill.deem.stock(DEAL).held == 2
    shop.buy(purchase, "ABC123", JOHN)
    assert mocktill.deem.purchase(purchase).state == "fulfilled"
    assert mocktill.drip.subscriber(JOHN).lifetime_value == spent + 3900


@pytest.mark.filterwarnings("ignore::mocktill.LeakWarning")  # the first one is left to run out on purpose
def test_a_reservation_runs_out(mocktill: Mocktill, shop: Shop) -> None:
    """Five minutes later the units are free again, and somebody else has them."""
    first = shop.reserve("last-one", 1)
    with pytest.raises(SoldOut):
        shop.reserve("last-one", 1)
    mocktill.clock.advance(minutes=5)
    assert mocktill.deem.purchase(first).state == "expired"
    shop.buy(shop.reserve("last-one", 1), "ABC123", JOHN)


def test_a_lost_answer(mocktill: Mocktill, shop: Shop) -> None:
    """A claim whose answer is lost was made all the same: it is looked up, and not made twice."""
    purchase = shop.reserve(DEAL, 1)
    mocktill.faults.add_preset("lost-answer", {"operation": "deem.claim_purchase"})
    shop.buy(purchase, "ABC123", JOHN)
    assert mocktill.journal.count(operation="deem.claim_purchase").number == 1
    assert mocktill.deem.stock(DEAL).held == 0


@pytest.mark.mocktill(
    now="2026-03-02T12:00:00Z",
    faults=[{"when": {"api": "deem", "next": 1}, "what": {"status": 503, "headers": {"Retry-After": "0"}}}],
)
def test_a_busy_moment(mocktill: Mocktill, shop: Shop) -> None:
    """The first answer is a 503; the shop's own retry gets the second."""
    shop.give_back(shop.reserve(DEAL, 1))
    assert [entry.status for entry in mocktill.journal] == [503, 200, 200]


def test_a_slow_vendor(mocktill: Mocktill, shop: Shop) -> None:
    """An answer that comes too late is the client's own timeout, and nobody waits for it."""
    mocktill.faults.add({"what": {"delay": "30s"}, "moment": "before"})
    with pytest.raises(requests.Timeout):
        shop.reserve(DEAL, 1)


def test_a_mistake(mocktill: Mocktill, shop: Shop) -> None:
    """What breaks the contract fails a test that does not expect it, and says why."""
    mocktill.expect_violation("/num_bought")
    with pytest.raises(SoldOut):
        shop.reserve(DEAL, 0)
