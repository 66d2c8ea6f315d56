"""The field: other mock servers, installed from npm into a temporary folder, each with its best documented setting.

Their configuration lies in `peers`: the documented purchase as the answer, and the schema of a reservation wherever
the peer can check one.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.ours import PURCHASE
from tests.benchmarks.served import Served, Unavailable, ended, free_port, serving

PEERS = Path(__file__).parent / "peers"
INSTALL_SECONDS = 300
FLAGS = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error")


@dataclass(frozen=True)
class Peer:
    """Another mock server: how it is installed and started, and whether it refuses a body that breaks the schema."""

    name: str
    package: str
    needs: tuple[str, ...]
    """The programs that it is run with."""
    command: Callable[[Path, int], list[str]]
    """The command, for the folder of its modules and a port."""
    checks: bool
    setting: str

    @property
    def title(self) -> str:
        """The name and version."""
        return f"{self.name} {self.package.rpartition('@')[2]}"

    def install(self, folder: Path) -> Path:
        """Install it into a folder; return the place of its modules. Raises `Unavailable`."""
        for program in ("npm", *self.needs):
            if shutil.which(program) is None:
                raise Unavailable(f"there is no {program}")
        place = folder / self.name
        place.mkdir()
        npm = ["npm", "install", "--prefix", str(place), *FLAGS, self.package]
        process = subprocess.Popen(
            npm, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        with ended(process):
            _await_installed(process, self.package)
        return place / "node_modules"

    def serve(self, modules: Path) -> AbstractContextManager[Served]:
        """Start it; raises `Unavailable` where it does not come to be ready."""
        port = free_port()
        home = {"HOME": str(modules.parent)}  # some keep logs or keys there
        return serving(self.command(modules, port), PURCHASE, port, home, errors=subprocess.STDOUT)


def _await_installed(process: subprocess.Popen[str], package: str) -> None:
    try:
        _, said = process.communicate(timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm has not installed {package} within {INSTALL_SECONDS} s") from None
    if process.returncode:
        lines = [line for line in said.splitlines() if line.strip()] or [f"exit code {process.returncode}"]
        raise Unavailable(f"npm cannot install {package}: {lines[0][:200]}")


def _prism(modules: Path, port: int) -> list[str]:
    document = str(PEERS / "prism.openapi.json")
    settings = ["--verboseLevel=silent"]
    return ["node", str(modules / ".bin" / "prism"), "mock", document, "--port", str(port), *settings]


def _mockoon(modules: Path, port: int) -> list[str]:
    program = str(modules / ".bin" / "mockoon-cli")
    settings = ["--disable-log-to-file", "--disable-admin-api", "--port", str(port)]
    return ["node", program, "start", "--data", str(PEERS / "mockoon.json"), *settings]


def _wiremock(modules: Path, port: int) -> list[str]:
    jar = next((modules / "wiremock" / "build").glob("wiremock-standalone-*.jar"), None)
    if jar is None:
        raise Unavailable("its package has no jar")
    settings = ["--no-request-journal", "--disable-request-logging", "--disable-response-templating", "--disable-gzip"]
    place = ["--bind-address", "127.0.0.1", "--port", str(port), "--root-dir", str(PEERS / "wiremock")]
    return ["java", "-jar", str(jar), *place, *settings]


FIELD = (
    Peer("prism", "@stoplight/prism-cli@5.16.0", ("node",), _prism, True, "silent, static examples"),
    Peer("mockoon", "@mockoon/cli@9.9.0", ("node",), _mockoon, False, "no log file, no admin API, no templating"),
    Peer(
        "wiremock", "wiremock@3.13.2", ("java",), _wiremock, True, "no journal, no request log, no templating, no gzip"
    ),
)


def install_all(folder: Path, peers: tuple[Peer, ...] = FIELD) -> dict[Peer, Path]:
    """Install each peer that can be had; say of each other one, in a sentence, why it cannot."""
    installed = {}
    for peer in peers:
        try:
            installed[peer] = peer.install(folder)
        except Unavailable as error:
            print(f"{peer.title} is not compared: {error}")
        else:
            print(f"{peer.title}: {peer.setting}")
    return installed


@contextmanager
def all_served(installed: Mapping[Peer, Path]) -> Iterator[dict[Peer, Served]]:
    """Start each peer; one that does not start is said, and left out."""
    with ExitStack() as stack:
        served = {}
        for peer, modules in installed.items():
            try:
                served[peer] = stack.enter_context(peer.serve(modules))
            except (Unavailable, OSError) as error:
                print(f"{peer.title} is not compared: {error}")
        yield served
