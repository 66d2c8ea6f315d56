"""What a fault rule does to one request: a value, with everything drawn that is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_SPOILING = frozenset({"connection", "garbled", "content_type", "status"})
KINDS = ("error", "rate_limit", "status", "garbled", "content_type", "delay", "headers")
"""What a rule may do beside what it does to the connection; the first that it does is its kind."""
_CONNECTIONS: Mapping[str, str] = {
    "drop": "dropped the connection",
    "cut": "cut the body in the middle",
    "never": "never answered",
}


@dataclass(frozen=True, slots=True)
class Strike:
    """A rule that strikes one request: what it does, with everything drawn that is drawn."""

    id: str
    what: Mapping[str, Any]
    after: bool
    delay: timedelta = timedelta()

    @property
    def replaces(self) -> bool:
        """Whether another answer is given than the sandbox's."""
        return (
            "body" in self.what
            or "error" in self.what
            or "rate_limit" in self.what
            or self.what.get("status", 0) >= 400
        )

    @property
    def spoils(self) -> bool:
        """Whether the client does not get the sandbox's answer as it is."""
        return self.replaces or bool(_SPOILING & self.what.keys())

    @property
    def keeps(self) -> bool:
        """Whether what the request did is kept."""
        return self.after or not self.spoils

    @property
    def loses(self) -> bool:
        """Whether the client never gets a whole answer."""
        return "connection" in self.what

    @property
    def kind(self) -> str:
        """What the rule does, in a word: what becomes of the connection, else of the answer, else of the time."""
        if "connection" in self.what:
            return str(self.what["connection"])
        return next((kind for kind in KINDS if kind in self.what), "other")

    @property
    def postpones(self) -> bool:
        """Whether the request waits before anything is done about it."""
        return bool(self.delay) and not self.after

    def sentence(self, changed: bool) -> str:
        """What the rule did, as the journal has it; `changed` is whether the request changed the state."""
        done = [
            f"answered with {self.what['error']}" if "error" in self.what else "",
            f"answered with status {self.what['status']}" if "status" in self.what else "",
            "answered that the rate limit is exceeded" if "rate_limit" in self.what else "",
            "garbled the body" if "garbled" in self.what else "",
            f"said that it is {self.what['content_type']}" if "content_type" in self.what else "",
            f"set {', '.join(self.what['headers'])}" if "headers" in self.what else "",
            f"answered {self.delay.total_seconds():g} s late" if self.delay else "",
            _CONNECTIONS.get(self.what.get("connection", ""), ""),
        ]
        when = "" if self.after or not self.spoils else "before the state changed"
        when = "after the state changed" if self.after and self.spoils and changed else when
        return " ".join(filter(None, [", ".join(filter(None, done)), when]))
