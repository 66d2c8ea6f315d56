"""The pipeline: what is kept and what leaves no trace, whichever way a request ends."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import orjson
import pytest

from mocktill.core import engine
from mocktill.core import errors as e
from mocktill.core import record as record_module
from mocktill.core.api import Api, Backend, Call, ErrorRow, Request, Result
from mocktill.core.bodies import DEEPEST
from mocktill.core.choices import Basis
from mocktill.core.clock import text
from mocktill.core.entry import BODY
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import digest
from mocktill.core.store import Change, Row
from mocktill.core.turn import Response
from tests.client import Client
from tests.conftest import NOW
from tests.core.toy import say_hello, tell, toy_box


def said(response: Response) -> Any:
    """Return the value of an answer."""
    return orjson.loads(response.body)


def write_and_raise(error: Exception) -> Any:
    """Return a handler that writes a row and then fails."""

    def handler(call: Call, backend: Backend) -> Result:
        say_hello(call, backend)
        backend.note("written")
        raise error

    return handler


def write_and_answer(value: Any) -> Any:
    """Return a handler that writes a row and answers with a value."""

    def handler(call: Call, backend: Backend) -> Result:
        say_hello(call, backend)
        return Result(value, headers=(("X-More", "1"),))

    return handler


def count_calls(backend: Backend) -> None:
    """Count the calls in a row."""
    row = backend.table("things").get("count") or {"n": 0}
    backend.table("things").put("count", {"n": row["n"] + 1})


def test_a_success_is_kept_and_journalled(tmp_path: Path) -> None:
    """What the handler wrote is kept, and the entry says what was asked, answered and changed."""
    box = toy_box(tmp_path, write_and_answer("hi"))
    response = tell(box, {"a": 1}, key="k")
    entry = response.entry
    assert (response.status, said(response)) == (200, {"said": "hi"})
    assert box.table("toy.things").get("k") == {"sent": {"a": 1}}
    assert (entry.id, entry.at, entry.sandbox, entry.api, entry.operation) == (
        1,
        NOW,
        "default",
        "toy",
        "tell",
    )
    assert (entry.method, entry.path, entry.query, entry.status) == ("POST", "/things/k", "", 200)
    assert (entry.request_body, entry.response_body) == (b'{"a":1}', b'{"said":"hi"}')
    assert entry.changes == (Change("toy.things", "k", None, {"sent": {"a": 1}}),)
    assert (entry.violations, entry.notes, entry.basis) == ((), (), Basis.DOCUMENTED)
    assert [name for name, _ in response.headers] == [
        "Content-Type",
        "Mocktill-Entry",
        "Mocktill-Basis",
        "X-More",
    ]
    assert box.journal.entries() == (entry,)


def test_the_entry_is_there_before_the_answer_leaves(tmp_path: Path) -> None:
    """When `handle` returns, the journal has the entry that the answer names."""
    box = toy_box(tmp_path)
    for number in (1, 2, 3):
        response = tell(box)
        assert dict(response.headers)["Mocktill-Entry"] == str(number)
        assert box.journal.get(number) is response.entry


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (e.Conflict("taken"), 409, "Conflict"),
        (e.SoldOut("gone"), 410, "SoldOut"),
        (e.Invalid("odd"), 422, "Invalid"),
        (e.RateLimited("slow"), 429, "RateLimited"),
    ],
)
def test_a_refusal_leaves_no_trace_in_the_rows(tmp_path: Path, error: e.Meaning, status: int, kind: str) -> None:
    """A handler's refusal rolls back what it wrote, and answers in the vendor's words; the journal has it."""
    box = toy_box(tmp_path, write_and_raise(error))
    before = box.store.rows()
    response = tell(box)
    assert (response.status, said(response)) == (status, {"oops": kind})
    assert box.store.rows() == before
    assert response.entry.changes == ()
    assert response.entry.notes == (f"{kind}: {error.detail}", "written")
    assert box.journal.entries() == (response.entry,)


def test_counts_and_expiries_survive_a_refusal(tmp_path: Path) -> None:
    """What expired, and what was counted, stays when the request itself is refused."""
    box = toy_box(tmp_path, write_and_raise(e.Conflict()), count=count_calls)
    with box.changing():
        box.backend("toy").holds.place("h", "seats", 2, NOW + timedelta(minutes=1))
        box.table("mocktill.clock").put("clock", {"mode": "frozen", "at": "2026-03-02T12:05:00.000000Z"})
    response = tell(box)
    assert response.status == 409
    assert box.table("toy.stock").get("seats") == {"free": 3, "held": 0, "sold": 0}
    assert len(box.table("toy.holds")) == 0
    assert box.table("toy.things").get("count") == {"n": 1}
    assert "a" not in box.table("toy.things")
    assert response.entry.notes[0] == "hold h expired"
    assert tell(box).entry.notes == ("written",)


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        ({"headers": {"x-key": ""}}, 401),
        ({"headers": {"x-key": "old"}}, 401),
        ({"body": b"{"}, 400),
        ({"body": b"[]"}, 422),
    ],
)
def test_every_request_is_counted(tmp_path: Path, ask: dict[str, Any], status: int) -> None:
    """A request is counted before anybody asks who it is or reads it."""
    box = toy_box(tmp_path, count=count_calls)
    assert tell(box, **ask).status == status
    assert box.table("toy.things").get("count") == {"n": 1}


def test_a_count_may_refuse_and_is_kept(tmp_path: Path) -> None:
    """The count's own refusal is answered, what it counted stays, and the handler does not run."""

    def limit(backend: Backend) -> e.Meaning | None:
        count_calls(backend)
        row = backend.table("things").get("count") or {}
        return e.RateLimited("two are enough") if row["n"] > 2 else None

    box = toy_box(tmp_path, count=limit)
    assert [tell(box, key=key).status for key in "abcd"] == [200, 200, 429, 429]
    assert box.table("toy.things").get("count") == {"n": 4}
    assert "c" not in box.table("toy.things")
    assert box.journal.entries()[-1].notes == ("RateLimited: two are enough",)


