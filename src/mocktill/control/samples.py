"""An operation as it can be tried: a request that succeeds, its copies, and all answers that there are."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from mocktill.control.ask import Ask
from mocktill.core.api import JSON, Api, Operation, Request
from mocktill.core.catalogue import Shelf
from mocktill.core.engine import answer_at_once
from mocktill.core.faults import TABLE
from mocktill.core.names import find_named
from mocktill.core.sample import pick, request, url
from mocktill.core.sandbox import Sandbox

FAULTS = f"mocktill.{TABLE.name}"
TOLD = ("status", "type", "text", "basis", "source")


def operation(ask: Ask) -> JSON:
    """One operation with a request that succeeds in the factory state, at this sandbox's address and with its key.

    Where another one has to come first, as `about` says, it stands before it in the copies. `answers` are those of a
    success, and then every refusal with the choices of this sandbox, and those that other choices would bring.
    """
    from mocktill.core.copies import curl, fetch, python  # only who asks needs them, and a start is to be quick

    api = find_named("API", ask.args["api"], ask.served.apis)
    found = find_named("operation", ask.args["operation"], api.operations, f"of {api.name}")
    shelf = ask.served.catalogue.shelves[api.name]
    first, asked = _requests(ask, shelf, found)
    requests = [asked] if first is None else [first, asked]
    return {
        "name": found.name,
        "method": found.method,
        "path": api.path(found),
        "summary": found.summary,
        "basis": found.basis.value,
        "source": found.source,
        "open": found.open,
        "request": {
            "method": asked.method,
            "url": url(asked),
            "headers": {name.title(): value for name, value in asked.headers.items()},
            "body": asked.body.decode(),
        },
        "copies": {
            "curl": "\n".join(map(curl, requests)),
            "fetch": "\n".join(map(fetch, requests)),
            "python": python(*requests),
        },
        "about": "" if first is None else _before(found),
        "answers": _answers(ask, shelf, found),
    }


def _before(found: Operation) -> str:
    return f"{found.sample.after} comes first and makes what is named here: the id is the next that the sandbox draws"


def _requests(ask: Ask, shelf: Shelf, found: Operation) -> tuple[Request | None, Request]:
    """Return the request, and the one that makes what it names, if there has to be one."""
    base, api, sample = ask.served.url(shelf.api.name, ask.root), shelf.api, found.sample
    if not sample.after:
        return None, request(api, found, sample, base)
    maker = api.operation(sample.after)
    first = request(api, maker, maker.sample, base)
    return first, request(api, found, sample, base, _made(ask.box, shelf, first, found))


def _made(box: Sandbox, shelf: Shelf, first: Request, found: Operation) -> dict[str, str]:
    """Return the arguments of a path that a first request makes.

    Where it is refused everywhere, as where somebody's own fixtures lack what it needs, the names stand for themselves.
    """
    for scratch in _scratches(box, shelf.api):
        answer = answer_at_once(scratch, shelf, first)
        if answer.status < 400:
            value = orjson.loads(answer.body)
            return {name: str(pick(value, pointer)) for name, pointer in found.sample.taken.items()}
    return {name: name for name in found.sample.taken}


def _scratches(box: Sandbox, api: Api) -> Iterator[Sandbox]:
    """Yield a copy of the sandbox, without its fault rules and with this API alone, and then the factory state."""
    with box.lock:
        rows = box.store.rows("mocktill.") | box.store.rows(f"{api.name}.")
    yield Sandbox(box.catalogue, beginning=rows | {FAULTS: {}})
    yield Sandbox(box.catalogue)


def _answers(ask: Ask, shelf: Shelf, found: Operation) -> list[JSON]:
    from mocktill.control.refused import Refusals  # as above

    good = {found.status: found.summary, **found.also}
    refused = [(one.row, one.basis) for one in Refusals(shelf, ask.box.choices.all()).of(found)]
    known = [(status, "", text, found.basis.value, found.source) for status, text in good.items()]
    known += [(row.status, row.type, row.text, basis.value, row.source) for row, basis in refused]
    told: dict[tuple[object, ...], tuple[object, ...]] = {}
    for answer in known:
        told.setdefault(answer[:3], answer)  # of those that look alike the first is told
    return [dict(zip(TOLD, answer, strict=True)) for answer in told.values()]
