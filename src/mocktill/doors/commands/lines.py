"""A journal in a terminal: one aligned line for each request, and beneath it in words what was wrong with it.

The columns stand in the same place in every line, so that they are aligned without knowing what comes next. What is too
wide for the terminal is cut with `…`; sentences are wrapped instead. Without colours nothing is lost but colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from unicodedata import combining, east_asian_width

from mocktill.core.api import Violation
from mocktill.core.entry import Entry, Remark
from mocktill.doors.logs.logline import printable

ROOMY = 100
"""From this width on there is room for the number of an entry, and for long names of operations."""
NARROW, NARROWEST = 72, 50
"""Below these widths the basis, and the operation too, give way to the path."""
PATH = 60
"""How wide the path's column grows; one that is longer takes what room there is."""
LONGEST_PATH = 8
METHOD, BASIS = 6, 10
POINTER = 60
READ = 1_000
"""How many characters of a text are looked at: no terminal shows more of it."""
WRAPPED = 3
"""On how many lines a sentence goes on."""
VIOLATIONS = 10
"""How many violations are told beneath a request; the entry has them all."""
DIM, BOLD, RED, GREEN, YELLOW, MAGENTA, CYAN = "2", "1", "31", "32", "33", "35", "36"
STATUS_COLOURS = {2: GREEN, 3: CYAN, 4: YELLOW, 5: RED}
Row = list[tuple[str, str]]
"""The pieces of a line, each with its colour."""


def lines(told: Entry | Remark, width: int, colour: bool) -> list[str]:
    """Return what a terminal of that width shows of a request or a remark; `colour` lets it use ANSI colours."""
    rows = _remark(told, width) if isinstance(told, Remark) else _entry(told, width)
    return [_joined(row, width, colour) for row in rows]


def _entry(entry: Entry, width: int) -> Iterator[Row]:
    """Yield the line of a request, then its fault, its violations and its notes."""
    row = [*_beginning(str(entry.id), f"{entry.at:%H:%M:%S}", width), *_status(entry), *_columns(entry, width)]
    fault = printable(entry.fault.sentence[:READ]) if entry.fault else ""
    beside = width >= NARROW and _wide(row) + 1 + _cells(fault) <= width
    yield [*row, (f" {fault}", MAGENTA)] if beside else row
    if fault and not beside:
        yield from _sentence("!", fault, MAGENTA, width)
    for violation in entry.violations[:VIOLATIONS]:
        yield from _violation(violation, width)
    if len(entry.violations) > VIOLATIONS:
        more = f"and {len(entry.violations) - VIOLATIONS} more, which `mocktill journal show {entry.id}` tells"
        yield from _sentence("…", more, DIM, width)
    for note in entry.notes:
        yield from _sentence("·", note, "", width)


def _remark(remark: Remark, width: int) -> Iterator[Row]:
    """Yield what happened between two requests, where a request's method and path would stand."""
    beginning = _beginning("", f"{remark.at:%H:%M:%S}", width)
    for number, part in enumerate(_wrapped(remark.sentence, width)):
        yield [
            *(beginning if number == 0 else []),
            (_blank(width, 0 if number else _wide(beginning)), ""),
            (part, CYAN),
        ]


def _beginning(number: str, time: str, width: int) -> Row:
    return [(f"{number:>5} ", DIM), (f"{time} ", DIM)] if width >= ROOMY else [(f"{time} ", DIM)]


