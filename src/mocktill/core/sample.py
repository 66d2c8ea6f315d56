"""A sample request of an operation: as values for the pipeline, and as a line of curl for a person."""

from __future__ import annotations

import re
import shlex
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import orjson

from mocktill.core.api import JSON, Api, Operation, Request, Sample
from mocktill.core.bodies import FORM

PLAIN = "[],:@/"
"""What stays as it is in a query, as the vendors write it: `fields[purchases]=a,b`."""
BRACKETS = re.compile(r"[\[\]{}]")
DOTS = re.compile(r"/\.{1,2}(?:/|$)")
PRINTED = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,:;_{}[]"')
"""What stands for itself in what `printf` is given."""
USUAL = {"GET": False, "POST": True}
"""The methods that curl takes by itself: without a body, and with one."""


@dataclass(frozen=True)
class Shown:
    """A credential as it is sent: headers, query parameters, or both."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def show(api: Api, credential: str) -> Shown:
    """Return how a credential is shown to an API, by the first of its security schemes; without one not at all."""
    scheme: JSON = next(iter(api.dialect.security.values()), {})
    match scheme:
        case {"type": "apiKey", "in": "query", "name": str(name)}:
            return Shown(query={name: credential})
        case {"type": "apiKey", "in": "header", "name": str(name)}:
            return Shown({name: credential})
        case {"type": "http", "scheme": "basic"}:
            return Shown({"Authorization": "Basic " + b64encode(f"{credential}:".encode()).decode()})
        case {"type": "http"}:
            return Shown({"Authorization": f"Bearer {credential}"})
    return Shown()


def pick(value: JSON, pointer: str) -> JSON:
    """Return what a JSON pointer leads to; raise LookupError or ValueError where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def path_of(api: Api, operation: Operation, args: Mapping[str, str]) -> str:
    """Return the path of an operation under its first prefix, not yet percent-encoded."""
    return api.prefixes_of(operation)[0] + re.sub(r"{(\w+)}", lambda name: args[name[1]], operation.path)


def request(
    api: Api,
    operation: Operation,
    sample: Sample,
    base_url: str,
    args: Mapping[str, str] | None = None,
    credential: str | None = None,
) -> Request:
    """Return the request that a sample stands for, with the API's own credential or another.

    `args` are path arguments beside the sample's, or instead of them. The body is sent as JSON, or as the form that the
    operation reads; an operation that asks for no credential is shown none.
    """
    args = {**sample.args, **(args or {})}
    shown = Shown() if operation.open else show(api, api.credential if credential is None else credential)
    headers = {name.lower(): value for name, value in shown.headers.items()}
    if sample.body is not None:
        headers["content-type"] = FORM if operation.form else "application/json"
    return Request(
        method=operation.method,
        path=path_of(api, operation, args),
        query=urlencode({**sample.query, **shown.query}, safe=PLAIN, quote_via=quote),
        headers=headers,
        body=_written(operation, sample.body),
        base_url=base_url,
        operation=operation,
        args=args,
    )


def _written(operation: Operation, body: JSON) -> bytes:
    if body is None:
        return b""
    return urlencode(body).encode() if operation.form and isinstance(body, dict) else orjson.dumps(body)


def url(request: Request) -> str:
    """Return the address of a request, percent-encoded."""
    parts = [quote(part, safe="@:+,;=") for part in request.path.split("/")]
    return request.base_url + "/".join(parts) + (f"?{request.query}" if request.query else "")


def curl(request: Request) -> str:
    """Return one line that sends the request when it is pasted into a POSIX shell."""
    address = url(request)
    words = ["curl"]
    if BRACKETS.search(address):
        words.append("-g")  # else curl takes them for a list of addresses
    if DOTS.search(request.path):
        words.append("--path-as-is")
    if request.method == "HEAD":
        return shlex.join([*words, "-I", *_headers(request), address])  # which sends no body
    if USUAL.get(request.method) is not bool(request.body):
        words += ["-X", request.method]
    words += _headers(request)
    if request.body and "content-type" not in request.headers:
        words += ["-H", "Content-Type:"]  # else curl says that it is a form
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # no shell passes that on as an argument
        return f"printf {_octal(request.body)} | {shlex.join([*words, '--data-binary', '@-', address])}"
    if text:
        words += ["--data-raw" if text.startswith("@") else "-d", text]
    return shlex.join([*words, address])


def _octal(body: bytes) -> str:
    """Return bytes as `printf` takes them."""
    return shlex.quote("".join(chr(byte) if chr(byte) in PRINTED else f"\\{byte:03o}" for byte in body))


def _headers(request: Request) -> list[str]:
    return [word for name, value in request.headers.items() for word in _header(name, value)]


def _header(name: str, value: str) -> list[str]:
    if not value:
        return ["-H", f"{name.title()};"]  # with a colon curl would leave it out
    if name == "authorization" and value.startswith("Basic "):
        return ["-u", b64decode(value.removeprefix("Basic ")).decode()]
    return ["-H", f"{name.title()}: {value}"]
