"""HTTP/1.1 in memory: the bytes that a client writes become requests, and answers become the bytes that it reads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from mocktill.doors.interception.exchange import Answered, Asked, Loss

END = b"\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """The line and the headers of a request; `known` are the headers by lower-case name."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    known: dict[str, str]

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks, each with its length, and not in one piece."""
        return self.known.get("transfer-encoding", "").lower() == "chunked"

    @property
    def length(self) -> int:
        """How many bytes a body in one piece has."""
        return int(self.known.get("content-length", 0))


class Inbox:
    """What a client has written to one connection; `scheme` and `host` are what it was opened for."""

    def __init__(self, scheme: str, host: str) -> None:
        self._scheme = scheme
        self._host = host
        self._written = bytearray()
        self._head: Head | None = None
        self._body = bytearray()

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take what was written."""
        self._written += data

    def next(self) -> Asked | None:
        """Return the next whole request, and forget it; None while it is not whole."""
        head = self._read_head()
        if head is None or not (self._read_chunks() if head.is_chunked else self._read_piece(head.length)):
            return None
        host, body = head.known.get("host", self._host), bytes(self._body)
        self._head, self._body = None, bytearray()
        return Asked(head.method, self._scheme, host, _origin(head.target), head.headers, body)

    @property
    def waits_for_permission(self) -> bool:
        """Whether the client has written a head and waits for a `100 Continue` before it writes the body."""
        head = self._read_head()
        if head is None or self._written or self._body:
            return False
        return head.known.get("expect", "").lower() == "100-continue"

    def _read_head(self) -> Head | None:
        """Return the head of the request that is being written, once it is whole."""
        if self._head is None and (end := self._written.find(2 * END)) >= 0:
            self._head = _head(self._take(end + 4)[:-4].decode("latin-1"))
        return self._head

    def _read_piece(self, length: int) -> bool:
        """Read a body of this length if it is there."""
        whole = len(self._written) >= length
        if whole:
            self._body += self._take(length)
        return whole

    def _read_chunks(self) -> bool:
        """Read the chunks that are there; return whether the last one is, with whatever follows it."""
        start = 0
        while (end := self._written.find(END, start)) >= 0:
            size = int(bytes(self._written[start:end]).partition(b";")[0], 16)
            after = end + 2 + size
            if size == 0:
                over = self._written.find(2 * END, end)
                if over >= 0:
                    self._take(over + 4)
                    return True
                break
            if len(self._written) < after + 2:
                break
            self._body += self._written[end + 2 : after]
            start = after + 2
        self._take(start)
        return False

    def _take(self, length: int) -> bytes:
        taken = bytes(self._written[:length])
        del self._written[:length]
        return taken


def written(answered: Answered) -> bytes:
    """Return the bytes of an answer, as far as they arrive."""
    if answered.loss in {Loss.DROPPED, Loss.TIMED_OUT}:
        return b""
    lines = [f"HTTP/1.1 {answered.status} {answered.reason}", *[f"{name}: {value}" for name, value in answered.headers]]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + answered.body


def _head(text: str) -> Head:
    line, *lines = text.split("\r\n")
    method, target, _ = line.split(" ", 2)
    pairs = [line.partition(":") for line in lines]
    headers = [(name, value.strip()) for name, _, value in pairs]
    return Head(method, target, headers, {name.lower(): value for name, value in headers})


def _origin(target: str) -> str:
    """Return path and query of a request line's target, which for a proxy is a whole URL."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
