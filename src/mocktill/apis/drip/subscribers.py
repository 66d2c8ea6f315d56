"""Drip's behaviour with subscribers: they are created or updated in one, read, listed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any
from urllib.parse import quote

from mocktill.apis.drip.accounts import account_of, reader_of, subscriber_of
from mocktill.apis.drip.leeway import check_doubts, check_length
from mocktill.apis.drip.listing import Page, page_number, page_size
from mocktill.apis.drip.profile import doubts, save
from mocktill.apis.drip.show import moment, show_subscribers
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant
from mocktill.core.store import Row, Table

STATUSES: Mapping[str, tuple[str | None, ...]] = {
    "active": (None, "active"),
    "unsubscribed": ("unsubscribed",),
    "active_or_unsubscribed": (None, "active", "unsubscribed"),
    "undeliverable": ("undeliverable",),
    "removed": ("removed",),
}
"""Which statuses a filter is for, beside `all` (List all subscribers); a row without one is active."""


def create_or_update_subscriber(call: Call, backend: Backend) -> Result:
    """Keep what was sent of a subscriber, who is new unless the account has one of this id or e-mail address."""
    account, sent = account_of(call, backend), call.body["subscribers"]
    check_length(sent, "subscribers", backend)
    check_doubts(doubts(call.body), backend)
    keys = [save(one, account, call, backend) for one in sent]
    table = backend.table("subscribers")
    saved = [(key, row) for key in keys if (row := table.get(key))]
    return Result(show_subscribers(saved, call.args["account_id"], call, backend))


def read_subscriber(call: Call, backend: Backend) -> Result:
    """Return a subscriber, with the lifetime value of the purchases so far."""
    return Result(show_subscribers([reader_of(call, backend)], call.args["account_id"], call, backend))


def follow_subscriber(call: Call, backend: Backend) -> Result:
    """Return the subscriber that the link of a purchase leads to, as its own account has it."""
    key = call.args["subscriber_id"]
    row = backend.table("subscribers").get(key)
    if row is None:
        raise e.NotFound(f"there is no subscriber {key}")
    return Result(show_subscribers([(key, row)], row["account"], call, backend))


def of_its_account(value: JSON, call: Call, backend: Backend) -> JSON:
    """Make of a generated answer one whose address is in the account that it names."""
    (one,) = value["subscribers"]
    href = f"{call.base_url}/v2/{one['links']['account']}/subscribers/{quote(one['id'], safe='')}"
    return {**value, "subscribers": [{**one, "href": href}]}


def delete_subscriber(call: Call, backend: Backend) -> Result:
    """Forget a subscriber and its purchases; the answer has no body."""
    key, _ = subscriber_of(call, backend)
    purchases = backend.table("purchases")
    for purchase, _ in list(purchases.find("by_subscriber", key)):
        purchases.delete(purchase)
    backend.table("subscribers").delete(key)
    return Result(None)


def list_subscribers(call: Call, backend: Backend) -> Result:
    """Return a page of the subscribers of an account, those that are active unless others are asked for."""
    account, query = account_of(call, backend), call.query
    page = Page(page_number(query.get("page"), backend), page_size(query.get("per_page"), backend))
    rows, total = _page_of(backend.table("subscribers"), account, query, page, backend)
    page.check(total, backend)
    shown = show_subscribers(rows, call.args["account_id"], call, backend)
    return Result({"links": shown["links"], "meta": page.meta(len(rows), total, backend), **shown})


def _page_of(
    table: Table, account: str, query: Mapping[str, str], page: Page, backend: Backend
) -> tuple[list[tuple[str, Row]], int]:
    """Return the rows of a page, and of how many; without looking at all of them where that can be."""
    groups = _groups(table, account, query.get("status", "active"), backend)
    fits = _Filter(query)
    total = sum(table.count(*group) for group in groups)
    if fits.all and len(groups) < 2:
        newest = total > 1 and backend.choice("subscriber_order") == "newest"
        rows = [table.page(*group, offset=page.offset, limit=page.size, newest=newest) for group in groups]
        return (rows[0] if rows else []), total
    found = [one for one in merge(*(table.find(*group) for group in groups), key=_place) if fits(one[1])]
    if len(found) > 1 and backend.choice("subscriber_order") == "newest":
        found.reverse()
    return list(islice(found, page.offset, page.offset + page.size)), len(found)


def _groups(table: Table, account: str, status: str, backend: Backend) -> list[tuple[Any, ...]]:
    """Return the groups of an index that are listed, those that have rows; one where they are the whole account."""
    whole = ("by_account", account)
    groups = [whole] if status == "all" else [("by_status", account, one) for one in _statuses(status, backend)]
    if table.count(*whole) == sum(table.count(*group) for group in groups):
        groups = [whole]
    return [group for group in groups if table.count(*group)]


def _statuses(wanted: str, backend: Backend) -> tuple[str | None, ...]:
    found = STATUSES.get(wanted)
    if found is None and backend.choice("unknown_status") == "refuse":
        raise e.Invalid(f"{wanted[:50]!r} is no status", kind="format_error", field="status")
    return STATUSES["active"] if found is None else found


def _place(one: tuple[str, Row]) -> tuple[int, str]:
    return (one[1].get("number") or 0), one[0]


class _Filter:
    """Which subscribers a query asks for, beside their status; raises `Invalid` for a time that is none."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._tags = {tag.strip() for tag in query.get("tags", "").split(",")} - {""}
        self._before, self._after = _time(query, "subscribed_before"), _time(query, "subscribed_after")
        self.all = not (self._tags or self._before or self._after)

    def __call__(self, row: Row) -> bool:
        if self._tags and self._tags.isdisjoint(row.get("tags") or ()):
            return False
        if not (self._before or self._after):
            return True
        created = instant(row["created_at"])
        return (self._before is None or created < self._before) and (self._after is None or created > self._after)


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    sent = query.get(name)
    try:
        return moment(sent.replace(" ", "+")) if sent else None  # the plus of a zone that nobody encoded
    except ValueError:
        raise e.Invalid(f"{(sent or '')[:50]} is no time", kind="time_error", field=name) from None
