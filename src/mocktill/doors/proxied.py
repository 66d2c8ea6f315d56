"""A server behind a proxy: its links are those of the proxy, as far as that is trusted to tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

SCHEME, PREFIX = "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PREFIX"
SCHEMES = ("http", "https")


class BehindProxy:
    """A WSGI application whose one proxy says by `X-Forwarded-Proto`, `-Host` and `-Prefix` how it is reached.

    Only what the last proxy has said counts; a scheme that is none, and a prefix that is no path, count as unsaid.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = ProxyFix(app, x_for=0, x_proto=1, x_host=1, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if _last(environ, SCHEME) not in SCHEMES:
            environ.pop(SCHEME, None)
        prefix = _last(environ, PREFIX).rstrip("/")
        environ[PREFIX] = prefix if prefix.startswith("/") and not prefix.startswith("//") else ""
        return self._app(environ, start_response)


def _last(environ: dict[str, Any], name: str) -> str:
    return str(environ.get(name, "")).rpartition(",")[2].strip()