@pytest.mark.parametrize("value", [12, None, ["x"], 2**70, {"deep": 1}])
def test_an_answer_against_its_contract_is_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture, value: Any) -> None:
    """An answer that breaks its contract rolls back, is a 500 in the vendor's shape, and is logged."""
    box = toy_box(tmp_path, write_and_answer(value))
    with caplog.at_level(logging.ERROR, "mocktill"):
        response = tell(box)
    assert (response.status, said(response)) == (500, {"oops": "Broken"})
    assert len(box.table("toy.things")) == 0
    assert response.entry.changes == ()
    assert "/said" in response.entry.notes[0]
    assert "tell answers against its own contract" in caplog.text


@pytest.mark.parametrize("value", [2**70, -(2**63) - 1])
def test_an_answer_that_json_cannot_say_is_a_defect(tmp_path: Path, value: int) -> None:
    """A value that passes the contract and cannot be written rolls back, and is a 500 that is journalled."""
    box = toy_box(tmp_path, write_and_answer(value), schemas={"answer": {"type": "object"}})
    response = tell(box)
    assert (response.status, said(response)) == (500, {"oops": "Broken"})
    assert len(box.table("toy.things")) == 0
    assert len(box.journal) == 1


@pytest.mark.parametrize("error", [e.NotFound("no"), e.Declined("no"), e.Meaning("no")])
def test_an_undeclared_meaning_is_a_defect(tmp_path: Path, caplog: pytest.LogCaptureFixture, error: e.Meaning) -> None:
    """A meaning that the operation does not declare rolls back, is the vendor's 500, and is logged."""
    box = toy_box(tmp_path, write_and_raise(error))
    with caplog.at_level(logging.ERROR, "mocktill"):
        response = tell(box)
    assert (response.status, said(response)) == (500, {"oops": "Broken"})
    assert len(box.table("toy.things")) == 0
    assert len(box.journal) == 1
    assert f"tell raises {type(error).__name__}, which it does not declare" in caplog.text


