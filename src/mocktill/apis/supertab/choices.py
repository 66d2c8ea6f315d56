"""What Supertab's page leaves open, and how the sandbox decides it."""

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

DOCUMENTED, OBSERVED = Basis.DOCUMENTED, Basis.OBSERVED


def _choice(name: str, question: str, *options: Option) -> Choice:
    return Choice(f"supertab.{name}", question, options)


CHOICES = (
    unknown_credentials("supertab"),
    idempotency("supertab"),
    webhook_delivery("supertab"),
    webhook_retries("supertab"),
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
        "What does a path get whose id is not its kind and a UUID, as in `purchase.<uuid>`?",
        Option("purchase_not_found", "404, as for any that there is not: `purchase_not_found`."),
        Option("validation_error", "422 `validation_error` that names the id."),
    ),
    _choice(
        "error_shape",
        "Which shape has an error? These endpoints show none.",
        Option("error", "`error` with message and code, as other endpoints of the same backend answer."),
        Option("detail", "`detail` alone, as a backend answers that shapes no errors of its own."),
    ),
    _choice(
        "unnamed_user",
        "Whose are the purchases and the access of a token that names no user?",
        Option("one", "Those of one user, the first of the factory state, whatever the token.", weakens=False),
        Option("own", "Those of a user of its own, who has nothing yet.", weakens=False),
    ),
    _choice(
        "foreign_object",
        "What does a purchase or a tab of another merchant, or of another user, get?",
        Option("not_found", "404, as if there was none."),
        Option("forbidden", "403 `forbidden`."),
    ),
    _choice(
        "missing_currency",
        "What does a purchase get that names no currency?",
        Option("validation_error", "422 `validation_error`."),
        Option("offering", "It is made in the offering's first currency."),
    ),
    _choice(
        "unpriced_currency",
        "What does a purchase get in a currency that the offering has no price in?",
        Option("validation_error", "422 `validation_error`."),
        Option("offering", "It is made in the offering's first currency."),
    ),
    _choice(
        "tab_scope",
        "What is on one unpaid `pay_later` tab of a user and a currency?",
        Option(
            "user",
            "All that the user buys: the page speaks of the global tab for a specific user. Its `merchant_id` is that"
            " of the first purchase on it; a merchant's token sees its own purchases there, and the others as"
            " obfuscated ones in `tab_statistics`.",
            DOCUMENTED,
        ),
        Option("merchant", "What the user buys from one merchant: clients read a `merchant_id` of a tab.", OBSERVED),
    ),
    _choice(
        "limit_reached",
        "Is a tab full whose total is exactly its limit?",
        Option("full", "Yes: it has to be paid."),
        Option("open", "No: only one that is over it."),
    ),
    _choice(
        "full_tab",
        "What becomes of a `pay_later` purchase when the tab is full already?",
        Option(
            "wait", "It is not added. It is pending on no tab until the full one is paid, and goes on the next then."
        ),
        Option("add", "It is added beyond the limit, and completed."),
    ),
    _choice(
        "outcome_of_waiting",
        "What is the `purchase_outcome` of a purchase that was not added? Only `added` is shown.",
        Option("null", "`null`."),
        Option("omitted", "There is none."),
    ),
    _choice(
        "pay_now_tab",
        "Which tab does a `pay_now` purchase go on when the user has an unpaid one of that kind?",
        Option("own", "A new one of its own."),
        Option("shared", "The unpaid one."),
    ),
    _choice(
        "paid_tab",
        "What does finishing the payment of a tab get that is paid already?",
        Option("unchanged", "200, and nothing changes."),
        Option("refuse", "409 `conflict`."),
    ),
    _choice(
        "pay_open_tab",
        "What does finishing the payment of a tab get that is not full yet?",
        Option("pay", "It is paid and closed."),
        Option("refuse", "409 `conflict`."),
    ),
    _choice(
        "pay_empty_tab",
        "What does finishing the payment of a tab get that nothing is on?",
        Option("pay", "It is paid and closed."),
        Option("refuse", "409 `conflict`."),
    ),
    _choice(
        "payment_answer",
        "What is the body of the answer when a payment was finished?",
        Option("tab", "The tab as it is now."),
        Option("empty", "An empty object."),
    ),
    _choice(
        "tab_order",
        "In which order are tabs listed?",
        Option("newest", "The newest first: clients take the first one for the present one.", OBSERVED),
        Option("oldest", "The oldest first."),
    ),
    _choice(
        "active_tab",
        "Which tabs are active, where `is_active` asks for them?",
        Option("unpaid", "Those that are open or full."),
        Option("open", "Those that are open."),
    ),
    _choice(
        "default_limit",
        "How many tabs are on a page whose size nobody asked for?",
        Option("20", "20.", weakens=False),
        Option("100", "100.", weakens=False),
    ),
    _choice(
        "large_limit",
        "What does a page get that is to hold more than 100 tabs?",
        Option("cap", "It holds 100."),
        Option("refuse", "422 `validation_error`."),
    ),
    _choice(
        "tab_count",
        "What does `count` count in a list of tabs that has more than one page?",
        Option("all", "All tabs that match."),
        Option("page", "Those on this page."),
    ),
    _choice(
        "empty_number_pages",
        "How many pages has a list without tabs?",
        Option("1", "One, which is empty."),
        Option("0", "None."),
    ),
    _choice(
        "page_links",
        "What are the links of a list of tabs to its other pages?",
        Option("url", "Their addresses.", weakens=False),
        Option("cursor", "The value of `cursor` that asks for them.", weakens=False),
    ),
    _choice(
        "link_host",
        "On which host are links?",
        Option("request", "On the host that was asked, so that they lead back to the sandbox.", weakens=False),
        Option("documented", "On `https://tapi.supertab.co`, literally.", weakens=False),
    ),
    _choice(
        "endless_access",
        "What is `valid_to` where access never ends?",
        Option("null", "`null`."),
        Option("distant", "The last second of the year 9999."),
    ),
    _choice(
        "subscription_id",
        "What is the `subscription_id` of the access that a subscription gives?",
        Option("tagged", "`subscription.` and the UUID of the purchase."),
        Option("purchase", "The id of the purchase."),
    ),
)
