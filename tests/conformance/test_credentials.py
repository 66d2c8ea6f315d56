"""Who asks comes first: whoever shows no good credential gets the vendor's refusal, and nothing else happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mocktill.core.api import Operation
from mocktill.core.clock import instant
from mocktill.core.engine import REFUSED_STATES
from mocktill.core.errors import NotAuthenticated
from mocktill.core.sample import show
from mocktill.core.secrets import digest
from mocktill.core.store import Change
from tests.conformance.world import Answer, Case

GARBAGE = {
    "nothing": "",
    "spaces": "   ",
    "a scheme alone": "Basic",
    "another scheme alone": "Bearer",
    "an unknown scheme": "Digest username=x, realm=y",
    "not base64": "Basic %%%%",
    "base64 of no text": "Basic /////w==",
    "base64 without its end": "Basic YWJj=",
    "two words": "Bearer one two",
    "Latin-1": "Bearer \xe9\xff",
    "bytes that are no UTF-8": "Basic \xff\xfe\x80",
    "controls": "Bearer \x01\x02\x7f",
    "very long": "Bearer " + "x" * 100_000,
    "only colons": "Basic Ojo6Og==",
    "an empty Bearer": "Bearer    ",
    "a comma list": "Bearer a, Basic b",
}


def test_no_credential(closed_case: Case) -> None:
    """A request without a credential is not authenticated."""
    assert closed_case.ask(closed_case.sent(key=None)).status == closed_case.means(NotAuthenticated)


def test_an_empty_credential(closed_case: Case) -> None:
    """A credential that is shown and empty is none."""
    sent = closed_case.sent(key=None)
    shown = show(closed_case.api, "")
    query = "&".join(f"{name}={value}" for name, value in shown.query.items())
    assert closed_case.ask(sent(headers=dict(shown.headers), query=query)).status == closed_case.means(NotAuthenticated)


def test_a_refused_credential(closed_case: Case) -> None:
    """A credential that the factory state refuses is not authenticated."""
    assert closed_case.ask(closed_case.sent(key=closed_case.refused_key)).status == closed_case.means(NotAuthenticated)


def test_every_refused_credential(closed_case: Case) -> None:
    """So are those that have expired or were revoked: the vendor says the same of all."""
    rows = closed_case.shelf.factory["credentials"]
    refused = [key for key, row in rows.items() if row["state"] in {"refused", "expired"}]
    assert len({closed_case.ask(closed_case.sent(key=key)).body for key in refused}) <= 1


def test_an_unknown_credential(closed_case: Case) -> None:
    """A credential that nobody seeded is accepted, and refused where the choice says so."""
    sent = closed_case.sent(key="nobody-seeded-this")
    assert closed_case.ask(sent).status == closed_case.operation.status
    closed_case.world.box.choices[f"{closed_case.api.name}.unknown_credentials"] = "refuse"
    assert closed_case.ask(sent).status == closed_case.means(NotAuthenticated)


def test_a_refused_credential_comes_before_the_body(closed_body_case: Case) -> None:
    """Whoever is refused learns nothing of what was wrong with the body."""
    sent = closed_body_case.sent(key=closed_body_case.refused_key)
    for body in (b"{", b"[]", b'{"x": 1}', b""):
        assert closed_body_case.ask(sent(body=body)).status == closed_body_case.means(NotAuthenticated)


@pytest.mark.parametrize("unknown", ["accept", "refuse"])
def test_an_open_operation_asks_nobody(open_case: Case, unknown: str) -> None:
    """Who asks an open operation need not say who it is: no credential opens it, and none that is wrong closes it."""
    for key in (None, open_case.refused_key, "nobody-seeded-this"):
        open_case.world.box.reset()
        open_case.world.box.choices[f"{open_case.api.name}.unknown_credentials"] = unknown
        assert open_case.ask(open_case.sent(key=key)).status == open_case.operation.status


def new_credentials(answer: Answer, api: str) -> list[Change]:
    """Return the credentials that a request made and that open something; what it made to be refused is none."""
    made = [change for change in answer.entry.changes if change.table == f"{api}.credentials" and not change.before]
    return [change for change in made if change.after and change.after["state"] not in REFUSED_STATES]


def issued(answer: Answer, api: str) -> dict[str, str]:
    """Return the credentials that a request issued: what the client got by the key of the row."""
    keys = {change.key for change in new_credentials(answer, api)}
    texts = list(answer.json.values()) if answer.body and isinstance(answer.json, dict) else []
    return {digest(text): text for text in texts if isinstance(text, str) and digest(text) in keys}


def test_an_issued_credential(case: Case) -> None:
    """What an operation issues as a credential opens the others until it expires, and is not kept as it is."""
    answer = case.ask(case.sent())
    tokens = issued(answer, case.api.name)
    made = {change.key for change in new_credentials(answer, case.api.name)}
    assert made == set(tokens), "nobody got what was issued"
    box = case.world.box
    locked = next(case.case(operation.name) for operation in case.api.operations if reads(operation))
    box.choices[f"{case.api.name}.unknown_credentials"] = "refuse"
    for key, token in tokens.items():
        assert token not in str(box.state())
        assert token not in str(box.journal.get(answer.entry.id))
        assert locked.ask(locked.sent(key=token)).status == locked.operation.status
        expires_at = (box.table(f"{case.api.name}.credentials").get(key) or {}).get("expires_at")
        if expires_at is not None:
            now = box.clock.now()
            box.clock.travel_to(instant(expires_at) - timedelta(microseconds=1))
            assert locked.ask(locked.sent(key=token)).status == locked.operation.status
            box.clock.advance(microseconds=1)
            assert locked.ask(locked.sent(key=token)).status == locked.means(NotAuthenticated)
            box.clock.travel_to(now)


def reads(operation: Operation) -> bool:
    """Whether it is an operation that needs a credential and nothing before it."""
    return operation.method == "GET" and not operation.open and not operation.sample.after


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage(case: Case, garbage: str) -> None:
    """Whatever stands in an Authorization header, it is accepted or refused, and nothing breaks."""
    sent = case.sent()
    answer = case.ask(sent(headers={"Authorization": GARBAGE[garbage]}))
    assert answer.status in {case.operation.status, case.means(NotAuthenticated)}


def test_no_credential_gets_into_the_journal(case: Case) -> None:
    """The credential that was shown is nowhere in the entry."""
    entry = case.ask(case.sent(key="a-key-of-my-own-1234")).entry
    assert "a-key-of-my-own-1234" not in str(entry)
