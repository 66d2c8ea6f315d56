"""What a client sees of its requests: replies, as far as they matter, and how an answer was lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

Pairs = Sequence[tuple[str, str]]

MATTER = frozenset(
    {"allow", "content-type", "content-length", "location", "preference-applied", "retry-after", "set-cookie", "vary"}
)
MATTER_AS_WELL = ("mocktill-", "x-", "access-control-")
OWN = "mocktill-request-id"
"""The headers that matter, by their names and by how they begin; `date`, `server` and this one are a server's own."""
TIMED_OUT, DROPPED, CUT = "timed out", "dropped", "cut"


@dataclass(frozen=True)
class Ask:
    """One request. A `body` of several parts is sent in chunks; `pieces` is by how many bytes the reply is read.

    `follow` is whether the client goes where a `Location` leads.
    """

    method: str
    url: str
    body: bytes | Sequence[bytes] = b""
    headers: Pairs = ()
    timeout: float = 10
    follow: bool = False
    pieces: int | None = None

    @property
    def whole(self) -> bytes:
        """The body in one part."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer: lower-case names of the headers that matter, in the order of their names, repeated ones as sent."""

    status: int
    headers: Pairs
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Reply:
        """Return the reply that a client got with all of these headers."""
        lowered = [(name.lower(), value) for name, value in headers]
        kept = [
            pair for pair in lowered if pair[0] in MATTER or (pair[0].startswith(MATTER_AS_WELL) and pair[0] != OWN)
        ]
        return cls(status, tuple(sorted(kept, key=itemgetter(0))), body)

    @property
    def json(self) -> Any:
        """The body's value."""
        return orjson.loads(self.body)

    def __getitem__(self, name: str) -> str:
        """Return a header, its values joined where it is repeated; KeyError where there is none."""
        values = [value for found, value in self.headers if found == name]
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __str__(self) -> str:
        return str(self.status)


@dataclass(frozen=True)
class Lost:
    """No whole answer: it `timed out`, was `dropped` before any byte, or `cut`; then `part` is what arrived of it.

    Only where the reply was to be read in pieces does `part` have the bytes: no client hands them out otherwise.
    """

    kind: str
    part: Reply | None = None

    def __str__(self) -> str:
        if self.part is None or not self.part.body:
            return self.kind
        return f"{self.kind} after {len(self.part.body)} of {self.part['content-length']}"


Seen = Reply | Lost


def cut(status: int, headers: Iterable[tuple[str, str]], arrived: bytes) -> Lost:
    """Return what is seen of an answer whose body broke off after these bytes."""
    return Lost(CUT, Reply.of(status, headers, arrived))
