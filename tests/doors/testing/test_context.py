"""A sandbox as a context: made as asked, wherever it is, and gone afterwards with everything that led to it."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

import mocktill
from mocktill.apis import BUILTIN, BrokenApi
from mocktill.core.api import Api
from mocktill.core.catalogue import Catalogue
from mocktill.core.clock import text
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.interception.places import PLACES
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote
from mocktill.doors.serving import server
from mocktill.doors.serving.server import CannotListen, ServerThread
from mocktill.doors.testing import world
from mocktill.doors.testing.world import world_of

DEAL = "la-1024-wsc-hair-studio-01-2"
NOON = "2026-03-02T12:00:00Z"
RESERVE = "/purchases/reserve?api_key=1234567"
MODES = ("in process", "live", "remote")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, url: str) -> dict[str, Any]:
    """The settings by which a sandbox is in this process, on a server of it, or on one that runs."""
    if request.param == "remote":
        return {"url": url}
    return {"live": request.param == "live"}


def reserve(base: str, quantity: int = 1, deal: str = DEAL) -> requests.Response:
    """Reserve some units of a deal."""
    order = {"deal_id": deal, "num_bought": quantity}
    with requests.Session() as client:
        return client.post(f"{base}{RESERVE}", json=order, timeout=10)


def test_it_begins_as_asked(mode: dict[str, Any]) -> None:
    """Seed, instant, choices, faults and kind of answers hold, and calls lead there by URL and by the vendor's host."""
    with mocktill.sandbox(
        **mode, seed=7, now=NOON, choices={"deem.claim_twice": "same_answer"}, faults=["lost-answer"]
    ) as box:
        assert (box.seed, text(box.now()), box.clock.frozen) == (7, "2026-03-02T12:00:00.000000Z", True)
        assert box.choices["deem.claim_twice"] == "same_answer"
        with pytest.raises(requests.ConnectionError):
            reserve(box.url("deem") + "/v1")
        assert reserve("https://api.offers.deem.com/v1").status_code == 200
        assert [entry.lost for entry in box.journal] == [True, False]
        assert [held.quantity for held in box.deem.reservations()] == [1, 1]
        for held in box.deem.reservations():
            box.deem.set_stock(held.deal_id, 1)
        box.reset()
    with mocktill.sandbox(**mode, answers="canned") as box:
        reserve(box.url("deem") + "/v1")
        assert box.leaks() == []


def test_a_state_is_loaded(mode: dict[str, Any]) -> None:
    """A sandbox may begin as another one was left."""
    with mocktill.sandbox(**mode) as box:
        box.deem.set_stock("last-one", 5)
        state = box.state()
    with mocktill.sandbox(**mode, state=state) as box:
        assert box.deem.stock("last-one").free == 5


def test_what_is_said_counts_more_than_a_state(mode: dict[str, Any]) -> None:
    """Seed, answers, choices and instant that are given beside a state; what is not given is the state's."""
    with mocktill.sandbox(**mode, seed=3, choices={"deem.sold_out": "validation_failed"}) as box:
        state = box.state()
    said: dict[str, Any] = {"seed": 7, "now": NOON, "answers": "canned", "choices": {"deem.claim_twice": "same_answer"}}
    for more, seed, answers in ((said, 7, "canned"), ({}, 3, "stateful")):
        with mocktill.sandbox(**mode, **more, state=state) as box:
            assert (box.seed, box.clock.frozen) == (seed, bool(more))
            assert box.state()["tables"]["mocktill.settings"]["settings"]["answers"] == answers
            assert (box.choices["deem.claim_twice"] == "same_answer", box.choices["deem.sold_out"]) == (
                bool(more), "validation_failed",
            )  # fmt: skip
            assert not more or text(box.now()) == "2026-03-02T12:00:00.000000Z"


def test_each_begins_anew(mode: dict[str, Any]) -> None:
    """One after another, or beside each other, none sees what came in another."""
    with mocktill.sandbox(**mode) as one, mocktill.sandbox(**mode) as two:
        assert one.name != two.name
        one.deem.set_stock("last-one", 5)
        reserve(two.url("deem") + "/v1", deal="two-each")
        assert (two.deem.stock("last-one").free, len(one.journal), len(two.journal)) == (1, 0, 1)
        two.reset()
    with mocktill.sandbox(**mode) as box:
        assert (box.deem.stock("last-one").free, len(box.journal)) == (1, 0)


def test_the_same_bytes_come_again(mode: dict[str, Any]) -> None:
    """The same seed and the same instant give the same bytes, whatever ran before."""
    bodies = []
    for _ in range(2):
        with mocktill.sandbox(**mode, seed=3, now=NOON) as box:
            bodies.append(reserve("https://api.offers.deem.com/v1").content)
            box.reset()
    assert bodies[0] == bodies[1]


def test_only_some_apis(mode: dict[str, Any]) -> None:
    """The host of an API that was left out is refused, and said; it is not reached."""

    def ask() -> None:
        with mocktill.sandbox(**mode, apis=["deem"]), pytest.raises(requests.ConnectionError, match="without that API"):
            requests.get("https://api.getdrip.com/v2/9999999/subscribers", timeout=10)

    with pytest.raises(mocktill.Violated, match=r"reached for api\.getdrip\.com"):
        ask()


