"""The commands against a running server: what they do, what they print for people and programs, how they fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.commands import following
from mocktill.doors.commands.following import Follower, Reader
from mocktill.doors.commands.terminal import Server, columns
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.client import Client
from tests.doors.peer import Peer, Said, problem, told
from tests.doors.wire import PATIENCE, environment

DEAL = "la-1024-wsc-hair-studio-01-2"
NOON = "2026-03-02T12:00:00Z"
FLOW = {
    "each": "deem.purchases",
    "steps": [{"operation": "deem.reserve_purchase"}, {"operation": "deem.claim_purchase"}],
}


class Till:
    """Runs commands against one sandbox of a server, and asks its APIs."""

    def __init__(self, url: str, box: Sandbox) -> None:
        self.url = url
        self.box = box
        self._client = Client(box, "deem")

    def run(self, *arguments: str, input: str | None = None, **env: str) -> Result:
        """Run a command in this process."""
        variables = {"MOCKTILL_URL": self.url, "MOCKTILL_SANDBOX": self.box.name, **env}
        return CliRunner().invoke(main, arguments, input=input, env=variables)

    def says(self, *arguments: str, input: str | None = None) -> str:
        """Return what a command prints that does what it is told."""
        result = self.run(*arguments, input=input)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """Return the document that a command prints."""
        return orjson.loads(self.says(*arguments, "--json"))

    def refuses(self, *arguments: str, code: int = 1, input: str | None = None) -> str:
        """Return the last line of what a command says that cannot do what it is told."""
        result = self.run(*arguments, input=input)
        assert (result.exit_code, result.stdout) == (code, "")
        assert result.stderr.count("\n") == 1 or code == 2
        return result.stderr.splitlines()[-1]

    def reserve(self, quantity: Any = 2) -> Any:
        """Reserve some units; return the answer."""
        body = {"deal_id": DEAL, "num_bought": quantity}
        return self._client("POST", "/v1/purchases/reserve?api_key=1234567", json=body).json

    def get(self, path: str) -> None:
        """Ask for a path."""
        self._client("GET", path)


@pytest.fixture
def till(url: str, sandboxes: Sandboxes) -> Till:
    """A fresh sandbox of the server, frozen at noon of 2 March 2026."""
    till = Till(url, sandboxes.make("box"))
    till.says("clock", "freeze", NOON)
    return till


# reaching the server


def leaves(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with its whole name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *path, name)
        else:
            yield " ".join((*path, name)), command


SERVING = {"serve", "play", "health"}
"""The commands that are about the server of this environment, or need none."""
STEERING = {name: command for name, command in main.all().items() if name not in SERVING}
COMMANDS = dict(leaves(click.Group(commands=STEERING)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_reaches_a_server_alike(name: str) -> None:
    """Each command has the options by which a server is reached, and help that ends as a sentence does."""
    options = {option.opts[0]: option for option in COMMANDS[name].params if isinstance(option, click.Option)}
    assert (COMMANDS[name].help or "").rstrip().endswith(".")
    assert all((option.help or "").endswith((".", "'.")) for option in options.values())
    if name == "check-fixtures":
        assert set(options) == {"--json"}
    else:
        variables = {"--url": "MOCKTILL_URL", "--token": "MOCKTILL_CONTROL_TOKEN", "--sandbox": "MOCKTILL_SANDBOX"}
        assert variables.items() <= {flag: option.envvar for flag, option in options.items()}.items()
        assert options["--json"].is_flag


def test_a_group_has_a_usual_command(till: Till) -> None:
    """A group without a command's name does what is usual, and its options may stand before a command's name."""
    assert till.says("clock") == till.says("clock", "now")
    assert till.says("journal", "--limit", "1") == till.says("journal", "list", "--limit", "1")
    assert orjson.loads(till.says("clock", "--json", "--sandbox", "box", "advance", "1m"))["mode"] == "frozen"
    assert till.run("clock", f"--url={till.url}", "advance", "1m").exit_code == 0
    assert till.run("clock", "--help").stdout.startswith("Usage: main clock [OPTIONS] COMMAND")
    assert "No such command '5m'" in till.refuses("clock", "5m", code=2)


def test_the_sandbox_that_is_meant(till: Till) -> None:
    """`--sandbox` or its variable says which one, and a wrong name is refused in words."""
    till.says("clock", "advance", "1h")
    assert till.json("clock")["now"].startswith("2026-03-02T13:00")
    assert not till.json("clock", "--sandbox", "default")["now"].startswith("2026-03-02T13:00")
    assert till.refuses("clock", "--sandbox", "a/b") == "Error: the name of a sandbox is 1 to 64 of A-Z a-z 0-9 . _ -"


def test_a_token_is_given(catalogue: Catalogue) -> None:
    """A server with a token says that it wants one, the command where to give it; with it the command works."""
    with ServerThread(create_app(Sandboxes(catalogue), token="s3cret"), RequestLog(Nowhere())) as url:
        asked = CliRunner().invoke(main, ["clock", "--url", url])
        assert asked.exit_code == 1
        assert asked.stderr.endswith("(give it with --token or MOCKTILL_CONTROL_TOKEN)\n")
        assert CliRunner().invoke(main, ["clock", "--url", url, "--token", "wrong"]).exit_code == 1
        assert (
            CliRunner().invoke(main, ["clock", "--url", url], env={"MOCKTILL_CONTROL_TOKEN": "s3cret"}).exit_code == 0
        )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Said(200, b"<html>", "text/html"), "is no Mocktill server: it answers 200 with text/html"),
        (Said(200, b"{", broken=True), "does not answer as Mocktill does: IncompleteRead"),
        (problem(500, "a defect"), "a defect"),
        (problem(403, "this Host may not steer"), "this Host may not steer"),
        (problem(422, "two\nlines"), "two; lines"),
    ],
)
def test_what_fails_is_said_in_a_line(answer: Said, said: str) -> None:
    """Whatever the server does, one line on stderr says it, and the exit code is 1."""
    with Peer(answer) as peer:
        result = CliRunner().invoke(main, ["clock", "--url", peer.url])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_nobody_is_there() -> None:
    """Without a server the line says which URL was asked, and what to do."""
    result = CliRunner().invoke(main, ["reset", "--url", "http://127.0.0.1:1"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no server answers at http://127.0.0.1:1 (")
    assert "`mocktill serve`" in result.stderr


def test_nothing_steers_the_terminal() -> None:
    """What a server says is printed without what could write elsewhere on the terminal."""
    scenario = {"api": "deem", "name": "x", "title": "a\x1b[2Jb\rc", "about": ""}
    with Peer(told({"scenarios": [scenario]})) as peer:
        result = CliRunner().invoke(main, ["scenarios", "--url", peer.url])
    assert result.stdout == "deem  x  a\\x1b[2Jb\\x0dc\n"


# clock


def test_clock(till: Till) -> None:
    """The clock tells instant, mode and the next expiry, and what moving it made happen."""
    assert till.says("clock") == "2026-03-02 12:00:00 UTC, frozen\nnothing is going to expire\n"
    purchase = till.reserve()["purchase"]["purchase_id"]
    assert till.says("clock").splitlines()[1] == "next expiry 2026-03-02 12:05:00 UTC, in 5m"
    assert till.says("clock", "advance", "PT1M").splitlines() == [
        "2026-03-02 12:01:00 UTC, frozen",
        "  nothing happened",
        "next expiry 2026-03-02 12:05:00 UTC, in 4m",
    ]
    said = till.says("clock", "next").splitlines()
    assert said[1] == f"  12:05:00  deem: reservation {purchase} expired: 2 of {DEAL} returned"
    assert till.says("clock", "run").startswith("2026-03-02 12:05:00 UTC, running")
    assert till.says("clock", "freeze").startswith("2026-03-02 12:05:0")
    assert till.says("clock", "travel-to", "2026-01-01T01:00+01:00").startswith("2026-01-01 00:00:00 UTC, frozen")


@pytest.mark.parametrize(
    ("by", "at"), [("90", "12:01:30"), ("1.5", "12:00:01"), ("-5m", "11:55:00"), ("1d", "12:00:00")]
)
def test_durations(till: Till, by: str, at: str) -> None:
    """A duration has a unit or is a number of seconds, and one with a minus moves back."""
    assert f" {at} UTC" in till.says("clock", "advance", by)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("advance", "5x"), "'5x' is no duration: write 250ms"),
        (("advance",), "Missing argument 'DURATION'"),
        (("travel-to", "yesterday"), "'yesterday' is no instant: write 2026-03-02T12:00:00Z"),
        (("travel-to", "2026-03-02T12:00"), "has no time zone: add Z or an offset"),
        (("freeze", "soon"), "'soon' is no instant"),
    ],
)
def test_wrong_times(till: Till, arguments: tuple[str, ...], said: str) -> None:
    """What is no duration or instant is a mistake in the usage, said before the server is asked."""
    assert said in till.refuses("clock", *arguments, code=2)


# journal


def test_journal_lists_entries_and_remarks(till: Till) -> None:
    """Entries stand in their order with what is wrong beneath them, and what happened between them where it did."""
    assert till.says("journal") == "nothing was asked yet\n"
    till.reserve()
    till.reserve("two")
    till.says("clock", "next")
    till.get("/v1/nothing")
    said = till.says("journal")
    places = [
        said.index(text) for text in ("200", "422", '/num_bought  expected integer, got "two"', " expired: 2", "404")
    ]
    assert places == sorted(places)
    assert "\x1b" not in said
    assert " expired: 2" not in till.says("journal", "--status", "4xx")
    assert till.says("journal", "--api", "drip") == "nothing fits\n"
    assert till.says("journal", "--count", "--violations") == "1\n"
    assert till.says("journal", "--unmatched").count("/v1/nothing") == 1
    assert till.json("journal", "--count") == {"count": 3, "lost": 0, "met": True}
    assert [entry["id"] for entry in till.json("journal", "--since", "1")["entries"]] == [2, 3]
    assert till.refuses("journal", "--api", "shoes").startswith("Error: /api: expected one of deem")


def test_journal_is_cut_to_a_page(till: Till) -> None:
    """A person gets the newest fifty and is told how many there are before them; what was evicted is said."""
    for _ in range(53):
        till.get("/v1/nothing")
    said = till.says("journal").splitlines()
    assert said[0] == "… 3 before these: --limit 53 lists all"
    assert till.says("journal").count("/v1/nothing ") == 50
    assert till.says("journal", "--limit", "53").count("/v1/nothing ") == 53
    assert len(till.json("journal")["entries"]) == 53
    till.box.journal._limit = 60
    for _ in range(9):
        till.get("/v1/nothing")
    assert "… 2 entries were evicted, oldest first" in till.says("journal")
    assert till.says("journal", "--count") == "60 (and 2 more of that window were evicted unseen)\n"


def test_journal_show(till: Till) -> None:
    """One entry is shown whole: why it was refused, what would pass, request and answer."""
    till.reserve("two")
    said = till.says("journal", "show", "1")
    assert said.splitlines()[:3] == [
        "POST http://localhost/v1/purchases/reserve?api_key=***",
        "422  deem.reserve_purchase  [published]",
        "entry 1 of box, 2026-03-02 12:00:00 UTC",
    ]
    for part in ('error: body /num_bought: expected integer, got "two"', "a request that passes", "curl ", '"two"'):
        assert part in said
    assert till.json("journal", "show", "1")["passing"]["curl"]
    till.reserve()
    changed = till.says("journal", "show", "2")
    assert f"deem.stock {DEAL} changed\n    free  1000 → 998" in changed
    assert "was made\n" in changed
    till.get("/v1/purchase")
    assert "the nearest operations\n  " in till.says("journal", "show", "3")
    assert all(line == line.rstrip() for line in changed.splitlines())
    assert till.refuses("journal", "show", "99").startswith("Error: there is no entry 99")
    assert till.says("journal", "clear") == "The journal is empty.\n"


def test_journal_as_har(till: Till, tmp_path: Path) -> None:
    """The journal is written as an HTTP Archive to a file, or to stdout for `-`."""
    till.reserve()
    file = tmp_path / "journal.har"
    assert till.says("journal", "--har", str(file)) == f"1 entries are in {file}.\n"
    assert orjson.loads(file.read_bytes())["log"]["version"] == "1.2"
    assert orjson.loads(till.says("journal", "--har", "-")) == orjson.loads(file.read_bytes())
    nowhere = tmp_path / "nowhere" / "x.har"
    assert till.refuses("journal", "--har", str(nowhere)) == f"Error: {nowhere}: No such file or directory"
    assert "give one of them" in till.refuses("journal", "--har", "-", "--count", code=2)


# following


class Heard:
    """Remembers what a reader was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.reader = Reader(
            lambda entry: self.told.append(f"entry {entry['id']}"),
            lambda remark: self.told.append(remark["sentence"]),
            self.told.append,
        )


