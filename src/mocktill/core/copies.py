"""A request as text that sends it again: a line of curl, JavaScript, or Python."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from mocktill.core.api import JSON, Request
from mocktill.core.bodies import FORM, check_depth, media_type
from mocktill.core.errors import Malformed
from mocktill.core.literals import NO_NAMES, Names, js, laid, lasts, py
from mocktill.core.sample import DOTS, url
from mocktill.core.sample import curl as curl

JSON_TYPE = "application/json"
WIDE = 100
"""How many characters a call has on one line."""
PATIENCE_SECONDS = 10
CLIENTS = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "accept-language", "keep-alive"}
    | {"te", "trailer", "upgrade", "user-agent", "origin", "referer", "expect", "via", "date", "dnt", "priority"}
    | {"forwarded", "cookie", "pragma", "cache-control"}
)
"""Headers that each client makes for itself; most of them a page may not even set."""
PREFIXES = ("sec-", "proxy-", "x-forwarded-", "access-control-request-")
UNSENDABLE = frozenset({"CONNECT", "TRACE", "TRACK"})
"""Methods that no page may use."""
BODILESS = frozenset({"GET", "HEAD"})
USUAL = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def plain(request: Request) -> tuple[Request, tuple[str, ...]]:
    """Return a request without the headers that clients make themselves, and what else was left out, in words."""
    own = {name: value.strip() for name, value in request.headers.items() if not _is_clients(name, value)}
    kept = {name: value for name, value in own.items() if _TOKEN.fullmatch(name) and _is_plain(value)}
    said = tuple(f"the header {name!a} is left out: it is no plain text" for name in own if name not in kept)
    query = "".join(letter if _is_plain(letter) and letter != " " else _encoded(letter) for letter in request.query)
    return replace(request, headers=kept, query=query), said


def limits(request: Request) -> Iterator[str]:
    """Yield in words what some of the clients cannot send of a request."""
    if request.method in UNSENDABLE:
        yield f"no page may send {request.method}"
    if request.method in BODILESS and request.body:
        yield f"{'curl and fetch send' if request.method == 'HEAD' else 'fetch sends'} no body with {request.method}"
    if DOTS.search(request.path):
        yield "only curl leaves the dots in the path as they are"


def fetch(request: Request) -> str:
    """Return a JavaScript expression, for a page or Node.js, whose value is the Response."""
    options: list[str] = []
    if request.method != "GET":
        options.append(f"method: {js(request.method)}")
    if request.headers:
        options.append(f"headers: {laid(_titled(request), js, '  ')}")
    if request.body and request.method not in BODILESS:
        options.append(f"body: {_js_body(request)}")
    if not options:
        return f"await fetch({js(url(request))})"
    return f"await fetch({js(url(request))}, {{\n" + "".join(f"  {option},\n" for option in options) + "})"


def python(*requests: Request) -> str:
    """Return a script that sends requests one after the other with the package `requests`."""
    calls = [f"answer = {call(request)}\nprint(answer.status_code, answer.text)\n" for request in requests]
    return "\n".join(["import requests\n", *calls])


def call(request: Request, base: str = "", names: Names = NO_NAMES, *, redirects: bool = True) -> str:
    """Return a call of the package `requests`.

    `base` is the variable that has the base URL, if one has it; values in `names` stand there by their names.
    """
    headers, given = _titled(request), [_address(request, base, names)]
    if request.method not in USUAL:
        given.insert(0, py(request.method))
    auth = _basic(headers.get("Authorization", ""))
    if auth is not None:
        del headers["Authorization"]
        given.append(f"auth=({py(auth[0])}, {py(auth[1])})")
    name, body = _content(request, names)
    if body.startswith(("{", "[")):
        headers.pop("Content-Type", None)  # the client says it by itself
    if headers:
        given.append(f"headers={laid(headers, py, '    ')}")
    if body:
        given.append(f"{name}={body}")
    if not redirects:
        given.append("allow_redirects=False")
    given.append(f"timeout={PATIENCE_SECONDS}")
    how = f"requests.{request.method.lower() if request.method in USUAL else 'request'}("
    one = f"{how}{', '.join(given)})"
    return one if len(one) <= WIDE and "\n" not in one else f"{how}\n" + "".join(f"    {it},\n" for it in given) + ")"


def value_of(body: bytes) -> JSON:
    """Return the value of a body that says this value and nothing else; None for any other, and for what nests deep."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once)
        json.dumps(value, allow_nan=False)
        check_depth(value)  # a program's source may not be as deep as JSON
    except (ValueError, RecursionError, Malformed):
        return None
    return value


