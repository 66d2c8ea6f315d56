"""A client of one API in one sandbox, through Flask's test client: what most tests ask with."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from mocktill.core.app import SANDBOX, VendorApp
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox


class Client:
    """Sends requests to one API; `entry` is what the journal says of the last one."""

    def __init__(self, box: Sandbox, api: str, headers: dict[str, str] | None = None) -> None:
        self.box = box
        self.api = api
        self.headers = headers or {}
        self._client = VendorApp(box.catalogue.shelves[api]).test_client()

    def __call__(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        return self._client.open(
            path,
            method=method,
            headers={**self.headers, **(headers or {})},
            environ_overrides={SANDBOX: self.box},
            **more,
        )

    @property
    def entry(self) -> Entry:
        """The journal's last entry."""
        return self.box.journal.entries()[-1]
