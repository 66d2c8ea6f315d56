"""Scenarios through a door: in this process without a socket, and over HTTP, with the same outcome."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from mocktill.core.api import JSON
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.core.scenario import Scenario, load_scenario
from mocktill.doors.player import play_in_process, play_over_http, sandbox_at
from mocktill.doors.remote.server import Remote, RemoteSandbox
from tests.conftest import NOW
from tests.doors.peer import Peer, Said, told

FILES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/scenarios/*.yaml"))


@pytest.fixture
def own(catalogue: Catalogue) -> Sandboxes:
    """Fresh sandboxes of this process."""
    return Sandboxes(catalogue, Setup(now=NOW))


@pytest.fixture
def there(url: str) -> RemoteSandbox:
    """A fresh sandbox of a server, whose clock stands still as well."""
    return Remote(url).make("played", now=NOW)


def scenario(*steps: JSON, api: str = "deem", choices: dict[str, str] | None = None) -> Scenario:
    """Make a scenario of steps."""
    return Scenario("a.yaml", api, "A", "", steps, choices or {})


READ: JSON = {
    "title": "Read",
    "request": {"method": "GET", "path": "/v1/purchases/34063ec2", "query": {"api_key": "1"}},
    "expect": {"status": 200, "basis": "documented", "headers": {"Content-Type": "application/json"}},
}


# in this process


def test_requests_go_to_the_scenarios_api(own: Sandboxes) -> None:
    """Paths are the vendor's own; the answer's status, headers and body are compared."""
    (step,) = play_in_process(scenario(READ), own)
    assert (step.said, step.problems) == ("GET /v1/purchases/34063ec2?api_key=1 → 200", ())
    assert [entry.operation for entry in own.default.journal] == ["get_purchase"]


def test_the_default_sandbox_is_steered(own: Sandboxes) -> None:
    """Choices, rows and clock are those of the default sandbox."""
    change = {"title": "Change", "change": {"table": "deem.deals", "key": "last-one", "row": {"price": 1}}}
    list(play_in_process(scenario(change, choices={"deem.claim_twice": "same_answer"}), own))
    row = own.default.table("deem.deals").get("last-one")
    assert row is not None
    assert row["price"] == 1
    assert own.default.choices["deem.claim_twice"] == "same_answer"


def test_other_sandboxes_are_left_alone(own: Sandboxes) -> None:
    """What a scenario does in the default sandbox is seen in no other."""
    other = own.make("other")
    list(play_in_process(scenario(READ, choices={"deem.claim_twice": "same_answer"}), own))
    assert len(other.journal) == 0
    assert other.choices["deem.claim_twice"] == "conflict"


def test_a_difference_is_a_problem(own: Sandboxes) -> None:
    """What did not come as expected is said with what was expected and what came."""
    wrong = {**READ, "expect": {"status": 404}}
    (step,) = play_in_process(scenario(wrong), own)
    assert step.problems[0].startswith("expected status 404, got 200: ")


def test_steps_are_played_one_by_one(own: Sandboxes) -> None:
    """A step is played when it is asked for: whoever prints them sees each as it happens."""
    steps = play_in_process(scenario(READ, READ), own)
    next(steps)
    assert len(own.default.journal) == 1


def test_an_unknown_api_is_refused_at_once(own: Sandboxes) -> None:
    """A scenario of an API that there is not is refused before anything is played."""
    with pytest.raises(ValueError, match="there is no API 'ebay'; there are deem, drip, supertab, kajabi"):
        play_in_process(scenario(READ, api="ebay"), own)


def test_the_setup_holds(catalogue: Catalogue) -> None:
    """The scenario plays in the sandboxes as they were set up."""
    refusing = Sandboxes(catalogue, Setup(choices={"deem.unknown_credentials": "refuse"}))
    (step,) = play_in_process(scenario({**READ, "expect": {"status": 401}}), refusing)
    assert step.problems == ()


# over HTTP


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}/{file.stem}")
def test_the_door_makes_no_difference(
    file: Path, own: Sandboxes, there: RemoteSandbox, sandboxes: Sandboxes, url: str
) -> None:
    """Every file plays on a server as it does here: each step says the same, and the journals have the same."""
    played = load_scenario(file)
    here = list(play_in_process(played, own))
    assert list(play_over_http(played, there, there.url(played.api))) == here
    assert [step.problems for step in here if step.problems] == []
    kept = [
        [(entry.method, entry.path, entry.query, entry.request_body, entry.status) for entry in box.journal.entries()]
        for box in (own.default, sandboxes.get(there.name))
    ]
    assert kept[0] == kept[1] != []


def test_what_goes_over_the_wire(own: Sandboxes) -> None:
    """Path and query go below the base URL, quoted where HTTP cannot hold them; headers and body as they are."""
    post = {
        "title": "Post",
        "request": {
            "method": "POST",
            "path": "/p q/é%2F?a=ü",
            "query": {"b": "x&y"},
            "body": [1],
            "headers": {"X": "1"},
        },
    }
    with Peer(Said()) as peer:
        steps = list(play_over_http(scenario(post, READ), own.default, f"{peer.url}/~mine/deem/"))
    assert [step.title for step in steps] == ["Post", "Read"]
    assert (peer.asked[0].method, peer.asked[0].path) == ("POST", "/~mine/deem/p%20q/%C3%A9%2F?a=%C3%BC&b=x%26y")
    assert (peer.asked[0].json, peer.asked[0].headers["x"]) == ([1], "1")
    assert peer.asked[0].headers["content-type"] == "application/json"
    assert "content-length" not in peer.asked[1].headers


@pytest.mark.parametrize(
    ("connection", "patience", "problem"),
    [
        ("drop", 10, "the connection was closed without an answer"),
        ("cut", 10, r"the answer broke off after (\d+) of \d{2,} bytes"),
        ("never", 0.05, "no answer came within 0.05 s"),
    ],
)
def test_a_lost_answer_is_a_problem(there: RemoteSandbox, connection: str, patience: float, problem: str) -> None:
    """A step whose answer is late, lost or cut fails in words; the next one is answered."""
    there.faults.add({"what": {"connection": connection}, "when": {"next": 1}})
    url = there.url("deem")
    (lost,) = play_over_http(scenario(READ), there, url, patience)
    (read,) = play_over_http(scenario(READ), there, url)
    assert (lost.said, len(lost.problems)) == ("GET /v1/purchases/34063ec2?api_key=1 → no answer", 1)
    assert re.fullmatch(problem, lost.problems[0])
    assert read.problems == ()


@pytest.mark.parametrize("connection", ["drop", "cut", "never"])
def test_a_lost_answer_is_a_problem_here(own: Sandboxes, connection: str) -> None:
    """In this process a fault that loses an answer is a problem in words as well."""
    own.default.faults.add({"what": {"connection": connection}, "when": {"next": 1}})
    lost, read = play_in_process(scenario(READ, READ), own)
    assert (lost.said, lost.problems) == (
        "GET /v1/purchases/34063ec2?api_key=1 → no answer",
        (f"a fault: {connection}",),
    )
    assert read.problems == ()


def test_nobody_answers(own: Sandboxes) -> None:
    """Where nobody listens, each step that asks says so, and those that steer are played."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    advance = {"title": "Wait", "clock": {"advance": "1m"}}
    read, waited = play_over_http(scenario(READ, advance), own.default, f"http://127.0.0.1:{port}/deem")
    assert read.problems == ("no answer came: Connection refused",)
    assert waited.said == "it is 2026-03-02 12:01:00"


