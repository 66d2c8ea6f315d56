"""The player of scenarios: what it sends, what it compares, and what it says when something is not as expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocktill.core.api import JSON
from mocktill.core.bodies import at
from mocktill.core.clock import duration
from mocktill.core.sandbox import Sandbox
from mocktill.core.scenario import Answered, Scenario, Step, differences, load_scenario, play
from mocktill.core.seeds import BrokenSeed
from tests.conftest import NOW


@dataclass
class Echo:
    """A door that keeps what is sent through it, and answers with it."""

    sent: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        self.sent.append((method, path, headers, body))
        if self.answers:
            return self.answers.pop(0)
        return Answered(200, {"X-Number": str(len(self.sent)), "mocktill-basis": "documented"}, body)


@pytest.fixture
def echo() -> Echo:
    """A fresh door."""
    return Echo()


def steps(box: Sandbox, echo: Echo, *steps: JSON, choices: Mapping[str, str] | None = None) -> list[Step]:
    """Play steps, each titled by its number."""
    titled = tuple({"title": str(number), **step} for number, step in enumerate(steps))
    return list(play(Scenario("a.yaml", "deem", "A", "", titled, choices or {}), box, echo))


def asked(**more: Any) -> JSON:
    """Return a step that posts a body."""
    names = ("path", "query", "headers", "body", "text")
    request = {name: more.pop(name) for name in names if name in more}
    return {"request": {"method": "POST", "path": "/p", **request}, **more}


# what is sent


def test_a_request_is_sent_as_written(box: Sandbox, echo: Echo) -> None:
    """Method, path with query, headers and body get to the door; a body is JSON and says so."""
    (step,) = steps(box, echo, asked(path="/p?a=1", query={"b": "x y", "c": 2}, headers={"X": "1"}, body={"d": [1]}))
    assert echo.sent == [("POST", "/p?a=1&b=x+y&c=2", {"X": "1", "Content-Type": "application/json"}, b'{"d":[1]}')]
    assert (step.said, step.problems) == ("POST /p?a=1&b=x+y&c=2 → 200", ())


def test_a_text_is_sent_as_it_is(box: Sandbox, echo: Echo) -> None:
    """`text` is the body, byte for byte, and sets no type."""
    steps(box, echo, asked(text="a=1&b=é"))
    assert echo.sent == [("POST", "/p", {}, "a=1&b=é".encode())]


def test_a_type_that_is_given_stays(box: Sandbox, echo: Echo) -> None:
    """A JSON body under another Content-Type is sent under that one alone, however its name is written."""
    steps(box, echo, asked(body={}, headers={"content-type": "application/vnd.api+json"}))
    assert echo.sent[0][2] == {"content-type": "application/vnd.api+json"}


def test_no_body_is_no_body(box: Sandbox, echo: Echo) -> None:
    """Without a body nothing is sent; `body: null` is JSON's null."""
    steps(box, echo, asked(), asked(body=None))
    assert [body for *_, body in echo.sent] == [b"", b"null"]


def test_what_was_saved_is_filled_in(box: Sandbox, echo: Echo) -> None:
    """`${name}` is the saved value: alone with its type, within a text as text; in paths, queries, bodies, headers."""
    steps(
        box, echo,
        asked(body={"id": 7, "who": {"name": "Ann"}}, save={"id": "/id", "who": "/who"}),
        asked(path="/p/${id}/x", query={"q": "${id}"}, headers={"X": "n${id}"},
              body={"a": "${id}", "b": ["is ${id}", "${who}"]}),
    )  # fmt: skip
    _, path, headers, body = echo.sent[1]
    assert (path, headers["X"]) == ("/p/7/x?q=7", "n7")
    assert orjson.loads(body) == {"a": 7, "b": ["is 7", {"name": "Ann"}]}


