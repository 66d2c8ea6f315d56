"""Faults under a WSGI server that is not ours: as far as such a server allows, and in the thread that it gave us."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING, Any

from mocktill.core.app import EFFECT, POSTPONED, STRIKE
from mocktill.core.turn import WHOLE, Effect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

SOCKETS = ("werkzeug.socket", "gunicorn.socket")
"""Where servers leave the connection in the environment."""


class ConnectionLost(ConnectionAbortedError):
    """A fault ends the connection here: the server is left to close it."""


def answer_plainly(app: WSGIApplication, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request, and do to the answer what a fault says.

    A delay holds the server's thread. A connection that is to end, or never to be answered, is closed where the server
    shows its socket; otherwise `ConnectionLost` is raised, and the server does what it does then.
    """
    path, script = environ["PATH_INFO"], environ.get("SCRIPT_NAME", "")
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        started[:] = status, headers
        return None

    chunks = app(environ, start)
    if POSTPONED in environ:
        postponed = environ.pop(POSTPONED)
        sleep(postponed.seconds)
        environ.update({STRIKE: postponed, "PATH_INFO": path, "SCRIPT_NAME": script})
        chunks = app(environ, start)
    effect: Effect | None = environ.pop(EFFECT, None)
    status, headers = started
    if effect is None:
        start_response(status, headers)
        return chunks
    sleep(effect.delay_seconds)
    if effect.connection == WHOLE:
        start_response(status, headers)
        return chunks
    body = b"".join(chunks)
    if effect.connection == "cut" and len(body) > 1:
        start_response(status, headers)  # with the length of the whole
        return _broken(body[: len(body) // 2], environ)
    _close(environ)
    raise ConnectionLost(f"a fault: {effect.connection}")


def _broken(part: bytes, environ: dict[str, Any]) -> Iterable[bytes]:
    yield part
    _close(environ)
    raise ConnectionLost("a fault: cut")


def _close(environ: dict[str, Any]) -> None:
    for name in SOCKETS:
        if name in environ:
            with suppress(OSError):
                environ[name].shutdown(socket.SHUT_RDWR)
