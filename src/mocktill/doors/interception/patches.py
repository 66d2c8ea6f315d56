"""Patches on the clients of this process: put in place together, and taken back exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

DOORS = {"http.client": "sockets", "httpx": "httpx_door", "aiohttp": "aiohttp_door"}
"""The libraries whose calls are intercepted, and the module for each: imported only where the library is installed."""
_MISSING = object()


@dataclass(frozen=True)
class Patch:
    """An attribute of a class or module to be replaced; `replacement` makes the new one from what was there."""

    owner: Any
    name: str
    replacement: Callable[[Any], Any]


class Patches:
    """What is replaced at the moment: nothing, or everything that is known."""

    def __init__(self) -> None:
        self._undone: list[tuple[Any, str, object]] = []

    def install(self) -> None:
        """Replace everything, or, where that fails, nothing."""
        try:
            for door in doors():
                for patch in door.patches():
                    self._replace(patch)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Bring back what was there, the last first, and let no connection outlive it."""
        while self._undone:
            owner, name, before = self._undone.pop()
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        for door in doors():
            door.clean_up()

    def _replace(self, patch: Patch) -> None:
        replacement = patch.replacement(getattr(patch.owner, patch.name))
        self._undone.append((patch.owner, patch.name, vars(patch.owner).get(patch.name, _MISSING)))
        setattr(patch.owner, patch.name, replacement)


@cache
def doors() -> tuple[Any, ...]:
    """Return the module of each client that is installed: it has `patches()` and `clean_up()`."""
    found = [door for client, door in DOORS.items() if find_spec(client) is not None]
    return tuple(import_module(f"mocktill.doors.interception.{door}") for door in found)
