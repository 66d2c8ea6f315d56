"""Many sandboxes: made on first use or on purpose, bounded, and never in each other's way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from mocktill.core.catalogue import Catalogue
from mocktill.core.errors import Full
from mocktill.core.journal import Count
from mocktill.core.sandbox import DEFAULT, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from tests.client import Client
from tests.conftest import NOW

RESERVE = "/v1/purchases/reserve?api_key=1"


def names(boxes: Sandboxes) -> list[tuple[str, bool]]:
    """Return each sandbox's name, and whether it stays."""
    return [(box.name, kept) for box, kept in boxes.all()]


def test_what_is_steered_stays(catalogue: Catalogue) -> None:
    """A sandbox that somebody steers is the one that was there, and is not evicted from then on."""
    boxes = Sandboxes(catalogue, limit=3)
    passing = boxes.get("a")
    assert boxes.keep("a") is passing
    assert boxes.keep("new") is boxes.get("new")
    for number in range(10):
        boxes.get(f"web-{number}")
    assert names(boxes) == [("a", True), (DEFAULT, True), ("new", True), ("web-9", False)]


def test_what_stays_is_bounded(catalogue: Catalogue) -> None:
    """One more that is to stay is refused in words, and nothing is lost by asking; a deleted one makes room."""
    boxes = Sandboxes(catalogue, limit=2)
    boxes.keep("a")
    for ask in (boxes.keep, boxes.make, boxes.make_free):
        with pytest.raises(Full, match="2 sandboxes that stay, which is the most: delete one"):
            ask("b")
    boxes.make("a")
    boxes.delete("a")
    assert boxes.keep("b").name == "b"


def test_an_evicted_one_says_so(catalogue: Catalogue) -> None:
    """The next request to an evicted sandbox has it among its notes, once, and its journal has a remark."""
    boxes = Sandboxes(catalogue, limit=2)
    Client(boxes.get("a"), "deem")("GET", "/v1/purchases/34063ec2?api_key=1")
    boxes.get("b")
    box = boxes.get("a")
    client = Client(box, "deem")
    client("GET", "/v1/purchases/34063ec2?api_key=1")
    said = "the sandbox a was evicted as the longest idle of too many, and begins anew"
    assert (client.entry.id, client.entry.notes) == (2, (said,))
    assert box.journal.count(status=404) == Count(0, lost=1)
    client("GET", "/v1/purchases/34063ec2?api_key=1")
    assert client.entry.notes == ()
    assert [(remark.what, remark.sentence) for remark in box.journal.remarks()] == [("evicted", said)]


def test_one_that_was_deleted_says_nothing(catalogue: Catalogue) -> None:
    """Whoever deletes a sandbox knows that the next one of its name is new."""
    boxes = Sandboxes(catalogue)
    boxes.get("a")
    boxes.delete("a")
    assert boxes.get("a").journal.remarks() == ()


def test_what_cannot_be_deleted(catalogue: Catalogue) -> None:
    """The default sandbox stays, and one that there is not cannot go."""
    boxes = Sandboxes(catalogue)
    with pytest.raises(ValueError, match="reset it instead"):
        boxes.delete(DEFAULT)
    with pytest.raises(KeyError, match="there is no such sandbox"):
        boxes.delete("nobody")


def test_evicted_names_are_bounded(catalogue: Catalogue) -> None:
    """Not every name that was ever asked for is remembered."""
    boxes = Sandboxes(catalogue, limit=2)
    for number in range(40):
        boxes.get(f"n{number}")
    assert boxes.get("n0").journal.remarks() == ()
    assert boxes.get("n37").journal.remarks() != ()


def test_a_free_name_is_found(catalogue: Catalogue) -> None:
    """The stem where it is free, else with a number behind, which fits; without one a made-up name."""
    boxes = Sandboxes(catalogue)
    boxes.get("sandbox-2")
    long = "x" * 64
    made = [boxes.make_free(stem).name for stem in ("shop", "shop", "shop", long, long, None, None)]
    assert made == ["shop", "shop-2", "shop-3", long, f"{'x' * 58}-2", "sandbox-1", "sandbox-3"]
    assert boxes.make_free("shop", taken={"shop-4"}).name == "shop-5"
    with pytest.raises(ValueError, match="name"):
        boxes.make_free("a/b")


def test_a_free_name_is_given_once(catalogue: Catalogue) -> None:
    """However many ask at once, each gets a sandbox of its own, which is there under its name."""
    boxes = Sandboxes(catalogue)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: boxes.make_free("shop"), range(80)))
    assert len({box.name for box in made}) == 80
    assert all(boxes.get(box.name) is box for box in made)


def test_two_hundred_sandboxes_never_see_each_other(catalogue: Catalogue) -> None:
    """200 sandboxes, used by 16 threads at once, each with its own stock and clock: each is as if it were alone."""
    boxes = Sandboxes(catalogue, Setup(now=NOW))
    app = create_app(boxes)
    minutes = {number: number % 7 for number in range(200)}

    def reserve(number: int) -> TestResponse:
        url = f"/~box-{number}/deem{RESERVE}"
        return app.test_client().post(url, json={"deal_id": "two-each", "num_bought": 2})

    def live(number: int, turn: int) -> None:
        box = boxes.get(f"box-{number}")
        if turn == 0:
            box.view("deem").set_stock("two-each", number + 2)
            box.clock.advance(minutes=minutes[number])
        elif turn == 1:
            box.faults.add({"when": {"next": 1}, "what": {"status": 500 + number % 100}})
            assert reserve(number).status_code == 500 + number % 100
        else:
            assert reserve(number).status_code == 200

    with ThreadPoolExecutor(16) as pool:
        for turn in range(3):
            list(pool.map(lambda number, turn=turn: live(number, turn), range(200)))
    for number in range(200):
        box = boxes.get(f"box-{number}")
        stock = box.view("deem").stock("two-each")
        assert (stock.free, stock.held) == (number, 2)
        assert box.clock.now() == NOW + timedelta(minutes=minutes[number])
        assert [entry.sandbox for entry in box.journal] == [box.name] * 2


def test_no_sandbox_waits_for_anothers_lock(catalogue: Catalogue) -> None:
    """While one sandbox's lock is held, others are made, found, answered, steered, reset and deleted."""
    boxes = Sandboxes(catalogue, limit=3)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with boxes.default.lock:
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)

    def live() -> list[int]:
        statuses = []
        for name in ("a", "b", "c", "a"):
            box = boxes.get(name)
            statuses.append(Client(box, "deem")("GET", "/v1/purchases/34063ec2?api_key=1").status_code)
            box.clock.advance(minutes=1)
            box.snapshot("s")
            box.restore("s")
            box.reset()
        boxes.keep("a")
        boxes.make("b")
        boxes.delete("b")
        return statuses

    with ThreadPoolExecutor(1) as pool:
        try:
            assert pool.submit(live).result(10) == [200] * 4
        finally:
            done.set()
            holder.join()