def test_what_was_saved_is_expected(box: Sandbox, echo: Echo) -> None:
    """Saved values can be expected later on."""
    played = steps(
        box, echo,
        asked(body={"id": 7}, save={"id": "/id"}),
        asked(body={"id": 7}, expect={"body": {"id": "${id}"}}),
        asked(body={"id": 8}, expect={"body": {"id": "${id}"}}),
    )  # fmt: skip
    assert [step.problems for step in played] == [(), (), ("/id: expected 7, got 8",)]


def test_an_unknown_variable_is_a_problem(box: Sandbox, echo: Echo) -> None:
    """A step that needs what no step saved is not played, and the next one is."""
    played = steps(box, echo, asked(path="/${id}"), asked())
    assert [(step.said, step.problems) for step in played] == [
        ("not played", ("no step has saved ${id}",)),
        ("POST /p → 200", ()),
    ]


def test_nothing_is_saved_from_a_failure(box: Sandbox, echo: Echo) -> None:
    """A step that did not come as expected saves nothing."""
    played = steps(box, echo, asked(body={"id": 7}, expect={"status": 201}, save={"id": "/id"}), asked(path="/${id}"))
    assert played[1].problems == ("no step has saved ${id}",)


def test_a_pointer_that_leads_nowhere_is_a_problem(box: Sandbox, echo: Echo) -> None:
    """What is to be saved has to be there; what was answered is told."""
    (step,) = steps(box, echo, asked(body={"id": 7}, save={"id": "/ids/0"}))
    assert (step.said, step.problems) == ("POST /p → 200", ('there is nothing at /ids/0 to save as id: {"id":7}',))


def test_an_expectation_with_an_unknown_variable(box: Sandbox, echo: Echo) -> None:
    """A step whose expectation cannot be told is not played: nothing is sent."""
    (step,) = steps(box, echo, asked(expect={"body": {"id": "${id}"}}))
    assert (step.said, step.problems, echo.sent) == ("not played", ("no step has saved ${id}",), [])


def test_repeat_counts(box: Sandbox, echo: Echo) -> None:
    """A step is played as often as it says, with `${n}` from 1, and told once."""
    played = steps(box, echo, asked(body={"n": "${n}", "id": "order-${n}"}, repeat=3))
    assert len(played) == 1
    assert [orjson.loads(body) for *_, body in echo.sent] == [{"n": n, "id": f"order-{n}"} for n in (1, 2, 3)]


def test_repeat_ends_at_the_first_failure(box: Sandbox, echo: Echo) -> None:
    """A repeated step that fails is not tried again."""
    (step,) = steps(box, echo, asked(expect={"headers": {"X-Number": 1}}, repeat=5))
    assert step.problems == ("expected X-Number: 1, got 2",)
    assert len(echo.sent) == 2


# what is expected


@pytest.mark.parametrize(
    ("expect", "problems"),
    [
        ({}, []),
        ({"status": 200, "basis": "documented", "headers": {"x-number": 1}}, []),
        ({"status": 201}, ['expected status 201, got 200: {"id":7,"list":[1,2]}']),
        ({"status": 201, "basis": "assumed"}, ['expected status 201, got 200: {"id":7,"list":[1,2]}']),
        ({"basis": "assumed"}, ["expected Mocktill-Basis: assumed, got documented"]),
        ({"headers": {"X-Other": "a"}}, ["expected X-Other: a, got none"]),
        ({"body": {"id": 7}}, []),
        ({"body": {"id": "7", "name": "Ann"}}, ['/id: expected "7", got 7', '/name: expected "Ann", got nothing']),
        ({"length": {"/list": 2}}, []),
        ({"length": {"/list": 3}}, ["/list: expected 3 items, got 2"]),
        ({"length": {"/nothing": 0}}, ["/nothing: expected 0 items, got nothing"]),
    ],
)
def test_an_answer_is_compared(box: Sandbox, echo: Echo, expect: JSON, problems: list[str]) -> None:
    """Status first, then headers, basis, body and lengths: each difference is a sentence."""
    (step,) = steps(box, echo, asked(body={"id": 7, "list": [1, 2]}, expect=expect))
    assert list(step.problems) == problems


