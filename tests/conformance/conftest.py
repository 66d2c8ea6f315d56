"""The parameters of the suite: each operation of each vendor, in a world that is as new for every test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.world import (
    CASES,
    CATALOGUE,
    CLOSED,
    FORMS,
    KEYED,
    OPEN,
    TELLING,
    WITH_BODY,
    Case,
    Vendor,
    World,
    name_of,
)

KINDS = {
    "case": CASES,
    "closed_case": CLOSED,
    "open_case": OPEN,
    "body_case": WITH_BODY,
    "closed_body_case": [case for case in WITH_BODY if case in CLOSED],
    "form_case": FORMS,
    "keyed_case": KEYED,
    "telling_case": TELLING,
}
"""What a test may ask for, and which operations that are."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `vendor`, or for one of the kinds of `case`, with each there is."""
    for name, cases in KINDS.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases, ids=name_of, indirect=True)
    if "vendor" in metafunc.fixturenames:
        metafunc.parametrize("vendor", CATALOGUE.shelves.values(), ids=lambda shelf: shelf.api.name, indirect=True)


@pytest.fixture(scope="session")
def server() -> World:
    """One server for the whole suite."""
    return World()


@pytest.fixture
def world(server: World, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    """The server in its factory state; whatever it logs as an error is a defect."""
    server.box.reset()
    yield server
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.fixture
def vendor(world: World, request: Any) -> Vendor:
    """One vendor."""
    return Vendor(world, request.param)


@pytest.fixture
def case(world: World, request: Any) -> Case:
    """One operation of a vendor."""
    return Case(world, *request.param)


@pytest.fixture
def closed_case(world: World, request: Any) -> Case:
    """One operation that asks for a credential."""
    return Case(world, *request.param)


@pytest.fixture
def open_case(world: World, request: Any) -> Case:
    """One operation that asks for no credential."""
    return Case(world, *request.param)


@pytest.fixture
def body_case(world: World, request: Any) -> Case:
    """One operation that reads a JSON body."""
    return Case(world, *request.param)


@pytest.fixture
def closed_body_case(world: World, request: Any) -> Case:
    """One operation that reads a JSON body and asks for a credential."""
    return Case(world, *request.param)


@pytest.fixture
def form_case(world: World, request: Any) -> Case:
    """One operation that reads a form."""
    return Case(world, *request.param)


@pytest.fixture
def keyed_case(world: World, request: Any) -> Case:
    """One operation that may change something, of a vendor that has the choice on idempotency keys."""
    return Case(world, *request.param)


@pytest.fixture
def telling_case(world: World, request: Any) -> Case:
    """One operation that may change something, of a vendor that sends webhooks."""
    return Case(world, *request.param)
