"""Seeded identifiers and Faker values: the only place with dice.

Each value depends on the seed, the API, its purpose and a number or key, and on nothing else: the third
reservation's id is the same whatever else was asked for in between.
"""

from __future__ import annotations

import threading
import uuid
from hashlib import blake2b
from typing import TYPE_CHECKING

from mocktill.core.store import Table

if TYPE_CHECKING:
    from faker import Faker

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
HEX = "0123456789abcdef"
DIGITS = "0123456789"
LONGEST = 64
"""How many letters a drawn text has at the most."""

_local = threading.local()


class Fake:
    """The dice of one API in one sandbox: one stream for each purpose, counted in a table of rows."""

    def __init__(self, settings: Table, api: str, counters: Table) -> None:
        self._settings = settings
        self._api = api
        self._counters = counters

    @property
    def seed(self) -> int:
        """The seed of the sandbox, a row like everything that a snapshot brings back."""
        row = self._settings.get("settings")
        return 0 if row is None else int(row["seed"])

    def text(self, purpose: str, length: int, alphabet: str = LETTERS, *, unused: Table | None = None) -> str:
        """Draw the next text of this purpose; with `unused`, draw again while that table has such a key."""
        if length > LONGEST:
            raise ValueError(f"a drawn text has {LONGEST} letters at the most")
        while True:
            drawn = "".join([alphabet[byte % len(alphabet)] for byte in self._draw(purpose)[:length]])
            if unused is None or drawn not in unused:
                return drawn

    def number(self, purpose: str, length: int, *, unused: Table | None = None) -> str:
        """Draw the next text of `length` digits that does not begin with 0."""
        while True:
            drawn = str(10 ** (length - 1) + _number(self._draw(purpose)) % (9 * 10 ** (length - 1)))
            if unused is None or drawn not in unused:
                return drawn

    def uuid(self, purpose: str) -> str:
        """Draw the next UUID of this purpose, in the form of version 4."""
        return str(uuid.UUID(bytes=self._draw(purpose)[:16], version=4))

    def count(self, purpose: str) -> int:
        """Return the next number of this purpose: 1, 2, 3."""
        return self._next(f"{self._api}/{purpose}")

    def share(self, purpose: str, key: str) -> float:
        """Return the number from 0 up to 1 of this purpose and key, always the same for the same seed."""
        return _number(_digest(f"{self.seed}/{self._api}/{purpose}/{key}")) / 2**256

    def values(self, purpose: str, key: str) -> Faker:
        """Return Faker, set to the stream of this purpose and key.

        The generator is shared by a thread: take what you need before you ask for another.
        """
        generator: Faker | None = getattr(_local, "faker", None)
        if generator is None:
            from faker import Faker  # a third of a second that most sandboxes never need

            generator = _local.faker = Faker("en_US")
        generator.seed_instance(_number(_digest(f"{self.seed}/{self._api}/{purpose}/{key}")))
        return generator

    def _draw(self, purpose: str) -> bytes:
        key = f"{self._api}/{purpose}"
        return _digest(f"{self.seed}/{key}/{self._next(key)}")

    def _next(self, key: str) -> int:
        row = self._counters.get(key)
        drawn: int = 1 if row is None else row["drawn"] + 1
        self._counters.put(key, {"drawn": drawn})
        return drawn


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=LONGEST).digest()


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:32])
