"""A vendor as a Flask app: its rules find the operation, the pipeline answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Rule

from mocktill.core import api as core
from mocktill.core.api import Api, Operation
from mocktill.core.catalogue import Shelf
from mocktill.core.engine import handle
from mocktill.core.errors import Malformed, Meaning, NoRoute, TooLarge, WrongMethod
from mocktill.core.pages import Page, Shown, Visit, find_page, plain
from mocktill.core.secrets import masked_text
from mocktill.core.turn import Effect, Postponed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("mocktill")

SANDBOX = "mocktill.sandbox"
"""Where the front door leaves the sandbox in the WSGI environment."""
PROBLEM = "mocktill.problem"
"""Where a door leaves the meaning of a request that it could not read: an invalid Host, too large a body."""
ENTRY = "mocktill.entry"
"""Where the journal's entry is left for the door to log."""
EFFECT = "mocktill.effect"
"""Where the pipeline leaves what a fault does to the connection, for the door to do."""
POSTPONED = "mocktill.postponed"
"""Where the pipeline leaves that a request has to wait before anything is done about it …"""
STRIKE = "mocktill.strike"
"""… and where a door leaves what it was told to wait for, when it asks again."""
EDGE = "mocktill.edge"
"""Set by a door that does to the connection itself what a fault says."""
HASTY = "mocktill.hasty"
"""Set by a door that cannot wait for a sandbox's lock …"""
BUSY = "mocktill.busy"
"""… which finds this set where somebody holds the lock: nothing was done, and it asks again later …"""
UNMADE = "mocktill.unmade"
"""… or this, where the sandbox has to be made, which may take a while: it asks again from where it can wait."""
SANDBOX_NAME = "mocktill.sandbox_name"
"""Where the front door leaves the name of the sandbox that a control call is about."""
HEADERS = "mocktill.headers"
"""Where a door may leave the request's headers by lower-case name, if it has them so."""
PATIENT = "mocktill.patient"
"""Set by a door that can wait for news of a journal without a thread …"""
WAIT = "mocktill.wait"
"""… where a control call leaves the journal and for how many seconds, if there is nothing to answer yet …"""
WAITED = "mocktill.waited"
"""… and where it finds, asked again, for how many seconds the door has waited so far."""
CONTROL = "/_mocktill"
"""Under which path the control API is."""
PROBES = (f"{CONTROL}/health", f"{CONTROL}/ready")
"""What asks whether a server lives and is ready, again and again."""
NO_CONTENT = 204
"""The status whose answer has neither a body nor a length (RFC 9110, 8.6)."""
BODY_LIMIT = 1024 * 1024
REMEMBERED, LONGEST_REMEMBERED = 1024, 256
"""How many paths each vendor knows again, and up to which length."""
UPLOAD_LIMIT = 32 * 1024 * 1024
"""How many bytes the body of a state or a snapshot may have."""


class Whole:
    """An answer of the pipeline as a WSGI response: whole already, so nothing of Flask's has to work on it."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._status = status
        self._headers = headers
        self._body = body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Send it; to HEAD without its body."""
        status = f"{self._status} {HTTP_STATUS_CODES.get(self._status, 'Unknown').upper()}"
        length = [] if self._status == NO_CONTENT else [("Content-Length", str(len(self._body)))]
        start_response(status, [*self._headers, *length])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


NOT_YET = Whole(503, [], b"")
"""What stands in for an answer while the door has to wait: nobody gets it."""


