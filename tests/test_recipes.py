"""What the README shows for Docker Compose, GitHub Actions, GitLab and Testcontainers is whole, valid, and works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import mocktill
from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.doors.wire import environment
from tests.image import FINAL
from tests.readme import FILE, RECIPES, recipe

SCHEMAS = {
    "compose.yaml": "vendor.compose-spec",
    "compose-tls.yaml": "vendor.compose-spec",
    "github-actions.yaml": "vendor.github-workflows",
    "gitlab-ci.yaml": "vendor.gitlab-ci",
}
PYTHON, NODE, JAVA = "test_last_one.py", "last-one.test.mjs", "LastOneTest.java"
NAMES = [*SCHEMAS, PYTHON, NODE, JAVA]
PORT = FINAL.the("EXPOSE").rest
OPTIONS = {option.envvar: option for option in main.load("serve").params}
TOKEN = "in-tests"
CONFTEST = '''
"""Stands in for the engine: the container is a server that runs already."""

import os
from unittest.mock import create_autospec

from testcontainers.core import container

made = create_autospec(container.DockerContainer, instance=True)
for name in ("with_env", "with_exposed_ports", "waiting_for", "__enter__"):
    getattr(made, name).return_value = made
made.get_container_host_ip.return_value, made.get_exposed_port.return_value = os.environ["AT"].split(":")
container.DockerContainer = create_autospec(container.DockerContainer, return_value=made)


def pytest_sessionfinish() -> None:
    container.DockerContainer.assert_called_once_with("mocktill")
    made.with_env.assert_called_once_with("MOCKTILL_CONTROL_TOKEN", "in-tests")
    made.with_exposed_ports.assert_called_once_with(8080)
    made.__exit__.assert_called_once()
'''
PACKAGE = """
import assert from "node:assert/strict";

const [host, port] = process.env.AT.split(":");
const started = {
  getHost: () => host,
  getMappedPort: (inner) => (assert.equal(inner, 8080), port),
  stop: async () => console.log("# stopped"),
};

export class GenericContainer {
  constructor(image) { assert.equal(image, "mocktill"); }
  withEnvironment(given) { assert.deepEqual(given, { MOCKTILL_CONTROL_TOKEN: "in-tests" }); return this; }
  withExposedPorts(...ports) { assert.deepEqual(ports, [8080]); return this; }
  withWaitStrategy(wait) { assert.equal(wait, "ready"); return this; }
  async start() { return started; }
}

export const Wait = {
  forHttp(path, inner) {
    assert.deepEqual([path, inner], ["/_mocktill/ready", 8080]);
    return { forStatusCode: (status) => (assert.equal(status, 200), "ready") };
  },
};
"""


def text_of(name: str) -> str:
    """Return a file as the README shows it."""
    return (RECIPES / name).read_text(encoding="utf-8")


def services() -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield the service of each YAML file, as it is there, with its environment."""
    for name in ("compose.yaml", "compose-tls.yaml"):
        service = yaml.safe_load(text_of(name))["services"]["mocktill"]
        yield name, service, service["environment"]
    service = yaml.safe_load(text_of("github-actions.yaml"))["jobs"]["test"]["services"]["mocktill"]
    yield "github-actions.yaml", service, service["env"]
    job = yaml.safe_load(text_of("gitlab-ci.yaml"))["test"]
    (service,) = job["services"]
    yield "gitlab-ci.yaml", service, {**job["variables"], **service["variables"]}


