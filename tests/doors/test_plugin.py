"""The pytest plugin: what becomes of tests, which are run here as their authors would run them."""

from __future__ import annotations

import pytest

from tests.doors.testing.inner import Inner
from tests.doors.testing.inner import inner as inner

INTERNALS = ("verdict.py", "case.py", "context.py", "plugin.py:", "Traceback")
"""What no test author wants to read."""


def clean(said: str) -> str:
    """Return what a run says, in which nothing of ours is a line of a traceback."""
    assert not [word for word in INTERNALS if word in said], said
    return said


# what is wrong


def test_a_test_that_keeps_the_contract_passes(inner: Inner) -> None:
    """Calls to the vendor's own host are answered, and nothing is said besides."""
    inner.tests("def test_buys(mocktill): assert buy().json()['purchase']['payment_state'] == 'charged'")
    assert "journal" not in inner.says(passed=1, warnings=0)


def test_a_violation_fails_the_test(inner: Inner) -> None:
    """The request is told with what was answered, pointer, what was expected, what came, rule and source."""
    inner.tests("def test_reserves(mocktill): assert reserve('two').status_code == 422")
    said = clean(inner.says(failed=1))
    assert (
        "POST /v1/purchases/reserve?api_key=*** (deem.reserve_purchase), answered 422: this breaks the contract" in said
    )
    assert (
        'body /num_bought: expected integer, got "two" (type; Deem Offers API, Purchases: Reserve a purchase)' in said
    )
    assert "expect_violation('/num_bought', operation='deem.reserve_purchase')" in said


def test_a_request_that_no_operation_matches_fails_the_test(inner: Inner) -> None:
    """The nearest operations are told, and why each of them is not meant."""
    inner.tests("def test_looks(mocktill): ask('GET', '/v1/purchase/12')")
    said = clean(inner.says(failed=1))
    assert "GET /v1/purchase/12?api_key=*** (deem, no operation), answered 404: this is for no operation" in said
    assert "near is GET /v1/purchases/{purchase_id} (deem.get_purchase): `purchase` is not `purchases`" in said
    assert "expect_violation(method='GET', path='/v1/purchase/12')" in said


def test_what_a_vendor_tolerates_warns(inner: Inner) -> None:
    """A departure that the vendor lets pass is a warning at the test's line; the same again is only counted."""
    inner.tests(
        """
        from http.client import HTTPSConnection

        def test_asks_without_a_user_agent(mocktill):
            for number in range(3):
                client = HTTPSConnection("api.getdrip.com")
                client.request("GET", "/v2/9999999/subscribers/nobody", headers={"Authorization": "Bearer x"})
                client.getresponse().read()
        """
    )
    said = clean(inner.says(passed=1, warnings=1))
    assert "test_it.py:6: ContractWarning: GET /v2/9999999/subscribers/nobody (drip.read_subscriber), " in said
    assert "and 2 more like it: header /user-agent: expected a value, got nothing (required; " in said


@pytest.mark.parametrize(("policy", "outcomes"), [("allow", {}), ("warn", {"warnings": 2}), ("fail", {"failed": 1})])
def test_a_marker_says_what_becomes_of_violations(inner: Inner, policy: str, outcomes: dict[str, int]) -> None:
    """They are allowed, warned of one by one, or fail."""
    inner.tests(
        f"""
        @pytest.mark.mocktill(violations="{policy}")
        def test_reserves(mocktill):
            reserve("two")
            ask("GET", "/nowhere")
        """
    )
    said = inner.says(**{"passed": int(policy != "fail"), **outcomes})
    assert ("this breaks the contract" in said) == (policy != "allow")


