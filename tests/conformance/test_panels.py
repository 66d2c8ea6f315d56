"""What a person sees of a vendor: panels that name what there is, cells in their shapes, fields that write back."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from mocktill.core.panels import FIELDS, KINDS
from mocktill.core.rows import ROWS
from mocktill.core.secrets import secret
from tests.cells import SHAPES, WRONG, control_of, hold_cells, hold_fields
from tests.conformance.world import CATALOGUE, Vendor
from tests.control.control import Control


@pytest.fixture(scope="module")
def control() -> Control:
    """A client of the control API, for a sandbox with some made-up objects of each vendor."""
    return control_of(CATALOGUE, populate=20)


def test_panels(vendor: Vendor) -> None:
    """A panel has a name of its own, a table, an index and acts that there are, and says what is said of none."""
    api = vendor.api
    assert api.panels
    assert [name for name, times in Counter(panel.name for panel in api.panels).items() if times > 1] == []
    specs = {spec.name: spec for spec in api.tables}
    for panel in api.panels:
        assert re.fullmatch("[a-z][a-z0-9_]{0,63}", panel.name)
        assert panel.title
        assert panel.nothing.endswith(".")
        orders = {index.name: index for index in specs[panel.table].indexes}
        if panel.index:  # of all rows: no part of the table is left out
            assert not orders[panel.index].equal
        assert panel.index or not panel.earliest
        assert set(panel.acts) <= {act.name for act in api.acts if act.about == panel.table}


def test_columns(vendor: Vendor) -> None:
    """A column has a name of its own that tells of no secret, a heading, and a kind that there is."""
    assert set(SHAPES) == set(KINDS)
    for panel in vendor.api.panels:
        names = [column.name for column in panel.columns]
        assert len(set(names)) == len(names)
        assert not [name for name in names if secret(name)]
        assert all(column.title and column.kind in KINDS for column in panel.columns)


def test_fields(vendor: Vendor) -> None:
    """A field is one of the rows' own, no secret, and its options are those that the schema of the rows has."""
    assert set(WRONG) == set(FIELDS)
    tables = vendor.contract.properties(ROWS)
    for panel in vendor.api.panels:
        assert panel.fields
        assert len({field.name for field in panel.fields}) == len(panel.fields)
        for field in panel.fields:
            known = tables[field.table or panel.table]["additionalProperties"]["properties"]
            _, schema = vendor.contract.resolve(ROWS, known[field.name])
            options = [option for option in schema.get("enum", ()) if option is not None]
            assert list(field.options) == options
            assert field.title
            assert field.kind in FIELDS
            either = [vendor.contract.resolve(ROWS, one)[1] for one in schema.get("anyOf", ())]
            dated = any(one.get("format") == "date-time" for one in (schema, *either))
            assert (field.kind == "instant") is dated
            assert not secret(field.name)


def test_cells_have_their_shapes(vendor: Vendor, control: Control) -> None:
    """Each object of the factory state, and of made-up ones, has a cell for each column in the shape of its kind."""
    for panel in vendor.api.panels:
        answer = control.get(f"/panels/{vendor.api.name}/{panel.name}?limit=200")
        assert len(answer["objects"]) == min(answer["total"], 200)
        hold_cells(answer)


def test_fields_write_back(vendor: Vendor, control: Control) -> None:
    """What a field says of an object can be written back as it is, and what is no value of it is refused."""
    for panel in vendor.api.panels:
        answer = control.get(f"/panels/{vendor.api.name}/{panel.name}?limit=5")
        hold_fields(control.sandboxes.default, answer)
