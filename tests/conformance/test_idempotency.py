"""The header `Idempotency-Key`, by choice: the same request gets the same answer and changes nothing once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from mocktill.core.app import EDGE, POSTPONED, STRIKE
from mocktill.core.errors import KeyInUse, KeyReused
from mocktill.core.replies import CHOICE, HEADER, HONOUR, TTL
from mocktill.core.turn import Postponed
from tests.conformance.world import Answer, Case, Sent

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
BARELY = timedelta(microseconds=1)


@pytest.fixture
def honoured(keyed_case: Case) -> Case:
    """One operation that may change something, where keys are heeded."""
    heed(keyed_case)
    return keyed_case


def heed(case: Case) -> None:
    """Let keys be heeded."""
    case.world.box.choices[f"{case.api.name}.{CHOICE}"] = HONOUR


def keyed(case: Case, **more: Any) -> Sent:
    """Return the good request with a key; `more` is another credential."""
    return case.sent(**more)(headers=KEY)


def replayed(answer: Answer) -> bool:
    """Whether the journal says that an answer is that of an earlier request."""
    return any("Idempotency-Key" in note for note in answer.entry.notes)


def fresh(case: Case) -> None:
    """Go back to the factory state, where keys are heeded."""
    case.world.box.reset()
    heed(case)


def others(case: Case, sent: Sent) -> Iterator[Sent]:
    """Yield requests that differ from a good one in little, and may be good as well."""
    good = case.sample
    if isinstance(good.body, dict):
        for name in good.body:
            yield sent(body=case.written({key: value for key, value in good.body.items() if key != name}))
        yield sent(body=case.written({**good.body, "nobody_knows_this": "1"}))
    yield sent(query=f"{sent.query}&nobody_knows_this=1")


def another(case: Case, sent: Sent) -> Sent:
    """Return a request that differs from a good one and is good as well; the state is that of the factory then."""
    found = None
    plain = sent.without("Idempotency-Key")
    for other in others(case, plain):
        box = case.world.box
        box.snapshot("before")
        good = case.succeeded(case.ask(other))
        box.restore("before")
        if good:
            found = other
            break
    assert found is not None, "no other request is good"
    return found(headers=KEY)


def rows_of(case: Case) -> dict[str, Any]:
    """Return the rows of the vendor, but for those that count requests."""
    counted = case.counted
    return {
        table: {key: row for key, row in rows.items() if (table, key) not in counted}
        for table, rows in case.world.box.store.rows(f"{case.api.name}.").items()
    }


def told(case: Case, answer: Answer) -> dict[str, str]:
    """Return the headers of an answer but for those that count requests."""
    backend = case.world.box.backend(case.api.name)
    backend.begin(case.world.box.now())
    counting = {name for name, _ in case.api.dialect.headers(backend)} | {"Mocktill-Entry"}
    return {name: value for name, value in answer.headers.items() if name not in counting}


def lose(case: Case, **rule: Any) -> None:
    """Let a fault strike the next request of the operation."""
    name = f"{case.api.name}.{case.operation.name}"
    case.world.box.faults.add({"when": {"operation": name, "next": 1}, **rule})


def begin(case: Case, sent: Sent) -> dict[str, Any]:
    """Send a request that a fault delays; return its environment, which waits to be sent again."""
    environ = sent.environ | {EDGE: True}
    case.world.app(environ, lambda status, headers, failed=None: lambda chunk: None)
    assert isinstance(environ.get(POSTPONED), Postponed)
    return {**sent.environ, EDGE: True, STRIKE: environ[POSTPONED]}


def test_off_by_default(keyed_case: Case) -> None:
    """Unless it is chosen otherwise a key is nothing: each request is answered as without it."""
    case = keyed_case
    assert case.shelf.choices[f"{case.api.name}.{CHOICE}"].default == "ignore"
    answers = []
    for headers in ({}, KEY):
        case.world.box.reset()
        sent = case.sent()(headers=headers)
        answers.append([case.ask(sent) for _ in range(2)])
    plain, keyed = answers
    assert [(answer.status, answer.body) for answer in keyed] == [(answer.status, answer.body) for answer in plain]
    assert [answer.entry.changes for answer in keyed] == [answer.entry.changes for answer in plain]
    assert not any(replayed(answer) for answer in keyed)


def test_the_same_again(honoured: Case) -> None:
    """The same request with the same key gets status, body and headers of the first, and nothing changes."""
    sent = keyed(honoured)
    first = honoured.ask(sent)
    assert honoured.succeeded(first)
    before = rows_of(honoured)
    for _ in range(2):
        again = honoured.ask(sent)
        assert (again.status, again.body, told(honoured, again)) == (first.status, first.body, told(honoured, first))
        assert replayed(again)
        assert again.entry.changes == ()
        assert again.entry.basis == first.entry.basis
        assert rows_of(honoured) == before
    assert not replayed(first)


def test_without_a_key(honoured: Case) -> None:
    """A request without a key, or with an empty one, is answered as always."""
    first = honoured.ask(keyed(honoured))
    for headers in ({}, {"Idempotency-Key": ""}):
        fresh(honoured)
        sent = honoured.sent()(headers=headers)
        once, twice = honoured.ask(sent), honoured.ask(sent)
        assert once.status == first.status
        assert not replayed(once)
        assert not replayed(twice)


def test_another_key(honoured: Case) -> None:
    """Another key is another request."""
    honoured.ask(keyed(honoured))
    assert not replayed(honoured.ask(keyed(honoured)(headers={"Idempotency-Key": "another"})))


def test_another_request_conflicts(honoured: Case) -> None:
    """Another request with a key that was used is refused, leaves no trace, and does not spoil the key."""
    sent = keyed(honoured)
    other = another(honoured, sent)
    first = honoured.ask(sent)
    assert honoured.succeeded(first)
    refused = honoured.ask(other)
    assert refused.status == honoured.means(KeyReused)
    row = honoured.api.dialect.row_for(KeyReused, honoured.operation.method, honoured.operation.name)
    assert any(note.startswith(f"{row.type}: ") for note in refused.entry.notes)
    assert honoured.ask(sent).body == first.body


def test_one_that_is_under_way_conflicts(honoured: Case) -> None:
    """While the first request with a key waits, another with it is refused; then the first is answered, and kept."""
    sent = keyed(honoured)
    lose(honoured, what={"delay": "5s"})
    waiting = begin(honoured, sent)
    for _ in range(2):
        refused = honoured.ask(sent)
        assert refused.status == honoured.means(KeyInUse)
        row = honoured.api.dialect.row_for(KeyInUse, honoured.operation.method, honoured.operation.name)
        assert any(note.startswith(f"{row.type}: ") for note in refused.entry.notes)
    chunks, status, _ = run_wsgi_app(honoured.world.app, waiting, buffered=True)
    assert int(status.split()[0]) in honoured.statuses
    again = honoured.ask(sent)
    assert replayed(again)
    assert again.body == b"".join(chunks)


def test_one_whose_client_has_gone_holds_nothing_up(honoured: Case) -> None:
    """A key is free again when nobody waits for its first request any more: after a reset, too."""
    sent = keyed(honoured)
    lose(honoured, what={"delay": "5s"})
    begin(honoured, sent)[STRIKE].over()
    first = honoured.ask(sent)
    assert honoured.succeeded(first)
    assert not replayed(first)
    fresh(honoured)
    sent = keyed(honoured)
    lose(honoured, what={"delay": "5s"})
    begin(honoured, sent)
    fresh(honoured)
    assert honoured.succeeded(honoured.ask(keyed(honoured)))


def test_keys_expire(honoured: Case) -> None:
    """A key is known for 24 hours of the sandbox's clock, to the microsecond, and is new then."""
    sent = keyed(honoured)
    first = honoured.ask(sent)
    honoured.world.box.clock.advance(TTL - BARELY)
    again = honoured.ask(sent)
    assert (again.status, again.body) == (first.status, first.body)
    honoured.world.box.clock.advance(BARELY)
    assert not replayed(honoured.ask(sent))


