"""Fixtures of the control API's tests: sandboxes whose clocks stand still, the root app, and a strict client."""

from __future__ import annotations

import pytest
from flask import Flask

from mocktill.control.app import create_root
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from tests.client import Client
from tests.conftest import NOW
from tests.control.control import Control


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Sandboxes of their own, frozen at noon of 2 March 2026; five at the most."""
    return Sandboxes(catalogue, Setup(now=NOW), limit=5)


@pytest.fixture
def app(sandboxes: Sandboxes) -> Flask:
    """The root app alone, without a front door."""
    return create_root(sandboxes)


@pytest.fixture
def control(app: Flask, sandboxes: Sandboxes) -> Control:
    """A client of the control API for the default sandbox."""
    return Control(app, sandboxes)


@pytest.fixture
def box(sandboxes: Sandboxes) -> Sandbox:
    """The default sandbox, which `control` steers."""
    return sandboxes.default


@pytest.fixture
def deem(box: Sandbox) -> Client:
    """A client of Deem Offers in the default sandbox."""
    return Client(box, "deem")


@pytest.fixture
def purchase(deem: Client) -> str:
    """The id of a purchase of two units that is reserved in the default sandbox, for five minutes."""
    body = {"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 2}
    answer = deem("POST", "/v1/purchases/reserve?api_key=1234567", json=body)
    return str(answer.get_json()["purchase"]["purchase_id"])
