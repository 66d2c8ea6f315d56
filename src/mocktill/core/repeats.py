"""Requests of a journal, asked again: as texts to copy, or at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mocktill.core.app import VendorApp
    from mocktill.core.entry import Entry
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


def copies(box: Sandbox, app: VendorApp, number: int) -> Copies:
    """Return the copies of an entry of a sandbox, whose API `app` is.

    The test has the requests before it without which it would have gone otherwise, and holds what it gets when it is
    played from the factory state. Raises KeyError in words for an entry that is not kept.
    """
    from mocktill.core import copies as texts  # only who asks needs these, and a start is to be quick
    from mocktill.core.plots import source
    from mocktill.core.replay import CUT, entry_of, is_cut, repeat
    from mocktill.core.story import tell

    entry = entry_of(box, number)
    story = tell(box, app, entry)
    repeated = repeat(app.shelf, entry, story.credential)
    request, left_out = texts.plain(repeated.request)
    cut = [CUT] if is_cut(entry) else []
    said = [*repeated.said, *_led(app, entry), *left_out, *texts.limits(request), *story.said, *cut]
    about = "; ".join(dict.fromkeys(said))
    return Copies(texts.curl(request), texts.fetch(request), texts.python(request), source(story.plot), about)


def replay(box: Sandbox, app: VendorApp, number: int) -> Replayed:
    """Ask the request of an entry again in a sandbox as it is now; it is journalled like any other.

    Nobody waits for what a fault delays. Raises KeyError in words for an entry that is not kept, and ValueError for a
    request that is longer than what the journal keeps.
    """
    from mocktill.core.replay import CUT, entry_of, is_cut, repeat, send  # as above
    from mocktill.core.story import tell

    entry = entry_of(box, number)
    if is_cut(entry):
        raise ValueError(f"the request of entry {entry.id}: {CUT}")
    repeated = repeat(app.shelf, entry)
    if repeated.keyed and entry.status >= 400:  # maybe for its key: then with one that is refused alike
        repeated = repeat(app.shelf, entry, tell(box, app, entry).credential)
    with box.lock:
        box.journal.tell_next(f"the request of entry {entry.id} was asked again")
        came = send(app, box, repeated.request)
    said = [*repeated.said, *([] if came.fault is None else [came.fault.sentence])]
    return Replayed(came.id, came.status, "; ".join(said))


def _led(app: VendorApp, entry: Entry) -> list[str]:
    """Return that a vendor's own host has to lead to the sandbox, where the request went to one."""
    host = entry.base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    return [f"it goes to {host}: that name has to lead to the sandbox"] if host in app.shelf.api.hosts else []
