"""The journal: bounded in entries, bytes and a shared budget; what goes is counted, and ids go on."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.api import Violation
from mocktill.core.choices import Basis
from mocktill.core.entry import OVERHEAD, Entry
from mocktill.core.journal import REMARKS, Budget, Count, Journal
from mocktill.core.store import Change
from tests.conftest import NOW

PLAIN: dict[str, str] = {}


def entry(
    number: int, weight: int = 0, headers: dict[str, str] = PLAIN, violations: tuple[Violation, ...] = ()
) -> Entry:
    """Make an entry that weighs its overhead and so many bytes of body."""
    return Entry(
        id=number, at=NOW, sandbox="default", api="toy", operation=None, method="GET", path="", query="",
        request_headers=headers, request_body=b"x" * weight,
        status=404, response_headers=(), response_body=b"",
        basis=Basis.ASSUMED, violations=violations, choices=(), changes=(), notes=(),
    )  # fmt: skip


def fill(journal: Journal, count: int, weight: int = 0) -> None:
    """Add that many entries of a weight."""
    for _ in range(count):
        journal.add(entry(journal.next_id(), weight))


def ids(journal: Journal) -> list[int]:
    """Return the numbers of what is kept."""
    return [kept.id for kept in journal]


def test_entries_are_kept_in_order() -> None:
    """What was added last comes last, and each is found by its number."""
    journal = Journal()
    fill(journal, 3)
    assert ids(journal) == [1, 2, 3]
    assert (journal.get(2), len(journal)) == (journal.entries()[1], 3)
    assert (journal.get(0), journal.get(4), Journal().get(1)) == (None, None, None)


def test_the_oldest_entry_goes_when_there_are_too_many() -> None:
    """The number of entries is bounded, and what went is counted and not found any more."""
    journal = Journal(entries=3)
    fill(journal, 5)
    assert (ids(journal), journal.evicted, journal.get(2)) == ([3, 4, 5], 2, None)


def test_the_oldest_entry_goes_when_they_weigh_too_much() -> None:
    """The bytes of a journal are bounded: a heavy entry drives several light ones out."""
    journal = Journal(size=4 * OVERHEAD)
    fill(journal, 4)
    assert journal.evicted == 0
    fill(journal, 1, weight=2 * OVERHEAD)
    assert (ids(journal), journal.evicted) == ([4, 5], 3)


def test_journals_share_a_budget() -> None:
    """The bytes of all journals together are bounded: the largest gives up its oldest entries."""
    budget = Budget(limit=4 * OVERHEAD)
    one, other = Journal(budget), Journal(budget)
    fill(one, 2)
    fill(other, 3)
    assert (ids(one), ids(other), other.evicted) == ([1, 2], [2, 3], 1)
    assert budget.used == 4 * OVERHEAD


def test_a_new_entry_is_kept_whatever_others_have_used() -> None:
    """A journal that others have left no room gets it from the largest, and not from itself."""
    budget = Budget(limit=4 * OVERHEAD)
    greedy, modest = Journal(budget), Journal(budget)
    fill(greedy, 4)
    fill(modest, 2)
    assert (ids(greedy), ids(modest)) == ([3, 4], [1, 2])
    assert (greedy.evicted, modest.evicted) == (2, 0)
    assert budget.used == 4 * OVERHEAD


def test_ids_go_on_after_clearing() -> None:
    """Clearing forgets entries and evictions and gives the budget back; numbers are never used twice."""
    budget = Budget()
    journal = Journal(budget, entries=2)
    fill(journal, 3)
    journal.clear()
    assert (len(journal), journal.evicted, budget.used) == (0, 0, 0)
    fill(journal, 1)
    assert ids(journal) == [4]
    assert journal.get(3) is None


def test_an_entry_weighs_what_it_holds() -> None:
    """Bodies, headers and violations count, so that the bound in bytes is one."""
    light = entry(1).size
    assert entry(1, weight=100).size == light + 100
    assert entry(1, headers={"x-note": "x" * 5000}).size >= light + 5000
    violation = Violation("error", "body", "/x", "type", "string", "x" * 200, "a page")
    assert entry(1, violations=(violation,) * 50).size >= light + 50 * 200


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 3000), st.none()), max_size=40))
def test_bounds_hold_after_every_step(steps: list[int | None]) -> None:
    """Whatever is added and cleared: no bound is passed, nothing newer goes before something older."""
    budget = Budget(limit=12_000)
    journals = [Journal(budget, entries=4, size=9_000), Journal(budget, entries=4, size=9_000)]
    for turn, weight in enumerate(steps):
        journal = journals[turn % 2]
        if weight is None:
            journal.clear()
            continue
        fill(journal, 1, weight)
        assert all(newer - older == 1 for older, newer in pairwise(ids(journal)))
        assert len(journal) <= 4
        assert budget.used == sum(kept.size for each in journals for kept in each)
        assert sum(kept.size for kept in journal) <= 9_000


def test_what_was_read_does_not_change() -> None:
    """The list of entries is a picture, while others are added."""
    journal = Journal()
    fill(journal, 1)
    before = journal.entries()
    fill(journal, 1)
    assert [kept.id for kept in before] == [1]


def test_what_was_lost_is_said() -> None:
    """A count says how many entries of its window were evicted; a window after them has lost none."""
    journal = Journal(entries=3)
    fill(journal, 5)
    assert journal.count() == Count(3, lost=2)
    assert journal.count(status=200) == Count(0, lost=2)
    assert journal.count(since=1) == Count(3, lost=1)
    assert journal.count(since=2) == Count(3)
    assert journal.count(since=4) == Count(1)
    assert str(journal.count(status=200)) == "0, and 2 of that window were evicted unseen"


def test_what_was_cleared_is_not_lost() -> None:
    """Who clears a journal knows that what was in it is gone: only what is evicted afterwards is lost."""
    journal = Journal(entries=3)
    fill(journal, 5)
    journal.clear()
    assert journal.count() == Count(0)
    fill(journal, 4)
    assert (journal.count(), journal.count(since=2)) == (Count(3, lost=1), Count(3, lost=1))


def test_the_shared_budgets_victims_are_counted_as_lost() -> None:
    """What gives way to another journal's entries is lost as well, and said."""
    budget = Budget(limit=6 * OVERHEAD)
    one, two = Journal(budget), Journal(budget)
    fill(one, 5)
    fill(two, 3)
    assert one.count().lost == one.evicted > 0


