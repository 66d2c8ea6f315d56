"""A behaviour, and a visit in which one client shows it: what it asked, what it saw, and what was written about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from mocktill.core.entry import Entry, Remark
from mocktill.doors.testing.mocktill import Mocktill
from tests.clients.seen import Ask, Lost, Pairs, Reply, Seen

AGENT = ("User-Agent", "shop/1.0")
JSON = ("Content-Type", "application/json")
LATE = re.compile(r"[0-9.]+ s\b")


class Client(Protocol):
    """Whatever can ask."""

    def ask(self, ask: Ask) -> Seen:
        """Ask, and say what was seen."""

    def close(self) -> None:
        """Leave nothing open."""


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds: `late` is longer than a client in a `hurry` waits, `soon` is not.

    `patience` is for how long any other client waits.
    """

    late: float
    hurry: float
    soon: float
    patience: float


AT_ONCE = Pace(late=30, hurry=5, soon=3, patience=10)
"""In process nothing is waited for: what would be half a minute late is lost at once."""
REAL = Pace(late=2, hurry=0.05, soon=0.01, patience=10)
"""Over a socket everything takes the time that it says; nobody waits for what is late."""


@dataclass
class Visit:
    """One client at one sandbox: it asks through the door, steers the sandbox, and keeps all that it sees."""

    make: Callable[[], Client]
    box: Mocktill
    pace: Pace
    seen: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = self.make()

    def ask(
        self,
        method: str,
        url: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Pairs = (),
        *,
        timeout: float | None = None,
        follow: bool = False,
        pieces: int | None = None,
    ) -> Seen:
        """Ask, and keep what is seen; without a `timeout` the client has the patience of its door."""
        patience = self.pace.patience if timeout is None else timeout
        seen = self._client.ask(Ask(method, url, body, (AGENT, *headers), patience, follow, pieces))
        self.seen.append(seen)
        return seen

    def get(self, url: str, *headers: tuple[str, str]) -> Reply:
        """Get something that arrives."""
        return arrived(self.ask("GET", url, headers=headers))

    def send(self, method: str, url: str, value: Any, *headers: tuple[str, str]) -> Reply:
        """Send a JSON document whose answer arrives."""
        return arrived(self.ask(method, url, orjson.dumps(value), (JSON, *headers)))

    def note(self, value: object) -> None:
        """Keep something else that must be the same behind every door."""
        self.seen.append(value)

    def hang_up(self) -> None:
        """Go on as a new client: what is asked next needs a connection of its own."""
        self.close()
        self._client = self.make()

    def close(self) -> None:
        """Leave nothing open."""
        self._client.close()

    @property
    def outcome(self) -> tuple[str, ...]:
        """The statuses of what was asked, or how the answers were lost."""
        return tuple(str(seen) for seen in self.seen if isinstance(seen, Reply | Lost))

    @property
    def headers(self) -> list[Any]:
        """The headers that the journal has of each request, with the sandbox's own host by one name."""
        own = urlsplit(self.box.url("deem")).netloc
        return [_headers(told, own) for told in self.box.told() if isinstance(told, Entry)]

    @property
    def told(self) -> list[Any]:
        """What the journal has: requests, and remarks between them, as far as these are not the client's own."""
        return [_entry(told, self.box) if isinstance(told, Entry) else _remark(told) for told in self.box.told()]


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What a client can rely on: `play` shows it, and `outcome` says what comes of each request.

    `settings` are those of the sandbox. `needs` is what a way in must be able to do: `losing` answers, following
    `redirects`, `resending` a body on the way, keeping `cookies`, `writing` a URL as it is. `own` is what comes of it
    with the clients that ask in a way of their own.
    """

    play: Callable[[Visit], object]
    outcome: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.play.__name__


Came = int | str


def does(
    play: Callable[[Visit], object],
    *outcome: Came,
    needs: str = "",
    own: Mapping[str, tuple[Came, ...]] | None = None,
    **settings: Any,
) -> Behaviour:
    """Return a row of the table of behaviours."""
    others = {client: tuple(map(str, came)) for client, came in (own or {}).items()}
    return Behaviour(play, tuple(map(str, outcome)), settings, frozenset(needs.split()), others)


def arrived(seen: Seen) -> Reply:
    """Return an answer that must not have been lost."""
    assert isinstance(seen, Reply), seen
    return seen


def _entry(entry: Entry, box: Mocktill) -> Any:
    """Return an entry without the sandbox's name and address, the headers of each client, and how late it was."""
    told = entry.to_json()
    told["request"]["url"] = told["request"]["url"].replace(box.url(entry.api), "its own url")
    del told["sandbox"], told["request"]["headers"]
    if told["fault"]:
        told["fault"]["sentence"] = LATE.sub("a while", told["fault"]["sentence"])
    return told


def _headers(entry: Entry, own: str) -> dict[str, str]:
    """Return the headers of a request; `own` is the host of the sandbox's own URL."""
    return {name: value.replace(own, "its own host") for name, value in entry.request_headers.items()}


def _remark(remark: Remark) -> Any:
    return {**remark.to_json(), "sentence": LATE.sub("a while", remark.sentence)}