def test_these_are_all() -> None:
    """No file lies there that is not held here."""
    assert {path.name for path in RECIPES.iterdir() if path.is_file()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_shows_it(name: str) -> None:
    """The README has the file, whole, in a block of its own."""
    assert recipe(name)() in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_it_fits_its_schema(name: str, schema: str) -> None:
    """The YAML blocks are what their readers publish as their schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(RECIPES / name)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_is_set_can_be_set() -> None:
    """Each variable that a service gets is one of `serve`, with a value that it takes."""
    told = list(services())
    assert [name for name, _, _ in told] == list(SCHEMAS)
    for name, _, env in told:
        own = {key: value for key, value in env.items() if key.startswith("MOCKTILL_") and key != "MOCKTILL_URL"}
        assert "MOCKTILL_CONTROL_TOKEN" in own, name
        for key, value in own.items():
            option = OPTIONS[key]
            assert isinstance(value, str), f"{name}: {key} has to be a text"
            option.type.convert(value, option, None)


def test_the_port_is_the_images() -> None:
    """What is published is the port that the image answers on, and every URL in the job leads to it."""
    told = {name: service for name, service, _ in services()}
    assert told["compose.yaml"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert told["github-actions.yaml"]["ports"] == [f"{PORT}:{PORT}"]
    for name in NAMES:
        ports = re.findall(r"(?:mocktill|127\.0\.0\.1|localhost):(\d{3,})", text_of(name))
        assert set(ports) <= {PORT}, name


def test_the_image_is_of_this_version() -> None:
    """The image is the one that is built here, or, where none can be built, this version of it in a registry."""
    images = {name: service.get("image") or service.get("name") for name, service, _ in services()}
    tagged = f"OWNER/mocktill:{mocktill.__version__}"
    assert images == {
        "compose.yaml": "mocktill",
        "compose-tls.yaml": "mocktill",
        "github-actions.yaml": f"ghcr.io/{tagged}",
        "gitlab-ci.yaml": f"$CI_REGISTRY/{tagged}",
    }


def test_the_vendors_hosts_lead_to_it() -> None:
    """With TLS the service has every vendor's name, answers on the port of https, and shares the CA that it writes."""
    whole = yaml.safe_load(text_of("compose-tls.yaml"))["services"]
    service, app = whole["mocktill"], whole["app"]
    assert service["networks"]["default"]["aliases"] == [host for api in BUILTIN for host in api.hosts]
    assert (service["environment"]["MOCKTILL_TLS"], service["environment"]["MOCKTILL_PORT"]) == ("1", "443")
    (mine,), (theirs,) = service["volumes"], app["volumes"]
    below = service["environment"]["MOCKTILL_TLS_FOLDER"].removeprefix(mine.removeprefix("tls:"))
    ca = f"{theirs.removeprefix('tls:').removesuffix(':ro')}{below}/ca.pem"
    assert set(app["environment"].values()) == {ca}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server with the token that the examples have."""
    with ServerThread(create_app(Sandboxes(Catalogue(BUILTIN)), token=TOKEN), RequestLog(Nowhere())) as url:
        yield url


def test_its_curl_lines_answer(server: str) -> None:
    """Each curl line of the jobs is answered."""
    if shutil.which("curl") is None:
        pytest.skip("SKIPPED: there is no curl here to run the jobs' lines with")
    lines = [line.strip() for name in SCHEMAS for line in text_of(name).splitlines() if " curl " in line]
    assert len(lines) == 2
    env = environment({"MOCKTILL_URL": server, "MOCKTILL_CONTROL_TOKEN": TOKEN})
    for line in lines:
        ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, env=env)
        assert (ran.returncode, ran.stderr) == (0, ""), line


def test_the_python_tests_pass(server: str, tmp_path: Path) -> None:
    """With the real library's names and signatures, and a server in the container's place, the tests pass."""
    compile(text_of(PYTHON), PYTHON, "exec")
    if find_spec("testcontainers") is None:
        pytest.skip("SKIPPED: compiled only: there is no testcontainers here (pip install testcontainers)")
    shutil.copy(RECIPES / PYTHON, tmp_path)
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(tmp_path)]
    env = environment({"AT": server.removeprefix("http://")})
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=env)
    assert (ran.returncode, "1 passed" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_the_node_tests_pass(server: str, tmp_path: Path) -> None:
    """With a server in the container's place, the tests pass."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("SKIPPED: no Node.js here, so its Testcontainers example was not run: install nodejs")
    shutil.copy(RECIPES / NODE, tmp_path)
    package = tmp_path / "node_modules" / "testcontainers"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}', encoding="utf-8")
    (package / "index.js").write_text(PACKAGE, encoding="utf-8")
    env = environment({"AT": server.removeprefix("http://"), "NO_COLOR": "1"})
    ran = subprocess.run([node, "--test", NODE], cwd=tmp_path, capture_output=True, text=True, check=False, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\bpass 1\b", ran.stdout), ran.stdout


def test_the_java_tests_parse() -> None:
    """The Java file is Java, and names what the others do."""
    tree_sitter, java = pytest.importorskip("tree_sitter"), pytest.importorskip("tree_sitter_java")
    parser = tree_sitter.Parser(tree_sitter.Language(java.language()))
    assert not parser.parse(text_of(JAVA).encode()).root_node.has_error
    assert parser.parse(text_of(JAVA).replace("start();", "start(;", 1).encode()).root_node.has_error
    for word in ('"mocktill"', '"/_mocktill/ready"', f"withExposedPorts({PORT})", f'"{TOKEN}"'):
        assert word in text_of(JAVA)
