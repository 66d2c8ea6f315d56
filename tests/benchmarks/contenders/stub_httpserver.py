"""Stubs of pytest-httpserver, called by requests over a socket."""

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.benchmarks.contenders.flow import COUNT, ID, STUB, buy


@pytest.mark.parametrize("number", range(COUNT))
def test_flow(httpserver: HTTPServer, number: int) -> None:
    """The flow, with answers that are always the same."""
    httpserver.expect_request("/v1/purchases/reserve", method="POST").respond_with_json(STUB)
    httpserver.expect_request(f"/v1/purchases/{ID}/claim", method="PUT").respond_with_json(STUB)
    httpserver.expect_request(f"/v1/purchases/{ID}", method="GET").respond_with_json(STUB)
    with requests.Session() as client:
        buy(client, httpserver.url_for(""))
