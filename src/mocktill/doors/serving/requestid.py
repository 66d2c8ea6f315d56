"""Ids of requests: what ties an answer, the line about it in the log, and what its client knows of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from mocktill.core.clock import machine_now

HEADER = "Mocktill-Request-Id"
"""The response header that tells the id."""
ASKED = "HTTP_X_REQUEST_ID"
"""Where the WSGI environment has the id that a client chose, with `X-Request-Id`."""
MADE = "mt-"
"""How an id begins that was made here."""
_SANE = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}")


class RequestIds:
    """Gives each request an id: the one that its client sent if it is sane, else the next of this server.

    Those begin with the instant at which the server started, so that no other start gives the same ones.
    """

    def __init__(self) -> None:
        self._start = f"{MADE}{int(machine_now().timestamp() * 1_000_000):x}-"
        self._numbers = count(1)

    def of(self, environ: Mapping[str, Any]) -> str:
        """Return the id of a request: of up to 128 letters, digits and `._~+/=-`."""
        asked = environ.get(ASKED)
        if asked is not None and _SANE.fullmatch(asked):
            return str(asked)
        return f"{self._start}{next(self._numbers):x}"
