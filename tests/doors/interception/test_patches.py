"""Patches on clients: all of them or none, and afterwards everything is what it was."""

from __future__ import annotations

import http.client
import socket
import sys
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mocktill.doors.interception import patches as module
from mocktill.doors.interception.patches import DOORS, Patch, Patches, doors
from mocktill.doors.interception.places import PLACES
from tests.doors.interception.conftest import place

EVERY = [patch for door in doors() for patch in door.patches()]
ABSENT = object()


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


def test_doors_clean_up_in_the_end() -> None:
    """Each door is told when everything is back: it closes what is left."""
    said: list[bool] = []
    original = socket.getaddrinfo

    class Owner:
        name = "before"

    def replace(before: str) -> str:
        return f"{before}, after"

    door = SimpleNamespace(
        patches=lambda: [Patch(Owner, "name", replace)], clean_up=lambda: said.append(Owner.name == "before")
    )
    found = Patches()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "doors", lambda: (door,))
        found.install()
        assert (Owner.name, said) == ("before, after", [])
        found.remove()
        found.remove()
    assert (Owner.name, said) == ("before", [True, True])
    assert socket.getaddrinfo is original


@pytest.mark.parametrize("client", ["httpx", "aiohttp"])
def test_a_client_that_is_not_installed_is_not_imported(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is not there has no door, and the others have theirs."""
    imported: list[str] = []

    def note(name: str) -> ModuleType:
        imported.append(name.rpartition(".")[2])
        return sys

    monkeypatch.setattr(module, "find_spec", lambda name: None if name == client else find_spec(name))
    monkeypatch.setattr(module, "import_module", note)
    doors.cache_clear()
    try:
        assert len(doors()) == len(DOORS) - 1
    finally:
        doors.cache_clear()
    assert DOORS[client] not in imported
