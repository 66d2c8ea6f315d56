"""Supertab's access check: a completed purchase of a content key opens it until its time is over.

The time is the sandbox's. A subscription that is not renewed ends with its interval, and what has no length never ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from mocktill.apis.supertab.askers import Asker, asker, buyer
from mocktill.apis.supertab.handlers import done, model_of
from mocktill.apis.supertab.settling import completed_at, with_validity
from mocktill.apis.supertab.spans import END
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant, text
from mocktill.core.store import Row, Table

PAGE = 100
"""How many purchases are looked at together."""


def check_access(call: Call, backend: Backend) -> Result:
    """Return the access that a user has to a content key now, or null."""
    content_key, user_id = call.query["content_key"], buyer(call.credential, backend)
    found = _granting(user_id, content_key, asker(call.credential, backend), backend)
    if found is None:
        return Result({"access": None})
    key, row, until = found
    access = {
        "status": "Granted",
        "content_key": content_key,
        "valid_to": _seconds(until, backend),
        "subscription_id": _subscription(key, row, backend),
    }
    return Result({"access": access})


def narrow(value: JSON, call: Call, backend: Backend) -> JSON:
    """Let a generated answer be about the content key that was asked for."""
    access = value["access"]
    return value if access is None else {"access": {**access, "content_key": call.query["content_key"]}}


def _granting(user_id: str, content_key: str, who: Asker, backend: Backend) -> tuple[str, Row, str | None] | None:
    """Return the purchase that gives access, with when it ends: one without an end, else the one that ends last."""
    tabs, last = backend.table("tabs"), text(backend.now)
    latest = None
    for key, row in _candidates(user_id, content_key, last, backend.table("purchases")):
        tab_id = row.get("tab_id")
        if tab_id is None or not who.sees(row) or not done(model_of(row, backend.choice), tabs.get(tab_id)):
            continue
        until = ends_at(row, tabs)
        if until is None:
            return key, row, None
        if until > last:
            latest, last = (key, row, until), until
        if row.get("valid_to") is not None:
            break  # all that follow end earlier
    return latest


def ends_at(row: Row, tabs: Table) -> str | None:
    """Return when the access of a completed purchase ends, None for never."""
    if row.get("valid_to") is not None:
        return str(row["valid_to"])
    ends: str | None = with_validity(row, completed_at(row, tabs.get(row.get("tab_id") or ""))).get("valid_to")
    return ends


def _candidates(user_id: str, content_key: str, now: str, purchases: Table) -> Iterator[tuple[str, Row]]:
    """Yield what may give access, the best first.

    The index has first what ends at no instant and is on no tab, which is pending; then what is on one; then all that
    ends, by its end: of these the last come first, and those whose end has passed are left out.
    """
    index = ("by_content", user_id, content_key)
    count = purchases.count(*index)

    def at(place: int) -> Row:
        return purchases.page(*index, offset=place, limit=1)[0][1]

    ending = bisect_left(range(count), True, key=lambda place: at(place).get("valid_to") is not None)
    placed = bisect_left(range(ending), True, key=lambda place: at(place).get("tab_id") is not None)
    for offset in range(placed, ending, PAGE):
        yield from purchases.page(*index, offset=offset, limit=min(PAGE, ending - offset))
    for offset in range(0, count - ending, PAGE):
        for key, row in purchases.page(*index, offset=offset, limit=min(PAGE, count - ending - offset), newest=True):
            if row["valid_to"] <= now:
                return
            yield key, row


def _seconds(until: str | None, backend: Backend) -> int | None:
    if until is not None:
        return int(instant(until).timestamp())
    return None if backend.choice("endless_access") == "null" else int(END.timestamp())


def _subscription(key: str, row: Row, backend: Backend) -> JSON:
    if row.get("recurring_details") is None:
        return None
    return key if backend.choice("subscription_id") == "purchase" else f"subscription.{key.partition('.')[2]}"
