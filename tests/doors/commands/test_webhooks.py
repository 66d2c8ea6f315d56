"""The command `mocktill webhooks`, and the options of `serve` that say where webhooks may go."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from mocktill.core.deliveries import Outcome
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.cli import main
from tests.conftest import NOW
from tests.core.telling import URL, Waiting, bring
from tests.doors.typed import run


@pytest.fixture
def box(sandboxes: Sandboxes) -> Sandbox:
    """A fresh sandbox of the server, frozen at noon of 2 March 2026, whose courier brings nothing by itself."""
    box = sandboxes.make("telling", Setup(now=NOW))
    box.webhooks.courier = Waiting(frozenset({"http://127.0.0.1:1/"}))
    return box


@pytest.fixture
def ask(url: str, box: Sandbox) -> Any:
    """Run the command against it: `ask("set", "drip", URL)`."""

    def ask(*arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["webhooks", *arguments], env={"MOCKTILL_URL": url, "MOCKTILL_SANDBOX": box.name}
        )

    return ask


def buy(box: Sandbox) -> None:
    """Let somebody buy an offer of Kajabi, which is told."""
    box.act("kajabi.buy_offer", next(key for key, _ in box.table("kajabi.offers").items()))


def test_they_come_and_go(ask: Any, box: Sandbox) -> None:
    """An address is set, listed and unset; a list shows what may be asked and what came of each webhook."""
    assert ask().stdout == "allowed: 127.0.0.1:9000\nthey go nowhere\n"
    done = ask("set", "kajabi", f"{URL}?token=abc", "--secret", "whsec_abcdef")
    assert (done.exit_code, done.stdout) == (0, f"webhooks of kajabi go to {URL}?…\n")
    buy(box)
    bring(box, Outcome(503))
    shown = ask("list").stdout.splitlines()
    assert shown[:2] == ["allowed: 127.0.0.1:9000", f"kajabi  {URL}?…  signed with your secret"]
    assert shown[2].startswith("2026-03-02 12:00:00 UTC  kajabi  purchase  ")
    assert shown[2].endswith("waiting after 1  answered 503")
    assert "abcdef" not in "".join(shown)
    assert ask("unset", "kajabi").stdout == "webhooks of kajabi go nowhere\n"
    assert box.webhooks.targets() == []
    box.webhooks.courier = None
    assert ask().stdout.startswith("allowed: nothing, so webhooks are off\n")


def test_for_programs(ask: Any, box: Sandbox) -> None:
    """With `--json` each command prints the document; `--api` narrows it down to one."""
    assert orjson.loads(ask("set", "drip", URL, "--json").stdout) == {"api": "drip", "url": URL, "secret": False}
    ask("set", "kajabi", URL)
    buy(box)
    told = orjson.loads(ask("list", "--api", "drip", "--json").stdout)
    assert [target["api"] for target in told["targets"]] == ["drip"]
    assert told["deliveries"] == []
    assert len(orjson.loads(ask("--json").stdout)["deliveries"]) == 1
    assert orjson.loads(ask("unset", "drip", "--json").stdout) == {"unset": "drip"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "drip", "http://127.0.0.1:1/"), "http://127.0.0.1:1/ is not listed"),
        (("set", "deem", URL), "there is no API with webhooks 'deem'"),
        (("unset", "drip"), "the webhooks of drip go nowhere"),
        (("list", "--api", "deem"), "there is no API with webhooks 'deem'"),
    ],
)
def test_what_cannot_be(ask: Any, arguments: tuple[str, ...], said: str) -> None:
    """What is refused ends the command with one line that says why."""
    done = ask(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--webhook", "drip"), "'drip' is not API=URL, as in drip=http://127.0.0.1:9000/hook"),
        (("--webhook", "drip=hook"), "the URL of a webhook is http or https"),
        (("--webhook", "drip=http://169.254.169.254/"), "169.254.169.254 is the metadata service of a cloud"),
        (("--allow-webhook", "169.254.169.254"), "169.254.169.254 is the metadata service of a cloud"),
        (("--allow-webhook", "http://localhost/"), "is no address: write HOST or HOST:PORT"),
        (("--allow-webhook", "127.1"), "odd spelling"),
    ],
)
def test_serve_does_not_start_with_these(arguments: tuple[str, ...], said: str) -> None:
    """What is no address, or one that no webhook ever goes to, is a usage error."""
    done = run("serve", *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split()).replace("│ ", "")


def test_serve_does_not_start_with_an_api_that_tells_of_nothing() -> None:
    """An API without webhooks, or one that there is not, ends the start with a line."""
    done = run("serve", "--webhook", f"deem={URL}")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: there is no API with webhooks 'deem': ")
