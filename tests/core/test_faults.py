"""Fault rules: which requests they are about, which of those they strike, and what the sandbox keeps then."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Request, Result
from mocktill.core.contract import own
from mocktill.core.errors import Full
from mocktill.core.faults import MOST, spelt
from mocktill.core.sandbox import Sandbox
from mocktill.core.strike import Strike
from mocktill.core.turn import Effect, Postponed
from tests.client import Client
from tests.conftest import NOW
from tests.core.toy import ask, tell, toy_box

Rule = dict[str, Any]


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A sandbox of the toy vendor, whose one operation keeps what it was told."""
    return toy_box(tmp_path)


def statuses(box: Sandbox, count: int, body: JSON = None) -> list[int]:
    """Return the statuses of that many requests."""
    return [tell(box, body).status for _ in range(count)]


def told(box: Sandbox) -> list[str]:
    """Return the keys of what the toy vendor keeps."""
    return [key for key, _ in box.table("toy.things").items()]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, [503, 503, 503, 503]),
        ({"nth": 2}, [200, 503, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503]),
        ({"next": 2}, [503, 503, 200, 200]),
        ({"every": 2, "next": 1}, [200, 503, 200, 200]),
        ({"probability": 0}, [200, 200, 200, 200]),
        ({"probability": 1}, [503, 503, 503, 503]),
        ({"api": "toy"}, [503, 503, 503, 503]),
        ({"operation": "tell"}, [503, 503, 503, 503]),
        ({"operation": "toy.tell", "method": "POST"}, [503, 503, 503, 503]),
        ({"method": "GET"}, [200, 200, 200, 200]),
        ({"path": "/things/*"}, [503, 503, 503, 503]),
        ({"path": "/thing"}, [200, 200, 200, 200]),
        ({"body": {"/a/0": 1}}, [503, 503, 503, 503]),
        ({"body": {"/a/0": True}}, [200, 200, 200, 200]),
        ({"body": {"/a/1": 1}}, [200, 200, 200, 200]),
        ({"body": {"": {"a": [1]}}}, [503, 503, 503, 503]),
        ({"until": "2026-03-02T12:00:00Z"}, [200, 200, 200, 200]),
        ({"until": "2026-03-02T13:00:01+01:00"}, [503, 503, 503, 503]),
    ],
)
def test_a_rule_strikes_when_it_says(box: Sandbox, when: Rule, expected: list[int]) -> None:
    """Each condition lets just those requests be struck that it names; the counts say how many."""
    fault = box.faults.add({"when": when, "what": {"status": 503}})
    assert statuses(box, 4, {"a": [1]}) == expected
    (now,) = box.faults.all()
    assert (now.id, now.hits) == (fault.id, expected.count(503))


def test_a_body_that_is_none_matches_nothing(box: Sandbox) -> None:
    """A rule about a body lets a request pass whose body cannot be read."""
    box.faults.add({"when": {"body": {"/a": 1}}, "what": {"status": 503}})
    assert tell(box, b"{").status == 400


def test_chance_comes_from_the_seed(tmp_path: Path) -> None:
    """The same seed strikes the same requests, another seed others, and about as many as it should."""
    runs = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        box = toy_box(folder)
        with box.changing():
            box.table("mocktill.settings").put("settings", {"seed": seed, "answers": "stateful", "delicate": False})
        box.faults.add({"when": {"probability": 0.5}, "what": {"status": 503}})
        runs.append(statuses(box, 200))
    assert runs[0] == runs[1] != runs[2]
    assert 60 < runs[0].count(503) < 140


def test_the_first_rule_that_strikes_wins(box: Sandbox) -> None:
    """Every rule counts its requests; the oldest that strikes answers, and only it has a hit."""
    for status, when in ((501, {"nth": 2}), (502, {}), (503, {})):
        box.faults.add({"when": when, "what": {"status": status}})
    assert statuses(box, 3) == [502, 501, 502]
    assert [(fault.calls, fault.hits) for fault in box.faults.all()] == [(3, 1), (3, 2), (3, 0)]


