"""How rows come to be: from seed files, and made up."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mocktill.apis.deem import API
from mocktill.apis.deem.factory import factory
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.seeds import BrokenSeed
from tests.apis.deem.shop import Shop, purchase_of
from tests.conftest import NOW

SEED = "version: 1\ntables:\n"


def test_a_deal_s_stock_becomes_a_stock_row() -> None:
    """`stock` of a deal is what is free of it, and no field of the deal's row."""
    rows = factory({"deals": {"d": {"title": "T", "price": 5, "stock": 7}}})
    assert rows["deals"] == {"d": {"title": "T", "price": 5}}
    assert rows["stock"] == {"d": {"free": 7, "held": 0, "sold": 0}}
    assert rows["holds"] == {}


def test_seeded_purchases_are_counted() -> None:
    """What is fulfilled is sold, and what is reserved is held for five minutes from its creation."""
    bought = {"deal_id": "d", "price": 5, "created_at": "2026-03-02T12:00:00Z"}
    rows = factory(
        {
            "deals": {"d": {"title": "T", "price": 5, "stock": 7}},
            "purchases": {
                "f": {**bought, "quantity": 3, "state": "fulfilled"},
                "r": {**bought, "quantity": 2, "state": "reserved"},
                "l": {**bought, "quantity": 1, "state": "released"},
                "e": {**bought, "quantity": 1, "state": "expired"},
            },
        }
    )
    assert rows["stock"] == {"d": {"free": 7, "held": 2, "sold": 3}}
    assert rows["holds"] == {"r": {"stock": "d", "quantity": 2, "expires_at": "2026-03-02T12:05:00.000000Z"}}


def test_a_seeded_coupon_has_the_user_of_its_purchase() -> None:
    """A coupon is found by its user, who is that of its purchase unless the seed says another."""
    bought = {"deal_id": "d", "price": 5, "created_at": "2026-03-02T12:00:00Z", "quantity": 1, "state": "fulfilled"}
    coupon = {"created_at": "2026-03-02T12:00:00Z"}
    rows = factory(
        {
            "purchases": {"u": {**bought, "user_id": "me"}, "n": bought},
            "coupons": {
                "a": {**coupon, "purchase_id": "u"},
                "b": {**coupon, "purchase_id": "n"},
                "c": {**coupon, "purchase_id": "u", "user_id": "you"},
            },
        }
    )
    assert {key: row.get("user_id") for key, row in rows["coupons"].items()} == {"a": "me", "b": None, "c": "you"}


def test_a_purchase_of_a_deal_that_is_gone_is_counted_too() -> None:
    """A purchase may outlive its deal: it has a stock of its own with nothing free."""
    bought = {"deal_id": "gone", "price": 5, "created_at": "2026-03-02T12:00:00Z", "quantity": 3}
    rows = factory({"purchases": {"f": {**bought, "state": "fulfilled"}}})
    assert rows["stock"] == {"gone": {"free": 0, "held": 0, "sold": 3}}


def test_the_factory_changes_no_seed() -> None:
    """The tables that come in stay as they were: every sandbox begins with them."""
    tables = {"deals": {"d": {"title": "T", "price": 5, "stock": 7}}}
    factory(tables)
    assert tables == {"deals": {"d": {"title": "T", "price": 5, "stock": 7}}}


def own(tmp_path: Path, rows: str) -> Shop:
    """Return Deem with a user's seed file laid over the factory's."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text(SEED + rows)
    return Shop(Sandbox(Catalogue([API], tmp_path), setup=Setup(now=NOW)))


def test_a_seeded_reservation_lives(tmp_path: Path) -> None:
    """A reservation of a user's seed holds its units, runs out, and is claimed as any other."""
    shop = own(
        tmp_path,
        "  purchases:\n    mine: {deal_id: last-one, quantity: 1, price: 2000, state: reserved,"
        ' created_at: "2026-03-02T11:58:00Z"}\n',
    )
    assert (shop.stock("last-one").free, shop.stock("last-one").held) == (1, 1)
    assert purchase_of(shop.get("mine"))["fulfillment_state"] == "reserved"
    shop.box.clock.advance(minutes=3)
    assert (shop.stock("last-one").free, shop.stock("last-one").held) == (2, 0)
    assert purchase_of(shop.claim("mine"))["fulfillment_state"] == "fulfilled"


