"""How long a sandbox lives: as long as somebody holds it, and no garbage collection has to find it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from weakref import ref

import pytest

from mocktill.core.api import Request
from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.engine import answer_at_once
from mocktill.core.errors import NoRoute
from mocktill.core.journal import Budget, Journal
from mocktill.core.passing import explain
from mocktill.core.sample import request
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.store import Store, Taken
from tests.conftest import NOW

BASE = "http://localhost:8080"
RULE = {"when": {"path": "/nowhere"}, "what": {"status": 503}}
PARTS = ("store", "clock", "choices", "faults", "snapshots", "journal")


@pytest.fixture(autouse=True)
def _uncollected() -> Iterator[None]:
    """Let nothing be freed but what nobody holds."""
    was = gc.isenabled()
    gc.disable()
    yield
    if was:
        gc.enable()


def ask_everything(box: Sandbox) -> None:
    """Send the sample of each operation of each API, and after it a request that is refused."""
    for shelf in box.catalogue.shelves.values():
        for operation in shelf.api.operations:
            args = {**dict.fromkeys(operation.sample.taken, "none"), **operation.sample.args}
            asked = request(shelf.api, operation, operation.sample, BASE, args)
            for each in (asked, replace(asked, operation=None, problem=NoRoute("nothing is here"))):
                explain(box, answer_at_once(box, shelf, each).entry.id)


def steer_everything(box: Sandbox) -> None:
    """Use every part of a sandbox, and be refused by each that refuses."""
    box.faults.add(RULE)
    box.faults.add_preset(box.faults.presets()[0].name)
    box.choices["deem.claim_twice"] = "conflict"
    box.populate(2)
    box.clock.freeze(NOW)
    box.clock.advance(hours=1)
    box.clock.next()
    box.snapshot("here")
    box.snapshots.put("there", box.snapshots.get("here"))
    box.restore("there")
    box.load(box.state())
    with suppress(Unacceptable):
        box.load({"tables": 1})
    with suppress(ValueError):
        box.choices["nothing"] = "new"
    with suppress(KeyError), box.changing():
        box.choices["nothing"]
    box.view("deem")
    box.leaks()


def wait_for_an_entry(box: Sandbox) -> None:
    """Wait for the next entry of the journal, which another thread makes."""
    waiting = threading.Thread(target=box.journal.wait, args=(len(box.journal) + 1,), kwargs={"timeout_seconds": 10})
    waiting.start()
    answer_at_once(box, box.catalogue.shelves["deem"], Request("GET", "/", "", {}, b"", BASE))
    waiting.join()


def traces(box: Sandbox) -> list[Callable[[], object]]:
    """Return what tells whether a sandbox, its parts and its tables are still there."""
    parts = [getattr(box, name) for name in PARTS]
    return [ref(box), *map(ref, parts), *map(ref, box.store.tables.values())]


def left(traced: list[Callable[[], object]]) -> list[object]:
    """Return what of it is there."""
    return [one() for one in traced if one() is not None]


@pytest.mark.parametrize("use", [ask_everything, steer_everything, wait_for_an_entry])
def test_a_sandbox_goes_with_the_last_who_holds_it(catalogue: Catalogue, use: Callable[[Sandbox], None]) -> None:
    """Whatever was done with it, nothing of a sandbox is left once it is dropped: no part leads back to it."""
    box = Sandbox(catalogue, setup=Setup(now=NOW))
    use(box)
    traced = traces(box)
    assert len(left(traced)) > len(PARTS)
    del box
    assert left(traced) == []


@pytest.mark.parametrize(
    "end",
    [
        lambda boxes: [boxes.get(f"more-{number}") for number in range(3)].clear(),
        lambda boxes: boxes.delete("one"),
        lambda boxes: boxes.make("one") and None,
    ],
    ids=["evicted", "deleted", "replaced"],
)
def test_what_is_forgotten_is_freed(catalogue: Catalogue, end: Callable[[Sandboxes], None]) -> None:
    """A sandbox that is evicted, deleted or replaced by another is freed at once, with its rows."""
    boxes = Sandboxes(catalogue, limit=3)
    ask_everything(boxes.get("one"))
    traced = traces(boxes.get("one"))
    assert len(left(traced)) > len(PARTS)
    end(boxes)
    assert left(traced) == []


def test_one_that_was_made_on_purpose_is_freed(catalogue: Catalogue) -> None:
    """A sandbox under a free name is no different: it lives until it is deleted."""
    boxes = Sandboxes(catalogue, limit=3)
    name = boxes.make_free("mine", Setup(seed=2)).name
    steer_everything(boxes.get(name))
    traced = traces(boxes.get(name))
    boxes.delete(name)
    assert left(traced) == []


def test_who_holds_a_sandbox_keeps_all_of_it(catalogue: Catalogue) -> None:
    """A deleted sandbox goes on for whoever holds it, without a journal."""
    boxes = Sandboxes(catalogue, limit=3)
    box = boxes.get("one")
    boxes.delete("one")
    steer_everything(box)
    assert (len(box.journal.remarks()), box.clock.frozen, len(box.faults.all())) == (0, True, 2)


CHANGES: list[Any] = [
    pytest.param("clock", lambda clock: clock.advance(hours=1), id="clock.advance"),
    pytest.param("clock", lambda clock: clock.next_expiry(), id="clock.next_expiry"),
    pytest.param("choices", lambda choices: choices.set({"deem.claim_twice": "conflict"}), id="choices.set"),
    pytest.param("faults", lambda faults: faults.add(RULE), id="faults.add"),
    pytest.param("faults", lambda faults: faults.clear(), id="faults.clear"),
    pytest.param("snapshots", lambda snapshots: snapshots.put("a", {}), id="snapshots.put"),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_part_alone_changes_nothing(catalogue: Catalogue, name: str, change: Callable[[Any], object]) -> None:
    """Who holds a part of a sandbox that is gone is told so, in words, when the part would need the whole."""
    part = getattr(Sandbox(catalogue), name)
    with pytest.raises(ReferenceError, match="the sandbox is gone: hold it as long as you use a part of it"):
        change(part)


def test_a_part_alone_can_be_read(catalogue: Catalogue) -> None:
    """What needs no more than its own rows is still answered by a part of a sandbox that is gone."""
    box = Sandbox(catalogue, setup=Setup(now=NOW))
    box.snapshot("here")
    clock, choices, faults, snapshots, known = box.clock, box.choices, box.faults, box.snapshots, box.choices.all()
    del box
    assert (clock.now(), clock.frozen, choices.all(), faults.all()) == (NOW, True, known, [])
    assert snapshots.get("here")["clock"] == {"mode": "frozen", "at": "2026-03-02T12:00:00.000000Z"}


def test_a_table_alone_keeps_its_rules() -> None:
    """A table whose store is gone still asks for a transaction before anything is written."""
    store = Store()
    things, transaction = store.declare("things"), store.transaction()
    trace = ref(store)
    del store
    assert trace() is None
    with pytest.raises(RuntimeError, match="write to things outside a transaction"):
        things.put("a", {})
    with suppress(Taken), transaction:
        things.put("a", {})
        things.insert("a", {})
    assert len(things) == 0


def test_a_closed_journal_makes_no_room() -> None:
    """A journal that is closed is not among those of which the largest gives way."""
    budget = Budget()
    kept, closed = Journal(budget), Journal(budget)
    closed.close()
    assert set(budget._journals) == {kept}
