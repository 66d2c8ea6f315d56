"""What a verdict says of requests, expectations, hosts and reservations."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import mocktill
from mocktill.core.api import Violation
from mocktill.core.entry import Entry
from mocktill.doors.remote import Remote
from mocktill.doors.testing.context import entered
from mocktill.doors.testing.mocktill import Expected, Mocktill
from mocktill.doors.testing.seen import MOST
from mocktill.doors.testing.settings import Settings
from mocktill.doors.testing.verdict import (
    TOLD,
    ContractWarning,
    LeakWarning,
    MocktillWarning,
    Verdict,
    Violated,
    left,
    meets,
    request_line,
    tolerated,
    violation_line,
)
from tests.conftest import NOW
from tests.core.entries import ENTRIES, WRONG, entry

TOLERATED = replace(WRONG, severity="warning", at="header", pointer="/user-agent", rule="required", source="the docs")
DEAL = "la-1024-wsc-hair-studio-01-2"


@pytest.fixture
def box() -> Iterator[Mocktill]:
    """A sandbox of a test, at noon of 2 March 2026."""
    with entered(Settings(now=NOW)) as box:
        yield box


def ask(method: str, path: str, body: Any = None, host: str = "api.offers.deem.com") -> int:
    """Ask an API; return the status."""
    with requests.Session() as client:
        return client.request(method, f"https://{host}{path}?api_key=1234567", json=body, timeout=5).status_code


def reserve(quantity: Any = 1, **more: Any) -> int:
    """Reserve some units."""
    return ask("POST", "/v1/purchases/reserve", {"deal_id": DEAL, "num_bought": quantity, **more})


def record(box: Mocktill, *entries: Entry) -> None:
    """Let a journal have entries as if they had been asked."""
    journal: Any = box.journal
    for each in entries:
        journal.add(replace(each, id=journal.next_id()))


# one request


def test_a_line_says_which_request() -> None:
    """Method, path and query, operation, status, and whether the answer came."""
    line = "PUT /v1/purchases/34063ec2/claim?api_key=*** (deem.claim_purchase), answered 200"
    assert request_line(entry()) == line
    assert request_line(entry(lost=True)) == f"{line}, and the answer was lost"
    assert request_line(entry(operation=None, status=404)).endswith("(deem, no operation), answered 404")


def test_a_line_says_what_is_wrong() -> None:
    """Part of the request and pointer, what was expected and what came, rule and source."""
    assert violation_line(WRONG) == (
        'body /num_bought: expected integer, got "two" (type; Deem Offers API, Purchases: Reserve a purchase)'
    )
    assert violation_line(replace(WRONG, pointer="", source="")) == 'body /: expected integer, got "two" (type)'


@given(ENTRIES)
def test_a_line_is_a_line(given: Entry) -> None:
    """Whatever a client sent, nothing of it begins a line of its own, and none is endless."""
    for line in [request_line(given), *map(violation_line, given.violations)]:
        assert line.isprintable()
        assert len(line) < 2_000


# what is left of it


@pytest.mark.parametrize(
    ("expected", "pointers"),
    [
        ([], ["/num_bought", "/user-agent"]),
        ([Expected(None)], []),
        ([Expected("/num_bought")], ["/user-agent"]),
        ([Expected("/num_bought"), Expected("/user-agent")], []),
        ([Expected("/other")], ["/num_bought", "/user-agent"]),
        ([Expected(None, {"operation": "deem.claim_purchase"})], []),
        ([Expected(None, {"operation": "release_purchase"})], ["/num_bought", "/user-agent"]),
        ([Expected("/num_bought", {"method": "GET"})], ["/num_bought", "/user-agent"]),
        ([Expected("/num_bought", {"path": "/v1/*", "status": "2xx", "api": "deem"})], ["/user-agent"]),
    ],
)
def test_expectations_take_violations_away(expected: list[Expected], pointers: list[str]) -> None:
    """Those at the pointer, or all, of the requests that are meant."""
    found = left(entry(violations=(WRONG, TOLERATED)), expected)
    assert [violation.pointer for violation in found.violations] == pointers
    assert bool(found) == bool(pointers)


def test_the_root_has_two_names() -> None:
    """What is wrong with a body as a whole is at `` as JSON pointers have it, and at `/` as it is told."""
    whole = replace(WRONG, pointer="")
    for pointer in ("", "/"):
        assert not left(entry(violations=(whole,)), [Expected(pointer)])
        assert meets(Expected(pointer), entry(violations=(whole,)))


def test_an_unmatched_request_has_no_pointer() -> None:
    """It is taken away by an expectation without one, and met by no other."""
    unmatched = entry(operation=None, status=404)
    assert left(unmatched, [Expected("/")]).unmatched
    assert not left(unmatched, [Expected(None, {"status": 404})])
    assert not meets(Expected("/"), unmatched)
    assert meets(Expected(None), unmatched)
    assert not meets(Expected(None), entry())


@given(st.lists(st.builds(Violation, st.sampled_from(["error", "warning"]), *[st.sampled_from("ab")] * 6), max_size=4))
def test_what_is_expected_and_what_is_left_are_all(violations: list[Violation]) -> None:
    """Of the violations of a request each is either left or at the pointer; it is met if any is not left."""
    given = entry(violations=tuple(violations))
    found = left(given, [Expected("a")])
    assert sorted(map(repr, violations)) == sorted(
        map(repr, [*found.violations, *(each for each in violations if each.pointer == "a")])
    )
    assert meets(Expected("a"), given) == (len(found.violations) < len(violations))


def test_what_is_tolerated_is_told_once() -> None:
    """The first request of a kind and how many more; another operation, or another pointer, is another kind."""
    other = replace(TOLERATED, pointer="/accept")
    entries = [
        *[entry(number, violations=(TOLERATED,)) for number in (1, 2, 3)],
        entry(4, operation="get_purchase", violations=(TOLERATED, other)),
    ]
    said = tolerated(left(each, []) for each in entries)
    assert [" and 2 more like it: header /user-agent" in line for line in said] == [True, False, False]
    assert len(said) == 3
    kinds = [entry(violations=(replace(TOLERATED, pointer=f"/{number}"),)) for number in range(TOLD + 5)]
    said = tolerated(left(each, []) for each in kinds)
    assert (len(said), said[-1]) == (TOLD + 1, "and 5 more kinds like these")


# a sandbox


def test_a_verdict_has_a_text_for_each_request(box: Mocktill) -> None:
    """The request, all that is wrong with it, and how it would be expected."""
    reserve("two", deal_id=7)
    ask("GET", "/nowhere")
    reserve()
    verdict = box.judge.verdict()
    assert [text.splitlines()[0].partition(" (")[0] for text in verdict.failures] == [
        "POST /v1/purchases/reserve?api_key=***",
        "GET /nowhere?api_key=***",
    ]
    lines = verdict.failures[0].splitlines()
    assert [line.strip().partition(":")[0] for line in lines[1:3]] == ["body /deal_id", "body /num_bought"]
    assert lines[3] == "    (if that is meant: expect_violation('/deal_id', operation='deem.reserve_purchase'))"
    assert verdict.warnings == ()


def test_a_verdict_covers_what_is_new(box: Mocktill) -> None:
    """Each covers what came since the last one; what was expected holds on."""
    box.expect_violation("/num_bought")
    reserve("two")
    assert box.judge.verdict().failures == ()
    reserve("two")
    assert box.judge.verdict().failures == ()
    ask("GET", "/nowhere")
    assert len(box.judge.verdict().failures) == 1
    assert box.judge.verdict().failures == ()


def test_what_is_expected_may_come_to_the_end(box: Mocktill) -> None:
    """No verdict but the last one misses it; that one knows all that ever came."""
    box.expect_violation("/num_bought")
    box.expect_violation("/deal_id")
    assert box.judge.verdict().failures == ()
    reserve("two")
    assert box.judge.verdict().failures == ()
    assert box.judge.last_verdict().failures == ("this was expected, and nothing like it came: at /deal_id",)


@pytest.mark.parametrize("policy", ["fail", "warn", "allow"])
def test_a_policy_says_what_becomes_of_it(policy: str) -> None:
    """Failures, warnings or nothing; a reservation that is left is warned of all the same."""
    with entered(Settings(now=NOW, violations=policy)) as box:
        reserve("two")
        reserve(2)
        record(box, entry(violations=(TOLERATED,)))
        verdict = box.judge.last_verdict()
    assert len(verdict.failures) == (policy == "fail")
    kinds = {
        "fail": [ContractWarning, LeakWarning],
        "warn": [ContractWarning] * 2 + [LeakWarning],
        "allow": [LeakWarning],
    }
    assert [type(warning) for warning in verdict.warnings] == kinds[policy]
    assert str(verdict.warnings[-1]).startswith("deem: the reservation ")
    assert str(verdict.warnings[-1]).endswith(
        f"(2 of {DEAL}, held until 2026-03-02T12:05:00.000000Z) was neither used nor given back"
    )


def test_many_wrong_requests_are_counted(box: Mocktill) -> None:
    """The first are told, and how many more there are."""
    for _ in range(TOLD + 3):
        reserve("two")
    verdict = box.judge.verdict()
    assert (len(verdict.failures), verdict.failures[-1]) == (TOLD + 1, "… and 3 more requests are wrong")


def test_many_violations_of_a_request_are_counted(box: Mocktill) -> None:
    """So are those of one request."""
    record(box, entry(violations=tuple(replace(WRONG, pointer=f"/{number}") for number in range(TOLD + 3))))
    (said,) = box.judge.verdict().failures
    assert said.count("\n    body /") == TOLD
    assert "\n    and 3 more violations like these\n" in said


def test_nothing_is_lost(box: Mocktill) -> None:
    """What had to make room in the journal is judged, and so is what was there before somebody emptied it."""
    record(box, entry(violations=(WRONG,)), *[entry() for _ in range(1_005)])
    assert len(box.judge.verdict().failures) == 1
    ask("GET", "/nowhere")
    box.expect_violation(path="/nowhere")
    box.journal.clear()
    verdict = box.judge.last_verdict()
    assert (verdict.failures, verdict.warnings) == ((), ())


def test_who_empties_a_journal_meanwhile_hides_nothing(box: Mocktill) -> None:
    """However an emptying falls between requests, each that is wrong is judged."""
    over = threading.Event()

    def empty() -> None:
        while not over.is_set():
            box.journal.clear()

    emptying = threading.Thread(target=empty)
    emptying.start()
    record(box, *[entry(violations=(WRONG,)) for _ in range(2_000)])
    over.set()
    emptying.join()
    assert box.judge.verdict().failures[-1] == f"… and {2_000 - TOLD} more requests are wrong"


def test_of_very_many_the_newest_are_kept(box: Mocktill) -> None:
    """Those that had to go are counted: they fail where nothing is expected."""
    record(box, *[entry(violations=(WRONG,)) for _ in range(MOST + 5)], *[entry(violations=(TOLERATED,))] * 3)
    assert len(box.seen.entries) == MOST
    verdict = box.judge.verdict()
    assert (len(verdict.failures), verdict.failures[-1]) == (
        TOLD + 1,
        f"… and {MOST + 5 - TOLD} more requests are wrong",
    )
    assert len(verdict.warnings) == 1
    assert box.judge.verdict() == Verdict()
    record(box, *[entry(violations=(WRONG,)) for _ in range(MOST)])
    assert box.judge.verdict().failures[-1] == f"… and {MOST - TOLD} more requests are wrong"


@pytest.mark.parametrize(("wrong", "expected"), [(WRONG, True), (TOLERATED, False), (TOLERATED, True)])
def test_what_may_have_been_expected_is_warned_of(box: Mocktill, wrong: Violation, expected: bool) -> None:
    """Of those that are not kept nobody knows whether they were meant, nor whether an expectation was met by one."""
    record(box, entry(violations=(replace(wrong, pointer="/gone"),)))
    record(box, *[entry(violations=(wrong,)) for _ in range(MOST + 1)])
    if expected:
        box.expect_violation(wrong.pointer)
        box.expect_violation("/gone")
    verdict = box.judge.last_verdict()
    said = [str(warning) for warning in verdict.warnings]
    assert verdict.failures == ()
    sentence = "the verdict does not cover 2 requests, with which something is wrong: of such requests the newest 1,000"
    assert [each for each in said if "does not cover" in each] == [f"{sentence} are kept"]
    unmet = "this was expected, and nothing like it came: at /gone, in what is known"
    assert (unmet in said) == expected


def test_nobody_watches_afterwards() -> None:
    """What sees the requests of a test ends with its sandbox."""
    with entered(Settings(now=NOW)) as box:
        journal: Any = box.journal
        record(box, entry(violations=(WRONG,)))
    record(box, entry(violations=(WRONG,)))
    assert (journal._followers, len(box.seen.entries)) == ((), 1)


# a sandbox on a server


@pytest.fixture
def afar(url: str) -> Iterator[Mocktill]:
    """A sandbox of a test on a server that runs."""
    with entered(Settings(url=url)) as box:
        yield box


def test_emptying_afar_hides_nothing(afar: Mocktill) -> None:
    """What a test's own sandbox has is looked at before it is emptied."""
    reserve("two")
    afar.journal.clear()
    ask("GET", "/nowhere")
    afar.reset()
    assert len(afar.judge.verdict().failures) == 2
    assert afar.judge.last_verdict().warnings == ()