def patched() -> list[object]:
    """Return what is replaced while a sandbox is active."""
    return [
        http.client.HTTPConnection.putrequest,
        http.client.HTTPConnection.connect,
        http.client.HTTPSConnection.connect,
        requests.packages.urllib3.connection.HTTPConnection.connect,  # type: ignore[attr-defined]
        requests.packages.urllib3.connection.HTTPSConnection.connect,  # type: ignore[attr-defined]
        socket.getaddrinfo,
    ]


def test_nothing_outlives_it(mode: dict[str, Any], url: str) -> None:
    """Afterwards no patch, thread, variable, sandbox or descriptor is left, whatever happened inside."""
    before, threads, variables = patched(), set(threading.enumerate()), dict(os.environ)
    there = [listed.name for listed in Remote(url).sandboxes()]

    def use() -> None:
        with mocktill.sandbox(**mode) as box:
            reserve(box.url("deem") + "/v1", 0)  # a violation: the exception that is on its way is not hidden by it
            assert patched() != before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert patched() == before
    assert PLACES.active == ()
    assert dict(os.environ) == variables
    assert [listed.name for listed in Remote(url).sandboxes()] == there
    assert [box.name for box, _ in world_of(None, None).sandboxes.all()] == ["default"]
    assert {thread for thread in threading.enumerate() if thread.name.startswith("mocktill")} <= threads


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"apis": ["square"]}, "there is no API 'square'; there are deem"),
        ({"choices": {"deem.claim_twise": "conflict"}}, "deem.claim_twise"),
        ({"choices": {"deem.claim_twice": "perhaps"}}, "perhaps"),
        ({"faults": ["lost-anser"]}, "lost-anser"),
        ({"faults": [{"what": {"status": 99}}]}, "faults: fault 1: /what/status"),
        ({"faults": ["slow", {"what": {"delay": timedelta(5)}}]}, "faults: fault 2: "),
        ({"state": {"version": 1}}, "/tables"),
        (
            {"state": {"version": 1, "tables": {"deem.stock": {"last-one": {"free": -1}}}}},
            "/tables/deem.stock/last-one",
        ),
    ],
)
def test_what_cannot_be_met_is_refused(mode: dict[str, Any], wrong: dict[str, Any], said: str) -> None:
    """A wrong API, choice, fault or state is said in words with its place, and nothing of the sandbox is left."""
    before = patched()
    with pytest.raises((ValueError, KeyError)) as caught, mocktill.sandbox(**mode, **wrong):
        pytest.fail("it was made")
    assert said in str(caught.value)
    assert (patched(), PLACES.active) == (before, ())
    assert [box.name for box, _ in world_of(None, None).sandboxes.all()] == ["default"]


def test_fixtures_of_ones_own(tmp_path: Path) -> None:
    """Seed files of a folder, as they are by then, lie over the built-in ones; a broken one is said with its line."""
    (tmp_path / "deem").mkdir()
    seed = tmp_path / "deem" / "seed.yaml"
    seed.write_text("version: 1\ntables:\n  deals:\n    mine: {title: Mine, price: 100, stock: 3, max_per_user: 3}\n")
    with mocktill.sandbox(fixtures=tmp_path) as box:
        assert box.deem.stock("mine").free == 3
    assert world_of(None, tmp_path) is world_of(None, tmp_path)
    seed.write_text(seed.read_text().replace("stock: 3", "stock: 4"))
    os.utime(seed, ns=(0, 0))
    with mocktill.sandbox(fixtures=tmp_path) as box:
        assert box.deem.stock("mine").free == 4
    seed.write_text("version: 1\ntables:\n  deals: 7\n")
    with pytest.raises(ValueError, match=r"seed\.yaml:3"), mocktill.sandbox(fixtures=tmp_path):
        pass


