"""Many sandboxes on one server: made on first use or on purpose, and bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from itertools import count

from mocktill.core.catalogue import Catalogue
from mocktill.core.errors import Full
from mocktill.core.journal import Budget
from mocktill.core.names import check_name
from mocktill.core.sandbox import DEFAULT, Sandbox, Setup
from mocktill.core.store import Prepared
from mocktill.core.webhooks import Courier

MOST = 1_000
STEM = "sandbox"
"""What those are called that nobody named, with a number."""
LONGEST_STEM = 58
"""How much of a name is left before a number, which has to fit as well."""
REMEMBERED = 10
"""How many times as many names of evicted sandboxes are remembered as there may be sandboxes."""


class Sandboxes:
    """Many sandboxes by name, made on first use and bounded: of those the longest idle goes first.

    The default one, and those that were made or steered on purpose, stay until they are deleted. Each begins with
    `setup` if it is not made with another.
    """

    def __init__(self, catalogue: Catalogue, setup: Setup | None = None, limit: int = MOST) -> None:
        self.catalogue = catalogue
        self.limit = limit
        self.setup = setup or Setup()
        self._budget = Budget()
        self._kept: dict[str, Sandbox] = {}
        self._passing: OrderedDict[str, Sandbox] = OrderedDict()
        self._evicted: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._courier: Courier | None = None
        self._beginning: Prepared | None = None
        self.changed = 0
        """How often one came, went, or was made to stay."""
        self._beginning = self.make(DEFAULT).store.prepare()

    @property
    def default(self) -> Sandbox:
        """The sandbox of requests that name none."""
        return self._kept[DEFAULT]

    def get(self, name: str = DEFAULT) -> Sandbox:
        """Return the sandbox with this name, made now if need be; raise ValueError for a name that is none."""
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        with self._lock:
            box = self._passing.get(name)
            if box is not None:
                self._passing.move_to_end(name)
                return box
        made = self._built(name, self.setup)
        with self._lock:
            box = self._kept.get(name) or self._passing.setdefault(name, made)
            self.changed += box is made
            if box is made and name in self._evicted:
                _say_evicted(box, self._evicted.pop(name))
            self._evict(but=name)
            return box

    def find(self, name: str) -> Sandbox | None:
        """Return the sandbox with this name if there is one: none is made, and to be looked at is no use of it."""
        return self._kept.get(name) or self._passing.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._kept or name in self._passing

    def keep(self, name: str = DEFAULT) -> Sandbox:
        """Return the sandbox with this name, made now if need be, which stays from now on.

        Raises ValueError for a name that is none, and `Full` where as many stay as there may be.
        """
        while True:
            box = self.get(name)
            with self._lock:
                if self._kept.get(name) is box:
                    return box
                if self._passing.get(name) is box:  # not evicted in between
                    self._check_room()
                    self._kept[name] = self._passing.pop(name)
                    self.changed += 1
                    return box

    def make(self, name: str, setup: Setup | None = None) -> Sandbox:
        """Make a sandbox that stays until it is deleted; one with this name is replaced. Raises as `keep` does."""
        box = self._built(name, setup)
        with self._lock:
            self._put(box)
        return box

    def make_free(self, stem: str | None = None, setup: Setup | None = None, taken: Collection[str] = ()) -> Sandbox:
        """Make a sandbox that stays, under a name that none has: the stem if it is free, else with a number behind.

        Without a stem it is `sandbox-1` and so on. `taken` are more names that it must not have. However many ask at
        once, each gets another. Raises as `keep` does.
        """
        box = self._built(stem or STEM, setup)
        with self._lock:
            box.name = self._free(stem, taken)
            self._put(box)
        return box

    def delete(self, name: str) -> None:
        """Forget a sandbox; raise KeyError in words where there is none, and ValueError for the default one."""
        if name == DEFAULT:
            raise ValueError("the default sandbox stays: reset it instead")
        with self._lock:
            gone = self._passing.pop(name, None) or self._kept.pop(name, None)
            self.changed += gone is not None
        if gone is None:
            raise KeyError("there is no such sandbox")
        gone.journal.close()

    def deliver_by(self, courier: Courier | None) -> None:
        """Let this courier bring the webhooks of all sandboxes, those to come included; None is nobody."""
        self._courier = courier
        for box, _ in self.all():
            box.webhooks.courier = courier

    def all(self) -> list[tuple[Sandbox, bool]]:
        """Return each sandbox by name, and whether it stays."""
        with self._lock:
            kept = [(box, True) for box in self._kept.values()]
            passing = [(box, False) for box in self._passing.values()]
        return sorted([*kept, *passing], key=lambda pair: pair[0].name)

    def _built(self, name: str, setup: Setup | None) -> Sandbox:
        check_name(name)
        beginning = self._beginning if setup is None or setup == self.setup else None
        box = Sandbox(self.catalogue, name, setup or self.setup, self._budget, beginning)
        box.webhooks.courier = self._courier
        return box

    def _put(self, box: Sandbox) -> None:
        """Let a sandbox be there in the place of one with its name. Called under the lock."""
        name = box.name
        if name not in self._kept:
            self._check_room()
        gone = self._passing.pop(name, None) or self._kept.get(name)
        if gone is not None:
            gone.journal.close()
        self._kept[name] = box
        self.changed += 1
        self._evicted.pop(name, None)
        self._evict(but=name)

    def _free(self, stem: str | None, taken: Collection[str]) -> str:
        name, number = stem or f"{STEM}-1", count(2)
        while name in self or name in taken:
            name = f"{(stem or STEM)[:LONGEST_STEM]}-{next(number)}"
        return name

    def _check_room(self) -> None:
        if len(self._kept) >= self.limit:
            raise Full(f"there are {self.limit} sandboxes that stay, which is the most: delete one")

    def _evict(self, but: str) -> None:
        """Let the longest idle go while there are too many; never the one that was just asked for."""
        for name in list(self._passing):
            if len(self._passing) + len(self._kept) <= self.limit:
                return
            if name != but:
                gone = self._passing.pop(name).journal
                gone.close()
                self.changed += 1
                self._evicted[name] = gone.last
                if len(self._evicted) > REMEMBERED * self.limit:
                    self._evicted.popitem(last=False)


def _say_evicted(box: Sandbox, last: int) -> None:
    """Let a sandbox that takes the place of an evicted one say so, and know what its journal has lost."""
    box.journal.go_on_after(last)
    sentence = f"the sandbox {box.name} was evicted as the longest idle of too many, and begins anew"
    box.journal.remark(box.now(), "evicted", sentence)
    box.journal.tell_next(sentence)