def follower(url: str, heard: Heard, **filters: Any) -> Follower:
    """Return what follows the journal of a server."""
    return Follower(Server(url, None, "default", False), filters, heard.reader)


def page(last: int, *ids: int, evicted: int = 0, remarks: tuple[tuple[int, str], ...] = ()) -> Said:
    """Return an answer with entries of these ids, and remarks by the entry before them and their sentence."""
    said = [{"after": after, "sentence": sentence, "at": NOON} for after, sentence in remarks]
    return told(
        {
            "entries": [{"id": id} for id in ids],
            "remarks": said,
            "last": last,
            "remarked": len(said),
            "evicted": evicted,
        }
    )


def test_following_begins_with_the_newest_and_goes_on() -> None:
    """It begins with the last ten; then the server is asked for what is newer, and waits for it."""
    heard = Heard()
    with Peer(page(5, 4, 5, remarks=((3, "old"),)), page(7, 6, 7, remarks=((3, "old"), (6, "new")))) as peer:
        follow = follower(peer.url, heard, api=None)
        follow.step()
        follow.step()
        paths = [asked.path.partition("?")[2] for asked in peer.asked]
    assert heard.told == ["entry 4", "entry 5", "entry 6", "new", "entry 7"]
    assert paths == ["limit=10", "since=5&wait=5&remarked=1"]