def test_what_cannot_be_loaded_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An API of another package that is broken is said by each sandbox in the same words, and imported once."""
    tried = []

    def load() -> tuple[Api, ...]:
        tried.append(1)
        raise BrokenApi("toll 1.0: no")

    monkeypatch.setattr(world, "installed", load)
    monkeypatch.setattr(world, "_found", cache(world._found.__wrapped__))
    world._world.cache_clear()
    for _ in range(3):
        with pytest.raises(BrokenApi, match=r"^toll 1\.0: no$"), mocktill.sandbox():
            pass
    assert tried == [1]


def test_it_is_asynchronous_too() -> None:
    """`async with` does the same."""

    async def use() -> str:
        async with mocktill.sandbox(now=NOON) as box:
            return text(box.now())

    assert asyncio.run(use()) == "2026-03-02T12:00:00.000000Z"


def test_it_can_be_entered_again() -> None:
    """The same context makes a fresh sandbox each time."""
    context = mocktill.sandbox(name="again")
    for _ in range(2):
        with context as box:
            assert (box.name, box.deem.stock("last-one").free) == ("again", 1)
            box.deem.set_stock("last-one", 2)


def test_it_cannot_be_entered_within_itself() -> None:
    """That is refused in words, and what came before and after is judged."""
    context = mocktill.sandbox()

    def use() -> None:
        with context as box:
            reserve(box.url("deem") + "/v1", 0)
            with pytest.raises(RuntimeError, match="this sandbox is entered already"), context:
                pytest.fail("it was entered")

    with pytest.raises(mocktill.Violated, match="/num_bought"):
        use()
    with context as box:
        assert len(box.journal) == 0


def test_sandboxes_of_different_apis_do_not_share_a_name() -> None:
    """All that are there at a time are told apart by their URLs, whatever each is made of."""
    with mocktill.sandbox(apis=["deem"]) as one, mocktill.sandbox(apis=["drip"]) as two:
        assert one.name != two.name
        headers = {"Authorization": "Bearer x"}
        with requests.Session() as client:
            client.get(two.url("drip") + "/v2/9999999/subscribers/x", headers=headers, timeout=10)
        assert (len(one.journal), len(two.journal)) == (0, 1)


def test_a_name_on_a_server(url: str) -> None:
    """One that is given is passed on; one that is taken is refused in words, and what has it stays as it is."""
    with mocktill.sandbox("mine", url=url) as box:
        assert box.name == "mine"
        with pytest.raises(ValueError, match="has a sandbox mine: delete it first"), mocktill.sandbox("mine", url=url):
            pytest.fail("it was replaced")
        assert "mine" in [listed.name for listed in Remote(url).sandboxes()]
        with pytest.raises(ValueError, match="name"), mocktill.sandbox("a/b", url=url):
            pass
    assert "mine" not in [listed.name for listed in Remote(url).sandboxes()]


def test_a_name_that_is_taken() -> None:
    """Of two of the same name the second one gets another; what is no name is refused."""
    with mocktill.sandbox(name="shop") as one, mocktill.sandbox(name="shop") as two:
        assert (one.name, two.name) == ("shop", "shop-2")
        assert one.url("deem") == "http://mocktill.test/~shop/deem"
    with pytest.raises(ValueError, match="name"), mocktill.sandbox(name="a/b"):
        pass


def test_many_at_once() -> None:
    """Sandboxes that are entered from many threads at once are each their own, and the last one takes the patches."""
    before, found, names = patched(), [], []
    gate = threading.Barrier(8)

    def use(number: int) -> None:
        gate.wait()
        with mocktill.sandbox("shop" if number % 2 else None, apis=["deem"]) as box:
            names.append(box.name)
            box.deem.set_stock("last-one", number)
            reserve("https://api.offers.deem.com/v1", deal="two-each")
            found.append((number, box.deem.stock("last-one").free, len(box.journal)))
            box.reset()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(number, number, 1) for number in range(8)]
    assert {name.partition("-")[0] for name in names} == {"shop", "sandbox"}
    assert (patched(), PLACES.active) == (before, ())


def test_live_servers_are_shared() -> None:
    """Those that are live at a time have one server; the last one ends it."""
    with ExitStack() as stack:
        boxes = [stack.enter_context(mocktill.sandbox(live=True)) for _ in range(3)]
        assert len({box.url("deem").partition("/~")[0] for box in boxes}) == 1
        port = int(boxes[0].url("deem").split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_server_that_does_not_start_spoils_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one that could not listen, the next one does."""

    def refuse(*given: object) -> None:
        raise CannotListen("cannot listen")

    with monkeypatch.context() as patch:
        patch.setattr(server, "ServerThread", refuse)
        with pytest.raises(CannotListen), mocktill.sandbox(live=True):
            pass
    with mocktill.sandbox(live=True) as box:
        assert reserve("https://api.offers.deem.com/v1", deal="two-each").status_code == 200
        box.reset()


@pytest.mark.parametrize("live", [True, False])
def test_one_that_was_deleted_meanwhile(live: bool) -> None:
    """Whoever deletes a sandbox of this process over HTTP spoils nothing at its end."""
    with mocktill.sandbox(live=live) as box:
        world_of(None, None).sandboxes.delete(box.name)


@pytest.fixture
def guarded() -> Iterator[str]:
    """A server whose control API wants a token."""
    app = create_app(Sandboxes(Catalogue(BUILTIN)), token="secret-token")
    with ServerThread(app, RequestLog(Nowhere())) as url:
        yield url


def test_a_server_with_a_token(guarded: str) -> None:
    """With the token it is used; with another one, or none, it is refused in words."""
    with mocktill.sandbox(url=guarded, token="secret-token") as box:
        reserve("https://api.offers.deem.com/v1")
        assert len(box.journal) == 1
        box.reset()
    for token in ("another", None):
        with pytest.raises(PermissionError), mocktill.sandbox(url=guarded, token=token):
            pass


def test_a_server_that_is_not_there() -> None:
    """Without a server there is one sentence that says where it was looked for."""
    said = r"no server answers at http://127\.0\.0\.1:1"
    with pytest.raises(ConnectionError, match=said), mocktill.sandbox(url="http://127.0.0.1:1"):
        pass
