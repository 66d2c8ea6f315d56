"""What was asked and answered in a sandbox, and whether it is what should have happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mocktill.control.ask import Ask
from mocktill.control.reading import violation
from mocktill.core.api import JSON, Leak
from mocktill.core.clock import text
from mocktill.core.contract import Unacceptable
from mocktill.core.har import har

NO_FILTERS = frozenset({"format", "wait", "least", "remarked"})


def journal(ask: Ask) -> JSON:
    """The entries that fit, oldest first, and what happened between them.

    With `since` only what is newer; with `wait` the answer comes as soon as there is something newer that fits, or
    when the time is up. `last` is the id to ask on with, and `remarked` the number of remarks: asked on with it, a
    newer remark ends the wait as well. At the most 1,000 entries are kept, and as many answered. As `lines` each entry
    is what a list shows of it: no header, no body, and how many changes, notes and violations it has.
    """
    filters, kept = _filters(ask), ask.box.journal
    with ask.box.lock:  # what is added meanwhile is neither half told nor skipped by whoever asks on
        entries, remarks, last, evicted = kept.entries(**filters), kept.remarks(), kept.last, kept.evicted
        remarked = kept.remarked
    if not entries and remarked <= ask.query.get("remarked", remarked):
        ask.wait()
    if ask.query.get("format") == "har":
        return har(entries)
    since, lines = filters.get("since", 0), ask.query.get("format") == "lines"
    return {
        "entries": [entry.line() if lines else entry.to_json() for entry in entries],
        "remarks": [remark.to_json() for remark in remarks if remark.after >= since],
        "last": last,
        "remarked": remarked,
        "evicted": evicted,
    }


def count(ask: Ask) -> JSON:
    """How many entries fit, and how many of the same window had to make room and may have fitted as well.

    With `least` and `wait` the answer comes as soon as there are that many, or when the time is up: `met` says which.
    """
    counted = ask.box.journal.count(**_filters(ask))
    met = counted.number >= ask.query.get("least", 0)
    if not met:
        ask.wait()
    return {"count": counted.number, "lost": counted.lost, "met": met}


def entry(ask: Ask) -> JSON:
    """One entry. Of a request that no operation has: the nearest ones; of one that was refused: one that would pass."""
    from mocktill.core.passing import explain  # only who asks for one needs it, and a start is to be quick

    return explain(ask.box, ask.args["entry"]).to_json()


def clear(ask: Ask) -> JSON:
    """All entries are gone; the ids go on."""
    ask.box.journal.clear()


def leaks(ask: Ask) -> JSON:
    """The reservations that hold stock, or held it until they expired, and were neither used nor given back."""
    return {"leaks": [leak_json(leak) for leak in ask.box.leaks()]}


def check(ask: Ask) -> JSON:
    """Whether a sequence is what happened: a table of each subject shows what happened instead."""
    with ask.box.lock:
        return {**ask.box.check(ask.body).to_json(), **leaks(ask)}


def leak_json(leak: Leak) -> JSON:
    """Return a leak as JSON."""
    return {**asdict(leak), "expires_at": text(leak.expires_at)}


def _filters(ask: Ask) -> Mapping[str, Any]:
    """Return the filters of a query; raise `Unacceptable` for an API or an operation that there is not."""
    filters = {name: value for name, value in ask.query.items() if name not in NO_FILTERS}
    apis = [api for api in ask.served.catalogue.apis if filters.get("api", api.name) == api.name]
    if not apis:
        names = ", ".join(api.name for api in ask.served.catalogue.apis)
        raise Unacceptable((violation("query", "/api", f"one of {names}", filters["api"], rule="enum"),))
    known = [f"{api.name}.{operation.name}" for api in apis for operation in api.operations]
    wanted = filters.get("operation")
    if wanted is not None and wanted not in known and wanted not in {name.partition(".")[2] for name in known}:
        raise Unacceptable((violation("query", "/operation", f"one of {', '.join(known)}", wanted, rule="enum"),))
    return filters
