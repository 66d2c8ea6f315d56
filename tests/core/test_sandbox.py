"""Sandboxes: isolated worlds that go back to their beginning, and many of them, bounded."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import ANSWERS, DEFAULT, Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from tests.client import Client
from tests.conftest import NOW

RESERVE = "/v1/purchases/reserve?api_key=1"


def reserve(box: Sandbox, deal: str = "two-each") -> str:
    """Reserve one unit of a deal; return the purchase's id."""
    answer = Client(box, "deem")("POST", RESERVE, json={"deal_id": deal, "num_bought": 1})
    assert answer.status_code == 200, answer.text
    key: str = answer.get_json()["purchase"]["id"]
    return key


def test_a_new_sandbox_is_the_factory_state(catalogue: Catalogue, box: Sandbox) -> None:
    """Rows are the factory's, the clock stands where it was told, and choices are the defaults."""
    rows = box.store.rows()
    assert all(rows[table] == dict(wanted) for table, wanted in catalogue.factory.items())
    assert (box.clock.now(), box.clock.frozen, box.answers, box.name) == (NOW, True, "stateful", DEFAULT)
    assert box.choices.all() == {name: choice.default for name, choice in catalogue.choices.items()}


def test_reset_goes_back_to_the_beginning(catalogue: Catalogue) -> None:
    """Rows, clock, choices, seed, answers and ids are as at creation again, and the journal is empty."""
    setup = Setup(seed=7, answers="stateful", choices={"deem.claim_twice": "same_answer"}, now=NOW, populate=2)
    box = Sandbox(catalogue, setup=setup)
    beginning = box.store.rows()
    first = reserve(box)
    box.clock.advance(hours=1)
    box.clock.run()
    box.choices["deem.claim_twice"] = "conflict"
    box.choices["deem.sold_out"] = "validation_failed"
    with box.changing():
        box.table("mocktill.settings").put("settings", {"seed": 8, "answers": "canned"})
    box.reset()
    assert box.store.rows() == beginning
    assert (box.clock.now(), box.clock.frozen, box.answers) == (NOW, True, "stateful")
    assert (box.choices["deem.claim_twice"], box.choices["deem.sold_out"]) == ("same_answer", "cannot_fufill")
    assert len(box.journal) == 0
    assert reserve(box) == first
    assert box.journal.entries()[0].id == 2


def test_a_reset_clock_runs_again(catalogue: Catalogue) -> None:
    """A sandbox that began with a running clock has one after a reset."""
    box = Sandbox(catalogue)
    box.clock.freeze(NOW)
    box.reset()
    assert not box.clock.frozen
    assert box.table("mocktill.clock").get("clock") is None


def test_the_same_seed_gives_the_same_ids(catalogue: Catalogue) -> None:
    """Ids depend on the seed, and not on what else was asked for in between."""
    one, two, other = (Sandbox(catalogue, setup=Setup(seed=seed, now=NOW)) for seed in (3, 3, 4))
    ids = [reserve(one), reserve(one)]
    first = reserve(two)
    Client(two, "deem")("PUT", f"/v1/purchases/{first}/claim?api_key=1", json={"user_id": "ABC123"})
    two.populate(0)
    assert [first, reserve(two)] == ids
    assert reserve(other) not in ids


def test_an_exception_while_changing_leaves_no_trace(box: Sandbox) -> None:
    """`changing` is one transaction: all of it counts, or nothing."""
    before = box.store.rows()
    with suppress(ZeroDivisionError), box.changing():
        box.table("deem.users").put("new", {})
        box.table("deem.stock").delete("last-one")
        raise ZeroDivisionError
    assert box.store.rows() == before
    with box.changing() as transaction:
        box.table("deem.users").put("new", {})
    assert [change.key for change in transaction.changes] == ["new"]


def test_reading_is_one_look(box: Sandbox) -> None:
    """Whoever reads rows as a whole sees what is due expired, and nobody else comes in between."""
    reserve(box)
    with box.changing():
        box.table("mocktill.clock").put("clock", {"mode": "frozen", "at": "2026-03-02T12:05:00.000000Z"})
    entered: list[bool] = []
    with box.reading(), box.reading():
        assert len(box.table("deem.holds")) == 0
        other = threading.Thread(target=lambda: entered.append(box.lock.acquire(blocking=False)))
        other.start()
        other.join()
    assert entered == [False]


def test_an_api_that_there_is_not_has_no_view(box: Sandbox) -> None:
    """A view of what is no API is a KeyError that says what may be meant."""
    with pytest.raises(KeyError, match="there is no API 'supertap': did you mean 'supertab'"):
        box.view("supertap")