def test_a_seeded_purchase_that_says_least_is_shown(tmp_path: Path) -> None:
    """A purchase with no user and no card, of a deal that is gone, is answered by the contract."""
    shop = own(
        tmp_path,
        "  purchases:\n    mine: {deal_id: last-one, quantity: 1, price: 1, state: fulfilled,"
        ' created_at: "2026-03-02T11:58:00Z", coupons: [c]}\n'
        '  coupons:\n    c: {purchase_id: mine, created_at: "2026-03-02T11:59:00Z"}\n',
    )
    with shop.box.changing():
        shop.box.table("deem.deals").delete("last-one")
    purchase = purchase_of(shop.get("mine"))
    assert (purchase["user_id"], purchase["deal"]["title"]) == (None, "")
    assert purchase["coupons"][0]["created_at"] == "Mon Mar 02 11:59:00 UTC 2026"


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ("  deals:\n    d: {title: T, price: -1, stock: 1}\n", "/tables/deals/d/price"),
        ("  deals:\n    d: {title: T, price: 1}\n", "/tables/deals/d/stock"),
        ("  cards:\n    c: {charge: maybe}\n", "/tables/cards/c/charge"),
        ("  credentials:\n    k: {state: lost}\n", "/tables/credentials/k/state"),
        ("  nothing:\n    k: {}\n", "/tables/nothing"),
    ],
)
def test_a_mistake_in_a_seed_is_named(tmp_path: Path, rows: str, pointer: str) -> None:
    """A seed that the schema does not accept stops the start with file, line and pointer."""
    with pytest.raises(BrokenSeed, match=r"seed\.yaml:[0-9]+: " + pointer + ":"):
        own(tmp_path, rows)


def test_a_seed_s_numbers_have_bounds(tmp_path: Path) -> None:
    """No seed lets a user buy so many that a total or a list of coupons is too large to answer."""
    with pytest.raises(BrokenSeed, match="/tables/deals/d/max_per_user"):
        own(
            tmp_path,
            "  deals:\n    d: {title: T, price: 1000000000000, stock: 1000000000000, max_per_user: 1000000000000}\n",
        )


def test_populate_makes_living_purchases(shop: Shop) -> None:
    """Each has a deal, a user, a card and coupons of its own, adds up, and can be bought again."""
    made = shop.box.populate(20, "deem")["deem"]
    assert len(set(made)) == 20
    for key in made:
        purchase = purchase_of(shop.get(key))
        assert purchase["amount"] == purchase["price"] * purchase["number_bought"] > 0
        assert len(purchase["coupons"]) == purchase["number_bought"] == shop.stock(purchase["deal_id"]).sold
        assert purchase["user_id"]
        assert purchase["credit_card_id"]
    assert shop.reserve(deal_id=shop.row(made[0])["deal_id"], num_bought=1).status_code == 200


def test_populate_goes_on_where_it_was(shop: Shop) -> None:
    """A second time makes others, and the factory's rows stay."""
    first, second = (shop.box.populate(50, "deem")["deem"] for _ in range(2))
    assert len({*first, *second}) == 100
    assert len(shop.box.table("deem.purchases")) == 101


def test_populate_is_the_same_for_the_same_seed(catalogue: Catalogue) -> None:
    """Seed and number say what is made, to the last field."""
    boxes = [Sandbox(catalogue, setup=Setup(now=NOW, populate=25, seed=seed)) for seed in (7, 7, 8)]
    rows = [box.store.rows()["deem.purchases"] for box in boxes]
    assert rows[0] == rows[1] != rows[2]


def test_populate_makes_a_thousand_quickly(shop: Shop) -> None:
    """A thousand take far less than anybody waits for."""
    begun = time.perf_counter()
    assert len(shop.box.populate(1_000, "deem")["deem"]) == 1_000
    assert time.perf_counter() - begun < 5
