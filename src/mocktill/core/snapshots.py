"""Named copies of a sandbox's rows: cheap, as a row never changes, and bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mocktill.core.api import JSON, Rows
from mocktill.core.clock import instant
from mocktill.core.errors import Full
from mocktill.core.names import check_name
from mocktill.core.store import Row

MOST = 100
"""How many snapshots a sandbox may keep."""
MOST_ROWS = 2_000_000
"""How many rows all snapshots of a sandbox may have together; those that did not change are shared."""


@dataclass(frozen=True)
class Saved:
    """A snapshot: its name, the sandbox's instant when it was taken, and how many rows it has."""

    name: str
    at: datetime
    rows: int


@dataclass(frozen=True)
class Scene:
    """What a snapshot keeps: the rows without the clock's, and the clock's mode and instant.

    `delicate` is whether it came from a document with something in it that the journal masks.
    """

    tables: Rows
    clock: Row
    delicate: bool = False

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(map(len, self.tables.values()))


class Snapshots:
    """The snapshots of one sandbox, by name.

    `write` makes a scene a document, and `read` a document a scene: it raises `Unacceptable` for a wrong one.
    """

    def __init__(self, write: Callable[[Scene], JSON], read: Callable[[JSON], Scene]) -> None:
        self._write = write
        self._read = read
        self._scenes: dict[str, Scene] = {}
        self.changed = 0
        """How often one was kept or forgotten."""

    def names(self) -> list[str]:
        """Return the names, in order."""
        return sorted(self._scenes)

    def all(self) -> list[Saved]:
        """Return what there is, by name."""
        return [self.saved(name) for name in self.names()]

    def saved(self, name: str) -> Saved:
        """Return what is to be said of a snapshot; raise KeyError in words where there is none."""
        scene = self.scene(name)
        return Saved(name, instant(scene.clock["at"]), scene.rows)

    def get(self, name: str) -> JSON:
        """Return a snapshot as a document; raise KeyError in words where there is none."""
        return self._write(self.scene(name))

    def put(self, name: str, document: JSON) -> None:
        """Keep a document under a name; raise `Unacceptable` for a wrong one, `Full` and ValueError as `keep`."""
        self.keep(name, self._read(document))

    def delete(self, name: str) -> None:
        """Forget a snapshot; raise KeyError in words where there is none."""
        self.scene(name)
        del self._scenes[name]
        self.changed += 1

    def keep(self, name: str, scene: Scene) -> None:
        """Keep a scene under a name, instead of an older one; raise ValueError for what is no name, or `Full`."""
        check_name(name, "a snapshot")
        others = [kept for other, kept in self._scenes.items() if other != name]
        if len(others) >= MOST:
            raise Full(f"a sandbox keeps {MOST} snapshots at the most: delete one")
        if sum(kept.rows for kept in others) + scene.rows > MOST_ROWS:
            raise Full(f"the snapshots of a sandbox have {MOST_ROWS:,} rows at the most: delete one")
        self._scenes[name] = scene
        self.changed += 1

    def scene(self, name: str) -> Scene:
        """Return what a snapshot keeps; raise KeyError in words where there is none."""
        if name not in self._scenes:
            raise KeyError(f"there is no snapshot {name}" if len(name) <= 64 else "there is no such snapshot")
        return self._scenes[name]
