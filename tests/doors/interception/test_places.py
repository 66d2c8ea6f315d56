"""Places: which sandbox a host leads to, which hosts are not reached, and what the environment says of proxies."""

from __future__ import annotations

import os
import socket
import threading
from contextvars import copy_context
from typing import Any

import pytest
import requests

from mocktill.doors.interception.exchange import Asked
from mocktill.doors.interception.places import NO_PROXY, PLACES, Address, Ambiguous, Place, Refused, address_of
from tests.doors.interception.conftest import HOST, HOSTS, LONG, Script, place

OWN = "mocktill.test"


def in_a_thread(go: Any) -> Any:
    """Return what is done in a thread, which has no context of its own; raise what it raises."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(go())
        except LookupError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(found[0], LookupError):
        raise found[0]
    return found[0]


def test_without_a_sandbox_nothing_is_ours() -> None:
    """While no sandbox is active every host goes its own way."""
    assert [PLACES.find(host) for host in (HOST, OWN)] == [None, None]
    assert [PLACES.leads(host) for host in (HOST, OWN)] == [False, False]
    assert [PLACES.is_ours(host) for host in (HOST, OWN)] == [False, False]


def test_the_hosts_of_vendors_lead_to_the_sandbox() -> None:
    """Each vendor's host leads to the only sandbox, however it is written; other hosts go their own way."""
    with PLACES.entered(one := place()):
        assert {PLACES.find(host) for host in HOSTS} == {one}
        assert [PLACES.find(host) for host in (HOST.upper(), f"{HOST}.", OWN)] == [one] * 3
        assert [PLACES.find(host) for host in (f"x.{HOST}", "deem.com", "localhost")] == [None] * 3
        assert (PLACES.leads(HOST), PLACES.leads(OWN), PLACES.leads("localhost")) == (True, True, False)


def test_a_sandbox_on_a_server() -> None:
    """The hosts of a sandbox on a server lead there, and its calls say whose they are and how they were begun."""
    with PLACES.entered(far := place("far", url="https://till.example:8443/")):
        assert PLACES.leads(HOST) == Address("https", "till.example", 8443)
        assert far.headers_for("http", f"{HOST.upper()}.") == [
            ("Mocktill-Sandbox", "far"),
            ("Mocktill-Scheme", "http"),
            ("Mocktill-Host", HOST),
        ]
        with pytest.raises(Refused, match="far is on a server"):
            far.answer(Asked("GET", "http", HOST, "/", [], b""), None)
        with pytest.raises(Refused, match="far is over"):
            PLACES.find(OWN, "/~far/deem")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:80", Address("http", "127.0.0.1", 80)),
        ("http://till", Address("http", "till", 80)),
        ("https://till/", Address("https", "till", 443)),
        ("http://[::1]:5000", Address("http", "::1", 5000)),
    ],
)
def test_where_a_server_is(url: str, address: Address) -> None:
    """A URL says where its server is, its scheme's port included."""
    assert address_of(url) == address


def test_a_server_below_a_path() -> None:
    """A URL with a path is refused in words, and no place is made: calls that are led would lose the path."""
    with pytest.raises(ValueError, match="has no path, and http://till/mock has /mock"):
        place(url="http://till/mock")


def test_the_inner_sandbox_is_meant() -> None:
    """Of sandboxes one in the other the inner one is meant, and after it the outer one again."""
    with PLACES.entered(outer := place("outer")):
        with PLACES.entered(inner := place("inner")):
            assert PLACES.find(HOST) is inner
        assert PLACES.find(HOST) is outer
        with PLACES.entered(middle := place("middle")):
            with PLACES.entered(place("inner")):
                pass
            assert PLACES.find(HOST) is middle


def test_the_sandbox_of_the_context_is_meant() -> None:
    """Where several are active, the context says which is meant; a context that knows of none is told both names."""
    with PLACES.entered(one := place("one")):
        context = copy_context()
        with PLACES.entered(two := place("two")):
            assert (context.run(PLACES.find, HOST), PLACES.find(HOST)) == (one, two)
            with pytest.raises(Ambiguous, match=r"the sandboxes one and two: use the url\(\)"):
                in_a_thread(lambda: PLACES.find(HOST))
        assert in_a_thread(lambda: PLACES.find(HOST)) is one


