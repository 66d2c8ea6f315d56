"""What happens at Supertab without a request: a tab is paid at the checkout, a subscription is charged again."""

from __future__ import annotations

from mocktill.apis.supertab.settling import complete, pay, renew
from mocktill.core.api import Act, Backend
from mocktill.core.names import look_up


def pay_tab(key: str, backend: Backend) -> str:
    """Pay a tab, as a user does at the checkout; one that is paid stays as it is."""
    tab = look_up(backend.table("tabs"), key, "tab")
    if tab.get("paid_at") is not None:
        return f"{key} was paid already, at {tab['paid_at']}"
    completed = pay(key, tab, backend)
    return f"{key} was paid" + (f", which completed {', '.join(completed)}" if completed else "")


def complete_purchase(key: str, backend: Backend) -> str:
    """Complete a pending purchase: it is put on its user's tab, and that is paid where it has to be."""
    complete(key, look_up(backend.table("purchases"), key, "purchase"), backend)
    return f"{key} was completed"


def renew_subscription(key: str, backend: Backend) -> str:
    """Charge a subscription again: its access goes on for one interval more."""
    until = renew(key, look_up(backend.table("purchases"), key, "purchase"), backend)
    return f"{key} goes on until {until}"


ACTS = (
    Act("pay_tab", "A user pays a tab at the checkout: it closes, and what is on it completes", "tabs", pay_tab),
    Act(
        "complete_purchase",
        "A pending purchase completes: it is put on its user's tab, which is paid if need be",
        "purchases",
        complete_purchase,
    ),
    Act(
        "renew_subscription",
        "A subscription is charged again: its access goes on for one interval more",
        "purchases",
        renew_subscription,
    ),
)
