"""Who asks Supertab: a token is a user's, a merchant's, or nobody's in particular, and sees what is theirs.

A token whose row names neither sees everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from mocktill.core import errors as e
from mocktill.core.api import Backend
from mocktill.core.secrets import digest, known_credential
from mocktill.core.store import Row, Table

USER = "user.eeeeeeee-0000-4000-8000-000000000001"
"""Who buys with a token that names no user."""


@dataclass(frozen=True)
class Asker:
    """Whom a token is for: None is nobody in particular."""

    user_id: str | None
    merchant_id: str | None

    def sees(self, row: Row) -> bool:
        """Whether a row is the user's and the merchant's; what names none is everybody's."""
        return _same(self.user_id, row.get("user_id")) and self.sells(row)

    def sells(self, row: Row) -> bool:
        """Whether a row is the merchant's; what names none is everybody's."""
        return _same(self.merchant_id, row.get("merchant_id"))

    def sees_tab(self, key: str, row: Row, purchases: Table) -> bool:
        """Whether a tab is the user's, and the merchant's or one that has something of the merchant's on it."""
        if not _same(self.user_id, row.get("user_id")):
            return False
        return self.sells(row) or any(self.sells(purchase) for _, purchase in purchases.find("by_tab", key))


def asker(credential: str, backend: Backend) -> Asker:
    """Return whom a token is for."""
    row = known_credential(backend.table("credentials"), credential) or {}
    return Asker(row.get("user_id"), row.get("merchant_id"))


def buyer(credential: str, backend: Backend) -> str:
    """Return the user who buys with a token, and whose access is checked."""
    named = asker(credential, backend).user_id
    if named is not None:
        return named
    return USER if backend.choice("unnamed_user") == "one" else own_user(credential)


def own_user(credential: str) -> str:
    """Return the id of the user that a token which names none has for itself: always the same."""
    drawn = digest(credential).rpartition(":")[2]
    return f"user.{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-8{drawn[17:20]}-{drawn[20:32]}"


def check_owner(table: str, key: str, credential: str, backend: Backend) -> None:
    """Raise `NotFound`, or by choice `Forbidden`, for a row that the asker may not see."""
    row = backend.table(table).get(key)
    if row is None:
        return
    who = asker(credential, backend)
    if not (who.sees_tab(key, row, backend.table("purchases")) if table == "tabs" else who.sees(row)):
        said = f"{key} is of another merchant or user"
        raise e.NotFound(said) if backend.choice("foreign_object") == "not_found" else e.Forbidden(said)


def look_up(table: str, key: str, backend: Backend) -> Row:
    """Return a row; raise `NotFound` where there is none."""
    row = backend.table(table).get(key)
    if row is None:
        raise e.NotFound(f"there is no row {key} in {table}")
    return row


def _same(wanted: str | None, found: str | None) -> bool:
    return wanted is None or found is None or wanted == found
