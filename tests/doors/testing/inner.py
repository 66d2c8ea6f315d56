"""A test run within a test: its files, what it is run with, and what it says."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mocktill.doors.testing import case, collector  # noqa: F401  an inner run forgets what was imported in it first

SHOP = '''
"""What the tests of a shop call."""

import requests

DEAL = "la-1024-wsc-hair-studio-01-2"


def ask(method, path, body=None, base="https://api.offers.deem.com"):
    with requests.Session() as client:
        return client.request(method, f"{base}{path}?api_key=1234567", json=body, timeout=5)


def reserve(quantity=1, base="https://api.offers.deem.com"):
    return ask("POST", "/v1/purchases/reserve", {"deal_id": DEAL, "num_bought": quantity}, base)


def buy(base="https://api.offers.deem.com"):
    purchase = reserve(1, base).json()["purchase"]["purchase_id"]
    return ask("PUT", f"/v1/purchases/{purchase}/claim", {"user_id": "ABC123"}, base)
'''
BEGINNING = "import pytest, mocktill as till\nfrom shop import ask, buy, reserve\n"
VARIABLES = ("MOCKTILL_URL", "MOCKTILL_CONTROL_TOKEN", "MOCKTILL_LIVE", "CI", "BUILD_NUMBER")
"""What would lead an inner run elsewhere; with the last two pytest cuts no line of its summary short."""
WARNING = ("-W", "default")
"""Warnings stay warnings, whatever the outer run makes of them."""


class Inner:
    """A folder of tests of a shop, and runs of it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.write("shop.py", SHOP)

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(dedent(text))

    def tests(self, text: str, name: str = "test_it.py") -> None:
        """Write a file of tests; what the shop has is imported at its beginning."""
        self.write(name, BEGINNING + dedent(text))

    def ini(self, *lines: str) -> None:
        """Write the ini file."""
        self.write("pytest.ini", "\n".join(["[pytest]", *lines]) + "\n")

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in this process."""
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *WARNING, *arguments)

    def says(self, *arguments: str, **outcomes: int) -> str:
        """Return what a run prints that comes out like this: `passed=1, warnings=2`."""
        result = self.run(*arguments)
        result.assert_outcomes(**outcomes)
        return result.stdout.str()


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    """A folder of tests, in a wide terminal and an environment that says nothing of Mocktill or of where it runs."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    return Inner(pytester)
