"""What a browser shows of a server: the console, the reference and the guide.

Anybody may read these files, since they hold no data: what a page shows it asks the control API for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, request

from mocktill.core.app import CONTROL
from mocktill.core.entry import AS_IT_IS

NOTHING = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip
"""A page gets and asks nothing but its own server's; nothing that stands in it is run."""
INERT = f"{NOTHING}; require-trusted-types-for 'script'; trusted-types lit-html"
"""As well, no text becomes markup but the templates of the library that draws the console."""
INDEX = "index.html"
FIRST = "theme.js"
"""The script that is no module: it runs before anything is drawn."""
MODULES = b"<!-- modules -->"
"""Where in the console's page its modules are named."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""The kinds of files that are served; others in the folders are for people."""
ENDPOINT, HOME = "site.", "console"
ONLY_GET: Any = {"methods": ["GET"], "provide_automatic_options": False}


@dataclass(frozen=True)
class Section:
    """A part of the site: its name in the path, its folder, and the policy that its pages are under."""

    name: str
    folder: Traversable
    policy: str

    @cached_property
    def names(self) -> frozenset[str]:
        """The files below the folder, as paths: no other is ever looked for."""
        return frozenset(_below(self.folder, ""))

    def read(self, path: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and media type; None where there is none."""
        name = path or INDEX
        if name not in self.names:
            return None
        return self.folder.joinpath(*name.split("/")).read_bytes(), TYPES[_suffix(name)]


class Console(Section):
    """The part that is drawn by many small modules."""

    def read(self, path: str) -> tuple[bytes, str] | None:
        """Return a file; the page names every module, so that a browser fetches all at once and not one by one."""
        found = super().read(path)
        if found is None or (path or INDEX) != INDEX:
            return found
        modules = sorted(name for name in self.names if name.endswith(".js") and name != FIRST)
        links = "\n    ".join(f'<link rel="modulepreload" href="{name}">' for name in modules)
        return found[0].replace(MODULES, links.encode()), found[1]


class Guide(Section):
    """The part whose pages are written as Markdown."""

    def read(self, path: str) -> tuple[bytes, str] | None:
        """Return a page as HTML, or a file as it is; None where there is none."""
        if "." in path:
            return super().read(path)
        from mocktill.control import manual  # only who reads needs it, and a start is to be quick

        try:
            return manual.page(path or "index"), TYPES[".html"]
        except KeyError:
            return None


def sections() -> tuple[Section, ...]:
    """Return the parts of the site."""
    root = files("mocktill.control")
    return (
        Console("console", root / "console", INERT),
        Section("reference", root / "reference", NOTHING),
        Guide("guide", root / "guide", NOTHING),
    )


def _below(folder: Traversable, prefix: str) -> list[str]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _below(entry, f"{prefix}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            found.append(prefix + entry.name)
    return found


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


def add_site(app: Flask) -> None:
    """Serve the site below the control API's prefix."""
    for section in sections():
        root = f"{CONTROL}/{section.name}"
        app.add_url_rule(root, f"{ENDPOINT}{section.name}", _lead(f"{root}/"), **ONLY_GET)
        app.add_url_rule(f"{root}/", f"{ENDPOINT}{section.name}.index", _view(section), **ONLY_GET)
        app.add_url_rule(f"{root}/<path:path>", f"{ENDPOINT}{section.name}.file", _view(section), **ONLY_GET)


def is_site(endpoint: str | None) -> bool:
    """Whether what was asked for is a file of the site, which everybody may read."""
    return endpoint is not None and endpoint.startswith(ENDPOINT)


def home() -> Response:
    """Lead a browser to the console; the token stays in the fragment, which is kept."""
    response = _leading(f"{CONTROL}/{HOME}/")
    response.headers["Vary"] = "Accept"
    return response


def wants_page() -> bool:
    """Whether whoever asks would rather have a page than JSON."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _lead(path: str) -> Callable[[], Response]:
    return lambda: _leading(path)


def _leading(path: str) -> Response:
    """Lead there below the prefix of a sandbox, which anybody may have written as no name is."""
    return Response(status=302, headers={"Location": quote(request.script_root, safe=AS_IT_IS) + path})


def _view(section: Section) -> Callable[..., Response]:
    def show(path: str = "") -> Response:
        found = section.read(path)
        if found is None:
            abort(404)
        return _file(*found, section.policy)

    return show


def _file(content: bytes, media_type: str, policy: str) -> Response:
    """Return a file that a browser may keep as long as it asks whether it is still the same."""
    response = Response(content, content_type=media_type)
    response.headers.update(
        {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-cache",
        }
    )
    response.set_etag(sha256(content).hexdigest()[:32])
    response.make_conditional(request)
    return response
