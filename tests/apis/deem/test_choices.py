"""Every choice, every option: what each makes of one situation, and how well that answer is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mocktill.apis.deem.choices import CHOICES
from tests.apis.deem.around import OUTCOMES as AROUND
from tests.apis.deem.around import SITUATIONS as SITUATIONS_AROUND
from tests.apis.deem.outcomes import Outcome, check, made, refused, wrong
from tests.apis.deem.shop import CARD, DEAL, DOCUMENTED_PURCHASE, FORM, KEY, RESERVING, Shop, basis_of, error, id_of

OPTIONS = [(choice.name.removeprefix("deem."), option.value) for choice in CHOICES for option in choice.options]
OPEN_QUESTIONS = {
    "unknown_credentials",
    "link_host",
    "deal_image",
    "body_api_key",
    "error_status",
    "missing_parameter",
    "validation_error_type",
    "listed_coupon_fields",
    "expired_reservation",
    "claim_twice",
    "release_twice",
    "release_after_claim",
    "claim_after_release",
    "sold_out",
    "short_stock",
    "ended_deal",
    "too_many",
    "max_per_user",
    "price_mismatch",
    "unknown_deal",
    "unknown_purchase",
    "unknown_user",
    "unknown_card",
    "charge_failed",
    "pending_amount",
    "malformed_body",
    "wrong_method",
    "form_bodies",
    "json_suffix",
    *SITUATIONS_AROUND,
}


INVALID = ("validation_failed", "validation failed")
UNAUTHORIZED = ("auth_failed", "Authentication failed")
NOT_FOUND = ("find_failed", "Unable to find")
NO_STOCK = refused(422, "cannot_fufill", "The purchase cannot be fulfilled")
CONFLICT = refused(409, "update_failed", "Unable to update")
TOO_MANY = wrong("purchase", "cannot purchase that many", field="num_bought")
MISSING = wrong("purchase", "is missing", "missing_field", "num_bought")


def short_of_stock(shop: Shop) -> TestResponse:
    """Reserve two units where one is left."""
    shop.box.view("deem").set_stock(DEAL, 1)
    return shop.reserve()


def two_each(shop: Shop, **changes: Any) -> TestResponse:
    """Buy two of the deal of which two may be bought."""
    return shop.create(deal_id="two-each", expected_price_per_unit=800, **changes)


def twice(shop: Shop) -> TestResponse:
    """Buy as many as may be bought, and as many again."""
    assert two_each(shop).status_code == 200
    return two_each(shop)


def documented_deal(images: str) -> dict[str, str]:
    """Return the documented deal as a purchase has it, with the images at this address."""
    return shown_deal(DEAL, "$39 for a cut at the Hair Studio", images, "deals/generic_medium.gif")


def two_each_deal(image: str) -> dict[str, str]:
    """Return the deal of which two may be bought as a purchase has it, with this image."""
    return shown_deal("two-each", "$8 for lunch, two per person", "http://localhost/images", image)


def shown_deal(key: str, title: str, images: str, image: str) -> dict[str, str]:
    """Return a deal as a purchase has it."""
    named = {"id": key, "deal_id": key, "title": title, "type": "daily-deal"}
    return {**named, "image_url": image, "image_url_abs": f"{images}/{image}"}


SITUATIONS: Mapping[str, Callable[[Shop], TestResponse]] = {
    "unknown_credentials": lambda shop: shop.get(DOCUMENTED_PURCHASE, key="a key of my own"),
    "link_host": lambda shop: shop.get(DOCUMENTED_PURCHASE),
    "deal_image": lambda shop: shop.reserve(deal_id="two-each"),
    "body_api_key": lambda shop: shop.ask(
        "POST", "/v1/purchases/reserve", key=None, json={**RESERVING, "api_key": KEY}
    ),
    "error_status": lambda shop: shop.get(DOCUMENTED_PURCHASE, key="key-refused"),
    "missing_parameter": lambda shop: shop.ask("POST", "/v1/purchases/reserve", json={"deal_id": DEAL}),
    "validation_error_type": lambda shop: shop.reserve(num_bought=0),
    "listed_coupon_fields": lambda shop: shop.get(DOCUMENTED_PURCHASE),
    "expired_reservation": lambda shop: shop.get(shop.brought_to("expired")),
    "claim_twice": lambda shop: shop.claim(shop.brought_to("fulfilled"), "XYZ789"),
    "release_twice": lambda shop: shop.release(shop.brought_to("released")),
    "release_after_claim": lambda shop: shop.release(shop.brought_to("fulfilled")),
    "claim_after_release": lambda shop: shop.claim(shop.brought_to("released")),
    "sold_out": lambda shop: shop.reserve(deal_id="sold-out", num_bought=1),
    "short_stock": short_of_stock,
    "ended_deal": lambda shop: shop.reserve(deal_id="ended", num_bought=1),
    "too_many": lambda shop: shop.reserve(num_bought=12),
    "max_per_user": twice,
    "price_mismatch": lambda shop: shop.create(expected_price_per_unit=3899),
    "unknown_deal": lambda shop: shop.reserve(deal_id="nobody-knows-it"),
    "unknown_purchase": lambda shop: shop.get("nobody-knows-it"),
    "unknown_user": lambda shop: shop.create(user_id="nobody-knows-her"),
    "unknown_card": lambda shop: shop.create(credit_card_id="nobody-knows-it"),
    "charge_failed": lambda shop: shop.create(credit_card_id="card-fails"),
    "pending_amount": lambda shop: shop.reserve(),
    "malformed_body": lambda shop: shop.ask("POST", "/v1/purchases/reserve", data=b"{"),
    "wrong_method": lambda shop: shop.ask("DELETE", f"/v1/purchases/{DOCUMENTED_PURCHASE}"),
    "form_bodies": lambda shop: shop.ask(
        "POST", "/v1/purchases/reserve", data=f"deal_id={DEAL}&num_bought=2", content_type=FORM
    ),
    "json_suffix": lambda shop: shop.ask("POST", "/v1/purchases/reserve.json", json={"deal_id": DEAL, "num_bought": 2}),
    **SITUATIONS_AROUND,
}

OUTCOMES: Mapping[tuple[str, str], Outcome] = {
    ("unknown_credentials", "accept"): made("documented", id=DOCUMENTED_PURCHASE),
    ("unknown_credentials", "refuse"): refused(401, "auth_failed", "Authentication failed"),
    ("link_host", "request"): made("documented", deal=documented_deal("http://localhost/images")),
    ("link_host", "documented"): made("documented", deal=documented_deal("http://d2x9dz1etb1m98.cloudfront.net")),
    ("deal_image", "drawn"): made("documented", deal=two_each_deal("deals/two-each_medium.gif")),
    ("deal_image", "generic"): made("documented", deal=two_each_deal("deals/generic_medium.gif")),
    ("body_api_key", "accept"): made("observed", number_bought=2, fulfillment_state="reserved"),
    ("body_api_key", "refuse"): refused(401, "auth_failed", "Authentication failed"),
    ("error_status", "error"): refused(401, *UNAUTHORIZED, basis="published"),
    ("error_status", "error_type"): Outcome(
        401,
        "published",
        {"status": "auth_failed", "error_type": "auth_failed", "error_msg": "Authentication failed"},
    ),
    ("missing_parameter", "422"): refused(422, *INVALID, MISSING, basis="published"),
    ("missing_parameter", "400"): refused(400, *INVALID, MISSING, basis="published"),
    ("validation_error_type", "validation_failed"): refused(
        422, *INVALID, wrong("purchase", "is invalid", field="num_bought"), basis="published"
    ),
    ("validation_error_type", "validations_failed"): refused(
        422,
        "validations_failed",
        "validation failed",
        wrong("purchase", "is invalid", field="num_bought"),
        basis="published",
    ),
    ("listed_coupon_fields", "omit"): made("documented", number_bought=1),
    ("listed_coupon_fields", "add"): made("documented", number_bought=1),
    ("expired_reservation", "released"): made(fulfillment_state="released", payment_state="pending"),
    ("expired_reservation", "expired"): made(fulfillment_state="expired", payment_state="pending"),
    ("claim_twice", "conflict"): CONFLICT,
    ("claim_twice", "same_answer"): made(fulfillment_state="fulfilled", user_id="ABC123"),
    ("release_twice", "same_answer"): made(fulfillment_state="released", payment_state="pending"),
    ("release_twice", "conflict"): CONFLICT,
    ("release_after_claim", "conflict"): CONFLICT,
    ("release_after_claim", "same_answer"): made(fulfillment_state="fulfilled", payment_state="charged"),
    ("claim_after_release", "try_again"): made(fulfillment_state="fulfilled", payment_state="charged"),
    ("claim_after_release", "conflict"): CONFLICT,
    ("sold_out", "cannot_fufill"): NO_STOCK,
    ("sold_out", "validation_failed"): refused(422, *INVALID, wrong("deal", "is sold out")),
    ("short_stock", "cannot_fufill"): NO_STOCK,
    ("short_stock", "validation_failed"): refused(422, *INVALID, TOO_MANY),
    ("ended_deal", "cannot_fufill"): NO_STOCK,
    ("ended_deal", "validation_failed"): refused(422, *INVALID, wrong("deal", "is not available")),
    ("too_many", "validation_failed"): refused(422, *INVALID, TOO_MANY),
    ("too_many", "cannot_fufill"): NO_STOCK,
    ("max_per_user", "per_purchase"): made(number_bought=2, amount=1600),
    ("max_per_user", "per_user"): refused(
        422, *INVALID, wrong("purchase", "cannot purchase that many", field="quantity")
    ),
    ("price_mismatch", "validation_failed"): refused(
        422, *INVALID, wrong("purchase", "the price is 3900", field="expected_price_per_unit")
    ),
    ("price_mismatch", "accept"): made(price=3900, amount=7800),
    ("unknown_deal", "validation_failed"): refused(422, *INVALID, wrong("deal", "not found", "not_found")),
    ("unknown_deal", "find_failed"): refused(404, *NOT_FOUND),
    ("unknown_purchase", "find_failed"): refused(404, *NOT_FOUND),
    ("unknown_purchase", "validation_failed"): refused(422, *INVALID, wrong("purchase", "not found", "not_found")),
    ("unknown_user", "accept"): made(user_id="nobody-knows-her"),
    ("unknown_user", "refuse"): refused(422, *INVALID, wrong("user", "not found", "not_found")),
    ("unknown_card", "accept"): made(credit_card_id="nobody-knows-it"),
    ("unknown_card", "refuse"): refused(422, *INVALID, wrong("credit_card", "not found", "not_found")),
    ("charge_failed", "purchase_failed"): refused(402, "purchase_failed", "The purchase failed"),
    ("charge_failed", "declined"): refused(422, "declined", "The purchase was declined"),
    ("pending_amount", "zero"): made("documented", amount=0, price=3900, number_bought=2),
    ("pending_amount", "total"): made(amount=7800, price=3900, number_bought=2),
    ("malformed_body", "bad_request"): refused(400, "create_failed", "Unable to create"),
    ("malformed_body", "unprocessable"): refused(422, "create_failed", "Unable to create"),
    ("wrong_method", "405"): refused(405, *NOT_FOUND),
    ("wrong_method", "404"): refused(404, *NOT_FOUND),
    ("form_bodies", "accept"): made(number_bought=2, fulfillment_state="reserved"),
    ("form_bodies", "refuse"): refused(422, *INVALID),
    ("json_suffix", "everywhere"): made(number_bought=2, fulfillment_state="reserved"),
    ("json_suffix", "documented"): refused(404, *NOT_FOUND),
    **AROUND,
}


def test_each_open_question_is_a_choice() -> None:
    """What the documents leave open is a choice by name, and nothing else is."""
    assert {choice.name for choice in CHOICES} == {f"deem.{name}" for name in OPEN_QUESTIONS}
    assert len(CHOICES) == len(OPEN_QUESTIONS)


def test_each_option_has_an_outcome_here() -> None:
    """An option that is added needs its line in the table above, and one that goes takes its line along."""
    assert set(OUTCOMES) == set(OPTIONS)
    assert set(SITUATIONS) == {name for name, _ in OPTIONS}


@pytest.mark.parametrize(("name", "value"), OPTIONS)
def test_an_option_decides_its_situation(shop: Shop, name: str, value: str) -> None:
    """Each option, set by hand, gives its outcome, and the journal says that it decided."""
    shop.box.choices[f"deem.{name}"] = value
    answer = SITUATIONS[name](shop)
    check(answer, OUTCOMES[name, value])
    assert (f"deem.{name}", value) in [(used, decided) for used, decided, _ in shop.entry.choices]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_the_first_option_is_the_default(shop: Shop, choice: Any) -> None:
    """Where nobody chose, the first option decides."""
    name = choice.name.removeprefix("deem.")
    assert shop.box.choices[choice.name] == choice.options[0].value
    check(SITUATIONS[name](shop), OUTCOMES[name, choice.options[0].value])


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_a_choice_asks_a_question_and_its_options_answer(choice: Any) -> None:
    """A person reads a question and a sentence for each of two or more options."""
    assert choice.question.endswith("?") or choice.question.count("?") == 1
    assert len({option.value for option in choice.options}) == len(choice.options) >= 2
    assert all(option.sentence.endswith(".") for option in choice.options)


def test_a_choice_has_no_other_option(shop: Shop) -> None:
    """A value that no option has is refused with the alternatives, and nothing is set."""
    with pytest.raises(ValueError, match="conflict, same_answer; not 'maybe'"):
        shop.box.choices["deem.claim_twice"] = "maybe"
    assert shop.box.choices["deem.claim_twice"] == "conflict"


UNDECIDED: Sequence[tuple[str, Callable[[Shop], TestResponse]]] = [
    ("a documented get", lambda shop: shop.get(DOCUMENTED_PURCHASE)),
    ("a reservation", lambda shop: shop.reserve()),
    ("a creation", lambda shop: shop.create()),
    ("a claim in time", lambda shop: shop.claim(id_of(shop.reserve()))),
    ("a claim that comes late", lambda shop: shop.claim(shop.brought_to("expired"))),
    ("a release", lambda shop: shop.release(id_of(shop.reserve()))),
    ("a get of what is reserved", lambda shop: shop.get(shop.brought_to("reserved"))),
    ("a get of what was claimed", lambda shop: shop.get(shop.brought_to("fulfilled"))),
    ("a get of what was released", lambda shop: shop.get(shop.brought_to("released"))),
]


@pytest.mark.parametrize(("what", "ask"), UNDECIDED, ids=[what for what, _ in UNDECIDED])
def test_what_the_documents_say_is_decided_by_no_assumption(
    shop: Shop, what: str, ask: Callable[[Shop], TestResponse]
) -> None:
    """An answer that the documents describe is documented, and no assumed choice decided it but where links lead."""
    answer = ask(shop)
    assert (answer.status_code, basis_of(answer)) == (200, "documented"), what
    assert {basis for name, _, basis in shop.entry.choices if name != "deem.link_host"} <= {"documented"}


def test_a_creation_asks_no_choice_about_coupons(shop: Shop) -> None:
    """The answer to a creation shows no coupons, so the choice about their fields does not decide it."""
    assert shop.create().get_json()["purchase"]["coupons"] is None
    assert "deem.listed_coupon_fields" not in [name for name, _, _ in shop.entry.choices]


def test_a_choice_is_noted_once(shop: Shop) -> None:
    """However many coupons a choice shapes, the journal names it once."""
    shop.get(shop.brought_to("fulfilled", units=4))
    names = [name for name, _, _ in shop.entry.choices]
    assert sorted(names) == sorted(set(names))


def test_listed_coupon_fields_follow_the_sample_s(shop: Shop) -> None:
    """With `add`, a coupon is the sample's and then the listed fields, all filled."""
    shop.box.choices["deem.listed_coupon_fields"] = "add"
    coupon = shop.get(DOCUMENTED_PURCHASE).get_json()["purchase"]["coupons"][0]
    listed = ["slug", "deal_id", "deal_type", "barcode", "qrcode_url", "qrcode_base64"]
    assert list(coupon)[-6:] == listed
    assert {name: coupon[name] for name in listed[:5]} == {
        "slug": "a21c5452d8",
        "deal_id": DEAL,
        "deal_type": "daily-deal",
        "barcode": coupon["qr_code"],
        "qrcode_url": coupon["qr_code_url"],
    }


