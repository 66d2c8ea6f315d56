"""Sessions: what a purchase may name as the one that it came from."""

from __future__ import annotations

from mocktill.core.api import Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.fake import HEX


def create_session(call: Call, backend: Backend) -> Result:
    """Make a session of a new user, for nobody says whose it is; its id is its token too, as in the sample."""
    users = backend.table("users")
    user = backend.fake.text("user", 8, HEX, unused=users)
    users.insert(user, {})
    key = backend.fake.text("session", 16, unused=backend.table("sessions"))
    backend.table("sessions").insert(key, {"user_id": user, "created_at": text(backend.now)})
    return Result({"session": {"id": key, "user_token": key, "user_id": user}})
