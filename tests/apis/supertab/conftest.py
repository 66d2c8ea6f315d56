"""Fixtures of Supertab's tests: a client that shows a good token."""

from __future__ import annotations

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.fixture
def supertab(box: Sandbox) -> Client:
    """A client of Supertab with a good token."""
    return Client(box, "supertab", {"Authorization": "Bearer token-test"})


@pytest.fixture
def reader(box: Sandbox) -> Client:
    """A client of a user who has bought nothing yet."""
    return Client(box, "supertab", {"Authorization": "Bearer token-new-reader"})