def test_rules_can_be_removed(box: Sandbox) -> None:
    """A rule is gone once removed, all are after `clear`, and ids are not given twice."""
    first, second = (box.faults.add({"what": {"status": 503}}) for _ in range(2))
    box.faults.remove(first.id)
    assert [fault.id for fault in box.faults.all()] == [second.id]
    with pytest.raises(KeyError, match=f"there is no fault {first.id}"):
        box.faults.remove(first.id)
    box.faults.clear()
    assert box.faults.all() == []
    assert box.faults.add({"what": {"status": 503}}).id not in {first.id, second.id}


def test_rules_are_bounded(box: Sandbox) -> None:
    """One more than there may be is refused in words."""
    for _ in range(MOST):
        box.faults.add({"what": {"delay": "1s"}})
    with pytest.raises(Full, match="100 fault rules at the most: remove one"):
        box.faults.add({"what": {"delay": "1s"}})


def test_a_reset_clears_them(box: Sandbox) -> None:
    """A reset leaves no rule, and begins their ids anew."""
    first = box.faults.add({"what": {"status": 503}})
    box.reset()
    assert box.faults.all() == []
    assert box.faults.add({"what": {"status": 503}}) == first


def test_a_fault_before_leaves_no_trace(box: Sandbox) -> None:
    """Before the state changes: whatever the client is answered, nothing is kept."""
    for what in ({"status": 503}, {"status": 202}, {"connection": "drop"}, {"garbled": True}, {"error": "conflict"}):
        box.faults.clear()
        box.faults.add({"what": what})
        answer = tell(box, {"a": 1})
        assert (told(box), answer.entry.changes) == ([], ())


def test_a_fault_after_keeps_what_was_done(box: Sandbox) -> None:
    """After the state changed: the row is there, and the answer is the fault's."""
    whats: list[Rule] = [
        {"status": 503},
        {"status": 202},
        {"connection": "drop"},
        {"garbled": True},
        {"error": "conflict"},
    ]
    for number, what in enumerate(whats):
        box.faults.clear()
        box.faults.add({"what": what, "moment": "after"})
        answer = tell(box, {"a": 1}, key=str(number))
        assert [change.table for change in answer.entry.changes] == ["toy.things"]
    assert told(box) == ["0", "1", "2", "3", "4"]


def test_what_loses_no_answer_keeps_the_state(box: Sandbox) -> None:
    """Headers and a delay alone change nothing of what is kept, at whichever moment."""
    for number, (what, moment) in enumerate(itertools.product(({"headers": {"X-A": "b"}},), ("before", "after"))):
        box.faults.clear()
        box.faults.add({"what": what, "moment": moment})
        answer = tell(box, {}, key=str(number))
        assert ("X-A", "b") in answer.headers
    assert told(box) == ["0", "1"]


def test_a_refusal_can_be_struck_as_well(box: Sandbox) -> None:
    """A request that is refused anyway gets the fault's answer after it."""
    box.faults.add({"what": {"status": 502}, "moment": "after"})
    assert tell(box, b"{").status == 502


@pytest.mark.parametrize("meaning", [*e.EVERYWHERE, e.Conflict, e.SoldOut, e.RateLimited], ids=lambda m: m.__name__)
def test_an_error_by_its_meaning(box: Sandbox, meaning: type[e.Meaning]) -> None:
    """Any error of the vendor comes in its own shape, status and basis."""
    box.faults.add({"what": {"error": spelt(meaning)}})
    answer = tell(box)
    row = box.catalogue.shelves["toy"].api.dialect.row_for(meaning, "POST")
    assert (answer.status, orjson.loads(answer.body)) == (row.status, {"oops": meaning.__name__})
    assert ("Mocktill-Basis", row.basis.value) in answer.headers


def test_a_status_has_the_vendors_shape(box: Sandbox) -> None:
    """Without a body of its own, an error status comes in the shape of the vendor's errors, and is assumed."""
    for status in range(400, 600):
        box.faults.clear()
        box.faults.add({"what": {"status": status}})
        answer = tell(box)
        assert answer.status == status
        assert set(orjson.loads(answer.body)) == {"oops"}
        assert ("Mocktill-Basis", "assumed") in answer.headers


