"""Stubs of `responses`, called by requests."""

import pytest
import requests
import responses

from tests.benchmarks.contenders.flow import COUNT, HOST, ID, STUB, buy


@pytest.mark.parametrize("number", range(COUNT))
@responses.activate
def test_flow(number: int) -> None:
    """The flow, with answers that are always the same."""
    responses.post(f"{HOST}/v1/purchases/reserve", json=STUB)
    responses.put(f"{HOST}/v1/purchases/{ID}/claim", json=STUB)
    responses.get(f"{HOST}/v1/purchases/{ID}", json=STUB)
    with requests.Session() as client:
        buy(client)
