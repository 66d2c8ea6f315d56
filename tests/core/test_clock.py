"""The clock: a distance from the machine's time, or a point where time stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core import clock as module
from mocktill.core.clock import EARLIEST, LATEST, Clock, duration, instant, text
from mocktill.core.sandbox import Event, Sandbox
from mocktill.core.store import Store
from tests.client import Client
from tests.conftest import NOW

RESERVE = "/v1/purchases/reserve?api_key=1"
INSTANTS = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC))


class Machine:
    """The machine's time, as a test sets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = NOW
        monkeypatch.setattr(module, "machine_now", lambda: self.time)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Put a machine's time in place that only the test moves."""
    return Machine(monkeypatch)


def make_clock() -> Clock[Any]:
    """Make a clock on a store of its own, on which nothing expires."""
    store = Store()
    table = store.declare("clock")

    def moved(change: Callable[[], None]) -> list[Any]:
        with store.transaction():
            change()
        return []

    return Clock(table, moved)


def test_a_new_clock_runs_with_the_machine(machine: Machine) -> None:
    """Without a setting the sandbox's time is the machine's."""
    clock = make_clock()
    assert clock.now() == NOW
    machine.time += timedelta(hours=1)
    assert clock.now() == machine.time
    assert not clock.frozen


def test_a_frozen_clock_stands_still(machine: Machine) -> None:
    """Freezing keeps the instant, until `run` lets time go on from there."""
    clock = make_clock()
    clock.freeze()
    machine.time += timedelta(hours=1)
    assert (clock.now(), clock.frozen) == (NOW, True)
    clock.run()
    machine.time += timedelta(minutes=1)
    assert (clock.now(), clock.frozen) == (NOW + timedelta(minutes=1), False)


@pytest.mark.parametrize("frozen", [True, False])
def test_moving_keeps_the_mode(machine: Machine, frozen: bool) -> None:
    """`advance` and `travel_to` move a frozen clock and a running one, and leave it as it was."""
    clock = make_clock()
    if frozen:
        clock.freeze()
    clock.advance(minutes=5)
    assert clock.now() == NOW + timedelta(minutes=5)
    clock.advance(timedelta(hours=1), seconds=1)
    assert clock.now() == NOW + timedelta(hours=1, minutes=5, seconds=1)
    clock.travel_to(NOW - timedelta(days=400))
    assert clock.now() == NOW - timedelta(days=400)
    assert clock.frozen is frozen


@settings(max_examples=150, deadline=None)
@given(INSTANTS, INSTANTS, st.booleans())
def test_one_can_travel_there_and_back(there: datetime, back: datetime, frozen: bool) -> None:
    """Travelling arrives at the instant exactly, in both directions and both modes."""
    with pytest.MonkeyPatch.context() as patch:
        Machine(patch)
        clock = make_clock()
        if frozen:
            clock.freeze()
        clock.travel_to(there)
        assert clock.now() == there
        clock.travel_to(back)
        assert clock.now() == back
        clock.advance(there - back)
        assert clock.now() == there


@settings(max_examples=60, deadline=None)
@given(INSTANTS, INSTANTS)
def test_texts_of_instants_sort_as_the_instants_do(one: datetime, other: datetime) -> None:
    """A row's text names the instant to the microsecond, and texts compare as instants."""
    assert instant(text(one)) == one
    assert (text(one) < text(other)) == (one < other)


