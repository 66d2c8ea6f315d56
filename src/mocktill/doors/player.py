"""Scenarios played through a door: in this process without a socket, or over HTTP wherever the sandbox is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from mocktill.core.clock import machine_now
from mocktill.core.scenario import Answered, NoAnswer, Scenario, Steered, Step, play

if TYPE_CHECKING:
    from mocktill.core.sandboxes import Sandboxes
    from mocktill.doors.remote.server import RemoteSandbox

PATIENCE_SECONDS = 30.0
"""How long a step waits for its answer."""
AS_IT_IS = "%/?:@!$&'()*+,;=~[]|"
"""What of a path and a query is sent as it was written, beside letters and digits; the rest is quoted."""
UNDER_WAY_SECONDS = 0.2
"""How long a request that was broken off may still take to arrive."""


def play_in_process(scenario: Scenario, sandboxes: Sandboxes) -> Iterator[Step]:
    """Play a scenario in the default sandbox; raise ValueError for an API that there is not."""
    from werkzeug.test import Client

    from mocktill.doors.app import create_app  # Flask, which whoever plays elsewhere does not need

    if scenario.api not in sandboxes.catalogue.shelves:
        raise ValueError(f"there is no API {scenario.api!r}; there are {', '.join(sandboxes.catalogue.shelves)}")
    client = Client(create_app(sandboxes))

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        try:
            response = client.open(f"/{scenario.api}{path}", method=method, headers=dict(headers), data=body)
            return Answered(response.status_code, dict(response.headers), response.get_data())
        except ConnectionError as error:  # a fault ends the connection here
            raise NoAnswer(str(error)) from None

    return play(scenario, sandboxes.default, send)


def play_over_http(
    scenario: Scenario, box: Steered, base_url: str, patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[Step]:
    """Play a scenario in a sandbox whose API answers at `base_url`, as in `http://127.0.0.1:8080/~mine/deem`.

    Requests go there with `http.client`, each over a connection of its own; `box` is what the other steps steer.
    A step whose answer is late, lost or cut has that for its problem.
    """
    parts = urlsplit(base_url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        connection = kind(parts.hostname or "", parts.port, timeout=patience_seconds)
        try:
            connection.request(method, quote(parts.path.rstrip("/") + path, AS_IT_IS), body or None, dict(headers))
            return _answered(connection.getresponse())
        except TimeoutError:
            raise NoAnswer(f"no answer came within {patience_seconds:g} s") from None
        except (OSError, HTTPException) as error:
            raise NoAnswer(_sentence(error)) from None
        finally:
            connection.close()

    return play(scenario, box, send)


@contextmanager
def sandbox_at(url: str, token: str | None = None, choices: Mapping[str, str] | None = None) -> Iterator[RemoteSandbox]:
    """Make a sandbox on the server at `url`, and delete it in the end, whatever happens until then.

    Its name says whose it is, and is nobody else's. Raises as `Remote.make` does.
    """
    from mocktill.doors.remote.server import Remote

    remote, name = Remote(url, token), f"play-{os.getpid()}-{machine_now():%H%M%S%f}"
    try:
        yield remote.make(name, choices=dict(choices or {}))
    except BaseException:
        with suppress(Exception):  # what went wrong first is what counts
            remote.delete(name)
            threading.Event().wait(UNDER_WAY_SECONDS)
            remote.delete(name)  # a request that was under way has made it anew, by its first use
        raise
    with suppress(KeyError):  # somebody else has deleted it
        remote.delete(name)


def _answered(response: HTTPResponse) -> Answered:
    return Answered(response.status, dict(response.getheaders()), response.read())


def _sentence(error: Exception) -> str:
    if isinstance(error, IncompleteRead):
        whole = len(error.partial) + (error.expected or 0)
        return f"the answer broke off after {len(error.partial)} of {whole} bytes"
    if isinstance(error, RemoteDisconnected):
        return "the connection was closed without an answer"
    return f"no answer came: {getattr(error, 'strerror', None) or str(error) or type(error).__name__}"
