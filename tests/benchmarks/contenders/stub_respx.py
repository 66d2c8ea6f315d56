"""Stubs of `respx`, called by httpx."""

import httpx
import pytest
import respx

from tests.benchmarks.contenders.flow import COUNT, HOST, ID, STUB, buy

CLIENT = httpx.Client()


@pytest.mark.parametrize("number", range(COUNT))
def test_flow(number: int) -> None:
    """The flow, with answers that are always the same."""
    with respx.mock:
        respx.post(f"{HOST}/v1/purchases/reserve").respond(json=STUB)
        respx.put(f"{HOST}/v1/purchases/{ID}/claim").respond(json=STUB)
        respx.get(f"{HOST}/v1/purchases/{ID}").respond(json=STUB)
        buy(CLIENT)
