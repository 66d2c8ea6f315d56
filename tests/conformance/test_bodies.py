"""Bodies that are wrong: each is refused in the vendor's shape, or passes where the vendor lets it pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import pytest

from mocktill.core.api import JSON
from mocktill.core.bodies import DEEPEST
from mocktill.core.contract import Contract
from mocktill.core.errors import Invalid, Malformed
from tests.conformance.world import Case

BROKEN = {
    "an open object": b"{",
    "an open text": b'{"a": "b',
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a bare word": b"undefined",
    "two values": b"{} {}",
    "a comment": b"{} // that was all",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number with a leading zero": b'{"a": 01}',
    "a hexadecimal number": b'{"a": 0x1F}',
    "invalid UTF-8": b'{"a": "\xff\xfe"}',
    "an overlong encoding": b'{"a": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": "b"}'.encode("utf-16"),
    "UTF-16 without its mark": '{"a": "b"}'.encode("utf-16-le"),
    "UTF-32": '{"a": "b"}'.encode("utf-32"),
    "a NUL byte": b'{"a": "\x00"}',
    "only NUL bytes": b"\x00" * 1_000,
    "a line break in a text": b'{"a": "\n"}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a surrogate the wrong way round": b'{"a": "\\udc00\\ud800"}',
    "compressed": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    "XML": b"<?xml version='1.0'?><a/>",
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep and open": b"[" * 100_000,
    "deep in a secret": b'{"password":' * 1_000 + b"1" + b"}" * 1_000,
    "deep by one": b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
}
NO_OBJECT = {
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "a text": b'"text"',
    "a number": b"12",
    "zero": b"0",
    "null": b"null",
    "true": b"true",
    "false": b"false",
}
PASSABLE = {
    "a byte order mark": b"\xef\xbb\xbf{}",
    "an empty object": b"{}",
    "nothing": b"",
    "white space": b" \r\n\t ",
    "an empty name": b'{"": ""}',
    "names of objects": b'{"__proto__": {}, "constructor": 1, "__class__": 2}',
    "nested as deep as may be": b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST,
    "nested in a secret": b'{"password":' * DEEPEST + b"1" + b"}" * DEEPEST,
    "many brackets in a text": orjson.dumps({"a": "[{" * 10_000}),
    "many names": orjson.dumps({f"name{number}": number for number in range(10_000)}),
    "many values": orjson.dumps({"a": [0] * 100_000}),
    "a long name": orjson.dumps({"n" * 100_000: 1}),
    "every character": orjson.dumps({"a": "".join(map(chr, range(1, 0xD800)))}),
    "an escaped NUL": b'{"a": "\\u0000"}',
    "a pair of surrogates": b'{"a": "\\ud83d\\ude00"}',
}
NUMBERS = {
    "minus zero": "-0",
    "an exponent": "1e5",
    "a whole fraction": "2.0",
    "a fraction": "1.5",
    "more than 64 bits": str(2**64),
    "the least of 64 bits": str(-(2**63)),
    "10**30": str(10**30),
    "-10**30": str(-(10**30)),
    "5,000 digits": "9" * 5_000,
    "1e308": "1e308",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "1e-400": "1e-400",
    "an exponent without end": "1e999999999999",
    "many decimals": "0." + "1" * 5_000,
}
VALUES: dict[str, JSON] = {
    "object": {},
    "array": [],
    "string": "text",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "null": None,
}


def places(contract: Contract, name: str, schema: JSON, value: JSON) -> Iterator[tuple[tuple[Any, ...], JSON, bool]]:
    """Yield path, schema and whether it is required for every property that the good body's schema names."""
    name, schema = contract.resolve(name, schema)
    if isinstance(value, dict):
        for key, of in schema.get("properties", {}).items():
            required = key in (*schema.get("required", ()), *schema.get("x-required", ()))
            yield (key,), contract.resolve(name, of)[1], required
            for path, inner, required in places(contract, name, of, value.get(key)):
                yield (key, *path), inner, required
    elif isinstance(value, list) and value:
        for path, inner, required in places(contract, name, schema.get("items", {}), value[0]):
            yield (0, *path), inner, required


