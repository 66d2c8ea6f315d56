"""A journal for whoever reads it: entries and remarks in their order, once or as they come.

What was lost on the way is said, and so are the server's own comings and goings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mocktill.core.api import JSON
from mocktill.core.clock import steady_seconds
from mocktill.doors.commands.terminal import Server

SLICE_SECONDS = 5
"""How long the server is asked to wait at a time."""
PAUSE_SECONDS = 0.25
"""The least time between two questions, for a server that is away or does not wait."""
FIRST = 10
"""How many entries are shown to begin with."""
PAGE = frozenset({"since", "limit"})
"""The filters that say where to begin, and not which entries are meant."""


@dataclass(frozen=True)
class Reader:
    """Whoever reads: told each entry and each remark, and in a note what there is to know besides."""

    entry: Callable[[JSON], None]
    remark: Callable[[JSON], None]
    note: Callable[[str], None]

    def tell(self, entries: Iterable[JSON], remarks: Iterable[JSON]) -> None:
        """Tell entries and remarks in the order in which they happened."""
        waiting = list(remarks)
        for entry in entries:
            while waiting and waiting[0]["after"] < entry["id"]:
                self.remark(waiting.pop(0))
            self.entry(entry)
        for remark in waiting:
            self.remark(remark)


class Follower:
    """Reads a journal on and on. Remarks are told unless filters say which entries are meant."""

    def __init__(self, server: Server, filters: Mapping[str, Any], reader: Reader) -> None:
        self._server = server
        self._filters = meant(filters)
        self._since: int | None = filters.get("since")
        self._limit: int | None = filters.get("limit")
        self._reader = reader
        self._remarks: list[JSON] | None = None
        self._remarked = 0
        self._away = False
        self._evicted = 0
        if self._since is None and self._limit is None:
            self._limit = FIRST

    def step(self) -> None:
        """Let the server wait for what is new and tell it; or note that it is away, and wait a moment."""
        asked = steady_seconds()
        try:
            more = self._read()
        except BrokenPipeError:
            raise
        except ConnectionError:
            if self._remarks is None:  # it never was there
                raise
            if not self._away:
                self._reader.note(f"… the server at {self._server.url} is away; waiting for it")
            self._away, more = True, False
        if not more:
            threading.Event().wait(max(PAUSE_SECONDS - (steady_seconds() - asked), 0))

    def _read(self) -> bool:
        """Tell what is new, whether it was there or came while the server waited; return whether anything was."""
        wait = None if self._remarks is None or self._away else SLICE_SECONDS
        known = None if wait is None or self._filters else self._remarked
        answered = self._server.get(
            "journal", **self._filters, since=self._since, limit=self._limit, wait=wait, remarked=known
        )
        if self._away:
            self._away = False
            self._reader.note("… the server is there again")
        if self._since is not None and answered["last"] < self._since:
            self._reader.note("… the journal begins anew")
            self._since, self._remarks, self._evicted = 0, [], 0
            answered = self._server.get("journal", **self._filters, since=0)
        self._note_lost(answered["evicted"])
        remarks = [] if self._filters else answered["remarks"]
        new = [] if self._remarks is None else [remark for remark in remarks if remark not in self._remarks]
        self._reader.tell(answered["entries"], new)
        self._since, self._limit, self._remarks = answered["last"], None, remarks
        self._remarked = answered["remarked"]
        return bool(answered["entries"] or new)

    def _note_lost(self, evicted: int) -> None:
        """Note how many entries had to go since the last reading, if any did."""
        if self._since is not None and evicted != self._evicted:
            lost = self._server.get("journal", "count", since=self._since)["lost"]
            if lost:
                self._reader.note(f"… {lost} entries were evicted before they were read")
        self._evicted = evicted


def meant(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters that say which entries are meant."""
    return {name: value for name, value in filters.items() if name not in PAGE and value is not None}


def follow_journal(server: Server, filters: Mapping[str, Any], reader: Reader) -> None:
    """Follow until somebody ends it."""
    follower = Follower(server, filters, reader)
    while True:
        follower.step()