class Inward(Rule):
    """A rule by which paths are read and never written: writing is most of what a rule takes to be made.

    Where another Werkzeug calls it otherwise, the rules are the usual ones.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _unwritten


def _unwritten(rule: Rule, **values: Any) -> tuple[str, str]:
    raise NotImplementedError(f"{rule} is for reading")


class VendorApp(Flask):
    """One vendor. Unknown paths and wrong methods take the same way as requests that match an operation."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(f"mocktill.{shelf.api.name}", static_folder=None)
        self.shelf = shelf
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self.url_map.redirect_defaults = False
        self.operations: dict[str, Operation] = {}
        for operation in shelf.api.operations:
            self.operations[operation.name] = operation
            for path in routes(shelf.api, operation):
                self.url_map.add(Inward(path, methods=[operation.method], endpoint=operation.name))

        self._rules = self.url_map.bind("")  # no rule asks for the host
        self._remembered = lru_cache(REMEMBERED)(self._found)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request to the pipeline and its answer back.

        Flask's contexts, hooks, sessions and signals have no part in it: vendors have none of these, and the pipeline
        has made an answer of every exception.
        """
        return self._reply(environ)(environ, start_response)

    def _reply(self, environ: WSGIEnvironment) -> Whole:
        if HASTY not in environ:
            return self._answer(environ)
        lock = environ[SANDBOX].lock
        if not lock.acquire(blocking=False):
            environ[BUSY] = True
            return NOT_YET
        try:
            return self._answer(environ)
        finally:
            lock.release()

    def _answer(self, environ: WSGIEnvironment) -> Whole:
        waited: Postponed | None = environ.get(STRIKE)
        if waited is not None and waited.generation != waited.box.generation:
            environ[EFFECT] = Effect(connection="drop")  # the world that it came to is gone: it is not for the next one
            return NOT_YET
        if waited is not None:
            waited.over()
        problem, body = read_body(environ)
        problem = environ.get(PROBLEM) or problem
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        operation: Operation | None = None
        args: Mapping[str, str] = {}
        if problem is None:
            operation, args, problem = self._route(method, path)
            if isinstance(problem, NoRoute) and (found := find_page(self.shelf.api.pages, method, path)) is not None:
                return self._visit(environ, path, *found)
        answer = handle(
            environ[SANDBOX],
            self.shelf,
            core.Request(
                method=method,
                path=path,
                query=environ.get("QUERY_STRING", ""),
                headers=environ.get(HEADERS) or headers_of(environ),
                body=body,
                base_url=base_url(environ),
                operation=operation,
                args=args,
                problem=problem,
                root=environ.get("SCRIPT_NAME", ""),
            ),
            None if waited is None else waited.strike,
        )
        if isinstance(answer, Postponed):
            environ[POSTPONED] = answer
            environ["wsgi.input"] = BytesIO(body)  # to be read again
            return NOT_YET
        environ[ENTRY] = answer.entry
        if answer.effect is not None:
            environ[EFFECT] = answer.effect
        return Whole(answer.status, answer.headers, answer.body)

    def _visit(self, environ: WSGIEnvironment, path: str, page: Page, args: Mapping[str, str]) -> Whole:
        """Show what a link leads to: outside the pipeline, so that nothing is journalled, counted or faulty."""
        box, status = environ[SANDBOX], 200
        try:
            with box.reading():
                shown: Shown = page.show(Visit(args, base_url(environ)), box)
        except KeyError as nothing:
            status, shown = 404, plain(f"{nothing.args[0]}.")
        except Exception:
            log.exception("%s: a defect of the sandbox", masked_text(path))
            status, shown = 500, plain("the sandbox failed; its log has the reason.")
        return Whole(status, shown.headers, shown.content)

    def _route(self, method: str, path: str) -> tuple[Operation | None, Mapping[str, str], Meaning | None]:
        if path.startswith("//"):  # Werkzeug would overlook the first
            return None, {}, NoRoute("no operation has an empty part in its path")
        try:
            # most paths are asked for again; a longer one is nobody's, and would be kept
            operation, args = (self._remembered if len(path) <= LONGEST_REMEMBERED else self._found)(method, path)
            return operation, args, None
        except MethodNotAllowed as failed:
            methods = ", ".join(sorted(failed.valid_methods or ()))
            return None, {}, WrongMethod(f"the methods here are {methods}", headers=(("Allow", methods),))
        except NotFound:
            return None, {}, NoRoute("no operation has this path")
        except HTTPException:
            return None, {}, Malformed("the request line cannot be read")

    def _found(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        rule, args = self._rules.match(path, method, return_rule=True)
        return self.operations[rule.endpoint], args


def routes(api: Api, operation: Operation) -> list[str]:
    """Return the paths of an operation under each of its prefixes, in Flask's style."""
    path = re.sub(r"{(\w+)}", r"<\1>", operation.path)
    suffixes = ("", ".json") if api.json_suffix else ("",)
    return [prefix + path + suffix for prefix in api.prefixes_of(operation) for suffix in suffixes]


def read_body(environ: Mapping[str, Any], limit: int = BODY_LIMIT) -> tuple[Meaning | None, bytes]:
    """Return the body, or the meaning of one that is over `limit` bytes or says a wrong length."""
    stream, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH", "")
    if length and not (length.isascii() and length.isdigit()):
        return Malformed("the Content-Length is no number"), b""
    if len(length) > 18 or (length and int(length) > limit):
        return TooLarge(f"over {limit} bytes"), b""
    if not length and not environ.get("wsgi.input_terminated"):
        return None, b""
    body = stream.read(limit + 1 if not length else int(length))
    if len(body) > limit:
        return TooLarge(f"over {limit} bytes"), b""
    return None, body


def headers_of(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the request's headers by lower-case name."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def base_url(environ: Mapping[str, Any]) -> str:
    """Return the root of the app as the client sees it, without a slash at its end."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"
