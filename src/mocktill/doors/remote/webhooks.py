"""The webhooks of a sandbox that a server runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from mocktill.core.api import JSON
from mocktill.core.clock import steady_seconds
from mocktill.core.deliveries import Delivery, Target
from mocktill.core.names import absent
from mocktill.core.webhooks import PATIENCE_SECONDS, unsettled
from mocktill.doors.remote.client import ControlClient

PAUSE_SECONDS = 0.05
"""The time between two questions."""


class RemoteWebhooks:
    """Where the webhooks of a sandbox go that a server runs, and each with what came of it."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    @property
    def apis(self) -> list[str]:
        """The APIs that have webhooks."""
        return list(self._read()["apis"])

    @property
    def allowed(self) -> Sequence[str]:
        """The addresses that may be given: HOST or HOST:PORT; none where webhooks are off."""
        return list(self._read()["allowed"])

    def send_to(self, api: str, url: str, secret: str | None = None) -> None:
        """Let the webhooks of an API go to a URL, what waits included, signed with a secret of yours if you give one.

        Raises KeyError, in words, for an API without webhooks, and ValueError for a URL that is not allowed, or a
        secret that cannot be one.
        """
        self._client.call("PUT", "webhooks", api, body={"url": url, "secret": secret})

    def stop(self, api: str) -> None:
        """Send the webhooks of an API nowhere any more, and give up what waits; KeyError where they go nowhere."""
        self._client.call("DELETE", "webhooks", api)

    def targets(self) -> list[Target]:
        """Return where webhooks go, by API."""
        return [Target(**target) for target in self._read()["targets"]]

    def deliveries(self, api: str | None = None) -> list[Delivery]:
        """Return what was told and is going to be, of one API or of all, oldest first; KeyError for no such API.

        Secrets in a payload are masked.
        """
        told = self._read()
        if api is not None and api not in told["apis"]:
            raise absent("API with webhooks", api, told["apis"])
        return [Delivery.of(each) for each in told["deliveries"] if api in {None, each["api"]}]

    def settle(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing that is due is still on its way; raise TimeoutError, in words, if that takes too long.

        The server is asked again and again. Where somebody has stopped this machine's clock, the pauses count.
        """
        left = seconds
        while due := self._read()["due"]:
            if left <= 0:
                raise TimeoutError(unsettled(due, seconds))
            began, pause = steady_seconds(), min(PAUSE_SECONDS, left)
            threading.Event().wait(pause)
            left -= max(steady_seconds() - began, pause)

    def _read(self) -> JSON:
        return self._client.get("webhooks")
