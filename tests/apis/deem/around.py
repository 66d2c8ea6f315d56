"""The open questions around purchases: a situation for each, and what each option makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from werkzeug.test import TestResponse

from tests.apis.deem.outcomes import Outcome, made, refused, wrong
from tests.apis.deem.shop import CARD, DEAL, RESERVING, Shop

COUPON = "a21c5452d8"
INVALID = ("validation_failed", "validation failed")
REDEEM_FAILED = ("redeem_failed", "Unable to redeem")
NOT_FOUND = ("find_failed", "Unable to find")


def with_a_key(shop: Shop) -> TestResponse:
    """Reserve twice with the same key."""
    for _ in range(2):
        answer = shop.ask("POST", "/v1/purchases/reserve", json=RESERVING, headers={"Idempotency-Key": "once"})
    return answer


def deal_with_a_reservation(shop: Shop) -> TestResponse:
    """Get a deal of which two units are reserved; the numbers alone."""
    shop.reserve()
    return shop.ask("GET", f"/v1/deals/{DEAL}")


def two_purchases(shop: Shop) -> TestResponse:
    """List two purchases, the documented one and one that was made later."""
    shop.create()
    return shop.listing("purchases", per_page="1")


def redeemed_when_cancelled(shop: Shop) -> TestResponse:
    """Redeem a coupon that was cancelled."""
    shop.set_row("coupons", COUPON, state="cancelled")
    return shop.redeem(COUPON)


def with_both(shop: Shop) -> TestResponse:
    """Buy with the id of a user and the fields of another, the address of a third kind is not there."""
    return shop.full(user_id="ABC123", credit_card=None, credit_card_id=CARD, shipping_address=None)


def again(shop: Shop) -> TestResponse:
    """Add the same card twice, and list them."""
    for _ in range(2):
        assert shop.add_card().status_code == 200
    return shop.add_card()


SITUATIONS: Mapping[str, Callable[[Shop], TestResponse]] = {
    "idempotency": with_a_key,
    "num_left": deal_with_a_reservation,
    "ended_state": lambda shop: shop.ask("GET", "/v1/deals/ended"),
    "unknown_user_path": lambda shop: shop.ask("GET", "/v1/users/nobody-knows-her"),
    "list_order": two_purchases,
    "list_parameters": lambda shop: shop.listing("purchases", per_page="0"),
    "count_shape": lambda shop: shop.listing("purchases", count="true"),
    "unknown_session": lambda shop: shop.create(session_id="nobody-knows-it"),
    "other_users_card": lambda shop: shop.create(user_id="XYZ789"),
    "card_number": lambda shop: shop.add_card(number="4111111111111112"),
    "card_expiry": lambda shop: shop.add_card(year=2014),
    "card_type": lambda shop: shop.add_card(number="5555555555554444"),
    "same_card": again,
    "redeem_status": lambda shop: shop.redeem("nobody-knows-it"),
    "redeem_invalid": redeemed_when_cancelled,
    "other_users_coupon": lambda shop: shop.redeem(COUPON, "XYZ789"),
    "id_or_resource": with_both,
}

OUTCOMES: Mapping[tuple[str, str], Outcome] = {
    ("idempotency", "ignore"): made("documented", number_bought=2),
    ("idempotency", "honour"): made("documented", number_bought=2),
    ("num_left", "free"): made(),
    ("num_left", "unsold"): made(),
    ("ended_state", "landed"): made("published"),
    ("ended_state", "in-flight"): made("published"),
    ("unknown_user_path", "find_failed"): refused(404, *NOT_FOUND),
    ("unknown_user_path", "accept"): made(
        user={
            "id": "nobody-knows-her",
            "firstname": "",
            "lastname": "",
            "image_url": None,
            "points": 0,
            "token": None,
        }
    ),
    ("list_order", "oldest_first"): made(),
    ("list_order", "newest_first"): made(),
    ("list_parameters", "nearest"): made(),
    ("list_parameters", "refuse"): refused(422, *INVALID, wrong("purchase", "is invalid", field="per_page")),
    ("count_shape", "count"): made(count=1),
    ("count_shape", "in_place_of_the_list"): made(purchases=1),
    ("unknown_session", "accept"): made(number_bought=2),
    ("unknown_session", "refuse"): refused(
        422, *INVALID, wrong("purchase", "not found", "not_found", field="session_id")
    ),
    ("other_users_card", "accept"): made("documented", user_id="XYZ789", credit_card_id=CARD),
    ("other_users_card", "refuse"): refused(422, *INVALID, wrong("credit_card", "is another user's", "not_owner")),
    ("card_number", "digits"): made(),
    ("card_number", "check_digit"): refused(422, *INVALID, wrong("credit_card", "is invalid", field="number")),
    ("card_expiry", "accept"): made(),
    ("card_expiry", "refuse"): refused(422, *INVALID, wrong("credit_card", "has expired", field="year")),
    ("card_type", "visa"): made(),
    ("card_type", "brand"): made(),
    ("same_card", "matched"): made(),
    ("same_card", "new"): made(),
    ("redeem_status", "by_reason"): refused(404, *REDEEM_FAILED),
    ("redeem_status", "422"): refused(422, *REDEEM_FAILED),
    ("redeem_invalid", "redeem_failed"): refused(409, *REDEEM_FAILED),
    ("redeem_invalid", "redeem"): made(),
    ("other_users_coupon", "redeem_failed"): refused(404, *REDEEM_FAILED),
    ("other_users_coupon", "redeem"): made(),
    ("id_or_resource", "id"): made(user_id="ABC123"),
    ("id_or_resource", "resource"): refused(422, *INVALID, wrong("credit_card", "is another user's", "not_owner")),
}
