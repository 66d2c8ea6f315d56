"""For a refused request, one like it that would pass: proven in a scratch copy of the sandbox before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

import orjson

from mocktill.core.api import JSON, Api, Operation, Request
from mocktill.core.catalogue import Shelf, nearest, unmatched
from mocktill.core.contract import errors_of
from mocktill.core.engine import answer_at_once
from mocktill.core.entry import Entry
from mocktill.core.repair import Content, changes, contents
from mocktill.core.sample import curl, path_of, pick, request
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import MASK
from mocktill.core.store import Row
from mocktill.core.turn import Response

FAULTS = "mocktill.faults"
KEY = "the key is a placeholder that this sandbox accepts"
DRAWN = "the first line makes what the second one names: the id is the next that this sandbox draws"


@dataclass(frozen=True)
class Passing:
    """Lines of curl that would pass, one after the other, and a sentence on what is different in them."""

    about: str
    curl: tuple[str, ...]


@dataclass(frozen=True)
class Neighbour:
    """An operation that comes near to what was asked for, at which path, and why it is not the one."""

    operation: str
    method: str
    path: str
    why: str


@dataclass(frozen=True)
class Explained:
    """A journal's entry and what helps: the operations nearest to an unmatched one, a request that would pass."""

    entry: Entry
    nearest: tuple[Neighbour, ...]
    passing: Passing | None

    def to_json(self) -> JSON:
        """Return it as `GET journal/<id>` answers it."""
        return {
            **self.entry.to_json(),
            "nearest": [asdict(near) for near in self.nearest],
            "passing": None if self.passing is None else asdict(self.passing),
        }

    @classmethod
    def of(cls, value: JSON) -> Explained:
        """Return what became this JSON."""
        near = tuple(Neighbour(**one) for one in value["nearest"])
        passing = value["passing"]
        return cls(Entry.of(value), near, passing and Passing(passing["about"], tuple(passing["curl"])))


@dataclass(frozen=True)
class _Place:
    """Where a request goes: the path, or none where what it names has to be made first."""

    args: Mapping[str, str]
    path: str | None
    said: tuple[str, ...] = ()


def explain(box: Sandbox, number: int) -> Explained:
    """Return the entry with this number, explained; raise KeyError in words where it is not kept."""
    entry = box.journal.get(number)
    if entry is None:
        raise KeyError(f"there is no entry {number}, or it had to make room")
    shelf = box.catalogue.shelves[entry.api]
    near = unmatched(shelf.api, entry.method, entry.path) if entry.unmatched else []
    neighbours = tuple(Neighbour(one.operation.name, one.operation.method, one.path, one.why) for one in near)
    return Explained(entry, neighbours, passing(box, shelf, entry))


def passing(box: Sandbox, shelf: Shelf, entry: Entry) -> Passing | None:
    """Return a request like the one of a refused entry that would pass now; None where there is none.

    For one that passed there is none either. Tried are what was sent with what is wrong in it repaired, then the
    sample of the operation. Nothing of it happens in the sandbox. Nothing that was masked is in it: the credential is
    the API's own placeholder.
    """
    if entry.status < 400 and not errors_of(entry.violations):
        return None
    with box.lock:
        rows = {name: rows for name, rows in box.store.rows().items() if _concerns(shelf.api, name)}
    prover = _Prover(box, shelf, entry, rows)
    for operation, args, meant in _targets(shelf.api, entry):
        found = list(contents(shelf, operation, entry, prover.box))
        for place in _places(shelf.api, operation, entry, args):
            for content in found:
                lines = prover.prove(operation, place, content)
                if lines:
                    said = (*meant, *place.said, *content.said, *_circumstances(shelf.api, entry))
                    return Passing("; ".join(said), lines)
    return None