def test_following_keeps_its_filters() -> None:
    """Filters hold for every question; where they are set, remarks are not told, and `since` says where to begin."""
    heard = Heard()
    with Peer(page(5, 4, remarks=((4, "x"),)), page(9, 8, remarks=((5, "y"),))) as peer:
        follow = follower(peer.url, heard, status="4xx", since=2)
        follow.step()
        follow.step()
        paths = [asked.path.partition("?")[2] for asked in peer.asked]
    assert heard.told == ["entry 4", "entry 8"]
    assert paths == ["status=4xx&since=2", "status=4xx&since=5&wait=5"]


def test_following_says_what_was_lost() -> None:
    """Entries that were evicted before they were read are counted and said."""
    heard = Heard()
    with Peer(page(5, 5), page(40, 40, evicted=34), told({"count": 1, "lost": 34, "met": True})) as peer:
        follow = follower(peer.url, heard)
        follow.step()
        follow.step()
    assert heard.told == ["entry 5", "… 34 entries were evicted before they were read", "entry 40"]


def test_following_outlives_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that goes away is waited for, said once; when it comes back with a new journal, that is said too."""
    monkeypatch.setattr(following, "PAUSE_SECONDS", 0)
    heard = Heard()
    with Peer(page(5, 5), Said(200, b"{", broken=True), Said(200, b"{", broken=True), page(2), page(2, 1, 2)) as peer:
        follow = follower(peer.url, heard)
        for _ in range(4):
            follow.step()
        away = f"… the server at {peer.url} is away; waiting for it"
        paths = [asked.path.partition("?")[2] for asked in peer.asked]
    assert heard.told == [
        "entry 5",
        away,
        "… the server is there again",
        "… the journal begins anew",
        "entry 1",
        "entry 2",
    ]
    assert paths[-2:] == ["since=5", "since=0"], "a server that was away is asked without waiting"


def test_following_what_never_was_there() -> None:
    """A server that is not there to begin with is a mistake, and not waited for."""
    with pytest.raises(ConnectionError, match="no server answers"):
        follower("http://127.0.0.1:1", Heard()).step()


def process(till: Till, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a command as a process of its own."""
    env = environment({"MOCKTILL_URL": till.url, "MOCKTILL_SANDBOX": till.box.name, "PYTHONUTF8": "1"})
    command = [sys.executable, "-m", "mocktill", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)


