"""Scenario files: a flow as data, which is an example, a test and a check of a running sandbox in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson

from mocktill.core.api import JSON
from mocktill.core.bodies import at
from mocktill.core.clock import duration, instant
from mocktill.core.contract import own
from mocktill.core.secrets import shown
from mocktill.core.seeds import BrokenSeed, pointer_to, read_yaml, say

KINDS = ("request", "clock", "change", "act")
"""What a step may be: each is one of them."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Answered:
    """What came back over whichever door the request went through."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Send = Callable[[str, str, Mapping[str, str], bytes], Answered]
"""Sends method, path with query, headers and body to the scenario's API."""


class NoAnswer(Exception):
    """What a door raises where a request was sent and no whole answer came back: says what came instead."""


class Chosen(Protocol):
    """The choices of a sandbox, as far as a scenario makes them."""

    def set(self, settings: Mapping[str, str]) -> None:
        """Set several; raise ValueError, in words, if one is wrong."""


class Steered(Protocol):
    """The sandbox that a scenario plays in, as far as its steps steer it: in this process or on a server."""

    @property
    def clock(self) -> Any:
        """Its time."""

    @property
    def choices(self) -> Chosen:
        """What the scenario's own choices are set in."""

    def change(self, table: str, key: str, fields: Mapping[str, JSON]) -> object:
        """Change some fields of one row."""

    def act(self, name: str, key: str) -> str:
        """Let something happen that no request brings about; return a sentence on it."""


@dataclass(frozen=True)
class Scenario:
    """One scenario file, read and checked."""

    file: str
    api: str
    title: str
    about: str
    steps: tuple[JSON, ...]
    choices: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> list[JSON]:
        """Return what each step is in its own words, and of which kind: a request, the clock, a change or an act."""
        return [{"title": step["title"], "kind": next(kind for kind in KINDS if kind in step)} for step in self.steps]


@dataclass(frozen=True)
class Step:
    """One step that was played; `problems` is empty when everything came as expected.

    `entry` is the journal's number of the request that it made, the last one of several; None where none was answered.
    """

    title: str
    said: str
    problems: tuple[str, ...]
    entry: int | None = field(default=None, compare=False)

    @property
    def lines(self) -> list[str]:
        """What a person reads of it: whether it came as expected, and beneath it what did not."""
        mark = "FAIL" if self.problems else " ok "
        return [f"{mark} {self.title}: {self.said}", *[f"     {problem}" for problem in self.problems]]


def load_scenario(file: Traversable) -> Scenario:
    """Read a scenario file; raise `BrokenSeed` with file, line and pointer for one that is none."""
    document, lines = read_yaml(file)
    for pointer, wrong in _unsayable(document):
        raise BrokenSeed(f"{file}:{lines.get(pointer, 1)}: {_encodable(pointer) or '/'}: {_encodable(wrong)}")
    violations = own().check("scenario", document)
    if violations:
        raise BrokenSeed(say(file, violations[0], lines))
    return Scenario(
        str(file),
        document["api"],
        document["title"],
        document.get("about", ""),
        tuple(document["steps"]),
        document.get("choices", {}),
    )


def play(scenario: Scenario, box: Steered, send: Send) -> Iterator[Step]:
    """Play the steps one after another; each is yielded with what was not as expected."""
    box.choices.set(scenario.choices)
    values: dict[str, JSON] = {}
    for step in scenario.steps:
        for number in range(1, step.get("repeat", 1) + 1):
            values["n"] = number
            played = _play_step(step, box, send, values)
            if played.problems:
                break
        yield played


def _play_step(step: JSON, box: Steered, send: Send, values: dict[str, JSON]) -> Step:
    try:
        if "clock" in step:
            return _clock(step, box)
        if "change" in step:
            change = _filled(step["change"], values)
            box.change(change["table"], change["key"], change["row"])
            return Step(step["title"], f"changed {change['table']}/{change['key']}", ())
        if "act" in step:
            act = _filled(step["act"], values)
            return Step(step["title"], box.act(act["name"], str(act["key"])), ())
        return _request(step, send, values)
    except (KeyError, ValueError, TypeError, OSError, RuntimeError) as error:  # the last two of a server that is gone
        return Step(step["title"], "not played", (_sentence(error),))


def _sentence(error: Exception) -> str:
    return str(error.args[0] if isinstance(error, KeyError) and error.args else error)