def _status(entry: Entry) -> Row:
    """Return the status with a mark: `!` where a fault struck, `✗` where the answer never came."""
    mark = "✗" if entry.lost else "!" if entry.fault else " "
    return [(f"{entry.status:>3}", STATUS_COLOURS.get(entry.status // 100, "")), (f"{mark} ", MAGENTA)]


def _columns(entry: Entry, width: int) -> Row:
    """Return method, path and query, operation and basis, as far as there is room for them."""
    method = printable(entry.method[:READ])
    behind = _behind(entry, width)
    room = max(width - len(_blank(width)) - max(METHOD, _cells(method)) - 1 - _wide(behind), LONGEST_PATH)
    path = _cut(printable(entry.path[:READ]), room)
    query = _cut(printable(f"?{entry.query[:READ]}"), room - _cells(path)) if entry.query else ""
    gap = max(min(PATH, room) - _cells(path) - _cells(query), 0) if behind else 0
    return [(f"{_padded(method, METHOD)} ", BOLD), (path, ""), (query, DIM), (" " * gap, ""), *behind]


def _behind(entry: Entry, width: int) -> Row:
    """Return the columns behind the path."""
    if width < NARROWEST:
        return []
    operation = _padded(_cut(printable(entry.full_name), room := 27 if width >= ROOMY else 21), room)
    name = (f" {operation}", CYAN if entry.operation else DIM)
    basis = (f" {entry.basis.value:<{BASIS}}", YELLOW if entry.basis.value == "assumed" else DIM)
    return [name] if width < NARROW else [name, basis]


def _violation(violation: Violation, width: int) -> Iterator[Row]:
    """Yield where something was wrong, what was expected and what came; then the rule and its source."""
    place = "" if violation.at == "body" else f"{violation.at} "
    where = _cut(printable(f"{place}{violation.pointer[:READ] or '/'}"), POINTER)
    mark, colour = ("✗", RED) if violation.severity == "error" else ("~", YELLOW)
    rows = list(_sentence(mark, f"{where}  {violation.said}", colour, width, where))
    source = (printable(f"  ({'; '.join(filter(None, [violation.rule, violation.source]))})"[:READ]), DIM)
    if _wide(rows[-1]) + _cells(source[0]) <= width:
        yield from [*rows[:-1], [*rows[-1], source]]
    else:
        yield from rows
        yield [(_blank(width), ""), source]


def _sentence(mark: str, said: str, colour: str, width: int, bold: str = "") -> Iterator[Row]:
    """Yield a sentence beneath a request, on a few lines; `bold` is what it begins with, if that stands out."""
    for number, part in enumerate(_wrapped(said, width, 2)):
        head = part[: len(bold)] if number == 0 and part.startswith(bold) else ""
        yield [
            (_blank(width), ""),
            (f"{mark if number == 0 else ' '} ", colour),
            (head, BOLD),
            (part[len(head) :], colour if not bold else ""),
        ]


def _wrapped(said: str, width: int, indent: int = 0) -> list[str]:
    text = printable(said[:READ])
    room = max(width - len(_blank(width)) - indent, LONGEST_PATH)
    if _cells(text) > len(text):  # letters that are twice as wide: wrap as if all of them were
        room //= 2
    return wrap(text, room, max_lines=WRAPPED, placeholder=" …", break_on_hyphens=False) or [""]


def _blank(width: int, taken: int = 0) -> str:
    """Return the room before a request's method."""
    return " " * (len("12:00:00 200! ") + (len("   12 ") if width >= ROOMY else 0) - taken)


def _joined(row: Row, width: int, colour: bool) -> str:
    """Return a line of these pieces, cut at the width."""
    said, room = "", width
    for text, style in row:
        part = _cut(text, room)
        room -= _cells(part)
        said += f"\x1b[{style}m{part}\x1b[0m" if colour and style and part.strip() else part
        if part != text:
            break
    return said.rstrip()


def _cut(text: str, room: int) -> str:
    """Return a text that takes so many cells of a terminal at the most."""
    if _cells(text) <= room:
        return text
    while text and _cells(text) > room - 1:
        text = text[: max(min(len(text) - 1, room - 1), 0)] if len(text) > room else text[:-1]
    return f"{text}…" if room > 0 else ""


def _padded(text: str, room: int) -> str:
    return text + " " * (room - _cells(text))


def _wide(row: Iterable[tuple[str, str]]) -> int:
    return sum(_cells(text) for text, _ in row)


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
