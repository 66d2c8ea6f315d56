"""The QR code of a coupon: what it says, and the picture of it."""

from __future__ import annotations

from io import BytesIO

from mocktill.core.store import Row

SCALE, QUIET = 8, 4
"""How many pixels a module is wide, and how many modules the quiet zone (ISO/IEC 18004, 9.1)."""


def code_of(key: str, coupon: Row) -> str:
    """Return what the QR code of a coupon says: its redemption code, or else its `qr_code`, or else its id."""
    said: str = coupon.get("redemption_code") or coupon.get("qr_code") or key
    return said


def picture(code: str) -> bytes:
    """Return a code as a PNG image, black on white."""
    import segno  # most requests see no code

    made = BytesIO()
    segno.make(code, micro=False).save(made, kind="png", scale=SCALE, border=QUIET)
    return made.getvalue()
