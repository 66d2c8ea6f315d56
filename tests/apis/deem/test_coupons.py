"""Coupons: redeemed once, by whoever shows one or in the name of its user, while they are valid."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mocktill.apis.deem import users
from mocktill.apis.deem.show import CouponState, coupon_state
from mocktill.core.store import Row
from tests.apis.deem.shop import COUPON_KEYS, DEAL, DOCUMENTED_PURCHASE, Shop, basis_of, error, purchase_of

COUPON = "a21c5452d8"
FAILED = error("redeem_failed", "Unable to redeem")
OVER = ("cancelled", "expired", "reissued")


def bought(shop: Shop) -> list[str]:
    """Return the coupons of two units that another user buys, of a deal whose coupons expire."""
    made = shop.create(deal_id="short-vouchers", user_id="XYZ789", credit_card_id="my-own", expected_price_per_unit=500)
    return [coupon["id"] for coupon in purchase_of(shop.get(purchase_of(made)["id"]))["coupons"]]


@pytest.mark.parametrize("user", ["", "ABC123"])
def test_a_redeemed_coupon_as_it_is_answered(shop: Shop, user: str) -> None:
    """The coupon is redeemed now, in Deem's dates; the purchase that it belongs to shows the same."""
    answer = shop.redeem(COUPON, user)
    assert (answer.status_code, basis_of(answer)) == (200, "published")
    coupon = answer.get_json()["coupon"]
    assert list(coupon) == COUPON_KEYS
    assert (coupon["id"], coupon["state"]) == (COUPON, "redeemed")
    assert coupon["redeemed_at"] == "Mon Mar 02 12:00:00 UTC 2026"
    assert coupon["created_at"] == "Fri Dec 16 19:14:55 UTC 2011"
    assert purchase_of(shop.get(DOCUMENTED_PURCHASE))["coupons"] == [coupon]
    assert shop.listing("coupons").get_json()["coupons"] == [coupon]


@pytest.mark.parametrize("user", ["", "ABC123"])
def test_a_coupon_is_redeemed_once(shop: Shop, user: str) -> None:
    """The second time fails and changes nothing, also the instant of the first."""
    shop.redeem(COUPON, user)
    shop.box.clock.advance(minutes=1)
    before = shop.box.store.rows()
    answer = shop.redeem(COUPON, user)
    assert (answer.status_code, answer.get_json(), basis_of(answer)) == (409, FAILED, "assumed")
    assert shop.box.store.rows() == before


@pytest.mark.parametrize(("coupon", "user"), [("nobody-knows-it", ""), ("nobody-knows-it", "ABC123"), (COUPON, "me")])
def test_an_unknown_coupon_cannot_be_redeemed(shop: Shop, coupon: str, user: str) -> None:
    """A coupon that there is not, or that the user has not, is not found."""
    answer = shop.redeem(coupon, user)
    assert (answer.status_code, answer.get_json()) == (404, FAILED)
    assert shop.entry.changes == ()


@pytest.mark.parametrize("state", OVER)
def test_a_coupon_that_is_over_cannot_be_redeemed(shop: Shop, state: Any) -> None:
    """A coupon that was cancelled, has expired or was reissued fails, or is redeemed where that is chosen."""
    shop.box.view("deem").set_coupon_state(COUPON, state)
    answer = shop.redeem(COUPON)
    assert (answer.status_code, answer.get_json()) == (409, FAILED)
    shop.box.choices["deem.redeem_invalid"] = "redeem"
    answer = shop.redeem(COUPON)
    assert (answer.status_code, basis_of(answer)) == (200, "assumed")
    assert answer.get_json()["coupon"]["state"] == "redeemed"


def test_every_failure_can_have_one_status(shop: Shop) -> None:
    """By choice a failure to redeem is a 422, whatever the reason; other conflicts stay as they are."""
    shop.box.choices["deem.redeem_status"] = "422"
    shop.redeem(COUPON)
    for coupon in (COUPON, "nobody-knows-it"):
        answer = shop.redeem(coupon)
        assert (answer.status_code, answer.get_json()) == (422, FAILED)
    assert shop.release(DOCUMENTED_PURCHASE).status_code == 409


def test_another_user_s_coupon_can_be_redeemed_by_choice(shop: Shop) -> None:
    """Where that is chosen it is redeemed, and stays its user's."""
    shop.box.choices["deem.other_users_coupon"] = "redeem"
    assert shop.redeem(COUPON, "XYZ789").get_json()["coupon"]["state"] == "redeemed"
    assert shop.box.view("deem").coupon(COUPON).user_id == "ABC123"


