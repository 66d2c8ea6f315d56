"""What a person sees of a vendor's world: lists of its objects, as values that any page can draw.

A vendor says what its objects show and what of them can be changed; how that looks is the console's business, which
knows kinds of cells and no vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mocktill.core.store import Row
from mocktill.core.world import Scene

KINDS = ("text", "id", "number", "money", "instant", "countdown", "state", "stock", "meter", "link", "image", "list")
"""The kinds of cells, and with them the shape of their values; None is a gap in each of them.

- `text`, `id`: a text; an `id` can be copied.
- `number`: a number.
- `money`: `{"amount": 4900, "currency": "USD"}`, the amount in minor units.
- `instant`: a text in RFC 3339; `countdown`: one that is to come, and is counted down to on the sandbox's clock.
- `state`: `{"value": "reserved", "tone": "waiting"}`, the tone one of `TONES`.
- `stock`: `{"free": 3, "held": 1, "sold": 6}`.
- `meter`: `{"value": 300, "limit": 500, "currency": "USD"}`: how full something is; without a limit it is never full.
- `link`, `image`: `{"path": "/coupons/1/print", "text": "Print"}`, the path below the root of the API.
- `list`: a list of texts.
"""
TONES = ("good", "waiting", "bad", "plain")
FIELDS = ("text", "integer", "number", "boolean", "instant", "option")
"""The kinds of fields that can be changed; an `option` is one of its `options`."""
Cells = Mapping[str, Any]
"""A value for each column, by its name, in the shape of its kind."""


@dataclass(frozen=True)
class Column:
    """A column of a panel: its name among the cells, its heading, and the kind of its cells."""

    name: str
    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Field:
    """Something of an object that can be changed: a field of the row with the object's key in a table of the API.

    `table` is that of the panel where it is empty. `optional` is whether it can be nothing at all.
    """

    name: str
    title: str
    kind: str = "text"
    table: str = ""
    options: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Panel:
    """A list of a vendor's objects: the rows of one table, each shown as cells.

    `index` names an index of the table by which the list is ordered, the newest first; without one it is by key. `acts`
    are names of the API's acts that are offered for each object. `nothing` is said where there is none.
    """

    name: str
    title: str
    table: str
    columns: tuple[Column, ...]
    show: Callable[[str, Row, Scene], Cells]
    index: str = ""
    fields: tuple[Field, ...] = ()
    acts: tuple[str, ...] = ()
    nothing: str = "There is none."