def fields_of(body: bytes) -> dict[str, str] | None:
    """Return the fields of a form that is written as clients write it; None for any other body."""
    try:
        fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True))
    except ValueError:
        return None
    return fields if urlencode(fields).encode() == body else None


def _is_clients(name: str, value: str) -> bool:
    return name in CLIENTS or name.startswith(PREFIXES) or (name == "accept" and value == "*/*")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _encoded(letter: str) -> str:
    """Return a character of a query as the bytes that came: they were read as Latin-1."""
    return quote(letter, safe="", encoding="latin-1" if ord(letter) < 256 else "utf-8", errors="replace")


def _titled(request: Request) -> dict[str, str]:
    return {name.title(): value for name, value in request.headers.items()}


def _content(request: Request, names: Names) -> tuple[str, str]:
    """Return the argument that is given a body, and the body; nothing where there is none."""
    body, kind = request.body, request.headers.get("content-type", "")
    value = value_of(body) if kind == JSON_TYPE else None
    if isinstance(value, dict | list):
        return "json", laid(value, py, "    ", names)
    fields = fields_of(body) if kind == FORM and body else None
    if fields is not None:
        return "data", laid(fields, py, "    ", names)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "data", repr(body)
    return "data", "" if not body else f"b{py(text)}" if text.isascii() else f"{py(text)}.encode()"


def _once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _basic(shown: str) -> tuple[str, str] | None:
    """Return user and password; None where something else is shown."""
    try:
        user, colon, password = b64decode(shown.removeprefix("Basic "), validate=True).decode("ascii").partition(":")
    except ValueError:
        return None
    return (user, password) if shown.startswith("Basic ") and colon and (user + password).isprintable() else None


def _address(request: Request, base: str, names: Names) -> str:
    """Return a URL in Python; what stands in it by a name, or by the name of its base, does so in an f-string."""
    if not base and not names:
        return py(url(request))
    known = {str(value): name for value, name in names.items()}
    first, *parts = request.path.split("/")
    written = f"{{{base}}}" if base else _braced(request.base_url)
    written += _braced(quote(first)) + "".join(f"/{_part(part, known)}" for part in parts)
    if request.query:
        written += "?" + "&".join(_parameter(parameter, known) for parameter in request.query.split("&"))
    return f"f{py(written)}"


def _part(part: str, known: Mapping[str, str]) -> str:
    return f"{{{known[part]}}}" if part in known else _braced(quote(part, safe="@:+,;="))


def _parameter(parameter: str, known: Mapping[str, str]) -> str:
    name, equals, value = parameter.partition("=")
    found = known.get(unquote_plus(value))
    return _braced(parameter) if found is None else f"{_braced(name + equals)}{{{found}}}"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _js_body(request: Request) -> str:
    kind = request.headers.get("content-type")
    value = value_of(request.body) if media_type(request.headers) == JSON_TYPE else None
    if isinstance(value, dict | list) and lasts(value):
        return f"JSON.stringify({laid(value, js, '  ')})"
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        return f"new Uint8Array([{', '.join(map(str, request.body))}])"
    return js(text) if kind else f"new TextEncoder().encode({js(text)})"  # a text would say a type by itself