def test_the_length_of_a_number_is_a_problem(box: Sandbox, echo: Echo) -> None:
    """Where the answer has no list, a length that is expected is not met, and the play goes on."""
    played = steps(box, echo, asked(body={"id": 7}, expect={"length": {"/id": 1}}), asked())
    assert len(played[0].problems) == 1
    assert "/id" in played[0].problems[0]
    assert played[1].problems == ()


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff"])
def test_an_answer_that_is_no_json(box: Sandbox, echo: Echo, body: bytes) -> None:
    """A body that is no JSON counts as null."""
    echo.answers = [Answered(200, {}, body)] * 2
    played = steps(box, echo, asked(expect={"body": None}), asked(expect={"body": {"id": 7}}))
    assert [step.problems for step in played] == [(), ('/: expected {"id":7}, got null',)]


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({}, {"a": 1}, []),
        ([{"a": 1}], [{"a": 1, "b": 2}], []),
        (None, None, []),
        ({"a": None}, {}, ["/a: expected null, got nothing"]),
        ({"a": None}, {"a": 0}, ["/a: expected null, got 0"]),
        ([1, 2], [1, 3], ["/1: expected 2, got 3"]),
        ([1], [1, 2], ["/: expected [1], got [1,2]"]),
        ([], {}, ["/: expected [], got {}"]),
        ({}, [], ["/: expected {}, got []"]),
        (True, 1, ["/: expected true, got 1"]),
        (0, False, ["/: expected 0, got false"]),
        ("1", 1, ['/: expected "1", got 1']),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, ["/a/b/0/c: expected 1, got 2"]),
    ],
)
def test_differences(expected: JSON, got: JSON, said: list[str]) -> None:
    """Objects are compared by the expected keys, lists item by item, everything else by value and type."""
    assert list(differences(expected, got)) == said


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a": [{"b": 1}], "x/y": 2, "m~n": 3, "~1": 4, "": 5}), ("/a", [{"b": 1}]), ("/a/0/b", 1), ("/x~1y", 2),
     ("/m~0n", 3), ("/~01", 4), ("/", 5)],
)  # fmt: skip
def test_a_pointer_leads_to_a_value(pointer: str, value: JSON) -> None:
    """Pointers are those of RFC 6901, with their escapes."""
    assert at({"a": [{"b": 1}], "x/y": 2, "m~n": 3, "~1": 4, "": 5}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/1", "/a/-1", "/a/x", "/a/-", "/a/0/b/c", "/t/0", "/a/ 0", "/a/0_0"])
def test_a_pointer_leads_nowhere(pointer: str) -> None:
    """What is not there is said in words: no negative index, no letter of a text."""
    with pytest.raises(KeyError, match=f"there is nothing at {pointer}"):
        at({"a": [{"b": 1}, 2][:1], "t": "text"}, pointer)


# clock, rows, choices


@pytest.mark.parametrize(
    ("written", "delta"),
    [("90s", timedelta(seconds=90)), ("5m", timedelta(minutes=5)), ("2h", timedelta(hours=2)), ("1d", timedelta(1)),
     ("0s", timedelta())],
)  # fmt: skip
def test_durations(written: str, delta: timedelta) -> None:
    """A duration is a whole number and a unit."""
    assert duration(written) == delta


@pytest.mark.parametrize("written", ["", "5", "m", "1.5h", "5M", "5 m", "5m5s", "P5M", "PT", "99999999999d"])
def test_what_is_no_duration(written: str) -> None:
    """Anything else is refused in words, and so is a time that no clock can reach."""
    with pytest.raises(ValueError, match=re.escape(written) or "duration"):
        duration(written)


def test_the_clock_is_steered(box: Sandbox, echo: Echo) -> None:
    """Time is advanced or set, and what it made happen is said and counted."""
    backend = box.backend("deem")
    with box.changing():
        backend.begin(NOW)
        backend.holds.place("a", "last-one", 1, NOW + timedelta(minutes=5))
    played = steps(
        box, echo,
        {"clock": {"advance": "4m"}, "expect": {"events": 0}},
        {"clock": {"advance": "1m"}, "expect": {"events": 1}},
        {"clock": {"travel_to": "2026-03-03T00:00:00Z"}},
        {"clock": {"advance": "1s"}, "expect": {"events": 2}},
    )  # fmt: skip
    assert [step.problems for step in played] == [(), (), (), ("expected 2 events, got 0",)]
    assert played[1].said.startswith("it is 2026-03-02 12:05:00; ")
    assert played[2].said == "it is 2026-03-03 00:00:00"


@pytest.mark.parametrize(
    "clock",
    [{"travel_to": "tomorrow"}, {"travel_to": "2026-03-03"}, {"advance": "9999999d"}, {"advance": "9" * 30 + "d"}],
)
def test_a_time_that_there_is_not(box: Sandbox, echo: Echo, clock: JSON) -> None:
    """A step with an instant that is none, or out of reach, is not played; the next one is."""
    played = steps(box, echo, {"clock": clock}, asked())
    assert (played[0].said, len(played[0].problems), played[1].problems) == ("not played", 1, ())
    assert box.now() == NOW


def test_rows_are_changed(box: Sandbox, echo: Echo) -> None:
    """A step changes some fields of a row, with what was saved."""
    played = steps(
        box, echo,
        asked(body={"price": 700}, save={"price": "/price"}),
        {"change": {"table": "deem.deals", "key": "last-one", "row": {"price": "${price}"}}},
    )  # fmt: skip
    assert (played[1].said, played[1].problems) == ("changed deem.deals/last-one", ())
    row = box.table("deem.deals").get("last-one")
    assert row is not None
    assert (row["price"], row["title"]) == (700, "$20 for the last seat at the counter")


@pytest.mark.parametrize(
    ("table", "key", "said"),
    [
        ("deem.x", "a", "there is no table deem.x: did you mean deem.users?"),
        ("deem.deals", "a", "deem.deals has no row a"),
    ],
)
def test_a_row_that_there_is_not(box: Sandbox, echo: Echo, table: str, key: str, said: str) -> None:
    """A change of what does not exist is a problem in words."""
    (step,) = steps(box, echo, {"change": {"table": table, "key": key, "row": {}}})
    assert (step.said, step.problems) == ("not played", (said,))


def test_an_act_happens(box: Sandbox, echo: Echo) -> None:
    """A step lets something happen to a key that may have been saved, and says what it was."""
    played = steps(
        box, echo,
        asked(body={"plan": 123}, save={"plan": "/plan"}),
        {"act": {"name": "kajabi.pay_instalment", "key": "${plan}"}},
    )  # fmt: skip
    (remark,) = [remark for remark in box.journal.remarks() if remark.what == "act"]
    assert (played[1].said, played[1].problems) == (remark.sentence, ())
    row = box.table("kajabi.purchases").get("123")
    assert row is not None
    assert row["multipay_payments_made"] == 2


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("kajabi.nothing", "123", "there is no act 'kajabi.nothing'"),
        ("kajabi.pay_instalment", "nobody", "there is no purchase 'nobody'"),
        ("kajabi.pay_instalment", "201", "201"),
        ("kajabi.pay_instalment", "${nobody}", "no step has saved ${nobody}"),
    ],
)
def test_an_act_that_cannot_happen(box: Sandbox, echo: Echo, name: str, key: str, said: str) -> None:
    """An act of what does not exist, and what is impossible, is a problem in words."""
    (step,) = steps(box, echo, {"act": {"name": name, "key": key}})
    assert step.said == "not played"
    assert said in step.problems[0]


