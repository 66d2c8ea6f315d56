"""What the tests with other people's clients share: a server as the vendors' hosts, and Node.js to call it with."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.serving.tls import Certificates, certificates
from tests.doors.wire import environment

HERE = Path(__file__).parent / "node"
HOSTS = [host for api in BUILTIN for host in api.hosts]
PATIENCE_SECONDS = 60
"""Seconds after which a script is given up."""


@dataclass(frozen=True)
class Script:
    """A script beside these tests, which a Node.js runs that finds the vendors' hosts on a server of this process.

    Nothing of the clients is changed, and they are told nothing: the hosts' names lead to the server, and its CA is
    trusted. `box` is the sandbox of the server.
    """

    command: tuple[str, ...]
    env: dict[str, str]
    box: Sandbox

    def run(self, *given: str, token: str) -> Any:
        """Run it with arguments; return what it printed as JSON."""
        ran = subprocess.run(
            [*self.command, *given], cwd=HERE, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
            env={**self.env, "TOKEN": token},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads(ran.stdout)

    def entries(self) -> list[Entry]:
        """Return what the journal has of the requests so far."""
        return list(self.box.journal.entries())


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificates]:
    """Certificates for the vendors' hosts."""
    with certificates(tmp_path_factory.mktemp("tls"), HOSTS) as made:
        yield made


@pytest.fixture
def script(catalogue: Catalogue, made: Certificates) -> Iterator[Callable[[str], Script]]:
    """Make a script of the one that is called so, with a server of fresh sandboxes for each test."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("SKIPPED: no Node.js here, so its clients were not run: install nodejs, then `make clients`")
    if not (HERE / "node_modules").is_dir():
        pytest.skip("SKIPPED: the clients for Node.js are not installed, so they were not run: `make clients`")
    sandboxes = Sandboxes(catalogue)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere()), tls=made) as url:
        near = {"host": "127.0.0.1", "port": int(url.rpartition(":")[2])}
        env = {"NEAR": json.dumps(near), "VENDORS": json.dumps(HOSTS), "NODE_EXTRA_CA_CERTS": str(made.ca)}
        yield lambda name: Script(
            (node, "--require", str(HERE / "near.cjs"), str(HERE / name)), environment(env), sandboxes.default
        )
