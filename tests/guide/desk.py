"""Where a page is worked through: a folder, a terminal that remembers its variables, and the server of the page."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.doors.wire import environment, serving

PATIENCE_SECONDS = 60
AS_WRITTEN = "127.0.0.1:8080"
"""Where the guide says that its server is."""
PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "mocktill.doors.plugin,xdist.plugin"}
"""What pytest has where a reader of the guide installed what it says, and nothing of what this repository needs."""
PIP = """#!/bin/sh
# A folder is installed where only this page finds it; what a name names is here already, or it is an error.
test "$1" = install && shift
case "$1" in
  ./*) exec {python} -m pip --quiet --disable-pip-version-check install --no-deps --no-compile --target "{site}" "$@" ;;
  *) exec {python} -c 'import sys, importlib.metadata as m; list(map(m.distribution, sys.argv[1:]))' "$@" ;;
esac
"""
TERMINAL = """
set -euo pipefail
if [ -e "$MEMORY" ]; then . "$MEMORY"; fi
trap 'export -p > "$MEMORY"' EXIT
set -a
"""


@dataclass(frozen=True)
class Done:
    """What came of a command: what it printed, and its exit code."""

    said: str
    code: int


class Desk:
    """A folder to work in, until `close`: what was started there ends with it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "work"
        self.url = ""
        self._files: list[str] = []
        self._ends, self._count = ExitStack(), 0
        for name in ("work", "bin", "site"):
            (home / name).mkdir()
        pip = home / "bin" / "pip"
        pip.write_text(PIP.format(python=sys.executable, site=home / "site"), encoding="utf-8")
        pip.chmod(0o755)

    def close(self) -> None:
        """End all servers and all that runs in the background."""
        self._ends.close()

    @property
    def env(self) -> dict[str, str]:
        """The environment of a terminal here."""
        path = f"{self.home / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        told = {"PATH": path, "PYTHONPATH": str(self.home / "site"), "NO_COLOR": "1", "COLUMNS": "100", **PLUGINS}
        return environment({**told, "HOME": str(self.folder), "MEMORY": str(self._memory)})

    @property
    def _memory(self) -> Path:
        """The file with the terminal's variables."""
        return self.home / "memory"

    def checkout(self) -> Path:
        """Return a new folder with the files of the page and nothing else, as a job has them."""
        self._count += 1
        folder = self.home / f"checkout-{self._count}"
        for file in self._files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / file, folder / file)
        return folder

    def write(self, file: str, text: str) -> Path:
        """Write a file of the page."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here(text), encoding="utf-8")
        self._files.append(file)
        return path

    def serve(self, options: str = "", env: Mapping[str, str] | None = None) -> str:
        """Start a server with these options beside those that run; return what it said until it was ready."""
        self._count += 1
        place = self.home / f"server-{self._count}"
        command = (sys.executable, "-m", "mocktill")
        more = {"PYTHONPATH": str(self.home / "site"), **(env or {})}
        served = self._ends.enter_context(
            serving(place, *shlex.split(options), env=more, command=command, cwd=self.folder)
        )
        self.url = served.url
        with self._memory.open("a", encoding="utf-8") as memory:
            memory.write(f"export MOCKTILL_URL={self.url}\n")  # the commands look for it on port 8080
        return served.out

    def type(self, lines: str) -> Done:
        """Run lines of bash, with the variables that lines before them set."""
        return self.run(["bash", "-c", TERMINAL + self.here(lines)])

    def run(
        self, command: list[str], given: str = "", env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Done:
        """Run a command with an input; what it leaves in the background runs on until the desk is closed."""
        said = self.home / "said"
        with said.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=cwd or self.folder, env={**self.env, **(env or {})}, stdin=subprocess.PIPE, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._ends.callback(_end, process.pid)
        process.communicate(self.here(given).encode(), timeout=PATIENCE_SECONDS)
        return Done(self.as_written(said.read_text(encoding="utf-8")), process.returncode)

    def here(self, text: str) -> str:
        """Return a text with the server's own address for the one that the guide writes."""
        return text.replace(AS_WRITTEN, self.url.partition("//")[2]) if self.url else text

    def as_written(self, text: str) -> str:
        """Return a text with the address that the guide writes for the server's own."""
        return text.replace(self.url.partition("//")[2], AS_WRITTEN) if self.url else text


def _end(group: int) -> None:
    """End what is left of a command and of what it started."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
