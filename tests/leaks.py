"""What a test may leave behind: threads, sockets, pipes, open files, and replaced attributes of HTTP clients."""

from __future__ import annotations

import gc
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from mocktill.doors.interception.patches import doors
from mocktill.doors.interception.places import PLACES

DESCRIPTORS = Path("/proc/self/fd")
SERVERS = ("mocktill", "asyncio_")
"""How threads are called that a server starts when it needs them, and which go with it."""
PATIENCE_SECONDS = 2.0
STEP_SECONDS = 0.01


@dataclass(frozen=True)
class Held:
    """What this process holds at a moment."""

    threads: frozenset[str]
    descriptors: frozenset[str]
    attributes: tuple[tuple[str, int], ...]
    places: tuple[str, ...]

    def more_than(self, before: Held) -> list[str]:
        """Return what is held now and was not before, in words."""
        changed = [name for name, _ in {*self.attributes} - {*before.attributes}]
        return [
            *[f"thread {name}" for name in sorted(self.threads - before.threads)],
            *[f"open {name}" for name in sorted(self.descriptors - before.descriptors)],
            *[f"patched {name}" for name in sorted(changed)],
            *[f"active {name}" for name in self.places],
        ]


def held() -> Held:
    """Return what is held now."""
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith(SERVERS)]
    attributes = [(f"{each.owner.__name__}.{each.name}", each) for door in doors() for each in door.patches()]
    return Held(
        frozenset(f"{thread.name} ({thread.ident})" for thread in threads),
        frozenset(_descriptors()),
        tuple((name, id(vars(each.owner).get(each.name))) for name, each in attributes),
        tuple(place.name for place in PLACES.active),
    )


def left_since(before: Held) -> list[str]:
    """Return what was left since then; what is on its way out has a moment for it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (left := held().more_than(before)) and time.monotonic() < until:
        gc.collect()  # a client may leave a broken connection to the collector
        time.sleep(STEP_SECONDS)
    return left


def _descriptors() -> list[str]:
    """Return what each descriptor is of sockets, pipes and files; nothing where the system does not tell."""
    found = []
    for number in os.listdir(DESCRIPTORS) if DESCRIPTORS.is_dir() else ():
        try:
            target = os.readlink(DESCRIPTORS / number)
        except OSError:  # the listing's own
            continue
        if target.startswith(("socket:", "pipe:", "/")) and not target.startswith(("/dev/", "/proc/")):
            found.append(target)
    return found
