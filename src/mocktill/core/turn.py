"""One request on its way through the pipeline: what is gathered about it, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from mocktill.core.api import Backend, Request, Violation
from mocktill.core.catalogue import Shelf
from mocktill.core.choices import Basis
from mocktill.core.journal import Entry
from mocktill.core.store import Change


@dataclass(slots=True)
class Response:
    """What goes back to the client, and the journal's entry about it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    entry: Entry


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


@dataclass(slots=True)
class Answer:
    """A status, a body that has passed the contract, and how well it is known."""

    status: int
    body: bytes
    basis: Basis
    headers: tuple[tuple[str, str], ...] = ()
