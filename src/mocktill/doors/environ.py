"""A request as granian has it becomes a WSGI environment; its body is read asynchronously, and holds nobody up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any

from mocktill.core.app import BODY_LIMIT, EDGE, HEADERS, PROBLEM
from mocktill.core.errors import Malformed, TooLarge, TooSlow

DECIDING = ("mocktill-sandbox", "host", "origin")
"""The headers that decide who is asked, and who asks."""
UNREADABLE = "\ufffd"
UNREAD = "mocktill.unread"
"""Set where a client may still be sending a body that nobody is going to read."""
SILENCE_SECONDS = 30.0
"""For how long nothing of a body has to come until no more is waited for."""
AT_ONCE = 64 * 1024
"""Up to how many bytes a body of a known length is taken in one, and has to be there in that time as a whole."""
LONGEST_SECONDS = 600.0
"""How long a body may take in all."""
DRAINED = 16 * 1024 * 1024
DRAINING_SECONDS = 2.0
"""How much of a body that was refused is thrown away, and for how long: whoever still sends would miss the answer."""
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


def environ_of(scope: Any) -> dict[str, Any]:
    """Return the WSGI environment of a request, without its body."""
    server, _, port = scope.server.rpartition(":")
    headers: dict[str, str] = joined(scope.headers.items())
    for name in DECIDING:  # granian leaves a value out that it cannot read: it is not to count as not sent
        if name not in headers and name in scope.headers:
            headers[name] = UNREADABLE
    if scope.authority and ("host" not in headers or scope.http_version[:1] == "2"):  # HTTP/2's own Host
        headers["host"] = scope.authority
    environ = environ_for(scope.method, scope.path, scope.query_string, scope.scheme, headers)
    environ["SERVER_NAME"] = server
    environ["SERVER_PORT"] = port
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope.http_version}"
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0]
    return environ


def environ_for(method: str, path: str, query: str, scheme: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return the WSGI environment of a request as values, without its body; `path` is decoded, `headers` joined."""
    path = path if path.isascii() else path.encode().decode("latin-1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path if path.startswith("/") else f"/{path}",
        "QUERY_STRING": query,
        "SERVER_NAME": "",
        "SERVER_PORT": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": _EMPTY,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        EDGE: True,
        HEADERS: headers,
    }
    for name, value in headers.items():
        environ[_KEYS.get(name) or f"HTTP_{name.upper().replace('-', '_')}"] = value
    if "upgrade" in headers:  # nothing is upgraded here; werkzeug would look for a websocket, and find no route
        del environ["HTTP_UPGRADE"]
    return environ


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, which is in lower case; those that come more than once are joined by commas."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def may_have_body(scope: Any, environ: dict[str, Any]) -> bool:
    """Whether a body may come: a header announces one, or it is HTTP/2, which needs none for it."""
    if "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0":
        return True
    unsaid = scope.http_version.startswith("2") and "CONTENT_LENGTH" not in environ
    return unsaid and scope.method not in BODILESS


async def read(protocol: Any, environ: dict[str, Any], limit: int = BODY_LIMIT) -> None:
    """Read the body into the environment; one that is too large, breaks off or dawdles leaves its meaning there."""
    length: str = environ.get("CONTENT_LENGTH", "")
    announced = int(length) if length.isdigit() else None
    if announced is not None and announced > limit:
        _refuse(environ, limit)
        return
    body = b""
    try:
        if announced is not None and announced <= AT_ONCE:
            async with asyncio.timeout(SILENCE_SECONDS):
                body = await protocol()
        else:
            body = await _gather(protocol, environ, limit, announced)
    except TimeoutError:  # what comes later is not waited for: the connection ends with the answer
        environ[PROBLEM] = TooSlow("the body did not come in time")
    except TooLarge:
        _refuse(environ, limit)
        return
    except Exception:  # granian raises its own errors for a client that vanishes or breaks the protocol
        environ[PROBLEM] = Malformed("the body broke off")  # a new one: raised, it keeps its request alive
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


async def _gather(protocol: Any, environ: dict[str, Any], limit: int, announced: int | None) -> bytes:
    """Return a body, part by part; raise TimeoutError, `TooLarge`, or `Malformed` for one that breaks off.

    granian hands out one empty part at the end, and one more where the body breaks off, or has trailers: they are to be
    announced, and may be.
    """
    clock = asyncio.get_running_loop().time
    latest = clock() + LONGEST_SECONDS
    parts: list[bytes] = []
    size = ends = 0
    async with asyncio.timeout(SILENCE_SECONDS) as patience:
        async for part in protocol:
            parts.append(part)
            size += len(part)
            ends += not part
            if size == announced:
                return b"".join(parts)
            if size > limit:
                raise TooLarge
            patience.reschedule(min(clock() + SILENCE_SECONDS, latest))
    most = 2 if "HTTP_TRAILER" in environ else 1
    if announced is not None or (ends > most and environ["SERVER_PROTOCOL"].startswith("HTTP/1")):
        raise Malformed
    return b"".join(parts)


def _refuse(environ: dict[str, Any], limit: int) -> None:
    """Leave the meaning of a body that is too large: the client may still be sending it."""
    environ[PROBLEM] = TooLarge(f"over {limit} bytes")
    environ["CONTENT_LENGTH"] = "0"
    environ[UNREAD] = True


async def drain(protocol: Any) -> None:
    """Throw away what a client still sends of a body that was refused, so that it comes to read the answer."""
    size = 0
    with suppress(Exception):
        protocol.__aiter__()  # granian says no where it was begun already
    with suppress(Exception, StopAsyncIteration):  # as above, or it goes on for too long
        async with asyncio.timeout(DRAINING_SECONDS):
            while size <= DRAINED:
                size += len(await protocol.__anext__())


_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_EMPTY = BytesIO()
