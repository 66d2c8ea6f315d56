"""What no document decides about a body: each such thing is a choice, asked once however often it is met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend

NAMES = frozenset({"id", "visitor_uuid", "user_id"})
"""What names a subscriber or an item."""


class Doubt(NamedTuple):
    """Something in a body that a choice keeps or refuses: the choice, the code of refusing it, the attribute."""

    choice: str
    code: str
    field: str


def is_absent(name: str, value: JSON) -> bool:
    """Whether a value counts as not sent: null, and an empty text where somebody or something is named."""
    return value is None or (value == "" and name in NAMES)


def check_length(sent: Sequence[JSON], name: str, backend: Backend) -> None:
    """Raise `Invalid` for none, or for several, where a choice refuses that."""
    if not sent and backend.choice(f"empty_{name}") == "refuse":
        raise e.Invalid(f"no {name} came", kind="presence_error", field=name)
    if len(sent) > 1 and backend.choice(f"several_{name}") == "refuse":
        raise e.Invalid(f"{len(sent)} {name} came", kind="length_error", field=name)


def check_doubts(doubts: Iterable[Doubt], backend: Backend) -> None:
    """Raise `Invalid` for the first thing in a body that a choice refuses."""
    asked: dict[str, str] = {}
    for name, code, field in doubts:
        asked[name] = asked.get(name) or backend.choice(name)  # once for the answer, however often it is met
        if asked[name] == "refuse":
            raise e.Invalid(f"the choice drip.{name} refuses it", kind=code, field=field)


def unknown_beside(body: Mapping[str, JSON], wrapper: str) -> list[Doubt]:
    """Return the doubts about what stands beside the one property that a body has."""
    return [Doubt("unknown_properties", "format_error", name) for name in body if name != wrapper]