def test_one_row_can_be_changed(box: Sandbox) -> None:
    """`change` replaces some fields of a row; a row or table that is not there is named."""
    box.change("deem.stock", "last-one", {"free": 9})
    assert box.table("deem.stock").get("last-one") == {"free": 9, "held": 0, "sold": 0}
    for table, key in (("deem.stock", "nobody"), ("deem.nothing", "x")):
        with pytest.raises(KeyError, match="no"):
            box.change(table, key, {})


def test_choices_are_set_all_or_none(box: Sandbox) -> None:
    """Several choices are set at once, or none if one of them is wrong."""
    box.choices.set({"deem.sold_out": "validation_failed", "deem.claim_twice": "same_answer"})
    assert box.choices["deem.sold_out"] == "validation_failed"
    for wrong in ({"deem.nothing": "x"}, {"deem.too_many": "never"}):
        with pytest.raises(ValueError):
            box.choices.set({"deem.claim_twice": "conflict", **wrong})
    assert box.choices.all()["deem.claim_twice"] == "same_answer"


@pytest.mark.parametrize(
    "wrong",
    [{"answers": "loud"}, {"choices": {"deem.nothing": "x"}}, {"choices": {"deem.sold_out": "x"}},
     {"now": datetime(2026, 1, 1)}, {"now": NOW - timedelta(days=365 * 100)}],
)  # fmt: skip
def test_a_wrong_setup_is_refused(catalogue: Catalogue, wrong: dict[str, Any]) -> None:
    """What a sandbox cannot begin with is a ValueError."""
    with pytest.raises(ValueError):
        Sandbox(catalogue, setup=Setup(**wrong))


@pytest.mark.parametrize("answers", ANSWERS)
def test_the_way_of_answering_is_a_setting(catalogue: Catalogue, answers: str) -> None:
    """Each way of answering can be the sandbox's own."""
    assert Sandbox(catalogue, setup=Setup(answers=answers)).answers == answers


def test_populating_makes_living_objects(box: Sandbox) -> None:
    """`populate` makes so many objects of one API or of each, and what it made can be asked for."""
    made = box.populate(3, "deem")
    assert list(made) == ["deem"]
    assert len(set(made["deem"])) == 3
    for key in made["deem"]:
        assert Client(box, "deem")("GET", f"/v1/purchases/{key}?api_key=1").status_code == 200
    assert set(box.populate(1)) == set(box.catalogue.shelves)


def test_populated_objects_depend_on_the_seed_only(catalogue: Catalogue) -> None:
    """Two sandboxes with the same seed are populated alike."""
    one, two = (Sandbox(catalogue, setup=Setup(seed=5, now=NOW, populate=4)) for _ in range(2))
    assert one.store.rows() == two.store.rows()


def test_time_passes_for_every_api_and_tells(box: Sandbox) -> None:
    """What is due expires once, with its event, whether or not a request comes by."""
    key = reserve(box, "last-one")
    assert box.pass_time() == []
    (event,) = box.clock.advance(timedelta(minutes=5))
    assert (event.api, event.what, event.key, event.stock, event.quantity) == (
        "deem",
        "expired",
        key,
        "last-one",
        1,
    )
    assert event.at == NOW + timedelta(minutes=5)
    assert box.pass_time() == []
    assert box.view("deem").stock("last-one").free == 1


def test_sandboxes_do_not_see_each_other(catalogue: Catalogue) -> None:
    """What happens in one sandbox changes no other: rows, clock, choices, journal."""
    boxes = Sandboxes(catalogue, Setup(now=NOW))
    one, two = boxes.get("one"), boxes.get("two")
    before = two.store.rows()
    reserve(one)
    one.clock.advance(hours=1)
    one.choices["deem.sold_out"] = "validation_failed"
    assert two.store.rows() == before
    assert (len(one.journal), len(two.journal), two.clock.now()) == (1, 0, NOW)


def test_two_sandboxes_do_not_wait_for_each_other(catalogue: Catalogue) -> None:
    """While one sandbox's lock is held, another is made, asked and steered."""
    boxes = Sandboxes(catalogue, Setup(now=NOW))
    done: list[str] = []

    def use_another() -> None:
        done.append(reserve(boxes.get("other")))
        boxes.get("other").clock.advance(minutes=1)
        boxes.get("other").reset()

    with boxes.default.lock:
        thread = threading.Thread(target=use_another, daemon=True)
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert done