@pytest.mark.parametrize("how", ["clear", "reset"])
def test_what_others_emptied_is_said(afar: Mocktill, url: str, how: str) -> None:
    """Requests that nobody saw are warned of, once; what was expected may have been among them."""
    afar.expect_violation("/num_bought")
    reserve("two")
    assert afar.judge.verdict() == Verdict()
    ask("GET", "/nowhere")
    other = Remote(url).sandbox(afar.name)
    other.journal.clear() if how == "clear" else other.reset()
    afar.expect_violation(path="/nowhere")
    verdict = afar.judge.last_verdict()
    assert verdict.failures == ()
    assert [str(warning) for warning in verdict.warnings] == [
        "the verdict does not cover 1 request, which had left the journal before anybody looked",
        "this was expected, and nothing like it came: anywhere, path /nowhere, in what is known",
    ]
    assert afar.judge.verdict() == Verdict()


def test_another_sandbox_of_its_name_is_said(afar: Mocktill, url: str) -> None:
    """One that was deleted and came anew fails the test, once, whatever it was asked since."""
    for _ in range(3):
        reserve("two")
    assert len(afar.judge.verdict().failures) == 3
    Remote(url).delete(afar.name)
    ask("GET", "/nowhere")
    unmatched, anew = afar.judge.verdict().failures
    assert "this is for no operation" in unmatched
    assert anew.startswith(f"the sandbox {afar.name} was deleted or its server restarted during the test: ")
    assert afar.judge.verdict().failures == ()


