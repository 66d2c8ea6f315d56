"""Runs of tests: in process, live and remote, over several workers, in any order, with and without the plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.testing import case
from mocktill.doors.testing.mocktill import Mocktill
from mocktill.doors.testing.report import Report, take
from tests.doors.testing.inner import WARNING, Inner
from tests.doors.testing.inner import inner as inner

TOKEN = "a-token-of-ours"
SUITE = """
    import json, subprocess, sys

    def test_vendors_host(mocktill):
        assert buy().status_code == 200
        assert [entry.operation for entry in mocktill.journal] == ["reserve_purchase", "claim_purchase"]

    def test_url(mocktill):
        assert buy(mocktill.url("deem")).status_code == 200

    @pytest.mark.mocktill(seed=7, now="2026-03-02T12:00:00Z", faults="lost-answer")
    def test_settings(mocktill):
        assert (mocktill.seed, mocktill.clock.frozen) == (7, True)
        with pytest.raises(OSError):
            reserve()
        mocktill.reset()

    def test_live(mocktill_live):
        order = {"deal_id": "last-one", "num_bought": 1}
        code = "import sys, urllib.request as u; print(u.urlopen(u.Request(sys.argv[1], sys.argv[2].encode(), "
        code += "{'Content-Type': 'application/json'})).status)"
        url = mocktill_live.url("deem") + "/v1/purchases/reserve?api_key=1234567"
        ran = subprocess.run([sys.executable, "-c", code, url, json.dumps(order)], capture_output=True, text=True)
        assert ran.stdout == "200\\n", ran.stderr
        assert mocktill_live.deem.stock("last-one").free == 0
        mocktill_live.reset()

    def test_both(mocktill, mocktill_live):
        buy(mocktill.url("deem"))
        assert (mocktill.name != mocktill_live.name, len(mocktill.journal), len(mocktill_live.journal)) == (True, 2, 0)
        buy(mocktill_live.url("deem"))
        assert (len(mocktill.journal), len(mocktill_live.journal)) == (2, 2)
"""
"""Tests that hold wherever the sandboxes are."""


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """The sandboxes of a server that wants a token."""
    return Sandboxes(catalogue)


@pytest.fixture
def guarded(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of them, as it runs beside a test run."""
    with ServerThread(create_app(sandboxes, token=TOKEN), RequestLog(Nowhere())) as url:
        yield url


# where the sandboxes are


