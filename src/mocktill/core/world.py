"""A vendor's world beside its wire: what is seen of it, what happens in it by itself, and what it tells of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mocktill.core.backend import Backend
from mocktill.core.choices import Basis
from mocktill.core.store import Table


class Scene(Protocol):
    """A sandbox as a view needs it: tables to read, and a way to change them as a whole."""

    def table(self, name: str) -> Table:
        """Return a table of the store, by its full name: `deem.deals`."""

    def now(self) -> datetime:
        """Return the sandbox's instant."""

    def pass_time(self) -> object:
        """Let what is due by now expire."""

    def reading(self) -> AbstractContextManager[object]:
        """Return a context in which rows are read as a whole: what is due has expired, and nobody changes them."""

    def changing(self) -> AbstractContextManager[object]:
        """Return a context in which rows are changed as a whole, under the sandbox's lock."""

    def act(self, name: str, key: str) -> str:
        """Let an act happen, by its full name; raise KeyError or ValueError, in words, where it cannot."""


@dataclass(frozen=True)
class Leak:
    """A reservation that was neither used nor given back: `held` until `expires_at`, or `expired` then."""

    api: str
    key: str
    stock: str
    quantity: int
    state: str
    expires_at: datetime


@dataclass(frozen=True)
class Act:
    """Something that happens in a vendor's world without a request: a payment provider moves a plan on, say.

    `about` is the table whose key the handler gets; it changes rows and returns a sentence for the journal. It raises
    KeyError in words for an unknown key, ValueError for what is impossible.
    """

    name: str
    summary: str
    about: str
    handler: Callable[[str, Backend], str]


def _unsigned(number: str, unix_seconds: int, body: bytes, secret: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Webhook:
    """How a vendor tells of what happened: its events, and the headers that a delivery has.

    `headers` gets the delivery's id, the time in seconds since 1970, the body and the secret that is shared with the
    receiver: `secret`, unless another was set.
    """

    events: tuple[str, ...]
    basis: Basis
    source: str
    headers: Callable[[str, int, bytes, str], Mapping[str, str]] = _unsigned
    secret: str = ""

    def signed(self, number: str, unix_seconds: int, body: bytes, secret: str | None) -> Mapping[str, str]:
        """Return the headers of a delivery, signed with this secret, or with the documented one where it is None."""
        return self.headers(number, unix_seconds, body, self.secret if secret is None else secret)
