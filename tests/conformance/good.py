"""How to ask a vendor well: what its table of operations does not tell. Each vendor's tests bring one of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mocktill.core.api import JSON


@dataclass(frozen=True)
class Shown:
    """A credential as it is sent: headers, query parameters, or both."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GoodRequest:
    """A request that succeeds in the factory state, but for its credential.

    `after` names the operation that has to come first; `taken` says which path arguments are found in its
    answer, by JSON pointer.
    """

    args: Mapping[str, str] = field(default_factory=dict)
    body: JSON = None
    after: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Good:
    """How a credential is shown, and a good request for each operation, by name."""

    show: Callable[[str], Shown]
    requests: Mapping[str, GoodRequest]
