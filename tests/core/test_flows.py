"""Flows: what fits, in which window, how often, for which subject, and what the verdict says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from mocktill.core.api import JSON
from mocktill.core.contract import Unacceptable
from mocktill.core.entry import Entry, Remark, Struck
from mocktill.core.flows import ROWS, Happened, Verdict, check
from mocktill.core.store import Change
from tests.conftest import NOW
from tests.core.entries import WRONG, entry

TABLE = "deem.purchases"
RESERVE = {"operation": "deem.reserve_purchase"}
CLAIM = {"operation": "deem.claim_purchase"}
RELEASE = {"operation": "deem.release_purchase"}
ONCE_IN_TIME = {"each": TABLE, "steps": [RESERVE, {**CLAIM, "times": 1}, {**CLAIM, "after": "expired", "times": 0}]}


def reserve(number: int, key: str = "a", **other: Any) -> Entry:
    """Make the entry of a reservation that made a row."""
    made = (Change("deem.stock", "seats", {"free": 3}, {"free": 2}), Change(TABLE, key, None, {"state": "reserved"}))
    return told(number, "reserve_purchase", **{"path": "/v1/purchases/reserve", "changes": made, **other})


def claim(number: int, key: str = "a", **other: Any) -> Entry:
    """Make the entry of a claim."""
    return told(number, "claim_purchase", path=f"/v1/purchases/{key}/claim", **other)


def told(number: int, operation: str | None, **other: Any) -> Entry:
    """Make an entry, as many minutes after noon as its number."""
    return entry(number, at=NOW + timedelta(minutes=number), operation=operation, **other)


def expired(after: int, key: str = "a", api: str = "deem") -> Remark:
    """Make the remark that a hold expired."""
    return Remark(NOW + timedelta(minutes=after), after, "expired", f"reservation {key} expired", api, key)


def problems(flow: JSON, entries: list[Entry], *remarks: Remark) -> list[tuple[str, ...]]:
    """Return what is wrong with each subject; the verdict is ok if nothing is."""
    verdict = check(flow, entries, remarks)
    found = [subject.problems for subject in verdict.subjects]
    assert verdict.ok == (bool(found) and not any(found))
    assert [subject.ok for subject in verdict.subjects] == [not wrong for wrong in found]
    return found


def test_one_claim_in_time_is_what_the_flow_says() -> None:
    """Reserve, then exactly one claim, none after expiry: for each of two purchases whose requests are mixed."""
    entries = [reserve(1), reserve(2, "b"), claim(3, "b"), claim(4)]
    assert problems(ONCE_IN_TIME, entries) == [(), ()]


@pytest.mark.parametrize(
    ("entries", "remarks", "wrong"),
    [
        (
            [reserve(1)],
            [],
            ("step 2, deem.claim_purchase: expected once, happened never",),
        ),
        (
            [reserve(1), claim(2), claim(3)],
            [],
            ("step 2, deem.claim_purchase: expected once, happened twice (entries 2, 3)",),
        ),
        (
            [reserve(1), claim(2)],
            [expired(1)],
            ("step 3, deem.claim_purchase after expired: expected never, happened once (entry 2)",),
        ),
        (
            [reserve(1), claim(2, status=409)],
            [],
            (
                "step 2, deem.claim_purchase: expected once, happened never; "
                "answered with 409 instead (entry 2)",
            ),
        ),
        ([reserve(1), claim(2)], [expired(2)], ()),
        ([reserve(1), claim(2)], [expired(1, "b")], ()),
        ([reserve(1), claim(2)], [expired(1, api="drip")], ()),
        ([claim(1), reserve(2), claim(3)], [expired(0)], ()),
    ],
)  # fmt: skip
def test_a_flow_that_went_otherwise_is_told_step_by_step(
    entries: list[Entry], remarks: list[Remark], wrong: tuple[str, ...]
) -> None:
    """Too many, too few, too late: each broken step is named with what was expected and what happened."""
    assert problems(ONCE_IN_TIME, entries, *remarks) == [wrong]


@pytest.mark.parametrize(
    ("counted", "least", "most"),
    [
        ({}, 1, 1),
        ({"times": 0}, 0, 0),
        ({"times": 2}, 2, 2),
        ({"least": 1}, 1, 9),
        ({"least": 0}, 0, 9),
        ({"most": 1}, 0, 1),
        ({"least": 1, "most": 2}, 1, 2),
    ],
)
@pytest.mark.parametrize("number", range(4))
def test_a_step_says_how_often(counted: JSON, least: int, most: int, number: int) -> None:
    """Once, unless `times`, `least` or `most` say otherwise; both ends of a range belong to it."""
    flow = {"each": TABLE, "steps": [RESERVE, {**CLAIM, **counted}]}
    entries = [reserve(1), *[claim(2 + place) for place in range(number)]]
    assert (problems(flow, entries) == [()]) == (least <= number <= most)


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ({"times": 3}, "expected 3 times"),
        ({"least": 3}, "expected at least 3 times"),
        ({"most": 1}, "expected at most once"),
        ({"least": 3, "most": 4}, "expected 3 to 4 times"),
    ],
)
def test_what_was_expected_is_in_words(counted: JSON, said: str) -> None:
    """A problem says how often was expected, and how often it was."""
    flow = {"each": TABLE, "steps": [RESERVE, {**CLAIM, **counted}]}
    assert f"{said}, happened twice (entries 2, 3)" in problems(flow, [reserve(1), claim(2), claim(3)])[0][0]


@pytest.mark.parametrize(
    ("wanted", "answered", "counts"),
    [
        ({}, {"status": 200}, True),
        ({}, {"status": 204}, True),
        ({}, {"status": 302}, False),
        ({}, {"status": 422}, False),
        ({}, {"status": 200, "lost": True, "fault": Struck("f", "lost")}, True),
        ({}, {"status": 503, "fault": Struck("f", "x"), "changes": (Change(TABLE, "a", {}, {}),)}, True),
        ({}, {"status": 503, "fault": Struck("f", "x")}, False),
        ({}, {"status": 200, "lost": True, "fault": Struck("f", "lost", undone=True)}, False),
        ({"status": 200}, {"status": 200, "fault": Struck("f", "garbled", undone=True)}, True),
        ({"status": 409}, {"status": 409}, True),
        ({"status": 409}, {"status": 200}, False),
        ({"status": "4xx"}, {"status": 409}, True),
        ({"status": "5xx"}, {"status": 409}, False),
    ],
)
def test_a_request_fits_by_its_answer(wanted: JSON, answered: Any, counts: bool) -> None:
    """What was done where nothing is said, be it that the client never saw it; else the status that is named."""
    flow = {"each": TABLE, "steps": [RESERVE, {**CLAIM, **wanted}]}
    assert (problems(flow, [reserve(1), claim(2, **answered)]) == [()]) == counts


@pytest.mark.parametrize(
    ("steps", "fine"),
    [
        ([RESERVE, CLAIM, {"operation": "deem.get_purchase"}], True),
        ([RESERVE, {"operation": "deem.get_purchase"}, CLAIM], False),
        ([RESERVE, {**RELEASE, "times": 0}, CLAIM], True),
        ([RESERVE, {"event": "expired"}, CLAIM], False),
        ([RESERVE, CLAIM, {"event": "expired"}], True),
        ([RESERVE, {**CLAIM, "before": "expired"}], True),
        ([RESERVE, CLAIM, {"operation": "deem.get_purchase", "before": "expired", "times": 0}], True),
        ([RESERVE, {"operation": "deem.get_purchase", "after": "expired"}], True),
        ([RESERVE, {**CLAIM, "after": "expired", "times": 0}], True),
        ([RESERVE, {**CLAIM, "after": "restored", "times": 0}], True),
        ([RESERVE, {**CLAIM, "after": "restored"}], False),
        ([RESERVE, {**CLAIM, "before": "restored"}], True),
        ([RESERVE, {"operation": "deem.get_purchase"}, {**CLAIM, "before": "expired"}], False),
    ],
)
def test_steps_come_in_order(steps: list[JSON], fine: bool) -> None:
    """Reserve, claim, expiry, look: a step counts behind what those before it counted, or where an event says."""
    look = told(3, "get_purchase", method="GET", path="/v1/purchases/a.json")
    found = problems({"each": TABLE, "steps": steps}, [reserve(1), claim(2), look], expired(2))
    assert (found == [()]) == fine


def test_a_subject_is_known_by_change_and_by_path() -> None:
    """A request belongs to a subject that it changed, or that its path names; in another API the name means nothing."""
    entries = [
        reserve(1),
        told(2, "get_purchase", path="/v1/purchases/a.json"),
        told(3, "get_purchase", path="/v1/purchases/ab"),
        told(4, "get_purchase", path="/a/x", api="drip"),
        told(5, "create_purchase", path="/v1/purchases", changes=(Change(TABLE, "a", {}, {}),)),
        told(6, None, method="GET", path="/v1/purchase/a", status=404),
    ]
    verdict = check({"each": TABLE, "steps": [RESERVE]}, entries)
    assert [one.id for one in verdict.subjects[0].happened] == [1, 2, 5, 6]


def test_every_row_of_the_first_step_is_a_subject() -> None:
    """Each row that the first step made or changed is judged; what went wrong with one is not the other's."""
    both = told(1, "reserve_purchase", changes=(Change(TABLE, "a", None, {}), Change(TABLE, "b", {}, {})))
    verdict = check(ONCE_IN_TIME, [both, claim(2, "b")])
    assert [(subject.key, subject.ok) for subject in verdict.subjects] == [("a", False), ("b", True)]