def test_refusals_are_not_kept(honoured: Case) -> None:
    """What is refused for its body, its path, its credential or the state may be tried again with the same key."""
    good = honoured.sample
    wrong = [] if good.body is None else [keyed(honoured)(body=b"{"), keyed(honoured)(body=b"[]")]
    wrong += [keyed(honoured, **{name: "nobody-made-this"}) for name in good.args]
    wrong += [] if honoured.operation.open else [keyed(honoured, key=None), keyed(honoured, key=honoured.refused_key)]
    for refused in wrong:
        fresh(honoured)
        sent = keyed(honoured)
        if honoured.succeeded(honoured.ask(refused)):
            continue  # somebody accepts any path argument
        first = honoured.ask(sent)
        assert honoured.succeeded(first)
        assert not replayed(first)


def test_another_credentials_key_is_another(honoured: Case) -> None:
    """A key is of the credential that it came with: nobody gets an answer that was for somebody else."""
    if honoured.operation.open:
        return  # nobody is told apart
    first = honoured.ask(keyed(honoured))
    assert honoured.succeeded(first)
    stranger = honoured.ask(honoured.sent(key="a-key-of-somebody-else")(headers=KEY))
    assert not replayed(stranger)
    assert not any(HEADER in note.lower() or "the key was used" in note for note in stranger.entry.notes)


