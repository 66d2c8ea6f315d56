"""Lists: a page of what there is, or its count. No list says anything of its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row, Table

PER_PAGE, MOST = 100, 1000
"""How many a page has, and how many it may have ("Default is 100. Max is 1000.": the parameters of lists)."""
YES, NO = frozenset({"true", "1", ""}), frozenset({"false", "0"})


@dataclass(frozen=True)
class Of:
    """What is listed: the rows of an index with these values, under which name, and whose errors they are."""

    name: str
    table: Table
    index: str
    equal: tuple[str, ...]
    resource: str
    kept: Callable[[Row], bool] | None = None

    def __len__(self) -> int:
        return self.table.count(self.index, *self.equal) if self.kept is None else sum(1 for _ in self._kept())

    @property
    def several(self) -> bool:
        """Whether there are two of it, so that there is an order."""
        return len(self) > 1 if self.kept is None else sum(1 for _ in islice(self._kept(), 2)) > 1

    def page(self, offset: int, limit: int, newest: bool) -> Iterable[tuple[str, Row]]:
        """Return one page, from the earliest on or from the newest, and look at nothing that comes after it."""
        if self.kept is None:
            return self.table.page(self.index, *self.equal, offset=offset, limit=limit, newest=newest)
        return islice(self._kept(newest), offset, offset + limit)

    def _kept(self, newest: bool = False) -> Iterator[tuple[str, Row]]:
        """Yield what is kept, a stretch at a time: a page is soon full, however long the list."""
        assert self.kept is not None
        for offset in range(0, self.table.count(self.index, *self.equal), MOST):
            stretch = self.table.page(self.index, *self.equal, offset=offset, limit=MOST, newest=newest)
            yield from ((key, row) for key, row in stretch if self.kept(row))


def listed(of: Of, show: Callable[[str, Row], JSON], call: Call, backend: Backend) -> Result:
    """Return the page that a query asks for, or the count instead; then page and size are ignored."""
    if _wants_count(of, call, backend):
        return Result({"count" if backend.choice("count_shape") == "count" else of.name: len(of)})
    size = _number("per_page", PER_PAGE, MOST, of, call, backend)
    page = _number("page", 1, None, of, call, backend)
    newest = of.several and backend.choice("list_order") == "newest_first"
    return Result({of.name: [show(key, row) for key, row in of.page((page - 1) * size, size, newest)]})


def odd(name: str, resource: str, backend: Backend) -> None:
    """Raise, by choice, for a parameter that is not as the page says; else the journal tells that it was not heeded."""
    if backend.choice("list_parameters") == "refuse":
        raise e.Invalid("is invalid", kind="invalid", resource=resource, field=name)
    backend.note(f"the parameter {name} is not as the page says: the nearest that there is was taken")


def _wants_count(of: Of, call: Call, backend: Backend) -> bool:
    said = call.query.get("count")
    if said is None or said.lower() in NO:
        return False
    if said.lower() not in YES:
        odd("count", of.resource, backend)
        return False
    return True


def _number(name: str, default: int, most: int | None, of: Of, call: Call, backend: Backend) -> int:
    """Return a number from 1 on that a query may have, or the nearest."""
    said = call.query.get(name)
    if said is None:
        return default
    digits = said.lstrip("0") if said.isascii() and said.isdigit() else ""
    if digits and len(digits) < 16 and (most is None or int(digits) <= most):
        return int(digits)
    odd(name, of.resource, backend)
    if not digits:
        return default
    return most or 10**15