def test_a_row_that_is_made_again_is_a_new_subject() -> None:
    """After a restore the same key is drawn again: two reservations with one claim each, not one with two."""
    restored = Remark(NOW, 2, "restored", "restored from start")
    entries = [reserve(1), claim(2), reserve(3), claim(4)]
    assert problems(ONCE_IN_TIME, entries, restored) == [(), ()]


def test_an_event_may_come_first() -> None:
    """Each hold that expired is a subject, if the first step is the expiry."""
    flow = {"each": TABLE, "steps": [{"event": "expired"}, {**CLAIM, "times": 0}]}
    assert problems(flow, [reserve(1), reserve(2, "b"), claim(3, "b")], expired(2), expired(2, "b")) == [
        (),
        ("step 2, deem.claim_purchase: expected never, happened once (entry 3)",),
    ]


def test_without_each_the_whole_journal_is_judged() -> None:
    """Then there is one subject, whatever was asked, and also where nothing was."""
    none = {"steps": [{**CLAIM, "times": 0}]}
    assert problems(none, []) == [()]
    assert problems(none, [reserve(1)]) == [()]
    assert problems(none, [reserve(1), claim(2)]) != [()]
    twice = {"steps": [{**RESERVE, "times": 2}, {**CLAIM, "times": 2}]}
    assert problems(twice, [reserve(1), reserve(2, "b"), claim(3), claim(4, "b")]) == [()]


