"""The sandboxes that a run has on a server: named, led to, and deleted, whatever a test does meanwhile."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

import pytest
import requests

import mocktill
from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.errors import Full
from mocktill.core.names import is_name
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.testing import afar
from tests import toyvendor
from tests.doors.testing.inner import Inner
from tests.doors.testing.inner import inner as inner

TICKET = "https://api.kiosk.example/api/tickets/K-0001"


@pytest.fixture(scope="module")
def richer() -> Iterator[str]:
    """A server with an API that this process does not know."""
    toy = replace(toyvendor.API, hosts=("api.kiosk.example",))
    app = create_app(Sandboxes(Catalogue((*BUILTIN, toy))))
    with ServerThread(app, RequestLog(Nowhere())) as url:
        yield url


def names(url: str) -> list[str]:
    """Return what the sandboxes of a server are called."""
    return [listed.name for listed in Remote(url).sandboxes()]


# what a test breaks


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("AssertionError('no')", "AssertionError"),
        ("SystemError('no')", "SystemError"),
        ("pytest.fail.Exception('no')", "Failed"),
    ],
)
@pytest.mark.parametrize(
    ("fixtures", "errors"), [("mocktill, monkeypatch", 0), ("monkeypatch, mocktill", 1)], ids=["within", "around"]
)
def test_nothing_that_a_test_breaks_ends_the_run(
    inner: Inner, url: str, fixtures: str, errors: int, error: str, kind: str
) -> None:
    """Where a test lets all calls of `http.client` fail it has no verdict; its sandbox is deleted in the end."""
    there = names(url)
    inner.tests(
        f"""
        import http.client

        def test_it({fixtures}):
            def no(*a, **k): raise {error}
            monkeypatch.setattr(http.client.HTTPConnection, "request", no)

        def test_other(mocktill): buy()
        """
    )
    said = inner.says(f"--mocktill-url={url}", failed=1, passed=1, errors=errors)
    assert f"mocktill: there is no verdict: {kind}: no" in said
    assert "INTERNALERROR" not in said
    assert names(url) == there
    assert afar.LEFT == []


def test_a_report_that_cannot_be_told_ends_no_run(inner: Inner) -> None:
    """What a test does to this process itself does not either."""
    inner.tests(
        """
        import mocktill.doors.testing.report as report

        def test_it(mocktill, monkeypatch):
            monkeypatch.setattr(report, "get_terminal_size", lambda *a: 1 / 0)
            assert not buy()
        """
    )
    said = inner.says(failed=1)
    assert "it cannot be told: ZeroDivisionError: division by zero" in said
    assert "INTERNALERROR" not in said


def test_a_server_that_is_gone_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a run each sandbox that is left is deleted, where a server answers."""
    asked = []

    def delete(remote: Remote, name: str) -> None:
        asked.append(name)
        raise ConnectionError if remote.url.endswith(":1") else KeyError

    monkeypatch.setattr(Remote, "delete", delete)
    urls = ("http://127.0.0.1:1", "http://127.0.0.1:2")
    monkeypatch.setattr(afar, "LEFT", [(Remote(url), f"{url[-1]}{number}") for url in urls for number in range(3)])
    afar.delete_left()
    assert (asked, afar.LEFT) == (["22", "21", "20", "12"], [])


@pytest.mark.parametrize("process", [os.getpid(), 1], ids=["own", "parent's"])
def test_what_an_interruption_leaves_goes_with_the_process(
    url: str, monkeypatch: pytest.MonkeyPatch, process: int
) -> None:
    """A sandbox whose use nothing ended is deleted by the process that made it, and by none that was forked of it."""
    monkeypatch.setattr(afar, "HERE", {})
    context = mocktill.sandbox(url=url)
    name = context.__enter__().name
    (made,) = afar.HERE
    monkeypatch.setitem(afar.HERE, made, process)
    afar.delete_all()
    assert (name in names(url), afar.HERE) == (process == 1, {})
    context.__exit__(ZeroDivisionError, None, None)
    assert name not in names(url)


# hosts


def test_an_api_that_only_the_server_has(richer: str) -> None:
    """Calls to its host lead there as well; where the sandbox is to be without it, it is not reached."""
    with requests.Session() as client:
        for apis in (None, ["kiosk"]):
            with mocktill.sandbox(url=richer, apis=apis) as box:
                assert client.get(TICKET, headers={"X-Kiosk-Key": "key-open"}, timeout=5).status_code == 200
                assert [entry.full_name for entry in box.journal] == ["kiosk.read_ticket"]
        for apis, host in ((["kiosk"], "https://api.getdrip.com/v2"), (["deem"], TICKET)):
            with (
                pytest.raises(mocktill.Violated, match="was made without"),
                mocktill.sandbox(url=richer, apis=apis),
                pytest.raises(requests.ConnectionError),
            ):
                client.get(host, timeout=5)


def test_an_api_that_nobody_has(richer: str) -> None:
    """What neither the server nor this process knows is said in words, and no sandbox is left."""
    with pytest.raises(ValueError, match="there is no API 'square'; there are deem, drip, supertab, kajabi, kiosk"):
        mocktill.sandbox(url=richer, apis=["square"]).__enter__()
    assert names(richer) == ["default"]


# names


def test_a_name_says_whose_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs, on which machine and in which process, with the next number that is free."""
    monkeypatch.setattr(platform, "node", lambda: "ci-7.example")
    monkeypatch.setattr(afar, "NUMBERS", count(1))
    stem = f"pytest-ci-7.example-{os.getpid()}"
    Remote(url).make(f"{stem}-2")
    with mocktill.sandbox(url=url) as one, mocktill.sandbox(url=url) as two:
        assert (one.name, two.name) == (f"{stem}-1", f"{stem}-3")
    assert set(names(url)) & {f"{stem}-{number}" for number in (1, 2, 3)} == {f"{stem}-2"}


@pytest.mark.parametrize("host", ["", "b\u00fcro 7", "." * 9, "x" * 300])
def test_a_machine_may_be_called_anything(url: str, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Its name is cut, and what no name can have is left out."""
    monkeypatch.setattr(platform, "node", lambda: host)
    with mocktill.sandbox(url=url) as box:
        assert is_name(box.name)
        assert f"-{os.getpid()}-" in box.name


def test_a_full_server_says_what_to_do(catalogue: Catalogue) -> None:
    """That runs which were killed leave their sandboxes, and how these are deleted."""
    app = create_app(Sandboxes(catalogue, limit=2))
    with ServerThread(app, RequestLog(Nowhere())) as url, ExitStack() as stack:
        stack.enter_context(mocktill.sandbox(url=url))
        with pytest.raises(Full, match=r"there are 2 sandboxes .* killed .*`mocktill sandboxes delete NAME`"):
            stack.enter_context(mocktill.sandbox(url=url))