def test_a_charged_purchase_shows_its_total_whatever_is_chosen(shop: Shop) -> None:
    """`pending_amount` is about payments that are pending; a charged one shows what was paid."""
    shop.box.choices["deem.pending_amount"] = "total"
    assert shop.create().get_json()["purchase"]["amount"] == 7800


@pytest.mark.parametrize(("value", "state"), [("released", "released"), ("expired", "expired")])
def test_a_late_release_shows_the_chosen_word(shop: Shop, value: str, state: str) -> None:
    """A release after the expiry shows the same word as a get does."""
    shop.box.choices["deem.expired_reservation"] = value
    answer = shop.release(shop.brought_to("expired"))
    assert (answer.status_code, answer.get_json()["purchase"]["fulfillment_state"]) == (200, state)


def test_a_late_release_can_conflict(shop: Shop) -> None:
    """`release_twice` is also about a release after the expiry."""
    shop.box.choices["deem.release_twice"] = "conflict"
    check(shop.release(shop.brought_to("expired")), CONFLICT)


def bought_and_reserved(shop: Shop, user: str = "ABC123") -> str:
    """Buy one of the deal of which two may be bought, for a user, and reserve two."""
    assert two_each(shop, quantity=1, user_id=user).status_code == 200
    return id_of(shop.reserve(deal_id="two-each"))