def test_a_reset_is_no_way_out(box: Mocktill) -> None:
    """What was seen before the journal was emptied is judged, and may be expected."""
    reserve("two")
    box.reset()
    reserve(0)
    assert len(box.judge.verdict().failures) == 2
    reserve("two")
    box.expect_violation("/num_bought", status=422)
    box.reset()
    assert box.judge.verdict().failures == ()


def test_a_request_that_is_gone_is_told_without_its_neighbours(box: Mocktill) -> None:
    """What had to make room, or was forgotten, can no longer be explained."""
    ask("GET", "/nowhere")
    box.reset()
    (said,) = box.judge.verdict().failures
    assert "this is for no operation\n    (if that is meant: " in said


def test_hosts_are_told_once() -> None:
    """One that is refused, with why it is: another host, or a vendor's whose API was left out."""
    with entered(Settings(apis=("deem",), pass_hosts=())) as box:
        for host in ("example.com", "example.com", "api.getdrip.com"):
            with pytest.raises(requests.ConnectionError):
                ask("GET", "/", host=host)
        verdict = box.judge.verdict()
        assert verdict.failures == (
            "reached for example.com, which pass_hosts does not let by",
            "reached for api.getdrip.com, whose API this sandbox was made without",
        )
        assert box.judge.verdict().failures == ()


