"""The sandboxes of a server: who is there, one more, one less."""

from __future__ import annotations

from datetime import datetime

from mocktill.control.ask import Ask
from mocktill.control.reading import below, pointer, read_instant, refusing, violation
from mocktill.control.served import beside
from mocktill.core.api import JSON
from mocktill.core.choices import check
from mocktill.core.clock import EARLIEST, LATEST, text
from mocktill.core.contract import Unacceptable
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.state import check as check_state


def sandboxes(ask: Ask) -> JSON:
    """The sandboxes by name. Those that stay were made or steered on purpose; the others came by first use."""
    listed = [_listed(box, kept) for box, kept in ask.served.sandboxes.all()]
    return {"sandboxes": listed, "limit": ask.served.sandboxes.limit}


def make(ask: Ask) -> JSON:
    """A sandbox that stays until it is deleted; it replaces one of the same name. Without a name one is made up.

    With a `state` it is as in that document; a reset goes back to what it would be without.
    """
    setup, state = _setup(ask), ask.body.get("state")
    if state is not None:
        with below("/state"):
            if found := check_state(ask.served.catalogue, state):  # a wrong one is to replace nothing
                raise Unacceptable(found)
    with ask.served.naming:
        name = ask.body.get("name") or _free_name(ask)
        box = ask.served.sandboxes.make(name, setup)
    if state is not None:
        box.load(state)
    base_url = beside(ask.base_url, name)
    return {"name": name, "base_urls": {api.name: ask.served.url(api.name, base_url) for api in ask.served.apis}}


def delete(ask: Ask) -> JSON:
    """The sandbox is gone, with its journal and its snapshots. The default one stays."""
    ask.served.sandboxes.delete(ask.args["sandbox"])


def _setup(ask: Ask) -> Setup:
    body, known = ask.body, ask.served.catalogue.choices
    for name, value in body.get("choices", {}).items():
        with refusing(pointer("choices", name), value):
            check(known, {name: value})
    shelves = ask.served.catalogue.shelves
    if body.get("populate_api", next(iter(shelves))) not in shelves:
        found = violation("body", "/populate_api", f"one of {', '.join(shelves)}", body["populate_api"], rule="enum")
        raise Unacceptable((found,))
    begun = ask.served.sandboxes.setup
    return Setup(
        seed=int(body.get("seed", begun.seed)),
        answers=body.get("answers", begun.answers),
        choices={**(begun.choices or {}), **body.get("choices", {})},
        now=_begin(body["now"]) if "now" in body else begun.now,
        populate=int(body.get("populate", begun.populate)),
        populate_api=body.get("populate_api", None if "populate" in body else begun.populate_api),
    )


def _begin(written: str) -> datetime:
    at: datetime = read_instant("/now", written)
    if not EARLIEST <= at <= LATEST:
        within = f"an instant from {text(EARLIEST)} to {text(LATEST)}"
        raise Unacceptable((violation("body", "/now", within, written, rule="range"),))
    return at


def _free_name(ask: Ask) -> str:
    taken = {box.name for box, _ in ask.served.sandboxes.all()}
    return next(name for number in range(1, len(taken) + 2) if (name := f"sandbox-{number}") not in taken)


def _listed(box: Sandbox, kept: bool) -> JSON:
    return {
        "name": box.name,
        "kept": kept,
        "now": text(box.clock.now()),
        "entries": len(box.journal),
        "rows": sum(len(table) for table in box.store.tables.values()),
    }