def test_following_ends_quietly(till: Till) -> None:
    """`--follow --json` writes a line for each entry as it comes; Ctrl-C ends it with 130 and without a word."""
    till.reserve()
    running = process(till, "journal", "--follow", "--json")
    assert running.stdout is not None
    assert orjson.loads(running.stdout.readline())["id"] == 1
    threading.Timer(0.05, till.reserve).start()
    assert orjson.loads(running.stdout.readline())["id"] == 2
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("arguments", [("journal", "--follow"), ("choices",)])
def test_a_reader_that_goes_away(till: Till, arguments: tuple[str, ...]) -> None:
    """Who reads only the first line ends the command, without a word and a traceback."""
    running = process(till, *arguments)
    assert running.stdout is not None
    running.stdout.close()
    till.reserve()
    assert running.stderr is not None
    assert (running.wait(PATIENCE), running.stderr.read()) == (0, b"")
    running.stderr.close()


# faults


def test_faults(till: Till) -> None:
    """Rules are added as options or JSON, listed with their counts, removed and cleared."""
    assert till.says("faults") == "no faults\n"
    added = till.says("faults", "add", "--error", "sold_out", "--operation", "deem.reserve_purchase", "--next", "1")
    assert (
        added == "1  struck 0 of 0  error sold_out before the state changes; operation deem.reserve_purchase, next 1\n"
    )
    till.reserve()
    assert till.says("faults").startswith("1  struck 1 of 1  error sold_out")
    till.says("faults", "add", '{"what": {"status": 503}}')
    till.says("faults", "add", "-", input='{"what": {"status": 502}, "title": "gateway"}')
    assert [fault["rule"]["what"] for fault in till.json("faults")["faults"]][1:] == [{"status": 503}, {"status": 502}]
    assert till.says("faults", "remove", "1") == "The fault 1 is removed.\n"
    assert till.refuses("faults", "remove", "1") == "Error: there is no fault 1"
    assert till.says("faults", "clear") == "no faults\n"


