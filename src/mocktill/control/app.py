"""The root app: what is not a vendor's. Errors are problem details (RFC 9457)."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mocktill.core.api import JSON
from mocktill.core.app import PROBLEM
from mocktill.core.sandbox import Sandboxes

PREFIX = "/_mocktill"


def create_root(sandboxes: Sandboxes, only: str | None = None) -> Flask:
    """Return the Flask app of the control API; `only` is the API that is served alone, if one is: no other is named."""
    app = Flask("mocktill.control", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    @app.before_request
    def check() -> Response | None:
        problem = request.environ.get(PROBLEM)
        return None if problem is None else describe(400, "Bad Request", problem.detail)

    @app.get(PREFIX + "/health")
    def health() -> Response:
        return answer({"status": "ok"})

    @app.get("/")
    def index() -> Response:
        """List the APIs with their base URLs."""
        root = request.root_url
        apis = [api for api in sandboxes.catalogue.apis if only in {None, api.name}]
        urls = {api.name: root.rstrip("/") if only else f"{root}{api.name}" for api in apis}
        return answer({"apis": [{"title": api.title, "base_url": urls[api.name]} for api in apis]})

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        code = error.code or 500
        if isinstance(error, MethodNotAllowed):
            response = describe(code, error.name, error.description or error.name)
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            return response
        if code != 404:
            return describe(code, error.name, error.description or error.name)
        names = ", ".join(f"/{api.name}" for api in sandboxes.catalogue.apis)
        place = "API is at the root" if only else f"APIs are at {names}"
        return describe(404, error.name, f"Nothing is here. The {place}.")

    return app


def answer(value: JSON, status: int = 200, media_type: str = "application/json") -> Response:
    """Return a value as a JSON response."""
    return Response(orjson.dumps(value), status, content_type=media_type)


def describe(status: int, title: str, detail: str) -> Response:
    """Return problem details."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return answer(problem, status, "application/problem+json")