def test_no_subject_is_not_ok() -> None:
    """Where nothing matched the first step nothing is proved, and the table tells what was asked instead."""
    verdict = check(ONCE_IN_TIME, [reserve(1, status=422, changes=(), violations=(WRONG,))])
    assert (verdict.ok, verdict.subjects) == (False, ())
    assert verdict.table.splitlines() == [
        "nothing matched the first step, deem.reserve_purchase",
        "",
        "time                 entry  what                   status  note",
        '2026-03-02 12:01:00  1      deem.reserve_purchase  422     /num_bought: expected integer, got "two"',
    ]
    assert check(ONCE_IN_TIME, []).table == "nothing matched the first step, deem.reserve_purchase"


def test_a_journal_that_lost_entries_proves_nothing() -> None:
    """What can be seen is judged, and is fine; but what was evicted may have been the claim that must not be."""
    verdict = check(ONCE_IN_TIME, [reserve(8), claim(9)], lost=7)
    assert (verdict.ok, verdict.lost, [subject.ok for subject in verdict.subjects]) == (False, 7, [True])
    assert "7 older entries were evicted" in verdict.table
    assert not check({"steps": [{**CLAIM, "times": 0}]}, [], lost=1).ok


def test_the_table_tells_what_happened_instead() -> None:
    """In a sentence, then problem by problem, then in columns: only of the subjects that went otherwise."""
    late = claim(3, notes=("claimed anew from the stock",))
    verdict = check(ONCE_IN_TIME, [reserve(1), reserve(2, "b"), late, claim(4, "b")], [expired(2)])
    assert verdict.table.splitlines() == [
        "1 of 2 of deem.purchases went otherwise than the flow says",
        "  a: step 3, deem.claim_purchase after expired: expected never, happened once (entry 3)",
        "",
        "time                 subject  entry  what                   status  note",
        "2026-03-02 12:01:00  a        1      deem.reserve_purchase  200",
        "2026-03-02 12:02:00  a               expired                        reservation a expired",
        "2026-03-02 12:03:00  a        3      deem.claim_purchase    200     claimed anew from the stock",
    ]


