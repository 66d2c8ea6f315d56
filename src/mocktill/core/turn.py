"""One request on its way through the pipeline: what is gathered about it, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from mocktill.core.api import Backend, Request, Violation
from mocktill.core.catalogue import Shelf
from mocktill.core.choices import Basis
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox
from mocktill.core.store import Change
from mocktill.core.strike import Strike

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does to the connection, for the door to do: it waits, and then sends what `connection` says.

    `whole` is the answer as it is, `cut` a part of its body, `drop` nothing and an end, `never` nothing and no end.
    """

    delay_seconds: float = 0.0
    connection: str = WHOLE


@dataclass(frozen=True, slots=True)
class Postponed:
    """No answer yet: nothing has been done about the request. The door waits, and asks this sandbox again.

    If the sandbox is of another `generation` by then, it was reset or restored, and the request is not for it any more.
    """

    strike: Strike
    box: Sandbox
    generation: int
    keyed: str | None = None
    """The idempotency key that no other request may have meanwhile."""

    def over(self) -> None:
        """Note that it has waited, or that nobody waits for it any more; its key may be another's in another world."""
        if self.generation == self.box.generation:
            self.box.replies.let_go(self.keyed)

    @property
    def seconds(self) -> float:
        """How long the door waits."""
        return self.strike.delay.total_seconds()


@dataclass(slots=True)
class Response:
    """What goes back to the client, the journal's entry about it, and what is done to it on the way."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    entry: Entry
    effect: Effect | None = None


@dataclass(slots=True)
class Turn:
    """What is gathered about one request on its way through the pipeline."""

    shelf: Shelf
    backend: Backend
    request: Request
    violations: tuple[Violation, ...] = ()
    changes: tuple[Change, ...] = ()
    applied: str = ""
    notes: list[str] = field(default_factory=list)
    strike: Strike | None = None


@dataclass(slots=True)
class Answer:
    """A status, a body that has passed the contract, and how well it is known.

    `media_type` is None for the vendor's own.
    """

    status: int
    body: bytes
    basis: Basis
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str | None = None
