"""Why a call is refused: problem details (RFC 9457), and which exception becomes which."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from werkzeug.http import HTTP_STATUS_CODES

from mocktill.core.api import JSON, Violation
from mocktill.core.contract import Unacceptable
from mocktill.core.errors import Full, Malformed, TooLarge, TooSlow
from mocktill.core.secrets import MASK, secret

MEDIA_TYPE = "application/problem+json"
SOURCE = "Mocktill, control API"
"""The rule of a violation that says in a sentence what is wrong with a value."""


class Missing(KeyError):
    """There is nothing under a name that a request gives: says so in words, and `violations` where the name stands."""

    def __init__(self, said: str, violations: tuple[Violation, ...]) -> None:
        super().__init__(said)
        self.violations = violations


class Unready(Exception):
    """The server cannot answer yet, or not at all: says which API does not."""


class Unavailable(Exception):
    """The server was installed without what this needs: says how to install it."""


@dataclass(frozen=True)
class Problem:
    """A refusal: its status, why in a sentence, what is wrong where, and the headers that go with it."""

    status: int
    detail: str
    violations: tuple[Violation, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> JSON:
        """Return the problem as its JSON object."""
        title = HTTP_STATUS_CODES[self.status]
        told = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        return {**told, "violations": [asdict(found) for found in self.violations]} if self.violations else told


def problem_of(error: Exception) -> Problem | None:
    """Return what a client is told of an exception; None where it is nothing of the client's making."""
    match error:
        case Malformed():
            return Problem(400, error.detail)
        case TooLarge():
            return Problem(413, error.detail)
        case TooSlow():
            return Problem(408, error.detail)
        case Unacceptable():
            return refused(error.violations)
        case Full():
            return Problem(409, str(error))
        case Unready():
            return Problem(503, str(error))
        case Unavailable():
            return Problem(501, str(error))
        case Missing(args=(str(said),)):
            return Problem(404, said, error.violations)
        case KeyError(args=(str(said),)):
            return Problem(404, said)
        case ValueError():
            return Problem(422, str(error))
    return None


def refused(violations: tuple[Violation, ...]) -> Problem:
    """Return the problem of a request that breaks its schema. Here nothing is tolerated: each violation is an error."""
    told = tuple(replace(found, severity="error", got=_shown(found)) for found in violations)
    first, more = told[0], len(told) - 1
    place = f"{first.at}{first.pointer and f' at {first.pointer}'}"
    detail = f"{place}: {first.said}" + (f"; and {more} more" if more else "")
    return Problem(422, detail, told)


def _shown(found: Violation) -> str:
    """Return what came, masked where it is a text in a place for a secret: an answer is kept in logs."""
    return MASK if found.got.startswith('"') and secret(found.pointer.rpartition("/")[2]) else found.got
