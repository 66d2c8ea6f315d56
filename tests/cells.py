"""What a panel may show: cells in the shapes of their kinds, and fields that can be written back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mocktill.control.app import create_root
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import instant
from mocktill.core.contract import Unacceptable
from mocktill.core.panels import TONES
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from tests.conftest import NOW
from tests.control.control import Control

NOWHERE = "no such thing as this"
"""What no option, no number and no instant is."""
WRONG: Mapping[str, Any] = {
    "text": 7,
    "integer": "7",
    "number": "7",
    "boolean": "yes",
    "instant": NOWHERE,
    "option": NOWHERE,
}
"""A value for each kind of field that is none of it."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and bool(instant(value))


def _is_money(value: Any) -> bool:
    return set(value) == {"amount", "currency"} and type(value["amount"]) is int and _is_text(value["currency"])


def _is_state(value: Any) -> bool:
    return set(value) == {"value", "tone"} and _is_text(value["value"]) and value["tone"] in TONES


def _is_stock(value: Any) -> bool:
    return set(value) == {"free", "held", "sold"} and all(type(units) is int for units in value.values())


def _is_meter(value: Any) -> bool:
    limit, currency = value["limit"], value["currency"]
    known = (limit is None or _is_number(limit)) and (currency is None or _is_text(currency))
    return set(value) == {"value", "limit", "currency"} and _is_number(value["value"]) and known


def _is_link(value: Any) -> bool:
    path, text = value["path"], value["text"]
    return set(value) == {"path", "text"} and path.startswith("/") and " " not in path and _is_text(text)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "text": _is_text,
    "id": _is_text,
    "number": _is_number,
    "money": _is_money,
    "instant": _is_instant,
    "countdown": _is_instant,
    "state": _is_state,
    "stock": _is_stock,
    "meter": _is_meter,
    "link": _is_link,
    "image": _is_link,
    "list": _is_list,
}


def control_of(catalogue: Catalogue, populate: int = 0) -> Control:
    """Return a client of the control API, for a fresh sandbox whose clock stands still."""
    sandboxes = Sandboxes(catalogue, Setup(now=NOW, populate=populate))
    return Control(create_root(sandboxes), sandboxes)


def cells_of(panel: Any) -> dict[str, Any]:
    """Return the cells of the objects of an answer by their keys, in their order."""
    return {one["key"]: one["cells"] for one in panel["objects"]}


def hold_cells(panel: Any) -> None:
    """Hold each object of an answer against the columns: it has a cell for each, in the shape of its kind, or null."""
    for one in panel["objects"]:
        assert set(one["cells"]) == {column["name"] for column in panel["columns"]}
        for column in panel["columns"]:
            cell = one["cells"][column["name"]]
            assert cell is None or SHAPES[column["kind"]](cell), (one["key"], column, cell)


def hold_fields(box: Sandbox, panel: Any) -> None:
    """Write each value of each object back; what is none of a field's kind, or is null and must not be, is refused."""
    for one in panel["objects"]:
        assert set(one["values"]) == {field["name"] for field in panel["fields"]}
        for field in panel["fields"]:
            value = one["values"][field["name"]]
            place = (field["table"], one["key"], field["name"])
            assert takes(box, *place, value) or (value is None and not field["optional"]), (place, value)
    for one in panel["objects"][:1]:
        for field in panel["fields"]:
            hold_field(box, one, field)


def hold_field(box: Sandbox, one: Any, field: Any) -> None:
    """Try a field of an object: it takes null if it is optional, each of its options, and nothing of another kind."""
    place = (field["table"], one["key"], field["name"])
    assert takes(box, *place, None) is field["optional"], place
    assert not takes(box, *place, WRONG[field["kind"]]), place
    assert all(takes(box, *place, option) for option in field["options"]), place
    assert bool(field["options"]) is (field["kind"] == "option"), place
    value = one["values"][field["name"]]
    if value is not None:
        box.change(field["table"], one["key"], {field["name"]: value})


def takes(box: Sandbox, table: str, key: str, name: str, value: Any) -> bool:
    """Whether a row can have this value in a field; it has it then."""
    try:
        box.change(table, key, {name: value})
    except Unacceptable:
        return False
    return True
