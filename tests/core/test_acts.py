"""Acts: what happens in a vendor's world without a request, as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocktill.core.api import Act, Backend
from mocktill.core.names import look_up
from mocktill.core.sandbox import Sandbox
from tests.conftest import NOW
from tests.core.toy import tell, toy_box


def ripen(key: str, backend: Backend) -> str:
    """Let a thing ripen, once."""
    things = backend.table("things")
    row = look_up(things, key, "thing")
    things.put(key, {**row, "ripe": True})
    if row.get("ripe"):
        raise ValueError(f"{key} is ripe already")
    return f"{key} is ripe"


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A sandbox with a thing that can ripen."""
    box = toy_box(tmp_path, acts=(Act("ripen", "A thing ripens.", "things", ripen),))
    tell(box, key="fig")
    return box


def test_it_happens(box: Sandbox) -> None:
    """Rows change, the sentence comes back, and the journal has it with the key and the instant."""
    assert box.act("toy.ripen", "fig") == "fig is ripe"
    assert (box.table("toy.things").get("fig") or {})["ripe"] is True
    remark = box.journal.remarks()[-1]
    assert (remark.at, remark.what, remark.sentence, remark.api, remark.key) == (
        NOW, "act", "fig is ripe", "toy", "fig",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key", "error", "words"),
    [
        ("toy.ripen", "fog", KeyError, "did you mean 'fig'"),
        ("toy.ripe", "fig", KeyError, "did you mean 'toy.ripen'"),
        ("nothing", "fig", KeyError, "there are 'toy.ripen'"),
        ("", "", KeyError, "there is no act"),
    ],
)
def test_what_there_is_not(box: Sandbox, name: str, key: str, error: type[Exception], words: str) -> None:
    """An unknown act or key is refused in words that say what may be meant, and nothing changes."""
    before = box.store.rows()
    with pytest.raises(error, match=words):
        box.act(name, key)
    assert box.store.rows() == before
    assert box.journal.remarks() == ()


def test_what_is_impossible_leaves_no_trace(box: Sandbox) -> None:
    """An act that fails takes back what it wrote."""
    box.act("toy.ripen", "fig")
    before, said = box.store.rows(), box.journal.remarks()
    with pytest.raises(ValueError, match="ripe already"):
        box.act("toy.ripen", "fig")
    assert (box.store.rows(), box.journal.remarks()) == (before, said)
