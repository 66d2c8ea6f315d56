"""Pages: which one is asked for, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend

PAGE_SIZE, LARGEST_PAGE = 100, 1000
"""How many objects a page holds (Pagination), and how many subscribers at most (List all subscribers)."""
_NUMBER = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Page:
    """One page of a list: the first is number 1."""

    number: int
    size: int = PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many objects come before it."""
        return (self.number - 1) * self.size

    def meta(self, count: int, total: int, backend: Backend) -> JSON:
        """Return what is said beside the objects: how many are here, and how many there are."""
        pages = -(-total // self.size) or int(backend.choice("empty_total_pages"))
        return {"page": self.number, "count": count, "total_pages": pages, "total_count": total}

    def check(self, total: int, backend: Backend) -> None:
        """Raise `NotFound`, by choice, for a page beyond the end; the first always exists."""
        if self.number > 1 and self.offset >= total and backend.choice("page_beyond_end") == "not_found":
            raise e.NotFound(f"page {self.number} is beyond the end")


def page_number(sent: str | None, backend: Backend) -> int:
    """Return which page is asked for."""
    found = _positive(sent, 1)
    if found is not None:
        return found
    if backend.choice("invalid_page") == "refuse":
        raise e.Invalid(f"{(sent or '')[:50]!r} is no page", kind="range_error", field="page")
    return 1


def page_size(sent: str | None, backend: Backend) -> int:
    """Return how many subscribers a page is to hold."""
    found = _positive(sent, PAGE_SIZE)
    if found is not None and found <= LARGEST_PAGE:
        return found
    if backend.choice("invalid_per_page") == "refuse":
        raise e.Invalid(f"{(sent or '')[:50]!r} is from 1 to {LARGEST_PAGE}", kind="range_error", field="per_page")
    return PAGE_SIZE if found is None else LARGEST_PAGE


def _positive(sent: str | None, default: int) -> int | None:
    if sent is None:
        return default
    return int(sent) if _NUMBER.fullmatch(sent) and int(sent) > 0 else None
