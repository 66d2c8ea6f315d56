"""What Drip's documents leave open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, unknown_credentials

OBSERVED, PUBLISHED, DOCUMENTED = Basis.OBSERVED, Basis.PUBLISHED, Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option) -> Choice:
    return Choice(f"drip.{name}", question, options)


CHOICES = (
    unknown_credentials("drip"),
    _choice(
        "unknown_account",
        "What does an account get that the fixtures do not list?",
        # The documents say YOUR_ACCOUNT_ID: that it is yours weakens no answer.
        Option("accept", "It has the subscribers of the account `9999999`, under its own id.", weakens=False),
        Option("refuse", "404 `not_found_error`."),
    ),
    _choice(
        "link_host",
        "On which host are links?",
        # The documented templates are on the host that was asked, too.
        Option("request", "On the host that was asked, so that they lead back to the sandbox.", weakens=False),
        Option("documented", "On `https://api.getdrip.com`, literally.", DOCUMENTED),
    ),
    _choice(
        "missing_user_agent",
        "What does a request get without a `User-Agent`?",
        # Who may ask does not change what is answered.
        Option("accept", "It is answered, and the journal has a warning.", weakens=False),
        Option("refuse", "403 `authorization_error`."),
    ),
    _choice(
        "authentication_message",
        "What is the `message` of an `authentication_error`?",
        Option("credentials", "Authentication failed, check your credentials"),
        Option("authorization", "You are not authorized to access this resource, as that of a 403."),
    ),
    _choice(
        "unwrapped_body",
        "What does a purchase get that comes without the `purchases` around it?",
        Option("refuse", "The error `parsing_error`.", OBSERVED),
        Option("accept", "It is taken as the only one."),
    ),
    _choice(
        "parsing_error_status",
        "Which status does a `parsing_error` have?",
        Option("422", "422, as other errors of validation."),
        Option("400", "400, as JSON that is broken."),
    ),
    _choice(
        "wrong_type",
        "What does a value of the wrong type get?",
        Option("format_error", "422 `format_error` on the attribute."),
        Option("parsing_error", "`parsing_error`, as a wrong shape of the whole body."),
    ),
    _choice(
        "nested_attribute",
        "What is the `attribute` of an error in an item?",
        Option("path", "The path to it: `items.name`."),
        Option("name", "Its own name: `name`."),
    ),
    _choice(
        "unknown_subscriber",
        "What does a purchase get whose subscriber is unknown?",
        Option("not_found", "404 `not_found_error`."),
        Option("create", "A new subscriber where the path has an e-mail address; else 404 `not_found_error`."),
    ),
    _choice(
        "email_case",
        "Does the case of an e-mail address in the path count?",
        Option("ignore", "No: `John@acme.com` is `john@acme.com`."),
        Option("exact", "Yes: 404 `not_found_error` unless it is as kept."),
    ),
    _choice(
        "several_purchases",
        "What do several purchases in one request get?",
        Option("all_or_none", "All are kept, or none if one is wrong."),
        Option("refuse", "422 `length_error`."),
    ),
    _choice(
        "empty_purchases",
        "What does an empty array of purchases get?",
        Option("refuse", "422 `presence_error`."),
        Option("accept", "201, and nothing is kept."),
    ),
    _choice(
        "same_order_id",
        "What does a purchase get whose `order_id` its subscriber has from the same provider?",
        Option("keep", "Both are kept, and both count for the lifetime value."),
        Option("refuse", "422 `uniqueness_error`."),
    ),
    _choice(
        "amounts_below_one",
        "What does an amount or a quantity get that is zero or negative?",
        Option("accept", "It is accepted: the lifetime value stays, or falls."),
        Option("refuse", "422 `range_error`."),
    ),
    _choice(
        "null_values",
        "What does an optional value get that is null?",
        Option("accept", "It counts as not sent."),
        Option("refuse", "422 `format_error`."),
    ),
    _choice(
        "unknown_properties",
        "What do properties get that no document lists?",
        Option("accept", "They are kept out, and the journal has a warning for each."),
        Option("refuse", "422 `format_error`."),
    ),
    _choice(
        "item_id",
        "Which `id` has an item that was sent with one?",
        Option("keep", "The one that was sent, as in the samples.", DOCUMENTED),
        Option("draw", "One that the sandbox draws."),
    ),
    _choice(
        "absent_values",
        "How does an optional value come back that was not sent?",
        Option("null", "Text as null, properties as an empty object, items as an empty array."),
        Option("empty", "Text as an empty text, properties as an empty object, items as an empty array."),
    ),
    _choice(
        "occurred_at_form",
        "How does an `occurred_at` come back that was not sent as `2013-06-21T10:31:58Z` is?",
        Option("as_sent", "Unchanged."),
        Option("utc", "As that instant in UTC, in the form of the sample."),
    ),
    _choice(
        "list_order",
        "In which order are purchases listed?",
        Option("newest", "The one that was made last comes first."),
        Option("occurred", "The one with the latest `occurred_at` comes first."),
        Option("oldest", "The one that was made first comes first."),
    ),
    _choice(
        "invalid_page",
        "What does a `page` get that is below 1 or no number?",
        Option("first", "The first page."),
        Option("refuse", "422 `range_error`."),
    ),
    _choice(
        "page_beyond_end",
        "What does a `page` get beyond the last?",
        Option("empty", "An empty array."),
        Option("not_found", "404 `not_found_error`."),
    ),
    _choice(
        "empty_total_pages",
        "What is `total_pages` where there are no purchases?",
        Option("0", "0."),
        Option("1", "1."),
    ),
    _choice(
        "hourly_limit",
        "What does a request get after 3,600 in the same hour of the clock?",
        Option("ignore", "An answer as before: only the headers count down."),
        Option("refuse", "429.", PUBLISHED),
    ),
    _choice(
        "wrong_method",
        "Which status does a wrong method get on a path that exists?",
        Option("404", "404, as any path that leads nowhere."),
        Option("405", "405."),
    ),
)
