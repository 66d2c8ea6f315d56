"""The journal of a sandbox that a server runs: read, counted, waited for and followed from afar."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from mocktill.core.api import JSON
from mocktill.core.clock import steady_seconds
from mocktill.core.entry import Entry, Remark
from mocktill.core.filters import Filters
from mocktill.core.journal import PATIENCE_SECONDS, Count
from mocktill.doors.remote.client import PATIENCE_SECONDS as NETWORK_SECONDS
from mocktill.doors.remote.client import ControlClient

SLICE_SECONDS = 5.0
"""How long the server is asked to wait at a time."""
PAUSE_SECONDS = 0.1
"""The least time between two questions, for a server that does not wait."""


class RemoteJournal:
    """What was asked and answered in a sandbox that a server runs. Filters are those of `Filters`."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    @property
    def last(self) -> int:
        """The id of the newest entry that there ever was; 0 before the first."""
        return int(self._client.get("journal", limit=0)["last"])

    @property
    def evicted(self) -> int:
        """How many entries had to go."""
        return int(self._client.get("journal", limit=0)["evicted"])

    def get(self, number: int) -> Entry | None:
        """Return the entry with this number while it is kept."""
        try:
            return Entry.of(self._client.get("journal", str(number)))
        except KeyError:
            return None

    def entries(self, **filters: Any) -> Sequence[Entry]:
        """Return what is kept and fits, oldest first; raise ValueError in words for a filter that there is not."""
        return tuple(Entry.of(entry) for entry in self._read(filters)["entries"])

    def remarks(self) -> Sequence[Remark]:
        """Return what happened other than by requests, oldest first."""
        return tuple(Remark.of(remark) for remark in self._read({"limit": 0})["remarks"])

    def count(self, **filters: Any) -> Count:
        """Return how many entries fit, and how many of the same window were evicted."""
        Filters(**filters)
        return count_of(self._client.get("journal", "count", **filters))

    def wait(self, least: int, timeout_seconds: float = PATIENCE_SECONDS, **filters: Any) -> Count:
        """Return the count as soon as that many entries fit; raise TimeoutError in words if they do not in time.

        The server waits, a few seconds at a time: nothing else is held up. Where somebody has stopped this machine's
        clock, what the server was asked to wait counts.
        """
        Filters(**filters)
        left = timeout_seconds
        while True:
            began, share = steady_seconds(), min(max(left, 0.0), SLICE_SECONDS)
            counted = self._await(least, share, filters)
            if counted.number >= least:
                return counted
            pause = min(max(PAUSE_SECONDS - (steady_seconds() - began), 0.0), max(left, 0.0))
            left -= (steady_seconds() - began) or share
            if left <= 0:
                raise TimeoutError(f"{counted} instead of {least} entries after {timeout_seconds:g} s")
            threading.Event().wait(pause)
            left -= pause

    def har(self, **filters: Any) -> JSON:
        """Return what fits as an HTTP Archive (HAR 1.2), which a browser's network panel opens."""
        Filters(**filters)
        return self._client.get("journal", **filters, format="har")

    def clear(self) -> None:
        """Forget all entries and remarks; the numbers go on."""
        self._client.call("DELETE", "journal")

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return self.count().number

    def _await(self, least: int, seconds: float, filters: dict[str, Any]) -> Count:
        query = {**filters, "least": least, "wait": round(seconds, 3)}
        patience = NETWORK_SECONDS + seconds
        return count_of(self._client.call("GET", "journal", "count", query=query, patience_seconds=patience))

    def _read(self, filters: dict[str, Any]) -> JSON:
        Filters(**filters)
        return self._client.get("journal", **filters)


def count_of(value: JSON) -> Count:
    """Return the count that became this JSON."""
    return Count(value["count"], value["lost"])
