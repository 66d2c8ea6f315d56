"""What others make of the control API's document: a linter, and a generator of clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.conftest import NOW
from tests.control.control import Control

LINTER = "@redocly/cli@2.77.0"
LEFT_OFF = {"no-required-schema-properties-undefined": "a property that `not` requires is one of the schema around it"}
"""The linter's rules that are not heeded, each with its reason."""
PACKAGE = "generated_mocktill"


@pytest.fixture
def file(control: Control, tmp_path: Path) -> Path:
    """The document as a file; with an address, as a linter takes `localhost` for an example."""
    document = control.get("/openapi/mocktill.json")
    text = json.dumps(document).replace("http://localhost", "http://127.0.0.1:8080")
    (tmp_path / "openapi.json").write_text(text, encoding="utf-8")
    return tmp_path / "openapi.json"


@pytest.fixture
def url(catalogue: Catalogue) -> Iterator[str]:
    """A server whose clocks stand still."""
    with ServerThread(create_app(Sandboxes(catalogue, Setup(now=NOW))), RequestLog(Nowhere())) as url:
        yield url


@pytest.fixture
def package(file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A client made of the document with openapi-python-client, without a warning; its name to import from."""
    pytest.importorskip("openapi_python_client", reason="SKIPPED: openapi-python-client is not installed")
    (file.parent / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    command = ["generate", "--path", file.name, "--config", "config.yaml", "--meta", "none", "--output-path", PACKAGE]
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command],
        cwd=file.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    assert "warning" not in (made.stdout + made.stderr).lower()
    monkeypatch.syspath_prepend(str(file.parent))
    return PACKAGE


def test_a_generated_client_works(package: str, url: str) -> None:
    """It steers a server: moves time, adds a rule, counts, saves, and understands a refusal."""
    api, models = f"{package}.api", import_module(f"{package}.models")

    def call(name: str, *args: Any, **more: Any) -> Any:
        return import_module(f"{api}.{name}").sync(*args, client=client, **more)

    with import_module(f"{package}.client").Client(base_url=f"{url}/_mocktill") as client:
        moved = call("clock.move_clock", body=models.ClockRequest(advance="5m"))
        assert isinstance(moved, models.ClockResponse)
        assert (moved.now, moved.mode, moved.events) == ("2026-03-02T12:05:00.000000Z", "frozen", [])
        rule = models.FaultRequest.from_dict({"what": {"status": 503}})
        assert call("faults.add_fault", body=rule).id == "1"
        assert [fault.hits for fault in call("faults.list_faults").faults] == [0]
        assert call("journal.count_entries", api="deem", least=1).met is False
        assert call("snapshots.put_snapshot", "before", mocktill_sandbox="b").name == "before"
        refused = call("snapshots.get_snapshot", "nothing")
        assert (refused.status, refused.detail) == (404, "there is no snapshot nothing")


def test_a_linter_finds_nothing(file: Path) -> None:
    """Redocly's strictest set of rules, but for those that are left off for a reason, has nothing to say."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("SKIPPED: no Node.js here, so the document was not linted: install nodejs and npm")
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    command = [npx, "--yes", LINTER]
    there = subprocess.run([*command, "--version"], cwd=file.parent, capture_output=True, text=True, check=False)
    if there.returncode != 0:
        pytest.skip(f"SKIPPED: {LINTER} cannot be had here: {there.stderr.strip()[-200:]}")
    rules = "".join(f"  {rule}: off\n" for rule in LEFT_OFF)
    (file.parent / "redocly.yaml").write_text(f"extends: [recommended-strict]\nrules:\n{rules}", encoding="utf-8")
    linted = subprocess.run(
        [*command, "lint", file.name], cwd=file.parent, capture_output=True, text=True, check=False, env=quiet
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "warning" not in linted.stdout.lower()
