"""A server as a process, and a client that says what it likes byte by byte."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

PATIENCE = 10
"""Seconds after which a test gives up waiting for what should come at once."""
READY = re.compile(r"^Mocktill is ready on (https?://\S+)$", re.MULTILINE)


@dataclass
class Reply:
    """What came back: a status, headers by lower-case name, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value."""
        return orjson.loads(self.body)


class Wire:
    """One connection to a server, in TLS where a context is given: `say` bytes, and `hear` one answer after another."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None, name: str = "localhost") -> None:
        host, _, port = url.partition("//")[2].rpartition(":")
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
        if tls is not None:
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname=name)
            except OSError:
                self.socket.close()
                raise
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Go away, without a word."""
        self._file.close()
        self.socket.close()

    def say(self, text: str | bytes) -> None:
        """Send bytes; a text's line ends become those of HTTP."""
        self.socket.sendall(text.replace("\n", "\r\n").encode("latin-1") if isinstance(text, str) else text)

    def hear(self, *, head: bool = False) -> Reply:
        """Return the next answer; `head` says that it has no body, whatever its headers say."""
        status, headers = self._head()
        while status == 100:
            status, headers = self._head()
        if head or status in {204, 304}:
            return Reply(status, headers, b"")
        if "content-length" in headers:
            return Reply(status, headers, self._file.read(int(headers["content-length"])))
        if headers.get("transfer-encoding") == "chunked":
            return Reply(status, headers, b"".join(self._chunks()))
        return Reply(status, headers, self._file.read())

    def hear_continue(self) -> int:
        """Return the status of an interim answer."""
        return self._head()[0]

    def is_over(self) -> bool:
        """Whether the server has closed the connection: waits for it, or for more."""
        try:
            return self._file.read(1) == b""
        except ConnectionError:
            return True

    def _head(self) -> tuple[int, dict[str, str]]:
        line = self._file.readline()
        if not line:
            raise ConnectionError("the server closed the connection without an answer")
        headers = {}
        while (field := self._file.readline().strip()) != b"":
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return int(line.split()[1]), headers

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._file.readline(), 16):
            yield self._file.read(size)
            self._file.readline()
        self._file.readline()


def ask(url: str, text: str | bytes, *, head: bool = False) -> Reply:
    """Send one request over a connection of its own."""
    with Wire(url) as wire:
        wire.say(text)
        return wire.hear(head=head)


@dataclass
class Served:
    """A server that runs as a process: its URL, and what it has written so far."""

    process: subprocess.Popen[bytes]
    folder: Path
    url: str = ""

    @property
    def out(self) -> str:
        """What it wrote to stdout."""
        return (self.folder / "out").read_text(encoding="utf-8", errors="replace")

    @property
    def err(self) -> str:
        """What it wrote to stderr."""
        return (self.folder / "err").read_text(encoding="utf-8", errors="replace")

    def ask(self, text: str | bytes) -> Reply:
        """Send one request over a connection of its own."""
        return ask(self.url, text)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return what is found in stdout as soon as it is there."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.out, re.MULTILINE)) is None:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.err}"
            assert time.monotonic() < deadline, f"{pattern!r} is not in {self.out!r}"
            time.sleep(0.01)
        return found


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without Mocktill's own variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKTILL_", "PYTHON"))}
    return {**kept, **(more or {})}


@contextmanager
def serving(
    folder: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    command: Sequence[str] = (sys.executable, "-W", "error", "-m", "mocktill"),
    cwd: Path | None = None,
) -> Iterator[Served]:
    """Run `mocktill serve --port 0` as a process until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0", *options],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment(env), cwd=cwd or folder,
        )  # fmt: skip
    served = Served(process, folder)
    try:
        served.url = served.wait_for(READY.pattern)[1]
        yield served
    finally:
        process.kill()
        process.wait()
