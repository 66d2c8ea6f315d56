"""The yardstick: an empty Flask view on the same server, with GET, and POST that reads its body."""

from __future__ import annotations

import sys

from flask import Flask, request

from mocktill.doors.logs.log import request_log
from mocktill.doors.serving.server import bind, run, url_of

BODY = b'{"status":"success"}'


def create_app() -> Flask:
    """Return the app."""
    app = Flask("empty", static_folder=None)

    @app.get("/purchases/<purchase_id>")
    def get(purchase_id: str) -> bytes:
        return BODY

    @app.post("/purchases/reserve")
    def post() -> bytes:
        request.get_data()
        return BODY

    return app


if __name__ == "__main__":
    listening = bind("127.0.0.1", 0)
    url = url_of(listening)
    run(
        create_app(),
        listening,
        lambda: print(f"Mocktill is ready on {url}", flush=True),
        log=request_log("text", sys.stdout),
    )
