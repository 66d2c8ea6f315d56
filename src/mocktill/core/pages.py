"""What a vendor's links lead to that is no operation: images and pages that a browser shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mocktill.core.world import Scene


@dataclass(frozen=True)
class Visit:
    """A request for a page: the variables of its path, and the root of the API as the client sees it."""

    args: Mapping[str, str]
    base_url: str


@dataclass(frozen=True)
class Shown:
    """What a page is: its bytes, and the whole of their media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Page:
    """Something that links of an API lead to and that is read without a credential, below the root of the API.

    `path` is in OpenAPI's style, `/coupons/{coupon_id}/print`. `show` raises KeyError, in words, where
    there is nothing.
    """

    path: str
    show: Callable[[Visit, Scene], Shown]
    summary: str
