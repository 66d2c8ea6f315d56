"""What the ini file, markers, the command line and the environment make of a test's settings."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.core.names import is_name
from mocktill.doors.testing.options import sandbox_name
from tests.doors.testing.inner import Inner
from tests.doors.testing.inner import inner as inner

STATE = '{"version": 1, "tables": {"mocktill.choices": {"deem.claim_twice": {"value": "same_answer"}}}}'


def told(said: str) -> str:
    """Return the line that a test says at its setup, which is all that it says."""
    lines = said.partition("ERROR at setup of test_it")[2].splitlines()[1:]
    assert lines[1].startswith("====")
    return lines[0]


# the ini file


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("mocktill_apis = deem drip", "sorted(mocktill.settings.apis) == ['deem', 'drip']"),
        ("mocktill_seed = 7", "mocktill.seed == 7"),
        ("mocktill_seed =", "mocktill.seed == 1"),
        ("mocktill_now = 2026-03-02T12:00:00Z", "mocktill.clock.now().isoformat() == '2026-03-02T12:00:00+00:00'"),
        (
            "mocktill_choices =\n  deem.claim_twice = same_answer\n  drip.missing_user_agent=refuse",
            "list(mocktill.settings.choices.values()) == ['same_answer', 'refuse']",
        ),
        ("mocktill_faults =\n  slow\n  lost-answer", "len(mocktill.faults.all()) == 2"),
        ("mocktill_state = states/one.json", "mocktill.choices['deem.claim_twice'] == 'same_answer'"),
        ("mocktill_answers = canned", "mocktill.settings.answers == 'canned'"),
        ("mocktill_violations = allow", "reserve('two').status_code == 422"),
        ("mocktill_fixtures = seeds", "mocktill.deem.stock('mine').free == 3"),
        ("mocktill_live = yes", "mocktill.mode == 'live'"),
        ("mocktill_pass_hosts = *.example.com localhost", "mocktill.place.passing == ('*.example.com', 'localhost')"),
        ("mocktill_pass_hosts =", "mocktill.place.passing == ()"),
        ("console_output_style = classic", "mocktill.place.passing == ('*',)"),
    ],
)
def test_the_ini_file_says_how_sandboxes_begin(inner: Inner, line: str, holds: str) -> None:
    """Each option holds for all tests; paths are relative to the root folder."""
    inner.write("states/one.json", STATE)
    deal = "{title: Mine, price: 100, stock: 3, max_per_user: 3}"
    inner.write("seeds/deem/seed.yaml", f"version: 1\ntables: {{deals: {{mine: {deal}}}}}")
    inner.ini(line)
    inner.tests(f"def test_it(mocktill): assert {holds}", name="below/test_it.py")
    inner.write("below/shop.py", (inner.path / "shop.py").read_text())
    inner.says(passed=1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mocktill_seed = seven", "the ini option mocktill_seed is a whole number, not 'seven'"),
        ("mocktill_now = noon", "now is an instant with a time zone, as in '2026-03-02T12:00:00Z'; not 'noon'"),
        ("mocktill_apis = square", "there is no API 'square'; there are deem, drip, supertab, kajabi"),
        ("mocktill_apis = 'deem", "the ini option mocktill_apis cannot be read: No closing quotation"),
        ("mocktill_choices = deem", "a line of the ini option mocktill_choices is NAME=VALUE, not 'deem'"),
        ("mocktill_faults = sloww", "faults: fault 1: there is no preset 'sloww'"),
        ("mocktill_state = gone.json", "the state {path}/gone.json cannot be read: No such file or directory"),
        ("mocktill_fixtures = gone", "{path}/gone: there is no such folder"),
        ("mocktill_violations = ignore", "violations is fail, warn or allow; not 'ignore'"),
        ("mocktill_answers = any", "answers is stateful, canned or generated; not 'any'"),
    ],
)
def test_a_mistake_in_the_ini_file_is_a_sentence(inner: Inner, line: str, said: str) -> None:
    """Each test that asks for a sandbox says it at its setup, without a line of ours; the others run."""
    inner.ini(line)
    inner.tests("def test_it(mocktill): pass\ndef test_other(): pass")
    assert told(inner.says(errors=1, passed=1)).startswith(f"mocktill: {said.format(path=inner.path)}")


def test_a_choice_of_the_run_is_for_those_who_have_it(inner: Inner) -> None:
    """A sandbox without the API is made without it; what is no choice of any API is a mistake everywhere."""
    inner.ini("mocktill_choices = deem.claim_twice = same_answer")
    inner.tests(
        """
        @pytest.mark.mocktill(apis=["drip"])
        def test_without(mocktill): assert mocktill.settings.choices == {}

        @pytest.mark.mocktill(apis=["deem"])
        def test_with(mocktill): assert mocktill.choices["deem.claim_twice"] == "same_answer"
        """
    )
    inner.says(passed=2)
    inner.tests("@pytest.mark.mocktill(apis=['drip'])\ndef test_it(mocktill): pass")
    for wrong in ("deem.claim_twise", "square.claim_twice"):
        inner.ini(f"mocktill_choices = {wrong} = same_answer")
        assert f"there is no choice '{wrong}'" in told(inner.says(errors=1))
    inner.ini()
    inner.tests("@pytest.mark.mocktill(apis='drip', choices={'deem.claim_twice': 'same_answer'})\n"
                "def test_it(mocktill): pass")  # fmt: skip
    assert "there is no choice 'deem.claim_twice'" in told(inner.says(errors=1))


def test_no_truth_in_the_ini_file_ends_the_run(inner: Inner) -> None:
    """Before the first test, with the option's name; where nothing is said then, each test says it."""
    inner.tests("def test_it(mocktill): pass")
    result = inner.run("-o", "mocktill_live=maybe")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the ini option mocktill_live cannot be read: " in result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str()
    said = told(inner.says("-q", "-o", "mocktill_live=maybe", errors=1))
    assert said.startswith("mocktill: the ini option mocktill_live cannot be read: ")


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="this table is not read by an older pytest")
def test_a_value_of_another_type_is_a_sentence(inner: Inner) -> None:
    """Where TOML has types, pytest says which one is wanted."""
    inner.write("pyproject.toml", "[tool.pytest]\nmocktill_seed = 7")
    inner.tests("def test_it(mocktill): pass")
    assert told(inner.says(errors=1)).startswith("mocktill: the ini option mocktill_seed cannot be read: ")


