"""Whether an answer is the one that a page shows: `…` stands for what differs, or for what is left out.

In a text `…` is any part of a line, and a line of nothing else is any number of lines. In JSON a text with `…` in it is
any such text, `"…"` alone any value, and the member `"…": "…"` whatever other members there are.
"""

from __future__ import annotations

import json
import re
from typing import Any

GAP = "…"


def unlike(language: str, shown: str, got: str) -> str:
    """Return why an answer is not the one that is shown; nothing where it is."""
    if language == "json":
        try:
            value = json.loads(got)
        except ValueError:
            return f"this is no JSON: {got!r}"
        return _value(json.loads(shown), value, "")
    return "" if _pattern(shown).fullmatch(_trimmed(got)) else f"shown:\n{shown}\nbut it is:\n{got}"


def _trimmed(text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "".join(f"{line}\n" for line in lines)


def _pattern(shown: str) -> re.Pattern[str]:
    lines = _trimmed(shown).splitlines()
    return re.compile("".join(r"(?:.*\n)*?" if line.strip() == GAP else f"{_words(line)}\n" for line in lines))


def _words(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split(GAP))


def _value(shown: Any, got: Any, pointer: str) -> str:
    if shown == GAP:
        return ""
    if isinstance(shown, dict) and isinstance(got, dict):
        return _members(shown, got, pointer)
    if isinstance(shown, list) and isinstance(got, list):
        if len(shown) != len(got):
            return f"{pointer}: {len(got)} elements instead of {len(shown)}: {got}"
        told = [
            _value(one, other, f"{pointer}/{place}") for place, (one, other) in enumerate(zip(shown, got, strict=True))
        ]
        return "; ".join(filter(None, told))
    if isinstance(shown, str) and isinstance(got, str) and re.fullmatch(_words(shown), got):
        return ""
    return "" if type(shown) is type(got) and shown == got else f"{pointer}: {got!r} instead of {shown!r}"


def _members(shown: dict[str, Any], got: dict[str, Any], pointer: str) -> str:
    open_ended = GAP in shown
    named = shown.keys() - {GAP}
    told = [f"{pointer}/{name} is missing" for name in sorted(named - got.keys())]
    told += [f"{pointer}/{name} is not shown: {got[name]!r}" for name in sorted(got.keys() - named) if not open_ended]
    told += [_value(shown[name], got[name], f"{pointer}/{name}") for name in shown if name in got]
    return "; ".join(filter(None, told))
