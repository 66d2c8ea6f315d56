"""The two ways in without an HTTP client's library: Flask's test client, and a socket that bytes are written to."""

from __future__ import annotations

from http.client import HTTPResponse, RemoteDisconnected
from socket import create_connection, socket
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.clients.plain import read
from tests.clients.seen import DROPPED, TIMED_OUT, Ask, Lost, Reply, Seen

BODILESS = {204, 304}


class Flask:
    """Flask's test client of the whole app, at the vendor's host, in the sandbox of this name.

    It has no connection, so that no answer can be lost, and no chunks: a body is sent in one part. What every server
    does it leaves to a server: an answer whose status has no body has no length either.
    """

    def __init__(self, client: FlaskClient, sandbox: str) -> None:
        self._client = client
        self._sandbox = sandbox

    def ask(self, ask: Ask) -> Reply:
        """Ask, and take the answer whole."""
        headers = [*ask.headers, ("Mocktill-Sandbox", self._sandbox)]
        with self._client.open(
            ask.url, method=ask.method, data=ask.whole, headers=headers, follow_redirects=ask.follow
        ) as answer:
            if answer.status_code in BODILESS:
                del answer.headers["Content-Length"]
            return Reply.of(answer.status_code, list(answer.headers), answer.data)

    def close(self) -> None:
        """Leave nothing: there is no connection."""


class Socket:
    """One connection to a server, kept open: no redirects, no cookies, nothing done by anybody else."""

    def __init__(self, url: str, sandbox: str) -> None:
        self._server = urlsplit(url)
        self._sandbox = sandbox
        self._socket: socket | None = None

    def ask(self, ask: Ask) -> Seen:
        """Write a request and read the answer; where it is lost, the connection ends."""
        connection = self._connection(ask.timeout)
        try:
            connection.sendall(self._written(ask))
            answer = HTTPResponse(connection, method=ask.method)
            answer.begin()
            seen = read(answer, ask)
        except TimeoutError:
            seen = Lost(TIMED_OUT)
        except (RemoteDisconnected, ConnectionResetError):
            seen = Lost(DROPPED)
        if isinstance(seen, Lost) or answer.will_close:
            self.close()
        return seen

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connection(self, timeout: float) -> socket:
        if self._socket is None:
            self._socket = create_connection((self._server.hostname or "", self._server.port or 0))
        self._socket.settimeout(timeout)
        return self._socket

    def _written(self, ask: Ask) -> bytes:
        parts = urlsplit(ask.url)
        target = parts._replace(scheme="", netloc="", fragment="").geturl()
        headers = [("Host", parts.netloc), ("Mocktill-Sandbox", self._sandbox), ("Mocktill-Scheme", parts.scheme)]
        body, length = ask.whole, ("Content-Length", str(len(ask.whole)))
        if not isinstance(ask.body, bytes):
            length = ("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*ask.body, b""))
        lines = [f"{name}: {value}" for name, value in (*headers, length, *ask.headers)]
        return "\r\n".join([f"{ask.method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body
