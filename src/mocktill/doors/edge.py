"""The server's edge: reads a request asynchronously, calls the WSGI app inline, sends the answer.

A body that dawdles waits here, without a thread and without the sandbox's lock, and holds nobody else up.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mocktill.core.app import BODY_LIMIT, ENTRY, HEADERS, PROBLEM
from mocktill.core.errors import Malformed, TooLarge
from mocktill.core.journal import Entry

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
log = logging.getLogger("mocktill")


class Edge:
    """An RSGI application around a WSGI one. `seen` is told of each answer: method, path, status and entry."""

    def __init__(self, app: WSGIApplication, seen: Callable[[str, str, int, Entry | None], None]) -> None:
        self._app = app
        self._seen = seen

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(None)
            return
        environ = environ_of(scope)
        if "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0" or _unsaid(scope, environ):
            await read(protocol, environ)
        status, headers, body = self._call(environ)
        if environ["REQUEST_METHOD"] == "HEAD" or not body:
            protocol.response_empty(status, headers)
        else:
            protocol.response_bytes(status, headers, body)
        self._seen(scope.method, scope.path, status, environ.get(ENTRY))

    def _call(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            started[:] = int(status[:3]), headers
            return None

        try:
            chunks = self._app(environ, start_response)
            body = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
            return started[0], started[1], body
        except Exception:
            log.exception("%s %s: a defect of the sandbox", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return (
                500,
                [("content-type", "application/problem+json")],
                b'{"title":"Internal Server Error","status":500}',
            )


def environ_of(scope: Any) -> dict[str, Any]:
    """Return the WSGI environment of a request, without its body."""
    server, _, port = scope.server.rpartition(":")
    path = scope.path if scope.path.isascii() else scope.path.encode().decode("latin-1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path if path.startswith("/") else f"/{path}",
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": _EMPTY,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    headers: dict[str, str] = {}
    for name, value in scope.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    if scope.authority and "host" not in headers:  # HTTP/2 has no Host: its authority is the same
        headers["host"] = scope.authority
    for name, value in headers.items():
        environ[_KEYS.get(name) or f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ[HEADERS] = headers
    return environ


def _unsaid(scope: Any, environ: dict[str, Any]) -> bool:
    """Whether a body may come that no header announces: HTTP/2 needs none for it."""
    return scope.http_version.startswith("2") and "CONTENT_LENGTH" not in environ and scope.method not in BODILESS


async def read(protocol: Any, environ: dict[str, Any]) -> None:
    """Read the body into the environment; one that is too large or breaks off leaves its meaning there."""
    length: str = environ.get("CONTENT_LENGTH", "")
    if length.isdigit() and int(length) > BODY_LIMIT:
        environ[PROBLEM] = TooLarge(f"over {BODY_LIMIT} bytes")
        environ["CONTENT_LENGTH"] = "0"
        return
    parts, size = [], 0
    try:
        if length:
            parts.append(await protocol())
        else:
            ends = 0
            async for part in protocol:
                ends += not part
                size += len(part)
                if size > BODY_LIMIT:
                    environ[PROBLEM] = TooLarge(f"over {BODY_LIMIT} bytes")
                    parts = []
                    break
                parts.append(part)
            if ends > 1 and environ["SERVER_PROTOCOL"].startswith("HTTP/1"):
                # granian hands out one empty part at the end, and one more where the chunks break off
                environ[PROBLEM] = Malformed("the chunks of the body broke off")
    except Exception:  # granian raises its own errors for a client that vanishes or breaks the protocol
        environ[PROBLEM] = Malformed("the body broke off")  # a new one: raised, it keeps its request alive
    body = b"".join(parts)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_EMPTY = BytesIO()