def decided(shop: Shop, name: str) -> bool:
    """Whether a choice was asked for the last answer."""
    return f"deem.{name}" in [used for used, _, _ in shop.entry.choices]


@pytest.mark.parametrize("value", ["per_purchase", "per_user"])
def test_a_limit_is_asked_about_only_where_it_decides(shop: Shop, value: str) -> None:
    """What fits, whichever way a user's units are counted, is documented, and so is what others have bought."""
    shop.box.choices["deem.max_per_user"] = value
    for answer in (
        two_each(shop, quantity=1),
        two_each(shop, user_id="XYZ789"),
        two_each(shop, quantity=1),
        shop.reserve(deal_id="two-each"),
    ):
        assert (answer.status_code, basis_of(answer)) == (200, "documented")
        assert not decided(shop, "max_per_user")
    assert shop.create(quantity=12).status_code == 422
    assert not decided(shop, "max_per_user")


def test_a_claim_counts_what_its_user_has(shop: Shop) -> None:
    """By choice a claim that is too many for its user is refused and stays reserved, for another user to claim."""
    shop.box.choices["deem.max_per_user"] = "per_user"
    purchase = bought_and_reserved(shop)
    refused_claim = shop.claim(purchase)
    assert refused_claim.get_json() == error(*INVALID, wrong("purchase", "cannot purchase that many"))
    assert shop.entry.changes == ()
    assert shop.row(purchase)["state"] == "reserved"
    answer = shop.claim(purchase, "XYZ789")
    assert (answer.status_code, basis_of(answer)) == (200, "documented")


