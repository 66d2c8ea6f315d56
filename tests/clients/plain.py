"""Clients that wait: requests, urllib3, httpx and the standard library's, each as its own documents show it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import httpx
import requests
import urllib3
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from tests.clients.seen import DROPPED, TIMED_OUT, Ask, Lost, Pairs, Reply, Seen, cut

TRUST = ssl.create_default_context()
"""Certificates to trust, loaded once: that takes longer than all the rest."""
FOLLOW = urllib3.Retry(total=None, connect=False, read=False, redirect=5, other=False)
"""urllib3 follows a redirect where it may retry one, and here it may retry nothing else."""


class Requests:
    """A `requests.Session`."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        body = ask.body if isinstance(ask.body, bytes) else iter(ask.body)
        try:
            answer = self._session.request(
                ask.method, ask.url, data=body, headers=joined(ask.headers),
                timeout=ask.timeout, allow_redirects=ask.follow, stream=True,
            )  # fmt: skip
        except requests.ReadTimeout:
            return Lost(TIMED_OUT)
        except requests.ConnectionError as error:
            return dropped(error)
        headers = list(answer.raw.headers.iteritems())
        with answer:
            parts = answer.iter_content(ask.pieces) if ask.pieces else (answer.content for _ in "1")
            return arriving(answer.status_code, headers, parts, requests.exceptions.ChunkedEncodingError)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()


class Urllib3:
    """A `urllib3.PoolManager`, which keeps no cookies."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager()

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        body = ask.body if isinstance(ask.body, bytes) else iter(ask.body)
        headers = urllib3.HTTPHeaderDict()
        for name, value in ask.headers:
            headers.add(name, value)
        try:
            answer = self._pool.request(
                ask.method, ask.url, body=body or None, headers=headers, timeout=ask.timeout,
                retries=FOLLOW if ask.follow else False, preload_content=False,
            )  # fmt: skip
        except ReadTimeoutError:
            return Lost(TIMED_OUT)
        except ProtocolError as error:
            return dropped(error)
        parts = answer.stream(ask.pieces) if ask.pieces else (answer.read() for _ in "1")
        try:
            return arriving(answer.status, list(answer.headers.iteritems()), parts, ProtocolError)
        finally:
            answer.release_conn()

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()


class Httpx:
    """An `httpx.Client`."""

    def __init__(self) -> None:
        self._client = httpx.Client(verify=TRUST)

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        body = ask.body if isinstance(ask.body, bytes) else iter(ask.body)
        try:
            with self._client.stream(
                ask.method, ask.url, content=body or None, headers=list(ask.headers),
                timeout=ask.timeout, follow_redirects=ask.follow,
            ) as answer:  # fmt: skip
                parts = answer.iter_bytes(ask.pieces) if ask.pieces else (answer.read() for _ in "1")
                return arriving(answer.status_code, answer.headers.multi_items(), parts, httpx.RemoteProtocolError)
        except httpx.ReadTimeout:
            return Lost(TIMED_OUT)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            return Lost(DROPPED)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class Standard:
    """The standard library's `http.client`: a connection for each host, no redirects, no cookies."""

    def __init__(self) -> None:
        self._open: dict[str, HTTPConnection] = {}

    def ask(self, ask: Ask) -> Seen:
        """Ask, and read what comes."""
        parts = urlsplit(ask.url)
        connection = self._connection(parts.scheme, parts.netloc, ask.timeout)
        try:
            send(connection, ask, parts._replace(scheme="", netloc="", fragment="").geturl())
            answer = connection.getresponse()
        except TimeoutError:
            connection.close()
            return Lost(TIMED_OUT)
        except (RemoteDisconnected, ConnectionResetError):
            return Lost(DROPPED)
        seen = read(answer, ask)
        if isinstance(seen, Lost):
            connection.close()
        return seen

    def close(self) -> None:
        """Close the connections."""
        for connection in self._open.values():
            connection.close()

    def _connection(self, scheme: str, host: str, timeout: float) -> HTTPConnection:
        if scheme + host not in self._open:
            secure = scheme == "https"
            self._open[scheme + host] = HTTPSConnection(host, context=TRUST) if secure else HTTPConnection(host)
        connection = self._open[scheme + host]
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection


def send(connection: HTTPConnection, ask: Ask, target: str) -> None:
    """Send a request line by line, so that a header may come twice."""
    connection.putrequest(ask.method, target)
    for name, value in ask.headers:
        connection.putheader(name, value)
    chunked = not isinstance(ask.body, bytes)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    elif ask.body or ask.method in {"POST", "PUT", "PATCH"}:
        connection.putheader("Content-Length", str(len(ask.body)))
    connection.endheaders(ask.body or None, encode_chunked=chunked)


def read(answer: HTTPResponse, ask: Ask) -> Seen:
    """Return what arrives of an answer; one that breaks off in the middle still has what came until then."""
    headers = answer.getheaders()
    try:
        return Reply.of(answer.status, headers, answer.read())
    except IncompleteRead as error:
        return cut(answer.status, headers, error.partial if ask.pieces else b"")


def arriving(status: int, headers: Pairs, parts: Iterable[bytes], *broken: type[Exception]) -> Seen:
    """Return the reply that these parts make, or what arrived of it before one of these exceptions."""
    arrived = []
    try:
        for part in parts:
            arrived.append(part)  # noqa: PERF402  # what came before an exception is to be kept
    except broken:
        return cut(status, headers, b"".join(arrived))
    return Reply.of(status, headers, b"".join(arrived))


def dropped(error: Exception) -> Lost:
    """Return that the connection ended before any byte; any other failure is none that these tests are about."""
    if "Connection aborted" not in str(error):
        raise error
    return Lost(DROPPED)


def joined(headers: Pairs) -> dict[str, str]:
    """Return headers as requests takes them: one that comes twice is one with both values (RFC 9110, 5.3)."""
    names = dict.fromkeys(name for name, _ in headers)
    return {name: ", ".join(value for other, value in headers if other == name) for name in names}