def test_a_text_is_utc_with_microseconds() -> None:
    """The text of an instant has one form, whatever zone it came in."""
    berlin = timezone(timedelta(hours=1))
    assert text(datetime(2026, 11, 22, 6, 16, 31, 5, tzinfo=berlin)) == "2026-11-22T05:16:31.000005Z"
    assert instant("2026-11-22T06:16:31+01:00") == datetime(2026, 11, 22, 5, 16, 31, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["2026-11-22T05:16:31", "2026-11-22", "soon", "", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_is_refused(wrong: str) -> None:
    """A text without a time zone, or that names no instant, is a ValueError."""
    with pytest.raises(ValueError):
        instant(wrong)


@pytest.mark.parametrize("move", ["travel_to", "freeze"])
@pytest.mark.parametrize("at", [EARLIEST - timedelta(seconds=1), LATEST + timedelta(seconds=1), datetime(2026, 1, 1)])
def test_the_clock_refuses_what_is_out_of_its_range(move: str, at: datetime) -> None:
    """An instant out of range or without a time zone is a ValueError, and the clock stays where it is."""
    clock = make_clock()
    clock.freeze(NOW)
    with pytest.raises(ValueError):
        getattr(clock, move)(at)
    assert clock.now() == NOW


@pytest.mark.parametrize("days", [5 * 10**6, -(10**6), 10**15, 9 * 10**8])
def test_a_distance_that_leads_nowhere_is_refused(days: float) -> None:
    """A distance that ends out of range, or is none at all, is a ValueError."""
    clock = make_clock()
    clock.freeze(NOW)
    with pytest.raises(ValueError):
        clock.advance(days=days)
    assert clock.now() == NOW


def test_moving_tells_what_it_made_happen(box: Sandbox) -> None:
    """`advance` returns what expired, earliest first, each at its own instant."""
    with box.changing():
        box.backend("deem").holds.place("late", "two-each", 1, NOW + timedelta(minutes=2))
        box.backend("deem").holds.place("soon", "last-one", 1, NOW + timedelta(minutes=1))
    assert box.clock.advance(seconds=59) == []
    soon, late = box.clock.advance(hours=1)
    assert soon == Event(
        NOW + timedelta(minutes=1), "deem", "expired", "soon", "last-one", 1,
        "reservation soon expired: 1 of last-one returned",
    )  # fmt: skip
    assert late.at == NOW + timedelta(minutes=2)
    assert box.clock.advance(hours=1) == []


def test_what_has_expired_stays_expired(box: Sandbox) -> None:
    """Moving back makes nothing happen and brings nothing back."""
    with box.changing():
        box.backend("deem").holds.place("h", "last-one", 1, NOW + timedelta(minutes=1))
    assert len(box.clock.travel_to(NOW + timedelta(minutes=1))) == 1
    assert box.clock.travel_to(NOW - timedelta(days=1)) == []
    assert box.table("deem.stock").get("last-one") == {"free": 1, "held": 0, "sold": 0}
    assert box.clock.now() == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "delta"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("-5m", timedelta(minutes=-5)),
        ("PT5M", timedelta(minutes=5)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1DT2H", timedelta(hours=26)),
        ("P2W", timedelta(weeks=2)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("-PT1S", timedelta(seconds=-1)),
        (300, timedelta(minutes=5)),
        (0.25, timedelta(milliseconds=250)),
        (-1, timedelta(seconds=-1)),
    ],
)
def test_durations(written: str | float, delta: timedelta) -> None:
    """A duration is a short form, ISO 8601, or a number of seconds; a minus goes back."""
    assert duration(written) == delta


@pytest.mark.parametrize(
    "written",
    ["", "5", "m", "5 m", "5M", "1.5h", "P", "PT", "P1H", "PT5", "T5M", "5m5s", "--5m", "\u0665m", "9" * 13 + "s",
     "999999999999d", float("inf"), float("nan"), 1e300],
)  # fmt: skip
def test_what_is_no_duration(written: str | float) -> None:
    """Anything else is a ValueError, in words where it is text."""
    with pytest.raises(ValueError, match=r"duration|time goes|NaN"):
        duration(written)


def test_next_goes_to_the_next_expiry(box: Sandbox) -> None:
    """`next` moves to the instant at which something happens, and no further; with nothing to come, time stays."""
    assert (box.clock.next_expiry(), box.clock.next(), box.clock.now()) == (None, [], NOW)
    for minutes in (0, 1):
        box.clock.travel_to(NOW + timedelta(minutes=minutes))
        answer = Client(box, "deem")("POST", RESERVE, json={"deal_id": "two-each", "num_bought": minutes + 1})
        assert answer.status_code == 200
    assert box.clock.next_expiry() == NOW + timedelta(minutes=5)
    (first,) = box.clock.next()
    assert (box.clock.now(), first.at, first.quantity) == (NOW + timedelta(minutes=5), NOW + timedelta(minutes=5), 1)
    (second,) = box.clock.next()
    assert (box.clock.now(), second.quantity) == (NOW + timedelta(minutes=6), 2)
    assert box.clock.next() == []


def test_what_is_due_fires_in_order(box: Sandbox) -> None:
    """One long step fires everything that is due, earliest first, and the journal has a remark for each."""
    for _ in range(3):
        Client(box, "deem")("POST", RESERVE, json={"deal_id": "two-each", "num_bought": 1})
        box.clock.advance(seconds=30)
    events = box.clock.advance(hours=1)
    assert [event.at for event in events] == [NOW + timedelta(minutes=5, seconds=30 * number) for number in range(3)]
    remarks = box.journal.remarks()
    assert [(remark.what, remark.at, remark.key, remark.sentence) for remark in remarks] == [
        ("expired", event.at, event.key, event.sentence) for event in events
    ]


def test_going_back_brings_nothing_back(box: Sandbox) -> None:
    """What has expired stays so when time goes back; what is held has longer."""
    Client(box, "deem")("POST", RESERVE, json={"deal_id": "two-each", "num_bought": 1})
    assert len(box.clock.advance(minutes=5)) == 1
    assert box.clock.advance(hours=-1) == []
    assert box.view("deem").stock("two-each").held == 0
    Client(box, "deem")("POST", RESERVE, json={"deal_id": "two-each", "num_bought": 1})
    box.clock.advance(minutes=-10)
    assert box.clock.advance(minutes=14) == []
    assert len(box.clock.advance(minutes=1)) == 1
