"""What Deem's documents leave open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, unknown_credentials

OBSERVED, PUBLISHED, DOCUMENTED = Basis.OBSERVED, Basis.PUBLISHED, Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option, basis: Basis = Basis.ASSUMED) -> Choice:
    return Choice(f"deem.{name}", question, options, basis)


CHOICES = (
    unknown_credentials("deem"),
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
        "What does a purchase of a deal get that has ended or is not in flight?",
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
        Option("documented", "Only getting a purchase; elsewhere 404 `find_failed`."),
    ),
)
