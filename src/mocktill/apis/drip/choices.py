"""What Drip's documents leave open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import (
    Basis,
    Choice,
    Option,
    idempotency,
    unknown_credentials,
    webhook_delivery,
    webhook_retries,
)

OBSERVED, PUBLISHED, DOCUMENTED = Basis.OBSERVED, Basis.PUBLISHED, Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option) -> Choice:
    return Choice(f"drip.{name}", question, options)


CHOICES = (
    unknown_credentials("drip"),
    idempotency("drip"),
    webhook_delivery("drip"),
    webhook_retries("drip"),
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
        "account_links",
        "Which `links` are beside an account?",
        Option("resolvable", "None: those of the documents lead to what the sandbox does not have."),
        Option("documented", "The templates to broadcasts, campaigns and goals, literally.", PUBLISHED),
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
        "What does a purchase or a subscriber get that comes without `purchases` or `subscribers` around it?",
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
        "kept_email",
        "How is an e-mail address kept that was sent with capital letters?",
        Option("lower", "In lower case."),
        Option("as_sent", "As it was sent, and it is found in whatever case."),
    ),
    _choice(
        "nobody_named",
        "What does a subscriber get that is sent without `email`, `id` and `visitor_uuid`?",
        Option("presence_error", "422 `presence_error` on `email`.", PUBLISHED),
        Option("parsing_error", "`parsing_error`, as a wrong shape of the whole body.", OBSERVED),
    ),
    _choice(
        "unknown_subscriber_id",
        "What does a subscriber get that is sent with an `id` or a `visitor_uuid` that nobody has?",
        Option("not_found", "404 `not_found_error`."),
        Option("refuse", "422 `format_error`."),
    ),
    _choice(
        "id_beside_email",
        "Who is meant where a subscriber is sent with an `id` and an `email` that are not of the same one?",
        Option("id", "Who has the `id`; the `email` is not looked at."),
        Option("email", "Who has the `email`, or somebody new; the `id` is not looked at."),
    ),
    _choice(
        "taken_new_email",
        "What does a `new_email` get that another subscriber has?",
        Option("refuse", "422 `uniqueness_error`."),
        Option("keep", "The subscriber keeps the address that it has."),
    ),
    _choice(
        "sent_tags",
        "What becomes of a subscriber's tags when others are sent?",
        Option("add", "They stay, but for those that `remove_tags` has."),
        Option("replace", "Those that are sent take their place."),
    ),
    _choice(
        "sent_custom_fields",
        "What becomes of a subscriber's custom fields when others are sent?",
        Option("merge", "They stay."),
        Option("replace", "Those that are sent take their place."),
    ),
    _choice(
        "unknown_time_zone",
        "What does a `time_zone` get that is in no list of time zones?",
        Option("accept", "It is kept, and `utc_offset` is null."),
        Option("refuse", "422 `format_error`."),
    ),
    _choice(
        "negative_lifetime_value",
        "What does a `lifetime_value` get that is sent below 0?",
        Option("accept", "It is kept."),
        Option("refuse", "422 `range_error`."),
    ),
    _choice(
        "lead_scoring",
        "Is lead scoring enabled in the account?",
        # What an account is like does not change how well the answer is known.
        Option("enabled", "Yes: a new prospect's `lead_score` is its `base_lead_score`.", weakens=False),
        Option("disabled", "No: the `lead_score` of whoever is new is null.", weakens=False),
    ),
    _choice(
        "current_fields",
        "When has a subscriber what only today's page has, such as `first_name`, and that of the purchases' time not?",
        Option("set", "Where it was set.", PUBLISHED),
        Option("always", "Always, as on today's page.", PUBLISHED),
        Option("never", "Never, as on the earlier page.", PUBLISHED),
    ),
    _choice(
        "webhook_subscriber",
        "What has the subscriber in a webhook?",
        # The answer to the call that it tells of is as well known either way.
        Option("whole", "Whatever it has where it is read.", PUBLISHED, weakens=False),
        Option(
            "listed", "What the page on webhook events lists: no `visitor_uuid`, no links.", PUBLISHED, weakens=False
        ),
    ),
    _choice(
        "several_subscribers",
        "What do several subscribers in one request get?",
        Option("refuse", "422 `length_error`: the documents have one here, and another call for many."),
        Option("all_or_none", "All are kept and answered, or none if one is wrong."),
    ),
    _choice(
        "empty_subscribers",
        "What does an empty array of subscribers get?",
        Option("refuse", "422 `presence_error`."),
        Option("accept", "200 with an empty array."),
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
        "What does an optional value get that is null, or an id that is an empty text?",
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
        "subscriber_order",
        "In which order are subscribers listed?",
        Option("newest", "The one that came last comes first."),
        Option("oldest", "The one that came first comes first."),
    ),
    _choice(
        "unknown_status",
        "What does a list get whose `status` is none of the published ones?",
        Option("refuse", "422 `format_error`."),
        Option("active", "Those that are active, as without one."),
    ),
    _choice(
        "invalid_per_page",
        "What does a `per_page` get that is not from 1 to 1,000?",
        Option("nearest", "1,000 if it is more; else 100, as without one."),
        Option("refuse", "422 `range_error`."),
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
        "What is `total_pages` where there is nothing to list?",
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
