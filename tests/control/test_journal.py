"""The journal over the control API: entries, filters, counts, waiting, HAR, and flows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from mocktill.core.app import CONTROL, PATIENT, WAIT, WAITED
from mocktill.core.sandbox import Sandbox
from tests.client import Client
from tests.control.control import Control

GOOD = "/v1/purchases/34063ec2?api_key=1234567"
FLOW = {"steps": [{"operation": "deem.get_purchase"}]}


@pytest.fixture
def asked(deem: Client, box: Sandbox) -> None:
    """Five requests: one good, one without a key, one of no purchase, one to nowhere, one of another API."""
    deem("GET", GOOD)
    deem("GET", "/v1/purchases/34063ec2")
    deem("GET", "/v1/purchases/ffffffff?api_key=1234567")
    deem("POST", "/v1/purchase")
    Client(box, "drip")("GET", "/v2/9999999/purchases")


def ids(control: Control, query: str = "") -> list[int]:
    """Return the ids of the entries that a query finds."""
    return [entry["id"] for entry in control.get(f"/journal{query}")["entries"]]


@pytest.mark.usefixtures("asked")
def test_the_journal(control: Control, box: Sandbox) -> None:
    """Entries are answered oldest first, as they are, with the newest id and what was evicted."""
    answered = control.get("/journal")
    assert answered["entries"] == [entry.to_json() for entry in box.journal]
    assert (answered["last"], answered["evicted"], answered["remarks"]) == (5, 0, [])


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?api=drip", [5]),
        ("?operation=get_purchase", [1, 2, 3]),
        ("?operation=deem.get_purchase", [1, 2, 3]),
        ("?operation=get_purchase&api=drip", None),
        ("?method=post", [4]),
        ("?path=/v1/*/34063ec2", [1, 2]),
        ("?status=404", [3, 4, 5]),
        ("?status=4XX", [2, 3, 4, 5]),
        ("?status=2xx", [1]),
        ("?unmatched=true", [4, 5]),
        ("?unmatched=false", [1, 2, 3, 4, 5]),
        ("?since=3", [4, 5]),
        ("?since=99", []),
        ("?limit=2", [4, 5]),
        ("?limit=0", []),
        ("?limit=2&api=deem", [3, 4]),
    ],
)
def test_filters(control: Control, query: str, found: list[int] | None) -> None:
    """Each filter lets through what it says; entries and their count agree."""
    if found is None:
        assert control.refused(422, "GET", f"/journal{query}")["violations"][0]["pointer"] == "/operation"
        return
    assert ids(control, query) == found
    assert control.get(f"/journal/count{query}") == {"count": len(found), "lost": 0, "met": True}


def test_violations_only(control: Control, deem: Client) -> None:
    """`violations` lets through what departs from the contract."""
    deem("GET", GOOD)
    deem("POST", "/v1/purchases?api_key=1234567", json={})
    assert ids(control, "?violations=true") == [2]
    assert ids(control, "?violations=false") == [1, 2]


@pytest.mark.parametrize("path", ["/journal", "/journal/count"])
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?api=ebay", "/api"),
        ("?api=", "/api"),
        ("?operation=claim_everything", "/operation"),
        ("?operation=deem.claim.all", "/operation"),
        ("?method=G-T", "/method"),
        ("?path=", "/path"),
        ("?status=99", "/status"),
        ("?status=6xx", "/status"),
        ("?status=40x", "/status"),
        ("?violations=1", "/violations"),
        ("?violations=True", "/violations"),
        ("?unmatched=", "/unmatched"),
        ("?since=-1", "/since"),
        ("?since=1.0", "/since"),
        ("?since=99999999999999999999999", "/since"),
        ("?limit=1001", "/limit"),
        ("?limit=x", "/limit"),
        ("?wait=soon", "/wait"),
        ("?wait=-1s", "/wait"),
        ("?wait=61", "/wait"),
        ("?wait=2m", "/wait"),
        ("?wait=", "/wait"),
        ("?since=1&since=1", "/since"),
        ("?nothing=1", "/nothing"),
        ("?%C3%A4=1", "/ä"),
        ("?=1", "/"),
    ],
)
def test_wrong_filters(control: Control, path: str, query: str, pointer: str) -> None:
    """A parameter that there is not, or a wrong value, is a 422 with the pointer, and no silent nothing."""
    problem = control.refused(422, "GET", path + query)
    assert [(found["at"], found["pointer"]) for found in problem["violations"]] == [("query", pointer)]


@pytest.mark.parametrize("query", ["?api=%ff", "?%80=1", "?" + "&".join(f"a{number}=" for number in range(300))])
def test_an_unreadable_query(control: Control, query: str) -> None:
    """A query that is no UTF-8, or endless, is a 400."""
    assert control.refused(400, "GET", f"/journal{query}")


def test_formats(control: Control, deem: Client) -> None:
    """HAR is an HTTP archive of the same entries; another format is none."""
    deem("GET", GOOD)
    log = control.get("/journal?format=har&api=deem")["log"]
    assert log["version"] == "1.2"
    assert [entry["request"]["url"] for entry in log["entries"]] == [box_url(control)]
    assert control.refused(422, "GET", "/journal?format=xml")
    assert control.refused(422, "GET", "/journal/count?format=har")


@pytest.mark.usefixtures("asked")
def test_lines(control: Control, box: Sandbox) -> None:
    """A line says of an entry what a list shows: the same entries by the same filters, and no header or body."""
    box.faults.add({"what": {"status": 503}})
    Client(box, "deem")("POST", "/v1/purchases?api_key=1234567", json={})
    answered, whole = control.get("/journal?format=lines&since=2"), control.get("/journal?since=2")
    assert {key: answered[key] for key in answered if key != "entries"} == {
        key: whole[key] for key in whole if key != "entries"
    }
    assert answered["entries"] == [entry.line() for entry in box.journal.entries(since=2)]
    last = answered["entries"][-1]
    assert (last["id"], last["api"], last["operation"], last["method"]) == (6, "deem", "create_purchase", "POST")
    assert (last["path"], last["query"], last["status"]) == ("/v1/purchases", "api_key=***", 503)
    assert (last["violations"]["errors"] > 0, last["fault"]["kind"], last["changes"]) == (False, "status", 0)
    assert [line["operation"] for line in control.get("/journal?format=lines&unmatched=true")["entries"]] == [None] * 2


def test_lines_count(control: Control, deem: Client, purchase: str) -> None:
    """A line has the numbers of changes, notes and violations by their severity."""
    deem("PUT", f"/v1/purchases/{purchase}/claim?api_key=1234567", json={"my": 1})
    entries, lines = control.get("/journal")["entries"], control.get("/journal?format=lines")["entries"]
    for entry, line in zip(entries, lines, strict=True):
        found = [violation["severity"] for violation in entry["violations"]]
        assert line["violations"] == {"errors": found.count("error"), "warnings": found.count("warning")}
        assert (line["changes"], line["notes"]) == (len(entry["changes"]), len(entry["notes"]))
    assert (lines[0]["changes"] > 0, lines[1]["violations"]["errors"] > 0) == (True, True)


def box_url(control: Control) -> str:
    """Return the URL of the last entry."""
    return control.sandboxes.default.journal.entries()[-1].url


def test_remarks(control: Control, deem: Client, purchase: str) -> None:
    """What happened between requests is told beside them; with `since` only what came after that entry."""
    control.ok("POST", "/clock", {"advance": "5m"})
    deem("GET", GOOD)
    (remark,) = control.get("/journal")["remarks"]
    assert (remark["after"], remark["what"], remark["api"], remark["key"]) == (1, "expired", "deem", purchase)
    assert control.get("/journal?since=1")["remarks"] == [remark]
    assert control.get("/journal?since=2")["remarks"] == []


def test_an_entry(control: Control, deem: Client) -> None:
    """One that passed has neither a nearest operation nor a request that would pass."""
    deem("GET", GOOD)
    found = control.get("/journal/1")
    assert (found["id"], found["operation"], found["nearest"], found["passing"]) == (1, "get_purchase", [], None)


def test_a_refused_entry(control: Control, deem: Client) -> None:
    """One that was refused has a request that would pass."""
    deem("GET", "/v1/purchases/34063ec2")
    passing = control.get("/journal/1")["passing"]
    assert passing["curl"][0].startswith("curl ")
    assert "34063ec2" in passing["curl"][-1]


def test_an_unmatched_entry(control: Control, deem: Client) -> None:
    """One that no operation has lists the nearest, and why each is another."""
    deem("POST", "/v1/purchase")
    nearest = control.get("/journal/1")["nearest"]
    assert {"operation", "method", "path", "why"} == set(nearest[0])
    assert "create_purchase" in {near["operation"] for near in nearest}


@pytest.mark.parametrize(
    ("name", "status"),
    [("1", 404), ("0", 422), ("-1", 422), ("x", 422), ("1.0", 422), ("9" * 30, 422), ("%D9%A1", 422), ("1%00", 422)],
)
def test_no_entry(control: Control, name: str, status: int) -> None:
    """A number without an entry is a 404, what is no number a 422."""
    assert control.refused(status, "GET", f"/journal/{name}")


@pytest.mark.usefixtures("asked")
def test_clearing(control: Control) -> None:
    """The entries are gone, and the ids go on."""
    assert control("DELETE", "/journal").status_code == 204
    answered = control.get("/journal")
    assert (answered["entries"], answered["last"]) == ([], 5)


def test_lost_entries_are_told(control: Control, box: Sandbox, deem: Client) -> None:
    """A count over a window that lost entries says how many, instead of claiming zero."""
    for _ in range(3):
        deem("GET", GOOD)
    box.journal.evict_down_to(1)
    assert control.get("/journal/count?operation=claim_purchase") == {"count": 0, "lost": 2, "met": True}
    assert control.get("/journal/count?since=2") == {"count": 1, "lost": 0, "met": True}
    assert control.get("/journal")["evicted"] == 2


# waiting


def wait(control: Control, path: str, **environ: Any) -> tuple[Any, Any]:
    """Ask through a door that can wait; return the answer and what it is to wait for."""
    asked = {**EnvironBuilder(CONTROL + path).get_environ(), PATIENT: True, **environ}
    chunks = control.app.wsgi_app(asked, lambda status, headers, error=None: lambda data: None)
    return json.loads(b"".join(chunks)), asked.get(WAIT)


def test_whoever_cannot_wait_is_answered(control: Control) -> None:
    """Through a door that cannot wait the answer comes at once, and says that it is not met."""
    answer, more = wait(control, "/journal/count?least=3&wait=5s", **{PATIENT: False})
    assert (answer, more) == ({"count": 0, "lost": 0, "met": False}, None)


@pytest.mark.parametrize(
    ("written", "seconds"), [("5s", 5.0), ("5", 5.0), ("0.25", 0.25), ("250ms", 0.25), ("PT1M", 60.0), ("60", 60.0)]
)
def test_a_count_is_waited_for(control: Control, box: Sandbox, written: str, seconds: float) -> None:
    """The door is told which journal to wait for, and for how many seconds at the most."""
    assert wait(control, f"/journal/count?least=1&wait={written}")[1] == (box.journal, seconds)


def test_asked_again(control: Control, box: Sandbox, deem: Client) -> None:
    """Asked again, the rest is waited for; what is there by then is answered, or what there is when the time is up."""
    path = "/journal/count?least=1&wait=5s"
    assert wait(control, path, **{WAITED: 2.0})[1] == (box.journal, 3.0)
    answer, more = wait(control, path, **{WAITED: 5.0})
    assert (answer, more) == ({"count": 0, "lost": 0, "met": False}, None)
    deem("GET", GOOD)
    answer, more = wait(control, path, **{WAITED: 2.0, WAIT: "an old one"})
    assert (answer, more) == ({"count": 1, "lost": 0, "met": True}, None)


def test_what_is_there_is_not_waited_for(control: Control, deem: Client) -> None:
    """Nobody waits for what is there, nor without saying so."""
    deem("GET", GOOD)
    for path in ("/journal/count?least=1&wait=5s", "/journal?wait=5s", "/journal?since=1", "/journal/count?least=9"):
        assert wait(control, path)[1] is None
    assert wait(control, "/journal/count?least=9&wait=0")[1] is None


def test_news_are_waited_for(control: Control, box: Sandbox, deem: Client) -> None:
    """A journal that has nothing newer that fits is waited for, in either format."""
    deem("GET", GOOD)
    for query in ("?since=1&wait=9s", "?since=1&wait=9s&format=har", "?wait=9s&api=drip"):
        assert wait(control, f"/journal{query}")[1] == (box.journal, 9.0)
    assert wait(control, "/journal?since=0&wait=9s")[1] is None


def test_a_newer_remark_is_news(control: Control, box: Sandbox, deem: Client) -> None:
    """Whoever says how many remarks it knows is told of a newer one, as of a newer entry."""
    deem("GET", GOOD)
    assert control.get("/journal")["remarked"] == 0
    assert wait(control, "/journal?since=1&wait=9s&remarked=0")[1] == (box.journal, 9.0)
    box.snapshot("s")
    box.restore("s")
    answer, more = wait(control, "/journal?since=1&wait=9s&remarked=0")
    assert (answer["entries"], [remark["what"] for remark in answer["remarks"]], more) == ([], ["restored"], None)
    assert wait(control, f"/journal?since=1&wait=9s&remarked={answer['remarked']}")[1] == (box.journal, 9.0)


def test_a_wrong_wait_is_refused_at_once(control: Control) -> None:
    """Nobody waits for a refusal."""
    answer, more = wait(control, "/journal?api=ebay&wait=5s")
    assert (answer["status"], more) == (422, None)


# flows


def test_leaks(control: Control, purchase: str) -> None:
    """A reservation that nobody used is told while it is held, and when it has expired."""
    leak = {
        "api": "deem",
        "key": purchase,
        "stock": "la-1024-wsc-hair-studio-01-2",
        "quantity": 2,
        "state": "held",
        "expires_at": "2026-03-02T12:05:00.000000Z",
    }
    assert control.get("/flows/leaks") == {"leaks": [leak]}
    control.ok("POST", "/clock", {"advance": "6m"})
    assert control.get("/flows/leaks") == {"leaks": [{**leak, "state": "expired"}]}


def test_a_flow_is_checked(control: Control, deem: Client, purchase: str) -> None:
    """The verdict says whether it happened, and what did; the leaks stand beside it."""
    assert control.ok("POST", "/flows/check", FLOW)["ok"] is False
    deem("GET", GOOD)
    verdict = control.ok("POST", "/flows/check", FLOW)
    assert (verdict["ok"], verdict["lost"]) == (True, 0)
    assert "get_purchase" in verdict["table"]
    assert [leak["key"] for leak in verdict["leaks"]] == [purchase]


@pytest.mark.parametrize(
    "flow",
    [{}, {"steps": []}, {"steps": [{}]}, {"steps": [{"operation": 1}]}, {**FLOW, "more": 1}, [], {"steps": FLOW}],
)
def test_no_flow(control: Control, flow: Any) -> None:
    """What is no flow is a 422 with pointers."""
    assert control.refused(422, "POST", "/flows/check", flow)["violations"]
