"""`mocktill act`: something happens without a request, and what is told of it."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner, Result

from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.cli import main


@pytest.fixture
def box(sandboxes: Sandboxes) -> Sandbox:
    """A fresh sandbox of the server."""
    return sandboxes.make("box")


def run(url: str, *arguments: str) -> Result:
    """Run the command for that sandbox."""
    return CliRunner().invoke(main, ["act", *arguments], env={"MOCKTILL_URL": url, "MOCKTILL_SANDBOX": "box"})


def test_it_says_what_happened(url: str, box: Sandbox) -> None:
    """It happens, and its sentence is one line; for a program it is a document."""
    ran = run(url, "kajabi.pay_instalment", "123")
    (remark,) = [remark for remark in box.journal.remarks() if remark.what == "act"]
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, f"{remark.sentence}\n", "")
    told = orjson.loads(run(url, "kajabi.pay_instalment", "123", "--json").stdout)
    assert set(told) == {"now", "sentence"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kajabi.pay_instalments", "123"), "did you mean 'kajabi.pay_instalment'?"),
        (("kajabi.pay_instalment", "nobody"), "'nobody'"),
        (("kajabi.pay_instalment", "201"), "/key: "),
        (("nothing", "123"), "/act: "),
    ],
)
def test_it_says_what_cannot_happen(url: str, box: Sandbox, arguments: tuple[str, str], said: str) -> None:
    """What there is not, and what is impossible, is one line on stderr and a failure."""
    ran = run(url, *arguments)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert [remark for remark in box.journal.remarks() if remark.what == "act"] == []


@pytest.mark.parametrize("arguments", [(), ("kajabi.pay_instalment",)])
def test_it_needs_both(url: str, arguments: tuple[str, ...]) -> None:
    """Without an act or a key it says how it is used."""
    ran = run(url, *arguments)
    assert ran.exit_code == 2
    assert "Missing argument" in ran.stderr
