"""What a server survives: being killed at any moment, a full disk, closed streams, and clients that vanish."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import orjson
import pytest

from mocktill.doors.serving.wholefile import SUFFIX, clear_leftovers
from tests.doors.wire import PATIENCE, Served, Wire, ask, environment, serving

PURCHASE = "/deem/v1/purchases/34063ec2?api_key=1234567"
GET = f"GET {PURCHASE} HTTP/1.1\nHost: localhost\n\n"
BODY = '{"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 1}'
RESERVE = (
    "POST /deem/v1/purchases/reserve?api_key=1 HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
    f"Content-Length: {len(BODY)}\n\n{BODY}"
)
MOST_ROUNDS = 20
"""How often it is tried at the most to kill a server while it writes."""
MANY = "150"
"""How many purchases make a state that takes a while to be written."""


def control(method: str, path: str, value: object) -> str:
    """Return a control call."""
    body = orjson.dumps(value).decode()
    head = f"{method} /_mocktill/{path} HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
    return f"{head}Content-Length: {len(body)}\n\n{body}"


def free(file: Path) -> int:
    """Return how much of one deal a state file says that there is."""
    found = orjson.loads(file.read_bytes())["sandboxes"]["default"]["tables"]["deem.stock"]["last-one"]["free"]
    assert isinstance(found, int)
    return found


def leftovers(folder: Path) -> list[Path]:
    """Return the files that are not whole yet."""
    return list(folder.glob(f".*{SUFFIX}"))


def assert_alive(url: str) -> None:
    """The server answers somebody else."""
    assert ask(url, GET).status == 200


# killed


def kill_when(served: Served, moment: Callable[[], bool]) -> None:
    """Tell a server to end, and kill it as soon as something is so, or it has ended by itself."""
    served.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while served.process.poll() is None and not moment():
        assert time.monotonic() < deadline
    served.process.kill()
    served.process.wait()


def has_written(folder: Path, size: int) -> bool:
    """Whether a new state has that many bytes so far."""
    with suppress(OSError):
        return any(file.stat().st_size >= size for file in leftovers(folder))
    return False


def test_a_kill_at_any_moment_leaves_a_whole_state(tmp_path: Path) -> None:
    """Killed before, while and after it writes, the next start has one state or the other, whole; nothing piles up.

    What was killed while it wrote has left a file: it goes on until there was such a one.
    """
    state = tmp_path / "state"
    state.mkdir()
    file = state / "state.json"
    with serving(tmp_path / "first", "--state", str(file), "--populate", MANY) as served:
        assert served.stop() == 0
    size = file.stat().st_size
    known = free(file)
    parts = (-1, 0, 1, size // 4, size // 2, size, *[0] * MOST_ROUNDS, 2 * size)
    within = 0
    for number, part in enumerate(parts, 10):
        if part == 0 and within and number > 16:
            continue
        with serving(tmp_path / str(number), "--state", str(file)) as served:
            assert len(leftovers(state)) == 0
            got = served.ask("GET /_mocktill/state HTTP/1.1\nHost: localhost\n\n").json
            assert got["tables"]["deem.stock"]["last-one"]["free"] == known
            assert served.ask(control("PATCH", "state/deem.stock/last-one", {"free": number})).status == 200
            kill_when(served, lambda part=part: part < 0 or has_written(state, part))  # type: ignore[misc]
        assert len(leftovers(state)) <= 1
        within += len(leftovers(state))
        assert free(file) in {known, number}
        known = free(file)
    assert within, "no server was killed while it wrote"
    assert known == number  # the last one was left alone


@pytest.mark.parametrize("moment", ["idle", "busy"])
def test_a_kill_while_it_serves_leaves_the_state_that_was(tmp_path: Path, moment: str) -> None:
    """What was not written at a clean stop is gone, and what was is there."""
    file = tmp_path / "state.json"
    with serving(tmp_path / "a", "--state", str(file)) as served:
        assert served.stop() == 0
    before = file.read_bytes()
    with serving(tmp_path / "b", "--state", str(file)) as served, Wire(served.url) as wire:
        wire.say(RESERVE * (20 if moment == "busy" else 1))
        assert wire.hear().status == 200
        served.stop(signal.SIGKILL)
    assert file.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_what_another_server_writes_is_left_alone(tmp_path: Path) -> None:
    """Only what nobody writes any more is deleted, and only what is called like it."""
    file = tmp_path / "state.json"
    dead, living, mine = (
        tmp_path / name for name in (".state.json.aaaaaaaa.tmp", ".state.json.bbbbbbbb.tmp", ".x.tmp")
    )
    for each in (dead, living, mine, tmp_path / ".state.json.original"):
        each.write_text("half")
    with living.open("rb") as writing:
        fcntl.flock(writing.fileno(), fcntl.LOCK_EX)
        clear_leftovers(file)
        assert (dead.exists(), living.exists(), mine.exists()) == (False, True, True)
    clear_leftovers(file)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".state.json.original", ".x.tmp"]


# a full disk


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="SKIPPED: there is no prlimit to make a disk look full")
def test_a_full_disk_keeps_the_old_state(tmp_path: Path) -> None:
    """Where the new state does not fit, the old one stays, one line says so, and the exit code is 1."""
    file = tmp_path / "state.json"
    with serving(tmp_path / "a", "--state", str(file)) as served:
        assert served.stop() == 0
    before = file.read_bytes()
    command = ("prlimit", f"--fsize={len(before) // 2}", sys.executable, "-W", "error", "-m", "mocktill")
    with serving(tmp_path / "b", "--state", str(file), command=command) as served:
        assert_alive(served.url)
        assert served.stop() == 1
        assert served.err == f"Error: the state is not kept: {file}: File too large\n"
    assert file.read_bytes() == before
    assert leftovers(tmp_path) == []


# streams


@contextmanager
def started(folder: Path, redirections: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server by a shell, which closes its streams or sends them somewhere."""
    line = f"exec {sys.executable} -W error -m mocktill serve --port {port} --port-file port --state state.json"
    process = subprocess.Popen(["sh", "-c", f"{line} {redirections}"], cwd=folder, env=environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def port_of(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Return the port as soon as it is known."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, ValueError):
            return int((folder / "port").read_text())
        assert process.poll() is None
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    "redirections",
    [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "> /dev/full", "> /dev/full 2> /dev/full"],
)
def test_closed_and_full_streams_are_survived(tmp_path: Path, redirections: str) -> None:
    """Whatever becomes of its streams, a server answers, ends cleanly, and keeps its state."""
    more = "" if "2>" in redirections else " 2> err"
    with started(tmp_path, redirections + more, 0) as process:
        url = f"http://127.0.0.1:{port_of(process, tmp_path)}"
        for _ in range(20):
            assert_alive(url)
        assert ask(url, RESERVE).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    if more:
        assert (tmp_path / "err").read_text() == ""
    assert orjson.loads((tmp_path / "state.json").read_bytes())["version"] == 1


# clients


def files_of(served: Served) -> int:
    """Return how many files a server has open."""
    return len(os.listdir(f"/proc/{served.process.pid}/fd"))


DELAY = {"when": {"path": "*/34063ec2"}, "what": {"delay": 30}}
LARGE = "GET /_mocktill/state HTTP/1.1\nHost: localhost\n\n"
VANISHING = {
    "before": "",
    "in its line": "GET /de",
    "in its headers": GET[:60],
    "in its body": RESERVE[:-20],
    "in its chunks": RESERVE.replace(f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked").replace(
        BODY, "5\nab"
    ),
    "while it waits": GET,
    "in its answer": LARGE * 20,
}
needs_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="SKIPPED: this system does not list open files")


