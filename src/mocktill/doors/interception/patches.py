"""Patches on the clients of this process: put in place together, and taken back exactly.

What somebody else has put on top of a patch is theirs: it stays, and the patch under it lets every call pass.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

DOORS = {"http.client": "sockets", "urllib3": "urllib3_door", "httpx": "httpx_door", "aiohttp": "aiohttp_door"}
"""The libraries whose calls are intercepted, and the module for each: imported only where the library is installed."""
FOUND: dict[str, Any] = {}
"""The modules that are imported, by client; for the others is looked whenever patches are put in place."""
WARNED: set[str] = set()
"""The clients that are broken, which is said once."""
_MISSING = object()


@dataclass(frozen=True)
class Patch:
    """An attribute of a class or module to be replaced; `replacement` makes the new one from what was there."""

    owner: Any
    name: str
    replacement: Callable[[Any], Any]


@dataclass(frozen=True)
class Done:
    """An attribute that is replaced: by what, and what the owner itself had before."""

    owner: Any
    name: str
    now: object
    before: object

    def undo(self) -> bool:
        """Let what was there be back; return False, and do nothing, where somebody has put theirs on top."""
        current = vars(self.owner).get(self.name, _MISSING)
        if current is not self.now:
            return current is self.before  # as where undoing was interrupted
        if self.before is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.before)
        return True


class Patches:
    """What is replaced at the moment: nothing, or everything that is known; and what others have covered."""

    def __init__(self) -> None:
        self._done: list[Done] = []
        self._doors: tuple[Any, ...] = ()

    def install(self) -> None:
        """Replace everything, or, where that fails, nothing."""
        self._undo()  # what was covered the last time, and may be no more
        try:
            self._doors = doors()
            for door in self._doors:
                for patch in door.patches():
                    self._replace(patch)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Bring back what was there, the last first, and let no connection outlive it."""
        self._undo()
        for door in self._doors:
            door.clean_up()

    def _undo(self) -> None:
        self._done = [done for done in reversed(self._done) if not done.undo()][::-1]

    def _replace(self, patch: Patch) -> None:
        replacement = patch.replacement(getattr(patch.owner, patch.name))
        self._done.append(Done(patch.owner, patch.name, replacement, vars(patch.owner).get(patch.name, _MISSING)))
        setattr(patch.owner, patch.name, replacement)


def doors() -> tuple[Any, ...]:
    """Return the module of each client that can be imported now, or once could: it has `patches()` and `clean_up()`."""
    return tuple(door for client in DOORS if (door := _door(client)) is not None)


def _door(client: str) -> Any:
    """Return the module for a client; None where that cannot be imported now, of which a broken one is warned once."""
    if client not in FOUND:
        try:
            if find_spec(client) is None:
                return None
            FOUND[client] = import_module(f"mocktill.doors.interception.{DOORS[client]}")
        except Exception as error:  # whatever somebody else's module does when it is imported
            if client not in WARNED:
                WARNED.add(client)
                said = f"{client} is installed and cannot be imported: Mocktill leaves it out"
                warnings.warn(f"{said} ({type(error).__name__}: {error})", stacklevel=2)
            return None
    return FOUND[client]
