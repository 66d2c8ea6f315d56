"""One suite of behaviours through every door: whichever client asks, and wherever the sandbox is, the same comes back.

What a client sees through Flask's test client it sees through every other door: statuses, the headers that matter, and
bodies, byte by byte; and the journal tells the same of it. What Flask's test client cannot show is held against a bare
socket.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mocktill.doors.interception.patches import doors
from mocktill.doors.interception.places import PLACES
from mocktill.doors.testing.settings import LIVE
from mocktill.doors.testing.world import world_of
from tests.clients import breaking, buying, reading, staying, writing
from tests.clients.behaviour import Behaviour
from tests.clients.doors import DOORS, LIBRARIES, Door, reference, visiting
from tests.clients.seen import CUT, Lost
from tests.doors.wire import serving

MODULES = (reading, buying, writing, breaking, staying)
BEHAVIOURS = (*reading.READING, *buying.BUYING, *writing.WRITING, *breaking.BREAKING, *staying.STAYING)
MATRIX = [
    pytest.param(door, behaviour, id=f"{behaviour}-{door}")
    for behaviour in BEHAVIOURS
    for door in DOORS
    if door.shows(behaviour)
]
ELSEWHERE = [door for door in DOORS if door.client in LIBRARIES and door.mode != LIVE]
"""The doors of clients that are on the live way as well."""
ENOUGH = 40
"""How many behaviours every door shows at the least."""
PLAYED = ["visit", "return"]
"""What a behaviour's function is annotated with."""


@dataclass(frozen=True)
class Shown:
    """What came of a behaviour through one door: in short, as the client saw it, and as the journal tells it.

    `headers` are those that the journal has of each request: they are each client's own.
    """

    outcome: tuple[str, ...]
    seen: list[Any]
    told: list[Any]
    headers: list[Any]


class Stage:
    """Where behaviours are shown: in this process, on a server of it, and on one of another."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._known: dict[tuple[Door, Behaviour], Shown] = {}

    def show(self, door: Door, behaviour: Behaviour) -> Shown:
        """Show a behaviour in a fresh sandbox."""
        with visiting(door, behaviour, self._server) as visit:
            behaviour.play(visit)
            shown = Shown(visit.outcome, visit.seen, visit.told, visit.headers)
        self._known.setdefault((door, behaviour), shown)
        return shown

    def known(self, door: Door, behaviour: Behaviour) -> Shown:
        """Return what came of a behaviour when it was shown through a door for the first time."""
        return self._known.get((door, behaviour)) or self.show(door, behaviour)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One server of each kind for all tests of this module."""
    with world_of(None, None).served(), serving(tmp_path_factory.mktemp("server")) as other:
        yield Stage(other.url)


@pytest.fixture(autouse=True)
def nothing_is_left(stage: Stage) -> Iterator[None]:
    """After each test every client is as it was, no sandbox is active, and no thread is left but the servers'."""
    before = patched(), threads()
    yield
    assert (patched(), threads()) == before
    assert PLACES.active == ()


def patched() -> list[tuple[Any, str, Any]]:
    """Return what stands now in each place that is patched while a sandbox is active."""
    places = [(patch.owner, patch.name) for door in doors() for patch in door.patches()]
    return [(owner, name, vars(owner).get(name)) for owner, name in places]


def threads() -> set[threading.Thread]:
    """Return the threads of this process, but for those of the server in it."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("mocktill")}


def blind(shown: Shown) -> Shown:
    """Return what is seen by a client that hands out nothing of a body that breaks off."""
    return replace(
        shown,
        outcome=tuple(CUT if came.startswith(CUT) else came for came in shown.outcome),
        seen=[
            replace(seen, part=replace(seen.part, body=b"")) if isinstance(seen, Lost) and seen.part else seen
            for seen in shown.seen
        ],
    )


@pytest.mark.parametrize(("door", "behaviour"), MATRIX)
def test_the_same_through_every_door(stage: Stage, door: Door, behaviour: Behaviour) -> None:
    """What is expected comes, it is what the door sees that others are held against, and the journal agrees.

    Of the requests of one client the journal has the same headers wherever the sandbox is.
    """
    wanted = stage.known(reference(door, behaviour), behaviour)
    expected = behaviour.own.get(door.client, behaviour.outcome)
    shown = stage.show(door, behaviour)
    if door.blind:
        wanted, expected = blind(wanted), blind(Shown(expected, [], [], [])).outcome
    assert shown.outcome == expected
    assert shown.seen == wanted.seen
    assert shown.told == wanted.told
    if door in ELSEWHERE:
        assert shown.headers == stage.known(Door(door.client, LIVE), behaviour).headers


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_every_door_shows_enough(door: Door) -> None:
    """Each door shows at least forty behaviours."""
    assert sum(door.shows(behaviour) for behaviour in BEHAVIOURS) >= ENOUGH


def test_no_behaviour_is_forgotten() -> None:
    """Each function of the modules of behaviours that takes a visit, and nothing else, is in the table once."""
    written = {
        found
        for module in MODULES
        for found in vars(module).values()
        if getattr(found, "__module__", "") == module.__name__ and [*getattr(found, "__annotations__", {})] == PLAYED
    }
    assert written == {behaviour.play for behaviour in BEHAVIOURS}
    assert len(written) == len(BEHAVIOURS)