# markers


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("apis='deem'", "mocktill.settings.apis == ('deem',)"),
        ("apis=['deem', 'kajabi']", "mocktill.settings.apis == ('deem', 'kajabi')"),
        ("seed=7", "mocktill.seed == 7"),
        ("now='2026-03-02T13:00:00+01:00'", "mocktill.clock.now().isoformat() == '2026-03-02T12:00:00+00:00'"),
        ("now=datetime(2026, 3, 2, tzinfo=UTC)", "mocktill.clock.frozen"),
        ("choices={'deem.claim_twice': 'same_answer'}", "mocktill.choices['deem.claim_twice'] == 'same_answer'"),
        ("faults='slow'", "len(mocktill.faults.all()) == 1"),
        ("faults=['slow', {'what': {'status': 503}}]", "len(mocktill.faults.all()) == 2"),
        ("faults={'what': {'status': 503}}", "reserve().status_code == 503"),
        ("state='one.json'", "mocktill.choices['deem.claim_twice'] == 'same_answer'"),
        ("state='one.yaml'", "mocktill.choices['deem.claim_twice'] == 'same_answer'"),
        ("state=Path('one.json')", "mocktill.choices['deem.claim_twice'] == 'same_answer'"),
        ("state={'version': 1, 'tables': {}}", "mocktill.deem.deals() == []"),
        ("answers='canned'", "mocktill.settings.answers == 'canned'"),
        ("violations='allow'", "reserve('two').status_code == 422"),
    ],
)
def test_a_marker_says_how_a_sandbox_begins(inner: Inner, marker: str, holds: str) -> None:
    """Each of its settings; a path is relative to the folder of the test's file."""
    beginning = (
        "import pytest\nfrom datetime import UTC, datetime\nfrom pathlib import Path\nfrom shop import reserve\n"
    )
    test = f"@pytest.mark.mocktill({marker})\ndef test_it(mocktill): assert {holds}\n"
    inner.write("below/test_it.py", beginning + test)
    inner.write("below/shop.py", (inner.path / "shop.py").read_text())
    for name in ("one.json", "one.yaml"):
        inner.write(f"below/{name}", STATE)
    inner.says(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("seeds=7", "the marker mocktill has no setting 'seeds': did you mean seed?"),
        ("url='http://127.0.0.1:1'", "the marker mocktill has no setting 'url': there are apis, seed, now, choices,"),
        ("7", "the marker mocktill takes its settings by name, as in seed=7; not 7"),
        ("seed='7'", "seed is a whole number, not '7'"),
        ("now='2026-03-02'", "now is an instant with a time zone"),
        ("choices={'deem.claim_twise': 'x'}", "there is no choice 'deem.claim_twise': did you mean deem.claim_twice"),
        ("choices={'deem.claim_twice': 'x'}", "deem.claim_twice is one of "),
        ("faults='sloww'", "faults: fault 1: there is no preset 'sloww'"),
        ("faults=['slow', {'what': {'status': 7}}]", "faults: fault 2: /what/status: expected 200 or more, got 7"),
        ("state='gone.json'", "the state {path}/gone.json cannot be read: No such file or directory"),
        ("state='bad.json'", "{path}/bad.json:2: this is no JSON: "),
        ("state='wrong.json'", "{path}/wrong.json: /tables/deem.nothing: "),
        ("state={'version': 2, 'tables': {}}", "the state: /version: expected 1, got 2"),
        ("apis='square'", "there is no API 'square'"),
        ("violations=False", "violations is fail, warn or allow; not False"),
    ],
)
def test_a_mistake_in_a_marker_is_a_sentence(inner: Inner, marker: str, said: str) -> None:
    """The test says it at its setup, with file and pointer where there are such, and without a line of ours."""
    inner.write("bad.json", "{\n")
    inner.write("wrong.json", '{"version": 1, "tables": {"deem.nothing": {}}}')
    inner.tests(f"@pytest.mark.mocktill({marker})\ndef test_it(mocktill): pass")
    assert told(inner.says(errors=1)).startswith(f"mocktill: {said.format(path=inner.path)}")


