"""The requests of a test with which something is wrong: seen as they come, or asked for where they came to a server."""

from __future__ import annotations

from collections import deque
from threading import Lock

from mocktill.core.entry import Entry
from mocktill.core.journal import Journal
from mocktill.doors.remote.client import ControlClient
from mocktill.doors.remote.journal import RemoteJournal

MOST = 1_000
"""How many of these requests are kept: the newest."""


class Seen:
    """What broke the contract, or was for no operation, in one sandbox; emptying its journal hides nothing of it.

    Of many the newest are kept. Of those that went before anybody asked for them, `forgotten` says how many were wrong
    and `unheeded` how many had only what the vendor tolerates; `full` is that any went.

    In this process each entry is seen as it comes. Of a sandbox on a server those are `lost` that left the journal
    between two looks, and it is `renewed` if it is another one by now: it was deleted, or its server started anew.
    """

    def __init__(self, journal: Journal | RemoteJournal) -> None:
        self.entries: deque[Entry] = deque(maxlen=MOST)
        self.forgotten = 0
        self.unheeded = 0
        self.full = False
        self.lost = 0
        self.renewed = False
        self._fresh = 0
        self._since = 0
        self._lock = Lock()
        self._afar = None if isinstance(journal, Journal) else journal
        self._stop = journal.follow(self._see) if isinstance(journal, Journal) else None

    def close(self) -> None:
        """See nothing any more."""
        if self._stop is not None:
            self._stop()

    def look(self) -> None:
        """See what came to a server by now: before a verdict, and before its journal is emptied."""
        if self._afar is None:
            return
        last = self._afar.last
        if last < self._since:
            self.renewed, self._since = True, 0
        if last == self._since:
            return
        came = self._afar.entries(since=self._since)
        last = max([last, *(entry.id for entry in came)])
        self.lost += last - self._since - len(came)
        self._since = last
        for entry in came:
            self._see(entry)

    def all(self) -> list[Entry]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self.entries)

    def fresh(self) -> list[Entry]:
        """Return what is kept and was not asked for before, oldest first."""
        with self._lock:
            came = list(self.entries)[len(self.entries) - self._fresh :]
            self._fresh = 0
            return came

    def _see(self, entry: Entry) -> None:
        if entry.violations or entry.unmatched:
            with self._lock:
                self._make_room()
                self.entries.append(entry)
                self._fresh += 1

    def _make_room(self) -> None:
        """Count what has to go now and was never asked for."""
        self.full = len(self.entries) == MOST
        if self._fresh == MOST:
            self._fresh -= 1
            if _wrong(self.entries[0]):
                self.forgotten += 1
            else:
                self.unheeded += 1


def _wrong(entry: Entry) -> bool:
    return entry.unmatched or any(violation.severity == "error" for violation in entry.violations)


class LookedAt(RemoteJournal):
    """The journal of a sandbox on a server, which is looked at before it is emptied."""

    def __init__(self, client: ControlClient, seen: Seen) -> None:
        super().__init__(client)
        self._seen = seen

    def clear(self) -> None:
        """Forget all entries and remarks; the numbers go on. The verdict on the test covers them all the same."""
        self._seen.look()
        super().clear()
