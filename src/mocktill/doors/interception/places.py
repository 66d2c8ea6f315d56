"""Where calls lead: the sandboxes that are active in this process, and which one a host belongs to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from urllib.parse import urlsplit

from mocktill.apis import OWN_HOST
from mocktill.doors.interception.exchange import Answered, Asked
from mocktill.doors.interception.hosts import plain
from mocktill.doors.interception.patches import Patches

NO_PROXY = ("NO_PROXY", "no_proxy")
EVERY_HOST = "*"
"""What spares the proxies every host, if nothing is beside it."""
EVERYWHERE = (EVERY_HOST,)
PORTS = {"http": 80, "https": 443}
SANDBOX = "Mocktill-Sandbox"
"""The header that says whose a call is that is led to a server."""


class Refused(Exception):
    """A host that must not be reached now; a door makes the client's own connection error of it."""


class Ambiguous(LookupError):
    """A vendor's host, and several sandboxes that it could lead to: says which."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is."""

    scheme: str
    host: str
    port: int


@dataclass(eq=False)
class Place:
    """An active sandbox: `hosts` are the vendors' that lead to it, and `closed` those that it leaves out.

    It answers in this process, or, where it has the `url` of a server, calls are led there. `passing` are patterns of
    the other hosts that may be reached; `missed` gathers those that were asked for in vain.
    """

    name: str
    hosts: frozenset[str]
    closed: frozenset[str]
    respond: Callable[[str, Asked, float | None], Answered] | None = None
    url: str | None = None
    passing: Sequence[str] = EVERYWHERE
    missed: list[str] = field(default_factory=list)
    address: Address | None = field(init=False)
    """Where the server is that calls are led to; None for a place in this process."""
    process: int = field(init=False, default_factory=os.getpid)
    """The process that it is in: one that was forked off has but a copy."""

    def __post_init__(self) -> None:
        """Raise ValueError for a URL that no call can be led to."""
        self.address = None if self.url is None else address_of(self.url)

    def knows(self, host: str) -> bool:
        """Whether a host is a vendor's, be it one that the sandbox leaves out."""
        return host in self.hosts or host in self.closed

    def answer(self, asked: Asked, patience: float | None) -> Answered:
        """Answer a call in this process; `patience` is for how many seconds the client waits, None for ever."""
        if self.respond is None:
            raise Refused(f"the sandbox {self.name} is on a server: calls are led there")
        return self.respond(self.name, asked, patience)

    def headers_for(self, scheme: str, host: str) -> list[tuple[str, str]]:
        """Return what a call has in addition that is led to the server: whose it is, and how and where it was begun."""
        return [(SANDBOX, self.name), ("Mocktill-Scheme", scheme), ("Mocktill-Host", plain(host))]