def test_an_exception_is_a_defect(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Any other exception rolls back as well, is the vendor's 500, and is logged with its trace."""
    box = toy_box(tmp_path, write_and_raise(ZeroDivisionError("oh")))
    with caplog.at_level(logging.ERROR, "mocktill"):
        response = tell(box)
    assert (response.status, said(response)) == (500, {"oops": "Broken"})
    assert len(box.table("toy.things")) == 0
    assert "ZeroDivisionError: oh" in caplog.text
    assert "oh" not in response.body.decode()
    assert tell(box).entry.id == 2


def test_a_defect_in_a_vendors_expiry_is_answered(tmp_path: Path) -> None:
    """What a vendor does when a hold expires may fail: that is a 500 in its shape too, and journalled."""

    def expired(key: str, hold: Row, backend: Backend) -> NoReturn:
        raise ZeroDivisionError

    box = toy_box(tmp_path, expired=expired)
    with box.changing():
        box.backend("toy").holds.place("h", "seats", 2, NOW)
    assert tell(box).status == 500
    assert len(box.journal) == 1


def test_reads_in_a_handler_see_its_writes(tmp_path: Path) -> None:
    """A handler reads what it has just written, and what other requests wrote before."""

    def handler(call: Call, backend: Backend) -> Result:
        before = len(backend.table("things"))
        say_hello(call, backend)
        return Result(f"{before} {len(backend.table('things'))}")

    box = toy_box(tmp_path, handler)
    assert [said(tell(box, key=key))["said"] for key in "ab"] == ["0 1", "1 2"]


@pytest.mark.parametrize(
    ("credential", "choice", "status"),
    [("good", "accept", 200), ("good", "refuse", 401), ("old", "accept", 401), ("", "accept", 401)],
)
def test_who_asks_comes_before_what_is_asked(tmp_path: Path, credential: str, choice: str, status: int) -> None:
    """No credential and a refused one get 401, an unknown one as chosen; also with a body that is broken."""
    box = toy_box(tmp_path)
    box.choices["toy.unknown_credentials"] = choice
    assert tell(box, headers={"x-key": credential}).status == status
    if status == 401:
        assert tell(box, b"{", headers={"x-key": credential}).status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"{", 400),
        (b"[]", 422),
        (b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST, 200),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), 400),
        (b"[" * 100_000, 400),
        (orjson.dumps({"a": "[" * 500}), 200),
        (b'{"a": "' + b"]" * 900 + b'", "b": ' + b"[" * 900 + b"]" * 900 + b"}", 400),
        (orjson.dumps({"a": [[]] * 500}), 200),
    ],
)
def test_bodies_are_read_or_refused(tmp_path: Path, body: bytes, status: int) -> None:
    """Broken and bottomless bodies are malformed, wrong ones invalid; brackets within a text are no depth."""
    box = toy_box(tmp_path)
    assert tell(box, body).status == status
    assert ("a" in box.table("toy.things")) is (status == 200)


def test_violations_are_journalled_whether_they_refuse_or_not(tmp_path: Path) -> None:
    """A warning is in the entry of a request that passes, an error in that of one that is refused."""
    schema = {"properties": {"n": {"type": "integer"}}, "additionalProperties": False, "x-source": "a page"}
    box = toy_box(tmp_path, schemas={"any": schema})
    passed, refused = tell(box, {"more": 1}), tell(box, {"n": "x", "more": 1})
    assert [(v.severity, v.pointer, v.source) for v in passed.entry.violations] == [("warning", "/more", "a page")]
    assert (passed.status, refused.status) == (200, 422)
    assert [(v.severity, v.pointer) for v in refused.entry.violations] == [
        ("warning", "/more"),
        ("error", "/n"),
    ]


