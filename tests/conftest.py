"""Fixtures that all tests share: one catalogue, and a fresh sandbox with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.client import Client
from tests.leaks import held, left_since

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def warm() -> None:
    """A server has run in this process: what the first one opens stays open until the process ends."""
    with ServerThread(create_app(), RequestLog(Nowhere())):
        pass


@pytest.fixture(autouse=True)
def nothing_left(warm: None) -> Iterator[None]:
    """No test leaves a thread, a socket, a file or a patch behind."""
    before = held()
    yield
    assert left_since(before) == []


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Everything that sandboxes share, loaded once."""
    return Catalogue(BUILTIN)


@pytest.fixture
def box(catalogue: Catalogue) -> Sandbox:
    """A fresh sandbox, frozen at noon of 2 March 2026."""
    return Sandbox(catalogue, setup=Setup(now=NOW))


@pytest.fixture
def client(box: Sandbox) -> Callable[[str], Client]:
    """Make a client of one API of the sandbox: `client("deem")`."""
    return lambda api: Client(box, api)


@pytest.fixture(scope="module")
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """The sandboxes of the server that the tests of a module share."""
    return Sandboxes(catalogue)


@pytest.fixture(scope="module")
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of them, over a socket."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url