def body_places(case: Case) -> list[tuple[tuple[Any, ...], JSON, bool]]:
    """Return the places in the good body of an operation."""
    name = case.operation.body
    if name is None:
        return []
    body = case.sample.body
    return list(places(case.contract, name, case.contract.documents[name], body))


def changed(body: JSON, path: tuple[Any, ...], value: JSON) -> JSON:
    """Return a copy of a body with another value in one place."""
    body = copy.deepcopy(body)
    inner = body
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return body


def lacking(body: JSON, path: tuple[Any, ...]) -> JSON:
    """Return a copy of a body without one property."""
    body = copy.deepcopy(body)
    inner = body
    for part in path[:-1]:
        inner = inner[part]
    inner.pop(path[-1], None)
    return body


def refusals(case: Case) -> set[int]:
    """Return the statuses that the vendor has for values that are wrong."""
    return {row.status for row in case.api.dialect.rows_of(case.operation) if row.meaning is Invalid}


def allows(schema: JSON, value: JSON) -> bool:
    """Whether a property's type, constant or alternatives are such that the value may be one."""
    kinds = {key: schema[key] for key in ("type", "const", "enum", "anyOf", "oneOf") if key in schema}
    return "$ref" in str(kinds) or bool(jsonschema_rs.is_valid(kinds, value))


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_json_is_malformed(body_case: Case, broken: str) -> None:
    """Bytes that are no JSON, or nested deeper than any document, are malformed."""
    answer = body_case.ask(body_case.sent()(body=BROKEN[broken]))
    assert answer.status == body_case.means(Malformed)


@pytest.mark.parametrize("broken", ["an open object", "invalid UTF-8", "deep arrays", "deep in a secret"])
def test_a_body_that_nobody_reads_is_no_matter(case: Case, broken: str) -> None:
    """An operation without a body answers as without one, whatever is sent along."""
    answer = case.ask(case.sent()(body=BROKEN[broken], headers={"Content-Type": "application/json"}))
    read = {case.means(Malformed)} if not case.operation.form else refusals(case) | {case.means(Malformed)}
    assert answer.status in ({case.operation.status} if case.operation.body is None else read)


@pytest.mark.parametrize("broken", [*BROKEN, *NO_OBJECT, *PASSABLE])
def test_a_body_before_a_credential(closed_body_case: Case, broken: str) -> None:
    """Without a credential there is a refusal, whatever the body is."""
    body = {**BROKEN, **NO_OBJECT, **PASSABLE}[broken]
    answer = closed_body_case.ask(closed_body_case.sent(key=None)(body=body))
    assert not closed_body_case.succeeded(answer)


@pytest.mark.parametrize("kind", NO_OBJECT)
def test_what_is_no_object_is_invalid(body_case: Case, kind: str) -> None:
    """A JSON value that is no object is refused as a wrong value."""
    answer = body_case.ask(body_case.sent()(body=NO_OBJECT[kind]))
    assert answer.status in refusals(body_case)
    assert answer.entry.violations


@pytest.mark.parametrize("body", PASSABLE)
def test_odd_bodies(body_case: Case, body: str) -> None:
    """What is odd and yet JSON, or nothing at all, is held against the schema like anything else."""
    answer = body_case.ask(body_case.sent()(body=PASSABLE[body]))
    if body in {"nothing", "white space", "an empty object"}:
        fits = body_case.contract.accepts(body_case.operation.body or "", {})
        assert answer.status in ({body_case.operation.status} if fits else refusals(body_case))


