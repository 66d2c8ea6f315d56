"""The root app: what is not a vendor's. Nobody is told anything whom the guard does not let; errors are problems."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mocktill.control.ask import Route, Text
from mocktill.control.guard import JSON_TYPE, Guard
from mocktill.control.problem import MEDIA_TYPE, Problem, problem_of
from mocktill.control.reading import read
from mocktill.control.routes import ROUTES
from mocktill.control.served import Served
from mocktill.control.site import add_site, home, is_site, wants_page
from mocktill.core.api import JSON
from mocktill.core.app import CONTROL, PROBLEM, Inward
from mocktill.core.contract import own_documents
from mocktill.core.sandboxes import Sandboxes

INDEX = "index"
SERVED = "mocktill.served"
"""Where the root app has what it serves: a door tells the tally of that what it answers."""
OPEN = frozenset(route.name for route in ROUTES if route.open)
DEFECT = Problem(500, "the sandbox failed; its log has the reason")
log = logging.getLogger("mocktill")


def create_root(sandboxes: Sandboxes, only: str | None = None, guard: Guard | None = None) -> Flask:
    """Return the Flask app of the control API; `only` is the API that is served alone, if one is: no other is named.

    `guard` says who may ask; without one, whoever asks for this machine by one of its own names.
    """
    own_documents()  # now: a server that is full of connections can open no file
    app = Flask("mocktill.control", static_folder=None)
    app.url_rule_class, app.url_map.merge_slashes = Inward, False
    served, guarding = Served(sandboxes, only), guard or Guard()
    place = "API is at the root" if only else f"APIs are at {', '.join(f'/{api.name}' for api in served.apis)}"
    nothing = Problem(404, f"Nothing is here. The {place}.")

    @app.before_request
    def check() -> Response | None:
        if request.endpoint == INDEX and wants_page():
            return home()  # which tells nothing, so that a browser gets there without a token
        unreadable = request.environ.get(PROBLEM)
        problem = None if unreadable is None else problem_of(unreadable)
        if problem is None and request.endpoint not in OPEN and not is_site(request.endpoint):
            problem = guarding.check(request.environ)
        if problem is None and request.environ["PATH_INFO"].startswith("//"):  # Werkzeug would overlook the first
            problem = nothing
        return None if problem is None else refuse(problem)

    def index() -> Response:
        """List the APIs with their base URLs."""
        root = request.root_url.rstrip("/")
        return answer({"apis": [{"title": api.title, "base_url": served.url(api.name, root)} for api in served.apis]})

    @app.errorhandler(HTTPException)
    def fail(error: HTTPException) -> Response:
        request.routing_exception = None  # or the two hold each other, and all that they know
        code = error.code or 500
        if isinstance(error, MethodNotAllowed):
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return refuse(Problem(405, f"the methods here are {allowed}", headers=(("Allow", allowed),)))
        return refuse(nothing if code == 404 else Problem(code, error.description or error.name))

    app.extensions[SERVED] = served
    app.add_url_rule("/", INDEX, index, methods=["GET"], provide_automatic_options=False)
    add_site(app)
    add_routes(app, served)
    return app


def add_routes(app: Flask, served: Served) -> None:
    """Let an app answer every call of the control API."""
    for route in ROUTES:
        app.add_url_rule(
            rule_of(route),
            route.name,
            view_of(route, served),
            methods=[route.method],
            provide_automatic_options=False,
            strict_slashes=not route.open,  # DELETE of `faults/` with an id that is empty is not all of them
        )


def rule_of(route: Route) -> str:
    """Return the path of a route in Flask's style. The key of a row may have slashes in it."""
    path = re.sub(r"{(\w+)}", r"<\1>", route.path)
    return CONTROL + path.replace("<key>", "<path:key>")


def view_of(route: Route, served: Served) -> Callable[..., Response]:
    """Return the function that Flask calls for a route: from the request to the answer."""

    def view(**args: str) -> Response:
        try:
            value = route.handler(read(route, served, request.environ, args, ROUTES))
            return answer(value, route.status)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.exception("%s %s: a defect of the sandbox", route.method, route.path)
            return refuse(problem or DEFECT)

    return view


def answer(value: JSON | Text, status: int = 200, media_type: str = JSON_TYPE) -> Response:
    """Return a value as a JSON response, or a text as it is; 204 has no body."""
    if status == 204:
        return Response(status=status)
    if isinstance(value, Text):
        return Response(value.content, status, content_type=value.media_type)
    return Response(orjson.dumps(value), status, content_type=media_type)


def refuse(problem: Problem) -> Response:
    """Return problem details."""
    response = answer(problem.to_json(), problem.status, MEDIA_TYPE)
    response.headers.extend(problem.headers)
    return response
