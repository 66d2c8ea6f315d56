"""A server under measurement: started as a process group of its own, and always ended with all its children."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY = re.compile(r"^Mocktill is ready on http://\S+:(\d+)$", re.MULTILINE)
STARTING_SECONDS = 60
"""How long a server may take to say that it is ready."""
PATIENCE = 10
"""Seconds that a server has for its first answer, and for its end."""
CHECK_SECONDS = 0.01
PAGE = os.sysconf("SC_PAGE_SIZE")


class Unavailable(Exception):
    """A server that cannot be had here: says why, in one sentence."""


@dataclass
class Served:
    """A server under measurement: its port, its process, and the seconds until its first answer."""

    port: int
    process: subprocess.Popen[str]
    started: float

    @property
    def memory(self) -> float:
        """Resident memory of the process and all its children, in MB, as Linux tells it."""
        return sum(map(_resident, members(self.process.pid))) / 1e6


@contextmanager
def serving(
    command: Sequence[str],
    path: str,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    *,
    errors: int | None = None,
) -> Iterator[Served]:
    """Start a server, wait for its first answer, and stop it at the end, however that comes.

    Without a `port` the server says, as Mocktill does, which it has; with one it is asked there until it answers.
    What it writes to stderr is seen, unless `errors` is `subprocess.STDOUT`: then it is read with the rest.
    Raises `Unavailable` for one that ends before it is ready, or takes longer than a minute.
    """
    begun = time.perf_counter()
    with ended(start(command, env, errors)) as process:
        said = _await_port(process, command) if port is None else port
        # what the server logs is read by a process of its own, as a terminal or a CI job would
        with ended(subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL, start_new_session=True)):
            if port is not None:
                _await_answer(process, command, port)
            with urllib.request.urlopen(f"http://127.0.0.1:{said}{path}", timeout=PATIENCE) as answer:
                answer.read()
            yield Served(said, process, time.perf_counter() - begun)


def start(
    command: Sequence[str], env: Mapping[str, str] | None = None, errors: int | None = None
) -> subprocess.Popen[str]:
    """Start a process as the leader of a group of its own; Python keeps its byte code, as of whatever is installed."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**inherited, **(env or {})},
        start_new_session=True,
    )


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """End a process and its children when the block ends, however that comes."""
    try:
        yield process
    finally:
        stop(process)
        if process.stdout is not None:
            process.stdout.close()


def stop(process: subprocess.Popen[Any]) -> None:
    """End a process and its children: asked first, then made to."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """Return a port that was free just now: not each server can be told to take any, and to say which."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def members(group: int) -> list[int]:
    """Return the processes of a group that have not ended, as Linux tells them; nothing elsewhere."""
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _group(each) == group]


def _group(process: Path) -> int | None:
    try:
        state, _, group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return None  # it has ended in between
    return None if state == "Z" else int(group)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0  # it has ended in between


def _await_port(process: subprocess.Popen[str], command: Sequence[str]) -> int:
    """Return the port that a server says it listens on."""
    assert process.stdout is not None
    late = threading.Timer(STARTING_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    late.start()
    try:
        for line in process.stdout:
            if found := READY.search(line):
                return int(found[1])
        code = process.wait(PATIENCE)
    finally:
        late.cancel()
        late.join()
    raise Unavailable(f"{shlex.join(command)} ended with {code} before it was ready")


def _await_answer(process: subprocess.Popen[str], command: Sequence[str], port: int) -> None:
    """Wait until something listens on a port that a server was told to take."""
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Unavailable(f"{shlex.join(command)} ended with {process.returncode} before it was ready")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return
        time.sleep(CHECK_SECONDS)
    raise Unavailable(f"{shlex.join(command)} was not ready within {STARTING_SECONDS} s")