class Places:
    """The places that are active; with the first one the clients are patched, and with the last one no more."""

    def __init__(self) -> None:
        self._active: tuple[Place, ...] = ()
        self._here: ContextVar[Place | None] = ContextVar("mocktill.place", default=None)
        self._patches = Patches()
        self._lock = Lock()
        self._no_proxy: dict[str, str | None] = {}
        self._spared: dict[tuple[str, str | None], str | None] = {}

    @property
    def active(self) -> tuple[Place, ...]:
        """The places that are active, the oldest first."""
        return self._active

    @property
    def far(self) -> bool:
        """Whether any of them is on a server."""
        return any(place.address is not None for place in self._active)

    @contextmanager
    def entered(self, place: Place) -> Iterator[None]:
        """Let calls lead to a place; whatever happens in between, it is over afterwards."""
        before = self._here.get()
        try:
            self._enter(place)
            self._here.set(place)
            yield
        finally:
            try:
                self._leave(place)
            finally:  # once more, and harmless: the first may have been interrupted anywhere
                self._leave(place)
                if self._here.get() is place:
                    self._here.set(before)

    def find(self, host: str, path: str | None = None) -> Place | None:
        """Return where a call of this host leads; None for a host that is none of ours.

        `path` is needed for our own host, where it names the sandbox. Raises `Refused` for a host that must not be
        reached, and `Ambiguous`.
        """
        active = self._active
        if not active:
            return None
        host = plain(host)
        if host == OWN_HOST:
            return _present(self._named(path or "/", active), host)
        if any(place.knows(host) for place in active):
            return _present(self._vendors(host, active), host)
        if not any(_passes(host, place) for place in active):
            for place in active:
                place.missed.append(host)
            raise Refused(f"{host} is not reached from this test: only {_only(active[-1])} may be")
        return None

    def leads(self, host: str) -> Address | bool:
        """Return where a connection to this host goes: to a server, nowhere (True), or its own way (False)."""
        if plain(host) == OWN_HOST:
            return bool(self._active)
        place = self.find(host)
        return place is not None and (place.address or True)

    def is_ours(self, host: str) -> bool:
        """Whether a host is ours or a vendor's, and so must never be looked up in a network."""
        host = plain(host)
        return any(host == OWN_HOST or place.knows(host) for place in self._active)

    def _vendors(self, host: str, active: tuple[Place, ...]) -> Place:
        place = self._current(active)
        if host not in place.hosts:
            place.missed.append(host)
            raise Refused(f"{host} is not reached: the sandbox {place.name} was made without that API")
        return place

    def _current(self, active: tuple[Place, ...]) -> Place:
        here = self._here.get()
        if here in active and here is not None:
            return here
        if len(active) > 1:
            names = " and ".join(place.name for place in active)
            raise Ambiguous(f"this call could lead to the sandboxes {names}: use the url() of the one that is meant")
        return active[0]

    def _named(self, path: str, active: tuple[Place, ...]) -> Place:
        segment = path.split("?")[0].split("/")[1] if "/" in path else ""
        if not segment.startswith("~"):
            return self._current(active)
        for place in active:
            if place.name == segment[1:] and place.address is None:
                return place
        raise Refused(f"the sandbox {segment[1:]} is over, or there was none of this name")

    def _enter(self, place: Place) -> None:
        with self._lock:
            if not self._active:
                self._no_proxy = {name: self._inherited(name) for name in NO_PROXY}
                self._patches.install()
            self._active = (*self._active, place)
            self._spare_proxies()

    def _leave(self, place: Place) -> None:
        with self._lock:
            self._active = tuple(other for other in self._active if other is not place)
            if self._active:
                self._spare_proxies()
                return
            self._patches.remove()
            for name, value in self._no_proxy.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            self._no_proxy = {}

    def _inherited(self, name: str) -> str | None:
        """Return what the environment says; of what was set here, and somebody brought back since, what was before."""
        value = os.environ.get(name)
        return self._spared.get((name, value), value)

    def _spare_proxies(self) -> None:
        """Let no call of ours go to a proxy that the environment names."""
        hosts = {OWN_HOST, *(host for place in self._active for host in place.hosts | place.closed)}
        servers = {place.address.host for place in self._active if place.address is not None}
        for name, value in self._no_proxy.items():
            before = value or self._no_proxy[NO_PROXY[0]]
            if before == EVERY_HOST:
                os.environ[name] = EVERY_HOST
                continue
            os.environ[name] = spared = ",".join(filter(None, [before, *sorted(hosts | servers)]))
            self._spared[name, spared] = value


def address_of(url: str) -> Address:
    """Return where the server of a URL is; raise ValueError for one with a path: a call that is led would lose it."""
    parts = urlsplit(url)
    if parts.path.strip("/"):
        raise ValueError(f"the URL of a server has no path, and {url} has {parts.path}")
    return Address(parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme])


def _present(place: Place, host: str) -> Place:
    """Return a place; raise `Refused` where this process has a copy of it, of which the test would never know."""
    if place.address is None and place.process != os.getpid():
        said = "a process of its own has no sandbox: use mocktill_live for subprocesses"
        raise Refused(f"{host} is not reached: the sandbox {place.name} is in another process, and {said}")
    return place


def _passes(host: str, place: Place) -> bool:
    if place.address is not None and host == place.address.host:
        return True
    return any(fnmatchcase(host, pattern.lower()) for pattern in place.passing)


def _only(place: Place) -> str:
    return ", ".join(["the vendors' hosts", *place.passing])


PLACES = Places()
"""Those of this process."""
