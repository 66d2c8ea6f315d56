"""Supertab's list of tabs: filters, and pages whose cursors name the tab that they follow or come before.

So a tab that is opened meanwhile neither repeats one nor hides one.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from mocktill.apis.supertab.askers import asker
from mocktill.apis.supertab.handlers import paid
from mocktill.apis.supertab.tabs import UNSAID, show_tab
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row, Table

MOST = 100
"""How many tabs a page holds at most."""
FILTERS = ("payment_model", "status", "currency")


class Place(NamedTuple):
    """Where a tab stands in the order of all: one that says no time comes before those that do."""

    created_at: str
    key: str


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
    newest = len(found) < 2 or backend.choice("tab_order") == "newest"
    page = _cut(found, limit, newest, call.query.get("cursor"), tabs)
    data = [show_tab(key, tabs.get(key) or {}, backend) for key in page.keys]
    return Result({"data": data, "metadata": _metadata(len(found), limit, page, call, backend)})


def _matching(call: Call, backend: Backend) -> list[str]:
    """Return the keys of the tabs that the filters let through, the earliest first, as the indexes have them."""
    who = asker(call.credential, backend)
    index = (
        ("by_user", who.user_id) if who.user_id else ("by_merchant", who.merchant_id) if who.merchant_id else ("all",)
    )
    found = backend.table("tabs").find(*index)
    if who.user_id and who.merchant_id:
        found = ((key, row) for key, row in found if who.sees(row))
    for name in FILTERS:
        if (wanted := call.query.get(name)) is not None:
            found = _with(found, name, wanted)
    active = _active(call.query.get("is_active"), backend)
    if active is not None:
        found = ((key, row) for key, row in found if _is_active(row, active[1]) == active[0])
    return [key for key, _ in found]


def _with(found: Iterable[tuple[str, Row]], name: str, wanted: str) -> Iterator[tuple[str, Row]]:
    unsaid = UNSAID.get(name)
    return ((key, row) for key, row in found if row.get(name, unsaid) == wanted)


def _place(key: str, tabs: Table) -> Place:
    return Place((tabs.get(key) or {}).get("created_at", ""), key)


def _active(wanted: str | None, backend: Backend) -> tuple[bool, str] | None:
    if wanted is None:
        return None
    return wanted.lower() in {"true", "1"}, backend.choice("active_tab")


def _is_active(row: Row, which: str) -> bool:
    return not paid(row) and row["status"] in ({"open", "full"} if which == "unpaid" else {"open"})


def _limit(written: str | None, backend: Backend) -> int:
    limit = int(written or backend.choice("default_limit"))
    if limit > MOST:
        if backend.choice("large_limit") == "refuse":
            raise e.Invalid(f"expected at most {MOST}", kind="invalid", field="query -> limit")
        return MOST
    return limit


def _cut(found: Sequence[str], limit: int, newest: bool, cursor: str | None, tabs: Table) -> Page:
    """Return one page, the first without a cursor."""
    count, start = len(found), 0
    if cursor is not None:
        direction, place = _read(cursor)
        lower = bisect_left(found, place, key=lambda key: _place(key, tabs))
        upper = bisect_right(found, place, key=lambda key: _place(key, tabs))
        if direction == "next":
            start = count - lower if newest else upper
        else:
            end = count - upper if newest else lower
            start, limit = max(end - limit, 0), min(limit, end)
    end = min(start + limit, count)
    keys = found[count - end : count - start][::-1] if newest else found[start:end]
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
    return f"{call.base_url}/v1/tabs?{urlencode({**query, 'cursor': cursor})}"


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