def test_one_sandbox_is_asked_one_after_the_other(catalogue: Catalogue) -> None:
    """A request waits as long as somebody else holds its sandbox's lock."""
    box = Sandbox(catalogue, setup=Setup(now=NOW))
    thread = threading.Thread(target=reserve, args=(box,), daemon=True)
    with box.lock:
        thread.start()
        assert len(box.journal) == 0
    thread.join(timeout=30)
    assert len(box.journal) == 1


def test_a_sandbox_is_made_on_first_use(catalogue: Catalogue) -> None:
    """The same name is the same sandbox; without a name it is the default one."""
    boxes = Sandboxes(catalogue, Setup(seed=9))
    assert boxes.get("a") is boxes.get("a")
    assert boxes.get() is boxes.get(DEFAULT) is boxes.default
    assert boxes.get("a").backend("deem").fake.seed == 9


def test_the_longest_idle_sandbox_goes_first(catalogue: Catalogue) -> None:
    """Beyond the limit the one goes that was not used for longest; default and made ones stay."""
    boxes = Sandboxes(catalogue, limit=4)
    made = boxes.make("made")
    one, two = boxes.get("one"), boxes.get("two")
    boxes.get("one")
    boxes.get("three")
    assert boxes.get("one") is one
    assert boxes.get("two") is not two
    assert boxes.get("made") is made
    assert boxes.get() is boxes.default


def test_the_journal_of_one_that_goes_is_given_back(catalogue: Catalogue) -> None:
    """A sandbox that goes takes its journal with it, and its bytes out of the shared budget."""
    boxes = Sandboxes(catalogue, Setup(now=NOW), limit=2)
    gone = boxes.get("gone")
    reserve(gone)
    boxes.get("next")
    assert len(gone.journal) == 0
    reserve(boxes.get("next"))
    assert boxes._budget.used == sum(entry.size for entry in boxes.get("next").journal)


def test_made_sandboxes_are_bounded_with_the_others(catalogue: Catalogue) -> None:
    """Making one on purpose drives the idle ones out, and where none is left a name still works."""
    boxes = Sandboxes(catalogue, limit=3)
    one = boxes.get("one")
    boxes.get("two")
    boxes.make("made")
    assert len(boxes._passing) + len(boxes._kept) <= 3
    boxes.make("more")
    assert boxes.get("one") is not one
    assert boxes.get("another").name == "another"


def test_a_made_sandbox_replaces_one_of_its_name(catalogue: Catalogue) -> None:
    """`make` begins anew with its own setup, and what was there gives its journal's bytes back."""
    boxes = Sandboxes(catalogue, Setup(now=NOW))
    reserve(boxes.get("a"))
    reserve(boxes.make("a", Setup(seed=4, now=NOW)))
    again = boxes.make("a", Setup(seed=5, now=NOW))
    assert boxes.get("a") is again
    assert again.backend("deem").fake.seed == 5
    assert boxes._budget.used == 0


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "../x", "ä", "a\n", "x" * 65, "a~b", "a%20b"])
def test_a_bad_name_is_refused(catalogue: Catalogue, name: str) -> None:
    """The name of a sandbox is 1 to 64 of some letters; any other makes none."""
    boxes = Sandboxes(catalogue)
    for ask in (boxes.get, boxes.make):
        with pytest.raises(ValueError, match="the name of a sandbox is"):
            ask(name)
    assert boxes.get("A-z.0_9" + "x" * 57).name.startswith("A-z")


def test_a_first_use_costs_no_second_populating(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a setup makes is made once: sandboxes that come by first use begin with the same rows."""
    boxes = Sandboxes(catalogue, Setup(populate=3, now=NOW))
    monkeypatch.setattr(Sandbox, "populate", None)
    assert boxes.get("fresh").store.rows() == boxes.default.store.rows()


def test_populating_says_what_it_cannot(box: Sandbox) -> None:
    """A negative count and an unknown API are refused in words."""
    with pytest.raises(ValueError, match="cannot make -1 objects"):
        box.populate(-1)
    with pytest.raises(ValueError, match="there is no API 'nope'; there are deem"):
        box.populate(1, "nope")
    with pytest.raises(KeyError, match=r"there is no choice 'deem\.claim_twce': did you mean deem\.claim_twice"):
        box.choices["deem.claim_twce"]


def test_only_one_api_can_be_populated(catalogue: Catalogue) -> None:
    """A setup may name the API that it populates."""
    rows = Sandbox(catalogue, setup=Setup(populate=2, populate_api="kajabi")).store.rows()
    assert len(rows["kajabi.purchases"]) == len(catalogue.factory["kajabi.purchases"]) + 2
    assert len(rows["deem.purchases"]) == len(catalogue.factory["deem.purchases"])
