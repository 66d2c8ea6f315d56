"""What a person sees of Supertab while a tab fills up and is paid."""

from __future__ import annotations

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.apis.supertab.shop import buy, status
from tests.cells import cells_of, control_of, hold_cells
from tests.client import Client
from tests.control.control import Control


@pytest.fixture
def control(catalogue: Catalogue) -> Control:
    """A client of the control API."""
    return control_of(catalogue)


@pytest.fixture
def box(control: Control) -> Sandbox:
    """The sandbox that it is about."""
    return control.sandboxes.default


def test_a_tab_fills_up(control: Control, reader: Client) -> None:
    """A new tab is the first of the list, as full as what is on it, until it is full; its act closes it."""
    tab = buy(reader, ids.MAGAZINE)[1]["tab"]["id"]
    (first, *_) = control.get("/panels/supertab/tabs?limit=1")["objects"]
    assert first["key"] == tab
    assert first["cells"]["filled"] == {"value": 100, "limit": 500, "currency": "USD"}
    assert first["cells"]["status"] == {"value": "open", "tone": "plain"}
    control.ok("PATCH", f"/state/supertab.tabs/{tab}", {"limit": 200})
    buy(reader, ids.MAGAZINE)
    panel = control.get(f"/panels/supertab/tabs?key={tab}")
    assert cells_of(panel)[tab]["status"] == {"value": "full", "tone": "waiting"}
    assert cells_of(panel)[tab]["filled"]["value"] == 200
    (pay,) = panel["acts"]
    control.ok("POST", f"/acts/{pay['name']}", {"key": tab})
    paid = cells_of(control.get(f"/panels/supertab/tabs?key={tab}"))[tab]
    assert (paid["status"]["value"], paid["paid"]) == ("closed", "2026-03-02T12:00:00.000000Z")


def test_a_status_is_that_of_the_wire(control: Control, supertab: Client) -> None:
    """Each purchase has the status that a request is told, or a gap where that tells none."""
    control.ok("PATCH", "/choices", {"supertab.pay_now_pending_status": "null"})
    panel = control.get("/panels/supertab/purchases")
    told = {key: status(supertab, key) for key in cells_of(panel)}
    shown = {key: (cells["status"] or {"value": None})["value"] for key, cells in cells_of(panel).items()}
    assert shown == told
    assert None in told.values()
    hold_cells(panel)
