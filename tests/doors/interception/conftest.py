"""Ways to one sandbox: in this process, led to a server, and, to compare, over a plain socket; and a place that is told
what to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from mocktill.apis import BUILTIN, OWN_HOST
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.interception.exchange import Answered, Asked, answer
from mocktill.doors.interception.places import PLACES, Place
from tests.conftest import NOW

NAME = "checkout"
HOST = "api.offers.deem.com"
HOSTS = frozenset(host for api in BUILTIN for host in api.hosts)
KEY = "?api_key=1234567"
GET = f"/v1/purchases/34063ec2{KEY}"
RESERVE = f"/v1/purchases/reserve{KEY}"
ORDER = {"deal_id": "last-one", "num_bought": 1}
SHORT = 0.05
"""For how many seconds a client waits that is to give up: over a socket it really does."""
LONG = 5.0
INTERCEPTED = ("own host", "vendor's host", "led")
WAYS = (*INTERCEPTED, "socket")


@dataclass
class Way:
    """One way to a sandbox: `root` is Deem's there."""

    kind: str
    root: str
    box: Sandbox

    def fault(self, moment: str = "before", when: Any = None, **what: Any) -> None:
        """Put a rule into force, in place of those that were."""
        self.box.faults.clear()
        self.box.faults.add({"when": when or {}, "what": what, "moment": moment})


@dataclass
class Script:
    """A place that keeps what it is asked, and gives its answers one after another, the last one again and again."""

    asked: list[Asked] = field(default_factory=list)
    patience: list[float | None] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=lambda: [said(b"{}")])

    def respond(self, name: str, asked: Asked, patience: float | None) -> Answered:
        """Answer a call."""
        self.asked.append(asked)
        self.patience.append(patience)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def said(body: bytes = b"", *headers: tuple[str, str], status: int = 200, **more: Any) -> Answered:
    """Return an answer with its length."""
    return Answered(status, [*headers, ("content-length", str(len(body)))], body, **more)


def place(name: str = NAME, **more: Any) -> Place:
    """Return a place that all vendors' hosts lead to."""
    more.setdefault("respond", None if "url" in more else Script().respond)
    return Place(name, more.pop("hosts", HOSTS), more.pop("closed", frozenset()), **more)


@pytest.fixture(scope="module")
def app(sandboxes: Sandboxes) -> Any:
    """The app that answers in this process, of the same sandboxes as the server's."""
    return create_app(sandboxes, allow_hosts=[OWN_HOST])


@pytest.fixture
def sandbox(sandboxes: Sandboxes) -> Iterator[Sandbox]:
    """A sandbox of its own for each test, in process and on the server."""
    yield sandboxes.make(NAME, Setup(now=NOW))
    sandboxes.delete(NAME)


@pytest.fixture
def inside(sandbox: Sandbox, app: Any) -> Iterator[Way]:
    """The way that most tests take: in this process, by the vendor's own host."""
    with PLACES.entered(place(respond=lambda name, asked, patience: answer(app, name, asked, patience))):
        yield Way("vendor's host", f"https://{HOST}", sandbox)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, sandbox: Sandbox, app: Any, url: str) -> Iterator[Way]:
    """Every way, one after another."""
    kind: str = request.param
    roots = {"own host": f"http://{OWN_HOST}/~{NAME}/deem", "socket": f"{url}/~{NAME}/deem"}
    with ExitStack() as stack:
        if kind == "led":
            stack.enter_context(PLACES.entered(place(url=url)))
        elif kind != "socket":
            here = place(respond=lambda name, asked, patience: answer(app, name, asked, patience))
            stack.enter_context(PLACES.entered(here))
        yield Way(kind, roots.get(kind, f"https://{HOST}"), sandbox)


@pytest.fixture
def script() -> Iterator[Script]:
    """A place in this process that is told what to answer."""
    told = Script()
    with PLACES.entered(place(respond=told.respond)):
        yield told
