"""What time makes happen in a sandbox: holds run out when somebody looks, and never by a timer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mocktill.core.api import Api
from mocktill.core.backend import Backend
from mocktill.core.clock import instant
from mocktill.core.holds import Holds
from mocktill.core.journal import Journal
from mocktill.core.store import Store


@dataclass(frozen=True)
class Event:
    """Something that time made happen: a hold of `quantity` units of `stock` ran out at an instant."""

    at: datetime
    api: str
    what: str
    key: str
    stock: str
    quantity: int
    sentence: str


class Expiry:
    """The holds of all APIs of a sandbox, as far as they run out; each that does is remarked in the journal."""

    def __init__(self, apis: Sequence[Api], backends: Mapping[str, Backend], store: Store, journal: Journal) -> None:
        self._timed = [(api, backends[api.name], backends[api.name].holds) for api in apis if api.stock]
        self._store = store
        self._journal = journal

    def pass_time(self, now: datetime) -> list[Event]:
        """Let what is due by now expire, earliest first, and return it. Called under the sandbox's lock."""
        events: list[Event] = []
        for api, backend, holds in self._timed:
            if holds.overdue(now):
                with self._store.transaction():
                    events += _expire(api, backend, holds, now)
        if not events:
            return events
        events.sort(key=lambda event: event.at)
        for event in events:
            self._journal.remark(event.at, event.what, event.sentence, event.api, event.key)
        return events

    def next(self) -> datetime | None:
        """Return when the next hold runs out; None where nothing is held."""
        return min(filter(None, (holds.next_expiry() for _, _, holds in self._timed)), default=None)


def _expire(api: Api, backend: Backend, holds: Holds, now: datetime) -> Iterator[Event]:
    for key, hold in holds.due(now):
        at = instant(hold["expires_at"])
        backend.begin(at)
        holds.release(key)
        sentence = api.expired(key, hold, backend) if api.expired else f"hold {key} expired"
        yield Event(at, api.name, "expired", key, hold["stock"], hold["quantity"], sentence)
