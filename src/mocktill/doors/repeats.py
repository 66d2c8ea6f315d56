"""Requests of a sandbox in this process, asked again by the numbers of their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mocktill.core import repeats
from mocktill.core.repeats import Copies, Replayed

if TYPE_CHECKING:
    from mocktill.core.app import VendorApp
    from mocktill.core.sandbox import Sandbox


def copies(box: Sandbox, number: int) -> Copies:
    """Return the copies of an entry; raise KeyError in words where it is not kept."""
    return repeats.copies(box, _vendor(box, number), number)


def replay(box: Sandbox, number: int) -> Replayed:
    """Ask the request of an entry again; it is journalled like any other, and nobody waits for what a fault delays.

    Raises KeyError in words for an entry that is not kept, ValueError for a request that is longer than what is kept.
    """
    return repeats.replay(box, _vendor(box, number), number)


def _vendor(box: Sandbox, number: int) -> VendorApp:
    from mocktill.core.app import VendorApp  # Flask: only who asks needs it
    from mocktill.core.replay import entry_of

    return VendorApp(box.catalogue.shelves[entry_of(box, number).api])
