"""What a request asks for in its query: which attributes, what is included, and what no page lists."""

from __future__ import annotations

from collections.abc import Container, Iterable

from mocktill.apis.kajabi.documents import ATTRIBUTES, PROSE_ONLY
from mocktill.core import errors as e
from mocktill.core.api import Backend, Call

FIELDS = "fields[purchases]"
INCLUDE = "include"
INCLUDABLE = ("offer", "customer")
"""What clients are seen to include."""
PARAMETER = "parameter"
"""The kind of an error that a parameter of the query is wrong in."""
SHOWN = 100
"""How much of a client's own words an error repeats."""


def wrong(name: str, sentence: str) -> e.Invalid:
    """Return the error of a parameter: the choice `wrong_parameter` says with which status it is told."""
    return e.Invalid(f"{said([name])}: {sentence}", kind=PARAMETER, field=name)


def said(names: Iterable[str]) -> str:
    """Return words of a client's, cut to what an error repeats."""
    text = ", ".join(names)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def check_known(call: Call, known: Container[str], backend: Backend) -> None:
    """Refuse, by choice, a parameter that the page does not list."""
    unknown = [name for name in call.query if name not in known]
    if unknown and backend.choice("unknown_parameters") == "400":
        raise e.Malformed(f"{said(unknown)}: no such parameter", field=unknown[0])


def fields(call: Call, backend: Backend) -> list[str] | None:
    """Return the names in `fields[purchases]`, or None where everything is to be answered."""
    value = call.query.get(FIELDS)
    if value is None:
        return None
    found = [name for part in value.split(",") if (name := part.strip())]
    if not found and backend.choice("empty_fields") == "all":
        return None
    return found


def names(fields: list[str] | None, backend: Backend) -> list[str]:
    """Return the attributes to answer, in the table's order."""
    known = _known(fields, backend)
    if fields is None:
        return known
    unknown = [name for name in fields if name not in known]
    if unknown:
        _refuse_or_note(unknown, backend)
    wanted = set(fields)
    return [name for name in known if name in wanted]


def _known(fields: list[str] | None, backend: Backend) -> list[str]:
    """Return the attributes that there are; the choice decides only where one of its four is in question."""
    asked = fields is None or not PROSE_ONLY.isdisjoint(fields)
    if asked and backend.choice("prose_only_attributes") == "absent":
        return [name for name in ATTRIBUTES if name not in PROSE_ONLY]
    return list(ATTRIBUTES)


def _refuse_or_note(unknown: list[str], backend: Backend) -> None:
    sentence = f"{said(unknown)}: no such field of purchases"
    match backend.choice("unknown_fields"):
        case "400":
            raise e.Malformed(sentence, field=FIELDS)
        case "422":
            raise e.Invalid(sentence, field=FIELDS)
        case _:
            backend.note(f"left out: {sentence}")


def include(call: Call, backend: Backend) -> tuple[str, ...]:
    """Return what is to be included, or nothing where that was not asked for or, by choice, is ignored."""
    value = call.query.get(INCLUDE)
    if value is None or backend.choice("include") == "ignore":
        return ()
    wanted = dict.fromkeys(name for part in value.split(",") if (name := part.strip()))
    unknown = [name for name in wanted if name not in INCLUDABLE]
    if unknown:
        raise wrong(INCLUDE, f"{said(unknown)} cannot be included; {' and '.join(INCLUDABLE)} can")
    return tuple(wanted)