def test_the_context_may_remember_one_that_is_over() -> None:
    """A context whose sandbox is over has the only one that is left."""
    with PLACES.entered(one := place("one")), PLACES.entered(place("two")):
        context = copy_context()
    with PLACES.entered(one):
        assert context.run(PLACES.find, HOST) is one


def test_sandboxes_may_end_in_any_order() -> None:
    """The first of two that overlap may be the first to end: the other one is still there, and then none."""
    first, second = PLACES.entered(place("first")), PLACES.entered(two := place("second"))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert (PLACES.active, PLACES.find(HOST)) == ((two,), two)
    second.__exit__(None, None, None)
    assert (PLACES.active, PLACES.find(HOST)) == ((), None)


def test_the_url_of_each_leads_to_it() -> None:
    """Where several sandboxes overlap, the URL of each leads to its own, from any thread."""
    scripts = {name: Script() for name in ("one", "two")}
    with (
        PLACES.entered(place("one", respond=scripts["one"].respond)),
        PLACES.entered(place("two", respond=scripts["two"].respond)),
    ):
        for name in ("one", "two", "one"):
            in_a_thread(lambda name=name: requests.get(f"http://{OWN}/~{name}/deem/v1", timeout=LONG).status_code)
        with pytest.raises(Refused, match="the sandbox three is over"):
            PLACES.find(OWN, "/~three/deem")
    assert {name: len(script.asked) for name, script in scripts.items()} == {"one": 2, "two": 1}


def test_a_host_that_the_sandbox_leaves_out() -> None:
    """A vendor that the sandbox was made without is refused, though another sandbox has it; the sandbox remembers."""
    only_deem = place("only-deem", hosts=frozenset({HOST}), closed=HOSTS - {HOST})
    with PLACES.entered(place("all")), PLACES.entered(only_deem):
        with pytest.raises(Refused, match="the sandbox only-deem was made without that API"):
            PLACES.find("api.getdrip.com")
        assert PLACES.is_ours("api.getdrip.com")
    assert only_deem.missed == ["api.getdrip.com"]


def test_a_host_that_only_another_sandbox_knows() -> None:
    """A vendor of somebody's own that another sandbox has, and this one has never heard of, is refused as well."""
    with (
        PLACES.entered(place("all", hosts=HOSTS | {"toll.example"})),
        PLACES.entered(here := place()),
        pytest.raises(Refused, match="without that API"),
    ):
        PLACES.find("toll.example")
    assert here.missed == ["toll.example"]


@pytest.mark.parametrize(
    ("passing", "host", "passes"),
    [
        (("*",), "a.example", True),
        ((), "a.example", False),
        (("*.example",), "a.example", True),
        (("*.Example",), "A.EXAMPLE", True),
        (("*.example",), "example", False),
        (("localhost", "127.0.0.1"), "127.0.0.1", True),
    ],
)
def test_which_other_hosts_pass(passing: tuple[str, ...], host: str, passes: bool) -> None:
    """Another host passes if one of the patterns is its; else it is refused, and remembered."""
    with PLACES.entered(here := place(passing=passing)):
        if passes:
            assert PLACES.find(host) is None
        else:
            with pytest.raises(Refused, match="is not reached from this test: only the vendors' hosts"):
                PLACES.find(host)
    assert here.missed == [] if passes else [host.lower()]


def test_a_server_of_ours_passes() -> None:
    """The server that calls are led to is reached, whatever else is not."""
    with PLACES.entered(place(passing=(), url="http://till.example:80")):
        assert PLACES.find("till.example") is None
        with pytest.raises(Refused):
            PLACES.find("other.example")


def test_what_passes_for_one_passes() -> None:
    """Where several sandboxes are active, a host passes that may pass for one of them."""
    with PLACES.entered(place("open")), PLACES.entered(place("shut", passing=())):
        assert PLACES.find("a.example") is None


def test_two_places_of_one_name_are_two() -> None:
    """A place is itself, whatever it is called."""
    assert place("one") != place("one")
    assert isinstance(place("one"), Place)


BEFORE: list[dict[str, str]] = [
    {},
    {"NO_PROXY": "a.example"},
    {"no_proxy": "b.example"},
    {"NO_PROXY": "a.example", "no_proxy": "b.example"},
    {"NO_PROXY": "", "no_proxy": ""},
    {"no_proxy": "*"},
]