class _Prover:
    """Plays requests in a scratch copy of a sandbox, as new for each that changes anything."""

    def __init__(self, box: Sandbox, shelf: Shelf, entry: Entry, rows: Mapping[str, Mapping[str, Row]]) -> None:
        self._shelf = shelf
        self._entry = entry
        self._rows = rows
        self._used = False
        self.box = Sandbox(box.catalogue, box.name, beginning=rows)

    def prove(self, operation: Operation, place: _Place, content: Content) -> tuple[str, ...]:
        """Return the lines of curl if they pass, else none."""
        api, sample, lines, args = self._shelf.api, operation.sample, [], dict(place.args)
        if place.path is None and sample.after:
            if self._used:
                self.box.store.load(self._rows)
            self._used = True
            first = api.operation(sample.after)
            made = self._addressed(request(api, first, first.sample, self._entry.base_url))
            answer = self._play(made)
            if not _passed(answer):
                return ()
            lines = [curl(made)]
            value = orjson.loads(answer.body)
            args |= {name: str(pick(value, pointer)) for name, pointer in sample.taken.items()}
        asked = replace(sample, args=args, query=content.query, body=content.body)
        made = self._addressed(request(api, operation, asked, self._entry.base_url))
        if place.path is not None:
            made = replace(made, path=place.path)
        if self._entry.method == "HEAD" and operation.method == "GET":
            made = replace(made, method="HEAD")
        return (*lines, curl(made)) if _passed(self._play(made)) else ()

    def _addressed(self, made: Request) -> Request:
        """Return the request for the same sandbox: where a header named it, it does so again."""
        named = self._entry.request_headers.get("mocktill-sandbox", MASK)
        return made if MASK in named else replace(made, headers={**made.headers, "mocktill-sandbox": named})

    def _play(self, made: Request) -> Response:
        return answer_at_once(self.box, self._shelf, replace(made, headers={**made.headers, "user-agent": "curl"}))


def _concerns(api: Api, table: str) -> bool:
    """Whether the rows of a table matter: those of the API, and of the sandbox itself but for its fault rules."""
    return table.startswith((f"{api.name}.", "mocktill.")) and table != FAULTS


def _passed(answer: Response) -> bool:
    return answer.status < 400 and not errors_of(answer.entry.violations)


def _circumstances(api: Api, entry: Entry) -> Iterator[str]:
    """Say what is different whatever was tried: how it is asked, and what cannot strike again."""
    if entry.fault is not None:
        yield "a fault rule struck the request: it passes where none does"
    if "prefer" in entry.request_headers:
        yield "the header Prefer is left out"
    host = urlsplit(entry.base_url).hostname or ""
    if host in api.hosts:
        yield f"it goes to {host}: that name has to lead to the sandbox"
    yield KEY


def _targets(api: Api, entry: Entry) -> Iterator[tuple[Operation, Mapping[str, str] | None, tuple[str, ...]]]:
    """Yield the operations that may have been meant, with the arguments in the path if it is theirs."""
    method = "GET" if entry.method == "HEAD" else entry.method
    if entry.operation is not None:
        operation = api.operation(entry.operation)
        yield operation, _args(api, operation, entry.path), ()
        return
    found = [(operation, _args(api, operation, entry.path)) for operation in api.operations]
    fitting = [(operation, args) for operation, args in found if args is not None]
    for operation, args in sorted(fitting, key=lambda one: one[0].method != method):
        yield operation, args, () if operation.method == method else (f"the method is {operation.method}",)
    for operation in nearest(api, entry.method, entry.path):
        yield operation, None, (f"{operation.method} {api.path(operation)} is the nearest operation",)


def _args(api: Api, operation: Operation, path: str) -> Mapping[str, str] | None:
    """Return the arguments in a path of this operation, under any prefix; None for a path that is not its."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(operation.path))
    suffix = r"(?:\.json)?" if api.json_suffix else ""
    for prefix in api.prefixes_of(operation):
        found = re.fullmatch(f"{re.escape(prefix)}{pattern}{suffix}/?", path)
        if found is not None:
            return found.groupdict()
    return None


def _places(api: Api, operation: Operation, entry: Entry, sent: Mapping[str, str] | None) -> Iterator[_Place]:
    """Yield where to ask: where it was, there with one argument of the sample, and where the sample does."""
    sample = operation.sample
    if sent is not None and MASK not in entry.path:
        yield _Place(sent, entry.path)
        usual = path_of(api, operation, sent)
        if usual != entry.path:
            yield _Place(sent, usual, (f"the path is {usual}",))
    if sent is not None and len(sent) > 1:
        for name in sample.args:
            args = {**sent, name: sample.args[name]}
            if MASK not in "".join(args.values()):
                yield _Place(args, path_of(api, operation, args), changes(sent, args))
    if sample.after:
        yield _Place(sample.args, None, (DRAWN,))
    elif all(name in sample.args for name in re.findall(r"{(\w+)}", operation.path)):
        yield _Place(sample.args, path_of(api, operation, sample.args), changes(sent or {}, sample.args))
