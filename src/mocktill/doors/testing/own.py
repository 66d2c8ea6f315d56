"""The webhooks of a sandbox in this process: what a test says of addresses counts as listed."""

from __future__ import annotations

from collections.abc import Sequence

from mocktill.core.deliveries import Delivery, Target
from mocktill.core.webhooks import PATIENCE_SECONDS, Webhooks
from mocktill.doors.webhooks.addresses import listed_for
from mocktill.doors.webhooks.courier import Courier


class OwnWebhooks:
    """Where the webhooks of a test's sandbox go, and each with what came of it."""

    def __init__(self, webhooks: Webhooks, courier: Courier) -> None:
        self._webhooks = webhooks
        self._courier = courier

    @property
    def apis(self) -> list[str]:
        """The APIs that have webhooks."""
        return self._webhooks.apis

    @property
    def allowed(self) -> Sequence[str]:
        """The addresses that may be given over HTTP: HOST or HOST:PORT. The test itself may give every other."""
        return self._webhooks.allowed

    def send_to(self, api: str, url: str, secret: str | None = None) -> None:
        """Let the webhooks of an API go to a URL, what waits included, signed with a secret of yours if you give one.

        Raises KeyError, in words, for an API without webhooks, and ValueError for a URL that no webhook ever goes to,
        or a secret that cannot be one.
        """
        self._courier.allow(listed_for(url))
        self._webhooks.send_to(api, url, secret)

    def stop(self, api: str) -> None:
        """Send the webhooks of an API nowhere any more, and give up what waits; KeyError where they go nowhere."""
        self._webhooks.stop(api)

    def targets(self) -> list[Target]:
        """Return where webhooks go, by API."""
        return self._webhooks.targets()

    def deliveries(self, api: str | None = None) -> list[Delivery]:
        """Return what was told and is going to be, of one API or of all, oldest first; KeyError for no such API."""
        return self._webhooks.deliveries(api)

    def settle(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing that is due is still on its way; raise TimeoutError, in words, if that takes too long."""
        self._webhooks.settle(seconds)
