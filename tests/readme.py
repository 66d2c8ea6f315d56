"""The parts of the README that are made from data: `python -m tests.readme` writes them, a test holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from mocktill.apis import BUILTIN
from mocktill.control.routes import ROUTES
from mocktill.core.app import CONTROL as PREFIX
from mocktill.core.catalogue import Catalogue
from mocktill.doors import plugin
from mocktill.doors.cli import main
from mocktill.doors.testing.options import MARKED
from mocktill.doors.testing.settings import NAMES

FILE = Path(__file__).parent.parent / "README.md"
EXAMPLE = Path(__file__).parent / "examples" / "shop"
SHOP = ("test_shop.py", "shop.py")
RECIPES = Path(__file__).parent / "examples" / "ci"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def operations() -> str:
    """Return the table of operations with their basis."""
    return table(
        ("API", "operation", "method and path", "basis"),
        (
            (api.title, op.summary, f"`{op.method} /{api.name}{api.path(op)}`", op.basis.value)
            for api in BUILTIN
            for op in api.operations
        ),
    )


def acts() -> str:
    """Return the table of what can happen without a request, with the table that each is about."""
    return table(
        ("API", "act", "about a key of", "what happens"),
        (
            (api.title, f"`{api.name}.{act.name}`", f"`{api.name}.{act.about}`", act.summary)
            for api in BUILTIN
            for act in api.acts
        ),
    )


def webhooks() -> str:
    """Return the table of the events that are told of, with their basis and where they are known from."""
    return table(
        ("API", "event", "basis", "source"),
        (
            (api.title, f"`{event}`", api.webhook.basis.value, api.webhook.source)
            for api in BUILTIN
            if api.webhook is not None
            for event in api.webhook.events
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
    for option in main.load("serve").params:
        record = option.to_info_dict()
        default = record["default"]
        shown = f"`{default}`" if isinstance(default, (str, int)) else ""
        rows.append((f"`{record['opts'][0]}`", f"`{record['envvar']}`", shown, record["help"]))
    return table(("option", "environment variable", "default", "meaning"), rows)


def presets() -> str:
    """Return the table of fault rules that come by name."""
    return table(("preset", "what it does"), ((f"`{p.name}`", p.about) for p in Catalogue(BUILTIN).presets.values()))


def control() -> str:
    """Return the table of the control API's calls."""
    return table(
        ("call", "what it does"),
        ((f"`{route.method} {PREFIX}{route.path}`", f"{route.summary}.") for route in ROUTES),
    )


def commands() -> str:
    """Return the table of the commands that steer a running server, with the options of each."""
    rows = [row for name in sorted(main.all()) if name not in SERVING for row in _rows(name, main.load(name))]
    return table(("command", "what it does", "options"), rows)


def _rows(name: str, command: click.Command) -> Iterator[tuple[str, str, str]]:
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            yield from _rows(f"{name} {inner}", one)
        return
    arguments = [str(p.make_metavar(click.Context(command))) for p in command.params if isinstance(p, click.Argument)]
    said = f"`mocktill {' '.join([name, *arguments])}`"
    told = (command.help or "").split("\n\n")[0].replace("\n", " ")
    own = [option.opts[0] for option in command.params if isinstance(option, click.Option)]
    yield said, told, " ".join(f"`{option}`" for option in own if option not in COMMON)


def shop() -> str:
    """Return the example's own files."""
    return "\n\n".join(f"`{name}`:\n\n```python\n{(EXAMPLE / name).read_text().rstrip()}\n```" for name in SHOP)


def recipe(name: str) -> Callable[[], str]:
    """Return what makes a block of one of the files for containers and continuous integration."""
    file = RECIPES / name
    language = {".py": "python", ".mjs": "js"}.get(file.suffix, file.suffix[1:])
    return lambda: f"```{language}\n{file.read_text().rstrip()}\n```"


class _Parser:
    """Notes what the plugin adds to pytest's options."""

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.ini: dict[str, str] = {}

    def getgroup(self, name: str, description: str = "") -> _Parser:
        """Return the group of options: there is one."""
        return self

    def addoption(self, name: str, help: str, **more: object) -> None:
        """Note an option of the command line."""
        self.options[name] = help

    def addini(self, name: str, help: str, **more: object) -> None:
        """Note an option of the ini file."""
        self.ini[name] = help


def settings() -> str:
    """Return the table of what can be set for the sandbox of a test, and where."""
    parser = _Parser()
    plugin.pytest_addoption(parser)  # type: ignore[arg-type]  # as much of one as it uses
    rows = []
    for name in NAMES:
        option, ini = f"--mocktill-{name.replace('_', '-')}", f"mocktill_{name}"
        said = parser.options.get(option, "")
        variable = re.search(r" \[\$(\w+)\]", said)
        line = [option] if option in parser.options else []
        line += [variable[1]] if variable else []
        rows.append(
            (
                f"`{name}`",
                "yes" if name in MARKED else "",
                f"`{ini}`" if ini in parser.ini else "",
                ", ".join(f"`{each}`" for each in line),
                parser.ini.get(ini) or said.partition(" [$")[0],
            )
        )
    return table(("`sandbox()`", "marker", "ini file", "command line, environment", "meaning"), rows)


SERVING = frozenset({"serve", "play", "health"})
COMMON = frozenset({"--url", "--token", "--sandbox", "--json"})
SECTIONS = {
    "operations": operations,
    "acts": acts,
    "webhooks": webhooks,
    "magic values": magic,
    "choices": choices,
    "options": options,
    "presets": presets,
    "control": control,
    "commands": commands,
    "shop": shop,
    "settings": settings,
    **{file.name: recipe(file.name) for file in RECIPES.iterdir() if file.is_file()},
}


def rendered(text: str) -> str:
    """Return the README with its made parts made anew."""
    for name, make in SECTIONS.items():
        pattern = re.compile(rf"(<!-- {name}: made from data -->\n)(?:(?!<!--).)*(<!-- end -->)", re.DOTALL)
        assert pattern.search(text), f"the README has no part {name!r}"
        text = pattern.sub(lambda found, make=make: f"{found[1]}{make()}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    FILE.write_text(rendered(FILE.read_text()))