def test_a_rule_of_options(till: Till, tmp_path: Path) -> None:
    """Every part of a rule has its option."""
    body = tmp_path / "body.json"
    body.write_text('{"sorry": true}')
    fault = till.json(
        "faults", "add", "--title", "all of it", "--api", "deem", "--method", "POST", "--path", "/v1/*", "--body",
        "/num_bought=2", "--body", "/deal_id=x", "--every", "2", "--nth", "4", "--next", "3", "--probability", "0.5",
        "--until", "2026-03-03T00:00:00Z", "--status", "503", "--reply", f"@{body}", "--header", "Retry-After=2",
        "--delay", "1s..3s", "--connection", "cut", "--content-type", "text/html", "--after",
    )  # fmt: skip
    assert fault["rule"] == {
        "title": "all of it",
        "when": {
            "api": "deem", "method": "POST", "path": "/v1/*", "nth": 4, "every": 2, "next": 3, "probability": 0.5,
            "until": "2026-03-03T00:00:00Z", "body": {"/num_bought": 2, "/deal_id": "x"},
        },
        "what": {
            "status": 503, "headers": {"Retry-After": "2"}, "body": {"sorry": True},
            "delay": {"least": "1s", "most": "3s"}, "connection": "cut", "content_type": "text/html",
        },
        "moment": "after",
    }  # fmt: skip
    limited = till.json("faults", "add", "--rate-limit", "5/60", "--garbled", "--delay", "2")
    assert limited["rule"] == {"what": {"delay": 2, "garbled": True, "rate_limit": {"limit": 5, "window": 60}}}
    typed = till.json(
        "faults", "add", "--error", "invalid", "--type", "validation_failed", "--operation", "claim_purchase"
    )
    assert typed["rule"]["what"] == {"error": "invalid", "type": "validation_failed"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "say what happens: --error"),
        (("{}", "--status", "500"), 2, "as JSON or as options, not as both"),
        (("--rate-limit", "5"), 2, "'5' is not N/WINDOW, as in 5/1m"),
        (("--header", "x", "--status", "500"), 2, "'x' is not NAME=VALUE"),
        (("{",), 1, "the argument is no JSON: "),
        (("@/nowhere/x.json",), 1, "Error: /nowhere/x.json: No such file or directory"),
        (("--status", "99"), 1, "/what/status: expected 200 or more, got 99"),
        (("--error", "shoes"), 1, "/what/error: expected one of "),
    ],
)
def test_rules_that_cannot_be(till: Till, arguments: tuple[str, ...], code: int, said: str) -> None:
    """A mistake in the options is one of usage; what the server refuses is said with its pointer."""
    assert said in till.refuses("faults", "add", *arguments, code=code)


