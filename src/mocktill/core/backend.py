"""The sandbox as a vendor's handlers see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mocktill.core.choices import Basis, Choice
from mocktill.core.fake import Fake
from mocktill.core.holds import Holds
from mocktill.core.store import Store, Table

Payload = Callable[[], Any]
"""Makes the JSON body of a webhook; called only where it is sent."""


def _nobody() -> bool:
    return False


def _nowhere(event: str, key: str, payload: Payload, now: datetime, at_once: bool) -> None:
    """Tell nobody."""


class Backend:
    """The sandbox as a vendor's handlers see it: its tables, holds, clock, dice and choices, for one call.

    `now` stands still during a call. `choice` remembers that it was asked: the basis of the answer is the
    weakest of the operation's, or the error's, and of the choices that decided it.
    """

    __slots__ = (
        "_choices",
        "_emit",
        "_holds",
        "_options",
        "_tables",
        "_tells",
        "fake",
        "notes",
        "now",
        "used",
        "weights",
    )

    def __init__(
        self,
        api: str,
        store: Store,
        fake: Fake,
        options: Mapping[str, Choice],
        choices: Table,
        *,
        stock: bool,
        tells: Callable[[], bool] = _nobody,
        emit: Callable[[str, str, Payload, datetime, bool], None] = _nowhere,
    ) -> None:
        prefix = f"{api}."
        self._tables = {
            name.removeprefix(prefix): table for name, table in store.tables.items() if name.startswith(prefix)
        }
        self._options = {name.removeprefix(prefix): choice for name, choice in options.items()}
        self._choices = choices
        self.fake = fake
        self._holds = Holds(self._tables["stock"], self._tables["holds"]) if stock else None
        self._tells = tells
        self._emit = emit
        self.now: datetime
        self.used: list[tuple[str, str, Basis]] = []
        self.weights: list[Basis] = []
        self.notes: list[str] = []

    @property
    def holds(self) -> Holds:
        """What is held of the API's stock; an API without tables for that has none."""
        if self._holds is None:
            raise LookupError("the API declares no stock: its tables lack `holds.TABLES`")
        return self._holds

    def table(self, name: str) -> Table:
        """Return a table that the API declares."""
        return self._tables[name]

    def has_choice(self, name: str) -> bool:
        """Whether this API leaves this open, by its name without the API's."""
        return name in self._options

    def choice(self, name: str) -> str:
        """Return the value of a choice of this API, by its name without the API's, and note that it decided."""
        choice = self._options[name]
        row = self._choices.get(choice.name)
        value: str = choice.default if row is None else row["value"]
        basis, weakens = choice.weight(value)
        self.used.append((choice.name, value, basis))
        if weakens:
            self.weights.append(basis)
        return value

    def emit(self, event: str, key: str, payload: Payload) -> None:
        """Tell of something by a webhook, if the API's go anywhere; `key` is of what it tells, `payload` its body.

        It is written with what the call changes, or not at all, and sent later.
        """
        if self._tells():
            self._emit(event, key, payload, self.now, self.choice("webhook_delivery") == "at_once")

    def note(self, sentence: str) -> None:
        """Say in the journal's entry what the wire does not."""
        self.notes.append(sentence)

    def begin(self, now: datetime) -> None:
        """Start a call: forget what the last one used."""
        self.now = now
        self.used = []
        self.weights = []
        self.notes = []