def test_filters_choose() -> None:
    """Entries are chosen by their filters, and a filter that there is not is refused in words."""
    journal = Journal()
    fill(journal, 4)
    assert [kept.id for kept in journal.entries(since=2)] == [3, 4]
    assert [kept.id for kept in journal.entries(limit=1, unmatched=True)] == [4]
    assert journal.entries(status="2xx") == ()
    for ask in (journal.entries, journal.count, journal.har):
        with pytest.raises(ValueError, match="there is no filter 'colour'"):
            ask(colour="red")


def test_remarks_are_bounded_and_in_order() -> None:
    """What happened other than by requests is kept in order, with the entry that it came after; the oldest goes."""
    journal = Journal()
    fill(journal, 2)
    for number in range(REMARKS + 1):
        journal.remark(NOW, "expired", f"number {number}", "deem", str(number))
    remarks = journal.remarks()
    assert (len(remarks), remarks[0].key, remarks[-1].key, remarks[0].after) == (REMARKS, "1", str(REMARKS), 2)
    journal.clear()
    assert journal.remarks() == ()


def test_a_sentence_for_the_next_entry_is_told_once() -> None:
    """What waits for the next entry is handed out once."""
    journal = Journal()
    journal.tell_next("something happened")
    assert (journal.unsaid(), journal.unsaid()) == (["something happened"], [])


def test_waiting_ends_when_enough_has_come() -> None:
    """Whoever waits for entries is told as soon as the last of them is there, from whichever thread it comes."""
    journal = Journal()
    fill(journal, 1)
    assert journal.wait(1) == Count(1)
    adding = threading.Thread(target=fill, args=(journal, 2))
    adding.start()
    assert journal.wait(3, timeout_seconds=10) == Count(3)
    adding.join()
    assert journal._watchers == ()


def test_waiting_ends_when_time_is_up() -> None:
    """What does not come in time is a TimeoutError that says what came instead."""
    journal = Journal()
    fill(journal, 1)
    with pytest.raises(TimeoutError, match=r"1 instead of 2 entries after 0\.01 s"):
        journal.wait(2, timeout_seconds=0.01)
    assert journal._watchers == ()


def test_a_watcher_is_told_of_everything() -> None:
    """Entries and remarks wake whoever watches, until it stops; a journal that is closed says so as well."""
    journal, woken = Journal(), []
    stop = journal.watch(lambda: woken.append(1))
    fill(journal, 2)
    journal.remark(NOW, "restored", "a")
    journal.close()
    assert len(woken) == 4
    stop()
    fill(journal, 1)
    assert len(woken) == 4


def test_a_follower_sees_each_entry() -> None:
    """Also those that had to make room, or came to a journal that keeps none, until it stops; remarks it does not."""
    journal = Journal(entries=2)
    seen: list[int] = []
    stop = journal.follow(lambda entry: seen.append(entry.id))
    fill(journal, 3)
    journal.clear()
    journal.remark(NOW, "restored", "a")
    journal.close()
    fill(journal, 1)
    stop()
    fill(journal, 1)
    assert seen == [1, 2, 3, 4]


def test_a_closed_journal_keeps_nothing() -> None:
    """After its sandbox is gone a journal takes neither entries nor remarks."""
    journal = Journal()
    journal.close()
    fill(journal, 1)
    journal.remark(NOW, "restored", "a")
    assert (len(journal), journal.remarks(), journal.size) == (0, (), 0)


def test_a_large_row_weighs_what_it_weighs() -> None:
    """An entry is as heavy as the rows that it keeps: a journal of large rows holds few of them."""
    row = {"name": "x" * 100_000, "properties": {"a": ["y" * 100_000]}}
    change = Change("toy.things", "a", None, row)
    large = replace(entry(1), changes=(change,))
    assert entry(1).size + 200_000 < large.size < entry(1).size + 210_000
    assert replace(large, changes=(change._replace(before=row),)).size > large.size + 200_000


def test_forgotten_remarks_are_counted() -> None:
    """How many remarks had to go is known, until the journal is emptied."""
    journal = Journal()
    for _ in range(REMARKS + 3):
        journal.remark(NOW, "restored", "a")
    assert (journal.forgotten, journal.remarked, len(journal.remarks())) == (3, REMARKS + 3, REMARKS)
    journal.clear()
    assert journal.forgotten == 0
