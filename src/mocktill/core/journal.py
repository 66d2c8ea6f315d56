"""What was asked and answered: an append-only log beside the store, bounded, with secrets masked.

An entry is cheap to make and rendered when it is read. Whatever is secret is masked before it is kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakSet

from mocktill.core.api import JSON
from mocktill.core.clock import steady_seconds
from mocktill.core.entry import Entry, Remark
from mocktill.core.filters import Filters
from mocktill.core.har import har

ENTRIES = 1_000
BYTES = 4 * 1024 * 1024
ALL_BYTES = 64 * 1024 * 1024
REMARKS = 1_000
"""How many remarks a journal keeps."""
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Count:
    """How many entries fit. `lost` are those of the same window that were evicted: they may have fitted as well."""

    number: int
    lost: int = 0

    def __str__(self) -> str:
        lost = f", and {self.lost} of that window were evicted unseen" if self.lost else ""
        return f"{self.number}{lost}"


class Budget:
    """The bytes that all journals of a server may take together: when they are used up, the largest gives way."""

    def __init__(self, limit: int = ALL_BYTES) -> None:
        self.limit = limit
        self.used = 0
        self.lock = threading.Lock()
        self._journals: WeakSet[Journal] = WeakSet()

    def join(self, journal: Journal) -> None:
        """Count a journal in."""
        with self.lock:
            self._journals.add(journal)

    def leave(self, journal: Journal) -> None:
        """Count a journal out that keeps nothing any more. Called under the lock."""
        self._journals.discard(journal)

    def make_room(self) -> None:
        """Let the oldest entries of the largest journals go until there is room. Called under the lock."""
        while self.used > self.limit:
            largest = max(self._journals, key=lambda journal: journal.size)
            if len(largest) <= 1:
                return
            largest.evict_down_to(largest.size * 9 // 10)


class Journal:
    """The entries of one sandbox, newest last; the oldest go when there are too many, and are counted.

    Filters are those of `Filters`: `journal.count(operation="claim_purchase", status="2xx")`. Where the `operations`
    that there are were told, as `deem.claim_purchase`, an unknown one, or an unknown API, is a ValueError in words.
    """

    def __init__(
        self,
        budget: Budget | None = None,
        *,
        entries: int = ENTRIES,
        size: int = BYTES,
        operations: Collection[str] = (),
    ) -> None:
        self._operations = operations
        self._entries: deque[Entry] = deque()
        self._sizes: deque[int] = deque()
        self._remarks: deque[Remark] = deque(maxlen=REMARKS)
        self._unsaid: list[str] = []
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._followers: tuple[Callable[[Entry], None], ...] = ()
        self._budget = budget or Budget()
        self._limit = entries
        self._size_limit = size
        self._evicted_up_to = 0
        self._cleared_up_to = 0
        self.last = 0
        self.remarked = 0
        """How many remarks there ever were …"""
        self.forgotten = 0
        """… and how many had to go since the journal was emptied."""
        self.size = 0
        self.evicted = 0
        self.closed = False
        """Whether its sandbox is gone."""
        self._budget.join(self)

    def close(self) -> None:
        """Forget all entries and keep none from now on: the sandbox is gone, and nobody can ask for them."""
        with self._budget.lock:
            self.closed = True
            self._budget.leave(self)  # here: when it is freed, another thread may be going through all of them
        self.clear()
        self._wake()

    def go_on_after(self, last: int) -> None:
        """Begin behind another journal of the same sandbox, whose entries up to that one are lost."""
        with self._budget.lock:
            self.last = self._evicted_up_to = self.evicted = last

    def next_id(self) -> int:
        """Return the number of the next entry; numbers go on after `clear`."""
        self.last += 1
        return self.last

    def add(self, entry: Entry) -> None:
        """Keep an entry, and let the oldest go as long as a bound is passed."""
        for see in self._followers:
            see(entry)
        size = entry.size
        with self._budget.lock:  # another journal may make this one give way
            if self.closed:
                return
            self._entries.append(entry)
            self._sizes.append(size)
            self._grow(size)
            if len(self._entries) > self._limit:
                self._evict()
            self.evict_down_to(self._size_limit)
            self._budget.make_room()
        if self._watchers:
            self._wake()

    def remark(self, at: datetime, what: str, sentence: str, api: str = "", key: str = "") -> None:
        """Keep what happened other than by a request."""
        with self._budget.lock:
            if not self.closed:
                self.remarked += 1
                self.forgotten += len(self._remarks) == REMARKS
                self._remarks.append(Remark(at, self.last, what, sentence, api, key))
        if self._watchers:
            self._wake()

    def tell_next(self, sentence: str) -> None:
        """Let the next entry have this sentence among its notes."""
        self._unsaid.append(sentence)

    def unsaid(self) -> list[str]:
        """Return the sentences that wait for the next entry, and forget them."""
        if not self._unsaid:
            return self._unsaid
        said, self._unsaid = self._unsaid, []
        return said

    def evict_down_to(self, size: int) -> None:
        """Let the oldest go until the journal weighs that at the most; the newest stays. Called under the lock."""
        while self.size > size and len(self._entries) > 1:
            self._evict()

    def _evict(self) -> None:
        self._evicted_up_to = self._entries.popleft().id
        self._grow(-self._sizes.popleft())
        self.evicted += 1

    def get(self, number: int) -> Entry | None:
        """Return the entry with this number while it is kept."""
        return next((entry for entry in self.entries() if entry.id == number), None)

    def clear(self) -> None:
        """Forget all entries and remarks; the numbers go on."""
        with self._budget.lock:
            self._entries.clear()
            self._sizes.clear()
            self._remarks.clear()
            self._unsaid = []
            self._grow(-self.size)
            self.evicted = self.forgotten = 0
            self._cleared_up_to = self._evicted_up_to = self.last

    def entries(self, **filters: Any) -> Sequence[Entry]:
        """Return what is kept and fits, oldest first; raise ValueError in words for a filter that there is not."""
        wanted = self._read(filters)
        with self._budget.lock:
            kept = tuple(self._entries)
        return wanted.pick(kept) if filters else kept

    def remarks(self) -> Sequence[Remark]:
        """Return what happened other than by requests, oldest first."""
        with self._budget.lock:
            return tuple(self._remarks)

    def count(self, **filters: Any) -> Count:
        """Return how many entries fit, and how many of the same window were evicted."""
        wanted = self._read(filters)
        with self._budget.lock:
            kept = tuple(self._entries)
            lost = max(0, self._evicted_up_to - max(self._cleared_up_to, wanted.since))
        return Count(len(wanted.pick(kept)), lost)

    def wait(self, least: int, timeout_seconds: float = PATIENCE_SECONDS, **filters: Any) -> Count:
        """Return the count as soon as that many entries fit; raise TimeoutError in words if they do not in time.

        Whoever asks waits, in seconds of the machine's time: nothing else is held up.
        """
        woken = threading.Event()
        until = steady_seconds() + timeout_seconds
        stop = self.watch(woken.set)
        try:
            while (counted := self.count(**filters)).number < least:
                if not woken.wait(max(until - steady_seconds(), 0)):
                    raise TimeoutError(f"{counted} instead of {least} entries after {timeout_seconds:g} s")
                woken.clear()
        finally:
            stop()
        return counted

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each entry and remark, in whatever thread it came; return what ends that."""
        with self._budget.lock:
            self._watchers = (*self._watchers, wake)

        def stop() -> None:
            with self._budget.lock:
                self._watchers = tuple(watcher for watcher in self._watchers if watcher is not wake)

        return stop

    def follow(self, see: Callable[[Entry], None]) -> Callable[[], None]:
        """Call `see` with each entry before it is kept; return what ends that.

        So neither a bound nor `clear` hides one. It is called in the thread of the request, which waits for it.
        """
        with self._budget.lock:
            self._followers = (*self._followers, see)

        def stop() -> None:
            with self._budget.lock:
                self._followers = tuple(follower for follower in self._followers if follower is not see)

        return stop

    def har(self, **filters: Any) -> JSON:
        """Return what fits as an HTTP Archive (HAR 1.2), which a browser's network panel opens."""
        return har(self.entries(**filters))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)

    def _read(self, filters: dict[str, Any]) -> Filters:
        wanted = Filters(**filters)
        if self._operations and not any(wanted.names(operation) for operation in self._operations):
            what = wanted.operation if wanted.operation is not None else wanted.api
            raise ValueError(f"there is no {what}; there are {', '.join(self._operations)}")
        return wanted

    def _wake(self) -> None:
        for wake in self._watchers:
            wake()

    def _grow(self, size: int) -> None:
        self.size += size
        self._budget.used += size
