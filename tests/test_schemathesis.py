"""Schemathesis holds every exported document against a running server: nothing fails, nothing is undocumented."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.doors.wire import environment

TOKEN = "a-token-for-schemathesis"
PATIENCE = 300
EXAMPLES = 25
LEFT_OFF = {
    "positive_data_acceptance": "what a schema accepts may be refused for what no schema tells: an unknown deal, "
    "table, choice or operation, a stock that is sold out, an instant that there is not",
    "allow_header_conformance": "`Allow` names the methods of every template that a path fits, as "
    "`/purchases/reserve` fits `/purchases/{purchase_id}` as well; the check knows one template",
    "object_level_authorization": "there are no users of the control API that could see each other's objects, and the "
    "vendors' samples have one credential for all",
}
"""The checks that are not run, each with its reason. All others are."""
CONFIG = f"""
[parameters]
api_key = "{BUILTIN[0].credential}"
wait = "0s"
"""
"""A key that Deem accepts, and no waiting for requests that nobody makes."""


def run(folder: Path, document: str, base: str, credential: str) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis over a document; return what it said."""
    (folder / "config.toml").write_text(CONFIG)
    return subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", "config.toml", "run", document, "--url", base,
            "--checks", "all", "--exclude-checks", ",".join(LEFT_OFF), "--max-examples", str(EXAMPLES),
            "--seed", "1", "--no-color", "--generation-database", "none", "-H", f"Authorization: Bearer {credential}",
        ],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", [*[api.name for api in BUILTIN], "mocktill"])
def test_schemathesis_finds_nothing(catalogue: Catalogue, tmp_path: Path, name: str) -> None:
    """No server error, no undocumented status, type, header or shape, and no wrong data accepted."""
    ours = name == "mocktill"
    strict = {choice: "refuse" for choice in catalogue.choices if choice.endswith(".unknown_credentials")}
    app = create_app(Sandboxes(catalogue, Setup(choices=strict)), token=TOKEN if ours else None)
    with ServerThread(app, RequestLog(Nowhere())) as url:
        base = f"{url}/_mocktill" if ours else f"{url}/{name}"
        credential = TOKEN if ours else catalogue.shelves[name].api.credential
        ran = run(tmp_path, f"{url}/_mocktill/openapi/{name}.json", base, credential)
    assert ran.returncode == 0, ran.stdout[-20_000:]
    said = re.search(r"([0-9,]+) generated, ([0-9,]+) passed", ran.stdout)
    assert said is not None
    assert said[1] == said[2]
    operations = re.search(r"Operations: +([0-9]+) selected / ([0-9]+) total", ran.stdout)
    assert operations is not None
    assert operations[1] == operations[2]