def test_choices_that_decided_are_journalled(box: Sandbox) -> None:
    """The entry lists the choices that were asked; the answer's basis is the weakest of those that can weaken it."""
    client = Client(box, "deem")
    answer = client("POST", "/v1/purchases/reserve?api_key=new", json={"deal_id": "sold-out", "num_bought": 1})
    assert answer.headers["Mocktill-Basis"] == client.entry.basis == "assumed"
    assert ("deem.sold_out", "cannot_fufill", Basis.ASSUMED) in client.entry.choices
    client("POST", "/v1/purchases/reserve?api_key=1234567", json={"deal_id": "last-one", "num_bought": 1})
    assert client.entry.basis == "documented"
    of_links = {"deem.link_host", "deem.deal_image"}
    assert {basis for name, _, basis in client.entry.choices if name not in of_links} == {Basis.DOCUMENTED}


def test_unknown_paths_take_the_same_way(box: Sandbox) -> None:
    """A request without an operation is the vendor's error, with the nearest ones in its notes."""
    client = Client(box, "deem")
    answer = client("GET", "/v1/purchase/x")
    assert (answer.status_code, answer.get_json()["error_type"]) == (404, "find_failed")
    assert client.entry.operation is None
    first, *others = client.entry.notes[-3:]
    assert first == "the nearest are GET /v1/purchases/{purchase_id}: `purchase` is not `purchases`"
    assert all(note.startswith("or ") for note in others)


def test_bodies_are_cut_and_masked_in_the_journal(tmp_path: Path) -> None:
    """The entry keeps the beginning of a long body, masked; the request itself is handled whole."""
    box = toy_box(tmp_path)
    long = {"text": "x" * BODY, "token": "hush"}
    entry = tell(box, long).entry
    assert len(entry.request_body) == BODY
    assert box.table("toy.things").get("a") == {"sent": long}
    assert "hush" not in repr(entry)


def test_a_secret_in_a_row_stays_out_of_later_entries(tmp_path: Path) -> None:
    """A secret that one request has stored is in no entry of another that changes the same row."""
    box = toy_box(tmp_path)
    entries = [tell(box, body).entry for body in ({"card": "4111111111111111"}, {"card": "none"})]
    assert box.table("toy.things").get("a") == {"sent": {"card": "none"}}
    assert "4111111111111111" not in repr(entries)


def test_a_secret_in_a_key_stays_out_of_the_journal(tmp_path: Path) -> None:
    """A card number in the path is neither in the path, the changed key, nor the notes of an entry."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "refused").mkdir()
    kept = tell(toy_box(tmp_path / "kept"), key="4111111111111111").entry
    refused = tell(
        toy_box(tmp_path / "refused", write_and_raise(e.Conflict("4111111111111111 is taken"))), key="x"
    ).entry
    for entry in (kept, refused):
        assert "4111111111111111" not in repr(entry)


def test_a_request_cannot_fill_the_memory(box: Sandbox) -> None:
    """The violations that are kept of one request are bounded, however many there are."""
    body = {f"x{number}": 0 for number in range(20_000)}
    client = Client(box, "deem")
    client("POST", "/v1/purchases/reserve?api_key=1", json={"deal_id": "last-one", "num_bought": 1, **body})
    assert 0 < len(client.entry.violations) <= 1_000


def test_unread_problems_of_a_door_are_answered(tmp_path: Path) -> None:
    """What a door could not read is refused in the vendor's words, and journalled."""
    box = toy_box(tmp_path)
    shelf = box.catalogue.shelves["toy"]
    for problem, status in ((e.TooLarge("big"), 413), (e.WrongMethod("no"), 405), (None, 404)):
        request = Request("GET", "/", "", {}, b"", "http://toy", problem=problem)
        assert engine.answer_at_once(box, shelf, request).status == status
    assert [entry.operation for entry in box.journal] == [None] * 3


def test_every_operation_of_the_builtin_apis_is_named_once(box: Sandbox) -> None:
    """Names, and methods with paths, are unique within an API, so that an entry tells which it was."""

    def names(api: Api) -> list[str]:
        return [operation.name for operation in api.operations]

    for api in box.catalogue.apis:
        assert len(set(names(api))) == len(names(api))
        assert len({(op.method, op.path) for op in api.operations}) == len(api.operations)
        assert [api.operation(name).name for name in names(api)] == names(api)
        with pytest.raises(KeyError):
            api.operation("nothing")