def test_presets(till: Till) -> None:
    """Presets are listed by name, and added for all requests or fewer."""
    assert "sold-out" in till.says("faults", "presets")
    assert till.says("faults", "preset", "sold-out", "--next", "2").startswith("1  struck 0 of 0  error sold_out")
    assert till.json("faults")["faults"][0]["rule"]["when"]["next"] == 2
    assert "there is no preset 'x'" in till.refuses("faults", "preset", "x")


# state, snapshots, choices


def test_state(till: Till, tmp_path: Path) -> None:
    """The state is shown in brief, by table or whole; a row is changed; a file is loaded, or refused with a pointer."""
    assert till.says("state").splitlines()[0] == "2026-03-02 12:00:00 UTC, frozen"
    assert 'last-one                        {"free":1,"held":0,"sold":0}' in till.says("state", "show", "deem.stock")
    assert "there is no table deem.shoes; there are deem.addresses," in till.refuses("state", "show", "deem.shoes")
    file = tmp_path / "state.json"
    file.write_text(till.says("state", "--json"))
    assert till.says("state", "set", "deem.stock", "last-one", "free=5") == "free  5\nheld  0\nsold  0\n"
    assert till.json("state", "show", "deem.stock")["last-one"]["free"] == 5
    assert till.refuses("state", "set", "deem.stock", "last-one", "free=many").startswith(
        "Error: /free: expected integer"
    )
    assert till.refuses("state", "set", "deem.stock", "none", "free=1") == "Error: deem.stock has no row none"
    assert till.says("state", "load", str(file)) == "The state is loaded; it is 2026-03-02 12:00:00 UTC.\n"
    assert till.json("state", "show", "deem.stock")["last-one"]["free"] == 1
    assert till.refuses("state", "load", "-", input='{"version": 1}') == "Error: /tables: expected a value, got nothing"
    assert till.refuses("state", "load", "-", input="{").startswith("Error: stdin is no JSON: ")
    assert till.refuses("state", "load", str(tmp_path)) == f"Error: {tmp_path}: Is a directory"


def test_snapshots(till: Till, tmp_path: Path) -> None:
    """Copies are saved, listed, restored, carried elsewhere and forgotten."""
    assert till.says("snapshot") == "no snapshots\n"
    assert till.says("snapshot", "save", "before").startswith("before  2026-03-02 12:00:00 UTC  ")
    till.says("clock", "advance", "1h")
    assert till.says("snapshot", "restore", "before") == "before is restored; it is 2026-03-02 12:00:00 UTC.\n"
    file = tmp_path / "copy.json"
    file.write_text(till.says("snapshot", "show", "before"))
    assert till.says("snapshot", "upload", "copy", str(file)).startswith("copy  ")
    assert till.says("snapshot", "delete", "before") == "before is deleted.\n"
    assert [saved["name"] for saved in till.json("snapshot", "list")["snapshots"]] == ["copy"]
    assert till.refuses("snapshot", "restore", "before") == "Error: there is no snapshot before"
    for arguments in (("save", "a/b"), ("upload", "a/b", str(file))):
        assert till.refuses("snapshot", *arguments).startswith("Error: the name of a snapshot is 1 to 64 of")


def test_choices(till: Till) -> None:
    """Choices are listed with a star where they are not at their default, and set, all of several or none."""
    assert till.says("choices", "set", "deem.claim_twice=same_answer") == "deem.claim_twice  same_answer\n"
    said = till.says("choices", "--api", "deem").splitlines()
    assert [line.split()[1] for line in said if line.startswith("*")] == ["deem.claim_twice"]
    assert all(" deem." in line for line in said)
    assert "deem.claim_twice is one of" in till.refuses("choices", "set", "deem.claim_twice=x")
    assert "'deem.claim_twice' is not NAME=VALUE" in till.refuses("choices", "set", "deem.claim_twice", code=2)


# objects, sandboxes, scenarios, flows, contract


