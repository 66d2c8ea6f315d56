"""A shop for each test of Deem."""

from __future__ import annotations

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.deem.shop import Shop


@pytest.fixture
def shop(box: Sandbox) -> Shop:
    """Deem in a fresh sandbox."""
    return Shop(box)
