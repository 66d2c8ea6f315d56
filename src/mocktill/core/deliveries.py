"""What webhooks are made of: where they go, and each with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import orjson

from mocktill.core.api import JSON
from mocktill.core.clock import instant, text
from mocktill.core.secrets import masked, masked_note
from mocktill.core.store import Index, Row, TableSpec

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
"""What a delivery can be: still to be sent, answered with a 2xx, or given up."""
TOLD = ("id", "number", "api", "event", "key", "state", "attempts", "last")
"""What is told of a delivery as it is, beside its times and its payload."""
TARGETS = TableSpec("webhooks")
DELIVERIES = TableSpec(
    "deliveries",
    (Index("by_state", ("state",), ("at", "number")), Index("by_api", ("state", "api"), ("at", "number"))),
)


@dataclass(frozen=True)
class Target:
    """Where the webhooks of an API go, without a query; whether a secret of one's own signs them, which is not told."""

    api: str
    url: str
    secret: bool

    def to_json(self) -> JSON:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Delivery:
    """One webhook on its way, or at its end: `state` is `waiting`, `delivered` or `failed`.

    `attempts` were made; `at` is when the next one is due, or when it ended. `last` says what came of the last.
    """

    id: str
    number: int
    api: str
    event: str
    key: str
    body: str
    state: str
    created_at: datetime
    at: datetime
    attempts: int
    last: str
    row: Row = field(repr=False, compare=False)

    @property
    def payload(self) -> JSON:
        """What is sent, as a value."""
        return orjson.loads(self.body)

    def to_json(self) -> JSON:
        """Return it as JSON, with secrets masked."""
        own = {name: getattr(self, name) for name in TOLD}
        times = {"created_at": text(self.created_at), "at": text(self.at)}
        return {**own, **times, "payload": masked(self.payload)}

    @classmethod
    def of(cls, value: JSON) -> Delivery:
        """Return the delivery that became this JSON."""
        own = {name: value[name] for name in TOLD}
        times = {"created_at": instant(value["created_at"]), "at": instant(value["at"])}
        return cls(**{**own, **times}, body=orjson.dumps(value["payload"]).decode(), row={})


@dataclass(frozen=True)
class Parcel:
    """What a courier brings to whom: the same body under the same id at each attempt, signed anew."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: the status of the answer, or None and why there is none.

    One that was `refused` was never sent, since the address may not be asked; it is not tried again.
    """

    status: int | None
    said: str = ""
    refused: bool = False

    @property
    def well(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def sentence(self) -> str:
        """What it is in words: `answered 500`."""
        return self.said or f"answered {self.status}"


def shown(url: str) -> str:
    """Return a URL without what it may keep secret: its query is left out."""
    parts = urlsplit(url)
    return masked_note(f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}")


def delivery_of(key: str, row: Row) -> Delivery:
    """Return the delivery that a row is about."""
    times = {"created_at": instant(row["created_at"]), "at": instant(row["at"])}
    return Delivery(id=key, row=row, **{**row, **times})


def sentence_of(delivery: Delivery, url: str, outcome: Outcome, attempt: int, again: datetime | None) -> str:
    """Return what the journal says of an attempt; `again` is when the next one is due."""
    to = f"{delivery.event} {delivery.id} to {shown(url)}"
    if outcome.refused:
        return f"{to} was not sent: {outcome.sentence}"
    next_ = f"; again at {text(again)}" if again else "" if outcome.well else "; it is given up"
    return f"{to}, attempt {attempt}: {outcome.sentence}{next_}"
