"""Mocktill in process, called by httpx."""

import httpx
import pytest

from mocktill import Mocktill
from tests.benchmarks.contenders.flow import COUNT, buy

CLIENT = httpx.Client()


@pytest.mark.parametrize("number", range(COUNT))
def test_flow(mocktill: Mocktill, number: int) -> None:
    """The flow, in a sandbox of its own."""
    buy(CLIENT)
