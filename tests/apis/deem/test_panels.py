"""What a person sees of Deem while units of a deal are reserved, run out, are claimed and are changed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.apis.deem.shop import CARD_FIELDS, DEAL, DOCUMENTED_PURCHASE, Shop
from tests.cells import cells_of, control_of, hold_cells, hold_fields
from tests.control.control import Control

COUPON = "a21c5452d8"


@pytest.fixture
def control(catalogue: Catalogue) -> Control:
    """A client of the control API."""
    return control_of(catalogue)


@pytest.fixture
def box(control: Control) -> Sandbox:
    """The sandbox that it is about."""
    return control.sandboxes.default


def seen(control: Control, panel: str, key: str) -> Any:
    """Return the cells of one object."""
    return cells_of(control.get(f"/panels/deem/{panel}?key={key}"))[key]


def test_a_reservation_counts_down(control: Control, shop: Shop) -> None:
    """Units that are reserved are held by the deal, and listed until they run out; then they are free again."""
    free = seen(control, "deals", DEAL)["stock"]["free"]
    purchase = shop.brought_to("reserved")
    assert seen(control, "deals", DEAL)["stock"] == {"free": free - 2, "held": 2, "sold": 1}
    reservations = control.get("/panels/deem/reservations")
    assert cells_of(reservations)[purchase] == {
        "purchase": purchase,
        "deal": DEAL,
        "title": "$39 for a cut at the Hair Studio",
        "quantity": 2,
        "total": {"amount": 7800, "currency": "USD"},
        "expires": "2026-03-02T12:05:00.000000Z",
    }
    hold_cells(reservations)
    hold_fields(shop.box, reservations)
    assert seen(control, "purchases", purchase)["state"] == {"value": "reserved", "tone": "waiting"}
    control.ok("POST", "/clock", {"advance": "5m"})
    assert control.get("/panels/deem/reservations")["total"] == 0
    assert seen(control, "deals", DEAL)["stock"] == {"free": free, "held": 0, "sold": 1}


@pytest.mark.parametrize("word", ["released", "expired"])
def test_a_state_is_that_of_the_wire(control: Control, shop: Shop, word: str) -> None:
    """A reservation that ran out is called as the wire calls it, by choice; no answer was decided by that."""
    shop.box.choices["deem.expired_reservation"] = word
    purchase = shop.brought_to("expired")
    assert seen(control, "purchases", purchase)["state"]["value"] == word
    assert shop.get(purchase).get_json()["purchase"]["fulfillment_state"] == word


def test_a_claim_makes_coupons(control: Control, shop: Shop) -> None:
    """What is claimed has its user and coupons, the newest first, each with a picture of its code and a page."""
    purchase = shop.brought_to("fulfilled")
    bought = seen(control, "purchases", purchase)
    assert (bought["state"], bought["user"]) == ({"value": "fulfilled", "tone": "good"}, "ABC123")
    coupons = cells_of(control.get("/panels/deem/coupons"))
    assert [*coupons] == [*bought["coupons"][::-1], COUPON]
    newest = bought["coupons"][-1]
    assert coupons[newest]["qr"]["path"] == f"/coupon/qr_code/{newest}"
    assert coupons[newest]["print"]["path"] == f"/coupons/{newest}/print"
    assert [*cells_of(control.get("/panels/deem/purchases"))] == [purchase, DOCUMENTED_PURCHASE]


def test_a_deal_lands_by_itself(control: Control) -> None:
    """A deal whose end is set to an instant that has passed is no longer in flight, and a coupon expires likewise."""
    control.ok("PATCH", f"/state/deem.deals/{DEAL}", {"ends_at": "2026-03-02T11:59:59Z"})
    control.ok("PATCH", f"/state/deem.coupons/{COUPON}", {"expires_at": "2026-03-02T11:59:59Z"})
    assert seen(control, "deals", DEAL)["state"] == {"value": "landed", "tone": "plain"}
    assert seen(control, "coupons", COUPON)["state"] == {"value": "expired", "tone": "bad"}


def test_a_stock_is_edited(control: Control, shop: Shop) -> None:
    """The fields of a deal's stock are those of the table that they name."""
    panel = control.get(f"/panels/deem/deals?key={DEAL}")
    (free,) = [field for field in panel["fields"] if field["name"] == "free"]
    control.ok("PATCH", f"/state/{free['table']}/{DEAL}", {"free": 1})
    assert seen(control, "deals", DEAL)["stock"]["free"] == 1
    assert shop.reserve().status_code == 422


def test_a_picture(control: Control, shop: Shop) -> None:
    """A deal shows the picture that the sandbox has, whatever its name; one on another host is nobody's to ask for."""
    control.ok("PATCH", f"/state/deem.deals/{DEAL}", {"image_url": "deals/a cut?.gif"})
    assert seen(control, "deals", DEAL)["picture"]["path"] == "/images/deals/a%20cut%3F.gif"
    control.ok("PATCH", f"/state/deem.deals/{DEAL}", {"image_url": "http://elsewhere.example/a.gif"})
    assert seen(control, "deals", DEAL)["picture"] is None


def test_a_card_shows_the_end_of_its_number(control: Control, shop: Shop) -> None:
    """Of a new card nothing is shown but its last four digits, and what charging it comes to."""
    card = shop.add_card().get_json()["credit_card_id"]
    answer = control.get(f"/panels/deem/cards?key={card}")
    assert cells_of(answer)[card]["number"] == "XXXX" + CARD_FIELDS["number"][-4:]
    assert CARD_FIELDS["number"] not in str(answer)
