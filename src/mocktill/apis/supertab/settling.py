"""How Supertab's purchases become completed: put on a tab, or the tab is paid; each is told of once.

The same for a request, an act, and a person in the sandbox.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from functools import partial

from mocktill.apis.supertab.askers import USER
from mocktill.apis.supertab.events import COMPLETED, completed_payload
from mocktill.apis.supertab.handlers import done, model_of, paid
from mocktill.apis.supertab.spans import END, Span, span
from mocktill.apis.supertab.tabs import UNSAID, Owner, add_tab, filled, group, owner_of, total, unpaid
from mocktill.core.api import Backend
from mocktill.core.clock import instant, text
from mocktill.core.store import Row


def put_on(key: str, row: Row, tab_id: str, backend: Backend) -> Row:
    """Put a purchase on a tab, and return the tab's row: it completes there, or stays pending until that is paid."""
    tabs = backend.table("tabs")
    tab = tabs.get(tab_id) or {}
    placed = {**row, "tab_id": tab_id, "waiting": None, "updated_at": text(backend.now)}
    if done(model_of(row, backend.choice), tab):
        _complete(key, placed, backend)
    else:
        backend.table("purchases").put(key, placed)
    owed = total(tab_id, backend.table)
    changed = filled(tab, owed, int(row["price"]["amount"]), backend.choice, text(backend.now))
    tabs.put(tab_id, changed)
    return changed


def let_wait(key: str, row: Row, backend: Backend) -> None:
    """Keep a purchase on no tab, until the tab that is full is paid."""
    waiting = {**row, "tab_id": None, "waiting": row["price"]["currency"]}
    backend.table("purchases").put(key, waiting)


def pay(tab_id: str, row: Row, backend: Backend) -> list[str]:
    """Pay a tab: that closes it, completes what is on it, and makes room for what waited.

    Returns the keys of the purchases that it completed.
    """
    now = text(backend.now)
    tab = {**row, "status": "closed", "paid_at": now, "updated_at": now}
    backend.table("tabs").put(tab_id, tab)
    completed = []
    for key, purchase in backend.table("purchases").find("by_tab", tab_id):
        if purchase.get("completed_at") is None and model_of(purchase, backend.choice) == "pay_now":
            _complete(key, {**purchase, "updated_at": now}, backend)
            completed.append(key)
    known = {**UNSAID, **tab}
    return completed + add_waiting(Owner(*(known[field] for field in Owner._fields)), backend)


def add_waiting(owner: Owner, backend: Backend) -> list[str]:
    """Put what waits for a tab on the one that is open, in the order in which it was bought, until that is full."""
    purchases, added = backend.table("purchases"), []
    while first := purchases.first(*group(owner, backend)):
        tab_id, tab = unpaid(owner, backend) or add_tab(owner_of(first[1]), backend)
        if tab["status"] == "full":
            break
        put_on(*first, tab_id, backend)
        added.append(first[0])
    return added


def complete(key: str, row: Row, backend: Backend) -> None:
    """Complete a pending purchase: put it on its user's tab whether that is full or not, and pay that where it has to.

    Raises ValueError, in words, for one that is completed, or that never is.
    """
    tabs, tab_id = backend.table("tabs"), row.get("tab_id")
    model = model_of(row, backend.choice)
    if model == "null":
        raise ValueError(f"{key} has no status: the choice supertab.pay_now_subscription_status says so")
    if tab_id is not None and tab_id not in tabs:
        raise ValueError(f"{key} is on {tab_id}, which there is not")
    if tab_id is not None and done(model, tabs.get(tab_id)):
        raise ValueError(f"{key} is completed already")
    if tab_id is None:
        owner = owner_of(row)
        tab_id, _ = (unpaid(owner, backend) if model == "pay_later" else None) or add_tab(owner, backend)
        put_on(key, row, tab_id, backend)
    tab = tabs.get(tab_id)
    if tab is not None and not done(model, tab):
        pay(tab_id, tab, backend)


def renew(key: str, row: Row, backend: Backend) -> str:
    """Let a subscription go on: its access ends one interval later. Return the new end.

    Raises ValueError, in words, for what is no subscription that was completed, and for one that cannot go on.
    """
    lasts, ends = span(row), row.get("valid_to")
    if row.get("recurring_details") is None or lasts is None or ends is None:
        raise ValueError(f"{key} is no subscription that was completed")
    if not lasts.number or instant(ends) >= END:
        raise ValueError(f"{key} cannot go on: it lasts no time, or until the end of the calendar")
    until = text(_next_end(instant(row.get("valid_from") or row["purchase_date"]), lasts, instant(ends)))
    backend.table("purchases").put(key, {**row, "valid_to": until, "updated_at": text(backend.now)})
    return until


def _next_end(start: datetime, lasts: Span, ends: datetime) -> datetime:
    """Return the first end of an interval after another, counted from the start: no short month makes it earlier."""
    enough = 1
    while lasts.after(start, enough) <= ends:
        enough *= 2
    times = bisect_right(range(enough + 1), ends, key=lambda times: lasts.after(start, times))
    return lasts.after(start, times)


def completed_at(row: Row, tab: Row | None) -> str:
    """Return when a purchase was completed: what its row says, else when its tab was paid, or when it was bought."""
    said: str | None = row.get("completed_at")
    if said is None and row["payment_model"] != "pay_later" and tab is not None and paid(tab):
        said = tab["paid_at"]
    return said or str(row["purchase_date"])


def with_validity(row: Row, at: str) -> Row:
    """Return a purchase as one that was completed at an instant: what has a length lasts from then on."""
    lasts = span(row)
    until = {} if lasts is None else {"valid_from": at, "valid_to": text(lasts.after(instant(at)))}
    return {**row, "completed_at": at, **until}


def _complete(key: str, row: Row, backend: Backend) -> None:
    completed = with_validity(row, text(backend.now))
    backend.table("purchases").put(key, completed)
    if row.get("completed_at") is None:
        user_id = row.get("user_id") or USER
        user = backend.table("users").get(user_id) or {}
        backend.emit(COMPLETED, key, partial(completed_payload, key, completed, user_id, user))
