"""What Kajabi's documents leave open, and how the sandbox decides it."""

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

PUBLISHED, DOCUMENTED, OBSERVED = Basis.PUBLISHED, Basis.DOCUMENTED, Basis.OBSERVED


def _choice(name: str, question: str, *options: Option, basis: Basis = Basis.ASSUMED) -> Choice:
    return Choice(f"kajabi.{name}", question, options, basis)


DOCUMENT = (
    _choice(
        "full_document",
        "What does an answer have beside id, type and attributes when no fields were asked for?",
        Option(
            "relationships_and_links",
            "`relationships`, each with `data` of `id` and `type`, and the top-level `links`, `self` and"
            " `current`, as the published schema has them. Both links are the purchase's own address. A list has the"
            " links to its pages instead, always.",
            PUBLISHED,
        ),
        Option("attributes_only", "Nothing more, as where fields were asked for."),
    ),
    _choice(
        "link_host",
        "On which host are links?",
        # A link says where to ask next, and nothing of what was asked.
        Option("request", "On the host that was asked, so that they lead back to the sandbox.", weakens=False),
        Option(
            "documented",
            "On `https://api.kajabi.com`, and the checkout of an offer on `https://www.example.com`.",
            weakens=False,
        ),
    ),
    _choice(
        "prose_only_attributes",
        "Are `trial`, `trial_end_at`, `payment_plan_total_payments` and `status` there, which the page lists"
        " and the published schema lacks?",
        Option("present", "Yes, as the page says; null where one does not apply.", DOCUMENTED),
        Option("absent", "No, as in the published schema, which makes them unknown names.", PUBLISHED),
        basis=DOCUMENTED,
    ),
    _choice(
        "unknown_fields",
        "What does a name in `fields[purchases]` get that is no attribute?",
        Option("omit", "It is left out silently."),
        Option("400", "400, as JSON:API says of an invalid parameter."),
        Option("422", "422."),
    ),
    _choice(
        "empty_fields",
        "What does an empty `fields[purchases]` get?",
        Option("none", "No attributes, as JSON:API says."),
        Option("all", "Everything, as without the parameter."),
    ),
    _choice(
        "include",
        "What does `include=offer,customer` do, which clients send and the pages of purchases do not list?",
        Option("included", "The offer and the customer are in `included`, as with other resources.", OBSERVED),
        Option("ignore", "Nothing."),
    ),
    _choice(
        "unknown_parameters",
        "What does a query parameter get that the page does not list, such as `sort` where there is no list?",
        Option("ignore", "Nothing: it is ignored, and the journal has a warning."),
        Option("400", "400, as JSON:API says."),
    ),
    _choice(
        "wrong_parameter",
        "What does a wrong value of `page`, `sort` or `include`, or a filter that there is not get?",
        Option("400", "400, as JSON:API says of an invalid parameter."),
        Option("422", "422."),
    ),
    _choice(
        "wrong_method",
        "What does a wrong method get on a path that exists?",
        Option("405", "405 in the shape of every error."),
        Option("404", "404, as for an unknown path."),
    ),
)
LIST = (
    _choice(
        "list_order",
        "In what order is the list of purchases without `sort`? Those that are alike are ordered by id.",
        Option("newest", "The newest first."),
        Option("oldest", "The oldest first."),
        Option("id", "By id, compared as text."),
    ),
    _choice(
        "null_order",
        "Where does `sort` put null?",
        Option("first", "Before all values, and behind them in descending order."),
        Option("last", "Behind all values, and before them in descending order."),
    ),
    _choice(
        "page_size",
        "How many purchases has a page without `page[size]`?",
        Option("30", "30.", OBSERVED),
        Option("100", "100."),
    ),
    _choice(
        "page_beyond",
        "What does a page behind the last get?",
        Option("empty", "An empty list, with the links to the pages that there are."),
        Option("404", "404."),
    ),
    _choice(
        "list_meta",
        "What does `meta` of a list have? Three forms are published.",
        Option("count", "`count`, `total_count` and `total_pages`, as on the page of this list."),
        Option("current_page", "`total_pages`, `total_count` and `current_page`, as on the pages of other lists."),
        Option("total", "`total` alone."),
        basis=PUBLISHED,
    ),
    _choice(
        "filter_case",
        "Do the filters `cont`, `not_cont`, `start` and `end` tell upper from lower case?",
        Option("sensitive", "Yes."),
        Option("insensitive", "No."),
    ),
    _choice(
        "filter_nulls",
        "Does null pass the filters `not_eq` and `not_cont`?",
        Option("match", "Yes: it is another value."),
        Option("leave_out", "No, as in SQL."),
    ),
)
CHANGES = (
    _choice(
        "deactivate_again",
        "What does deactivating a purchase get that is deactivated?",
        Option("422", "422: the page says that what cannot be deactivated gets an error."),
        Option("200", "200, and nothing changes."),
    ),
    _choice(
        "reactivate_active",
        "What does reactivating a purchase get that is active?",
        Option("422", "422: the page says that what cannot be reactivated gets an error."),
        Option("200", "200, and nothing changes."),
    ),
    _choice(
        "reactivate_paid",
        "Can a purchase be reactivated that was not free? One page says that a free one can.",
        Option("allow", "Yes: the page of reactivating makes no difference.", PUBLISHED),
        Option("422", "No: 422."),
    ),
    _choice(
        "deactivation_reason",
        "Which `deactivation_reason` has a purchase that was deactivated by a request?",
        Option("null", "None: it is null."),
        Option("api", "`api`."),
    ),
)
TOKENS = (
    _choice(
        "unknown_clients",
        "What does a `client_id` or a `username` get that the fixtures do not list?",
        Option("accept", "It is accepted with any secret, so that your own works.", weakens=False),
        Option("refuse", "It is refused like one with a wrong secret."),
    ),
    _choice(
        "access_lifetime",
        "After how many seconds does an access token expire?",
        Option("7200", "7200, which is what integrators reckon with.", OBSERVED),
        Option("3600", "3600."),
    ),
    _choice(
        "refresh_lifetime",
        "When does a refresh token expire? The page says that it has to be unexpired, and not how long it lasts.",
        Option("14_days", "After 14 days."),
        Option("never", "Never."),
    ),
    _choice(
        "refresh_rotation",
        "Does refreshing bring a new refresh token?",
        Option("rotate", "Yes, and the old one is refused from then on."),
        Option("keep", "No: the answer repeats the one that was sent."),
    ),
)
CHOICES = (
    unknown_credentials("kajabi"),
    idempotency("kajabi"),
    webhook_delivery("kajabi"),
    webhook_retries("kajabi"),
    *DOCUMENT,
    *LIST,
    *CHANGES,
    *TOKENS,
)
