"""Whatever is answered is in the OpenAPI document: with every choice, each status stands there under its operation."""

from __future__ import annotations

from functools import cache

import pytest

from mocktill.control.openapi import document
from mocktill.core.api import JSON
from tests.conformance.test_choices import SETTINGS, variations
from tests.conformance.world import CATALOGUE, Vendor, World


@cache
def responses(api: str) -> JSON:
    """Return the responses in the document of an API, by operation."""
    paths = document(CATALOGUE.shelves[api], "http://sandbox.test")["paths"]
    return {told["operationId"]: told["responses"] for methods in paths.values() for told in methods.values()}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "=".join(setting[1:]))
def test_every_answer_is_listed(world: World, setting: tuple[object, str, str]) -> None:
    """With any alternative chosen, the status of whatever is answered is listed, also of a wrong method."""
    shelf = next(shelf for shelf in CATALOGUE.shelves.values() if shelf is setting[0])
    vendor = Vendor(world, shelf)
    for operation in vendor.api.operations:
        case = vendor.case(operation.name)
        for sent in [*variations(case), case.sent()(method="PATCH")]:
            world.box.choices[setting[1]] = setting[2]
            assert str(case.ask(sent).status) in responses(vendor.api.name)[operation.name]