def test_every_status_has_the_shape_of_every_vendor(catalogue: Any) -> None:
    """Each vendor says each status in a shape that its own contract accepts."""
    for shelf in catalogue.shelves.values():
        box = Sandbox(catalogue)
        for status in range(400, 600):
            box.faults.clear()
            box.faults.add({"what": {"status": status}})
            answer = Client(box, shelf.api.name)("GET", "/nowhere")
            schemas = {shelf.api.dialect.error_schema(row) for row in shelf.api.dialect.rows}
            assert answer.status_code == status
            assert any(shelf.contract.accepts(schema, answer.get_json()) for schema in schemas), answer.text


@pytest.mark.parametrize("status", [204, 205, 304])
def test_some_statuses_have_no_body(box: Sandbox, status: int) -> None:
    """A status that has no body comes without one."""
    box.faults.add({"what": {"status": status}})
    assert (tell(box).status, tell(box).body) == (status, b"")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ({"status": 500, "body": {"a": [None]}}, b'{"a":[null]}'),
        ({"status": 200, "body": "text"}, b'"text"'),
        ({"status": 502, "body": "<h1>no</h1>", "content_type": "text/html"}, b"<h1>no</h1>"),
        ({"status": 502, "body": {}, "content_type": "text/html"}, b"{}"),
        ({"status": 503, "body": None}, b"null"),
    ],
)
def test_a_body_of_its_own(box: Sandbox, what: Rule, body: bytes) -> None:
    """A body is sent as JSON; a text with a content type of its own is sent as it is."""
    box.faults.add({"what": what})
    answer = tell(box)
    assert (answer.status, answer.body) == (what["status"], body)
    assert dict(answer.headers)["Content-Type"] == what.get("content_type", "application/json")


