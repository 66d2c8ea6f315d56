"""A call of the control API: what its handler gets, and the row of the table that it is a call of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

from mocktill.control.served import Served, beside
from mocktill.core.api import JSON
from mocktill.core.app import PATIENT, SANDBOX_NAME, WAIT, WAITED
from mocktill.core.sandbox import DEFAULT, Sandbox


@dataclass
class Ask:
    """A call that was read: `args`, `query` and `body` have passed their schemas.

    `body` is None where none came and none has to. `base_url` is the root of the server as the client sees it, with
    the prefix of the sandbox and without a slash at its end.
    """

    served: Served
    args: Mapping[str, Any]
    query: Mapping[str, Any]
    body: JSON
    base_url: str
    environ: dict[str, Any]
    routes: tuple[Route, ...] = ()

    @cached_property
    def box(self) -> Sandbox:
        """The sandbox that the call is about. One that is only looked at may be evicted, one that is steered stays.

        Raises ValueError for a name that is none, and `Full` where as many stay as there may be.
        """
        name = self.environ.get(SANDBOX_NAME, DEFAULT)
        looking = self.environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        return self.served.sandboxes.get(name) if looking else self.served.sandboxes.keep(name)

    @property
    def root(self) -> str:
        """The root of the server with the prefix of the sandbox, wherever its name came from."""
        name = self.box.name
        return self.base_url if self.base_url.endswith(f"/~{name}") else beside(self.base_url, name)

    @property
    def patience_seconds(self) -> float:
        """How long the door can still wait for this call."""
        asked = self.query.get("wait")
        if asked is None or not self.environ.get(PATIENT):
            return 0.0
        return max(float(asked) - float(self.environ.get(WAITED, 0.0)), 0.0)

    def wait(self) -> None:
        """Ask the door to wait for the journal, as long as there is patience, and to make the call again then."""
        if self.patience_seconds > 0:
            self.environ[WAIT] = (self.box.journal, self.patience_seconds)


@dataclass(frozen=True)
class Text:
    """An answer that is no JSON: its bytes, and the whole of its media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Route:
    """One call of the control API: a row of its table.

    `path` is in OpenAPI's style and below the prefix. `response`, `body` and `query` name schemas. `errors` are the
    statuses that it answers with, beside those that can happen everywhere. `boxed` is whether it is about one sandbox,
    `open` whether anybody may ask, `scene` whether its body can be a whole state, and `optional` whether no body says
    something else than an empty object. One with `media` answers with a `Text` of one of these types, as its
    `example` is; its `response` is None.
    """

    name: str
    method: str
    path: str
    handler: Callable[[Ask], JSON | Text]
    summary: str
    response: str | None = None
    status: int = 200
    _: KW_ONLY
    body: str | None = None
    query: str | None = None
    errors: tuple[int, ...] = ()
    boxed: bool = True
    open: bool = False
    scene: bool = False
    optional: bool = False
    media: tuple[str, ...] = ()
    example: str = ""
