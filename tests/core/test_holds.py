"""Holds: units move between free, held and sold, and none is made or lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.errors import SoldOut
from mocktill.core.holds import HOLDS, STOCK, Holds
from mocktill.core.store import Store, Taken
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
STEPS = st.lists(
    st.tuples(st.sampled_from(["place", "sell", "confirm", "release"]), st.sampled_from("abc"), st.integers(1, 3)),
    max_size=15,
)


class Shop:
    """Five seats, and holds on them."""

    def __init__(self) -> None:
        self.store = Store()
        self.stock, self.table = self.store.declare("stock", STOCK), self.store.declare("holds", HOLDS)
        self.holds = Holds(self.stock, self.table)
        self.store.load({"stock": {"seats": {"free": 5, "held": 0, "sold": 0}}})

    @property
    def counts(self) -> tuple[int, int, int]:
        row = self.stock.get("seats") or {}
        return row["free"], row["held"], row["sold"]


@pytest.fixture
def shop() -> Shop:
    """A shop with five seats."""
    return Shop()


def test_placing_and_confirming_sells_what_was_held(shop: Shop) -> None:
    """A confirmed hold is sold once: a second time there is nothing to confirm or release."""
    with shop.store.transaction():
        shop.holds.place("h", "seats", 2, NOW)
        assert shop.counts == (3, 2, 0)
        assert shop.holds.get("h") == {
            "stock": "seats",
            "quantity": 2,
            "expires_at": "2026-03-02T12:00:00.000000Z",
        }
        assert shop.holds.confirm("h") is True
        assert shop.counts == (3, 0, 2)
        assert (shop.holds.confirm("h"), shop.holds.release("h")) == (False, False)
    assert (shop.counts, shop.holds.get("h")) == ((3, 0, 2), None)


def test_releasing_frees_what_was_held(shop: Shop) -> None:
    """A released hold is free again."""
    with shop.store.transaction():
        shop.holds.place("h", "seats", 5, NOW)
        assert shop.holds.release("h") is True
    assert shop.counts == (5, 0, 0)


def test_the_last_unit_is_sold_once(shop: Shop) -> None:
    """More than is free can be neither held nor sold, and the attempt moves nothing."""
    with shop.store.transaction():
        shop.holds.sell("seats", 4)
        with pytest.raises(SoldOut, match="2 wanted, 1 free"):
            shop.holds.sell("seats", 2)
        with pytest.raises(SoldOut, match="2 wanted, 1 free"):
            shop.holds.place("h", "seats", 2, NOW)
        shop.holds.place("last", "seats", 1, NOW)
    assert (shop.counts, shop.holds.free("seats"), shop.holds.get("h")) == ((0, 1, 4), 0, None)


def test_a_stock_that_does_not_exist_has_nothing(shop: Shop) -> None:
    """Of an unknown stock nothing is free, and nothing can be held."""
    assert shop.holds.free("chairs") == 0
    with shop.store.transaction(), pytest.raises(SoldOut, match="1 wanted, 0 free"):
        shop.holds.place("h", "chairs", 1, NOW)


def test_a_key_holds_once(shop: Shop) -> None:
    """A second hold under the same key is refused, and its transaction leaves no trace."""
    with shop.store.transaction():
        shop.holds.place("h", "seats", 1, NOW)
    with pytest.raises(Taken), shop.store.transaction():
        shop.holds.place("h", "seats", 1, NOW)
    assert shop.counts == (4, 1, 0)


def test_due_yields_what_has_expired_earliest_first(shop: Shop) -> None:
    """A hold is due from its instant on, not a microsecond earlier, and in the order of expiry."""
    with shop.store.transaction():
        shop.holds.place("third", "seats", 1, NOW + 3 * MINUTE)
        shop.holds.place("first", "seats", 1, NOW + MINUTE)
        shop.holds.place("second", "seats", 1, NOW + 2 * MINUTE)
        assert not shop.holds.overdue(NOW + MINUTE - timedelta(microseconds=1))
        assert shop.holds.overdue(NOW + MINUTE)
        due = [key for key, _ in shop.holds.due(NOW + 2 * MINUTE) if shop.holds.release(key)]
    assert (due, shop.counts) == (["first", "second"], (4, 1, 0))


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_units_are_neither_made_nor_lost(steps: list[tuple[str, str, int]]) -> None:
    """Free, held and sold sum up to the stock, none below 0, and the holds are what is held."""
    shop = Shop()
    for what, key, quantity in steps:
        try:
            with shop.store.transaction():
                match what:
                    case "place":
                        shop.holds.place(key, "seats", quantity, NOW)
                    case "sell":
                        shop.holds.sell("seats", quantity)
                    case "confirm":
                        shop.holds.confirm(key)
                    case _:
                        shop.holds.release(key)
        except (SoldOut, Taken):
            pass
        assert sum(shop.counts) == 5
        assert min(shop.counts) >= 0
        assert shop.counts[1] == sum(row["quantity"] for _, row in shop.table.items())


def test_a_stock_that_lacks_its_held_units_voids_the_hold() -> None:
    """Rows that somebody changed under a hold break nothing: it ends, and makes no unit of its own."""
    store = Store()
    stock, held = store.declare("stock"), store.declare("holds", HOLDS)
    holds = Holds(stock, held)
    for end in (holds.confirm, holds.release):
        with store.transaction():
            stock.put("s", {"free": 2, "held": 0, "sold": 0})
            holds.place("h", "s", 2, NOW)
            stock.put("s", {"free": 0, "held": 1, "sold": 0})
            assert not end("h")
        assert (stock.get("s"), len(held)) == ({"free": 1, "held": 0, "sold": 0}, 0)