@pytest.mark.parametrize("step", [{"clock": {"advance": "1m"}}, {"change": {"table": "a", "key": "b", "row": {}}}])
def test_a_server_that_is_gone_cannot_be_steered(own: Sandboxes, step: JSON) -> None:
    """A step that steers what does not answer any more is not played, and says why; those before it are told."""
    with Peer(told({"choices": []}), Said(broken=True)) as peer:
        box = RemoteSandbox(peer.url)
        steps = play_over_http(scenario({"title": "Steer", **step}, READ), box, f"{peer.url}/deem")
        steered, read = steps
    assert (steered.said, len(steered.problems), len(read.problems)) == ("not played", 1, 1)
    assert peer.url in steered.problems[0]


def test_https_is_spoken_to_https(own: Sandboxes, url: str) -> None:
    """To an https URL it is TLS that is spoken: a server that does not is a problem in words."""
    (step,) = play_over_http(scenario(READ), own.default, f"{url.replace('http:', 'https:')}/deem")
    assert step.said.endswith("no answer")
    assert "SSL" in step.problems[0]


def test_a_header_that_cannot_be(there: RemoteSandbox) -> None:
    """A step that no client could send is not played, and the next one is."""
    wrong = {**READ, "request": {**READ["request"], "headers": {"X": "a\nb"}}}
    first, second = play_over_http(scenario(wrong, READ), there, there.url("deem"))
    assert (first.said, second.problems) == ("not played", ())
    assert "header" in first.problems[0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"table": "deem.deals", "key": "last-one", "row": {"price": "x"}}, '/price: expected integer, got "x"'),
        ({"table": "deem.deals", "key": "none", "row": {}}, "deem.deals has no row none"),
        ({"table": "deem.dealz", "key": "none", "row": {}}, "there is no table deem.dealz: did you mean deem.deals?"),
    ],
)
def test_a_change_that_cannot_be(own: Sandboxes, there: RemoteSandbox, change: JSON, problem: str) -> None:
    """A row that cannot be, or that there is not, is a problem in the same words through either door."""
    step = {"title": "Change", "change": change}
    (here,) = play_in_process(scenario(step), own)
    assert (here.said, here.problems) == ("not played", (problem,))
    assert list(play_over_http(scenario(step), there, there.url("deem"))) == [here]


# a sandbox for it


def names(url: str) -> list[str]:
    """Return the names of a server's sandboxes that were made to play in."""
    return [listed.name for listed in Remote(url).sandboxes() if listed.name.startswith("play-")]


def test_a_sandbox_of_its_own(url: str) -> None:
    """It begins with the choices that are given, has a name that nobody else has, and is gone in the end."""
    with sandbox_at(url, choices={"deem.claim_twice": "same_answer"}) as box, sandbox_at(url) as other:
        assert sorted(names(url)) == sorted([box.name, other.name])
        assert box.name != other.name
        assert (box.choices["deem.claim_twice"], other.choices["deem.claim_twice"]) == ("same_answer", "conflict")
    assert names(url) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_it_goes_whatever_happens(url: str, error: type[BaseException]) -> None:
    """The sandbox is deleted after a failure and after Ctrl-C, and what went wrong is what is told."""
    with pytest.raises(error), sandbox_at(url):
        raise error
    assert names(url) == []


def test_it_may_be_gone_already(url: str) -> None:
    """That somebody else has deleted it is no failure."""
    with sandbox_at(url) as box:
        Remote(url).delete(box.name)
    assert names(url) == []


def test_what_cannot_be_made_is_refused(url: str) -> None:
    """A choice that the server does not have is refused as in `Remote.make`, and nothing is left."""
    with pytest.raises(ValueError, match="nothing"), sandbox_at(url, choices={"deem.nothing": "x"}):
        pass
    assert names(url) == []
