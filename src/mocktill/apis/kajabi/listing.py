"""The list of purchases: which, in what order, and one page of them with links to the others.

The usual order and the one by creation come from an index: a page costs what it has. Any other order, and any filter
but the customer's, looks at each purchase once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mocktill.apis.kajabi import documents, filters, handlers, parameters
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row

NUMBER, SIZE, SORT = "page[number]", "page[size]", "sort"
KNOWN = frozenset({NUMBER, SIZE, SORT, *handlers.KNOWN, *filters.KNOWN})
LARGEST = 1000
"""How many purchases one page has at the most: a bound of the sandbox's own."""
RAW = ",:/@[]"
"""What a link does not encode, as the published ones have their brackets."""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

Order = tuple[tuple[str, bool], ...]
"""The attributes to sort by, and whether each descends."""
Found = tuple[str, Row]
USUAL: Mapping[str, Order] = {"newest": (("created_at", True),), "oldest": (("created_at", False),), "id": ()}


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: its number, counted from 1, and how many purchases each has."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many purchases come before it."""
        return (self.number - 1) * self.size

    def last(self, total: int) -> int:
        """Return the number of the last page; an empty list has one page, too."""
        return max(1, -(-total // self.size))


def list_purchases(call: Call, backend: Backend) -> Result:
    """Return one page of the purchases, each whole or with the attributes that were asked for."""
    parameters.check_known(call, _Known(), backend)
    page, order = _page(call, backend), _order(call, backend)
    fields, include = parameters.fields(call, backend), parameters.include(call, backend)
    rows, total = _select(call, backend, page, order)
    if page.number > page.last(total) and backend.choice("page_beyond") == "404":
        raise e.NotFound(f"there are {page.last(total)} pages")
    names = parameters.names(fields, backend)
    related = fields is None and backend.choice("full_document") != "attributes_only"
    made: dict[str, JSON] = {"data": [documents.whole(key, row, names, backend, related=related) for key, row in rows]}
    if include:
        made["included"] = documents.included([row for _, row in rows], include, call, backend)
    return Result({**made, "links": _links(call, page, total, backend), "meta": _meta(len(rows), page, total, backend)})


def narrowed(value: JSON, call: Call, backend: Backend) -> JSON:
    """Return of a made list what the request asked for; its links and numbers are those of one page."""
    parameters.check_known(call, _Known(), backend)
    page, _ = _page(call, backend), _order(call, backend)
    fields = parameters.fields(call, backend)
    if fields is not None:
        names = parameters.names(fields, backend)
        value = {**value, "data": [handlers.sparse(one, names) for one in value["data"]]}
    value = handlers.with_included(value, parameters.include(call, backend))
    first, total = Page(1, page.size), len(value["data"])
    return {**value, "links": _links(call, first, total, backend), "meta": _meta(total, first, total, backend)}


class _Known:
    """The parameters that are known, and every filter: one that there is not is a wrong one, not an unknown name."""

    def __contains__(self, name: object) -> bool:
        return name in KNOWN or str(name).startswith("filter[")


def _page(call: Call, backend: Backend) -> Page:
    size = _whole(call, SIZE, "" if SIZE in call.query else backend.choice("page_size"))
    if size > LARGEST:
        raise parameters.wrong(SIZE, f"a page has {LARGEST} purchases at the most")
    return Page(_whole(call, NUMBER, "1"), size)


def _whole(call: Call, name: str, usual: str) -> int:
    value = call.query.get(name, usual)
    if not _NUMBER.fullmatch(value):
        raise parameters.wrong(name, "a whole number from 1 is meant")
    return int(value)


def _order(call: Call, backend: Backend) -> Order:
    """Return what to sort by, in this order; of a repeated attribute the first counts."""
    value = call.query.get(SORT)
    if value is None:
        return USUAL[backend.choice("list_order")]
    order: dict[str, bool] = {}
    for part in value.split(","):
        name = part.strip().removeprefix("-")
        if name not in filters.SORTABLE:
            raise parameters.wrong(SORT, f"{parameters.said([name]) or 'an empty name'} is nothing to sort by")
        order.setdefault(name, part.strip().startswith("-"))
    return tuple(order.items())


def _select(call: Call, backend: Backend, page: Page, order: Order) -> tuple[list[Found], int]:
    """Return the rows of the page, and how many there are on all of them."""
    purchases = backend.table("purchases")
    tests, customer = filters.tests(call, backend), call.query.get(filters.CUSTOMER_ID)
    index = ("by_creation",) if customer is None else ("by_customer", customer)
    by_creation = len(order) == 1 and order[0][0] == "created_at"
    if by_creation and not tests:
        rows = purchases.page(*index, offset=page.offset, limit=page.size, newest=order[0][1])
        return rows, purchases.count(*index)
    found = [one for one in purchases.find(*index) if all(test(one[1]) for test in tests)]
    if not by_creation:
        found = _sorted(found, order, backend)
    elif order[0][1]:
        found.reverse()
    return found[page.offset : page.offset + page.size], len(found)


def _sorted(rows: Sequence[Found], order: Order, backend: Backend) -> list[Found]:
    """Return rows in an order; those that are alike in it by id, in the direction of the last attribute."""
    found = sorted(rows, key=lambda one: one[0], reverse=bool(order) and order[-1][1])
    for name, descending in reversed(order):
        nulls = any(row[name] is None for _, row in found)
        last = nulls and backend.choice("null_order") == "last"
        found.sort(key=lambda one: _rank(one[1][name], last), reverse=descending)
    return found


def _rank(value: Any, last: bool) -> tuple[bool, Any]:
    """Return a sort key: null before all that has a value, or behind it."""
    return (last, 0) if value is None else (not last, value)


def _links(call: Call, page: Page, total: int, backend: Backend) -> dict[str, JSON]:
    """Return the links to this page and the others, with all other parameters as they came; no next after the last."""
    last, root = page.last(total), documents.root(call, backend)
    links = {"self": _link(root, call, page.number), "first": _link(root, call, 1)}
    if page.number > 1:
        links["prev"] = _link(root, call, min(page.number - 1, last))
    if page.number < last:
        links["next"] = _link(root, call, page.number + 1)
    return {**links, "last": _link(root, call, last)}


def _link(root: str, call: Call, number: int) -> str:
    query = {**call.query, NUMBER: str(number)}
    words = [f"{quote(name, safe=RAW)}={quote(value, safe=RAW)}" for name, value in query.items()]
    return f"{root}/v1/purchases?{'&'.join(words)}"


def _meta(count: int, page: Page, total: int, backend: Backend) -> dict[str, JSON]:
    pages = page.last(total) if total else 0
    match backend.choice("list_meta"):
        case "current_page":
            return {"total_pages": pages, "total_count": total, "current_page": page.number}
        case "total":
            return {"total": total}
        case _:
            return {"count": count, "total_count": total, "total_pages": pages}
