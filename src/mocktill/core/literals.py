"""Values as they stand in the source of a program: whatever is in them, they do not end before their end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from mocktill.core.api import JSON

WIDE = 100
"""How many characters a value has on one line."""
SAFE_INTEGER = 2**53
"""Up to where JavaScript knows integers."""
Write = Callable[[JSON], str]
Names = Mapping[str | int, str]
"""Values that stand there by the name of a variable that has them."""
NO_NAMES: Names = {}


def py(value: JSON) -> str:
    """Return a value in Python; a text in double quotes where they do."""
    written = repr(value)
    return f'"{written[1:-1]}"' if written.startswith("'") and '"' not in written else written


def js(value: JSON) -> str:
    """Return a value in JavaScript, fit for a page as well: no tag ends in it, and nothing in it is invisible."""
    written = "".join(
        letter if letter.isprintable() else "".join(f"\\u{unit:04x}" for unit in _units(letter))
        for letter in json.dumps(value, ensure_ascii=False)
    )
    return re.sub(r"<(?=[/!])", r"\\u003c", written)


def laid(value: JSON, write: Write, indent: str = "", names: Names = NO_NAMES) -> str:
    """Return a value on one line, or on as many as it needs, the first of which is indented already."""
    one = _line(value, write, names)
    if len(one) <= WIDE or not isinstance(value, dict | list):
        return one
    inner = indent + ("  " if write is js else "    ")
    if isinstance(value, dict):
        parts = [f"{write(name)}: {laid(part, write, inner, names)}" for name, part in value.items()]
        return "{\n" + "".join(f"{inner}{part},\n" for part in parts) + f"{indent}}}"
    parts = [laid(part, write, inner, names) for part in value]
    return "[\n" + "".join(f"{inner}{part},\n" for part in parts) + f"{indent}]"


def lasts(value: JSON) -> bool:
    """Whether JavaScript keeps a value as it is: it has one kind of number, and a name of a property that is none."""
    if isinstance(value, dict):
        return "__proto__" not in value and all(map(lasts, value.values()))
    if isinstance(value, list):
        return all(map(lasts, value))
    if isinstance(value, float):
        return not value.is_integer()
    return not isinstance(value, int) or abs(value) <= SAFE_INTEGER


def _line(value: JSON, write: Write, names: Names) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write(name)}: {_line(part, write, names)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_line(part, write, names) for part in value) + "]"
    named = isinstance(value, str | int) and not isinstance(value, bool) and value in names
    return names[value] if named else write(value)


def _units(letter: str) -> list[int]:
    """Return the UTF-16 units of a character."""
    raw = letter.encode("utf-16-be", errors="surrogatepass")
    return [int.from_bytes(raw[place : place + 2]) for place in range(0, len(raw), 2)]
