"""Mocktill in process, called by requests."""

import pytest
import requests

from mocktill import Mocktill
from tests.benchmarks.contenders.flow import COUNT, buy


@pytest.mark.parametrize("number", range(COUNT))
def test_flow(mocktill: Mocktill, number: int) -> None:
    """The flow, in a sandbox of its own."""
    with requests.Session() as client:
        buy(client)
