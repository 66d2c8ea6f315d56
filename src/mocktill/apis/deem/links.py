"""Where Deem's links lead: pages and pictures below the root that was asked, or by choice the documented hosts."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from mocktill.core.api import Backend, Call
from mocktill.core.store import Row

HOST, IMAGE_HOST = "http://domain", "http://d2x9dz1etb1m98.cloudfront.net"
"""The hosts of the samples' links, of coupons and of images (Purchases: Get a purchase)."""
IMAGES = "/images"
"""Where the images are below the root: on their documented host they are at its root, where our deals are."""
GENERIC_IMAGE = "deals/generic_medium.gif"
"""The image of each deal in the samples."""
PLAIN = "/:@!$&'()*+,;=~"
"""What stands in a path as it is, beside letters and digits."""


def image_of(key: str, deal: Row, backend: Backend) -> str:
    """Return the image of a deal: its own, or else, by choice, one that is drawn for it or that of the samples."""
    own: str = deal.get("image_url") or ""
    if own:
        return own
    return image_path(key) if backend.choice("deal_image") == "drawn" else GENERIC_IMAGE


def image_path(key: str) -> str:
    """Return the image that is drawn for a deal, in the form of the documented one."""
    return f"deals/{_quoted(key)}_medium.gif"


def image_address(image: str, deal: Row, call: Call, backend: Backend) -> str:
    """Return the whole address of a deal's image; one that has a host of its own stays as it is."""
    if "://" in image:
        return image
    path = _quoted(image, PLAIN) if deal.get("image_url") else image
    return f"{IMAGE_HOST if _documented(backend) else call.base_url + IMAGES}/{path}"


def coupon_addresses(coupon: str, call: Call, backend: Backend) -> tuple[str, str]:
    """Return where the QR code of a coupon is, and where it can be printed."""
    root, path = HOST if _documented(backend) else call.base_url, _quoted(coupon)
    return f"{root}/coupon/qr_code/{path}", f"{root}/coupons/{path}/print"


def _documented(backend: Backend) -> bool:
    return backend.choice("link_host") == "documented"


@lru_cache(maxsize=512)
def _quoted(text: str, plain: str = "") -> str:
    return quote(text, safe=plain)  # the same few are asked for again and again
