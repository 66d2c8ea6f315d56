"""Fixtures of Supertab's tests: its catalogue, and a client that shows a good token."""

from __future__ import annotations

import pytest

from mocktill.apis.supertab import API
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Supertab alone, loaded once."""
    return Catalogue([API])


@pytest.fixture
def supertab(box: Sandbox) -> Client:
    """A client of Supertab with a good token."""
    return Client(box, "supertab", {"Authorization": "Bearer token-test"})