@pytest.mark.parametrize("option", ["in process", "--mocktill-live", "MOCKTILL_LIVE", "mocktill_live"])
def test_a_suite_passes_in_this_process(inner: Inner, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    """In process, and with one option, variable or line of the ini file over a real socket."""
    inner.tests(SUITE + f"\n    def test_mode(mocktill): assert mocktill.mode == '{option}'" * (option == "in process"))
    if option == "MOCKTILL_LIVE":
        monkeypatch.setenv(option, "1")
    if option == "mocktill_live":
        inner.ini("mocktill_live = true")
    arguments = [option] if option.startswith("--") else []
    said = inner.says(*arguments, passed=5 + (option == "in process"))
    assert ("mocktill: sandboxes on a server of this process" in said) == (option != "in process")


@pytest.mark.parametrize("by", ["options", "variables", "ini"])
def test_a_suite_passes_on_a_server(
    inner: Inner, monkeypatch: pytest.MonkeyPatch, guarded: str, sandboxes: Sandboxes, by: str
) -> None:
    """By option, variable or ini file; each test's sandbox is deleted afterwards, and the token is never told."""
    inner.tests(SUITE)
    arguments = [f"--mocktill-url={guarded}", f"--mocktill-token={TOKEN}"] if by == "options" else []
    if by != "options":
        monkeypatch.setenv("MOCKTILL_CONTROL_TOKEN", TOKEN)
    if by == "variables":
        monkeypatch.setenv("MOCKTILL_URL", guarded)
    if by == "ini":
        inner.ini(f"mocktill_url = {guarded}")
    said = inner.says(*arguments, passed=5)
    assert f"mocktill: sandboxes on {guarded}" in said
    assert TOKEN not in said
    assert [box.name for box, _ in sandboxes.all()] == ["default"]


def test_the_verdict_is_the_same_on_a_server(inner: Inner, guarded: str) -> None:
    """Violations, unmatched requests, leaks and the journal are told as they are in process."""
    inner.tests(
        """
        def test_it(mocktill):
            reserve("two")
            ask("GET", "/nowhere")
        def test_leaks(mocktill):
            reserve()
        """
    )
    said = inner.says(f"--mocktill-url={guarded}", f"--mocktill-token={TOKEN}", failed=1, passed=1, warnings=1)
    assert 'body /num_bought: expected integer, got "two"' in said
    assert "near is GET /v1/purchases/{purchase_id} (deem." in said
    assert f"remote at {guarded}, seed 1, the clock runs" in said
    assert "    1 " in said


@pytest.mark.parametrize(("token", "said"), [("wrong", "token"), (None, "token")])
def test_a_wrong_token_is_said_in_a_line(inner: Inner, guarded: str, token: str | None, said: str) -> None:
    """Each test says so at its setup, without a line of ours."""
    inner.tests("def test_it(mocktill): pass")
    given = [] if token is None else [f"--mocktill-token={token}"]
    told = inner.says(f"--mocktill-url={guarded}", *given, errors=1)
    assert "ERROR at setup of test_it" in told
    assert said in told.partition("ERROR at setup")[2].splitlines()[1]
    assert "Traceback" not in told
    assert "client.py" not in told


def test_a_server_that_is_not_there_is_said_in_a_line(inner: Inner) -> None:
    """With its URL, at the setup of each test."""
    inner.tests("def test_it(mocktill): pass")
    said = inner.says("--mocktill-url=http://127.0.0.1:1", errors=1)
    assert "mocktill: no server answers at http://127.0.0.1:1 (Connection refused)" in said
    assert "client.py" not in said


@pytest.mark.parametrize(("body", "outcome"), [("pass", "failed"), ("assert 0, 'of its own'", "failed")])
def test_a_server_that_goes_during_a_test(inner: Inner, catalogue: Catalogue, body: str, outcome: str) -> None:
    """The test says in a sentence that there is no verdict; a failure of its own is not hidden by that."""
    inner.tests(
        f"""
        import conftest

        def test_it(mocktill):
            conftest.SERVER.pop().__exit__()
            {body}
        """
    )
    inner.write(
        "conftest.py",
        """
        from mocktill.doors.app import create_app
        from mocktill.doors.logs.log import Nowhere, RequestLog
        from mocktill.doors.serving.server import ServerThread

        SERVER = []

        def pytest_configure(config):
            SERVER.append(ServerThread(create_app(), RequestLog(Nowhere())))
            config.option.mocktill_url = SERVER[0].__enter__()
        """,
    )
    said = inner.says(**{outcome: 1, "errors": int(body == "pass")})
    assert "it cannot be read: no server answers at http://127.0.0.1:" in said
    assert ("mocktill: there is no verdict: no server answers" in said) == (body == "pass")
    assert ("AssertionError: of its own" in said) == (body != "pass")
    assert "client.py" not in said


@pytest.mark.parametrize(("body", "taken"), [("buy()", 0), ("assert not buy()", 2), ("reserve('two')", 1)])
def test_a_journal_is_fetched_only_to_be_told(
    inner: Inner, guarded: str, monkeypatch: pytest.MonkeyPatch, body: str, taken: int
) -> None:
    """A test that passes on a server costs no calls for a report of it."""
    calls: list[str] = []

    def count(box: Mocktill, *, marked: bool = True) -> Report:
        calls.append(box.name)
        return take(box, marked=marked)

    monkeypatch.setattr(case, "take", count)
    inner.tests(f"def test_it(mocktill): {body}")
    said = inner.says(
        f"--mocktill-url={guarded}", f"--mocktill-token={TOKEN}", passed=int(not taken), failed=int(taken > 0)
    )
    assert (len(calls), "Mocktill journal of " in said) == (taken, taken > 0)


def test_nothing_is_kept_of_a_test_that_is_over(inner: Inner) -> None:
    """At the end of the run no test holds its sandboxes or their journals."""
    inner.write(
        "conftest.py",
        """
        from mocktill.doors.plugin import CASE

        def pytest_sessionfinish(session):
            print("kept:", len(session.items), sum(CASE in item.stash for item in session.items))
        """,
    )
    inner.tests("def test_it(mocktill): buy()\ndef test_fails(mocktill): assert not buy()")
    assert "kept: 2 0" in inner.says("-s", passed=1, failed=1)


def test_a_server_has_fixtures_of_its_own(inner: Inner, guarded: str) -> None:
    """What the ini file says of seed files is for sandboxes of this process, and no hindrance elsewhere."""
    inner.ini("mocktill_fixtures = gone")
    inner.tests("def test_it(mocktill): assert mocktill.deem.stock('last-one').free == 1")
    inner.says(errors=1)
    inner.says(f"--mocktill-url={guarded}", f"--mocktill-token={TOKEN}", passed=1)


def test_two_places_at_once_are_refused(inner: Inner) -> None:
    """A URL and a server of this process are two different things; the closer of two sources counts."""
    inner.tests("def test_it(mocktill): assert mocktill.mode == 'live'")
    result = inner.run("--mocktill-live", "--mocktill-url=http://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--mocktill-url and --mocktill-live say two different things" in result.stderr.str()
    inner.ini("mocktill_url = http://127.0.0.1:1")
    inner.says("--mocktill-live", passed=1)


def test_a_url_that_is_none_ends_the_run(inner: Inner) -> None:
    """Before the first test, in a sentence."""
    inner.tests("def test_it(mocktill): pass")
    result = inner.run("--mocktill-url=127.0.0.1:8080")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "'127.0.0.1:8080' is no URL of a server" in result.stderr.str()


# how tests are written


def test_a_unittest_has_a_sandbox(inner: Inner) -> None:
    """By a fixture that is always used, or as a context that is entered in `setUp`; each is judged."""
    inner.tests(
        """
        import unittest

        class ByFixture(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def given(self, mocktill):
                self.mocktill = mocktill

            def test_buys(self):
                self.assertEqual(buy().status_code, 200)
                self.assertEqual(len(self.mocktill.journal), 2)

            def test_violates(self): reserve("two")
            def test_skips(self): reserve("two"), self.skipTest("no")
            def test_fails(self): self.assertTrue(reserve("two") is None, "of its own")

            @unittest.expectedFailure
            def test_is_expected_to_fail(self): reserve("two"), self.fail()

        class ByContext(unittest.TestCase):
            def setUp(self): self.box = self.enterContext(till.sandbox())
            def test_buys(self): buy()
            def test_violates(self): reserve("two")
        """
    )
    said = inner.says(passed=2, failed=3, skipped=1, xfailed=1)
    assert said.count("this breaks the contract\n") == 2
    assert "AssertionError: False is not true : of its own" in said
    assert "mocktill.Violated: POST /v1/purchases/reserve" in said
    assert "verdict.py" not in said


def test_an_asynchronous_test_has_a_sandbox(inner: Inner) -> None:
    """The calls of its event loop lead to it, with httpx and with aiohttp."""
    inner.tests(
        """
        import aiohttp, httpx

        @pytest.fixture
        def anyio_backend(): return "asyncio"

        @pytest.mark.anyio
        async def test_it(mocktill):
            url = "https://api.offers.deem.com/v1/purchases/34063ec2?api_key=1234567"
            async with httpx.AsyncClient() as client:
                assert (await client.get(url)).status_code == 200
            async with aiohttp.ClientSession() as client, client.get(url) as response:
                assert response.status == 200
            assert len(mocktill.journal) == 2

        @pytest.mark.anyio
        async def test_violates(mocktill):
            async with httpx.AsyncClient() as client:
                await client.get("https://api.offers.deem.com/nowhere")
        """
    )
    assert "this is for no operation" in inner.says(passed=1, failed=1)


def test_faults_are_the_clients_own_exceptions(inner: Inner) -> None:
    """What a fault does to a call is what the client raises for it, at once."""
    inner.tests(
        """
        import httpx, requests

        URL = "https://api.offers.deem.com/v1/purchases/34063ec2?api_key=1234567"

        @pytest.mark.mocktill(faults={"what": {"delay": "30s"}})
        def test_late(mocktill):
            with requests.Session() as client, pytest.raises(requests.ReadTimeout):
                client.get(URL, timeout=5)
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(URL, timeout=5)

        @pytest.mark.mocktill(faults=["dropped"])
        def test_dropped(mocktill):
            with requests.Session() as client, pytest.raises(requests.ConnectionError):
                client.get(URL)
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(URL)
        """
    )
    inner.says(passed=2)


def test_a_test_that_is_run_again_begins_anew(inner: Inner) -> None:
    """A plugin that runs a test twice gives it a fresh sandbox, and a verdict of its own, each time."""
    inner.write(
        "conftest.py",
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item._initrequest()
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """,
    )
    inner.tests("def test_it(mocktill):\n    assert not mocktill.journal\n    buy()\n    reserve('two')")
    said = inner.says(failed=2)
    assert said.count("- Mocktill journal of ") == 2


# the run as a whole


@pytest.mark.parametrize("fixture", ["mocktill", "mocktill_live"])
def test_workers_do_not_disturb_each_other(inner: Inner, monkeypatch: pytest.MonkeyPatch, fixture: str) -> None:
    """Under xdist each of four workers has sandboxes, and a server, of its own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # five processes need not load what they do not use
    inner.tests(
        f"""
        @pytest.mark.parametrize("number", range(12))
        def test_it({fixture}, number):
            assert {fixture}.deem.stock("last-one").free == 1
            {fixture}.deem.set_stock("last-one", number)
            assert buy({fixture}.url("deem")).status_code == 200
            assert len({fixture}.journal) == 2

        def test_violates({fixture}): reserve("two")
        """
    )
    result = inner.pytester.runpytest_subprocess("-p", "xdist", "-p", "mocktill.doors.plugin", "-n4", *WARNING)
    result.assert_outcomes(passed=12, failed=1)
    said = result.stdout.str()
    assert "- Mocktill journal of test_it.py-test_violates-" in said
    assert "this breaks the contract" in said


def test_any_order_will_do(inner: Inner) -> None:
    """Shuffled as pytest-random-order does it, the same tests pass."""
    inner.tests(SUITE)
    for seed in ("1", "2", "3"):
        inner.says("--random-order", f"--random-order-seed={seed}", passed=5)


def test_the_plugin_can_be_left_out(inner: Inner) -> None:
    """`-p no:mocktill` leaves no fixture and no option, and a test that needs none is as it was."""
    inner.tests("def test_it(): pass\ndef test_other(mocktill): pass")
    said = inner.says("-p", "no:mocktill", passed=1, errors=1)
    assert "fixture 'mocktill' not found" in said
    assert inner.run("-p", "no:mocktill", "--mocktill-live").ret == pytest.ExitCode.USAGE_ERROR


def test_warnings_as_errors_are_no_trouble(inner: Inner) -> None:
    """With `-W error` the plugin itself warns of nothing, wherever the sandboxes are."""
    inner.tests(SUITE)
    for mode in ([], ["--mocktill-live"]):
        inner.pytester.runpytest_inprocess("-W", "error", *mode).assert_outcomes(passed=5)


def test_collecting_makes_nothing(inner: Inner) -> None:
    """`--collect-only` lists tests and makes no sandbox, and no server for them."""
    inner.tests("def test_it(mocktill): pass\n@pytest.mark.mocktill(sed=7)\ndef test_other(mocktill): pass")
    said = inner.says("--collect-only", "--mocktill-url=http://127.0.0.1:1")
    assert "2 tests collected" in said


def test_the_plugin_explains_itself(inner: Inner) -> None:
    """Marker, fixtures and options have a description each."""
    inner.tests("")
    marker = (
        "@pytest.mark.mocktill(apis, seed, now, choices, faults, state, answers, violations='fail'|'warn'|'allow', "
        "webhooks): "
    )
    assert marker in inner.run("--markers").stdout.str()
    fixtures = inner.run("--fixtures").stdout.str()
    assert "mocktill -- " in fixtures
    assert "A fresh sandbox of the purchase APIs" in fixtures
    assert "A fresh sandbox behind a real socket" in fixtures
    told = inner.run("--help").stdout.str()
    names = ("url", "live", "apis", "seed", "now", "choices", "faults", "state", "answers", "violations", "fixtures")
    for name in ("--mocktill-url", "--mocktill-token", "--mocktill-live", *(f"mocktill_{name}" for name in names)):
        assert f"  {name}" in told


IMPORTED = """
    import sys

    LIGHT = {"mocktill", "mocktill.doors", "mocktill.doors.plugin"}

    def test_nothing_heavy():
        ours = {name for name in sys.modules if name.partition(".")[0] == "mocktill"}
        assert ours == LIGHT
        assert not {"flask", "jsonschema", "orjson", "yaml", "granian"} & sys.modules.keys()
"""


def test_a_run_that_needs_nothing_imports_nothing(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the plugin no module of ours is there, and no package that we are made of."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    inner.write("test_it.py", IMPORTED)
    result = inner.pytester.runpytest_subprocess("-p", "mocktill.doors.plugin")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("way", ["pytest --cov", "coverage run"])
def test_coverage_sees_what_is_imported(inner: Inner, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """All lines that run at import count, but those of the plugin and its packages where coverage begins after it."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    inner.write(
        ".coveragerc", "[run]\nsource = mocktill\n[report]\ninclude = */doors/plugin.py,*/doors/testing/verdict.py"
    )
    inner.tests("def test_it(mocktill): buy()")
    plugin = ["-p", "mocktill.doors.plugin"]
    if way == "pytest --cov":
        result = inner.pytester.runpytest_subprocess(*plugin, "-p", "pytest_cov", "--cov", "--cov-report=term")
    else:
        inner.pytester.run(sys.executable, "-m", "coverage", "run", "-m", "pytest", *plugin)
        result = inner.pytester.run(sys.executable, "-m", "coverage", "report")
    covered = {
        Path(parts[0]).name: int(parts[-1].rstrip("%"))
        for parts in (line.split() for line in result.outlines)
        if len(parts) == 4 and parts[-1].endswith("%")
    }
    assert covered["verdict.py"] > 50
    assert (covered["plugin.py"] > 60) == (way == "coverage run")


def test_a_servers_own_end_is_not_ours(inner: Inner, guarded: str, sandboxes: Sandboxes) -> None:
    """A test may delete its sandbox on a server itself: nothing is made of that."""
    inner.tests(
        f"""
        from mocktill.doors.remote import Remote

        def test_it(mocktill):
            Remote("{guarded}", "{TOKEN}").delete(mocktill.name)
        """
    )
    inner.says(f"--mocktill-url={guarded}", f"--mocktill-token={TOKEN}", passed=1)
    assert [listed.name for listed in Remote(guarded, TOKEN).sandboxes()] == ["default"]
