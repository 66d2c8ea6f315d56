"""What requests with an `Idempotency-Key` were answered, so that the same one again gets the same answer.

The header is that of the IETF's draft; no vendor here documents it, so each has a choice `<api>.idempotency`. A key is
one of its API and credential. Kept is what changed the state or would have: a refusal is not, and may be tried anew.
They are bounded: where there are too many, the one that expires first is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from mocktill.core.api import Api, Call, Request
from mocktill.core.backend import Backend
from mocktill.core.choices import Basis
from mocktill.core.clock import text
from mocktill.core.errors import KeyInUse, KeyReused, Meaning
from mocktill.core.secrets import digest
from mocktill.core.store import Index, Row, Table, TableSpec

HEADER = "idempotency-key"
CHOICE, HONOUR = "idempotency", "honour"
TTL = timedelta(hours=24)
"""How long a key is known."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing: a key on them says nothing."""
SPEC = TableSpec("replies", (Index("by_expiry", order=("expires_at",)),), plain=True)
SWEPT = 2
"""How many replies that have expired go for each that is kept."""
MOST = 10_000
"""How many replies a sandbox keeps."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: as the pipeline's answer, and as long as it is kept."""

    status: int
    body: bytes
    basis: Basis
    headers: tuple[tuple[str, str], ...]
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a client for one request: `name` is kept in its place, `request` tells requests apart."""

    name: str
    request: str = ""


class Replies:
    """The replies of one sandbox, as rows; and which keys have a request that waits for a fault's delay."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._under_way: set[str] = set()

    def hold(self, api: Api, request: Request, backend: Backend) -> str | None:
        """Note that a request is going to wait before anything is done about it.

        Returns the name by which it is let go; None for a request without a key.
        """
        name = _name_of(api, request, backend)
        if name is not None:
            self._under_way.add(name)
        return name

    def waits(self, api: Api, request: Request, backend: Backend) -> bool:
        """Whether a request with the same key waits already."""
        return bool(self._under_way) and _name_of(api, request, backend) in self._under_way

    def let_go(self, name: str | None) -> None:
        """Note that the request has waited, or that nobody waits for it any more."""
        self._under_way.discard(name or "")

    def forget_waiting(self) -> None:
        """Note that nothing of what waits is ever going to be done."""
        self._under_way.clear()

    def asked(self, api: Api, request: Request, call: Call, backend: Backend) -> Key | None:
        """Return the key of a request that was read; None where there is none, or it does not count.

        Raises `KeyInUse` while the first request with it waits.
        """
        name = _name_of(api, request, backend)
        if name is None:
            return None
        if name in self._under_way:
            raise KeyInUse("the first request with this key has not been answered yet")
        asked = [call.operation.name, dict(call.args), _without_credential(call), call.body]
        return Key(name, digest(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode()))

    def find(self, key: Key, now: datetime) -> Reply | None:
        """Return what was answered to the request with this key; raise `KeyReused` where it was another request."""
        row = self._table.get(key.name)
        if row is None or row["expires_at"] <= text(now):
            return None
        if row["request"] != key.request:
            raise KeyReused("the key was used for another request before")
        headers = tuple([(name, value) for name, value in row["headers"]])
        return Reply(row["status"], row["body"].encode(), Basis(row["basis"]), headers, row["media_type"])

    def keep(self, key: Key, reply: Reply, now: datetime) -> None:
        """Keep what was answered, in the open transaction; some of what has expired goes."""
        for _ in range(SWEPT):
            first = self._table.first("by_expiry")
            if first is not None and (first[1]["expires_at"] <= text(now) or len(self._table) >= MOST):
                self._table.delete(first[0])
        self._table.put(key.name, _row(key, reply, now + TTL))


def _name_of(api: Api, request: Request, backend: Backend) -> str | None:
    """Return the name of a request's key among all keys; None where there is none, or it does not count."""
    sent = request.headers.get(HEADER)
    if not sent or request.method in SAFE or request.operation is None or not backend.has_choice(CHOICE):
        return None
    if backend.choice(CHOICE) != HONOUR:
        return None
    try:
        credential = api.dialect.credential(request)
    except Meaning:
        return None  # it is refused for that
    return digest(f"{api.name}\n{credential or ''}\n{sent}")


def _without_credential(call: Call) -> Mapping[str, str]:
    return {name: value for name, value in call.query.items() if value != call.credential}


def _row(key: Key, reply: Reply, expires_at: datetime) -> Row:
    return {
        "request": key.request,
        "expires_at": text(expires_at),
        "status": reply.status,
        "body": reply.body.decode(),
        "headers": [list(header) for header in reply.headers],
        "basis": reply.basis.value,
        "media_type": reply.media_type,
    }
