"""What happens at the house that sold the tickets: its door scans one. And how Kiosk tells of things."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from mocktill.core.api import Backend
from mocktill.core.clock import text
from mocktill.core.names import look_up
from tests.toyvendor.handlers import show_ticket


def scan_ticket(key: str, backend: Backend) -> str:
    """Scan a ticket; raise KeyError for one that there is not, ValueError for one that was scanned before."""
    tickets = backend.table("tickets")
    row = look_up(tickets, key, "ticket")
    if "scanned_at" in row:
        raise ValueError(f"ticket {key} was scanned before, at {row['scanned_at']}")
    tickets.put(key, {**row, "scanned_at": text(backend.now)})
    backend.emit("ticket.scanned", key, lambda: {"event": "ticket.scanned", "ticket": show_ticket(key, row)})
    return f"ticket {key} was scanned"


def sign(number: str, unix_seconds: int, body: bytes, secret: str) -> Mapping[str, str]:
    """Return the headers of a delivery: its number, and who sent it."""
    signed = hmac.new(secret.encode(), b"%d." % unix_seconds + body, "sha256").hexdigest()
    return {"X-Kiosk-Delivery": number, "X-Kiosk-Signature": f"{unix_seconds}.{signed}"}
