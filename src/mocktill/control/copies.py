"""Requests of the journal, asked again: as texts to copy, or at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from mocktill.control.ask import Ask
from mocktill.core.api import JSON

if TYPE_CHECKING:
    from mocktill.core.app import VendorApp


def copies(ask: Ask) -> JSON:
    """Texts that send the request of an entry again: for a shell, a page or Node.js, Python, and a test of pytest.

    The test is a whole file for the fixture `mocktill`: with the requests before it without which it would have gone
    otherwise, and with what it gets when it is played from the factory state. Where a secret was masked a placeholder
    stands that the sandbox accepts: `about` says so, and what else is different.
    """
    from mocktill.core import repeats  # only who asks needs it, and a start is to be quick

    return asdict(repeats.copies(ask.box, _vendor(ask), ask.args["entry"]))


def replay(ask: Ask) -> JSON:
    """The request of an entry is asked again in this sandbox as it is now, and journalled like any other.

    Nobody waits for what a fault delays. A request that is longer than what the journal keeps cannot be asked again.
    """
    from mocktill.core import repeats  # as above

    return asdict(repeats.replay(ask.box, _vendor(ask), ask.args["entry"]))


def _vendor(ask: Ask) -> VendorApp:
    """Return the API that the entry is of; raise KeyError in words where it is not served, or there is no entry."""
    from mocktill.core.replay import entry_of  # as above

    entry = entry_of(ask.box, ask.args["entry"])
    if entry.api not in ask.served.vendors:
        raise KeyError(f"entry {entry.id} is of {entry.api}, which is not served here")
    return ask.served.vendors[entry.api]
