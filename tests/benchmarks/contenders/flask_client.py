"""A fresh Flask test client of the same app, with a fresh sandbox: what a test without the plugin would use."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests.benchmarks.contenders.flow import COUNT, buy

SANDBOXES = Sandboxes(Catalogue(BUILTIN))
APP = create_app(SANDBOXES)


class Answer:
    """An answer of Flask's test client, read as requests' are."""

    def __init__(self, response: TestResponse) -> None:
        self._response = response
        self.status_code = response.status_code

    def json(self) -> Any:
        """Return the body's value."""
        return self._response.json


class Client:
    """Flask's test client, called as requests is."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def post(self, url: str, *, json: Any) -> Answer:
        """Send a POST."""
        return Answer(self._client.post(url, json=json))

    def put(self, url: str, *, json: Any) -> Answer:
        """Send a PUT."""
        return Answer(self._client.put(url, json=json))

    def get(self, url: str) -> Answer:
        """Send a GET."""
        return Answer(self._client.get(url))


@pytest.mark.parametrize("number", range(COUNT))
def test_flow(number: int) -> None:
    """The flow, in a sandbox of its own."""
    SANDBOXES.make("bench")
    buy(Client(APP.test_client()), "/~bench/deem")