def no_proxy() -> dict[str, str]:
    """Return what the environment says of hosts without a proxy."""
    return {name: os.environ[name] for name in NO_PROXY if name in os.environ}


@pytest.mark.parametrize("before", BEFORE, ids=str)
def test_proxies_are_spared_and_the_environment_comes_back(
    before: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While sandboxes are active no proxy is asked for their hosts, nor for any spared before; then all is back."""
    for name in NO_PROXY:
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    spared = [
        *(host for host in before.get("no_proxy", before.get("NO_PROXY", "")).split(",") if host != "*"),
        HOST,
        OWN,
    ]
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with PLACES.entered(place("one")):
        with PLACES.entered(place("two", hosts=HOSTS | {"toll.example"})):
            for host in (*filter(None, spared), "toll.example"):
                assert requests.utils.get_environ_proxies(f"https://{host}/") == {}
        proxied = requests.utils.get_environ_proxies("https://toll.example/")
        assert bool(proxied) == (before != {"no_proxy": "*"})
    assert no_proxy() == before


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080", "https://till.example"])
def test_the_server_of_a_sandbox_is_spared(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is asked for the server that calls are led to, whoever goes there by its URL."""
    for name in NO_PROXY:
        monkeypatch.delenv(name, raising=False)
    for scheme in ("HTTP", "HTTPS"):
        monkeypatch.setenv(f"{scheme}_PROXY", "http://127.0.0.1:9")
    assert requests.utils.get_environ_proxies(url) != {}
    with PLACES.entered(place(url=url)):
        assert requests.utils.get_environ_proxies(url) == {}


@pytest.mark.parametrize("before", BEFORE, ids=str)
def test_what_somebody_brings_back_of_the_environment(before: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What was set here, and is brought back when it is over, is not kept: the next sandbox restores what was first."""
    for name in NO_PROXY:
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    with PLACES.entered(place()):
        ours = no_proxy()
    for _ in range(2):
        for name, value in ours.items():
            monkeypatch.setenv(name, value)
        with PLACES.entered(place()):
            assert no_proxy() == ours
        assert no_proxy() == before


def test_a_place_that_fails_to_be_entered_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the clients cannot be patched, neither the environment nor the context is changed."""
    before = no_proxy()

    def fail() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(PLACES._patches, "install", fail)
    with pytest.raises(RuntimeError), PLACES.entered(place()):
        pytest.fail("this is never reached")
    monkeypatch.undo()
    assert (no_proxy(), PLACES.active, PLACES.find(HOST)) == (before, (), None)


@pytest.mark.parametrize("step", ["install", "remove"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_while_entering_or_leaving(step: str, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is interrupted while a sandbox is entered or left has none: no host, patch or variable stays."""
    before, original = (no_proxy(), socket.getaddrinfo), getattr(PLACES._patches, step)

    def interrupted() -> None:
        monkeypatch.undo()
        if when == "after":
            original()
        raise KeyboardInterrupt

    monkeypatch.setattr(PLACES._patches, step, interrupted)
    with pytest.raises(KeyboardInterrupt), PLACES.entered(place()):
        pass
    assert (no_proxy(), socket.getaddrinfo) == before
    assert (PLACES.active, PLACES.find(HOST)) == ((), None)


def test_a_second_leave_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody has set since a sandbox was left stays, whoever leaves it again."""
    with PLACES.entered(one := place()):
        pass
    monkeypatch.setenv("NO_PROXY", "since.example")
    PLACES._leave(one)
    assert os.environ["NO_PROXY"] == "since.example"


def test_what_is_put_back_too_late() -> None:
    """Whoever puts our patch and our variable back when the sandbox is over harms no call; the next one clears both."""
    before, patched = (no_proxy(), socket.getaddrinfo), pytest.MonkeyPatch()
    with PLACES.entered(place()):
        patched.setattr(socket, "getaddrinfo", lambda *args: [])
        patched.setenv("NO_PROXY", "mine.example")
    patched.undo()
    assert socket.getaddrinfo is not before[1]
    assert socket.getaddrinfo("127.0.0.1", 80) == before[1]("127.0.0.1", 80)
    with PLACES.entered(place()):
        pass
    assert (no_proxy(), socket.getaddrinfo) == before
