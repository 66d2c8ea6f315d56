"""Requests of a journal, asked again: as texts to copy, or at once; of a sandbox in this process by functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mocktill.core.api import JSON

if TYPE_CHECKING:
    from mocktill.control.ask import Ask
    from mocktill.core.sandbox import Sandbox


@dataclass(frozen=True)
class Copies:
    """Texts that send an entry's request again, and in words what is to be known of them; "" where that is nothing.

    `curl` is a line for a POSIX shell, `fetch` a JavaScript expression, `python` a script with the package `requests`,
    and `pytest` a whole file with a test for the fixture `mocktill`.
    """

    curl: str
    fetch: str
    python: str
    pytest: str
    about: str


@dataclass(frozen=True)
class Replayed:
    """What came of a request that was asked again: the number of its entry, its status, and what is to be known."""

    entry: int
    status: int
    about: str


def copies(box: Sandbox, number: int) -> Copies:
    """Return the copies of an entry of a sandbox in this process; raise KeyError in words where it is not kept."""
    from mocktill.control.copies import copies  # Flask, and all of a story: only who asks needs them

    return Copies(**_asked(box, number, copies))


def replay(box: Sandbox, number: int) -> Replayed:
    """Ask the request of an entry again in a sandbox in this process; it is journalled like any other.

    Nobody waits for what a fault delays. Raises KeyError in words for an entry that is not kept, and ValueError for a
    request that is longer than what the journal keeps.
    """
    from mocktill.control.copies import replay  # as above

    return Replayed(**_asked(box, number, replay))


def _asked(box: Sandbox, number: int, call: Callable[[Ask], JSON]) -> JSON:
    """Return what a call of the control API says of an entry; the sandbox need not be any server's."""
    from mocktill.control.ask import Ask
    from mocktill.control.served import Served
    from mocktill.core.sandboxes import Sandboxes

    ask = Ask(Served(Sandboxes(box.catalogue)), {"entry": number}, {}, None, "", {})
    ask.box = box
    return call(ask)
