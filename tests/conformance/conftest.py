"""The parameters of the suite: each operation of each vendor, in a world that is as new for every test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.world import CASES, CATALOGUE, WITH_BODY, Case, Vendor, World, name_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `case`, `body_case` or `vendor` with each there is."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=name_of, indirect=True)
    if "body_case" in metafunc.fixturenames:
        metafunc.parametrize("body_case", WITH_BODY, ids=name_of, indirect=True)
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
def body_case(world: World, request: Any) -> Case:
    """One operation that reads a body."""
    return Case(world, *request.param)
