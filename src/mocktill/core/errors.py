"""The meanings of a refusal, in the sandbox's own words; a dialect says them in the vendor's."""

from __future__ import annotations


class Meaning(Exception):
    """Why a request is refused.

    Handlers raise meanings and the pipeline catches them; what the client reads is the row that the
    vendor's dialect has for the meaning. `kind`, `resource` and `field` narrow it down for the vendors
    whose errors have room for that; `headers` go with the answer (the `Allow` of a wrong method). `others` are
    further reasons of the same kind, told with it; `known` is what had been found by then (ids by their field).
    """

    def __init__(
        self,
        detail: str = "",
        *,
        kind: str | None = None,
        resource: str | None = None,
        field: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        others: tuple[Meaning, ...] = (),
        known: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.kind = kind
        self.resource = resource
        self.field = field
        self.headers = headers
        self.others = others
        self.known = known


class NotAuthenticated(Meaning):
    """No credential came, or one that is refused."""


class Forbidden(Meaning):
    """The credential is good, and not for this."""


class NoRoute(Meaning):
    """No operation of the vendor has this path."""


class WrongMethod(Meaning):
    """The path exists, and not for this method."""


class NotFound(Meaning):
    """The object that the path names does not exist."""


class Malformed(Meaning):
    """The bytes are not a request: broken JSON, a broken encoding, an invalid Host."""


class TooLarge(Meaning):
    """The body is over the limit of the sandbox."""


class TooSlow(Meaning):
    """The body did not come in time. No vendor says how it tells of that: as of what is malformed, with a 408."""


class Invalid(Meaning):
    """The request is well formed and its values are not acceptable."""


class Conflict(Meaning):
    """The object's state does not allow this."""


class InProgress(Meaning):
    """An earlier request on the same thing has not finished."""


class KeyReused(Meaning):
    """An idempotency key came again with another request."""


class KeyInUse(Meaning):
    """The first request with an idempotency key has not been answered yet."""


class SoldOut(Meaning):
    """Not enough is left."""


class Declined(Meaning):
    """The payment card was declined."""


class ChargeFailed(Meaning):
    """The card was accepted and charging it failed."""


class RateLimited(Meaning):
    """Too many requests within the vendor's window."""


class Broken(Meaning):
    """The sandbox itself failed: an answer that breaks its contract, or a defect. Never the client's fault."""


EVERYWHERE: tuple[type[Meaning], ...] = (
    NotAuthenticated,
    NoRoute,
    WrongMethod,
    Malformed,
    TooLarge,
    Invalid,
    Broken,
)
"""What any request can meet: every dialect has a row for each of these."""


class Full(ValueError):
    """There is no room for one more: says which bound of the sandbox is reached, and what to do. No vendor's matter."""
