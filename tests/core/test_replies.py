"""Idempotency keys: the same request again gets the same answer, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from mocktill.core import errors as e
from mocktill.core import replies
from mocktill.core.api import Backend, Call, Result
from mocktill.core.choices import Basis
from mocktill.core.sandbox import Sandbox
from mocktill.core.strike import Strike
from mocktill.core.turn import Postponed, Response
from tests.core.toy import ask, tell, toy_box

KEY = {"idempotency-key": "order-1"}


def count(call: Call, backend: Backend) -> Result:
    """Count the calls, and say how many there were."""
    things = backend.table("things")
    number = (things.get("calls") or {"n": 0})["n"] + 1
    things.put("calls", {"n": number})
    if call.body.get("fails"):
        raise e.SoldOut("nothing left")
    return Result(f"call {number}", headers=(("X-Call", str(number)),))


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A sandbox that honours keys, of a vendor that counts calls."""
    box = toy_box(tmp_path, count)
    box.choices["toy.idempotency"] = "honour"
    return box


def calls(box: Sandbox) -> int:
    """Return how many calls were made and kept."""
    return int((box.table("toy.things").get("calls") or {"n": 0})["n"])


def later(kind: str = "delay", after: bool = False) -> Strike:
    """Return a fault."""
    what = {"delay": "30s"} if kind == "delay" else {"connection": kind}
    return Strike("1", what, after, timedelta(seconds=30) if kind == "delay" else timedelta())


def test_it_is_off(tmp_path: Path) -> None:
    """Where nobody chose it, a key says nothing."""
    box = toy_box(tmp_path, count)
    assert [tell(box, headers=KEY).body for _ in range(2)] == [b'{"said":"call 1"}', b'{"said":"call 2"}']
    assert len(box.table("mocktill.replies")) == 0


def test_the_same_request_gets_the_same_answer(box: Sandbox) -> None:
    """Status, body, headers and basis are those of the first; nothing is done, and the journal says so."""
    first, again = tell(box, {"a": 1, "b": 2}, headers=KEY), tell(box, b'{"b": 2,  "a": 1}', headers=KEY)
    assert (again.status, again.body) == (first.status, first.body)
    assert ("X-Call", "1") in again.headers
    assert first.entry.basis is again.entry.basis is Basis.DOCUMENTED
    assert (calls(box), again.entry.changes) == (1, ())
    assert any("nothing was done" in note for note in again.entry.notes)
    assert [change.table for change in first.entry.changes] == ["toy.things"]


@pytest.mark.parametrize(("body", "key"), [({"a": 2}, "a"), ({"a": 1}, "b"), ({}, "a")])
def test_another_request_conflicts(box: Sandbox, body: object, key: str) -> None:
    """Another body or another path with a key that was used is refused, and changes nothing."""
    tell(box, {"a": 1}, "a", KEY)
    refused = tell(box, body, key, KEY)
    assert (refused.status, orjson.loads(refused.body)) == (409, {"oops": "KeyReused"})
    assert calls(box) == 1


def test_a_key_is_its_credentials_own(box: Sandbox) -> None:
    """The same key of another credential is another key; one that is empty is none."""
    for headers in (KEY, {**KEY, "x-key": "other"}, {"idempotency-key": ""}, {"idempotency-key": ""}):
        tell(box, headers=headers)
    assert calls(box) == 4


def test_a_key_expires(box: Sandbox) -> None:
    """After 24 hours of the clock the key is as new, and what was kept makes room."""
    tell(box, headers=KEY)
    tell(box, headers={"idempotency-key": "order-2"})
    box.clock.advance(hours=24, seconds=-1)
    tell(box, headers=KEY)
    assert calls(box) == 2
    box.clock.advance(seconds=1)
    assert tell(box, {"new": True}, headers=KEY).body == b'{"said":"call 3"}'
    assert len(box.table("mocktill.replies")) == 1


def test_a_refusal_is_not_kept(box: Sandbox) -> None:
    """What was refused may be tried again with the same key, with another body as well."""
    assert tell(box, {"fails": True}, headers=KEY).status == 410
    assert tell(box, headers={**KEY, "x-key": ""}).status == 401
    assert tell(box, b"{", headers=KEY).status == 400
    assert tell(box, headers=KEY).body == b'{"said":"call 1"}'


