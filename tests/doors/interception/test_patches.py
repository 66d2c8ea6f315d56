"""Patches on clients: all of them or none, and afterwards everything is what it was."""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests

from mocktill.core.sandbox import Sandbox
from mocktill.doors.interception import patches as module
from mocktill.doors.interception.patches import DOORS, FOUND, WARNED, Done, Patch, Patches, doors
from mocktill.doors.interception.places import PLACES
from mocktill.doors.interception.sockets import MEANT
from tests.doors.interception.conftest import GET, HOST, LONG, place
from tests.doors.interception.test_aiohttp_door import send as send_by_aiohttp
from tests.doors.interception.test_httpx_door import send_async, send_plainly
from tests.doors.interception.test_sockets import CLIENTS
from tests.doors.peer import Peer, Said

SENDS = {send.__name__: send for send in (*CLIENTS, send_plainly, send_async, send_by_aiohttp)}
EVERY = [patch for door in doors() for patch in door.patches()]
ABSENT = object()
CONNECT = http.client.HTTPConnection.connect


class Owner:
    """Something to be patched."""

    name = "before"


def one() -> list[Patch]:
    """Return the one patch of it."""
    return [Patch(Owner, "name", lambda before: f"{before}, after")]


@pytest.fixture
def fresh() -> Iterator[None]:
    """Look anew which clients there are, and once more when the test is over."""
    found = dict(FOUND)
    FOUND.clear()
    yield
    FOUND.clear()
    FOUND.update(found)
    WARNED.clear()


def attributes() -> list[object]:
    """Return what stands at every place that is patched."""
    return [vars(patch.owner).get(patch.name, ABSENT) for patch in EVERY]


def test_every_client_has_its_door() -> None:
    """What is installed here is patched: sockets, urllib3, httpx and aiohttp."""
    owners = {f"{patch.owner.__module__}.{patch.owner.__name__}" for patch in EVERY if isinstance(patch.owner, type)}
    assert len(doors()) == len(DOORS)
    assert owners == {
        "http.client.HTTPConnection",
        "http.client.HTTPSConnection",
        "urllib3.connection.HTTPConnection",
        "urllib3.connection.HTTPSConnection",
        "httpx.HTTPTransport",
        "httpx.AsyncHTTPTransport",
        "aiohttp.connector.TCPConnector",
    }


def test_each_attribute_comes_back() -> None:
    """With the first sandbox each attribute is another, with the second it stays, with the last it is what it was."""
    before = attributes()
    with PLACES.entered(place("one")):
        during = attributes()
        assert all(now is not then for now, then in zip(during, before, strict=True))
        with PLACES.entered(place("two")):
            assert all(now is then for now, then in zip(attributes(), during, strict=True))
        assert all(now is then for now, then in zip(attributes(), during, strict=True))
    assert all(now is then for now, then in zip(attributes(), before, strict=True))


def test_an_inherited_attribute_is_inherited_again() -> None:
    """What was not an attribute of its class is none afterwards."""
    inherited = [patch for patch in EVERY if patch.name not in vars(patch.owner)]
    assert inherited
    with PLACES.entered(place()):
        assert all(patch.name in vars(patch.owner) for patch in inherited)
    assert all(patch.name not in vars(patch.owner) for patch in inherited)


def test_whatever_happens_in_between() -> None:
    """An error that leaves a sandbox leaves no patch."""
    before = attributes()
    with pytest.raises(KeyboardInterrupt), PLACES.entered(place()):
        raise KeyboardInterrupt
    assert attributes() == before
    assert PLACES.active == ()