def test_the_closest_word_counts(inner: Inner) -> None:
    """For each setting by itself: test over class, class over module, module over ini file; None takes one back."""
    inner.ini("mocktill_seed = 1", "mocktill_now = 2026-03-02T12:00:00Z", "mocktill_answers = canned")
    inner.tests(
        """
        pytestmark = pytest.mark.mocktill(seed=2, answers="generated")

        @pytest.mark.mocktill(seed=3, violations="warn")
        class TestShop:
            def given(self, mocktill):
                settings = mocktill.settings
                return settings.seed, settings.answers, settings.violations, mocktill.clock.frozen

            def test_class(self, mocktill):
                assert self.given(mocktill) == (3, "generated", "warn", True)

            @pytest.mark.mocktill(seed=4, now=None)
            def test_own(self, mocktill):
                assert self.given(mocktill) == (4, "generated", "warn", False)

            @pytest.mark.mocktill(seed=5)
            @pytest.mark.mocktill(seed=6, violations="allow")
            def test_nearest(self, mocktill):
                assert self.given(mocktill) == (6, "generated", "allow", True)

        def test_module(mocktill): assert (mocktill.seed, mocktill.settings.answers) == (2, "generated")

        @pytest.mark.parametrize("seed", [pytest.param(8, marks=pytest.mark.mocktill(seed=8))])
        def test_parameter(mocktill, seed): assert mocktill.seed == seed
        """
    )
    inner.says(passed=5)


# the environment


@pytest.mark.parametrize(("value", "mode"), [("1", "live"), ("TRUE", "live"), ("0", "in process"), ("", "in process")])
def test_the_environment_says_where(inner: Inner, monkeypatch: pytest.MonkeyPatch, value: str, mode: str) -> None:
    """`MOCKTILL_LIVE` is truth in one of the usual words."""
    monkeypatch.setenv("MOCKTILL_LIVE", value)
    inner.tests(f"def test_it(mocktill): assert mocktill.mode == '{mode}'")
    inner.says(passed=1)


