"""urllib3, and so requests: its connections are the standard library's, but opened in a way of its own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

from urllib3 import connection, exceptions

from mocktill.doors.interception.patches import Patch
from mocktill.doors.interception.places import PORTS
from mocktill.doors.interception.sockets import open_led


def patches() -> Iterator[Patch]:
    """Yield what is replaced of urllib3."""
    yield Patch(connection.HTTPConnection, "connect", _connect)
    yield Patch(connection.HTTPSConnection, "connect", _connect)


def clean_up() -> None:
    """Do nothing: the connections are closed as the standard library's."""


def _connect(original: Callable[..., None]) -> Callable[..., None]:
    def connect(self: Any) -> None:
        try:
            led = open_led(self)
        except TimeoutError:
            said = f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            raise exceptions.ConnectTimeoutError(self, said) from None
        except OSError as error:
            raise exceptions.NewConnectionError(self, error.strerror or str(error)) from None
        if not led:
            original(self)
            return
        self._has_connected_to_proxy = bool(self.proxy)  # else it would take each failure for the proxy's
        if self.default_port == PORTS["https"]:  # else it would warn of a certificate that was not looked at
            self.is_verified = self.cert_reqs not in {"CERT_NONE", ssl.CERT_NONE}

    return connect
