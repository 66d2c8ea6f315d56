"""What a person sees of a vendor's world: lists of its objects, as values that any page can draw.

A vendor says what its objects show and what of them can be changed; how that looks is the console's business, which
knows kinds of cells and no vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mocktill.core.backend import Backend
from mocktill.core.store import Row

KINDS = ("text", "id", "number", "money", "instant", "countdown", "state", "stock", "meter", "link", "image", "list")
"""The kinds of cells, and with them the shape of their values; None is a gap in each of them.

- `text`, `id`: a text; an `id` can be copied.
- `number`: a number.
- `money`: `{"amount": 4900, "currency": "USD"}`, the amount in minor units.
- `instant`: a text in RFC 3339; `countdown`: one that is to come, and is counted down to on the sandbox's clock.
- `state`: `{"value": "reserved", "tone": "waiting"}`, the tone one of `TONES`.
- `stock`: `{"free": 3, "held": 1, "sold": 6}`.
- `meter`: `{"value": 300, "limit": 500, "currency": "USD"}`: how full something is; without a limit it is never full,
  and without a currency it counts what is no money.
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

    `table` is that of the panel where it is empty. `optional` is whether it can be nothing at all, and `default` what
    holds where a row does not have it.
    """

    name: str
    title: str
    kind: str = "text"
    table: str = ""
    options: tuple[str, ...] = ()
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class Panel:
    """A list of a vendor's objects: the rows of one table, each shown as cells.

    `show` makes them, of a key and its row; it only reads, and the choices that it asks decide no answer. `index` names
    an index of the table by which the list is ordered, the newest first, or the `earliest`; without one it is by key.
    `acts` are names of the API's acts that are offered for each object. `nothing` is said where there is none.
    """

    name: str
    title: str
    table: str
    columns: tuple[Column, ...]
    show: Callable[[str, Row, Backend], Cells]
    index: str = ""
    earliest: bool = False
    fields: tuple[Field, ...] = ()
    acts: tuple[str, ...] = ()
    nothing: str = "There is none."


def money(amount: int | None, currency: str) -> Any:
    """Return a cell of kind `money`: an amount in minor units; none is a gap."""
    return None if amount is None else {"amount": amount, "currency": currency}


def state(value: str | None, tones: Mapping[str, str]) -> Any:
    """Return a cell of kind `state`, with the tone that it has among these; one that is not there is plain."""
    return None if value is None else {"value": value, "tone": tones.get(value, "plain")}


def link(text: str, *parts: str) -> Any:
    """Return a cell of kind `link` or `image`: `link("Print", "coupons", key, "print")`; the parts may be any texts."""
    return {"path": "".join("/" + quote(part, safe="") for part in parts), "text": text}
