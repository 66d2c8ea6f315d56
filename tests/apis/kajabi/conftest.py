"""Fixtures of Kajabi's tests."""

from __future__ import annotations

import pytest

from mocktill.apis import kajabi
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.client import Client


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Everything that sandboxes share, with Kajabi only."""
    return Catalogue([kajabi.API])


@pytest.fixture
def ask(box: Sandbox) -> Client:
    """A client of Kajabi with a token that is accepted."""
    return Client(box, "kajabi", {"Authorization": "Bearer token-active"})
