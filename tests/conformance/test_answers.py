"""The other ways of answering: documented, generated, and the error that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

import pytest
from faker.providers import date_time

from mocktill.core.api import JSON, ErrorRow
from mocktill.core.catalogue import DOCUMENTED
from mocktill.core.choices import Basis, weakest
from mocktill.core.contract import Contract
from mocktill.core.sandbox import Setup
from tests.conformance.order import out_of_order
from tests.conformance.world import Answer, Case, World
from tests.conftest import NOW


def fixtures(case: Case) -> Mapping[str, bytes]:
    """Return the files with examples of an operation by the name of the example, straight from the folder."""
    folder = case.api.fixtures / "examples"
    named = {}
    for file in folder.iterdir() if folder.is_dir() else ():
        operation, _, name = file.name.removesuffix(".json").partition(".")
        if operation == case.operation.name:
            named[name or DOCUMENTED] = file.read_bytes()
    return named


def literally(body: bytes) -> JSON:
    """Return a JSON text as values in which the order of keys counts."""
    return json.loads(body, object_pairs_hook=list)


def rows_of(case: Case) -> Iterator[ErrorRow]:
    """Yield the rows of the vendor's errors that the operation may answer with, and no status of a success."""
    for row in case.api.dialect.rows_of(case.operation):
        if row.status not in case.statuses:
            yield row


def unchanged(case: Case, prefer: str, *, key: str | None = "") -> Answer:
    """Ask with a preference; see that no state changes, and that the journal says so."""
    sent = case.sent(key=key)(headers={"Prefer": prefer})
    before = case.rows()
    answer = case.listen(sent)
    assert case.rows() == before
    assert answer.entry.changes == ()
    return answer


def other(value: str) -> str:
    """Return an id of the same form."""
    return value[:-1] + ("2" if value[-1:] == "1" else "1")


@pytest.fixture(scope="module")
def canned() -> World:
    """A server whose answers are the documented ones."""
    return World(Setup(now=NOW, answers="canned"))


@pytest.fixture(scope="module")
def generated() -> World:
    """A server whose answers are generated."""
    return World(Setup(now=NOW, answers="generated"))


def test_documented_by_preference(case: Case) -> None:
    """`Prefer: example=documented` gives the example of the fixtures, literally; without one it is not applied."""
    files = fixtures(case)
    for name in {DOCUMENTED, *files}:
        if name in files:
            answer = unchanged(case, f"example={name}")
            assert literally(answer.body) == literally(files[name])
            assert answer.status == case.operation.status
            assert answer.headers["Preference-Applied"] == f"example={name}"
            assert answer.headers["Mocktill-Basis"] == case.operation.basis
        else:
            answer = case.ask(case.sent()(headers={"Prefer": f"example={name}"}))
            assert answer.status == case.operation.status
            assert "Preference-Applied" not in answer.headers
            assert any("not applied" in note for note in answer.entry.notes)


def test_documented_by_setup(case: Case, canned: World) -> None:
    """A sandbox of canned answers gives the example, or what is generated where there is none."""
    there = Case(canned, case.shelf, case.operation)
    if case.sample.after:
        canned.box.reset()
    answer = there.ask(there.sent())
    files = fixtures(case)
    assert answer.status == case.operation.status
    assert answer.entry.changes == ()
    assert "Preference-Applied" not in answer.headers
    if DOCUMENTED in files:
        assert literally(answer.body) == literally(files[DOCUMENTED])
        assert answer.headers["Mocktill-Basis"] == case.operation.basis
    else:
        assert answer.headers["Mocktill-Basis"] == Basis.ASSUMED


def test_examples_obey_the_schema(case: Case) -> None:
    """Every example is valid, with its keys in the order of the schema."""
    for name, file in fixtures(case).items():
        assert case.operation.response is not None, "an example of what has no body"
        value = json.loads(file)
        assert case.contract.explain(case.operation.response, value) == (), name
        assert out_of_order(case.contract, case.operation.response, value) == []


def test_generated_by_preference(case: Case) -> None:
    """`Prefer: dynamic=true` gives a valid answer, assumed, and no state changes."""
    answer = unchanged(case, "dynamic=true")
    assert answer.status == case.operation.status
    assert answer.headers["Preference-Applied"] == "dynamic=true"
    assert answer.headers["Mocktill-Basis"] == Basis.ASSUMED
    if case.operation.response is not None:
        assert case.contract.explain(case.operation.response, answer.json) == ()
        assert out_of_order(case.contract, case.operation.response, answer.json) == []


def test_generated_by_setup(case: Case, generated: World) -> None:
    """A sandbox of generated answers gives the same as the preference does."""
    there = Case(generated, case.shelf, case.operation)
    sent = case.sent()
    wanted = case.ask(sent(headers={"Prefer": "dynamic=true"}))
    answer = there.ask(sent)
    assert answer.body == wanted.body
    assert "Preference-Applied" not in answer.headers