def test_a_coupon_lasts_as_long_as_its_deal_says(shop: Shop) -> None:
    """At its instant a valid coupon expires by itself; one that was redeemed before stays redeemed."""
    one, other = bought(shop)
    shop.redeem(one)
    end = shop.box.view("deem").coupon(other).expires_at
    shop.box.clock.travel_to(end - timedelta(seconds=1))
    assert shop.box.view("deem").coupon(other).state == "valid"
    shop.box.clock.advance(seconds=1)
    shown = {coupon["id"]: coupon["state"] for coupon in shop.listing("coupons", "XYZ789").get_json()["coupons"]}
    assert shown == {one: "redeemed", other: "expired"}
    assert shop.redeem(other).status_code == 409


def test_a_coupon_outlives_its_deal(shop: Shop) -> None:
    """A coupon of a deal that is gone is redeemed like any other."""
    with shop.box.changing():
        shop.box.table("deem.deals").delete(DEAL)
    assert shop.redeem(COUPON).status_code == 200


@pytest.mark.parametrize(
    ("said", "states"),
    [
        ("valid", ["valid"]),
        ("redeemed", ["redeemed"]),
        ("expired", []),
        ("valid,redeemed", ["redeemed", "valid"]),
        (" redeemed , valid ", ["redeemed", "valid"]),
        ("", ["redeemed", "valid"]),
    ],
)
def test_coupons_are_filtered_by_their_state(shop: Shop, said: str, states: list[str]) -> None:
    """A filter names one or more states; without one all coupons are there; the count is filtered too."""
    one, _ = bought(shop)
    shop.redeem(one)
    shown = shop.listing("coupons", "XYZ789", filter=said).get_json()["coupons"]
    assert sorted(coupon["state"] for coupon in shown) == states
    assert shop.listing("coupons", "XYZ789", filter=said, count="true").get_json()["count"] == len(states)


def test_a_filtered_list_has_pages_and_an_order(shop: Shop) -> None:
    """A filter leaves coupons out before pages are made of them, whichever comes first."""
    coupons = bought(shop)
    for order in ("oldest_first", "newest_first"):
        shop.box.choices["deem.list_order"] = order
        pages = [
            shop.listing("coupons", "XYZ789", filter="valid", per_page="1", page=page).get_json()["coupons"]
            for page in "123"
        ]
        assert sorted(coupon["id"] for page in pages for coupon in page) == sorted(coupons)
        assert pages[2] == []


@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
def test_a_filtered_page_is_soon_full(shop: Shop, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """However many coupons a user has, a page looks no further than to its end."""
    shop.box.choices["deem.list_order"] = order
    row = shop.box.table("deem.coupons").get(COUPON) or {}
    with shop.box.changing():
        for number in range(2500):
            shop.box.table("deem.coupons").insert(f"made-{number:04}", {**row, "place": number})
    asked: list[Row] = []

    def state(row: Row, now: datetime) -> CouponState:
        asked.append(row)
        return coupon_state(row, now)

    monkeypatch.setattr(users, "coupon_state", state)
    shown = shop.listing("coupons", filter="valid", per_page="3", page="2").get_json()["coupons"]
    made = {"oldest_first": [2, 3, 4], "newest_first": [2496, 2495, 2494]}[order]
    assert [coupon["id"] for coupon in shown] == [f"made-{number:04}" for number in made]
    assert len(asked) < 10
    last = shop.listing("coupons", filter="valid", per_page="1", page="2501").get_json()["coupons"]
    assert [coupon["id"] for coupon in last] == ["made-2499" if order == "oldest_first" else COUPON]
    assert shop.listing("coupons", filter="valid", count="true").get_json()["count"] == 2501


def test_an_unknown_filter_is_told(shop: Shop) -> None:
    """A state that no filter has is left out and noted, or refused where that is chosen."""
    answer = shop.listing("coupons", filter="valid,lost")
    assert [coupon["state"] for coupon in answer.get_json()["coupons"]] == ["valid"]
    assert any("filter" in note for note in shop.entry.notes)
    shop.box.choices["deem.list_parameters"] = "refuse"
    answer = shop.listing("coupons", filter="valid,lost")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "filter")