@pytest.mark.parametrize("broken", range(len(EVERY)))
def test_a_patch_that_fails_takes_the_others_back(broken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one of the patches cannot be made, none is, no sandbox is active, and the next one can be."""

    def fail(original: Any) -> Any:
        raise RuntimeError("cannot be patched")

    def some() -> list[Patch]:
        return [*EVERY[:broken], Patch(EVERY[broken].owner, EVERY[broken].name, fail), *EVERY[broken + 1 :]]

    before = attributes()
    with monkeypatch.context() as patched:
        patched.setattr(module, "doors", lambda: (SimpleNamespace(patches=some, clean_up=lambda: None),))
        with pytest.raises(RuntimeError, match="cannot be patched"), PLACES.entered(place()):
            pytest.fail("this is never reached")
    assert attributes() == before
    assert PLACES.active == ()
    with PLACES.entered(place()):
        assert attributes() != before


def test_who_patches_in_between() -> None:
    """Who patches the same attribute while a sandbox is active, and takes it back, finds it as it was."""
    with PLACES.entered(place()), pytest.MonkeyPatch.context() as patched:
        ours = http.client.HTTPConnection.connect
        patched.setattr(http.client.HTTPConnection, "connect", lambda self: None)
        patched.undo()
        assert http.client.HTTPConnection.connect is ours


def cover(patched: pytest.MonkeyPatch, patch: Patch, called: list[str]) -> None:
    """Put something on top of a patch that notes each call and passes it on."""
    below = getattr(patch.owner, patch.name)

    def above(*args: Any, **options: Any) -> Any:
        called.append(patch.name)
        return below(*args, **options)

    patched.setattr(patch.owner, patch.name, above)


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
def test_what_others_put_on_top_stays(send: Any, sandbox: Sandbox, url: str) -> None:
    """What was put on a patch while a sandbox was active outlives it, and every call passes, to whatever host.

    In the next sandbox it stays in its place; and whoever takes it off later does not bring the patch back for good.
    """
    before, called = attributes(), list[str]()
    with pytest.MonkeyPatch.context() as patched, Peer(Said(body=b"real")) as peer:
        with PLACES.entered(place()):
            for patch in EVERY:
                cover(patched, patch, called)
        during = attributes()
        assert all(now is not then for now, then in zip(during, before, strict=True))
        send("GET", peer.url)
        with requests.Session() as session:
            session.get(f"http://{HOST}/", timeout=LONG, proxies={"http": peer.url})
            assert not MEANT
        assert called
        assert [asked.path for asked in peer.asked] == ["/", f"http://{HOST}/"]
        with PLACES.entered(place(url=url)):
            send("GET", f"https://{HOST}{GET}")
        assert [entry.status for entry in sandbox.journal.entries()] == [200]
        assert attributes() == during
    assert attributes() != before  # the patches are back, and do nothing
    with PLACES.entered(place()):
        assert requests.get(f"http://{HOST}/", timeout=LONG).status_code == 200
    assert all(now is then for now, then in zip(attributes(), before, strict=True))


def test_what_others_put_on_top_and_take_off() -> None:
    """What is put on a patch again and again, and always taken off too late, leaves no pile of patches."""
    found, original = Patches(), Owner.name
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "doors", lambda: (SimpleNamespace(patches=one, clean_up=lambda: None),))
        for _ in range(3):
            found.install()
            assert Owner.name == f"{original}, after"
            with pytest.MonkeyPatch.context() as top:
                top.setattr(Owner, "name", "on top")
                found.remove()
                assert Owner.name == "on top"
        found.remove()
    assert Owner.name == original


def test_doors_clean_up_in_the_end() -> None:
    """Each door is told when everything is back: it closes what is left."""
    said: list[bool] = []
    original = socket.getaddrinfo
    door = SimpleNamespace(patches=one, clean_up=lambda: said.append(Owner.name == "before"))
    found = Patches()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "doors", lambda: (door,))
        found.install()
        assert (Owner.name, said) == ("before, after", [])
        found.remove()
        found.remove()
    assert (Owner.name, said) == ("before", [True, True])
    assert socket.getaddrinfo is original


@pytest.mark.parametrize("client", ["urllib3", "httpx", "aiohttp"])
def test_a_client_that_is_not_installed_is_not_imported(
    client: str, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is not there has no door, and the others have theirs."""
    imported: list[str] = []

    def note(name: str) -> ModuleType:
        imported.append(name.rpartition(".")[2])
        return sys

    monkeypatch.setattr(module, "find_spec", lambda name: None if name == client else find_spec(name))
    monkeypatch.setattr(module, "import_module", note)
    assert len(doors()) == len(DOORS) - 1
    assert DOORS[client] not in imported


@pytest.mark.parametrize("client", ["urllib3", "httpx", "aiohttp"])
def test_a_client_that_could_not_be_imported_is_looked_for_again(
    client: str, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that was hidden when the first sandbox was entered has its door in the next one, and keeps it."""
    with monkeypatch.context() as hidden:
        hidden.setitem(sys.modules, client, None)
        with PLACES.entered(place()):
            assert len(doors()) == len(DOORS) - 1
    with PLACES.entered(place()):
        assert len(doors()) == len(DOORS)
    monkeypatch.setitem(sys.modules, client, None)
    assert len(doors()) == len(DOORS)


def test_undoing_that_was_interrupted() -> None:
    """What is back already counts as undone: it is not kept as if somebody had covered it."""
    done = Done(Owner, "name", "now", "before")
    assert done.undo()
    assert not Done(Owner, "name", "now", "older").undo()


@pytest.mark.parametrize("error", [ImportError("no libssl"), AttributeError("half a module")], ids=repr)
@pytest.mark.parametrize("client", ["urllib3", "httpx", "aiohttp"])
def test_a_client_that_is_broken_is_left_out(
    client: str, error: Exception, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is installed and cannot be imported has no door, which is said once; the others have theirs."""

    def fail(name: str) -> ModuleType:
        if name.endswith(DOORS[client]):
            raise error
        return import_module(name)

    monkeypatch.setattr(module, "import_module", fail)
    with (
        pytest.warns(UserWarning, match=f"^{client} is installed and cannot be imported: .*{error}"),
        PLACES.entered(place()),
    ):
        assert http.client.HTTPConnection.connect is not CONNECT
    with PLACES.entered(place()):  # without another warning, which would be an error
        assert len(doors()) == len(DOORS) - 1
