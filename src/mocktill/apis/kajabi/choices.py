"""What Kajabi's documents leave open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, unknown_credentials

PUBLISHED, DOCUMENTED = Basis.PUBLISHED, Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option, basis: Basis = Basis.ASSUMED) -> Choice:
    return Choice(f"kajabi.{name}", question, options, basis)


CHOICES = (
    unknown_credentials("kajabi"),
    _choice(
        "full_document",
        "What does an answer have beside id, type and attributes when no fields were asked for?",
        Option(
            "relationships_and_links",
            "`relationships`, each with `data` of `id` and `type`, and the top-level `links`, `self` and"
            " `current`, as the published schema has them. Both links are the purchase's own address.",
            PUBLISHED,
        ),
        Option("attributes_only", "Nothing more, as where fields were asked for."),
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
        "unknown_parameters",
        "What does a query parameter get that the page does not list, such as `include` or `sort`?",
        Option("ignore", "Nothing: it is ignored, and the journal has a warning."),
        Option("400", "400, as JSON:API says."),
    ),
    _choice(
        "wrong_method",
        "What does a wrong method get on a path that exists?",
        Option("405", "405 in the shape of every error."),
        Option("404", "404, as for an unknown path."),
    ),
)