def test_a_claim_is_not_limited_by_default(shop: Shop) -> None:
    """A claim of a valid reservation makes the purchase, but that a user's others do not count is assumed."""
    answer = shop.claim(bought_and_reserved(shop))
    assert (answer.status_code, basis_of(answer), decided(shop, "max_per_user")) == (200, "assumed", True)


def test_only_what_is_fulfilled_counts_for_a_user(shop: Shop) -> None:
    """What was reserved, released or has expired is no unit that a user has."""
    shop.box.choices["deem.max_per_user"] = "per_user"
    for state in ("released", "expired", "reserved"):
        shop.brought_to(state, "two-each")
    assert basis_of(two_each(shop)) == "documented"
    assert two_each(shop, quantity=1).status_code == 422


@pytest.mark.parametrize(
    ("choice", "value", "ask"),
    [
        (
            "ended_deal",
            "validation_failed",
            lambda shop: shop.create(deal_id="paused"),
        ),
        ("unknown_deal", "find_failed", lambda shop: shop.create(deal_id="nobody-knows-it")),
        ("too_many", "cannot_fufill", lambda shop: shop.create(quantity=12)),
        ("max_per_user", "per_user", lambda shop: shop.claim(bought_and_reserved(shop))),
        (
            "sold_out",
            "validation_failed",
            lambda shop: shop.reserve(deal_id="sold-out"),
        ),
        ("unknown_user", "refuse", lambda shop: shop.claim(shop.brought_to("reserved"), "nobody-knows-her")),
        ("unknown_purchase", "validation_failed", lambda shop: shop.claim("nobody-knows-it")),
        ("unknown_purchase", "validation_failed", lambda shop: shop.release("nobody-knows-it")),
        (
            "malformed_body",
            "unprocessable",
            lambda shop: shop.claim("any", json=None, data=b"{"),
        ),
    ],
)
def test_a_choice_decides_wherever_its_question_comes_up(
    shop: Shop, choice: str, value: str, ask: Callable[[Shop], TestResponse]
) -> None:
    """A choice is the sandbox's, not one operation's: others are decided the same way, as assumed."""
    shop.box.choices[f"deem.{choice}"] = value
    answer = ask(shop)
    assert answer.status_code == (404 if value == "find_failed" else 422)
    assert basis_of(answer) == "assumed"
    assert (f"deem.{choice}", value) in [(used, decided) for used, decided, _ in shop.entry.choices]


