"""Who asks comes first: whoever shows no good credential gets the vendor's refusal, and nothing else happens."""

from __future__ import annotations

import pytest

from mocktill.core.errors import NotAuthenticated
from mocktill.core.sample import show
from tests.conformance.world import Case

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


def test_no_credential(case: Case) -> None:
    """A request without a credential is not authenticated."""
    assert case.ask(case.sent(key=None)).status == case.means(NotAuthenticated)


def test_an_empty_credential(case: Case) -> None:
    """A credential that is shown and empty is none."""
    sent = case.sent(key=None)
    shown = show(case.api, "")
    query = "&".join(f"{name}={value}" for name, value in shown.query.items())
    assert case.ask(sent(headers=dict(shown.headers), query=query)).status == case.means(NotAuthenticated)


def test_a_refused_credential(case: Case) -> None:
    """A credential that the factory state refuses is not authenticated."""
    assert case.ask(case.sent(key=case.refused_key)).status == case.means(NotAuthenticated)


def test_every_refused_credential(case: Case) -> None:
    """So are those that have expired or were revoked: the vendor says the same of all."""
    rows = case.shelf.factory["credentials"]
    bodies = {case.ask(case.sent(key=key)).body for key, row in rows.items() if row["state"] in {"refused", "expired"}}
    assert len(bodies) <= 1


def test_an_unknown_credential(case: Case) -> None:
    """A credential that nobody seeded is accepted, and refused where the choice says so."""
    sent = case.sent(key="nobody-seeded-this")
    assert case.ask(sent).status == case.operation.status
    case.world.box.choices[f"{case.api.name}.unknown_credentials"] = "refuse"
    assert case.ask(sent).status == case.means(NotAuthenticated)


def test_a_refused_credential_comes_before_the_body(body_case: Case) -> None:
    """Whoever is refused learns nothing of what was wrong with the body."""
    sent = body_case.sent(key=body_case.refused_key)
    for body in (b"{", b"[]", b'{"x": 1}', b""):
        assert body_case.ask(sent(body=body)).status == body_case.means(NotAuthenticated)


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