def test_a_garbled_body_is_no_json(box: Sandbox) -> None:
    """Half of the body comes, and then what no JSON has."""
    plain = tell(box).body
    box.faults.add({"what": {"garbled": True}})
    body = tell(box).body
    assert body.startswith(plain[: len(plain) // 2])
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)


def test_headers_replace_those_with_the_same_name(box: Sandbox) -> None:
    """A rule's headers come once, in place of the answer's own."""
    box.faults.add({"what": {"headers": {"content-type": "text/plain", "Retry-After": "3"}}})
    names = [name.lower() for name, _ in tell(box).headers]
    assert names.count("content-type") == names.count("retry-after") == 1


@pytest.mark.parametrize(
    ("rule", "effect"),
    [
        ({"what": {"connection": "drop"}}, Effect(connection="drop")),
        ({"what": {"connection": "cut"}, "moment": "after"}, Effect(connection="cut")),
        ({"what": {"connection": "never"}}, Effect(connection="never")),
        ({"what": {"delay": "2s"}, "moment": "after"}, Effect(delay_seconds=2)),
        ({"what": {"delay": 0.5, "connection": "drop"}, "moment": "after"}, Effect(0.5, "drop")),
        ({"what": {"status": 503}}, None),
        ({"what": {"delay": 0}}, None),
    ],
)
def test_the_door_is_told_what_to_do(box: Sandbox, rule: Rule, effect: Effect | None) -> None:
    """What concerns the connection is left for the door, with the answer whole; the journal says so already."""
    box.faults.add(rule)
    answer = tell(box)
    assert answer.effect == effect
    assert answer.entry.lost == ("connection" in rule["what"])


def test_a_delay_before_is_waited_for_first(box: Sandbox) -> None:
    """A request that waits has done nothing yet, is in no journal, and is not counted again when it goes on."""
    box.faults.add({"when": {"next": 1}, "what": {"delay": "2s"}})
    waiting = ask(box, {"a": 1})
    assert isinstance(waiting, Postponed)
    assert (waiting.seconds, told(box), len(box.journal)) == (2, [], 0)
    answer = tell(box, {"a": 1}, strike=waiting.strike)
    assert (answer.status, answer.effect, told(box)) == (200, None, ["a"])
    assert answer.entry.fault is not None
    assert answer.entry.fault.sentence == "answered 2 s late"
    assert box.faults.all()[0].calls == 1


def test_a_drawn_delay_stays_between_its_ends(box: Sandbox) -> None:
    """A delay between two ends is drawn anew for each request, from the seed."""
    box.faults.add({"what": {"delay": {"least": "1s", "most": "3s"}}})
    waiting = [ask(box) for _ in range(20)]
    seconds = [one.seconds for one in waiting if isinstance(one, Postponed)]
    assert len(set(seconds)) == 20
    assert all(1 <= second < 3 for second in seconds)
    assert min(seconds) < 1.8 < 2.2 < max(seconds)


def test_a_rate_limit_counts_in_windows(box: Sandbox) -> None:
    """What is over the limit is refused until the window ends, on the sandbox's clock."""
    box.faults.add({"what": {"rate_limit": {"limit": 2, "window": "1m"}, "headers": {"Retry-After": "60"}}})
    assert statuses(box, 4) == [200, 200, 429, 429]
    box.clock.advance(seconds=59)
    assert statuses(box, 1) == [429]
    box.clock.advance(seconds=1)
    assert statuses(box, 3) == [200, 200, 429]
    box.clock.advance(timedelta(hours=-1))
    assert statuses(box, 1) == [200]


def test_the_journal_tells_of_the_fault(box: Sandbox) -> None:
    """The entry names the rule and says what it did, and the answer names the rule."""
    fault = box.faults.add({"what": {"connection": "drop"}, "moment": "after"})
    answer = tell(box)
    assert answer.entry.fault is not None
    assert (answer.entry.fault.id, answer.entry.fault.sentence) == (
        fault.id, "dropped the connection after the state changed",
    )  # fmt: skip
    assert ("Mocktill-Fault", fault.id) in answer.headers


def test_credentials_do_not_come_before_a_fault(box: Sandbox) -> None:
    """A fault strikes before it is asked who asks."""
    box.faults.add({"what": {"status": 503}})
    assert tell(box, headers={"x-key": ""}).status == 503


def test_a_vendors_count_goes_on(tmp_path: Path) -> None:
    """A request that a fault answers is counted by the vendor all the same, and once."""
    seen: list[int] = []

    def count(backend: Backend) -> e.Meaning | None:
        seen.append(1)
        return None

    box = toy_box(tmp_path, count=count)
    box.faults.add({"when": {"next": 1}, "what": {"status": 503}})
    assert statuses(box, 2) == [503, 200]
    assert len(seen) == 2


def test_what_a_rule_is_for_may_be_another_vendor(box: Sandbox) -> None:
    """A rule for an error that this API does not have lets its requests pass, and does not count them."""
    box.table("mocktill.faults")
    with box.changing():
        row = {"number": 1, "rule": {"what": {"error": "declined"}}, "calls": 0, "hits": 0}
        box.table("mocktill.faults").put("1", row)
    assert statuses(box, 2) == [200, 200]
    assert box.faults.all()[0].calls == 0


def test_a_defect_is_answered_although_a_fault_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A handler that fails under a fault is a defect like any other: loud, answered, and without a trace."""

    def fail(call: Call, backend: Backend) -> Result:
        backend.table("things").put("a", {})
        raise RuntimeError("no")

    box = toy_box(tmp_path, fail)
    box.faults.add({"what": {"connection": "drop"}, "moment": "after"})
    assert tell(box).status == 500
    assert told(box) == []
    assert "a defect of the sandbox" in caplog.text


def test_time_is_the_sandboxes(box: Sandbox) -> None:
    """`until` is an instant of the sandbox's clock."""
    box.faults.add({"when": {"until": "2026-03-02T12:05:00Z"}, "what": {"status": 503}})
    assert box.now() == NOW
    assert statuses(box, 1) == [503]
    box.clock.advance(minutes=5)
    assert statuses(box, 1) == [200]


def test_a_refusal_is_not_made_a_success(box: Sandbox) -> None:
    """A rule with a status below 400 leaves a refusal what it is, unless it brings a body of its own."""
    box.faults.add({"what": {"status": 202}, "moment": "after"})
    assert (tell(box, b"{").status, tell(box).status) == (400, 202)
    box.faults.clear()
    box.faults.add({"what": {"status": 202, "body": {}}})
    assert tell(box, b"{").status == 202


def test_a_spoilt_answer_is_assumed(box: Sandbox) -> None:
    """No vendor documents a garbled body, or one of another type."""
    for what in ({"garbled": True}, {"content_type": "text/html"}, {"status": 202}, {"connection": "cut"}):
        box.faults.clear()
        box.faults.add({"what": what})
        assert ("Mocktill-Basis", "assumed") in tell(box).headers


def test_a_forms_fields_are_what_the_schema_says(catalogue: Any) -> None:
    """A rule about a number in the body is about that number in a form as well."""
    box = Sandbox(catalogue)
    box.faults.add({"when": {"body": {"/num_bought": 1}}, "what": {"status": 503}})
    client = Client(box, "deem")
    form = {"deal_id": "last-one", "num_bought": "1"}
    path = "/v1/purchases/reserve?api_key=1"
    assert client("POST", path, data=form).status_code == 503
    assert client("POST", path, json={"deal_id": "last-one", "num_bought": 1}).status_code == 503
    assert client("POST", path, data={**form, "num_bought": "2"}).status_code == 422


def test_secrets_in_a_rules_headers_are_masked(box: Sandbox) -> None:
    """What a rule puts into an answer is masked in the journal and in the HAR like everything else."""
    secrets = {
        "Set-Cookie": "session=S3CRETS3CRET; Path=/",
        "Location": "http://user:S3CRETS3CRET@example.test/?api_key=S3CRETS3CRET",
        "X-Said": "Bearer S3CRETS3CRET",
    }
    box.faults.add({"what": {"headers": secrets}})
    answer = tell(box, headers={"x-foo": "Bearer S3CRETS3CRET"})
    assert ("Set-Cookie", secrets["Set-Cookie"]) in answer.headers
    assert "S3CRET" not in str(answer.entry.to_json())
    assert "S3CRET" not in str(box.journal.har())


def test_a_body_is_read_once_for_all_rules(box: Sandbox) -> None:
    """However many rules ask for something in it, a body is read once for them; and not at all if none does."""
    dialect = box.catalogue.shelves["toy"].api.dialect
    read: list[int] = []
    original = dialect.read

    def spy(request: Request, properties: Any) -> JSON:
        read.append(1)
        return original(request, properties)

    object.__setattr__(dialect, "read", spy)
    tell(box)
    assert len(read) == 1
    for number in range(50):
        box.faults.add({"when": {"body": {"/a/b": number}}, "what": {"status": 500}})
    tell(box)
    assert len(read) == 3


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"connection": "drop", "status": 503}, "drop"), ({"connection": "cut"}, "cut"),
        ({"connection": "never"}, "never"), ({}, "other"),
        ({"error": "sold_out", "delay": "1s"}, "error"), ({"status": 503, "body": {}, "delay": "1s"}, "status"),
        ({"rate_limit": {"limit": 1, "window": "1m"}}, "rate_limit"), ({"garbled": "truncated"}, "garbled"),
        ({"content_type": "text/html", "headers": {"X-A": "1"}}, "content_type"),
        ({"headers": {"X-A": "1"}}, "headers"), ({"delay": "1s", "headers": {"X-A": "1"}}, "delay"),
    ],
)  # fmt: skip
def test_the_kind_of_a_fault(what: JSON, kind: str) -> None:
    """A fault is called by what it does to the connection, else to the answer, else to the time; all are documented."""
    assert Strike("1", what, after=False).kind == kind
    fault = next(one for one in own().documents["entry"]["properties"]["fault"]["anyOf"] if one["type"] == "object")
    assert kind in fault["properties"]["kind"]["enum"]