def test_wrong_types(body_case: Case) -> None:
    """A property of a type that its schema does not have is refused, and the journal says where."""
    good = body_case.sample.body
    for path, schema, _ in body_places(body_case):
        for kind, value in VALUES.items():
            if not allows(schema, value):
                answer = body_case.ask(body_case.sent()(body=orjson.dumps(changed(good, path, value))))
                assert answer.status in refusals(body_case), (path, kind)
                pointer = "".join(f"/{part}" for part in path)
                assert any(v.pointer == pointer and v.severity == "error" for v in answer.entry.violations), (
                    path,
                    kind,
                )


def test_missing_required(body_case: Case) -> None:
    """A required property that is missing is refused."""
    good = body_case.sample.body
    for path, _, required in body_places(body_case):
        if required:
            answer = body_case.ask(body_case.sent()(body=orjson.dumps(lacking(good, path))))
            assert answer.status in refusals(body_case), path


def test_missing_optional(body_case: Case) -> None:
    """A property that is not required may be missing, unless the schema wants it, or another one, all the same."""
    good = body_case.sample.body
    for path, _, required in body_places(body_case):
        if not required:
            body = lacking(good, path)
            fits = body_case.contract.accepts(body_case.operation.body or "", body)
            answer = body_case.ask(body_case.sent()(body=orjson.dumps(body)))
            assert answer.status in (body_case.statuses if fits else refusals(body_case)), path


def test_null(body_case: Case) -> None:
    """A property that is null is refused unless its schema has null."""
    good = body_case.sample.body
    for path, schema, _ in body_places(body_case):
        answer = body_case.ask(body_case.sent()(body=orjson.dumps(changed(good, path, None))))
        fine = {body_case.operation.status} if allows(schema, None) else refusals(body_case)
        assert answer.status in fine, path


@pytest.mark.parametrize("number", NUMBERS)
def test_odd_numbers(body_case: Case, number: str) -> None:
    """A number in whatever way it is written, in every property, is accepted or refused."""
    good = body_case.sample.body
    for path, _, _ in body_places(body_case):
        body = orjson.dumps(changed(good, path, "@")).replace(b'"@"', NUMBERS[number].encode())
        body_case.ask(body_case.sent()(body=body))


@pytest.mark.parametrize("depth", [10, DEEPEST - 10, 1_000, 100_000])
def test_deep_values(body_case: Case, depth: int) -> None:
    """A value that is nested deeply, in every property and in one that is unknown, is accepted or refused."""
    good = body_case.sample.body
    for path in [*(path for path, _, _ in body_places(body_case)), ("unknown",)]:
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            deep = opening * depth + b"1" + closing * depth
            body = orjson.dumps(changed(good, path, "@")).replace(b'"@"', deep)
            answer = body_case.ask(body_case.sent()(body=body))
            assert depth < DEEPEST or answer.status == body_case.means(Malformed)


def test_unknown_properties(body_case: Case) -> None:
    """A property that no schema names is refused or tolerated; the journal has it either way."""
    good = body_case.sample.body
    answer = body_case.ask(body_case.sent()(body=orjson.dumps({**good, "nobody_knows_this": 1})))
    assert any("nobody_knows_this" in violation.pointer for violation in answer.entry.violations)


def test_the_same_name_twice(body_case: Case) -> None:
    """Of a name that is there twice one counts: both of the same kind pass, and nothing breaks otherwise."""
    good = body_case.sample.body
    for name, value in good.items():
        twice = json.dumps(good)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
        assert body_case.ask(body_case.sent()(body=twice.encode())).status == body_case.operation.status
        other = "{" + f"{json.dumps(name)}: [1], " + json.dumps(good)[1:]
        body_case.ask(body_case.sent()(body=other.encode()))


def test_long_texts(body_case: Case) -> None:
    """A text of half a million characters in every property is accepted or refused."""
    good = body_case.sample.body
    for path, _, _ in body_places(body_case):
        for text in ("x" * 500_000, "\u20ac" * 200_000, "\x00", "\u202e", "../../etc/passwd", "{base_url}%s%n"):
            body_case.ask(body_case.sent()(body=orjson.dumps(changed(good, path, text))))
