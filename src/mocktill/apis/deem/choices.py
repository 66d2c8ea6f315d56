"""What Deem's documents leave open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, idempotency, unknown_credentials

OBSERVED, PUBLISHED, DOCUMENTED = Basis.OBSERVED, Basis.PUBLISHED, Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option, basis: Basis = Basis.ASSUMED) -> Choice:
    return Choice(f"deem.{name}", question, options, basis)


CHOICES = (
    unknown_credentials("deem"),
    idempotency("deem"),
    _choice(
        "link_host",
        "On which host are the links to images, QR codes and pages to print?",
        # The sample's hosts are the documents' own, and `domain` is none.
        Option("request", "On the host that was asked, so that they lead back to the sandbox.", weakens=False),
        Option("documented", "On `http://domain`, and images on their CDN's, literally.", DOCUMENTED),
    ),
    _choice(
        "deal_image",
        "Which image has a deal that names none?",
        Option("drawn", "One that is drawn for it, `deals/<its id>_medium.gif`.", weakens=False),
        Option("generic", "`deals/generic_medium.gif`, as each deal in the samples.", DOCUMENTED),
    ),
    _choice(
        "body_api_key",
        "Is an `api_key` in the body taken where the query has none?",
        Option("accept", "Yes, as in older examples.", OBSERVED),
        Option("refuse", "No: 401 `auth_failed`."),
    ),
    _choice(
        "error_status",
        "What is `status` in an error? The errors page shows one thing, the purchases page says another.",
        Option("error", "The word `error`, beside `error_type`, as the errors page shows.", PUBLISHED),
        Option("error_type", "The error type, as the purchases page says.", DOCUMENTED),
        basis=PUBLISHED,
    ),
    _choice(
        "missing_parameter",
        "Which status does a missing parameter get?",
        Option("422", "422, as every sample shows."),
        Option("400", "400, as the summary of statuses says."),
        basis=PUBLISHED,
    ),
    _choice(
        "validation_error_type",
        "How is the type of a validation error spelt?",
        Option("validation_failed", "As in every sample."),
        Option("validations_failed", "As in the prose of one page."),
        basis=PUBLISHED,
    ),
    _choice(
        "listed_coupon_fields",
        "Does a coupon have the fields that the page lists and its sample lacks?",
        Option("omit", "No: the coupon is the sample's.", DOCUMENTED),
        Option(
            "add",
            "Yes: `slug`, `deal_id`, `deal_type`, `barcode`, `qrcode_url`, `qrcode_base64`.",
            DOCUMENTED,
        ),
        basis=DOCUMENTED,
    ),
    _choice(
        "expired_reservation",
        "Which `fulfillment_state` has a reservation that ran out?",
        Option("released", "`released`: the wire keeps to the documented words."),
        Option("expired", "`expired`, a word that no document has."),
    ),
    _choice(
        "claim_twice",
        "What does a second claim get?",
        Option("conflict", "409 `update_failed`."),
        Option("same_answer", "The same answer again."),
    ),
    _choice(
        "release_twice",
        "What does a release get when the reservation was released or has expired?",
        Option("same_answer", "200 and the same answer."),
        Option("conflict", "409 `update_failed`."),
    ),
    _choice(
        "release_after_claim",
        "What does a release get after the claim?",
        Option("conflict", "409 `update_failed`."),
        Option("same_answer", "200 and the purchase, which stays claimed."),
    ),
    _choice(
        "claim_after_release",
        "What does a claim get after the release?",
        Option("try_again", "It counts as a claim of an invalid reservation, and is tried from the stock."),
        Option("conflict", "409 `update_failed`."),
    ),
    _choice(
        "sold_out",
        "What does a purchase or a reservation get when nothing is left?",
        Option("cannot_fufill", "422 `cannot_fufill`."),
        Option("validation_failed", "422 `validation_failed`: the deal is invalid."),
    ),
    _choice(
        "short_stock",
        "What does a quantity get that a user may buy and the stock does not have?",
        Option("cannot_fufill", "422 `cannot_fufill`."),
        Option("validation_failed", "422 `validation_failed`: cannot purchase that many."),
    ),
    _choice(
        "ended_deal",
        "What does a purchase of a deal get that has ended, has not begun or is not in flight?",
        Option("cannot_fufill", "422 `cannot_fufill`."),
        Option("validation_failed", "422 `validation_failed`: the deal is invalid."),
    ),
    _choice(
        "too_many",
        "What does a quantity get above what a user may buy?",
        Option("validation_failed", "422 `validation_failed`: cannot purchase that many."),
        Option("cannot_fufill", "422 `cannot_fufill`."),
    ),
    _choice(
        "max_per_user",
        "How is a deal's `max_per_user` counted?",
        Option("per_purchase", "In each purchase alone, so that a user may come again."),
        Option("per_user", "Over all that a user has bought of the deal, when buying and when claiming."),
    ),
    _choice(
        "price_mismatch",
        "What does a purchase get whose `expected_price_per_unit` is not the price?",
        Option("validation_failed", "422 `validation_failed` on that field."),
        Option("accept", "It is made, at the deal's price."),
    ),
    _choice(
        "unknown_deal",
        "What does a body get that names an unknown deal?",
        Option("validation_failed", "422 `validation_failed` with `not_found` for the deal."),
        Option("find_failed", "404 `find_failed`."),
    ),
    _choice(
        "unknown_purchase",
        "What does a path get that names an unknown purchase?",
        Option("find_failed", "404 `find_failed`."),
        Option("validation_failed", "422 `validation_failed` with `not_found` for the purchase."),
    ),
    _choice(
        "unknown_user",
        "What does a user get whom the fixtures do not list?",
        Option("accept", "Accepted as it is."),
        Option("refuse", "422 `validation_failed` with `not_found` for the user."),
    ),
    _choice(
        "unknown_card",
        "What does a card get that the fixtures do not list?",
        Option("accept", "Accepted as it is, and charging it succeeds."),
        Option("refuse", "422 `validation_failed` with `not_found` for the credit card."),
    ),
    _choice(
        "charge_failed",
        "What does a card get whose charge fails?",
        Option("purchase_failed", "402 `purchase_failed`."),
        Option("declined", "422 `declined`."),
    ),
    _choice(
        "pending_amount",
        "What is `amount` while a purchase is reserved?",
        Option("zero", "0: nothing has been paid, and the sample shows it.", DOCUMENTED),
        Option("total", "What will be paid."),
    ),
    _choice(
        "malformed_body",
        "What does a body get that is no JSON?",
        Option("bad_request", "400 `create_failed`, or `update_failed` on PUT."),
        Option("unprocessable", "422 `create_failed`, or `update_failed` on PUT."),
    ),
    _choice(
        "wrong_method",
        "What does a wrong method get on a path that exists?",
        Option("405", "405 in the generic shape."),
        Option("404", "404 `find_failed`."),
    ),
    _choice(
        "form_bodies",
        "Is a form-encoded body read?",
        Option("accept", "Yes, as well as JSON."),
        Option("refuse", "No: 422 `validation_failed`."),
    ),
    _choice(
        "json_suffix",
        "Which operations take the suffix `.json`, which the documents show on getting a purchase?",
        Option("everywhere", "All of them."),
        Option(
            "documented", "Only getting a purchase and the all-in-one purchase, which show it; else 404 `find_failed`."
        ),
    ),
    _choice(
        "num_left",
        "What is `num_left` of a deal while units of it are reserved?",
        Option("free", "What can be bought now: a reserved unit is not left."),
        Option("unsold", "What is not sold: a reserved unit is left until it is claimed."),
    ),
    _choice(
        "ended_state",
        "Which `state` has a deal whose end has passed while it was in flight?",
        Option("landed", "`landed`: the run window has passed, as the list of states says."),
        Option("in-flight", "`in-flight`, as the sample shows, whose `ended` is true."),
        basis=PUBLISHED,
    ),
    _choice(
        "unknown_user_path",
        "What does a path get that names a user whom nobody listed and who has bought nothing?",
        Option("find_failed", "404 `find_failed`."),
        Option("accept", "A user without a name, and empty lists."),
    ),
    _choice(
        "list_order",
        "In which order are lists?",
        Option("oldest_first", "The oldest first."),
        Option("newest_first", "The newest first."),
    ),
    _choice(
        "list_parameters",
        "What does a list get whose `per_page`, `page`, `count` or `filter` is not as the page says?",
        Option("nearest", "The nearest that there is: 1000 a page at the most, and the default for what is none."),
        Option("refuse", "422 `validation_failed` on that field."),
    ),
    _choice(
        "count_shape",
        "Where is the number that `count` asks for instead of a list?",
        Option("count", "In `count`."),
        Option("in_place_of_the_list", "Under the name of the list."),
    ),
    _choice(
        "unknown_session",
        "What does a purchase get whose `session_id` is of no session that was made here?",
        Option("accept", "It is made."),
        Option("refuse", "422 `validation_failed` with `not_found` on that field."),
    ),
    _choice(
        "other_users_card",
        "What does a purchase with a stored card get that is another user's? The all-in-one purchase refuses it.",
        # who may pay with what is no matter of what the answer is like
        Option("accept", "It is made.", weakens=False),
        Option("refuse", "422 `validation_failed` with `not_owner` for the credit card."),
    ),
    _choice(
        "card_number",
        "Which numbers may a new card have? The sample's has 15 digits, and its page says 16.",
        Option("digits", "Any of 12 to 19 digits."),
        Option("check_digit", "Those whose check digit is right; else 422 `validation_failed` on `number`."),
    ),
    _choice(
        "card_expiry",
        "What does a new card get whose month has passed?",
        Option("accept", "It is taken."),
        Option("refuse", "422 `validation_failed` on `year`."),
    ),
    _choice(
        "card_type",
        "Which `type` has a card that is no Visa?",
        Option("visa", "`visa`, the one word that the documents have."),
        Option("brand", "`master`, `american_express` or `discover` by its first digits, else `visa`."),
    ),
    _choice(
        "same_card",
        "What does adding a card get whose type and last four digits a card of the user has?",
        Option("matched", "The id of that card, as the all-in-one purchase matches what there is."),
        Option("new", "A new card."),
    ),
    _choice(
        "redeem_status",
        "Which status has `redeem_failed`?",
        Option("by_reason", "404 where there is no such coupon, 409 where it cannot be redeemed any more."),
        Option("422", "422, as the other failures of a change."),
    ),
    _choice(
        "redeem_invalid",
        "What does redeeming a coupon get that is cancelled, expired or reissued?",
        Option("redeem_failed", "`redeem_failed`."),
        Option("redeem", "It is redeemed."),
    ),
    _choice(
        "other_users_coupon",
        "What does redeeming a coupon in the name of another user get?",
        Option("redeem_failed", "`redeem_failed`: the user has no such coupon."),
        Option("redeem", "It is redeemed."),
    ),
    _choice(
        "id_or_resource",
        "What counts in an all-in-one purchase that has the id of a user, card or address and its fields as well?",
        Option("id", "The id."),
        Option("resource", "The fields."),
    ),
)