def test_the_environment_may_be_wrong(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that is none ends the run; where nothing is said at its beginning, each test says it."""
    monkeypatch.setenv("MOCKTILL_LIVE", "perhaps")
    inner.tests("def test_it(mocktill): pass")
    result = inner.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "MOCKTILL_LIVE is 1 or 0, not 'perhaps'" in result.stderr.str()
    assert told(inner.says("-q", errors=1)) == "mocktill: MOCKTILL_LIVE is 1 or 0, not 'perhaps'"


def test_a_url_of_the_environment_gives_way_to_the_command_line(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line counts before the environment, and that before the ini file."""
    inner.tests("def test_it(mocktill): assert mocktill.mode == 'live'")
    monkeypatch.setenv("MOCKTILL_URL", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1" in told(inner.says(errors=1))
    inner.says("--mocktill-live", passed=1)
    inner.ini("mocktill_live = 1")
    assert "http://127.0.0.1:1" in told(inner.says(errors=1))


@pytest.mark.parametrize(
    ("environment", "arguments", "ini", "mode"),
    [
        ({"MOCKTILL_LIVE": "0"}, [], "mocktill_live = true", "in process"),
        ({"MOCKTILL_LIVE": "0"}, [], "mocktill_url = http://127.0.0.1:1", "in process"),
        ({"MOCKTILL_LIVE": ""}, ["--mocktill-live"], "", "live"),
        ({"MOCKTILL_URL": ""}, [], "mocktill_live = true", "in process"),
        ({"MOCKTILL_URL": "http://127.0.0.1:1"}, ["--mocktill-url="], "", "in process"),
        ({}, ["--mocktill-url="], "mocktill_url = http://127.0.0.1:1", "in process"),
        ({}, [], "mocktill_live = true", "live"),
    ],
)
def test_the_first_word_on_where_counts(
    inner: Inner,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: list[str],
    ini: str,
    mode: str,
) -> None:
    """A no is a word as well: what comes after it is not asked."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    inner.ini(ini)
    inner.tests(f"def test_it(mocktill): assert mocktill.mode == '{mode}'")
    inner.says(*arguments, passed=1)


# names


@given(st.text(max_size=200), st.sampled_from(["", "live"]))
def test_a_name_is_a_name(nodeid: str, kind: str) -> None:
    """Whatever a test is called, its sandbox has a name that it may have, and always the same."""
    name = sandbox_name(nodeid, kind)
    assert is_name(name)
    assert name == sandbox_name(nodeid, kind)


def test_a_name_tells_the_test() -> None:
    """It ends in the test's own, and a hash tells apart what would look the same."""
    long = f"tests/{string.ascii_letters}/test_shop.py::TestShop::test_buys"
    assert sandbox_name("test_shop.py::test_buys").startswith("test_shop.py-test_buys-")
    assert "TestShop-test_buys-" in sandbox_name(long)
    assert "TestShop-test_buys-live-" in sandbox_name(long, "live")
    assert len({sandbox_name(f"test.py::test[{mark}]") for mark in "!?/ é"}) == 5
    assert sandbox_name("test_shop.py::test_buys") != sandbox_name("test_shop.py::test_buys", "live")


@pytest.mark.parametrize("letter", [chr(0xDCE9), chr(0xD800)])
def test_a_name_of_a_folder_that_is_no_text(letter: str) -> None:
    """A test in a folder whose name is in another encoding has a sandbox as well, and one of its own."""
    assert is_name(sandbox_name(f"caf{letter}/test_it.py::test"))
    assert sandbox_name(f"caf{letter}/test_it.py::test") != sandbox_name(f"caf{chr(0xDCEA)}/test_it.py::test")


def test_a_path_is_a_path(tmp_path: Path) -> None:
    """Tests of folders that are called alike have sandboxes of different names."""
    assert sandbox_name(f"{tmp_path}/a/test_it.py::test") != sandbox_name(f"{tmp_path}/b/test_it.py::test")
