"""Fixtures for the tests of Drip."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client import Client


@pytest.fixture
def drip(client: Callable[[str], Client]) -> Client:
    """A client with a credential that any sandbox accepts."""
    made = client("drip")
    made.headers["Authorization"] = "Bearer my-own-token"
    return made
