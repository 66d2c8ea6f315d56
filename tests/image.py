"""An image without an engine: the Dockerfile's own steps in a folder, and its process as an engine would start it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests import container
from tests.dockerfile import Ignored, Instruction, Stage, read
from tests.doors.wire import PATIENCE, Served, environment

ROOT = Path(__file__).parents[1]
FILE = ROOT / "Dockerfile"
STAGES = read(FILE)
FINAL = STAGES[-1]
IGNORED = Ignored(ROOT / ".dockerignore")
ABSOLUTE = re.compile(r"(?<![\w.])/(?=\w)")
IS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Image:
    """What was built: `root` stands for `/`, and every path of the Dockerfile is below it. `home` is around it."""

    home: Path
    env: dict[str, str]

    @property
    def root(self) -> Path:
        """The tree."""
        return self.home / "root"

    @property
    def scratch(self) -> Path:
        """A folder outside of the image where everyone may write: a volume, as it were."""
        return self.home / "scratch"

    @property
    def cwd(self) -> str:
        """Where its process starts."""
        return self.placed(FINAL.the("WORKDIR").rest)

    @property
    def command(self) -> list[str]:
        """What its process is."""
        return [*FINAL.the("ENTRYPOINT").words, *FINAL.the("CMD").words]

    @property
    def user(self) -> tuple[int, int]:
        """User and group, as numbers."""
        uid, _, gid = FINAL.the("USER").rest.partition(":")
        return int(uid), int(gid)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return self.placed("/opt/mocktill/bin/python")

    def placed(self, text: str) -> str:
        """Return a text of the Dockerfile with its absolute paths where they are here."""
        return placed(text, self.root)

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Return mode, size and time of everything in the tree: what is written there changes one of them."""
        found = {path: path.lstat() for path in self.root.rglob("*")}
        return {str(path): (it.st_mode, it.st_size, it.st_mtime_ns) for path, it in found.items()}


def placed(text: str, root: Path) -> str:
    """Return a text with its absolute paths below another root."""
    return ABSOLUTE.sub(f"{root}/", text)


