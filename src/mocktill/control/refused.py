"""Every way in which an operation is refused, with each choice of its API: the dialect is asked, as by a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from mocktill.core.api import JSON, Api, ErrorRow, Operation, Refusal, Violation
from mocktill.core.catalogue import Catalogue, Shelf
from mocktill.core.choices import Basis, weakest
from mocktill.core.contract import errors_of
from mocktill.core.errors import Forbidden, Invalid, KeyInUse, KeyReused, Meaning, NotAuthenticated
from mocktill.core.replies import CHOICE, HONOUR, SAFE
from mocktill.core.sandbox import Sandbox, Setup

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the clock stands of the sandbox that is asked."""
MISSING = object()
WHO: tuple[type[Meaning], ...] = (NotAuthenticated, Forbidden)
"""What only those are refused with who have to show a credential."""
KEYED: tuple[type[Meaning], ...] = (KeyReused, KeyInUse)
"""What only those are refused with whose idempotency keys are heeded."""


@dataclass(frozen=True)
class Refused:
    """One refusal: its row, the body that it has, how well it is known, and the choice that it takes, if it does."""

    row: ErrorRow
    body: JSON
    basis: Basis
    choice: str = ""

    @property
    def meaning(self) -> str:
        """The meaning's name: `not_authenticated`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.row.meaning.__name__).lower()


class Refusals:
    """The refusals of one API, found in a sandbox of its own; `choices` are the values that hold."""

    def __init__(self, shelf: Shelf, choices: Mapping[str, str]) -> None:
        self._shelf = shelf
        self._held = {name: choices.get(name, choice.default) for name, choice in shelf.choices.items()}
        self._box = Sandbox(Catalogue((shelf.api,)), setup=Setup(now=WHEN))
        self._backend = self._box.backend(shelf.api.name)
        self._backend.begin(WHEN)

    def headers(self) -> list[str]:
        """Return the names of the headers that the vendor puts on every answer."""
        return [name for name, _ in self._shelf.api.dialect.headers(self._backend)]

    def of(self, operation: Operation) -> list[Refused]:
        """Return every refusal of an operation once: as it is now, then what each option of each choice adds."""
        found: dict[tuple[object, ...], Refused] = {}
        trials = [*_trials(self._shelf, operation), ()]
        usual = self._shelf.api.dialect.row_for(Invalid, operation.method, operation.name)
        for setting in ({}, *self._settings()):
            self._box.choices.set({**self._held, **setting})
            said = "".join(f"{name}={value}" for name, value in setting.items())
            for row in self._met(operation):
                for violations in trials if row is usual else [()]:
                    refused = self._ask(row, violations, said)
                    now = refused.row
                    found.setdefault((now.status, now.type, now.text, now.meaning), refused)
        return list(found.values())

    def _met(self, operation: Operation) -> list[ErrorRow]:
        """Return the rows that can be met as the choices are now."""
        api = self._shelf.api
        heeded = self._box.choices.all().get(f"{api.name}.{CHOICE}") == HONOUR
        return [row for row in rows_of(api, operation) if heeded or row.meaning not in KEYED]

    def _settings(self) -> Iterator[Mapping[str, str]]:
        for choice in self._shelf.api.choices:
            for option in choice.options:
                if option.value != self._held[choice.name]:
                    yield {choice.name: option.value}

    def _ask(self, row: ErrorRow, violations: tuple[Violation, ...], choice: str) -> Refused:
        dialect, meaning = self._shelf.api.dialect, row.meaning()
        self._backend.begin(WHEN)
        adapted = dialect.adapt(Refusal(row, meaning, violations), self._backend)
        body = dialect.error(Refusal(adapted, meaning, violations), self._backend)
        return Refused(adapted, body, weakest(adapted.basis, *self._backend.weights), choice)


def rows_of(api: Api, operation: Operation) -> list[ErrorRow]:
    """Return the rows that an operation can be refused with; one for its method comes before one for any.

    Who is not asked for a credential is not refused for one, and what changes nothing heeds no idempotency key.
    """
    never = {*(WHO if operation.open else ()), *(KEYED if operation.method in SAFE else ())} - {*operation.errors}
    met = [row for row in api.dialect.rows_of(operation) if row.meaning not in never]
    special = {row.meaning for row in met if operation.method in row.methods}
    return [row for row in met if operation.method in row.methods or not (row.methods or row.meaning in special)]


def _trials(shelf: Shelf, operation: Operation) -> Iterator[tuple[Violation, ...]]:
    """Yield what is wrong with the sample's body when one of its values is missing or of another type."""
    if operation.body is None:
        return
    for body in _spoilt(operation.sample.body):
        wrong = errors_of(shelf.contract.check(operation.body, body))
        if wrong:
            yield wrong


def _spoilt(body: JSON) -> Iterator[JSON]:
    for path in _paths(body, ()):
        for value in (MISSING, {"odd": True}):
            spoilt = orjson.loads(orjson.dumps(body))
            parent = spoilt
            for part in path[:-1]:
                parent = parent[part]
            if value is MISSING:
                del parent[path[-1]]
            else:
                parent[path[-1]] = value
            yield spoilt


def _paths(value: JSON, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield (*path, name)
        yield from _paths(part, (*path, name))
