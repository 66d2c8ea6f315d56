"""The ways to a sandbox: which client, and where the sandbox is: in this process, on a server of it, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from flask import Flask as App

from mocktill.doors.app import create_app
from mocktill.doors.testing.context import entered
from mocktill.doors.testing.mocktill import Mocktill
from mocktill.doors.testing.settings import ALLOW, IN_PROCESS, LIVE, REMOTE, read_settings
from mocktill.doors.testing.world import world_of
from tests.clients.behaviour import AT_ONCE, REAL, Behaviour, Client, Pace, Visit
from tests.clients.plain import Httpx, Requests, Standard, Urllib3
from tests.clients.straight import Flask, Socket
from tests.clients.waiting import Aiohttp, AsyncHttpx

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NAME = "visit"
LIBRARIES: Mapping[str, Callable[[], Client]] = {
    "requests": Requests,
    "urllib3": Urllib3,
    "httpx": Httpx,
    "httpx async": AsyncHttpx,
    "aiohttp": Aiohttp,
    "http.client": Standard,
}
CANNOT: Mapping[str, frozenset[str]] = {
    "flask": frozenset({"losing", "resending", "writing"}),
    "socket": frozenset({"redirects", "resending", "cookies"}),
    "http.client": frozenset({"redirects", "resending", "cookies"}),
    "urllib3": frozenset({"cookies"}),
}
"""What a client is not made for."""
BLIND = frozenset({"aiohttp"})
"""The clients that hand out nothing of a body that is cut."""


@dataclass(frozen=True)
class Door:
    """A client, and where the sandbox is that it asks."""

    client: str
    mode: str

    def shows(self, behaviour: Behaviour) -> bool:
        """Whether the client can do what a behaviour needs."""
        return not behaviour.needs & CANNOT.get(self.client, frozenset())

    @property
    def pace(self) -> Pace:
        """How long things take."""
        return AT_ONCE if self.mode == IN_PROCESS and self.client != "flask" else REAL

    @property
    def blind(self) -> bool:
        """Whether the client hands out nothing of a body that is cut."""
        return self.client in BLIND

    def __str__(self) -> str:
        return f"{self.client}, {self.mode}"


FLASK, SOCKET = Door("flask", IN_PROCESS), Door("socket", LIVE)
MASTERS = (FLASK, SOCKET, Door("requests", LIVE))
FAR = ("requests", "httpx", "httpx async", "aiohttp")
"""The clients that go to another process: urllib3 and http.client are led there as requests is, and on the live way."""
DOORS = (
    FLASK,
    SOCKET,
    *(Door(client, IN_PROCESS) for client in LIBRARIES),
    *(Door(client, LIVE) for client in LIBRARIES),
    *(Door(client, REMOTE) for client in FAR),
)


def reference(door: Door, behaviour: Behaviour) -> Door:
    """Return the door that another is held against.

    It is Flask's test client, the bare socket where answers are lost, requests over a socket for what neither can do,
    and for what a client does in a way of its own that client over a socket.
    """
    own = Door(door.client, LIVE)
    return own if door.client in behaviour.own else next(one for one in MASTERS if one.shows(behaviour))


@contextmanager
def visiting(door: Door, behaviour: Behaviour, server: str) -> Iterator[Visit]:
    """Let a client visit a fresh sandbox through a door; `server` is the URL of one that runs elsewhere."""
    where = {"live": door.mode == LIVE, "url": server if door.mode == REMOTE else None}
    settings = read_settings({"now": NOON, "violations": ALLOW, **where, **behaviour.settings})
    with entered(settings, NAME) as box, closing(Visit(lambda: _client(door, box), box, door.pace)) as visit:
        yield visit


def _client(door: Door, box: Mocktill) -> Client:
    if door == FLASK:
        return Flask(_app().test_client(), box.name)
    if door == SOCKET:
        return Socket(box.place.url or "", box.name)
    return LIBRARIES[door.client]()


@cache
def _app() -> App:
    return create_app(world_of(None, None).sandboxes)
