"""The requests of a test with which something is wrong: seen as they come, or asked for where they came to a server."""

from __future__ import annotations

from mocktill.core.entry import Entry
from mocktill.core.journal import Journal
from mocktill.doors.remote.client import ControlClient
from mocktill.doors.remote.journal import RemoteJournal


class Seen:
    """What broke the contract, or was for no operation, in one sandbox; emptying its journal hides nothing of it.

    In this process each entry is seen as it comes. Of a sandbox on a server those are `lost` that left the journal
    between two looks, and it is `renewed` if it is another one by now: it was deleted, or its server started anew.
    """

    def __init__(self, journal: Journal | RemoteJournal) -> None:
        self.entries: list[Entry] = []
        self.lost = 0
        self.renewed = False
        self._since = 0
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

    def _see(self, entry: Entry) -> None:
        if entry.violations or entry.unmatched:
            self.entries.append(entry)


class LookedAt(RemoteJournal):
    """The journal of a sandbox on a server, which is looked at before it is emptied."""

    def __init__(self, client: ControlClient, seen: Seen) -> None:
        super().__init__(client)
        self._seen = seen

    def clear(self) -> None:
        """Forget all entries and remarks; the numbers go on. The verdict on the test covers them all the same."""
        self._seen.look()
        super().clear()
