"""Every row of the factory state, where a request may name it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mocktill.core.choices import weakest
from mocktill.core.errors import Forbidden, NotAuthenticated
from mocktill.core.sample import pick
from tests.conformance.test_bodies import body_places, changed
from tests.conformance.world import Case, Sent


def others(case: Case, value: object) -> list[str]:
    """Return the other keys of the tables in which the value is a key."""
    tables = [rows for name, rows in case.shelf.factory.items() if isinstance(value, str) and value in rows]
    return [key for rows in tables for key in rows if key != value]


def requests(case: Case) -> Iterator[Sent]:
    """Yield the good request with every other row in the place of each that it names, each in the factory state."""
    good = case.sample
    for name, value in good.args.items():
        for key in others(case, value):
            case.world.box.reset()
            yield case.sent(**{name: key})
    for path, _, _ in body_places(case):
        try:
            value = pick(good.body, "".join(f"/{part}" for part in path))
        except LookupError:
            continue
        for key in others(case, value):
            case.world.box.reset()
            yield case.sent()(body=case.written(changed(good.body, path, key)))


def test_every_row_can_be_named(case: Case) -> None:
    """Whichever row is named, the answer is the vendor's, a refusal leaves no trace, and the basis is the weakest."""
    for sent in requests(case):
        answer = case.ask(sent)
        assert weakest(answer.entry.basis, *case.weights(answer.entry)) == answer.entry.basis


@pytest.mark.parametrize("prefer", ["", "dynamic=true", "example=documented"])
def test_every_credential(case: Case, prefer: str) -> None:
    """Whichever credential of the factory state is shown, it opens or it does not, whatever is preferred."""
    closed = {row.status for row in case.api.dialect.rows if row.meaning in {NotAuthenticated, Forbidden}}
    for key in case.shelf.factory["credentials"]:
        case.world.box.reset()
        plain = case.ask(case.sent(key=key))
        case.world.box.reset()
        preferred = case.ask(case.sent(key=key)(headers={"Prefer": prefer}))
        assert (plain.status in closed) == (preferred.status in closed), key


def test_many_times(case: Case) -> None:
    """What succeeds once and is asked again and again is answered or refused, whatever is left by then."""
    sent = case.sent()
    statuses = [case.ask(sent).status for _ in range(60)]
    assert statuses[0] == case.operation.status