def test_a_lost_answer_is_given_again(honoured: Case) -> None:
    """A request whose answer was lost is not done twice: the next with its key gets the answer."""
    sent = keyed(honoured)
    lose(honoured, what={"connection": "drop"}, moment="after")
    chunks, status, _ = run_wsgi_app(honoured.world.app, sent.environ | {EDGE: True}, buffered=True)
    assert honoured.world.box.journal.entries()[-1].lost
    before = rows_of(honoured)
    again = honoured.ask(sent)
    assert replayed(again)
    assert (again.status, again.body) == (int(status.split()[0]), b"".join(chunks))
    assert rows_of(honoured) == before


def test_what_was_rolled_back_is_not_kept(honoured: Case) -> None:
    """A request that a fault undid has no answer to be given again: the next with its key is the first."""
    sent = keyed(honoured)
    before = rows_of(honoured)
    lose(honoured, what={"connection": "drop"})
    run_wsgi_app(honoured.world.app, sent.environ | {EDGE: True}, buffered=True)
    assert rows_of(honoured) == before
    first = honoured.ask(sent)
    assert honoured.succeeded(first)
    assert not replayed(first)


def test_what_was_answered_otherwise_is_not_kept(honoured: Case) -> None:
    """An example that was asked for is no answer to be given again, and a key does not stand in its way."""
    sent = keyed(honoured)
    for _ in range(2):
        assert not replayed(honoured.ask(sent(headers={"Prefer": f"code={honoured.operation.status}"})))
    assert not replayed(honoured.ask(sent))
    assert not replayed(honoured.ask(sent(headers={"Prefer": "dynamic=true"})))


def test_keys_end_with_the_world(honoured: Case) -> None:
    """After a reset, a restored snapshot and a loaded state a key is new: what it was for may not have happened."""
    box, sent = honoured.world.box, keyed(honoured)
    box.snapshot("before")
    state = box.state()
    ways: list[Callable[[], object]] = [lambda: box.restore("before"), lambda: box.load(state), lambda: fresh(honoured)]
    for go_back in ways:
        honoured.ask(sent)
        assert replayed(honoured.ask(sent))
        go_back()
        again = honoured.ask(sent)
        assert not replayed(again)