def test_populate_and_reset(till: Till) -> None:
    """Objects are made and counted by API; reset brings the sandbox back to its beginning."""
    before = till.json("state", "show", "drip.purchases")
    assert till.says("populate", "4", "--api", "drip").startswith("drip  4 made: ")
    assert len(till.json("state", "show", "drip.purchases")) == len(before) + 4
    assert [line.split()[1] for line in till.says("populate", "0").splitlines()] == ["0"] * 4
    assert till.says("reset") == "box is as at its beginning.\n"
    assert till.json("state", "show", "drip.purchases") == before
    assert set(till.json("reset")) == {"now"}
    assert "shoes" in till.refuses("populate", "1", "--api", "shoes")


def test_sandboxes(till: Till, tmp_path: Path) -> None:
    """Sandboxes are listed with what is in them, made with their setup, and deleted."""
    file = tmp_path / "state.json"
    file.write_text(till.says("state", "--json"))
    made = till.says("sandboxes", "make", "mine", "--seed", "7", "--now", NOON, "--set", "deem.claim_twice=same_answer",
                     "--answers", "canned", "--populate", "1", "--populate-api", "drip").splitlines()  # fmt: skip
    assert made[:2] == ["mine", f"  deem      {till.url}/~mine/deem"]
    assert till.says("clock", "--sandbox", "mine").startswith("2026-03-02 12:00:00 UTC, frozen")
    listed = till.says("sandboxes").splitlines()
    assert [line.split()[0] for line in listed[:-1]] == ["box", "default", "mine"]
    assert all(line.endswith("stays") for line in listed[:-1])
    assert listed[-1] == "3 of 1000"
    other = till.json("sandboxes", "make", "--state", str(file))["name"]
    for name in ("mine", other):
        assert till.says("sandboxes", "delete", name) == f"{name} is deleted.\n"
    assert till.refuses("sandboxes", "delete", "mine") == "Error: there is no such sandbox"
    assert "default sandbox stays" in till.refuses("sandboxes", "delete", "default")


def test_scenarios(till: Till) -> None:
    """Scenarios are listed and played; one that goes otherwise ends with 1."""
    assert "deem      reserve-claim " in till.says("scenarios")
    assert till.says("scenarios", "play", "deem", "reserve-claim").startswith(" ok  Reserve two units: POST ")
    till.says("state", "set", "deem.stock", DEAL, "free=0")
    result = till.run("scenarios", "play", "deem", "reserve-claim")
    assert (result.exit_code, result.stdout.startswith("FAIL Reserve two units: ")) == (1, True)
    assert "     expected status 200, got 422" in result.stdout
    assert till.refuses("scenarios", "play", "deem", "x") == "Error: deem has no scenario x"


def test_flows(till: Till, tmp_path: Path) -> None:
    """Leaks are listed; a flow that is not what happened ends with 1 and a table of what happened instead."""
    assert till.says("flows") == "nothing is left open\n"
    purchase = till.reserve()["purchase"]["purchase_id"]
    assert till.says("flows", "leaks") == f"deem  {purchase}  2 of {DEAL}  held until 2026-03-02 12:05:00 UTC\n"
    file = tmp_path / "flow.json"
    file.write_bytes(orjson.dumps(FLOW))
    result = till.run("flows", "check", str(file))
    assert (result.exit_code, result.stderr) == (1, "")
    assert "deem.claim_purchase: expected once, happened never" in result.stdout
    happened = orjson.dumps({"steps": FLOW["steps"][:1]}).decode()
    assert till.says("flows", "check", "-", input=happened).startswith("the journal is what the flow says")
    assert "/steps: expected" in till.refuses("flows", "check", "-", input='{"steps": []}')


def test_openapi(till: Till, tmp_path: Path) -> None:
    """The contract of an API, or of the control API, is printed or written."""
    assert orjson.loads(till.says("openapi", "drip"))["openapi"].startswith("3.1")
    file = tmp_path / "own.json"
    assert till.says("openapi", "mocktill", "-o", str(file)).endswith(f" is in {file}.\n")
    assert "/_mocktill/clock" in file.read_text() or "/clock" in file.read_text()
    assert till.refuses("openapi", "shoes").startswith("Error: there is no API shoes")


