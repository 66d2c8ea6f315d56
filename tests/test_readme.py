"""The README: what is made from data is up to date, what can be typed works, and nothing public is missing from it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mocktill import _HOMES as public
from mocktill.apis import BUILTIN
from mocktill.control.site import is_site, sections
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors import plugin
from mocktill.doors.app import create_app
from mocktill.doors.cli import Whole, main
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.testing.settings import NAMES
from mocktill.doors.webhooks.addresses import read_listed
from mocktill.doors.webhooks.courier import Courier
from tests.readme import EXAMPLE, FILE, RECIPES, SHOP, rendered

TEXT = FILE.read_text()
EXAMPLES = [file.read_text() for file in [*(EXAMPLE / name for name in SHOP), *RECIPES.glob("*.py")]]
CURLS = [
    line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines() if "curl" in line
]


class Nowhere:
    def write(self, text: str, /) -> None: ...
    def flush(self) -> None: ...


def test_its_tables_are_those_of_the_data() -> None:
    """The tables of operations, magic values, choices and options are what `python -m tests.readme` writes."""
    assert rendered(TEXT) == TEXT


def test_it_begins_with_the_two_commands() -> None:
    """Serving and testing come first."""
    assert re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)[:2] == ["make serve\n", "make test\n"]


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name."""
    for name, command in (group.all() if isinstance(group, Whole) else group.commands).items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def test_nothing_public_is_missing() -> None:
    """Every option, environment variable, command, choice, API host and control route is named."""
    for name, command in commands(main):
        assert f"mocktill {name}" in TEXT
        for option in command.params:
            assert isinstance(option, click.Argument) or f"`{option.opts[0]}`" in TEXT, f"{name} {option.opts[0]}"
            assert option.envvar is None or f"`{option.envvar}`" in TEXT
    for api in BUILTIN:
        assert api.title in TEXT
        assert all(f"`{choice.name}`" in TEXT for choice in api.choices)
    routes = {str(rule) for rule in create_app().url_map.iter_rules() if not is_site(rule.endpoint)}
    assert all(f"`/_mocktill/{section.name}/`" in TEXT for section in sections())
    spelt = [re.sub("<(?:[a-z]+:)?([a-z]+)>", r"{\1}", route) for route in routes]
    missing = [route for route in spelt if f" {route}`" not in TEXT]
    assert missing == []


def test_nothing_of_the_plugin_is_missing() -> None:
    """Every fixture, setting, option, ini option and environment variable of the plugin, and every public name."""
    source = Path(plugin.__file__).read_text()
    options, ini = set(re.findall(r"--mocktill-[a-z]+", source)), set(re.findall(r'"(mocktill_[a-z_]+)"', source))
    variables = set(re.findall(r"\$(MOCKTILL_[A-Z_]+)", source))
    assert (len(options), len(variables)) == (3, 3)
    fixtures = {name for name, it in vars(plugin).items() if type(it).__name__ == "FixtureFunctionDefinition"}
    assert fixtures == {"mocktill", "mocktill_live"}
    for name in {*options, *variables, *fixtures, *NAMES, *ini}:
        assert f"`{name}`" in TEXT, name
    for name in public:
        assert re.search(rf"\bmocktill\.{name}\b", TEXT), name


def test_its_python_works() -> None:
    """What the README shows in Python can be run; what it shows against a server, against a server."""
    steered = 0
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        if block in EXAMPLES:
            continue  # run as a repository of its own
        names: dict[str, Any] = {}
        exec(compile(block, str(FILE), "exec"), names)
        if "steer" in names:
            with ServerThread(create_app(), RequestLog(Nowhere())) as url:
                names["steer"](url)
            steered += 1
    assert steered == 1


def test_its_commands_work() -> None:
    """Each `mocktill` line beside a server does what it says; of those that go on for ever the options are there."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    typed = [part.strip() for line in lines if line.startswith("mocktill ") for part in line.split("&&")]
    assert len(typed) >= 7
    boxes, serve = Sandboxes(Catalogue(BUILTIN)), main.load("serve")
    server = ServerThread(create_app(boxes), RequestLog(Nowhere()))
    with Courier([read_listed("127.0.0.1:9000")]) as courier, server as url:
        boxes.deliver_by(courier)
        for command in typed:
            if command.startswith("mocktill serve"):
                assert serve.make_context("serve", shlex.split(command)[2:]).params
            elif "--follow" not in command:
                ran = CliRunner().invoke(main, shlex.split(command)[1:], env={"MOCKTILL_URL": url})
                assert ran.exit_code == 0, f"{command}: {ran.output}"


@pytest.mark.skipif(
    shutil.which("curl") is None, reason="SKIPPED: there is no curl here to paste the README's lines to"
)
def test_its_curl_lines_answer() -> None:
    """Each curl line, pasted in order, is answered with a success of the API."""
    assert len(CURLS) >= 7
    app = create_app(Sandboxes(Catalogue(BUILTIN)))
    with ServerThread(app, RequestLog(Nowhere())) as url:
        for line in CURLS:
            command = line.replace("http://127.0.0.1:8080", url) + " -o /dev/null -w '%{http_code}'"
            ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20, check=False)
            assert ran.stdout in {"200", "201"}, f"{line}: {ran.stdout} {ran.stderr}"
