"""Supertab's list of tabs: filters, and pages whose cursors name the tab that they follow or come before.

So a tab that is opened meanwhile neither repeats one nor hides one.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from mocktill.apis.supertab.askers import asker
from mocktill.apis.supertab.handlers import paid
from mocktill.apis.supertab.tabs import UNSAID, show_tab
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row, Table

HOST = "https://tapi.supertab.co"
MOST = 100
"""How many tabs a page holds at most."""
FILTERS = ("payment_model", "status", "currency")

Test = Callable[[str, Row], bool]


class Place(NamedTuple):
    """Where a tab stands in the order of all: one that says no time comes before those that do."""

    created_at: str
    key: str


class Matching(NamedTuple):
    """How many tabs match, and the keys of those between two places, the earliest first."""

    total: int
    keys: Callable[[int, int], Sequence[str]]


class Page(NamedTuple):
    """The keys of some tabs in the order in which they are shown, and whether there are others around them."""

    keys: Sequence[str]
    before: bool
    after: bool


def list_tabs(call: Call, backend: Backend) -> Result:
    """Return a page of the tabs that the asker sees."""
    tabs = backend.table("tabs")
    found = _matching(call, backend)
    limit = _limit(call.query.get("limit"), backend)
    newest = found.total < 2 or backend.choice("tab_order") == "newest"
    page = _cut(found, limit, newest, call.query.get("cursor"), tabs)
    who = asker(call.credential, backend)
    data = [show_tab(key, tabs.get(key) or {}, who, backend) for key in page.keys]
    return Result({"data": data, "metadata": _metadata(found.total, limit, page, call, backend)})


def _matching(call: Call, backend: Backend) -> Matching:
    """Return the tabs that the asker sees and the filters let through; where all of them do, none is looked at."""
    tabs, who = backend.table("tabs"), asker(call.credential, backend)
    index = ("by_user", who.user_id) if who.user_id else ("all",)
    tests = _tests(call, backend)
    if who.merchant_id:
        tests.append(lambda key, row: who.sees_tab(key, row, backend.table("purchases")))
    if not tests:
        return Matching(
            tabs.count(*index),
            lambda start, end: [key for key, _ in tabs.page(*index, offset=start, limit=end - start)],
        )
    found = [key for key, row in tabs.find(*index) if all(test(key, row) for test in tests)]
    return Matching(len(found), lambda start, end: found[start:end])


def _tests(call: Call, backend: Backend) -> list[Test]:
    """Return what the filters ask of a tab."""
    tests: list[Test] = [partial(_has, name, call.query[name]) for name in FILTERS if name in call.query]
    wanted = call.query.get("is_active")
    if wanted is not None:
        tests.append(partial(_is_active, wanted.lower() in {"true", "1"}, backend.choice("active_tab") == "unpaid"))
    return tests


def _has(name: str, wanted: str, key: str, row: Row) -> bool:
    return bool(row.get(name, UNSAID.get(name)) == wanted)


def _is_active(wanted: bool, with_full: bool, key: str, row: Row) -> bool:
    return (not paid(row) and row["status"] in ({"open", "full"} if with_full else {"open"})) is wanted


def _place(key: str, tabs: Table) -> Place:
    return Place((tabs.get(key) or {}).get("created_at", ""), key)


def _limit(written: str | None, backend: Backend) -> int:
    limit = int(written or backend.choice("default_limit"))
    if limit > MOST:
        if backend.choice("large_limit") == "refuse":
            raise e.Invalid(f"expected at most {MOST}", kind="invalid", field="query -> limit")
        return MOST
    return limit


def _cut(found: Matching, limit: int, newest: bool, cursor: str | None, tabs: Table) -> Page:
    """Return one page, the first without a cursor."""
    count, start = found.total, 0
    if cursor is not None:
        direction, place = _read(cursor)

        def at(offset: int) -> Place:
            return _place(found.keys(offset, offset + 1)[0], tabs)

        lower, upper = (bisect(range(count), place, key=at) for bisect in (bisect_left, bisect_right))
        if direction == "next":
            start = count - lower if newest else upper
        else:
            end = count - upper if newest else lower
            start, limit = max(end - limit, 0), min(limit, end)
    end = min(start + limit, count)
    keys = found.keys(count - end, count - start)[::-1] if newest else found.keys(start, end)
    return Page(keys, start > 0, end < count)


def _metadata(count: int, limit: int, page: Page, call: Call, backend: Backend) -> JSON:
    shown = len(page.keys)
    pages = -(-count // limit) or int(backend.choice("empty_number_pages"))
    return {
        "count": shown if shown != count and backend.choice("tab_count") == "page" else count,
        "per_page": limit,
        "links": {
            "previous": _link("previous", page.keys[0], call, backend) if page.before and shown else "",
            "next": _link("next", page.keys[-1], call, backend) if page.after and shown else "",
        },
        "number_pages": pages,
    }


def _link(direction: str, key: str, call: Call, backend: Backend) -> str:
    place = _place(key, backend.table("tabs"))
    cursor = urlsafe_b64encode(orjson.dumps([direction, *place])).decode().rstrip("=")
    if backend.choice("page_links") == "cursor":
        return cursor
    query = {name: value for name, value in call.query.items() if name in (*FILTERS, "limit", "is_active")}
    root = HOST if backend.choice("link_host") == "documented" else call.base_url
    return f"{root}/v1/tabs?{urlencode({**query, 'cursor': cursor})}"


def _read(cursor: str) -> tuple[str, Place]:
    """Return what a cursor says; raise `Invalid` for one that nobody gave away."""
    try:
        said = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        direction, created_at, key = said
        if direction in {"next", "previous"} and isinstance(created_at, str) and isinstance(key, str):
            return direction, Place(created_at, key)
    except (ValueError, TypeError):
        pass
    raise e.Invalid("no cursor of a page", kind="invalid", field="query -> cursor")