def test_choices_are_set_first(box: Sandbox, echo: Echo) -> None:
    """The scenario's choices hold from its first step on."""
    steps(box, echo, asked(), choices={"deem.claim_twice": "same_answer"})
    assert box.choices["deem.claim_twice"] == "same_answer"


@pytest.mark.parametrize("choices", [{"deem.nothing": "x"}, {"deem.claim_twice": "x"}])
def test_a_choice_that_there_is_not(box: Sandbox, echo: Echo, choices: dict[str, str]) -> None:
    """A scenario with a wrong choice is not played at all."""
    with pytest.raises(ValueError, match="deem"):
        steps(box, echo, asked(), choices=choices)
    assert echo.sent == []


# the file

GOOD = """\
version: 1
api: deem
title: A title
about: What it is about.
choices: {deem.claim_twice: same_answer}
steps:
  - title: First
    request: {method: GET, path: /v1/purchases/1}
    expect: {status: 404}
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    """Everything that the file says is in the scenario."""
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    assert load_scenario(tmp_path / "a.yaml") == Scenario(
        str(tmp_path / "a.yaml"),
        "deem",
        "A title",
        "What it is about.",
        ({"title": "First", "request": {"method": "GET", "path": "/v1/purchases/1"}, "expect": {"status": 404}},),
        {"deem.claim_twice": "same_answer"},
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "pointer"),
    [
        ("version: 1", "version: 2", 1, "/version"),
        ("title: A title", "titel: A title", 3, "/titel"),
        ("    request:", "    wish:", 7, "/steps/0"),
        ("method: GET", "method: BREW", 8, "/steps/0/request/method"),
        ("path: /v1", "path: v1", 8, "/steps/0/request/path"),
        ("status: 404", "status: 99", 9, "/steps/0/expect/status"),
        ("status: 404", "status: yes", 9, "/steps/0/expect/status"),
        ("    expect: {status: 404}", "    clock: {advance: 5m}", 7, "/steps/0"),
        ("    expect: {status: 404}", "    repeat: 0", 9, "/steps/0/repeat"),
        ("same_answer}", "1}", 5, "/choices/deem.claim_twice"),
        ("about:", "title:", 4, "/"),
        ("about: What", "about: [", 5, "/"),
    ],
)
def test_a_broken_file_is_located(tmp_path: Path, old: str, new: str, line: int, pointer: str) -> None:
    """A mistake is told in one line with file, line and JSON pointer."""
    file = tmp_path / "a.yaml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenSeed) as caught:
        load_scenario(file)
    said = str(caught.value)
    assert said.startswith(f"{file}:{line}: {pointer}")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("status: 404", f"status: 0x{'f' * 6_000}", "9: /steps/0/expect/status: "),
        ("path: /v1", 'path: "/\\ud800", text: ', "8: /steps/0/request/path: "),
        ("method: GET", 'method: GET, headers: {"\\ud800": a}', "8: /steps/0/request/headers/?: "),
        ("title: First", 'title: "\\ud800"', "7: /steps/0/title: "),
    ],
)
def test_what_no_request_can_have_is_located(tmp_path: Path, old: str, new: str, said: str) -> None:
    """So is half of a surrogate pair, and a number that JSON has not, in words that can be printed."""
    file = tmp_path / "a.yaml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenSeed) as caught:
        load_scenario(file)
    assert str(caught.value).startswith(f"{file}:{said}")
    assert str(caught.value).encode().count(b"\n") == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"text", b"\xff", b"a: *b", b"!!python/object:os.system {}"])
def test_what_is_no_scenario_at_all(tmp_path: Path, content: bytes) -> None:
    """Whatever else lies in the file is refused with its name."""
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    with pytest.raises(BrokenSeed, match=r"a\.yaml:1: /"):
        load_scenario(file)
