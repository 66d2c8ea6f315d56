"""`mocktill play`: a scenario file in this process, and on a running server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote.server import Remote
from mocktill.doors.serving.server import ServerThread
from tests.doors.peer import Peer, Said, told
from tests.doors.typed import assert_one_line, run
from tests.doors.wire import PATIENCE, environment

FIXTURES = Path(__file__).parents[3] / "fixtures"
SCENARIOS = sorted(FIXTURES.glob("*/scenarios/*.yaml"))

# in this process


def test_play_says_step_by_step() -> None:
    """Each step is said with what happened, under the scenario's title."""
    result = run("play", str(FIXTURES / "deem" / "scenarios" / "reserve-expire-claim.yaml"))
    assert result.exit_code == 0, result.output
    first, *steps = result.output.splitlines()
    assert first == "Reserve, expire, claim with stock left (deem)"
    assert all(step.startswith("   ok  ") for step in steps)
    assert any("expired" in step for step in steps)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: f"{file.parents[1].name}/{file.stem}")
def test_play_of_every_file(file: Path) -> None:
    """Every scenario file that comes with Mocktill passes."""
    result = run("play", str(file))
    assert result.exit_code == 0, result.output


def test_play_ignores_the_variables_of_serve() -> None:
    """How a scenario is answered is its own matter, whatever the environment would have a server do."""
    file = FIXTURES / "deem" / "scenarios" / "reserve-claim.yaml"
    result = run("play", str(file), MOCKTILL_ANSWERS="canned", MOCKTILL_ONLY="drip", MOCKTILL_POPULATE="x")
    assert result.exit_code == 0, result.output