@needs_proc
@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_vanished_clients_leave_nothing(tmp_path: Path, reset: bool) -> None:
    """Wherever clients vanish, the server goes on, and has no file open for them afterwards."""
    with serving(tmp_path, "--populate", "50", "--log", "none") as served:
        assert served.ask(control("POST", "faults", DELAY)).status == 201
        assert ask(served.url, LARGE).status == 200
        before = files_of(served)
        for said in VANISHING.values():
            wires = [Wire(served.url) for _ in range(20)]
            for wire in wires:
                wire.say(said)
            for wire in wires:
                if reset:
                    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                wire.close()
        assert ask(served.url, "GET /_mocktill/health HTTP/1.1\nHost: localhost\n\n").status == 200
        deadline = time.monotonic() + PATIENCE
        while files_of(served) > before:
            assert time.monotonic() < deadline, f"{files_of(served)} open, {before} before"
        assert ("Traceback" in served.err, "panicked" in served.err) == (False, False)
        assert served.stop() == 0


# many connections


@contextmanager
def few_files(folder: Path, most: int) -> Iterator[Served]:
    """Run a server that may have only so many files open, whatever it does about it."""
    command = ("prlimit", f"--nofile={most}:{most}", sys.executable, "-W", "error", "-m", "mocktill")
    with serving(folder, command=command) as served:
        yield served


@needs_proc
@pytest.mark.skipif(shutil.which("prlimit") is None, reason="SKIPPED: there is no prlimit to limit open files")
def test_more_connections_than_files(tmp_path: Path) -> None:
    """At its limit a server has files to spare and is idle, those who come wait, and are answered when others go."""
    with few_files(tmp_path, 300) as served:
        wires = [Wire(served.url) for _ in range(400)]
        try:
            deadline = time.monotonic() + PATIENCE
            while files_of(served) < 170:
                assert time.monotonic() < deadline
            wires[0].say(control("PUT", "snapshots/one", None).replace("null", "").replace("Content-Length: 4\n", ""))
            assert wires[0].hear().status in {200, 201}
            wires[-1].say(GET)
            wires[-1].socket.settimeout(0.2)
            with pytest.raises(TimeoutError):
                wires[-1].socket.recv(1)
            assert files_of(served) < 300 - 64
            for wire in wires[:-1]:
                wire.close()
            wires[-1].socket.settimeout(PATIENCE)
            assert wires[-1].socket.recv(15) == b"HTTP/1.1 200 OK"
            assert_alive(served.url)
        finally:
            for wire in wires:
                wire.close()
        assert served.stop() == 0
        assert served.err == ""


@needs_proc
def test_a_server_takes_all_files_that_it_may(tmp_path: Path) -> None:
    """The soft limit of open files is raised to the hard one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serving(tmp_path, command=("prlimit", "--nofile=256:", sys.executable, "-m", "mocktill")) as served:
        limits = Path(f"/proc/{served.process.pid}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
        assert line.split()[3:5] == [str(most)] * 2


def test_a_server_without_files_left_keeps_its_state(tmp_path: Path) -> None:
    """Where silent clients hold all files that it may open, what it has to write at the stop is written."""
    state = tmp_path / "state.json"
    few = ("sh", "-c", 'ulimit -n 128; exec "$0" "$@"', sys.executable, "-m", "mocktill")
    with serving(tmp_path / "run", "--tls", "--state", str(state), command=few) as served, ExitStack() as clients:
        address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
        for _ in range(150):
            clients.enter_context(socket.create_connection(address, timeout=PATIENCE))
        assert served.stop() == 0
    assert state.is_file()
    assert served.err == ""
