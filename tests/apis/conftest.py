"""A sandbox for each test of a view, through every door: in this process, and over HTTP to a server that runs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.remote import Remote, RemoteSandbox
from tests.conftest import NOW


@dataclass(frozen=True)
class Door:
    """A sandbox as a test sees and steers it, and where the requests go: over HTTP, to the server's own."""

    box: Sandbox | RemoteSandbox
    inner: Sandbox


@pytest.fixture(params=["sandbox", "server"])
def door(request: pytest.FixtureRequest, catalogue: Catalogue, url: str, sandboxes: Sandboxes) -> Door:
    """A fresh sandbox, frozen at noon of 2 March 2026."""
    if request.param == "sandbox":
        box = Sandbox(catalogue, "box", Setup(now=NOW))
        return Door(box, box)
    return Door(Remote(url).make("box", now=NOW), sandboxes.get("box"))
