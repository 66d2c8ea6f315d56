"""A refused request repaired: what is wrong in its query or its body is taken from a sample, or left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from mocktill.core.api import FIELDS, JSON, Api, Operation, Request
from mocktill.core.bodies import media_type
from mocktill.core.catalogue import Shelf
from mocktill.core.contract import errors_of
from mocktill.core.entry import Entry
from mocktill.core.errors import Malformed
from mocktill.core.generate import generate
from mocktill.core.sample import pick, show
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import MASK, shown

UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})


@dataclass(frozen=True)
class Content:
    """What a request carries."""

    query: Mapping[str, str]
    body: JSON
    said: tuple[str, ...] = ()


def contents(shelf: Shelf, operation: Operation, entry: Entry, box: Sandbox) -> Iterator[Content]:
    """Yield what to send: what was, repaired; that with one thing of the sample; and the sample's."""
    sample = operation.sample
    bodies = list(_bodies(shelf, operation, entry, box)) if operation.body is not None else [Content({}, None)]
    for query in _queries(shelf.api, operation, entry):
        for content in bodies:
            yield Content(query.query, content.body, (*query.said, *content.said))
    yield Content(sample.query, sample.body, ("it is the sample of the operation",))


def _queries(api: Api, operation: Operation, entry: Entry) -> Iterator[Content]:
    sample, own = operation.sample.query, show(api, api.credential).query
    found = parse_qsl(entry.query, keep_blank_values=True)[:FIELDS]
    sent = {name: value for name, value in found if name not in own}
    wrong = {
        v.pointer[1:].replace("~1", "/").replace("~0", "~") for v in errors_of(entry.violations) if v.at == "query"
    }
    kept = {name: value for name, value in sent.items() if MASK not in name + value and name not in wrong}
    kept |= {name: value for name, value in sample.items() if name in wrong}
    yield Content(kept, None, changes(sent, kept))
    for name in kept:
        less = {other: value for other, value in kept.items() if other != name}
        yield Content(less, None, changes(sent, less))
    if len(kept) > 1:
        yield Content(dict(sample), None, changes(sent, sample))


def _bodies(shelf: Shelf, operation: Operation, entry: Entry, box: Sandbox) -> Iterator[Content]:
    sample = operation.sample.body
    sent = _read(shelf, operation, entry)
    if isinstance(sent, dict):
        wrong = [
            v.pointer for v in errors_of(entry.violations) if v.at == "body" and not _is_there(sent, v.pointer, v.rule)
        ]
        masked = list(_masked(sent))
        sources = (sample, _generated(shelf, operation, box)) if wrong or masked else ()
        repaired, said = _repaired(sent, [*masked, *wrong], sources)
        said = (*_reshaped(entry, sent), *said)
        yield Content({}, repaired, said)
        unknown = [v.pointer for v in entry.violations if v.at == "body" and v.rule in UNKNOWN]
        if unknown:
            less, dropped = _repaired(repaired, unknown, ())
            yield Content({}, less, (*said, *dropped))
        for name, value in (sample or {}).items():
            if repaired.get(name) != value:
                yield Content({}, {**repaired, name: value}, (*said, _is(f"/{name}", value)))
    yield Content({}, sample, ("the body is the sample of the operation",))


def _read(shelf: Shelf, operation: Operation, entry: Entry) -> JSON:
    """Return the value of the body that was sent, masked as the journal has it; None for one that cannot be read."""
    sent = Request(entry.method, entry.path, "", entry.request_headers, entry.request_body, entry.base_url, operation)
    try:
        return shelf.api.dialect.read(sent, shelf.contract.properties(operation.body or ""))
    except Malformed:
        return None


def _reshaped(entry: Entry, read: JSON) -> tuple[str, ...]:
    """Say where the value that was read is not the one that was sent: it came as a form, or without its wrapper."""
    try:
        same = orjson.loads(entry.request_body or b"{}") == read
    except orjson.JSONDecodeError:
        return (f"the body is JSON, not {media_type(entry.request_headers)}",)
    return () if same else ("the body has the documented shape",)


def _generated(shelf: Shelf, operation: Operation, box: Sandbox) -> JSON:
    faker = box.backend(shelf.api.name).fake.values("generated", operation.name)
    return generate(shelf.contract, operation.body or "", faker, {})


def _repaired(body: JSON, pointers: Sequence[str], sources: Sequence[JSON]) -> tuple[JSON, tuple[str, ...]]:
    """Return the body with what stands at these pointers taken from the first source that has it, else left out."""
    body, said = orjson.loads(orjson.dumps(body)), []
    for pointer in dict.fromkeys(pointers):
        around, _, last = pointer.rpartition("/")
        last = last.replace("~1", "/").replace("~0", "~")
        try:
            parent = pick(body, around)
            place = int(last) if isinstance(parent, list) else last
            value = next(_found(sources, pointer), None)
            if value is not None:
                parent[place] = value
                said.append(_is(pointer, value))
            elif isinstance(parent, dict) and place in parent:
                del parent[place]
                said.append(f"`{_name(pointer)}` is left out")
        except (LookupError, ValueError, TypeError):
            continue  # another repair has taken its surroundings away, or the sample's body will do
    return body, tuple(said)


def _found(sources: Sequence[JSON], pointer: str) -> Iterator[JSON]:
    """Yield what the sources have at a pointer; of an array what its first item has."""
    for source in sources:
        for place in (pointer, re.sub(r"/[0-9]+(?=/|$)", "/0", pointer)):
            try:
                yield pick(source, place)
            except (LookupError, ValueError, TypeError):
                continue


def unmasked(body: JSON, sample: JSON) -> tuple[JSON, tuple[str, ...]]:
    """Return a body in which what was masked is taken from a sample, or left out, and in words what that is."""
    return _repaired(body, list(_masked(body)), (sample,))


def _is_there(body: JSON, pointer: str, rule: str) -> bool:
    """Whether what was missing is there now: reading the body has brought it."""
    try:
        return rule == "required" and pick(body, pointer) is not None
    except (LookupError, ValueError, TypeError):
        return False


def _masked(value: JSON, pointer: str = "") -> Iterator[str]:
    """Yield where a value was masked, or the name of one."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        place = f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
        if MASK in str(name) or (isinstance(part, str) and MASK in part):
            yield place
        else:
            yield from _masked(part, place)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Say what is different in parameters or arguments."""
    said = [_is(f"/{name}", value) for name, value in after.items() if before.get(name) != value]
    return (*said, *[f"`{name}` is left out" for name in before if name not in after and MASK not in name])


def _is(pointer: str, value: JSON) -> str:
    return f"`{_name(pointer)}` is {shown(value)}"


def _name(pointer: str) -> str:
    return pointer.removeprefix("/") if pointer.count("/") == 1 else pointer
