"""Who may steer: a bearer token, else a Host that is this machine, and never another site's page."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from typing import Any

from mocktill.control.problem import Problem
from mocktill.core.bodies import media_type

LOCAL = ("localhost", "127.0.0.1", "[::1]")
JSON_TYPE = "application/json"
SAFE = frozenset({"GET", "HEAD"})
PORTS = {"http": "80", "https": "443"}
Environ = Mapping[str, Any]


class Guard:
    """Decides who may ask the control API. With a `token` it has to be shown; without one the Host has to be local.

    `hosts` are allowed beside those of this machine: names without a port. Raises ValueError for a token that no
    header can carry.
    """

    def __init__(self, token: str | None = None, hosts: Collection[str] = ()) -> None:
        if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
            raise ValueError("a token is of printable ASCII characters without a blank, one at the least")
        self._token = None if token is None else token.encode()
        self._hosts = frozenset(name_of(host) for host in (*LOCAL, *hosts))

    def check(self, environ: Environ) -> Problem | None:
        """Return why this request is refused; None where it may be answered."""
        return (
            (self._check_host(environ) if self._token is None else self._check_token(environ))
            or _check_origin(environ)
            or _check_site(environ)
            or _check_type(environ)
        )

    def _check_token(self, environ: Environ) -> Problem | None:
        scheme, _, shown = environ.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        expected = self._token or b""
        if scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(errors="replace"), expected):
            return None
        said = "this server has a token: send it as `Authorization: Bearer …`"
        return Problem(401, said, headers=(("WWW-Authenticate", "Bearer"),))

    def _check_host(self, environ: Environ) -> Problem | None:
        if name_of(environ.get("HTTP_HOST", "")) in self._hosts:
            return None
        said = "this Host may not steer the server: start it with `--allow-host` and this name, or with a token"
        return Problem(403, said)


def name_of(host: str) -> str:
    """Return a Host without its port and without the dot at its end, in lower case."""
    name = host.strip().lower()
    address, closing, port = name.partition("]")
    if closing:
        return address + closing if not port or port.startswith(":") else name
    return name.partition(":")[0].removesuffix(".")


def _check_origin(environ: Environ) -> Problem | None:
    origin = environ.get("HTTP_ORIGIN")
    own = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
    if origin is None or _with_port(origin) == _with_port(own):
        return None
    return Problem(403, "a page of another origin may not steer the server")


def _with_port(origin: str) -> str:
    scheme, _, place = origin.strip().lower().partition("://")
    port = place.removeprefix(name_of(place)).removeprefix(".").removeprefix(":")
    return f"{scheme}://{name_of(place)}:{port or PORTS.get(scheme, '')}"


def _check_site(environ: Environ) -> Problem | None:
    """A browser says whence a request comes, even where it sends no Origin; following a link is no harm."""
    site = environ.get("HTTP_SEC_FETCH_SITE", "none").strip().lower()
    followed = environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
    if site in {"none", "same-origin"} or followed:
        return None
    return Problem(403, "a page of another site may not steer the server")


def _check_type(environ: Environ) -> Problem | None:
    """Forms and plain text are what a page can send without asking; JSON is not."""
    told = environ.get("CONTENT_TYPE", "")
    if media_type({"content-type": told}) == JSON_TYPE:
        return None
    if has_body(environ) or (told and environ["REQUEST_METHOD"] not in SAFE):
        return Problem(415, f"a body is sent as {JSON_TYPE}")
    return None


def has_body(environ: Environ) -> bool:
    """Whether the request announces a body."""
    return environ.get("CONTENT_LENGTH", "") not in {"", "0"} or bool(environ.get("HTTP_TRANSFER_ENCODING"))
