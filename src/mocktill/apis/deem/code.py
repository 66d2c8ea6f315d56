"""The QR code of a coupon: what it says, and the picture of it."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any

from mocktill.core.store import Row

SCALE, QUIET = 8, 4
"""How many pixels a module is wide, and how many modules the quiet zone (ISO/IEC 18004, 9.1)."""
KEPT = 512
"""How many pictures are kept, of some 300 bytes each: drawing one takes milliseconds."""


def code_of(key: str, coupon: Row) -> str:
    """Return what the QR code of a coupon says: its redemption code, or else its `qr_code`, or else its id."""
    said: str = coupon.get("redemption_code") or coupon.get("qr_code") or key
    return said


@lru_cache(maxsize=KEPT)
def picture(code: str) -> bytes:
    """Return a code as a PNG image, black on white."""
    import segno  # most requests see no code

    made = BytesIO()
    # without a word on how the letters are written, a reader guesses: and `éü` would pass for Japanese
    written: dict[str, Any] = {} if code.isascii() else {"encoding": "utf-8", "eci": True, "mode": "byte"}
    segno.make(code, micro=False, **written).save(made, kind="png", scale=SCALE, border=QUIET)
    return made.getvalue()
