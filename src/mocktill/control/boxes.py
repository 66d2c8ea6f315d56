"""The sandboxes of a server: who is there, one more, one less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mocktill.control.ask import Ask
from mocktill.control.reading import below, pointer, read_instant, refusing, violation
from mocktill.control.served import beside
from mocktill.core.api import JSON
from mocktill.core.choices import check
from mocktill.core.clock import EARLIEST, LATEST, text
from mocktill.core.contract import Unacceptable
from mocktill.core.names import absent
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.state import check as check_state
from mocktill.core.state import overlaid


def sandboxes(ask: Ask) -> JSON:
    """The sandboxes by name. Those that stay were made or steered on purpose; the others came by first use."""
    listed = [_listed(box, kept) for box, kept in ask.served.sandboxes.all()]
    return {"sandboxes": listed, "limit": ask.served.sandboxes.limit}


def make(ask: Ask) -> JSON:
    """A sandbox that stays until it is deleted; it replaces one of the same name. Without a name one is made up.

    With a `state` it is as in that document, but for what the call itself says of seed, answers, choices and instant;
    a reset goes back to what it would be without.
    """
    setup, state = _setup(ask), ask.body.get("state")
    if state is not None:
        with below("/state"):
            if found := check_state(ask.served.catalogue, state):  # a wrong one is to replace nothing
                raise Unacceptable(found)
    name, there = ask.body.get("name"), ask.served.sandboxes
    box = there.make(name, setup) if name else there.make_free(setup=setup)
    if state is not None:
        box.load(_overlaid(ask.body, setup))
    base_url = beside(ask.base_url, box.name)
    return {"name": box.name, "base_urls": {api.name: ask.served.url(api.name, base_url) for api in ask.served.apis}}


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
        webhooks={**(begun.webhooks or {}), **_webhooks(ask)} or None,
    )


def _webhooks(ask: Ask) -> Mapping[str, str]:
    """Return the URLs that a body gives for webhooks, each of which may be asked."""
    given: Mapping[str, str] = ask.body.get("webhooks", {})
    known = ask.served.sandboxes.default.webhooks
    for api, url in given.items():
        with refusing(pointer("webhooks", api), url):
            if api not in known.apis:
                raise absent("API with webhooks", api, known.apis)
            known.check(url)
    return given


def _begin(written: str) -> datetime:
    at: datetime = read_instant("/now", written)
    if not EARLIEST <= at <= LATEST:
        within = f"an instant from {text(EARLIEST)} to {text(LATEST)}"
        raise Unacceptable((violation("body", "/now", within, written, rule="range"),))
    return at


def _overlaid(body: JSON, setup: Setup) -> JSON:
    """Return the state of a call with what else the call says; what the server says of sandboxes gives way to it."""
    return overlaid(
        body["state"],
        seed=setup.seed if "seed" in body else None,
        answers=body.get("answers"),
        choices=body.get("choices"),
        now=setup.now if "now" in body else None,
    )


def _listed(box: Sandbox, kept: bool) -> JSON:
    return {
        "name": box.name,
        "kept": kept,
        "now": text(box.clock.now()),
        "entries": len(box.journal),
        "rows": sum(len(table) for table in box.store.tables.values()),
    }
