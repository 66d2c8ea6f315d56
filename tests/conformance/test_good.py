"""A good request, in all the ways in which it may come."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.app import BODY_LIMIT
from mocktill.core.errors import TooLarge
from tests.conformance.order import out_of_order
from tests.conformance.world import Case, World


def test_a_good_request_succeeds(case: Case) -> None:
    """The good request of each operation gets its success status; the rest of the suite depends on it."""
    answer = case.ask(case.sent())
    assert answer.status == case.operation.status
    assert answer.entry.operation == case.operation.name


def test_the_journal_has_what_was_changed(case: Case) -> None:
    """The entry of a success has each of the vendor's rows that it changed, as it was and as it is, and no other."""
    sent = case.sent()
    before = case.world.box.store.rows()
    changes = case.ask(sent).entry.changes
    after = case.world.box.store.rows()
    found = {
        (table, key): (before[table].get(key), after[table].get(key))
        for table in after
        for key in before[table].keys() | after[table].keys()
        if before[table].get(key) != after[table].get(key)
        and (table, key) not in case.counted
        and not table.startswith("mocktill.")
    }
    first: dict[tuple[str, str], Any] = {}
    for change in changes:
        first.setdefault((change.table, change.key), change.before)
    last = {(change.table, change.key): change.after for change in changes}
    assert {place: (first[place], last[place]) for place in last} == found
    assert case.operation.method != "GET" or not found


def test_keys_are_in_the_order_of_the_schema(case: Case) -> None:
    """The objects of an answer have their keys in the order of the schema's properties."""
    answer = case.ask(case.sent())
    if case.operation.response is not None:
        assert out_of_order(case.contract, case.operation.response, answer.json) == []


def test_every_prefix_and_suffix(case: Case) -> None:
    """An operation answers under each of its prefixes, with and without the suffix `.json`."""
    for prefix in case.api.prefixes_of(case.operation):
        for suffix in ("", ".json") if case.api.json_suffix else ("",):
            case.world.box.reset()
            sent = case.sent(prefix=prefix)
            assert case.ask(sent(path=sent.path + suffix)).status == case.operation.status


def test_every_host(case: Case) -> None:
    """An operation answers at the root of its vendor's own hosts, whatever the port."""
    for host in case.api.hosts:
        sent = case.sent()
        path = sent.path.removeprefix(f"/{case.api.name}")
        for port in ("", ":8080"):
            answer = case.listen(sent(path=path, headers={"Host": host.upper() + port}))
            assert answer.entry.operation == case.operation.name


def test_every_sandbox(case: Case) -> None:
    """A sandbox is named by the path or by the header, and made when it is first asked."""
    sent = case.sent()
    for there in (sent(headers={"Mocktill-Sandbox": "another"}), sent(path="/~another" + sent.path)):
        headers = case.world.send(there)[1]
        entry = case.world.sandboxes.get("another").journal.get(int(headers["Mocktill-Entry"]))
        assert entry is not None
        assert entry.operation == case.operation.name


def test_served_alone(case: Case) -> None:
    """A vendor that is served alone answers at the root."""
    alone = Case(World(only=case.api.name), case.shelf, case.operation)
    if case.sample.after:
        return  # what has to come first was asked of the other server
    sent = alone.sent()
    answer = alone.ask(sent(path=sent.path.removeprefix(f"/{case.api.name}")))
    assert answer.status == case.operation.status


def test_head(case: Case) -> None:
    """HEAD is answered as GET, without the body; where there is no GET it is a wrong method."""
    sent = case.sent()
    answer = case.ask(sent(method="HEAD"))
    assert (answer.entry.operation == case.operation.name) == (case.operation.method == "GET")
    assert answer.status == case.operation.status or answer.entry.operation != case.operation.name


def test_a_page_on_another_origin(case: Case) -> None:
    """A page on another origin may read the answer and the headers that lead to the journal."""
    headers = case.ask(case.sent()(headers={"Origin": "http://localhost:3000"})).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {"Mocktill-Entry", "Mocktill-Basis"} <= set(headers["Access-Control-Expose-Headers"].split(", "))


def test_a_body_at_the_limit_passes(case: Case) -> None:
    """A body of exactly the limit is read."""
    sent = case.sent()
    body = (sent.body + b"&x=").ljust(BODY_LIMIT, b"x") if case.operation.form else sent.body.ljust(BODY_LIMIT)
    assert case.ask(sent(body=body)).status == case.operation.status


@pytest.mark.parametrize("chunked", [False, True], ids=["said", "chunked"])
def test_a_body_over_the_limit_is_too_large(case: Case, chunked: bool) -> None:
    """One byte more is refused, whether its length was said or not."""
    sent = case.sent()
    answer = case.ask(sent(body=sent.body.ljust(BODY_LIMIT + 1), chunked=chunked))
    assert answer.status == case.unread(TooLarge)


def test_a_chunked_body_is_read(body_case: Case) -> None:
    """A body whose length was not said is read to its end."""
    assert body_case.ask(body_case.sent()(chunked=True)).status == body_case.operation.status
