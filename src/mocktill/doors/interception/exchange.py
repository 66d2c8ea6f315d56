"""One request and its answer without a socket: through the same app as on a server, and no fault is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mocktill.core.app import EFFECT, POSTPONED, PROBLEM, STRIKE
from mocktill.core.errors import Malformed
from mocktill.core.turn import WHOLE, Effect, Postponed
from mocktill.doors.calling import Answer, call, give_up, rewind
from mocktill.doors.environ import environ_for, joined
from mocktill.doors.front import HEADER, HOST
from mocktill.doors.interception.hosts import plain

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BODILESS = frozenset({204, 304})
"""Statuses whose answers have no body."""
REASONS = {
    203: "Non Authoritative Information",
    413: "Payload Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
"""The reason phrases for which granian and Python, or its versions, have different words."""


class Loss(Enum):
    """What a client sees instead of a whole answer."""

    TIMED_OUT = "timed out"
    DROPPED = "dropped"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a client sent it: `host` as its Host header says, `target` as on its request line.

    `broken` says what is wrong with how its body was written, and `reached` is the host that its connection is to.
    """

    method: str
    scheme: str
    host: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    broken: str = ""
    reached: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What arrives at a client: of a body that is cut the first half, with the length of the whole in the headers.

    `headers` have lower-case names. Where the answer is lost, `loss` says how, and `sentence` why.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    loss: Loss | None = None
    sentence: str = ""

    @property
    def reason(self) -> str:
        """The reason phrase of the status, as a server of ours says it."""
        return REASONS.get(self.status) or (HTTPStatus(self.status).phrase if self.status in _STATUSES else "<none>")


def answer(app: WSGIApplication, sandbox: str, asked: Asked, patience: float | None) -> Answered:
    """Answer a request in a sandbox, at once; `patience` is for how many seconds its client waits, None for ever.

    What a fault delays beyond the client's patience is lost; what it delays for less is not waited for.
    """
    environ = environ_of(asked)
    environ[HEADER] = sandbox
    path = environ["PATH_INFO"]
    answered = call(app, environ)
    waited = 0.0
    if POSTPONED in environ:
        postponed: Postponed = environ.pop(POSTPONED)
        waited = postponed.seconds
        if patience is not None and waited and waited >= patience:
            give_up(postponed, asked.method, path)
            return Answered(503, [], b"", Loss.TIMED_OUT, _late(waited, patience))
        environ[STRIKE] = postponed
        rewind(environ, path)
        answered = call(app, environ)
    effect: Effect = environ.pop(EFFECT, None) or _NO_EFFECT
    return _arriving(asked, answered, effect, waited + effect.delay_seconds, patience)


def environ_of(asked: Asked) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    path, _, query = asked.target.partition("?")
    headers = joined([(name.lower(), value) for name, value in asked.headers if _is_readable(value)])
    headers.setdefault("host", asked.host)
    environ = environ_for(asked.method, unquote(path, errors="replace"), query, asked.scheme, headers)
    environ["wsgi.input"] = BytesIO(asked.body)
    environ["CONTENT_LENGTH"] = str(len(asked.body))
    if asked.broken:
        environ[PROBLEM] = Malformed(asked.broken)
    if asked.reached:
        environ[HOST] = plain(asked.reached)
    return environ


def _is_readable(value: str) -> bool:
    """Whether a server would see this value of a header: ours leaves others out."""
    return value.isascii() and (value.isprintable() or value.replace("\t", " ").isprintable())


def _arriving(asked: Asked, answered: Answer, effect: Effect, waited: float, patience: float | None) -> Answered:
    """Return what arrives of an answer that is this late, over a connection that a fault may have broken."""
    status, headers, body = answered
    headers = [(name.lower(), value) for name, value in headers]
    if status in BODILESS and asked.method != "HEAD":  # as the server: there is no length of what cannot be
        headers = [pair for pair in headers if pair[0] != "content-length"]
    body = b"" if asked.method == "HEAD" or status in BODILESS else body
    if effect.connection == "never":
        said = "the answer never comes" + ("" if patience else ": without a timeout a client waits for it for ever")
        return Answered(status, headers, b"", Loss.TIMED_OUT, said)
    if patience is not None and waited and waited >= patience:
        return Answered(status, headers, b"", Loss.TIMED_OUT, _late(waited, patience))
    if effect.connection == "cut" and len(body) > 1:
        return Answered(status, headers, body[: len(body) // 2], Loss.CUT)
    if effect.connection != WHOLE:
        return Answered(status, headers, b"", Loss.DROPPED)
    return Answered(status, headers, body)


def _late(waited: float, patience: float) -> str:
    return f"a fault delays the answer by {waited:g} s, and its client waits for {patience:g} s"


_NO_EFFECT = Effect()
_STATUSES = frozenset(HTTPStatus)