def test_a_defect_in_the_journal_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If the entry cannot be made, the client gets the vendor's error, and there is an entry of that."""
    box, made = toy_box(tmp_path), []

    def record(*parts: Any) -> Any:
        made.append(parts)
        if len(made) == 1:
            raise ZeroDivisionError
        return recorded(*parts)

    recorded = record_module.record
    monkeypatch.setattr(engine, "record", record)
    response = tell(box)
    assert (response.status, said(response)) == (500, {"oops": "Broken"})
    assert len(box.journal) == 1


def test_another_status_of_a_success(tmp_path: Path) -> None:
    """A handler may answer with a status that its operation declares, in the body of a success."""
    box = toy_box(tmp_path, lambda call, backend: Result("full", status=402), also={402: "It is full."})
    response = tell(box)
    assert (response.status, said(response)) == (402, {"said": "full"})
    assert response.entry.basis is Basis.DOCUMENTED


def test_a_status_that_is_not_declared(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Any other status is a defect: it is loud, and nothing is kept."""

    def handler(call: Call, backend: Backend) -> Result:
        say_hello(call, backend)
        return Result("full", status=418)

    box = toy_box(tmp_path, handler, also={402: "It is full."})
    assert tell(box, key="k").status == 500
    assert "k" not in box.table("toy.things")
    assert "418" in caplog.text


def test_no_body(tmp_path: Path) -> None:
    """An operation without a response answers with nothing, and says nothing of what it is."""
    box = toy_box(tmp_path, lambda call, backend: Result(None), response=None, status=204)
    response = tell(box)
    assert (response.status, response.body) == (204, b"")
    assert "Content-Type" not in dict(response.headers)


def test_a_body_that_is_not_declared(tmp_path: Path) -> None:
    """An operation without a response that answers with something is a defect."""
    box = toy_box(tmp_path, response=None, envelope=lambda result, call, backend: {"said": result.value})
    assert tell(box).status == 500


def test_its_own_media_type(tmp_path: Path) -> None:
    """Successes and refusals have the media type of the operation, where it has one."""
    box = toy_box(tmp_path, media_type="application/toy")
    for response in (tell(box), tell(box, b"["), tell(box, headers={"x-key": ""})):
        assert dict(response.headers)["Content-Type"] == "application/toy"


def test_an_open_operation(tmp_path: Path) -> None:
    """Where no credential is asked for, none is needed, and a wrong one does not matter."""
    box = toy_box(tmp_path, lambda call, backend: Result(f"<{call.credential}>"), open=True)
    assert [said(tell(box, headers={"x-key": key})) for key in ("", "old")] == [{"said": "<>"}] * 2


def test_rows_for_single_operations(tmp_path: Path) -> None:
    """An operation's own row comes before the one for all, wherever it stands in the table."""
    own = e.Conflict, 410, "mine", "no", Basis.ASSUMED, "toy"
    box = toy_box(tmp_path, write_and_raise(e.Conflict("taken")), rows=(ErrorRow(*own, operations=("tell",)),))
    assert said(tell(box)) == {"oops": "mine"}
    (tmp_path / "b").mkdir()
    box = toy_box(tmp_path / "b", write_and_raise(e.Conflict()), rows=(ErrorRow(*own, operations=("other",)),))
    assert said(tell(box)) == {"oops": "Conflict"}


def test_an_issued_credential(tmp_path: Path) -> None:
    """It is known by its digest, which opens nothing itself, and refused from the instant on at which it expires."""
    box = toy_box(tmp_path)
    box.choices["toy.unknown_credentials"] = "refuse"
    with box.changing():
        row = {"state": "active", "expires_at": text(NOW + timedelta(hours=1))}
        box.table("toy.credentials").insert(digest("issued"), row)
    asked = {"x-key": "issued"}
    assert tell(box, headers=asked).status == 200
    assert tell(box, headers={"x-key": digest("issued")}).status == 401
    box.clock.advance(hours=1)
    refused = tell(box, headers=asked)
    assert refused.status == 401
    assert any("has expired" in note for note in refused.entry.notes)