OWN_DEAL = """\
version: 1
api: deem
title: A deal of my own
steps:
  - title: Reserve
    request:
      method: POST
      path: /v1/purchases/reserve?api_key=my-key
      body: {deal_id: mine, num_bought: 1}
    expect: {status: 200}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a scenario `own.yaml`, and fixtures with the deal that it needs."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text(
        "version: 1\ntables: {deals: {mine: {title: Mine, price: 1, stock: 2}}}\n"
    )
    (tmp_path / "own.yaml").write_text(OWN_DEAL)
    return tmp_path


@pytest.mark.parametrize("variable", [True, False])
def test_play_with_fixtures_of_ones_own(own: Path, variable: bool) -> None:
    """`play --fixtures` lays one's own rows over the built-in ones, so that one's own deals can be played."""
    file, folder = str(own / "own.yaml"), str(own)
    assert run("play", file).exit_code == 1
    result = run("play", file, MOCKTILL_FIXTURES=folder) if variable else run("play", file, "--fixtures", folder)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("variable", [True, False])
def test_play_with_choices_of_ones_own(own: Path, variable: bool) -> None:
    """`play --set` sets a choice, and what the file itself chooses counts more."""
    file, choice = own / "own.yaml", "deem.unknown_credentials=refuse"
    arguments: list[str] = ["play", str(file), "--fixtures", str(own)]

    def played() -> Result:
        return run(*arguments, MOCKTILL_SET=choice) if variable else run(*arguments, "--set", choice)

    result = played()
    assert "expected status 200, got 401" in result.output
    file.write_text(OWN_DEAL.replace("steps:", "choices: {deem.unknown_credentials: accept}\nsteps:"))
    assert played().exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "deem.nothing=x"], ["deem.nothing"]),
        (["--set", "deem.claim_twice"], ["CHOICE=VALUE"]),
        (["--fixtures", "/no/such/folder"], ["/no/such/folder: there is no such folder"]),
    ],
)
def test_play_with_a_wrong_option(own: Path, arguments: list[str], words: list[str]) -> None:
    """What is wrong with an option is one line, before anything is played."""
    assert_one_line(run("play", str(own / "own.yaml"), *arguments), *words)


SCENARIO = """\
version: 1
api: deem
title: A title
steps:
  - title: Read
    request: {method: GET, path: "/v1/purchases/34063ec2?api_key=1"}
    expect: {status: 200, body: {purchase: {amount: 1}}}
  - title: Read another
    request: {method: GET, path: "/v1/purchases/none?api_key=1"}
    expect: {status: 200}
  - title: Read once more
    request: {method: GET, path: "/v1/purchases/34063ec2?api_key=1"}
    expect: {status: 200}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file with two steps that fail and one that passes."""
    path = tmp_path / "a.yaml"
    path.write_text(SCENARIO)
    return path


def test_play_of_what_fails(file: Path) -> None:
    """A scenario that fails says what was expected and what came, goes on to its end, and exits with 1."""
    result = run("play", str(file))
    assert result.exit_code == 1
    assert re.search(r"FAIL Read: GET \S+ → 200\n +/purchase/amount: expected 1, got \d+\n", result.output)
    assert re.search(r"FAIL Read another: GET \S+ → 404\n +expected status 200, got 404: ", result.output)
    assert " ok  Read once more: " in result.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("expect: {status: 200}", "expect: {status: 1000}", ["a.yaml:10: /steps/1/expect/status"]),
        ("version: 1", "version: 3", ["a.yaml:1: /version"]),
        ("steps:", "steps: [", ["a.yaml:"]),
        ("api: deem", "api: ebay", ["a.yaml", "there is no API 'ebay'"]),
        ("title: A title", "title: A\nchoices: {deem.x: y}", ["a.yaml", "there is no choice 'deem.x'"]),
    ],
)
def test_play_of_a_broken_file(file: Path, old: str, new: str, words: list[str]) -> None:
    """A broken scenario is one line that says where, and exits with 1."""
    file.write_text(SCENARIO.replace(old, new, 1))
    result = run("play", str(file))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    last = result.output.splitlines()[-1]
    assert last.startswith("Error: ")
    assert all(word in last for word in words), last


@pytest.mark.parametrize("arguments", [[], ["/no/such/file"], ["."], ["a", "b"]])
def test_play_of_nothing(arguments: list[str]) -> None:
    """What is no file is one line."""
    assert_one_line(run("play", *arguments))


def test_play_as_a_process(file: Path) -> None:
    """As a process a failing scenario exits with 1, a passing one with 0, and nothing goes to stderr."""
    for path, code in ((file, 1), (SCENARIOS[0], 0)):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "mocktill", "play", str(path)],
            capture_output=True, timeout=PATIENCE, check=False, env=environment(),
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, b"")


def test_play_on_an_old_terminal() -> None:
    """A terminal that knows only ASCII loses some signs, and no step."""
    done = subprocess.run(
        [sys.executable, "-m", "mocktill", "play", str(SCENARIOS[0])],
        capture_output=True, timeout=PATIENCE, check=False, env=environment({"PYTHONIOENCODING": "ascii"}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b" ok " in done.stdout


# on a running server

EXPIRE = FIXTURES / "deem" / "scenarios" / "reserve-expire-claim.yaml"


def left(url: str) -> list[str]:
    """Return the sandboxes of a server that were made to play in."""
    return [listed.name for listed in Remote(url).sandboxes() if listed.name.startswith("play-")]


@pytest.mark.parametrize("variable", [True, False])
def test_play_against_a_server(url: str, sandboxes: Sandboxes, variable: bool) -> None:
    """`--against`, or its variable, plays there, step by step as here, in a sandbox that is gone afterwards."""
    before = len(sandboxes.default.journal)
    result = run("play", str(EXPIRE), MOCKTILL_AGAINST=url) if variable else run("play", str(EXPIRE), "--against", url)
    assert result.exit_code == 0, result.output
    first, *steps = result.output.splitlines()
    assert first == "Reserve, expire, claim with stock left (deem)"
    assert len(steps) == len(run("play", str(EXPIRE)).output.splitlines()) - 1
    assert all(step.startswith("   ok  ") for step in steps)
    assert any("expired" in step for step in steps)
    assert (left(url), len(sandboxes.default.journal)) == ([], before)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_play_of_every_file_against_a_server(url: str, path: Path) -> None:
    """Every scenario file that comes with Mocktill passes on a server as well."""
    result = run("play", str(path), "--against", url)
    assert result.exit_code == 0, result.output


def test_play_against_one_that_serves_one_api(catalogue: Catalogue) -> None:
    """A server may have the API alone, at its root; another API is not there, which is a line with the file's name."""
    with ServerThread(create_app(Sandboxes(catalogue), only="deem"), RequestLog(Nowhere())) as url:
        assert run("play", str(EXPIRE), "--against", url).exit_code == 0
        paging = FIXTURES / "drip" / "scenarios" / "paging.yaml"
        assert_one_line(run("play", str(paging), "--against", url), f"{paging}: there is no API 'drip'", "deem")
        assert left(url) == []


def test_play_against_what_fails(file: Path, url: str) -> None:
    """What comes otherwise is said as it is here, and ends with 1; the sandbox goes all the same."""
    here, there = run("play", str(file)), run("play", str(file), "--against", url)
    assert (there.exit_code, there.output) == (1, here.output)
    assert left(url) == []


def test_other_variables_lead_nowhere(url: str) -> None:
    """What says which server the other commands mean does not make `play` ask it."""
    result = run("play", str(EXPIRE), MOCKTILL_URL="http://127.0.0.1:9", MOCKTILL_CONTROL_TOKEN="secret")
    assert result.exit_code == 0, result.output