# fixtures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of fixtures with a seed and a scenario file."""
    write(tmp_path, {"deem/seed.yaml": "version: 1\ntables:\n  users:\n    me: {name: Me}\n"})
    write(
        tmp_path,
        {"drip/scenarios/a.yaml": "version: 1\napi: drip\ntitle: A\nsteps:\n  - {title: b, clock: {advance: 5m}}\n"},
    )
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def check(folder: Path, *arguments: str) -> Result:
    """Run `check-fixtures`, with a URL that nothing may ask."""
    return CliRunner().invoke(
        main, ["check-fixtures", str(folder), *arguments], env={"MOCKTILL_URL": "http://127.0.0.1:1"}
    )


def test_good_fixtures(folder: Path) -> None:
    """Each file that is good is said to be."""
    result = check(folder)
    assert result.stdout.splitlines() == [f"ok {folder}/deem/seed.yaml", f"ok {folder}/drip/scenarios/a.yaml"]
    assert result.exit_code == 0


def test_a_broken_preset_is_found(folder: Path) -> None:
    """A fault rule of one's own is checked as well, and its place is said."""
    (folder / "faults").mkdir()
    (folder / "faults" / "a.yaml").write_text("version: 1\ntitle: A\nabout: A.\nrule: {what: {status: 700}}\n")
    result = check(folder)
    assert f"{folder}/faults/a.yaml:4: /rule/what/status: expected 599 or less, got 700" in result.stdout
    assert result.exit_code == 1


def test_the_built_in_fixtures_are_good() -> None:
    """Our own files are good by the same check."""
    result = check(Path(__file__).parents[3] / "fixtures")
    assert (result.exit_code, {line.partition(" ")[0] for line in result.stdout.splitlines()}) == (0, {"ok"})


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("deem/seed.yaml", "version: 1\ntables:\n  users:\n    me: {name: 3}\n", ":4: /tables/users/me/name: expected"),
        ("deem/seed.yaml", "version: 1\ntables:\n  users:\n    - &a b\n    - *a\n", "aliases are not allowed"),
        ("drip/scenarios/a.yaml", "version: 1\napi: drip\ntitle: A\nsteps: []\n", ":4: /steps: expected "),
        ("deem/scenarios/b.yaml", "version: 1\napi: drip\ntitle: A\nsteps: [{title: b, clock: {advance: 5m}}]\n",
         ":1: /api: expected deem, as its folder says, got drip"),
    ],
)  # fmt: skip
def test_broken_fixtures(folder: Path, file: str, content: str, said: str) -> None:
    """What is wrong is said with file, line and pointer, beside the files that are good, and the exit code is 1."""
    write(folder, {file: content})
    result = check(folder)
    (wrong,) = [line for line in result.stdout.splitlines() if not line.startswith("ok ")]
    assert (result.exit_code, wrong.startswith(f"{folder / file}:"), said in wrong) == (1, True, True)
    found = orjson.loads(check(folder, "--json").stdout)
    assert (found["ok"], [each["file"] for each in found["files"] if not each["ok"]]) == (False, [str(folder / file)])


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A folder that there is not, or that has nothing to read, is said to be that."""
    assert check(tmp_path / "x").stdout == f"{tmp_path / 'x'}: there is no such folder\n"
    assert check(tmp_path / "x").exit_code == 1
    assert "has no seed and no scenario files" in check(tmp_path).stdout


# print


def test_columns_are_aligned() -> None:
    """Rows become lines whose columns stand beneath each other, without blanks at their end."""
    assert columns([("a", 1, ""), ("long", 22, "x")], "  ") == ["  a     1", "  long  22  x"]
    assert columns([]) == []


def test_a_terminal_without_these_letters(till: Till) -> None:
    """A terminal that lacks a letter gets its code, not a traceback."""
    till.get("/v1/nothing")
    env = environment({"MOCKTILL_URL": till.url, "MOCKTILL_SANDBOX": "box"}) | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "mocktill", "journal"], capture_output=True, env=env, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\xb7" in done.stdout or b"/v1/nothing" in done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="SKIPPED: there is no /dev/full here")
def test_a_full_disk(till: Till) -> None:
    """Output that cannot be written is one line on stderr."""
    with open("/dev/full", "wb") as full:
        env = environment({"MOCKTILL_URL": till.url})
        done = subprocess.run(
            [sys.executable, "-m", "mocktill", "choices"], stdout=full, stderr=subprocess.PIPE, env=env, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"Error: No space left on device\n")
