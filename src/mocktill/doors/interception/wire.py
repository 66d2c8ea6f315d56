"""HTTP/1.1 in memory: the bytes that a client writes become requests, and answers become the bytes that it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mocktill.doors.interception.exchange import Answered, Asked, Loss

END = b"\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
"""What a server of ours answers to what is no request; then the connection ends."""
BROKEN_OFF = "the chunks of the body broke off"
LONGEST = 2**63
"""How long a body may be said to be."""
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\s<>\x00-\x1f\x7f]+) HTTP/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?")
_HALF_A_SIZE = re.compile(rb"(?:[0-9A-Fa-f]{1,16}(?:[ \t]*(?:;[^\r\n]*)?)\r?)?")
_WHOLE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]")


class Garbled(Exception):
    """What was written is no request: a server refuses it, and ends the connection."""


@dataclass(frozen=True, slots=True)
class Head:
    """The line and the headers of a request, and how its body comes: `length` is None where it comes in chunks."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    known: dict[str, str]
    length: int | None


class Inbox:
    """What a client has written to one connection; `scheme` and `host` are what it was opened for."""

    def __init__(self, scheme: str, host: str) -> None:
        self._scheme = scheme
        self._host = host
        self._written = bytearray()
        self._head: Head | None = None
        self._body = bytearray()
        self._broken = ""

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take what was written."""
        self._written += data

    def next(self) -> Asked | None:
        """Return the next whole request, and forget it; None while it is not whole.

        One whose chunks are none is whole as well: it says so, and nothing that comes after it is read. Raises
        `Garbled` for what is no request.
        """
        if self._broken:
            return None
        head = self._read_head()
        if head is None or not (self._read_chunks() if head.length is None else self._read_piece(head.length)):
            return None
        host, body = head.known.get("host", self._host), bytes(self._body)
        self._head, self._body = None, bytearray()
        return Asked(
            head.method, self._scheme, host, head.target, head.headers, body, broken=self._broken, reached=self._host
        )

    @property
    def waits_for_permission(self) -> bool:
        """Whether the client has written a head and waits for a `100 Continue` before it writes the body."""
        head = self._read_head()
        if head is None or self._written or self._body:
            return False
        return head.known.get("expect", "").lower() == "100-continue"

    def _read_head(self) -> Head | None:
        """Return the head of the request that is being written, once it is whole."""
        if self._head is None:
            while self._written.startswith(END):
                self._take(2)
            if found := _HEAD_END.search(self._written):
                self._head = _head(self._take(found.end())[: found.start()])
        return self._head

    def _read_piece(self, length: int) -> bool:
        """Read a body of this length if it is there."""
        whole = len(self._written) >= length
        if whole:
            self._body += self._take(length)
        return whole

    def _read_chunks(self) -> bool:
        """Read the chunks that are there; return whether the last one is, or one that is none."""
        start = 0
        while (end := self._written.find(END, start)) >= 0:
            sized = _SIZE.fullmatch(self._written, start, end)
            after = end + 2 + (size := int(sized[1], 16) if sized else 0)
            if sized is None or (size and not END.startswith(self._written[after : after + 2])):
                return self._break_off()
            if size == 0:
                return self._read_trailers(start, end)
            if len(self._written) < after + 2:
                break
            self._body += self._written[end + 2 : after]
            start = after + 2
        self._take(start)
        if end < 0 and not _HALF_A_SIZE.fullmatch(self._written):
            return self._break_off()
        return False

    def _read_trailers(self, start: int, end: int) -> bool:
        """Read what follows the last chunk, and leave it out; return whether it is whole, or none."""
        over = self._written.find(2 * END, end)
        if over < 0:
            self._take(start)
            return False
        trailers = self._take(over + 4)[end + 2 : over]
        if trailers and not all(_FIELD.fullmatch(line) for line in trailers.split(END)):
            return self._break_off()
        return True

    def _break_off(self) -> bool:
        self._broken = BROKEN_OFF
        return True

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


def _head(written: bytes) -> Head:
    line, *lines = re.split(rb"\r?\n", written)
    asked, fields = _LINE.fullmatch(line), [_FIELD.fullmatch(field) for field in lines]
    if asked is None:
        raise Garbled("the first line is no request")
    headers = [(field[1].decode("ascii"), field[2].decode("latin-1").strip(" \t")) for field in fields if field]
    if len(headers) < len(fields):
        raise Garbled("a line is no header")
    known = {name.lower(): value for name, value in headers}
    return Head(asked[1].decode("ascii"), _origin(asked[2]), headers, known, _length(headers))


def _length(headers: list[tuple[str, str]]) -> int | None:
    """Return how many bytes the body has; None where it comes in chunks, each with its length."""
    codings = [value for name, value in headers if name.lower() == "transfer-encoding"]
    if codings:
        if codings[-1].rpartition(",")[2].strip().lower() != "chunked":
            raise Garbled("nobody knows where such a body ends")
        return None
    said = {value for name, value in headers if name.lower() == "content-length"} or {"0"}
    length = said.pop()
    if said or not (length.isascii() and length.isdigit() and int(length) < LONGEST):
        raise Garbled("the length is none")
    return int(length)


def _origin(written: bytes) -> str:
    """Return path and query of a request line's target, which for a proxy is a whole URL."""
    try:
        target = written.decode()
        parts = urlsplit(target)
    except ValueError:  # it is no UTF-8, or no URL
        raise Garbled("the target is none") from None
    if target.startswith("/") or target == "*":
        return target
    if not _WHOLE_URL.match(target):
        raise Garbled("the target is none")
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
