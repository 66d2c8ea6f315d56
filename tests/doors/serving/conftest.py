"""What the tests of the server share: a server of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Fresh sandboxes."""
    return Sandboxes(catalogue)


@pytest.fixture
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of them."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url
