"""A call is read: path, query and body become values that obey their schemas, or it is refused with pointers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from mocktill.control.ask import Ask, Route
from mocktill.control.problem import SOURCE, Missing
from mocktill.control.served import Served
from mocktill.core.api import FIELDS, JSON, SENTENCE, Violation
from mocktill.core.app import BODY_LIMIT, SANDBOX_NAME, UPLOAD_LIMIT, WAIT, base_url, read_body
from mocktill.core.bodies import DEEPEST, read_json
from mocktill.core.clock import duration, instant
from mocktill.core.contract import Contract, Unacceptable, own
from mocktill.core.errors import Full, Malformed
from mocktill.core.names import check_name
from mocktill.core.sandbox import DEFAULT
from mocktill.core.secrets import shown
from mocktill.core.state import DEEPER

NOTHING = "nothing"
ARGUMENTS = "arguments"
LONGEST_WAIT_SECONDS = 60.0
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_WORDS = {"true": True, "false": False}
T = TypeVar("T")


def read(
    route: Route, served: Served, environ: dict[str, Any], args: Mapping[str, str], routes: tuple[Route, ...] = ()
) -> Ask:
    """Return the call; raise `Malformed` or `TooLarge` for what cannot be read, `Unacceptable` for what is wrong."""
    contract = own()
    environ.pop(WAIT, None)
    if route.boxed:
        check_name(environ.get(SANDBOX_NAME, DEFAULT))
    values = typed(args, contract.properties(ARGUMENTS))
    found = list(contract.check(ARGUMENTS, values, "path"))
    query, wrong = read_query(contract, route.query or NOTHING, environ.get("QUERY_STRING", ""))
    body, sent = None, _sent(route, environ)
    if sent is not None:
        body = read_json(sent, DEEPEST + DEEPER if route.scene else DEEPEST)
        wrong += contract.check(route.body or NOTHING, body)
    if found or wrong:
        raise Unacceptable((*found, *wrong))
    if "wait" in query:
        query["wait"] = _patience(query["wait"])
    return Ask(served, values, query, body, base_url(environ), environ, routes)


def read_query(contract: Contract, name: str, text: str) -> tuple[dict[str, JSON], list[Violation]]:
    """Return the parameters of a query, and what is wrong with them; raise `Malformed` for what is no query."""
    try:
        pairs = parse_qsl(
            text.encode("latin-1").decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError:
        raise Malformed(f"the query is no UTF-8, or has over {FIELDS} parameters") from None
    given = dict(pairs)
    values = typed(given, contract.properties(name))
    found = list(contract.check(name, values, "query"))
    if len(given) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        found.append(violation("query", f"/{twice}", "once", "given twice", rule="unique"))
    return values, found


def typed(given: Mapping[str, str], properties: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return texts as the values that their schemas mean: numbers and truth where they are written so."""
    return {name: _typed(value, properties.get(name, {}).get("type")) for name, value in given.items()}


def _typed(value: str, kind: JSON) -> JSON:
    if kind == "integer" and _NUMBER.fullmatch(value):
        return int(value)
    return _WORDS.get(value, value) if kind == "boolean" else value


def _sent(route: Route, environ: dict[str, Any]) -> bytes | None:
    """Return the bytes of the body; None where there is none to read."""
    if route.method == "GET":
        return None
    problem, body = read_body(environ, UPLOAD_LIMIT if route.scene else BODY_LIMIT)
    if problem is not None:
        raise problem
    if body and not body.strip():
        raise Malformed("the body is blank, and no JSON")
    return None if route.optional and not body else body


def _patience(wait: str) -> float:
    seconds = float(wait) if _SECONDS.fullmatch(wait) else read_duration("/wait", wait, "query").total_seconds()
    if not 0 <= seconds <= LONGEST_WAIT_SECONDS:
        raise Unacceptable((violation("query", "/wait", f"0 to {LONGEST_WAIT_SECONDS:g} s", wait, rule="maximum"),))
    return seconds


def read_duration(pointer: str, written: str | float, at: str = "body") -> Any:
    """Return a length of time; raise `Unacceptable` with the pointer for what is none."""
    return pointing(pointer, duration, written, at=at)


def read_instant(pointer: str, written: str) -> Any:
    """Return an instant; raise `Unacceptable` with the pointer for what is none."""
    return pointing(pointer, instant, written)


def pointing(pointer: str, make: Callable[[Any], T], value: JSON, at: str = "body") -> T:
    """Return what is made of a value; raise `Unacceptable`, with the pointer, where it is refused in words."""
    with refusing(pointer, value, at):
        return make(value)


@contextmanager
def below(place: str) -> Iterator[None]:
    """Let violations of a document inside be told of this place of the body, where the document is."""
    try:
        yield
    except Unacceptable as error:
        moved = tuple(replace(found, pointer=place + found.pointer) for found in error.violations)
        raise Unacceptable(moved) from None


@contextmanager
def refusing(pointer: str, value: JSON, at: str = "body") -> Iterator[None]:
    """Let what is refused in words inside be told of this place of the request."""
    try:
        yield
    except (Unacceptable, Full, Missing):
        raise
    except (KeyError, ValueError) as error:
        raise Unacceptable((violation(at, pointer, str(error.args[0]), value),)) from None


@contextmanager
def lacking(pointer: str, value: JSON, at: str = "body") -> Iterator[None]:
    """Let what is not found, inside, be a 404 that tells this place of the request."""
    try:
        yield
    except KeyError as error:
        said = str(error.args[0])
        raise Missing(said, (violation(at, pointer, said, value),)) from None


def pointer(*names: str) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def violation(at: str, pointer: str, expected: str, got: JSON, rule: str = SENTENCE) -> Violation:
    """Return a violation of what no schema says; by the rule `SENTENCE` what is expected says all of it."""
    return Violation("error", at, pointer, rule, expected, shown(got), SOURCE)
