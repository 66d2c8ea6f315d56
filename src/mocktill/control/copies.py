"""Requests of the journal, asked again: as texts to copy, or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mocktill.control.ask import Ask
from mocktill.core.api import JSON

if TYPE_CHECKING:
    from mocktill.core.app import VendorApp
    from mocktill.core.entry import Entry


def copies(ask: Ask) -> JSON:
    """Texts that send the request of an entry again: for a shell, a page or Node.js, Python, and a test of pytest.

    The test is a whole file for the fixture `mocktill`: with the requests before it without which it would have gone
    otherwise, and with what it gets when it is played from the factory state. Where a secret was masked a placeholder
    stands that the sandbox accepts: `about` says so, and what else is different.
    """
    from mocktill.core import copies as texts  # only who asks needs these, and a start is to be quick
    from mocktill.core.plots import source
    from mocktill.core.replay import CUT, entry_of, is_cut, repeat
    from mocktill.core.story import tell

    entry = entry_of(ask.box, ask.args["entry"])
    app = _vendor(ask, entry)
    story = tell(ask.box, app, entry)
    repeated = repeat(app.shelf, entry, story.credential)
    request, left_out = texts.plain(repeated.request)
    host = entry.base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    led = [f"it goes to {host}: that name has to lead to the sandbox"] if host in app.shelf.api.hosts else []
    cut = [CUT] if is_cut(entry) else []
    said = [*repeated.said, *led, *left_out, *texts.limits(request), *story.said, *cut]
    return {
        "curl": texts.curl(request),
        "fetch": texts.fetch(request),
        "python": texts.python(request),
        "pytest": source(story.plot),
        "about": "; ".join(dict.fromkeys(said)),
    }


def replay(ask: Ask) -> JSON:
    """The request of an entry is asked again in this sandbox as it is now, and journalled like any other.

    Nobody waits for what a fault delays. A request that is longer than what the journal keeps cannot be asked again.
    """
    from mocktill.core.replay import CUT, entry_of, is_cut, repeat, send  # as above
    from mocktill.core.story import tell

    box = ask.box
    entry = entry_of(box, ask.args["entry"])
    app = _vendor(ask, entry)
    if is_cut(entry):
        raise ValueError(f"the request of entry {entry.id}: {CUT}")
    repeated = repeat(app.shelf, entry)
    if repeated.keyed and entry.status >= 400:  # maybe for its key: then with one that is refused alike
        repeated = repeat(app.shelf, entry, tell(box, app, entry).credential)
    with box.lock:
        box.journal.tell_next(f"the request of entry {entry.id} was asked again")
        came = send(app, box, repeated.request)
    said = [*repeated.said, *([] if came.fault is None else [came.fault.sentence])]
    return {"entry": came.id, "status": came.status, "about": "; ".join(said)}


def _vendor(ask: Ask, entry: Entry) -> VendorApp:
    """Return the API that an entry is of; raise KeyError in words where it is not served."""
    vendors = ask.served.vendors
    if entry.api not in vendors:
        raise KeyError(f"entry {entry.id} is of {entry.api}, which is not served here")
    return vendors[entry.api]
