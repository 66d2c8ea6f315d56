"""Clock, faults, choices and snapshots of a sandbox that a server runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mocktill.core import choices as choosing
from mocktill.core.api import JSON
from mocktill.core.clock import instant, text
from mocktill.core.faults import Fault, Preset
from mocktill.core.names import check_name
from mocktill.core.sandbox import Event
from mocktill.core.snapshots import Saved
from mocktill.doors.remote.client import ControlClient


class RemoteClock:
    """The time of a sandbox that a server runs: every change is one call, answered with what it made happen."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def now(self) -> datetime:
        """Return the sandbox's instant."""
        return instant(self._client.get("clock")["now"])

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return bool(self._client.get("clock")["mode"] == "frozen")

    def next_expiry(self) -> datetime | None:
        """Return when something is going to expire next; None where nothing is."""
        at = self._client.get("clock")["next_expiry"]
        return None if at is None else instant(at)

    def advance(self, delta: timedelta = timedelta(), **parts: float) -> list[Event]:
        """Move time by a timedelta, or by its parts as in `advance(minutes=5)`; return what happened.

        A negative distance moves back: nothing happens then, and what has expired stays expired.
        """
        try:
            distance = delta + timedelta(**parts)
        except OverflowError:
            raise ValueError("no clock goes that far") from None
        return self._move({"advance": distance.total_seconds()})

    def travel_to(self, at: datetime) -> list[Event]:
        """Move to an instant, keeping the mode; return what happened."""
        return self._move({"travel_to": at_text(at)})

    def freeze(self, at: datetime | None = None) -> list[Event]:
        """Let time stand still, now or at an instant; return what happened."""
        return self._move({"freeze": True if at is None else at_text(at)})

    def run(self) -> list[Event]:
        """Let time run on from where it is; return what happened."""
        return self._move({"run": True})

    def next(self) -> list[Event]:
        """Move to the next expiry, and return what happened; where nothing is going to happen, time stays."""
        return self._move({"next": True})

    def _move(self, how: JSON) -> list[Event]:
        events = self._client.call("POST", "clock", body=how)["events"]
        return [Event(**{**event, "at": instant(event["at"])}) for event in events]


class RemoteFaults:
    """The fault rules of a sandbox that a server runs."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def add(self, rule: JSON) -> Fault:
        """Add a rule; raise `Unacceptable` for one that is none, `Full` where there are too many."""
        return fault_of(self._client.call("POST", "faults", body=rule))

    def all(self) -> list[Fault]:
        """Return the rules with how often each was asked and struck."""
        return [fault_of(fault) for fault in self._client.get("faults")["faults"]]

    def remove(self, number: str) -> None:
        """Take a rule away; raise KeyError in words where there is none."""
        self._client.call("DELETE", "faults", number)

    def clear(self) -> None:
        """Take all rules away."""
        self._client.call("DELETE", "faults")

    def presets(self) -> list[Preset]:
        """Return the rules that there are by name."""
        return [Preset(**preset) for preset in self._client.get("faults", "presets")["presets"]]

    def add_preset(self, name: str, when: JSON = None) -> Fault:
        """Add the rule of that name, for the requests that `when` says; raise KeyError where there is none."""
        return fault_of(
            self._client.call("POST", "faults", "presets", name, body=None if when is None else {"when": when})
        )


class RemoteChoices:
    """The choices of a sandbox that a server runs: read them by full name, set them, see them all."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def __getitem__(self, name: str) -> str:
        values = self.all()
        if name not in values:
            raise KeyError(choosing.unknown(name, values))
        return values[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.set({name: value})

    def set(self, settings: Mapping[str, str]) -> None:
        """Set several, or none if one is wrong: raises ValueError in words."""
        self._client.call("PATCH", "choices", body=dict(settings))

    def all(self) -> dict[str, str]:
        """Return every choice with its value."""
        return {choice["name"]: choice["value"] for choice in self._client.get("choices")["choices"]}


class RemoteSnapshots:
    """The named copies of a sandbox that a server runs."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def names(self) -> list[str]:
        """Return the names, in order."""
        return [saved.name for saved in self.all()]

    def all(self) -> list[Saved]:
        """Return what there is, by name."""
        return [saved_of(saved) for saved in self._client.get("snapshots")["snapshots"]]

    def saved(self, name: str) -> Saved:
        """Return what is to be said of a snapshot; raise KeyError in words where there is none."""
        for saved in self.all():
            if saved.name == name:
                return saved
        raise KeyError(f"there is no snapshot {name}")

    def get(self, name: str) -> JSON:
        """Return a snapshot as a document; raise KeyError in words where there is none."""
        return self._client.get("snapshots", name)

    def put(self, name: str, document: JSON) -> None:
        """Keep a document under a name; raise `Unacceptable` for a wrong one, `Full` and ValueError as `Snapshots`."""
        check_name(name, "a snapshot")
        self._client.call("PUT", "snapshots", name, body=document)

    def delete(self, name: str) -> None:
        """Forget a snapshot; raise KeyError in words where there is none."""
        self._client.call("DELETE", "snapshots", name)


def at_text(at: datetime) -> str:
    """Return an instant as the control API writes it; raise ValueError for one without a time zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return text(at)


def fault_of(value: JSON) -> Fault:
    """Return the fault that became this JSON."""
    return Fault(value["id"], value["rule"], value["calls"], value["hits"])


def saved_of(value: JSON) -> Saved:
    """Return the snapshot that became this JSON."""
    return Saved(value["name"], instant(value["at"]), value["rows"])
