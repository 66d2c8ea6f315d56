"""What a request becomes for the app: what one may ask of a connection is none of its business."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mocktill.core.app import HEADERS
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.environ import environ_for
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.doors.wire import Wire

UPGRADE = "Connection: keep-alive, Upgrade\nUpgrade: {}\n"
PURCHASE = "GET /deem/v1/purchases/34063ec2?api_key=1234567 HTTP/1.1\nHost: localhost\n"
HEALTH = "GET /_mocktill/health HTTP/1.1\nHost: localhost\n"


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Fresh sandboxes."""
    return Sandboxes(catalogue)


@pytest.fixture
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of them."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


@pytest.mark.parametrize("to", ["websocket", "WebSocket", "h2c"])
@pytest.mark.parametrize("asked", [HEALTH, PURCHASE], ids=["health", "a vendor"])
def test_what_is_not_upgraded_is_answered(url: str, asked: str, to: str) -> None:
    """A client that would rather speak something else is answered as any other, and its connection goes on."""
    with Wire(url) as wire:
        wire.say(f"{asked}\n")
        plain = wire.hear()
        wire.say(f"{asked}{UPGRADE.format(to)}\n")
        other = wire.hear()
        assert (plain.status, other.status, other.body) == (200, 200, plain.body)
        wire.say(f"{asked}\n")
        assert wire.hear().status == 200


def test_the_journal_has_the_upgrade(url: str, sandboxes: Sandboxes) -> None:
    """What a client would rather speak is in the journal."""
    with Wire(url) as wire:
        wire.say(f"{PURCHASE}{UPGRADE.format('websocket')}\n")
        assert wire.hear().status == 200
    (entry,) = sandboxes.default.journal.entries()
    assert entry.request_headers["upgrade"] == "websocket"


def test_an_upgrade_is_kept_from_the_app() -> None:
    """The environment has no upgrade, its headers have."""
    environ = environ_for("GET", "/", "", "http", {"upgrade": "websocket", "connection": "upgrade"})
    assert "HTTP_UPGRADE" not in environ
    assert environ[HEADERS]["upgrade"] == "websocket"
