"""Fixtures of Kajabi's tests."""

from __future__ import annotations

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.fixture
def ask(box: Sandbox) -> Client:
    """A client of Kajabi with a token that is accepted."""
    return Client(box, "kajabi", {"Authorization": "Bearer token-active"})
