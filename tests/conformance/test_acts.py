"""What happens without a request: by name, to some row of the factory state, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mocktill.core.api import Act
from mocktill.core.state import check_row
from tests.conformance.test_webhooks import RECEIVER, told
from tests.conformance.world import ACTS, CATALOGUE, Vendor, World, name_of


@pytest.fixture(params=ACTS, ids=name_of)
def acting(world: World, request: pytest.FixtureRequest) -> tuple[Vendor, Act]:
    """One act of one vendor that somebody listens to, if it tells anything."""
    vendor = Vendor(world, request.param[0])
    if vendor.api.webhook is not None:
        world.box.webhooks.begin_with({vendor.api.name: RECEIVER})
    return vendor, request.param[1]


def tried(vendor: Vendor, act: Act) -> Iterator[str | None]:
    """Yield what happens to each row that the act is about, tried one after another; None where it cannot."""
    box = vendor.world.box
    for key in [key for key, _ in box.table(f"{vendor.api.name}.{act.about}").items()]:
        before = vendor.rows()
        try:
            sentence = box.act(f"{vendor.api.name}.{act.name}", key)
        except ValueError:
            sentence = None
        assert sentence or vendor.rows() == before, "what is impossible left a trace"
        yield sentence


def test_it_happens(acting: tuple[Vendor, Act]) -> None:
    """Some row of the factory state lets it happen; the journal has each sentence, and rows stay what they are."""
    vendor, act = acting
    said = [sentence for sentence in tried(vendor, act) if sentence is not None]
    assert said
    box = vendor.world.box
    assert [remark.sentence for remark in box.journal.remarks() if remark.what == "act"] == said
    for table, rows in box.store.rows(f"{vendor.api.name}.").items():
        for key, row in rows.items():
            assert check_row(CATALOGUE, table, key, row, box.store.tables) == []
    if vendor.api.webhook is not None:
        told(vendor)


def test_it_is_the_same_again(acting: tuple[Vendor, Act]) -> None:
    """The same acts in the same state say the same."""
    vendor, act = acting
    first = list(tried(vendor, act))
    vendor.world.box.reset()
    assert list(tried(vendor, act)) == first


def test_it_is_no_other(acting: tuple[Vendor, Act]) -> None:
    """An act that there is not is a KeyError that names those that there are, or the nearest."""
    vendor, act = acting
    with pytest.raises(KeyError, match="there is no act"):
        vendor.world.box.act(f"{vendor.api.name}.nothing_like_this", "1")
    with pytest.raises(KeyError, match=f"{vendor.api.name}.{act.name}"):
        vendor.world.box.act(f"{vendor.api.name}.{act.name}s", "1")
