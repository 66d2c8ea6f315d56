"""The other ways of answering: the documented example, a generated object, an error that was asked for.

None of them runs behaviour, so no state changes. They are chosen for a sandbox, or for one request with the
standard `Prefer` header (RFC 7240): `example=NAME`, `dynamic=true`, `code=NNN`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from mocktill.core.api import JSON, Backend, Call, ErrorRow
from mocktill.core.catalogue import DOCUMENTED, Shelf
from mocktill.core.choices import Basis
from mocktill.core.generate import generate
from mocktill.core.sandbox import Sandbox

_PREFERENCE = re.compile(r'([^=;,]+)(?:=(\s*"[^"]*"\s*|[^;,]*))?(?:[;,]|$)')
KNOWN = ("example", "dynamic", "code")


@dataclass(frozen=True)
class Substitute:
    """What is answered instead of behaving: an error's row, or a value, or nothing (then the sandbox behaves)."""

    row: ErrorRow | None = None
    given: bool = False
    status: int | None = None
    value: JSON = None
    basis: Basis = Basis.DOCUMENTED
    applied: str = ""
    notes: tuple[str, ...] = ()


BEHAVE = Substitute()
QUIET = "answered without behaviour: no state changed"


def instead(box: Sandbox, shelf: Shelf, backend: Backend, call: Call, prefer: str) -> Substitute:
    """Return what this request, or else its sandbox, wants instead of behaviour."""
    if not prefer and box.answers == "stateful":
        return BEHAVE
    preferences = parse(prefer)
    notes = [f"the preference {name!r} is not known" for name in preferences if name not in KNOWN]
    for prepare in (_code, _example, _dynamic, partial(_default, box.answers)):
        substitute = prepare(shelf, backend, call, preferences)
        notes += substitute.notes
        if substitute.given or substitute.row is not None:
            return replace(substitute, notes=(*notes, QUIET))
    return replace(BEHAVE, notes=tuple(dict.fromkeys(notes)))


def parse(prefer: str) -> dict[str, str]:
    """Return the preferences of a `Prefer` header by name; of a repeated one the first counts."""
    found: dict[str, str] = {}
    for name, value in _PREFERENCE.findall(prefer):
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _code(shelf: Shelf, backend: Backend, call: Call, preferences: Mapping[str, str]) -> Substitute:
    code, wanted = preferences.get("code"), preferences.get("example")
    if code is None:
        return BEHAVE
    if code in map(str, (call.operation.status, *call.operation.also)):
        if wanted is not None or "dynamic" in preferences:
            return BEHAVE
        usual = _default("canned", shelf, backend, call, preferences)
        return replace(usual, status=int(code), applied=f"code={code}")
    rows = _rows(shelf, call, code)
    for row in rows:
        if wanted in {None, row.type}:
            return Substitute(row=row, applied=f"code={code}" + (f", example={wanted}" if wanted else ""))
    what = f"example={wanted} of {code}" if rows else f"code={code}"
    return Substitute(notes=(f"{call.operation.name} has no {what}: the preference is not applied",))


def _rows(shelf: Shelf, call: Call, code: str) -> list[ErrorRow]:
    return [row for row in shelf.api.dialect.rows_of(call.operation) if str(row.status) == code]


def _example(shelf: Shelf, backend: Backend, call: Call, preferences: Mapping[str, str]) -> Substitute:
    name = preferences.get("example")
    if name is None or preferences.get("code", str(call.operation.status)) != str(call.operation.status):
        return BEHAVE
    examples = shelf.examples.get(call.operation.name, {})
    if name in examples:
        return Substitute(given=True, value=examples[name], applied=f"example={name}")
    return Substitute(notes=(f"{call.operation.name} has no example {name!r}: the preference is not applied",))


def _dynamic(shelf: Shelf, backend: Backend, call: Call, preferences: Mapping[str, str]) -> Substitute:
    if preferences.get("dynamic", "").lower() != "true":
        return BEHAVE
    return replace(_generated(shelf, backend, call), applied="dynamic=true")


def _default(answers: str, shelf: Shelf, backend: Backend, call: Call, preferences: Mapping[str, str]) -> Substitute:
    examples = shelf.examples.get(call.operation.name, {})
    if answers == "canned" and DOCUMENTED in examples:
        return Substitute(given=True, value=examples[DOCUMENTED])
    return BEHAVE if answers == "stateful" else _generated(shelf, backend, call)


def _generated(shelf: Shelf, backend: Backend, call: Call) -> Substitute:
    key = "/".join((call.operation.name, *call.args.values()))
    faker = backend.fake.values("generated", key)
    if call.operation.response is None:
        return Substitute(given=True, basis=Basis.ASSUMED)
    value = generate(shelf.contract, call.operation.response, faker, {"base_url": call.base_url, **call.args})
    if call.operation.narrow is not None:
        value = call.operation.narrow(value, call, backend)
    return Substitute(given=True, value=value, basis=Basis.ASSUMED)
