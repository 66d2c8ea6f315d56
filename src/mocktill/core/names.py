"""Names that users give: of sandboxes and snapshots, in which nothing can be a path, and of what there may not be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Protocol, TypeVar

from mocktill.core.store import Row, Table

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}")
LONGEST = 100
"""At how many characters a name is cut that is looked for among others."""
COMPARED = 1_000
"""Among how many names the nearest is looked for."""
NAMED = 5
"""How many names are told where none comes near."""


class Named(Protocol):
    """What is found by its name."""

    @property
    def name(self) -> str:
        """Its name among its like."""


N = TypeVar("N", bound=Named)


def is_name(name: str) -> bool:
    """Whether this is a name."""
    return NAME.fullmatch(name) is not None


def check_name(name: str, what: str = "a sandbox") -> None:
    """Raise ValueError, in words, for what is no name."""
    if not is_name(name):
        raise ValueError(f"the name of {what} is 1 to 64 of A-Z a-z 0-9 . _ -")


def absent(what: str, name: object, known: Iterable[str], where: str = "") -> KeyError:
    """Return the error, in words, for a name that nothing has: which is nearest to it, or which there are."""
    names = list(islice(known, COMPARED))
    near = get_close_matches(str(name)[:LONGEST], names, 1, 0.5)
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif names:
        hint = f"there are {', '.join(map(repr, names[:NAMED]))}{', …' if len(names) > NAMED else ''}"
    else:
        hint = "there are none"
    place = f" {where}" if where else ""
    return KeyError(f"there is no {what} {repr(name)[:LONGEST]}{place}: {hint}")


def find_named(what: str, name: str, known: Sequence[N], where: str = "") -> N:
    """Return the one that has this name; raise KeyError, in words, where none has."""
    for one in known:
        if one.name == name:
            return one
    raise absent(what, name, (one.name for one in known), where)


def look_up(table: Table, key: str, what: str) -> Row:
    """Return the row under a key; raise KeyError, in words, where there is none: `what` says of what it would be."""
    row = table.get(key)
    if row is None:
        raise absent(what, key, (known for known, _ in table.items()))
    return row
