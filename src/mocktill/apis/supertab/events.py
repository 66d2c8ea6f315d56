"""What Supertab tells by webhook, signed as Svix does: that a purchase was completed.

The currency of a price is an object there, and instants have microseconds.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping

from mocktill.core.api import JSON, Webhook
from mocktill.core.choices import Basis
from mocktill.core.store import Row

COMPLETED = "purchase.completed"
SOURCE = "Supertab Webhook Event Types; signed as Svix publishes"
PREFIX = "whsec_"
SECRET = "whsec_TW9ja3RpbGwncyBzYW5kYm94LCBubyBzZWNyZXQ="
"""The secret that the sandbox signs with unless another is set: known to everybody, and no secret of anybody's."""
CURRENCIES = {
    "USD": ("US Dollar", "$", "100"),
    "EUR": ("Euro", "€", "100"),
    "GBP": ("British Pound", "£", "100"),
    "CHF": ("Swiss Franc", "CHF", "100"),
    "CAD": ("Canadian Dollar", "CA$", "100"),
    "AUD": ("Australian Dollar", "A$", "100"),
    "BRL": ("Brazilian Real", "R$", "100"),
    "JPY": ("Japanese Yen", "¥", "1"),
}
"""Name, symbol and how many minor units make one; any other is shown by its code, with 100."""


def completed_payload(key: str, row: Row, user_id: str, user: Row) -> JSON:
    """Return the body of a webhook on a purchase that was completed."""
    return {
        "type": COMPLETED,
        "data": {
            "id": key,
            "offering_id": row["offering_id"],
            "description": row["summary"],
            "price": {"amount": int(row["price"]["amount"]), "currency": _currency(row["price"]["currency"])},
            "purchased_at": row["purchase_date"],
            "completed_at": row["completed_at"],
            "metadata": dict(row.get("metadata", {})),
            "user": {"id": user_id, **{name: user.get(name) for name in ("email", "first_name", "last_name")}},
        },
    }


def signed(number: str, unix_seconds: int, body: bytes, secret: str) -> Mapping[str, str]:
    """Return the headers of a delivery: its id, its time, and the signature over both and the body.

    The key is what follows `whsec_` in the secret, in base64. Raises ValueError, in words, for a secret that is none.
    """
    said = f"{number}.{unix_seconds}.".encode() + body
    signature = b64encode(hmac.digest(_key(secret), said, "sha256")).decode()
    return {"svix-id": number, "svix-timestamp": str(unix_seconds), "svix-signature": f"v1,{signature}"}


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise ValueError(f"what follows {PREFIX} is not base64") from None


def _currency(code: str) -> JSON:
    name, symbol, base_unit = CURRENCIES.get(code, (code, code, "100"))
    return {"code": code, "name": name, "symbol": symbol, "base_unit": base_unit}


WEBHOOK = Webhook((COMPLETED,), Basis.PUBLISHED, SOURCE, signed, SECRET)
