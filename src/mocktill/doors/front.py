"""The front door: picks the sandbox and the vendor of a request, answers preflights, lets pages read answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mocktill.core.app import (
    CONTROL,
    EDGE,
    HASTY,
    HEADERS,
    NOT_YET,
    PROBLEM,
    SANDBOX,
    SANDBOX_NAME,
    STRIKE,
    UNMADE,
    VendorApp,
)
from mocktill.core.errors import Malformed
from mocktill.core.names import is_name
from mocktill.core.sandbox import DEFAULT
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.plain import answer_plainly
from mocktill.doors.serving.requestid import HEADER as REQUEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

Environ = dict[str, Any]

HEADER = "HTTP_MOCKTILL_SANDBOX"
SCHEME = "HTTP_MOCKTILL_SCHEME"
HOST = "HTTP_MOCKTILL_HOST"
SCHEMES = {"http", "https"}
LED = ("mocktill-sandbox", "mocktill-scheme", "mocktill-host")
"""The headers of a call that was led to here, which its client knows nothing of."""
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL}){{0,20}}\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([0-9]{{1,5}}))?")
_TOLD = re.compile(r"(?:mocktill|x)-|(?:preference-applied|retry-after|allow)$", re.IGNORECASE)
"""The response headers that a page on another origin may read, beside those that it always may."""
LAST_PORT = 65535
LONGEST_HOST = 300
"""Of how many characters a Host header may be: a name has 253 at the most, and a port follows."""


class FrontDoor:
    """A WSGI application around the vendors' and the root's: everything comes in here.

    The sandbox is `/~name` at the beginning of the path, else the header `Mocktill-Sandbox`, else `default`. The
    vendor is the first segment of the path, or the one that the Host header names, or, whatever that says, the one that
    a call was meant for which was led to here. One that is served alone is at the root, and no other is anywhere.
    """

    def __init__(
        self,
        root: WSGIApplication,
        vendors: Mapping[str, VendorApp],
        sandboxes: Sandboxes,
        only: str | None = None,
    ) -> None:
        self._root = root
        self._only = vendors[only] if only else None
        self._vendors = {} if only else vendors
        self._sandboxes = sandboxes
        served = [self._only] if self._only is not None else vendors.values()
        self._hosts = {host: app for app in served for host in app.shelf.api.hosts}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        host = environ.get("HTTP_HOST", "")
        name, told = self._enter(environ)
        vendor = self._vendor(environ, host, told)
        if host and not _is_host(host):
            environ[PROBLEM] = Malformed("the Host header is no host")
        if vendor is None:
            environ[SANDBOX_NAME] = name
            return self._root(environ, start_response)
        if "HTTP_ORIGIN" in environ:
            if environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
                return _preflight(environ, start_response)
            start_response = _readable(start_response)
        if HASTY in environ and name not in self._sandboxes and is_name(name):
            environ[UNMADE] = True
            return NOT_YET(environ, start_response)
        try:
            environ[SANDBOX] = environ[STRIKE].box if STRIKE in environ else self._sandboxes.get(name)
        except ValueError as error:
            environ[SANDBOX], environ[PROBLEM] = self._sandboxes.default, Malformed(str(error))
        if EDGE in environ:
            return vendor.wsgi_app(environ, start_response)
        return answer_plainly(vendor.wsgi_app, environ, start_response)

    def _enter(self, environ: Environ) -> tuple[str, str]:
        """Move `/~name` from the path to the script's name; return the sandbox's name, and the prefix still to be told.

        Links name the sandbox that a header names: whoever follows one sends no such header.
        """
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith("/~"):
            name = str(environ.get(HEADER) or DEFAULT)
            return name, "" if name == DEFAULT or not is_name(name) else f"/~{name}"
        segment, _, rest = path[1:].partition("/")
        _descend(environ, f"/{segment}", rest)
        return segment[1:], ""

    def _vendor(self, environ: Environ, host: str, told: str) -> VendorApp | None:
        led = environ.get(HOST)
        by_host = (self._hosts.get(_name(led[:LONGEST_HOST])) if led else None) or self._hosts.get(
            _name(host[:LONGEST_HOST])
        )
        if by_host is not None:
            _take_scheme(environ)
            return by_host
        path: str = environ["PATH_INFO"]
        if self._only is not None and path != CONTROL and not path.startswith(CONTROL + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + told
            return self._only
        segment, _, rest = path[1:].partition("/")
        vendor = self._vendors.get(segment)
        if vendor is not None:
            _descend(environ, f"{told}/{segment}", rest)
        return vendor


@lru_cache(maxsize=256)
def _name(host: str) -> str:
    return host.partition(":")[0].lower().rstrip(".")


def _is_host(host: str) -> bool:
    return len(host) <= LONGEST_HOST and _reads_as_host(host)


@lru_cache(maxsize=256)
def _reads_as_host(host: str) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and int(found[1] or 0) <= LAST_PORT


def _descend(environ: Environ, prefix: str, rest: str) -> None:
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
    environ["PATH_INFO"] = f"/{rest}"


def _take_scheme(environ: Environ) -> None:
    """Let links begin as the client began, where whoever led its call to here says how: it sent no such header.

    Nor did it name the sandbox, which whoever led it did.
    """
    scheme = environ.pop(SCHEME, None)
    if scheme in SCHEMES:
        environ["wsgi.url_scheme"] = scheme
        for name in LED:
            environ.get(HEADERS, {}).pop(name, None)


def _preflight(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Allow what a page on another origin asks for; no credentials mode, so any origin may."""
    headers = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]),
        ("Access-Control-Max-Age", "600"),
        ("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    if wanted := environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"):
        headers.append(("Access-Control-Allow-Headers", wanted))
    start_response("204 No Content", headers)
    return []


def _readable(start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
        told = sorted({REQUEST_ID, *[name for name, _ in headers if _TOLD.match(name)]})
        cross = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", ", ".join(told))]
        own = {name.lower() for name, _ in headers}  # a fault rule may have its own
        return start_response(status, [*headers, *[pair for pair in cross if pair[0].lower() not in own]], *more)

    return start