def test_a_fault_does_not_excuse_a_request(box: Mocktill) -> None:
    """A request that was wrong is, whatever a rule answered or did to the answer."""
    box.faults.add({"what": {"connection": "drop"}})
    with pytest.raises(requests.ConnectionError):
        reserve("two")
    assert "and the answer was lost: this breaks the contract" in box.judge.verdict().failures[0]


# a block


def test_a_block_raises_what_is_wrong() -> None:
    """Outside of pytest a verdict is an AssertionError, with a traceback of the block's own lines."""
    with pytest.raises(mocktill.Violated, match=r"body /num_bought: expected integer") as caught, mocktill.sandbox():
        reserve("two")
    assert isinstance(caught.value, AssertionError)
    assert caught.value.__cause__ is None
    assert [Path(entry.path).name for entry in caught.traceback] == ["test_verdict.py", "context.py"]
    assert repr(Violated) == "<class 'mocktill.Violated'>"


def test_a_block_warns_at_its_own_line() -> None:
    """A warning is of the file that has the block, and a filter may make an error of it."""
    with pytest.warns(LeakWarning) as caught, mocktill.sandbox():
        reserve()
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error", MocktillWarning)
        with pytest.raises(LeakWarning), mocktill.sandbox():
            reserve()


def test_a_warning_hides_no_violation() -> None:
    """Where filters make errors of warnings, a violation is raised all the same, and they are told with it."""

    def use() -> None:
        with mocktill.sandbox():
            reserve()
            reserve("two")

    with warnings.catch_warnings():
        warnings.simplefilter("error", MocktillWarning)
        with pytest.raises(mocktill.Violated, match="/num_bought") as caught:
            use()
    assert "\n\nLeakWarning: deem: the reservation" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_block_hides_no_exception() -> None:
    """One that is on its way is not replaced by a verdict."""
    with pytest.raises(ZeroDivisionError), mocktill.sandbox():
        _ = reserve("two") / 0
