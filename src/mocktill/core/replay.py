"""A request of the journal, as it can be asked again: with a placeholder where a secret was masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import orjson

from mocktill.core.api import JSON, Api, Request
from mocktill.core.app import ENTRY, HEADERS, POSTPONED, SANDBOX, STRIKE, VendorApp
from mocktill.core.bodies import FORM, media_type
from mocktill.core.catalogue import Shelf
from mocktill.core.entry import BODY, LINE, Entry
from mocktill.core.pages import find_page
from mocktill.core.passing import KEY
from mocktill.core.repair import unmasked
from mocktill.core.sample import show
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import MASK, NOTE

CUT = "it is longer than the journal keeps, so that it cannot be asked again as it was"

ALIKE = "the key is one of the factory state that is answered alike"


@dataclass(frozen=True)
class Repeat:
    """A request as it can be asked again, and in words what is different in it; `keyed` is whether its key is."""

    request: Request
    said: tuple[str, ...] = ()
    keyed: bool = False


def entry_of(box: Sandbox, number: int) -> Entry:
    """Return the entry with this number; raise KeyError in words where it is not kept."""
    entry = box.journal.get(number)
    if entry is None:
        raise KeyError(f"there is no entry {number}, or it had to make room")
    return entry


def is_cut(entry: Entry) -> bool:
    """Whether the journal has not kept all of a request."""
    told = entry.request_headers.get("content-length", "")
    length = int(told) if told.isascii() and told.isdecimal() and len(told) < LINE else None
    body = len(entry.request_body) >= BODY if length is None else length > BODY
    masked = MASK in entry.path and len(entry.path) >= NOTE
    long = (entry.path, entry.query, *entry.request_headers.values())
    return body or masked or any(len(text) >= LINE for text in long)


def repeat(shelf: Shelf, entry: Entry, credential: str | None = None) -> Repeat:
    """Return the request of an entry, with this credential, or the API's own, in the place of one that was masked.

    What else was masked is taken from the sample of the operation, or left out. Raises ValueError in words where nobody
    could read the request of a page: asked again it would be shown, and journalled nowhere.
    """
    api, said = shelf.api, []
    if entry.operation is None and find_page(api.pages, entry.method, entry.path) is not None:
        raise ValueError(f"the request of entry {entry.id} could not be read, and {entry.path} is a page otherwise")
    headers = {name: value for name, value in entry.request_headers.items() if MASK not in name + value}
    parameters = entry.query.split("&") if entry.query else []
    kept = [parameter for parameter in parameters if MASK not in parameter]
    hidden = [name for name in entry.request_headers if name not in headers]
    unsaid = [unquote_plus(parameter.partition("=")[0]) for parameter in parameters if parameter not in kept]
    keyed = any(name in _places(api, "header") for name in hidden) or any(
        name in _places(api, "query") for name in unsaid
    )
    if keyed:
        shown = show(api, api.credential if credential is None else credential)
        headers |= {name.lower(): value for name, value in shown.headers.items()}
        kept += [urlencode({name: value}) for name, value in shown.query.items()]
        said.append(KEY if credential in {None, api.credential} else ALIKE)
    said += [f"the header {name} is left out, which is masked" for name in hidden if name not in _places(api, "header")]
    said += [f"`{name}` is left out, which is masked" for name in unsaid if name not in _places(api, "query")]
    if MASK in entry.path:
        said.append("a part of the path is masked")
    body, told = _body(shelf, entry)
    operation = None if entry.operation is None else api.operation(entry.operation)
    made = Request(entry.method, entry.path, "&".join(kept), headers, body, entry.base_url, operation)
    return Repeat(made, (*said, *told), keyed)


def send(app: VendorApp, box: Sandbox, request: Request) -> Entry:
    """Ask a vendor in a sandbox, in process and without any delay; return the journal's entry."""
    environ = _environ(box, request)
    with box.lock:
        _ask(app, environ)
        while POSTPONED in environ:
            environ[STRIKE] = environ.pop(POSTPONED)
            _ask(app, environ)
    entry: Entry = environ[ENTRY]
    return entry


def _ask(app: VendorApp, environ: dict[str, Any]) -> None:
    b"".join(app(environ, lambda status, headers, error=None: lambda data: None))


def _environ(box: Sandbox, request: Request) -> dict[str, Any]:
    scheme, _, rest = request.base_url.partition("://")
    host, slash, path = rest.partition("/")
    headers = {**request.headers, "host": host}
    if request.body or "content-length" in headers:
        headers["content-length"] = str(len(request.body))
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": slash + path,
        "PATH_INFO": request.path.encode(errors="replace").decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": host,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(request.body),
        HEADERS: headers,
        SANDBOX: box,
    }


def _places(api: Api, place: str) -> frozenset[str]:
    """Return the names of headers or parameters in which an API is shown a credential."""
    found = set()
    for scheme in api.dialect.security.values():
        if scheme.get("in") == place:
            found.add(scheme["name"].lower() if place == "header" else scheme["name"])
        elif scheme["type"] == "http" and place == "header":
            found.add("authorization")
    return frozenset(found)


def _body(shelf: Shelf, entry: Entry) -> tuple[bytes, tuple[str, ...]]:
    """Return a body without what was masked in it, and in words what is different."""
    body, operation = entry.request_body, entry.operation
    if MASK.encode() not in body:
        return body, ()
    sample = None if operation is None else shelf.api.operation(operation).sample.body
    try:
        form = media_type(entry.request_headers) == FORM
        value: JSON = dict(parse_qsl(body.decode(), keep_blank_values=True)) if form else orjson.loads(body)
    except ValueError:
        return body, ("a part of the body is masked",)
    if not isinstance(value, Mapping | list):
        return body, ("a part of the body is masked",)
    whole, said = unmasked(value, sample)
    return (urlencode(whole).encode() if form else orjson.dumps(whole)), said
