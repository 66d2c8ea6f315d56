"""What was asked and answered: an append-only log beside the store, bounded, with secrets masked.

An entry is cheap to make and rendered when it is read. Whatever is secret is masked before it is kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakSet

from mocktill.core.api import Violation
from mocktill.core.choices import Basis
from mocktill.core.secrets import LONGEST, WHOLE
from mocktill.core.store import Change

ENTRIES = 1_000
BYTES = 4 * 1024 * 1024
ALL_BYTES = 64 * 1024 * 1024
BODY = WHOLE
LINE = LONGEST
"""At how many characters a path, a query, a header or a pointer is cut."""
VIOLATION = 300
CHANGE = 500
OVERHEAD = 1_500
"""What an entry is taken to weigh beside its bodies, headers and paths, in bytes."""


@dataclass(slots=True)
class Entry:
    """One request and what came of it. Bodies are cut at `BODY` bytes; `operation` is None where none matched."""

    id: int
    at: datetime
    sandbox: str
    api: str
    operation: str | None
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    basis: Basis
    violations: tuple[Violation, ...]
    choices: tuple[tuple[str, str, Basis], ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """About how many bytes the entry takes."""
        size = OVERHEAD + len(self.request_body) + len(self.response_body) + len(self.path) + len(self.query)
        size += sum(map(len, self.request_headers)) + sum(map(len, self.request_headers.values()))
        size += sum(map(len, self.notes)) + CHANGE * len(self.changes)
        for violation in self.violations:
            size += VIOLATION + len(violation.pointer) + len(violation.got)
        return size


class Budget:
    """The bytes that all journals of a server may take together: when they are used up, the largest gives way."""

    def __init__(self, limit: int = ALL_BYTES) -> None:
        self.limit = limit
        self.used = 0
        self.lock = threading.Lock()
        self._journals: WeakSet[Journal] = WeakSet()

    def join(self, journal: Journal) -> None:
        """Count a journal in."""
        self._journals.add(journal)

    def make_room(self) -> None:
        """Let the oldest entries of the largest journals go until there is room. Called under the lock."""
        while self.used > self.limit:
            largest = max(self._journals, key=lambda journal: journal.size)
            if len(largest) <= 1:
                return
            largest.evict_down_to(largest.size * 9 // 10)


class Journal:
    """The entries of one sandbox, newest last; the oldest go when there are too many, and are counted."""

    def __init__(self, budget: Budget | None = None, *, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._entries: deque[Entry] = deque()
        self._sizes: deque[int] = deque()
        self._budget = budget or Budget()
        self._limit = entries
        self._size_limit = size
        self._last = 0
        self.size = 0
        self.evicted = 0
        self._closed = False
        self._budget.join(self)

    def close(self) -> None:
        """Forget all entries and keep none from now on: the sandbox was evicted, and nobody can ask for them."""
        with self._budget.lock:
            self._closed = True
        self.clear()

    def next_id(self) -> int:
        """Return the number of the next entry; numbers go on after `clear`."""
        self._last += 1
        return self._last

    def add(self, entry: Entry) -> None:
        """Keep an entry, and let the oldest go as long as a bound is passed."""
        size = entry.size
        with self._budget.lock:  # another journal may make this one give way
            if self._closed:
                return
            self._entries.append(entry)
            self._sizes.append(size)
            self._grow(size)
            if len(self._entries) > self._limit:
                self._evict()
            self.evict_down_to(self._size_limit)
            self._budget.make_room()

    def evict_down_to(self, size: int) -> None:
        """Let the oldest go until the journal weighs that at the most; the newest stays. Called under the lock."""
        while self.size > size and len(self._entries) > 1:
            self._evict()

    def _evict(self) -> None:
        self._entries.popleft()
        self._grow(-self._sizes.popleft())
        self.evicted += 1

    def get(self, number: int) -> Entry | None:
        """Return the entry with this number while it is kept."""
        return next((entry for entry in self.entries() if entry.id == number), None)

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        with self._budget.lock:
            self._entries.clear()
            self._sizes.clear()
            self._grow(-self.size)
            self.evicted = 0

    def entries(self) -> Sequence[Entry]:
        """Return what is kept, oldest first."""
        with self._budget.lock:
            return tuple(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)

    def _grow(self, size: int) -> None:
        self.size += size
        self._budget.used += size
