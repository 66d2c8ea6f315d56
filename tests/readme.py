"""The parts of the README that are made from data: `python -m tests.readme` writes them, a test holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.doors.cli import main

FILE = Path(__file__).parent.parent / "README.md"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def operations() -> str:
    """Return the table of operations with their basis."""
    return table(
        ("API", "operation", "method and path", "basis"),
        (
            (api.title, op.summary, f"`{op.method} /{api.name}{api.prefixes[0]}{op.path}`", op.basis.value)
            for api in BUILTIN
            for op in api.operations
        ),
    )


def magic() -> str:
    """Return the table of magic values, from the rows of the seed files."""
    titles = {api.name: api.title for api in BUILTIN}
    return table(
        ("API", "table", "value", "what it does"),
        ((titles[m.api], m.table, f"`{m.key}`", m.sentence) for m in Catalogue(BUILTIN).magic),
    )


def choices() -> str:
    """Return the table of choices: the first option is the default."""
    return table(
        ("choice", "question", "options, the default first", "basis"),
        (
            (
                f"`{choice.name}`",
                choice.question,
                "<br>".join(f"`{option.value}`: {option.sentence}" for option in choice.options),
                choice.basis.value,
            )
            for api in BUILTIN
            for choice in api.choices
        ),
    )


def options() -> str:
    """Return the table of the options of `mocktill serve`, with their environment variables."""
    rows = []
    for option in main.commands["serve"].params:
        record = option.to_info_dict()
        default = record["default"]
        shown = f"`{default}`" if isinstance(default, (str, int)) else ""
        rows.append((f"`{record['opts'][0]}`", f"`{record['envvar']}`", shown, record["help"]))
    return table(("option", "environment variable", "default", "meaning"), rows)


SECTIONS = {"operations": operations, "magic values": magic, "choices": choices, "options": options}


def rendered(text: str) -> str:
    """Return the README with its made parts made anew."""
    for name, make in SECTIONS.items():
        pattern = re.compile(rf"(<!-- {name}: made from data -->\n)(?:(?!<!--).)*(<!-- end -->)", re.DOTALL)
        assert pattern.search(text), f"the README has no part {name!r}"
        text = pattern.sub(lambda found, make=make: f"{found[1]}{make()}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    FILE.write_text(rendered(FILE.read_text()))