def test_play_against_a_server_with_choices(file: Path, url: str) -> None:
    """`--set` holds in the sandbox that is played in; what the file chooses counts more, what is none is one line."""
    refuse = ("play", str(file), "--against", url, "--set", "deem.unknown_credentials=refuse")
    assert "expected status 200, got 401" in run(*refuse).output
    file.write_text(SCENARIO.replace("steps:", "choices: {deem.unknown_credentials: accept}\nsteps:"))
    assert "got 401" not in run(*refuse).output
    assert_one_line(run("play", str(file), "--against", url, "--set", "deem.nothing=x"), "deem.nothing")
    file.write_text(SCENARIO.replace("steps:", "choices: {deem.unknown_credentials: perhaps}\nsteps:"))
    *_, line = run("play", str(file), "--against", url).output.splitlines()
    assert line.startswith(f"Error: {file}: ")
    assert "perhaps" in line
    assert left(url) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--against", "URL", "--fixtures", "."], ["--fixtures does not go with --against", "of its own"]),
        (["--token", "secret"], ["--token goes with --against"]),
        (["--against", "nonsense"], ["'nonsense' is no URL of a server"]),
        (["--against", ""], ["'' is no URL of a server"]),
        (["--against", "http://127.0.0.1:9"], ["no server answers at http://127.0.0.1:9"]),
        (["--against", "URL/~mine"], ["without /~mine"]),
    ],
)
def test_play_against_nonsense(url: str, arguments: list[str], words: list[str]) -> None:
    """What cannot be meant, and a server that is not there, is one line."""
    given = [argument.replace("URL", url) for argument in arguments]
    assert_one_line(run("play", str(EXPIRE), *given), *words)


def test_variables_for_serve_do_not_matter_there(url: str, own: Path) -> None:
    """A variable names the fixtures of `serve`, and not of the server that `play` is against."""
    assert run("play", str(EXPIRE), "--against", url, MOCKTILL_FIXTURES=str(own)).exit_code == 0


def test_play_against_a_server_with_a_token(catalogue: Catalogue) -> None:
    """The token is shown, by option or variable; a wrong one is a line, and so is none, which says how to give it."""
    with ServerThread(create_app(Sandboxes(catalogue), token="right"), RequestLog(Nowhere())) as url:
        command = ("play", str(EXPIRE), "--against", url)
        assert run(*command, "--token", "right").exit_code == 0
        assert run(*command, MOCKTILL_CONTROL_TOKEN="right").exit_code == 0
        assert_one_line(run(*command, "--token", "wrong"), "has a token")
        assert_one_line(run(*command), "has a token", "give it with --token or MOCKTILL_CONTROL_TOKEN")
        assert [listed.name for listed in Remote(url, "right").sandboxes()] == ["default"]


def test_play_against_a_full_server(catalogue: Catalogue) -> None:
    """A server that has no room for one more sandbox is a line."""
    with ServerThread(create_app(Sandboxes(catalogue, limit=1)), RequestLog(Nowhere())) as url:
        assert_one_line(run("play", str(EXPIRE), "--against", url), "there are 1 sandboxes that stay")


def test_play_against_something_else() -> None:
    """A server that is no Mocktill is a line."""
    with Peer(Said(404, b"<html>", "text/html")) as peer:
        assert_one_line(run("play", str(EXPIRE), "--against", peer.url), "is no Mocktill server")


def test_a_server_that_ends_meanwhile() -> None:
    """Where the server goes away the step fails, and that it cannot be steered any more is a line; no traceback."""
    answers = [told({"name": "play", "base_urls": {}}, 201), told({"apis": [{"name": "deem", "base_url": "/deem"}]})]
    with Peer(*answers, told({"choices": []}), Said(broken=True), Said(502, b"gone", "text/plain")) as peer:
        result = run("play", str(EXPIRE), "--against", peer.url)
    assert result.exit_code == 1
    assert "FAIL" in result.output
    assert "the answer broke off after 2 of 12 bytes" in result.output
    assert result.output.splitlines()[-1].startswith(f"Error: {peer.url} is no Mocktill server: it answers 502")


def test_nothing_said_steers_the_terminal() -> None:
    """What a server answers is printed without what could steer the terminal."""
    answers = [told({"name": "play", "base_urls": {}}, 201), told({"apis": [{"name": "deem", "base_url": "/deem"}]})]
    with Peer(*answers, told({"choices": []}), told({"evil": "\x1b[2J\u009b"}, 500)) as peer:
        result = run("play", str(EXPIRE), "--against", peer.url)
    assert result.exit_code == 1
    assert "evil" in result.output
    assert not {"\x1b", "\u009b"} & set(result.output)


def test_an_interruption(url: str, tmp_path: Path) -> None:
    """Ctrl-C ends it quietly with 130, as shells have it, and the sandbox goes."""
    path = tmp_path / "long.yaml"
    path.write_text(
        SCENARIO.replace("    expect: {status: 200, body: {purchase: {amount: 1}}}", "    repeat: 10000", 1)
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "mocktill", "play", str(path), "--against", url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"A title (deem)\n"
        assert len(left(url)) == 1
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert left(url) == []
