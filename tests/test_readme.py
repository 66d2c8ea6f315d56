"""The README: what is made from data is up to date, what can be typed works, and nothing public is missing from it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.log import RequestLog
from mocktill.doors.server import ServerThread
from tests.readme import FILE, rendered

TEXT = FILE.read_text()
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


def test_nothing_public_is_missing() -> None:
    """Every option, environment variable, command, choice, API host and control route is named."""
    for name, command in main.commands.items():
        assert f"mocktill {name}" in TEXT
        for option in command.params:
            assert option.opts[0] in TEXT or option.name == "file"
            assert str(option.envvar) in TEXT or option.envvar is None
    for api in BUILTIN:
        assert api.title in TEXT
        assert all(f"`{choice.name}`" in TEXT for choice in api.choices)
    routes = {str(rule) for rule in create_app().url_map.iter_rules()}
    assert all(f" {route}`" in TEXT for route in routes), routes


def test_its_python_works() -> None:
    """What the README shows in Python can be run."""
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, str(FILE), "exec"), {})


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