def _clock(step: JSON, box: Steered) -> Step:
    setting = step["clock"]
    if "advance" in setting:
        events = box.clock.advance(duration(setting["advance"]))
    else:
        events = box.clock.travel_to(instant(setting["travel_to"]))
    wanted = step.get("expect", {}).get("events", len(events))
    problems = () if wanted == len(events) else (f"expected {wanted} events, got {len(events)}",)
    said = "; ".join([f"it is {box.clock.now():%Y-%m-%d %H:%M:%S}", *[event.sentence for event in events]])
    return Step(step["title"], said, problems)


def _request(step: JSON, send: Send, values: dict[str, JSON]) -> Step:
    request = _filled(step["request"], values)
    path = request["path"]
    if "query" in request:
        path += ("&" if "?" in path else "?") + urlencode(request["query"])
    headers = dict(request.get("headers", {}))
    body = request["text"].encode() if "text" in request else b""
    if "body" in request:
        body = orjson.dumps(request["body"])
        if "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/json"
    expect = _filled(step.get("expect", {}), values)
    try:
        answered = send(request["method"], path, headers, body)
    except NoAnswer as error:
        return Step(step["title"], f"{request['method']} {path} → no answer", (str(error),))
    value = _value(answered.body)
    problems = tuple(_compare(answered, value, expect)) or tuple(_save(step.get("save", {}), value, values))
    return Step(step["title"], f"{request['method']} {path} → {answered.status}", problems, _entry(answered))


def _entry(answered: Answered) -> int | None:
    number = {name.lower(): value for name, value in answered.headers.items()}.get("mocktill-entry", "")
    return int(number) if re.fullmatch("[0-9]{1,15}", number) else None


def _save(wanted: Mapping[str, str], value: JSON, values: dict[str, JSON]) -> Iterator[str]:
    """Keep what an answer has at these pointers, by name; yield what it has not."""
    for name, pointer in wanted.items():
        try:
            values[name] = at(value, pointer)
        except KeyError:
            yield f"there is nothing at {pointer} to save as {name}: {shown(value)}"


def _compare(answered: Answered, value: JSON, expect: Mapping[str, JSON]) -> Iterator[str]:
    if "status" in expect and answered.status != expect["status"]:
        yield f"expected status {expect['status']}, got {answered.status}: {shown(value)}"
        return
    headers = {name.lower(): got for name, got in answered.headers.items()}
    wanted = dict(expect.get("headers", {}))
    if "basis" in expect:
        wanted["Mocktill-Basis"] = expect["basis"]
    for name, text in wanted.items():
        if headers.get(name.lower()) != str(text):
            yield f"expected {name}: {text}, got {headers.get(name.lower(), 'none')}"
    if "body" in expect:
        yield from differences(expect["body"], value)
    for pointer, length in expect.get("length", {}).items():
        try:
            found = at(value, pointer)
        except KeyError:
            yield f"{pointer}: expected {length} items, got nothing"
            continue
        if not isinstance(found, (list, dict)):
            yield f"{pointer}: expected {length} items, got {shown(found)}"
        elif len(found) != length:
            yield f"{pointer}: expected {length} items, got {len(found)}"


def differences(expected: JSON, got: JSON, pointer: str = "") -> Iterator[str]:
    """Yield where a value is not as expected: objects by the expected keys, lists item by item."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key, wanted in expected.items():
            if key not in got:
                yield f"{pointer}/{key}: expected {shown(wanted)}, got nothing"
            else:
                yield from differences(wanted, got[key], f"{pointer}/{key}")
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, (wanted, item) in enumerate(zip(expected, got, strict=True)):
            yield from differences(wanted, item, f"{pointer}/{number}")
    elif expected != got or isinstance(expected, bool) != isinstance(got, bool):
        yield f"{pointer or '/'}: expected {shown(expected)}, got {shown(got)}"


def _filled(template: JSON, values: Mapping[str, JSON]) -> JSON:
    if isinstance(template, str):
        alone = _VARIABLE.fullmatch(template)
        return _saved(alone, values) if alone else _VARIABLE.sub(lambda name: str(_saved(name, values)), template)
    if isinstance(template, Mapping):
        return {key: _filled(item, values) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, values) for item in template]
    return template


def _saved(name: re.Match[str], values: Mapping[str, JSON]) -> JSON:
    if name[1] not in values:
        raise KeyError(f"no step has saved {name[0]}")
    return values[name[1]]


def _value(body: bytes) -> JSON:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _unsayable(value: JSON, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield pointer and sentence of what no request can have: half of a surrogate pair, an integer over 64 bits."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unsayable(key, pointer + pointer_to(key))
            yield from _unsayable(item, pointer + pointer_to(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unsayable(item, f"{pointer}/{number}")
    else:
        try:
            orjson.dumps(value)
        except TypeError as error:
            yield pointer, str(error)


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