@pytest.mark.parametrize(
    "expectation",
    [
        "mocktill.expect_violation()",
        "mocktill.expect_violation('/num_bought')",
        "mocktill.expect_violation('/num_bought', api='deem', operation='reserve_purchase', method='post', status=422)",
        "mocktill.expect_violation(path='/v1/purchases/*', status='4xx')",
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_was_expected_does_not_fail(inner: Inner, expectation: str, late: bool) -> None:
    """A test says, before or after, which violation it means."""
    lines = ["reserve('two')", expectation]
    inner.tests("def test_it(mocktill):\n    " + "\n    ".join(lines if late else reversed(lines)))
    inner.says(passed=1)


def test_an_unmatched_request_can_be_expected(inner: Inner) -> None:
    """Without a pointer an expectation is for requests that no operation matches, too."""
    inner.tests(
        """
        def test_it(mocktill):
            mocktill.expect_violation(path="/nowhere")
            ask("GET", "/nowhere")
        """
    )
    inner.says(passed=1)


def test_an_expectation_allows_no_more_than_it_says(inner: Inner) -> None:
    """With a pointer, what else is wrong with the same request still fails."""
    inner.tests(
        """
        def test_it(mocktill):
            mocktill.expect_violation("/num_bought")
            ask("POST", "/v1/purchases/reserve", {"deal_id": 7, "num_bought": "two"})
        """
    )
    said = clean(inner.says(failed=1))
    assert "body /deal_id: expected string, got 7" in said
    assert "body /num_bought" not in said


@pytest.mark.parametrize("policy", ["fail", "warn", "allow"])
def test_an_expectation_that_nothing_meets_fails(inner: Inner, policy: str) -> None:
    """Whatever is allowed: the test said that it would come."""
    inner.tests(
        f"""
        @pytest.mark.mocktill(violations="{policy}")
        def test_it(mocktill):
            mocktill.expect_violation("/num_bought", operation="reserve_purchase")
            buy()
        """
    )
    said = clean(inner.says(passed=1, errors=1))
    assert "this was expected, and nothing like it came: at /num_bought, operation reserve_purchase" in said


def test_what_is_expected_may_come_in_a_teardown(inner: Inner) -> None:
    """An expectation holds to the end: a fixture that lies around the test may meet it."""
    inner.tests(
        """
        @pytest.fixture
        def shop(mocktill):
            yield
            reserve("two")

        def test_it(mocktill, shop): mocktill.expect_violation("/num_bought")
        """
    )
    inner.says(passed=1)


@pytest.mark.parametrize("line", ["mocktill.reset()", "mocktill.journal.clear()", "afar.reset()"])
def test_emptying_a_journal_hides_nothing(inner: Inner, line: str) -> None:
    """What was wrong before a test, or somebody else, emptied its journal is judged, and meets what is expected."""
    inner.tests(
        f"""
        from mocktill.doors.remote import RemoteSandbox

        @pytest.mark.parametrize("expected", [True, False])
        def test_it(mocktill_live, expected):
            mocktill, (url, name) = mocktill_live, mocktill_live.url("deem").removesuffix("/deem").split("/~")
            afar = RemoteSandbox(url, name)
            if expected:
                mocktill.expect_violation("/num_bought")
            reserve("two")
            {line}
        """
    )
    assert "body /num_bought" in inner.says(passed=1, failed=1)


def test_a_leaked_reservation_warns(inner: Inner) -> None:
    """One that is neither used nor given back when the test is over, whether it is held or ran out."""
    inner.tests(
        """
        @pytest.mark.mocktill(now="2026-03-02T12:00:00Z")
        def test_it(mocktill):
            reserve()
            mocktill.clock.advance(minutes=6)
            reserve(2)
        """
    )
    said = clean(inner.says(passed=1, warnings=2))
    assert "LeakWarning: deem: the reservation " in said
    assert "(1 of la-1024-wsc-hair-studio-01-2, expired at 2026-03-02T12:05:00.000000Z) was neither used" in said
    assert "(2 of la-1024-wsc-hair-studio-01-2, held until 2026-03-02T12:11:00.000000Z) was neither used" in said


def test_a_warning_can_be_made_an_error(inner: Inner) -> None:
    """A filter of the run makes a failure of it, in the same words; the name of the kind is a public one."""
    inner.tests("def test_it(mocktill): reserve()\ndef test_other(mocktill): buy()")
    said = clean(inner.says("-W", "error::mocktill.LeakWarning", passed=2, errors=1))
    assert "ERROR at teardown of test_it" in said
    assert "LeakWarning: deem: the reservation" in said


def test_hosts_that_are_not_let_by_fail_the_test(inner: Inner) -> None:
    """Where the run lets no other hosts by, reaching for one is a client's own error, and told."""
    inner.ini("mocktill_pass_hosts =")
    inner.tests(
        """
        import requests

        def test_it(mocktill):
            with pytest.raises(requests.ConnectionError, match="not reached from this test"):
                requests.get("https://example.com/")
        """
    )
    assert "reached for example.com, which pass_hosts does not let by" in clean(inner.says(failed=1))


# where it is told


def test_a_failing_test_is_told_its_journal(inner: Inner) -> None:
    """The report has where the sandbox was, its seed and time, each request in a line, and how to repeat it."""
    inner.tests(
        """
        @pytest.mark.mocktill(seed=7, now="2026-03-02T12:00:00Z")
        def test_it(mocktill):
            buy()
            assert len(mocktill.journal) == 3
        """
    )
    said = clean(inner.says(failed=1))
    assert "assert 2 == 3" in said
    assert "- Mocktill journal of test_it.py-test_it-" in said
    assert "in process, seed 7, frozen at 2026-03-02T12:00:00.000000Z" in said
    assert "    1 12:00:00 200  POST   /v1/purchases/reserve?api_key=***" in said
    assert "to repeat it: @pytest.mark.mocktill(seed=7, now='2026-03-02T12:00:00.000000Z')" in said


@pytest.mark.parametrize("place", ["setup", "teardown"])
def test_a_failing_fixture_is_told_the_journal(inner: Inner, place: str) -> None:
    """Also where a fixture fails that uses the sandbox, before the test or after it; there is no verdict then."""
    inner.tests(
        f"""
        @pytest.fixture
        def shop(mocktill):
            reserve("two" if "{place}" == "setup" else 1)
            assert "{place}" != "setup"
            yield
            assert not mocktill.journal

        def test_it(shop): pass
        """
    )
    said = clean(inner.says(passed=int(place == "teardown"), errors=1, warnings=int(place == "teardown")))
    assert f"ERROR at {place} of test_it" in said
    assert "- Mocktill journal of" in said
    assert "POST   /v1/purchases/reserve" in said
    assert "this breaks the contract" not in said


def test_what_comes_after_the_body_is_an_error_at_teardown(inner: Inner) -> None:
    """A violation in a fixture's teardown is judged as well, and what the body did is not told once more."""
    inner.tests(
        """
        @pytest.fixture
        def shop(mocktill):
            yield
            reserve("two")

        def test_fails(shop): reserve("three")
        def test_passes(shop): pass
        """
    )
    said = clean(inner.says(passed=1, failed=1, errors=2))
    assert said.count("ERROR at teardown") == 2
    assert said.count('expected integer, got "three" (type') == 1
    assert said.count('expected integer, got "two" (type') == 2


@pytest.mark.parametrize(
    ("line", "outcome"),
    [("assert 0", "failed"), ("pytest.fail('no')", "failed"), ("pytest.skip('no')", "skipped"),
     ("pytest.xfail('no')", "xfailed")],
)  # fmt: skip
def test_a_test_that_has_its_own_outcome_keeps_it(inner: Inner, line: str, outcome: str) -> None:
    """A test that fails or is skipped gets no verdict besides."""
    inner.tests(f"def test_it(mocktill):\n    reserve('two')\n    {line}")
    assert "this breaks the contract" not in clean(inner.says(**{outcome: 1}))


def test_a_test_that_is_expected_to_fail(inner: Inner) -> None:
    """A verdict is a failure like any other: `xfail` takes it for one."""
    inner.tests(
        """
        @pytest.mark.xfail(strict=True)
        def test_it(mocktill): reserve("two")
        """
    )
    inner.says(xfailed=1)


# what is left of it


@pytest.mark.parametrize("place", ["body", "fixture", "expectation"])
def test_patches_are_gone_after_the_test(inner: Inner, place: str) -> None:
    """Whatever happened in it: an exception in the body, in a fixture around it, or a verdict."""
    inner.tests(
        f"""
        import http.client, socket, urllib3, httpx, aiohttp
        from mocktill.doors.interception.places import PLACES

        def patched():
            return [
                http.client.HTTPConnection.connect, urllib3.connection.HTTPConnection.connect, socket.getaddrinfo,
                httpx.HTTPTransport.handle_request, aiohttp.TCPConnector._create_connection,
            ]

        BEFORE = patched()

        @pytest.fixture
        def broken(mocktill):
            yield
            assert "{place}" != "fixture", "broken"

        def test_breaks(broken, mocktill):
            assert patched() != BEFORE
            assert "{place}" != "body", "broken"
            if "{place}" == "expectation":
                mocktill.expect_violation()

        def test_follows():
            assert (patched(), PLACES.active) == (BEFORE, ())
        """
    )
    in_teardown = place != "body"
    inner.says(passed=1 + in_teardown, errors=int(in_teardown), failed=int(not in_teardown))


def test_tests_do_not_see_each_other(inner: Inner) -> None:
    """State, clock, faults, choices, journal and expectations end with a test."""
    inner.tests(
        """
        @pytest.mark.parametrize("time", [1, 2])
        def test_it(mocktill, time):
            assert (mocktill.deem.stock("last-one").free, len(mocktill.journal), mocktill.faults.all()) == (1, 0, [])
            assert not mocktill.clock.frozen
            assert mocktill.choices["deem.claim_twice"] != "same_answer"
            buy()
            mocktill.expect_violation()
            reserve("two")
            mocktill.deem.set_stock("last-one", 5)
            mocktill.faults.add_preset("timeout")
            mocktill.clock.freeze()
            mocktill.choices["deem.claim_twice"] = "same_answer"
        """
    )
    inner.says(passed=2)


def test_the_same_test_has_the_same_bytes(inner: Inner) -> None:
    """With `now`, bodies are the same in every run, in the other order and alone: links and identifiers included."""
    inner.ini("mocktill_now = 2026-03-02T12:00:00Z")
    inner.tests(
        """
        import pathlib

        @pytest.mark.parametrize("number", range(3))
        def test_it(mocktill, number):
            with open("bodies", "ab") as file:
                file.write(buy(mocktill.url("deem")).content + b"\\n")
        """
    )
    runs = []
    for chosen in (["0", "1", "2"], ["0", "1", "2"], ["2", "1", "0"], ["1"]):
        inner.says(*[f"test_it.py::test_it[{number}]" for number in chosen], passed=len(chosen))
        bodies = (inner.path / "bodies").read_bytes().splitlines()
        (inner.path / "bodies").unlink()
        runs.append(dict(zip(chosen, bodies, strict=True)))
    assert runs[0] == runs[1] == runs[2]
    assert runs[0]["1"] == runs[3]["1"]
    assert b"http://mocktill.test/~test_it.py-test_it-0-" in runs[0]["0"]
    assert len({*runs[0].values()}) == 3
