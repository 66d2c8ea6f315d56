"""What Supertab's page leaves open, and how the sandbox decides it."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, unknown_credentials

DOCUMENTED = Basis.DOCUMENTED


def _choice(name: str, question: str, *options: Option) -> Choice:
    return Choice(f"supertab.{name}", question, options)


CHOICES = (
    unknown_credentials("supertab"),
    _choice(
        "pay_now_subscription_status",
        "What is the status of a purchase of the deprecated `pay_now_subscription`, which is in no rule?",
        Option("pay_now", "The one that `pay_now` would have."),
        Option("pay_later", "The one that `pay_later` would have."),
        Option("null", "None: `status` is null."),
    ),
    _choice(
        "pay_now_pending_status",
        "What is the status of a `pay_now` purchase that is not on any tab, which is in no rule?",
        Option("pending", "`pending`: nothing has been paid."),
        Option("null", "None: `status` is null."),
    ),
    _choice(
        "superseded_purchase",
        "What is the status of a pending purchase on a tab to which a newer one was added?",
        Option("pending", "`pending`: abandoned purchases are not being set at the moment.", DOCUMENTED),
        Option("abandoned", "`abandoned`, as the page announces."),
    ),
    _choice(
        "malformed_id",
        "What does a path get whose id is not `purchase.` and a UUID?",
        Option("purchase_not_found", "404 `purchase_not_found`."),
        Option("validation_error", "422 `validation_error` that names the id."),
    ),
    _choice(
        "error_shape",
        "Which shape has an error? This endpoint shows none.",
        Option("error", "`error` with message and code, as other endpoints of the same backend answer."),
        Option("detail", "`detail` alone, as a backend answers that shapes no errors of its own."),
    ),
)
