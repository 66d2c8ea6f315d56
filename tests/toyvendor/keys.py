"""Keys of Kiosk that are issued for the password, and handed in again."""

from __future__ import annotations

from datetime import timedelta

from mocktill.core import errors as e
from mocktill.core.api import Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.secrets import digest

PASSWORD = "let me in"


def issue_key(call: Call, backend: Backend) -> Result:
    """Issue a key for so many hours, one if nothing is said; only its digest is kept."""
    if call.body["password"] != PASSWORD:
        raise e.NotAuthenticated("this is not the password")
    key = backend.fake.text("key", 24)
    expires_at = text(backend.now + timedelta(hours=call.body.get("hours", 1)))
    backend.table("credentials").insert(digest(key), {"state": "active", "expires_at": expires_at})
    return Result({"ok": True, "access_token": key, "expires_at": expires_at})


def hand_in_key(call: Call, backend: Backend) -> Result:
    """Let the key that is shown be good for nothing any more, whoever issued it."""
    credentials = backend.table("credentials")
    issued = digest(call.credential)
    row = credentials.get(issued)
    if row is not None:
        credentials.put(issued, {**row, "state": "revoked"})
    return Result(None)