def test_a_lost_answer_is_found(box: Sandbox) -> None:
    """Where the answer was lost after the state changed, the retry gets it, and nothing is done twice."""
    lost = tell(box, headers=KEY, strike=later("drop", after=True))
    assert lost.effect is not None
    assert tell(box, headers=KEY).body == b'{"said":"call 1"}'
    assert calls(box) == 1


def test_what_was_not_done_is_not_kept(box: Sandbox) -> None:
    """Where the request was lost before the state changed, the retry is the first."""
    tell(box, headers=KEY, strike=later("drop"))
    assert calls(box) == 0
    assert tell(box, headers=KEY).body == b'{"said":"call 1"}'


def test_one_at_a_time(box: Sandbox) -> None:
    """While the first request waits for a delay another with its key conflicts; then it gets the first's answer."""
    box.faults.add({"when": {"next": 1}, "what": {"delay": "30s"}, "moment": "before"})
    waiting = ask(box, headers=KEY)
    assert isinstance(waiting, Postponed)
    meanwhile = tell(box, headers=KEY)
    assert (meanwhile.status, orjson.loads(meanwhile.body)) == (409, {"oops": "KeyInUse"})
    assert calls(box) == 0
    waiting.over()
    first = ask(box, headers=KEY, strike=waiting.strike)
    assert isinstance(first, Response)
    assert tell(box, headers=KEY).body == first.body == b'{"said":"call 1"}'


def test_two_that_would_wait(box: Sandbox) -> None:
    """The second of two that a rule delays is refused at once."""
    box.faults.add({"what": {"delay": "30s"}, "moment": "before"})
    assert isinstance(ask(box, headers=KEY), Postponed)
    assert tell(box, headers=KEY).status == 409
    assert isinstance(ask(box, headers={"idempotency-key": "order-2"}), Postponed)


@pytest.mark.parametrize("renew", ["reset", "restore", "load"])
def test_another_world_knows_no_key(box: Sandbox, renew: str) -> None:
    """What waits and what was answered are not for the world that takes the place of this one."""
    box.snapshot("before")
    state = box.state()
    tell(box, headers=KEY)
    box.faults.add({"when": {"next": 1}, "what": {"delay": "30s"}, "moment": "before"})
    ask(box, headers={"idempotency-key": "order-2"})
    renewals: dict[str, Callable[[], None]] = {
        "reset": box.reset, "restore": lambda: box.restore("before"), "load": lambda: box.load(state),
    }  # fmt: skip
    renewals[renew]()
    box.faults.clear()
    box.choices["toy.idempotency"] = "honour"
    assert [tell(box, headers=key).status for key in (KEY, {"idempotency-key": "order-2"})] == [200, 200]
    assert calls(box) == 2


def test_nobody_reads_a_key_or_an_answer(box: Sandbox) -> None:
    """A state has no replies, and their rows have keys and credentials as digests alone."""
    tell(box, headers=KEY)
    assert "mocktill.replies" not in box.state()["tables"]
    [(name, row)] = box.table("mocktill.replies").items()
    assert "order-1" not in name + str(row)
    assert name.startswith("sha256:")


def test_what_waited_in_another_world_lets_go_of_nothing(box: Sandbox) -> None:
    """The key of a request from before a restore is another's by then, which goes on waiting with it."""
    box.faults.add({"what": {"delay": "30s"}, "moment": "before"})
    box.snapshot("before")
    old = ask(box, headers=KEY)
    assert isinstance(old, Postponed)
    box.restore("before")
    new = ask(box, headers=KEY)
    assert isinstance(new, Postponed)
    old.over()
    assert tell(box, headers=KEY).status == 409
    new.over()
    assert isinstance(ask(box, headers=KEY), Postponed)


def test_replies_are_bounded(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many the oldest is forgotten, and its key is as new; the others are known."""
    monkeypatch.setattr(replies, "MOST", 3)
    for number in range(5):
        tell(box, headers={"idempotency-key": f"order-{number}"})
        box.clock.advance(seconds=1)
    assert len(box.table("mocktill.replies")) == 3
    said = [tell(box, headers={"idempotency-key": f"order-{number}"}).body for number in (2, 3, 4, 1)]
    assert said == [b'{"said":"call 3"}', b'{"said":"call 4"}', b'{"said":"call 5"}', b'{"said":"call 6"}']