def test_the_table_tells_what_went_well() -> None:
    """Where everything is as the flow says the table shows all of it, with the fault that struck."""
    lost = claim(2, lost=True, fault=Struck("f", "dropped the connection after the state changed"))
    table = check(ONCE_IN_TIME, [reserve(1), lost]).table.splitlines()
    assert table[0] == "1 of 1 of deem.purchases went as the flow says"
    assert table[-1].endswith("deem.claim_purchase    200     dropped the connection after the state changed")
    assert check({"steps": [RESERVE]}, [reserve(1)]).table.startswith("the journal is what the flow says")
    assert check({"steps": [CLAIM]}, [reserve(1)]).table.startswith("the journal is not what the flow says\n  step 1")


def test_the_table_is_bounded_and_writes_no_line_of_others() -> None:
    """However much was asked, the table has an end; a line break that a client sent does not break its lines."""
    odd = told(1, None, method="GET", path="/\n\x1b[31m", status=404, notes=("x" * 500,))
    table = check({"steps": [CLAIM]}, [odd, *[claim(2 + place) for place in range(ROWS)]]).table
    assert r"GET /\n\x1b[31m" in table
    assert "\x1b" not in table
    assert "x" * 101 not in table
    assert table.splitlines()[-1] == "… and 1 more"


def test_a_verdict_comes_back_as_it_was() -> None:
    """Whoever asks from afar holds the same value."""
    verdict = check(ONCE_IN_TIME, [reserve(1), claim(2)], [expired(1)], lost=1)
    assert Verdict.of({**orjson.loads(orjson.dumps(verdict.to_json())), "leaks": []}) == verdict
    minute = NOW + timedelta(minutes=1)
    assert verdict.subjects[0].happened[:2] == (
        Happened(minute, 1, "deem.reserve_purchase", 200),
        Happened(minute, None, "expired", None, "reservation a expired"),
    )


@pytest.mark.parametrize(
    ("flow", "pointer"),
    [
        ([], ""),
        ({}, "/steps"),
        ({"steps": []}, "/steps"),
        ({"steps": [{}]}, "/steps/0/operation"),
        ({"steps": [{**CLAIM, "event": "expired"}]}, "/steps/0"),
        ({"steps": [{"operation": "claim_purchase"}]}, "/steps/0/operation"),
        ({"steps": [{"event": "expird"}]}, "/steps/0/event"),
        ({"steps": [{**CLAIM, "after": "expird"}]}, "/steps/0/after"),
        ({"steps": [{"event": "expired", "status": 200}]}, "/steps/0"),
        ({"steps": [{**CLAIM, "status": "9xx"}]}, "/steps/0/status"),
        ({"steps": [{**CLAIM, "times": -1}]}, "/steps/0/times"),
        ({"steps": [{**CLAIM, "times": 1, "most": 2}]}, "/steps/0"),
        ({"steps": [{**CLAIM, "tims": 0}]}, "/steps/0/tims"),
        ({"steps": [{**CLAIM, "least": 2, "most": 1}]}, "/steps/0/least"),
        ({"steps": [CLAIM, {"operation": "deem.claim_purchas", "times": 0}]}, "/steps/1/operation"),
        ({"each": "deem.purchase", "steps": [CLAIM]}, "/each"),
        ({"each": "purchases", "steps": [CLAIM]}, "/each"),
        ({"steps": [CLAIM] * 101}, "/steps"),
    ],
)
def test_what_is_no_flow_is_refused(flow: JSON, pointer: str) -> None:
    """A flow that nothing could ever match, for a slip of the pen, say, is refused with the pointer to it."""
    with pytest.raises(Unacceptable) as caught:
        check(flow, [], operations=("deem.claim_purchase",), tables=(TABLE,))
    assert pointer in [violation.pointer for violation in caught.value.violations]


def test_names_are_checked_against_what_there_is() -> None:
    """Names that there are pass, and any name does where nobody says which there are."""
    assert not check(ONCE_IN_TIME, [], operations=("deem.reserve_purchase", "deem.claim_purchase"), tables=(TABLE,)).ok
    assert check({"steps": [{"operation": "zoo.feed", "times": 0}]}, []).ok
