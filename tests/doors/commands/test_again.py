"""`mocktill journal copy` and `replay`, `mocktill state tables` and `rows`: what they print, and how they fail."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest
from click.testing import CliRunner, Result

from mocktill.core.repeats import Copies
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.cli import main
from mocktill.doors.commands.terminal import write_whole
from mocktill.doors.repeats import copies
from tests.client import Client
from tests.doors.wire import PATIENCE, environment

RESERVE = "/v1/purchases/reserve?api_key=1234567"
DEAL = "la-1024-wsc-hair-studio-01-2"
ODD = "-d\r\n it's \"$HOME\" `id` \\ \x1b[2J\x07\t\x7f \u202e\u2028 é \U0001f600 </script>\n\n'"
KEY = "the key is a placeholder that this sandbox accepts"


@pytest.fixture
def box(sandboxes: Sandboxes) -> Sandbox:
    """A fresh sandbox of the server, which was asked for a reservation and for something odd."""
    box = sandboxes.make("box")
    deem = Client(box, "deem")
    deem("POST", RESERVE, json={"deal_id": DEAL, "num_bought": 2})
    deem("POST", RESERVE, data=ODD.encode(), content_type="text/plain")
    return box


def run(url: str, *arguments: str) -> Result:
    """Run a command for that sandbox."""
    return CliRunner().invoke(main, arguments, env={"MOCKTILL_URL": url, "MOCKTILL_SANDBOX": "box"})


@pytest.mark.parametrize("number", ["1", "2"])
@pytest.mark.parametrize("form", ["curl", "fetch", "python", "pytest"])
def test_a_copy_is_printed_to_the_byte(url: str, box: Sandbox, form: str, number: str) -> None:
    """Stdout is the text and nothing else, and ends with its line, whatever is in it; what is to be known is beside."""
    ran = run(url, "journal", "copy", number, "--as", form)
    text: str = getattr(copies(box, int(number)), form)
    assert (ran.exit_code, ran.stdout_bytes) == (0, f"{text.removesuffix(chr(10))}\n".encode())
    assert ran.stderr == f"{KEY}\n"


def test_a_copy_is_a_line_of_curl_where_nobody_says(url: str, box: Sandbox) -> None:
    """Without `--as` it is a line for a shell; for a program, all texts are one document."""
    line = run(url, "journal", "copy", "1").stdout
    told = orjson.loads(run(url, "journal", "copy", "1", "--json").stdout)
    assert line == f"{told['curl']}\n"
    assert Copies(**told) == copies(box, 1)


def test_a_copy_keeps_its_letters(url: str, box: Sandbox) -> None:
    """Into a file goes UTF-8, also where the environment knows ASCII only."""
    env = environment({"MOCKTILL_URL": url, "MOCKTILL_SANDBOX": "box"}) | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "mocktill", "journal", "copy", "2"]
    done = subprocess.run(command, capture_output=True, env=env, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, f"{copies(box, 2).curl}\n".encode())
    assert ODD.replace("'", "'\"'\"'").encode() in done.stdout


def test_a_copy_does_not_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a terminal control characters are codes, and it is said; a text without any is as it is."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    write_whole("a\n  'é'")
    assert capsys.readouterr() == ("a\n  'é'\n", "")
    write_whole("a\x1b[2J\rb\n")
    shown = capsys.readouterr()
    assert shown.out == "a\\x1b[2J\\x0db\n"
    assert shown.err.startswith("there are control characters in it")


def test_what_is_said_of_a_copy_is_one_line(url: str, box: Sandbox) -> None:
    """A name that was sent cannot write a line of its own on stderr."""
    Client(box, "deem")("GET", "/v1/purchases/34063ec2?a%0A%1B[2Jtoken=abc&api_key=1234567")
    said = run(url, "journal", "copy", "3").stderr
    assert said == f"{KEY}; `a\\x0a\\x1b[2Jtoken` is left out, which is masked\n"
    assert run(url, "journal", "replay", "3").stdout == f"It is answered 200: entry 4.\n{said}"


def test_a_request_is_asked_again(url: str, box: Sandbox) -> None:
    """The line says how it was answered in which entry, and what is to be known; for a program it is a document."""
    ran = run(url, "journal", "replay", "1")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, f"It is answered 200: entry 3.\n{KEY}\n", "")
    assert orjson.loads(run(url, "journal", "replay", "1", "--json").stdout) == {
        "entry": 4,
        "status": 200,
        "about": KEY,
    }
    assert [entry.status for entry in box.journal.entries(operation="reserve_purchase", status="2xx")] == [200] * 3


def test_tables_and_their_rows(url: str, box: Sandbox) -> None:
    """Tables with how many rows they have; the rows of one in pages, each of which says where it goes on."""
    box.populate(51, "drip")
    total = len(box.table("drip.purchases"))
    assert f"{total}  drip.purchases" in [line.strip() for line in run(url, "state", "tables").stdout.splitlines()]
    lines = run(url, "state", "rows", "drip.purchases").stdout.splitlines()
    assert (len(lines), lines[-1]) == (51, f"… {total - 50} after these: --offset 50 goes on")
    page = run(url, "state", "rows", "drip.purchases", "--offset", "50", "--limit", "500").stdout.splitlines()
    assert [line.split()[0] for line in [*lines[:-1], *page]] == [key for key, _ in box.table("drip.purchases").items()]
    assert run(url, "state", "rows", "drip.purchases", "--offset", "999").stdout == (
        f"there are no more than {total} rows\n"
    )
    told = orjson.loads(run(url, "state", "rows", "drip.purchases", "--limit", "1", "--json").stdout)
    assert (told["total"], len(told["rows"])) == (total, 1)
    assert {"name": "drip.purchases", "api": "drip", "rows": total} in (
        orjson.loads(run(url, "state", "tables", "--json").stdout)["tables"]
    )


def test_a_row_does_not_steer_the_terminal(url: str, box: Sandbox) -> None:
    """A row is one line, whatever is in it; a table without rows says so."""
    box.change("deem.deals", DEAL, {"title": ODD})
    lines = run(url, "state", "rows", "deem.deals").stdout.splitlines()
    assert len(lines) == len(box.table("deem.deals"))
    assert all(line.isprintable() for line in lines)
    assert run(url, "state", "rows", "mocktill.faults").stdout == "no rows\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("journal", "copy", "99"), 1, "Error: there is no entry 99, or it had to make room"),
        (("journal", "replay", "99"), 1, "Error: there is no entry 99, or it had to make room"),
        (("journal", "copy", "0"), 2, "0 is not in the range x>=1"),
        (("journal", "copy", "1", "--as", "perl"), 2, "'perl' is not one of 'curl', 'fetch', 'python', 'pytest'"),
        (("journal", "copy"), 2, "Missing argument 'ID'"),
        (("state", "rows"), 2, "Missing argument 'TABLE'"),
        (("state", "rows", "deem.deal"), 1, "Error: there is no table deem.deal: did you mean deem.deals?"),
        (("state", "rows", "shoes"), 1, "Error: /table: "),
        (("state", "rows", "deem.deals", "--limit", "501"), 1, "Error: /limit: expected 500 or less, got 501"),
    ],
)
def test_what_cannot_be(url: str, box: Sandbox, arguments: tuple[str, ...], code: int, said: str) -> None:
    """What there is not, and what is out of range, is said on stderr, and nothing is printed."""
    ran = run(url, *arguments)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1 or code == 2