def test_a_refused_form_is_refused_whatever_is_missing(shop: Shop) -> None:
    """Where forms are refused nothing in them counts, also not that a parameter is missing."""
    shop.box.choices.set({"deem.form_bodies": "refuse", "deem.missing_parameter": "400"})
    answer = shop.ask("POST", "/v1/purchases/reserve", data="num_bought=2", content_type=FORM)
    assert (answer.status_code, answer.get_json()) == (422, error(*INVALID))


@pytest.mark.parametrize("value", ["accept", "refuse"])
def test_a_form_that_nobody_reads_decides_nothing(shop: Shop, value: str) -> None:
    """Getting a purchase reads no body, so the choice about forms does not touch it."""
    shop.box.choices["deem.form_bodies"] = value
    answer = shop.get(DOCUMENTED_PURCHASE, data="a=b", content_type=FORM)
    assert (answer.status_code, basis_of(answer)) == (200, "documented")


def test_a_preferred_error_is_spelt_as_chosen(shop: Shop) -> None:
    """`Prefer: code=422` says the type in the spelling that the sandbox uses otherwise."""
    shop.box.choices["deem.validation_error_type"] = "validations_failed"
    answer = shop.get(DOCUMENTED_PURCHASE, headers={"Prefer": "code=422"})
    assert (answer.status_code, answer.get_json()["error_type"]) == (422, "validations_failed")


@pytest.mark.parametrize("suffixed", ["/v1/purchases/34063ec2.json", "/purchases/34063ec2.json"])
def test_the_documented_suffix_stays_documented(shop: Shop, suffixed: str) -> None:
    """The suffix of the documented request works and weakens nothing, whatever is chosen for the others."""
    shop.box.choices["deem.json_suffix"] = "documented"
    answer = shop.ask("GET", suffixed)
    assert (answer.status_code, basis_of(answer)) == (200, "documented")


def test_an_unknown_card_is_charged_only_once_stock_is_there(shop: Shop) -> None:
    """Nothing is charged for what cannot be had: the card is asked after the stock."""
    shop.box.view("deem").set_stock(DEAL, 0)
    answer = shop.create(credit_card_id="card-declined")
    assert answer.get_json()["error_type"] == "cannot_fufill"
    assert shop.create(credit_card_id=CARD).status_code == 422
