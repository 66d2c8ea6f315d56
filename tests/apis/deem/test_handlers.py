"""What each operation does: every transition from every state, stock, coupons, amounts, magic values."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mocktill.apis.deem.show import deem_date
from mocktill.apis.deem.view import Stock
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.apis.deem.shop import (
    CARD,
    COUPON_KEYS,
    DEAL,
    DEAL_KEYS,
    DOCUMENTED_PURCHASE,
    PURCHASE_KEYS,
    Shop,
    basis_of,
    error,
    id_of,
    purchase_of,
)

FREE, HELD, SOLD = Stock(1000, 0, 1), Stock(998, 2, 1), Stock(998, 0, 3)
STATES = ("reserved", "fulfilled", "created", "released", "expired")
ACTIONS = ("claim", "release", "get", "expire")


@dataclass(frozen=True)
class After:
    """What an action in a state comes to: status and basis, the state kept, the words shown, the stock."""

    status: int
    basis: str
    kept: str
    shown: str
    stock: Stock


CONFLICT = After(409, "assumed", "fulfilled", "fulfilled", SOLD)
TRANSITIONS = {
    ("reserved", "claim"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("reserved", "release"): After(200, "documented", "released", "released", FREE),
    ("reserved", "get"): After(200, "documented", "reserved", "reserved", HELD),
    ("reserved", "expire"): After(200, "assumed", "expired", "released", FREE),
    ("fulfilled", "claim"): CONFLICT,
    ("fulfilled", "release"): CONFLICT,
    ("fulfilled", "get"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("fulfilled", "expire"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("created", "claim"): CONFLICT,
    ("created", "release"): CONFLICT,
    ("created", "get"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("created", "expire"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("released", "claim"): After(200, "assumed", "fulfilled", "fulfilled", SOLD),
    ("released", "release"): After(200, "assumed", "released", "released", FREE),
    ("released", "get"): After(200, "documented", "released", "released", FREE),
    ("released", "expire"): After(200, "documented", "released", "released", FREE),
    ("expired", "claim"): After(200, "documented", "fulfilled", "fulfilled", SOLD),
    ("expired", "release"): After(200, "assumed", "expired", "released", FREE),
    ("expired", "get"): After(200, "assumed", "expired", "released", FREE),
    ("expired", "expire"): After(200, "assumed", "expired", "released", FREE),
}


def act(shop: Shop, action: str, purchase: str) -> TestResponse:
    """Do the action; what time did is seen by getting the purchase."""
    match action:
        case "claim":
            return shop.claim(purchase)
        case "release":
            return shop.release(purchase)
        case "expire":
            shop.expire()
    return shop.get(purchase)


def test_every_transition_is_decided() -> None:
    """Each action has its line for each state."""
    assert set(TRANSITIONS) == {(state, action) for state in STATES for action in ACTIONS}


@pytest.mark.parametrize(("state", "action"), TRANSITIONS)
def test_a_transition(shop: Shop, state: str, action: str) -> None:
    """From this state this action leads there: on the wire, in the rows, in the stock, and as well known."""
    purchase, after = shop.brought_to(state), TRANSITIONS[state, action]
    before = shop.row(purchase)
    answer = act(shop, action, purchase)
    assert (answer.status_code, basis_of(answer)) == (after.status, after.basis)
    assert shop.row(purchase)["state"] == after.kept
    assert shop.stock() == after.stock
    if answer.status_code == 409:
        assert answer.get_json() == error("update_failed", "Unable to update")
        assert shop.row(purchase) == before
        assert shop.entry.changes == ()
        return
    shown = purchase_of(answer)
    assert list(shown) == PURCHASE_KEYS
    charged = after.shown == "fulfilled"
    assert (shown["fulfillment_state"], shown["payment_state"], shown["amount"], len(shown["coupons"])) == (
        (after.shown, "charged", 7800, 2) if charged else (after.shown, "pending", 0, 0)
    )


@pytest.mark.parametrize("state", STATES)
def test_expiry_happens_to_reservations_only(shop: Shop, state: str) -> None:
    """Five minutes on, what is reserved runs out, and what is not stays as it is."""
    shop.brought_to(state)
    assert len(shop.expire()) == (1 if state == "reserved" else 0)


def test_a_reservation_lasts_five_minutes(shop: Shop) -> None:
    """One microsecond before the five minutes it holds; at five minutes it has run out."""
    purchase = shop.brought_to("reserved")
    shop.box.clock.advance(minutes=5, microseconds=-1)
    assert shop.stock() == HELD
    (event,) = shop.box.clock.advance(microseconds=1)
    assert (event.key, event.stock, event.quantity) == (purchase, DEAL, 2)
    assert event.sentence == f"reservation {purchase} expired: 2 of {DEAL} returned"
    assert shop.stock() == FREE


def test_an_expiry_is_noted_where_it_is_found(shop: Shop) -> None:
    """A request that finds a reservation run out says so in its own journal entry."""
    purchase = shop.brought_to("reserved")
    with shop.box.changing():
        shop.box.table("mocktill.clock").put("clock", {"mode": "frozen", "at": "2026-03-02T12:05:00.000000Z"})
    shop.get(DOCUMENTED_PURCHASE)
    assert shop.entry.notes == (f"reservation {purchase} expired: 2 of {DEAL} returned",)


def test_a_late_claim_is_noted(shop: Shop) -> None:
    """The journal says of a claim that came late that it was tried from the stock; the wire does not."""
    purchase = shop.brought_to("expired")
    assert shop.claim(purchase).status_code == 200
    assert shop.entry.notes == (f"the reservation {purchase} was not valid any more: claimed anew from the stock",)


def test_a_late_claim_fails_when_the_deal_is_sold_out(shop: Shop) -> None:
    """Of a reservation that ran out the claim is attempted, and refused when somebody has the units."""
    late = shop.brought_to("expired", "last-one", 1)
    shop.brought_to("created", "last-one", 1)
    answer = shop.claim(late)
    assert (answer.status_code, basis_of(answer)) == (422, "assumed")
    assert answer.get_json() == error("cannot_fufill", "The purchase cannot be fulfilled")
    assert shop.row(late)["state"] == "expired"
    assert shop.stock("last-one") == Stock(0, 0, 1)


def test_a_valid_claim_needs_no_free_stock(shop: Shop) -> None:
    """What is reserved is claimed although nothing else is left."""
    purchase = shop.brought_to("reserved", "last-one", 1)
    assert shop.stock("last-one") == Stock(0, 1, 0)
    assert shop.claim(purchase).status_code == 200
    assert shop.stock("last-one") == Stock(0, 0, 1)


def test_a_valid_claim_outlives_its_deal(shop: Shop) -> None:
    """A deal that ends or is paused during the five minutes does not take a reservation back."""
    purchase = shop.brought_to("reserved")
    shop.set_row("deals", DEAL, state="paused")
    assert (shop.claim(purchase).status_code, shop.reserve().status_code) == (200, 422)


def test_a_late_claim_of_an_ended_deal_fails(shop: Shop) -> None:
    """Tried anew, a claim meets what any purchase meets: a deal that cannot be bought any more."""
    late = shop.brought_to("expired")
    shop.set_row("deals", DEAL, state="landed")
    answer = shop.claim(late)
    assert (answer.status_code, answer.get_json()["error_type"]) == (422, "cannot_fufill")


def test_a_late_claim_keeps_the_price_of_its_reservation(shop: Shop) -> None:
    """The price is the reservation's, also where the deal's has changed meanwhile."""
    late = shop.brought_to("expired")
    shop.set_row("deals", DEAL, price=4200)
    purchase = purchase_of(shop.claim(late))
    assert (purchase["price"], purchase["amount"]) == (3900, 7800)


def test_a_claim_shows_no_card_whatever_the_row_says(shop: Shop) -> None:
    """The answer to a claim has `credit_card_id` null, also for a seeded row that has a card."""
    purchase = shop.brought_to("reserved")
    shop.set_row("purchases", purchase, credit_card_id=CARD)
    assert purchase_of(shop.claim(purchase))["credit_card_id"] is None


def test_a_reservation_as_it_is_answered(shop: Shop) -> None:
    """The whole body of a living reservation, in the documented order."""
    answer = shop.reserve()
    purchase = purchase_of(answer)
    assert purchase == {
        "id": purchase["purchase_id"],
        "purchase_id": purchase["id"],
        "deal_type": "daily-deal",
        "deal_id": DEAL,
        "price": 3900,
        "amount": 0,
        "number_bought": 2,
        "payment_state": "pending",
        "fulfillment_state": "reserved",
        "created_at": "Mon Mar 02 12:00:00 UTC 2026",
        "user_id": None,
        "credit_card_id": None,
        "deal": {
            "id": DEAL,
            "deal_id": DEAL,
            "title": "$39 for a cut at the Hair Studio",
            "type": "daily-deal",
            "image_url": "deals/generic_medium.gif",
            "image_url_abs": "http://localhost/images/deals/generic_medium.gif",
        },
        "coupons": [],
    }
    assert (list(purchase), list(purchase["deal"])) == (PURCHASE_KEYS, DEAL_KEYS)
    assert re.fullmatch(r"[0-9a-f]{8}", purchase["id"])


def test_a_creation_as_it_is_answered(shop: Shop) -> None:
    """A creation is charged and fulfilled at once, for its user and card, and shows no coupons."""
    answer = shop.create(session_id="an-affiliate-s")
    purchase = purchase_of(answer)
    assert (list(purchase), list(purchase["deal"])) == (PURCHASE_KEYS, DEAL_KEYS)
    assert purchase["coupons"] is None
    assert (purchase["payment_state"], purchase["fulfillment_state"]) == ("charged", "fulfilled")
    assert (purchase["user_id"], purchase["credit_card_id"]) == ("ABC123", CARD)
    assert (purchase["price"], purchase["number_bought"], purchase["amount"]) == (3900, 2, 7800)
    assert len(purchase_of(shop.get(purchase["id"]))["coupons"]) == 2


def test_a_claim_as_it_is_answered(shop: Shop) -> None:
    """A claim is charged and fulfilled, for the user who claims and no card, with its coupons."""
    purchase = purchase_of(shop.claim(shop.brought_to("reserved"), "XYZ789"))
    assert (list(purchase), list(purchase["deal"])) == (PURCHASE_KEYS, DEAL_KEYS)
    assert [list(coupon) for coupon in purchase["coupons"]] == [COUPON_KEYS, COUPON_KEYS]
    assert (purchase["user_id"], purchase["credit_card_id"]) == ("XYZ789", None)


def test_a_get_shows_what_a_claim_showed(shop: Shop) -> None:
    """Once claimed, a purchase reads the same as its claim was answered."""
    purchase = shop.brought_to("reserved")
    assert shop.claim(purchase).get_data() == shop.get(purchase).get_data()


def test_the_documented_purchase_lives(shop: Shop) -> None:
    """The documented purchase and its coupon are there from the start, with amounts that add up."""
    purchase = purchase_of(shop.get(DOCUMENTED_PURCHASE))
    assert purchase["created_at"] == "Fri Dec 16 19:11:15 UTC 2011"
    assert (purchase["price"], purchase["number_bought"], purchase["amount"]) == (3900, 1, 3900)
    assert purchase["deal"]["id"] == purchase["deal_id"]
    assert purchase["coupons"] == [
        {
            "id": "a21c5452d8",
            "expires_at": None,
            "created_at": "Fri Dec 16 19:14:55 UTC 2011",
            "qr_code_url": "http://localhost/coupon/qr_code/a21c5452d8",
            "qr_code": "apaosidnqw4tdsdpqi45jf091835ukdfq3-40695.kfmdg-q09i6m'ldfi8nqk6",
            "state": "valid",
            "redemption_code": None,
            "redeemed_at": None,
            "print_url": "http://localhost/coupons/a21c5452d8/print",
        }
    ]


@pytest.mark.parametrize("units", [1, 2, 3, 11])
@pytest.mark.parametrize("way", ["created", "fulfilled"])
def test_amounts_add_up_and_each_unit_has_a_coupon(shop: Shop, way: str, units: int) -> None:
    """`amount` is `price` by `number_bought`, and there are as many coupons, each its own."""
    purchase = purchase_of(shop.get(shop.brought_to(way, units=units)))
    assert purchase["amount"] == purchase["price"] * purchase["number_bought"] == 3900 * units
    for field in ("id", "qr_code", "redemption_code", "qr_code_url", "print_url"):
        assert len({coupon[field] for coupon in purchase["coupons"]}) == units
    for coupon in purchase["coupons"]:
        assert list(coupon) == COUPON_KEYS
        assert (coupon["state"], coupon["expires_at"], coupon["redeemed_at"]) == ("valid", None, None)
        assert coupon["created_at"] == "Mon Mar 02 12:00:00 UTC 2026"


def test_no_two_purchases_share_a_coupon_or_an_id(shop: Shop) -> None:
    """Ids are unique over purchases too, and begin anew for no other sandbox state."""
    purchases = [shop.brought_to(way, units=5) for way in ("created", "fulfilled") for _ in range(10)]
    coupons = [c["id"] for purchase in purchases for c in purchase_of(shop.get(purchase))["coupons"]]
    assert (len(set(purchases)), len(set(coupons))) == (20, 100)


@pytest.mark.parametrize("state", ["reserved", "released", "expired"])
def test_unpaid_purchases_have_neither_user_card_nor_coupons(shop: Shop, state: str) -> None:
    """Before the claim there is nobody to show, and no coupon, also in the rows."""
    purchase = shop.brought_to(state)
    shown = purchase_of(shop.get(purchase))
    assert (shown["user_id"], shown["credit_card_id"], shown["coupons"]) == (None, None, [])
    assert {key for key, _ in shop.box.table("deem.coupons").items()} == {"a21c5452d8"}


def test_links_are_on_the_host_that_was_asked(shop: Shop) -> None:
    """Links lead back to where the client came from."""
    answer = shop.get(DOCUMENTED_PURCHASE, headers={"Host": "shop.test:8080"})
    purchase = purchase_of(answer)
    assert purchase["deal"]["image_url_abs"] == "http://shop.test:8080/images/deals/generic_medium.gif"
    assert purchase["coupons"][0]["print_url"] == "http://shop.test:8080/coupons/a21c5452d8/print"


REFUSALS: Mapping[str, Callable[[Shop], TestResponse]] = {
    "sold out": lambda shop: shop.reserve(deal_id="sold-out", num_bought=1),
    "too many": lambda shop: shop.create(quantity=12),
    "another price": lambda shop: shop.create(expected_price_per_unit=1),
    "declined": lambda shop: shop.create(credit_card_id="card-declined"),
    "charge fails": lambda shop: shop.create(credit_card_id="card-fails"),
    "charging": lambda shop: shop.create(credit_card_id="card-charging"),
    "unknown deal": lambda shop: shop.reserve(deal_id="nobody-knows-it"),
    "unknown purchase": lambda shop: shop.claim("nobody-knows-it"),
    "invalid": lambda shop: shop.reserve(num_bought=None),
    "claim twice": lambda shop: shop.claim(DOCUMENTED_PURCHASE),
    "release after claim": lambda shop: shop.release(DOCUMENTED_PURCHASE),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_leaves_no_trace(shop: Shop, refusal: str) -> None:
    """What is refused changes no row, draws no id, and is in the journal all the same."""
    before = shop.box.store.rows()
    answer = REFUSALS[refusal](shop)
    assert answer.status_code in {402, 404, 409, 422}
    assert shop.box.store.rows() == before
    assert (shop.entry.status, shop.entry.changes) == (answer.status_code, ())
    assert shop.entry.basis.value == basis_of(answer)


def test_a_change_is_in_the_journal(shop: Shop) -> None:
    """The entry of a release shows the rows before and after."""
    purchase = shop.brought_to("reserved")
    shop.release(purchase)
    changes = {change.table: (change.before, change.after) for change in shop.entry.changes}
    assert set(changes) == {"deem.holds", "deem.stock", "deem.purchases"}
    before, after = changes["deem.purchases"]
    assert (before and before["state"], after and after["state"]) == ("reserved", "released")
    assert changes["deem.holds"][1] is None


def test_the_same_requests_make_the_same_ids(catalogue: Catalogue) -> None:
    """Two sandboxes of one seed answer the same story with the same ids and codes."""
    told = []
    for _ in range(2):
        shop = Shop(Sandbox(catalogue))
        purchase = id_of(shop.reserve())
        told.append((purchase, [c["redemption_code"] for c in purchase_of(shop.claim(purchase))["coupons"]]))
    assert told[0] == told[1]


def german(pattern: str, *when: Any) -> str:
    """Stand in for `time.strftime` on a machine that speaks German."""
    return _strftime(pattern.replace("%a", "Mo").replace("%b", "Mär").replace("%p", ""), *when)


_strftime = time.strftime


def test_dates_are_english_whatever_the_locale(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days and months are Deem's words, not the machine's."""
    monkeypatch.setattr(time, "strftime", german)
    assert purchase_of(shop.reserve())["created_at"] == "Mon Mar 02 12:00:00 UTC 2026"


@pytest.mark.parametrize("days", range(0, 366, 5))
def test_a_date_reads_as_documented(days: int) -> None:
    """The form is the documented one on every day of the week and in every month."""
    at = datetime(2011, 12, 16, 19, 11, 15, 999_999, tzinfo=UTC) + timedelta(days=days)
    assert deem_date(at) == at.strftime("%a %b %d %H:%M:%S UTC %Y")  # tests run in the C locale


def test_the_documented_date_reads_as_documented() -> None:
    """The documented instant reads as in the document."""
    assert deem_date(datetime(2011, 12, 16, 19, 11, 15, tzinfo=UTC)) == "Fri Dec 16 19:11:15 UTC 2011"