def test_generated_is_the_same_in_any_order(case: Case) -> None:
    """The same seed and id give the same answer, whatever was asked before; another seed gives another."""
    sent = generated_requests(case)
    forwards = [case.ask(one).body for one in sent]
    stranger = Case(World(), case.shelf, case.operation)
    backwards = [stranger.ask(one).body for one in reversed(sent)]
    assert forwards == backwards[::-1]
    if varies(case):
        reseeded = Case(World(Setup(now=NOW, seed=2)), case.shelf, case.operation)
        assert [reseeded.ask(one).body for one in sent] != forwards


def test_generated_heeds_no_clock(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated answers are the same next year: the machine's clock, which Faker's dates know, does not count."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(days=400)

    sent = case.sent()(headers={"Prefer": "dynamic=true"})
    now = case.ask(sent).body
    monkeypatch.setattr(date_time, "datetime", Later)
    assert case.ask(sent).body == now


def test_generated_differs_between_ids(case: Case) -> None:
    """Another id gives another answer."""
    bodies = [case.ask(one).body for one in generated_requests(case)]
    if varies(case):
        assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize("seed", range(10))
def test_generated_is_valid_for_many_ids(case: Case, seed: int) -> None:
    """Whatever the dice say, a generated answer is valid."""
    args = {name: f"{value}{seed}" for name, value in case.sample.args.items()}
    answer = case.ask(case.sent(**args)(headers={"Prefer": "dynamic=true"}))
    assert answer.status == case.operation.status


def generated_requests(case: Case) -> list[Any]:
    """Return requests for generated answers: one, and for each path argument one with another value."""
    sent = case.sent()(headers={"Prefer": "dynamic=true"})
    args = case.sample.args
    found = [sent]
    for name, value in args.items():
        body = case.sent(**{name: other(value)})
        found.append(sent(path=body.path))
    return found


def varies(case: Case) -> bool:
    """Whether the schema of the answer leaves anything open."""
    name = case.operation.response
    return name is not None and open_at(case.contract, name, case.contract.documents[name])


def open_at(contract: Contract, name: str, schema: JSON) -> bool:
    """Whether a schema leaves open which value it is."""
    name, schema = contract.resolve(name, schema)
    if "const" in schema:
        return False
    if schema.get("type") == "object" or "properties" in schema:
        return any(open_at(contract, name, part) for part in schema.get("properties", {}).values())
    return True


def test_every_error_by_its_status(case: Case) -> None:
    """`Prefer: code=NNN` gives the first error of each status that the operation has, in a valid body."""
    statuses: dict[int, ErrorRow] = {}
    for row in rows_of(case):
        statuses.setdefault(row.status, row)
    for status, row in statuses.items():
        answer = unchanged(case, f"code={status}")
        assert answer.status == status
        assert case.contract.explain(case.api.dialect.error_schema(row), answer.json) == ()
        assert answer.headers["Preference-Applied"] == f"code={status}"
        assert weakest(row.basis, Basis(answer.headers["Mocktill-Basis"])) == answer.headers["Mocktill-Basis"]


def test_every_error_by_its_type(case: Case) -> None:
    """`Prefer: code=NNN, example=TYPE` gives each row of the errors."""
    for row in rows_of(case):
        for prefer in (f"code={row.status}, example={row.type}", f'example="{row.type}"; code="{row.status}"'):
            answer = unchanged(case, prefer)
            assert answer.status == row.status
            assert case.contract.explain(case.api.dialect.error_schema(row), answer.json) == ()
            assert answer.headers["Preference-Applied"] == f"code={row.status}, example={row.type}"


def test_the_success_by_its_status(case: Case) -> None:
    """`Prefer: code=` with the status of success gives the example, or a generated answer; no state changes."""
    answer = unchanged(case, f"code={case.operation.status}")
    assert answer.status == case.operation.status
    assert answer.headers["Preference-Applied"] == f"code={case.operation.status}"
    files = fixtures(case)
    if DOCUMENTED in files:
        assert literally(answer.body) == literally(files[DOCUMENTED])


def test_every_other_status_of_a_success(case: Case) -> None:
    """`Prefer: code=` with another status that has the body of a success gives such a body; no state changes."""
    for status in case.operation.also:
        answer = unchanged(case, f"code={status}")
        assert answer.status == status
        assert answer.headers["Preference-Applied"] == f"code={status}"
        assert case.contract.accepts(case.operation.response or "", answer.json)


@pytest.mark.parametrize("code", ["299", "418", "599", "999"])
def test_a_status_that_it_does_not_have(case: Case, code: str) -> None:
    """A status that the operation does not have is not applied, and the journal says so."""
    answer = case.ask(case.sent()(headers={"Prefer": f"code={code}"}))
    assert answer.status == case.operation.status
    assert "Preference-Applied" not in answer.headers
    assert any("not applied" in note for note in answer.entry.notes)


@pytest.mark.parametrize("prefer", ["example=documented", "dynamic=true", "code=404"])
def test_a_preference_does_not_open_doors(case: Case, prefer: str) -> None:
    """Credentials come before preferences, and so does the contract."""
    if not case.operation.open:
        refused = case.ask(case.sent(key=None)(headers={"Prefer": prefer}))
        assert refused.body == case.ask(case.sent(key=None)).body
    if case.operation.body is not None:
        sent = case.sent()(body=b"[]")
        assert case.ask(sent(headers={"Prefer": prefer})).body == case.ask(sent).body