@contextmanager
def built() -> Iterator[Image]:
    """Build the image in a new folder that everyone may look into; it is gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="mocktill-image-"))
    home.chmod(0o755)
    try:
        yield build(home)
    finally:
        for path in home.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IWUSR)
        shutil.rmtree(home)


def build(home: Path) -> Image:
    """Run the steps of each stage where `/` is to be; those before the last are kept aside for what is copied."""
    base = home / "base"  # the image that both stages begin with: an interpreter with pip
    subprocess.run([sys.executable, "-m", "venv", str(base)], check=True)
    path = f"{base}/bin:{os.environ['PATH']}"
    env: dict[str, str] = {}
    for stage in STAGES:
        (home / "root").mkdir()
        env = Building(home, stage, {"PATH": path}).run()
        if stage is not FINAL:
            (home / "root").rename(home / stage.name)
    image = Image(home, env)
    image.scratch.mkdir()
    image.scratch.chmod(0o777)
    seal(image)
    return image


def seal(image: Image) -> None:
    """Let nobody write into what the image has, but for the folders that are meant for it."""
    for path in image.root.rglob("*"):
        if not path.is_symlink() and not path.stat().st_mode & stat.S_ISVTX:
            path.chmod(path.stat().st_mode & ~0o222)


class Building:
    """One stage, step by step."""

    def __init__(self, home: Path, stage: Stage, env: Mapping[str, str]) -> None:
        self._home, self._root, self._stage = home, home / "root", stage
        self._outer = dict(env)
        self._env: dict[str, str] = {}
        self._arguments: dict[str, str] = {}
        self._cwd = self._root

    def run(self) -> dict[str, str]:
        """Do what each instruction says; return the environment that it leaves."""
        steps = {"ENV": self._set, "ARG": self._take, "WORKDIR": self._enter, "COPY": self._copy, "RUN": self._do}
        for instruction in self._stage.instructions:
            if instruction.name in steps:
                steps[instruction.name](instruction)
        return self._env

    def _set(self, instruction: Instruction) -> None:
        for name, value in instruction.pairs.items():
            self._env[name] = Template(placed(value, self._root)).substitute({**self._outer, **self._env})

    def _take(self, instruction: Instruction) -> None:
        self._arguments |= instruction.pairs

    def _enter(self, instruction: Instruction) -> None:
        self._cwd = self._there(instruction.rest)
        self._cwd.mkdir(parents=True, exist_ok=True)

    def _copy(self, instruction: Instruction) -> None:
        *sources, place = instruction.words
        for source in sources:
            if "from" in instruction.flags:
                copy(self._home / instruction.flags["from"] / source.lstrip("/"), self._there(place), Path(source).name)
            else:
                assert source not in IGNORED, f"{source} is kept out by .dockerignore"
                copy(ROOT / source, self._there(place), source, of=ROOT)

    def _do(self, instruction: Instruction) -> None:
        ran = subprocess.run(
            ["/bin/sh", "-c", placed(instruction.rest, self._root)],
            cwd=self._cwd, capture_output=True, text=True, check=False, umask=0o022,
            env={**environment(), **self._outer, **self._arguments, **self._env},
        )  # fmt: skip
        assert ran.returncode == 0, f"{instruction.rest}\n{ran.stdout}\n{ran.stderr}"

    def _there(self, place: str) -> Path:
        return Path(placed(place, self._root)) if place.startswith("/") else self._cwd / place


def copy(source: Path, place: Path, name: str, of: Path | None = None) -> None:
    """Copy a file into a folder, or what is in a folder; `of` is the context, some of which is kept out."""

    def out(folder: str, names: list[str]) -> list[str]:
        inside = Path(folder).relative_to(of) if of else Path()
        return [each for each in names if of and str(inside / each) in IGNORED]

    if source.is_dir():
        shutil.copytree(source, place, symlinks=True, ignore=out, dirs_exist_ok=True)
    else:
        shutil.copy2(source, place / name)


class Container:
    """A process of an image: with the image's environment, user, folder and command, and whatever an engine does.

    `alone` says that it is the first process of namespaces of its own, without a network and with everything
    read-only; else it is a process as any other, which takes a free port and writes that to the scratch folder.
    """

    def __init__(self, image: Image, *, alone: bool) -> None:
        self.image, self.alone = image, alone
        self.env = dict(image.env)
        self.port_file = image.scratch / "port"
        if not alone:
            self.env |= {"MOCKTILL_PORT": "0", "MOCKTILL_PORT_FILE": str(self.port_file)}

    @property
    def changes_user(self) -> bool:
        """Whether it can be the image's user's: only root can do that, with an interpreter that this user may reach."""
        return IS_ROOT and (self.alone or reachable(Path(sys.base_prefix)))

    @contextmanager
    def started(self, folder: Path) -> Iterator[Served]:
        """Run it until the end of the block; what it writes goes to files in that folder."""
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(
                self._enter(*(NAMESPACES if self.alone else ()), command=self.image.command, fresh=self.alone),
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment(), cwd="/",
            )  # fmt: skip
        try:
            yield Served(process, folder)
        finally:
            self.end(process)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill its process first: what started it would leave it behind, once it has become another user."""
        with suppress(OSError, ValueError):  # it has ended, or not begun
            os.kill(self.number_of(Served(process, self.image.scratch)), signal.SIGKILL)
            process.wait(PATIENCE)
        process.kill()
        process.wait()

    def run(self, *command: str, beside: Served | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as the image's user: beside a running server, else as the only process."""
        before: Sequence[str] = ()
        if self.alone:
            before = NAMESPACES if beside is None else [*ENTER, "--target", str(self.number_of(beside))]
        whole = self._enter(*before, command=command, fresh=self.alone and beside is None)
        return subprocess.run(whole, capture_output=True, text=True, check=False, env=environment(), cwd="/")

    def stop(self, served: Served, number: int) -> int:
        """Send its process a signal; return the exit code."""
        os.kill(self.number_of(served), number)
        return served.process.wait(PATIENCE)

    def number_of(self, served: Served) -> int:
        """Return the number that its process has out here."""
        number = served.process.pid
        if not self.alone:
            return number
        (first,) = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        return int(first)

    def status_of(self, served: Served) -> dict[str, str]:
        """Return what Linux says of its process."""
        text = Path(f"/proc/{self.number_of(served)}/status").read_text(encoding="utf-8")
        return {name: value.strip() for name, _, value in [line.partition(":") for line in text.splitlines()]}

    def _enter(self, *before: str, command: Sequence[str], fresh: bool) -> list[str]:
        """Return a command line that does an engine's part, and turns into the command."""
        place = self.image.home / "place"
        place.mkdir(exist_ok=True)
        told = {
            "fresh": fresh, "interpreter": sys.base_prefix, "place": str(place),
            "user": self.image.user if self.changes_user else None,
            "cwd": self.image.cwd, "command": command, "env": self.env,
        }  # fmt: skip
        return [*before, self.image.python, "-c", Path(container.__file__).read_text(), json.dumps(told)]


NAMESPACES = ("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc")
ENTER = ("nsenter", "--mount", "--pid", "--net")


def why_not_alone() -> str | None:
    """Return why there can be no namespaces here, None where there can."""
    if not IS_ROOT:
        return "only root may make namespaces and become another user"
    for tool in (NAMESPACES[0], ENTER[0], "mount"):
        if shutil.which(tool) is None:
            return f"there is no {tool} here"
    tried = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "none", "/tmp"], capture_output=True, check=False)
    return None if tried.returncode == 0 else f"this machine allows no namespaces: {tried.stderr.decode().strip()}"


def reachable(path: Path) -> bool:
    """Whether everyone may look into a folder."""
    return all(each.stat().st_mode & 0o001 for each in [path, *path.parents])
