"""What a vendor's links lead to that is no operation: images and pages that a browser shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from mocktill.core.world import Scene

HTML, PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"
READING = frozenset({"GET", "HEAD"})
ALWAYS = (("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff"))
"""The headers of every page: rows move on, so a browser asks again."""
STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: #eceef1; color: #111; font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 40rem; margin: 2.5rem auto; padding: 2.5rem; background: #fff; border: 1px solid #c9cdd3; }
h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.price { font-size: 1.5rem; font-weight: 700; }
table { width: 100%; margin-top: 1.5rem; border-collapse: collapse; }
th, td { padding: .5rem 0; border-bottom: 1px solid #c9cdd3; text-align: left; overflow-wrap: anywhere; }
th:not(:first-child), td:not(:first-child) { text-align: right; }
@media (max-width: 34rem) { main { margin: 0; padding: 1.25rem; border: 0; } }
"""
"""How a page looks that has no style of its own."""
_VARIABLE = re.compile(r"\\{(\\\+)?(\w+)\\}")


@dataclass(frozen=True)
class Visit:
    """A request for a page: the variables of its path, and the root of the API as the client sees it."""

    args: Mapping[str, str]
    base_url: str


@dataclass(frozen=True)
class Shown:
    """What a page is: its bytes, the whole of their media type, and what a browser may load for it."""

    content: bytes
    media_type: str
    policy: str = ""

    @property
    def inline(self) -> str:
        """The whole of it as an address: an image so stands in a page wherever the page is."""
        from base64 import b64encode  # pages are rare, and a start is to be quick

        return f"data:{self.media_type};base64,{b64encode(self.content).decode()}"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that it is answered with."""
        policy = [("Content-Security-Policy", self.policy)] if self.policy else []
        return [("Content-Type", self.media_type), *ALWAYS, *policy]


@dataclass(frozen=True)
class Page:
    """Something that links of an API lead to and that is read without a credential, below the root of the API.

    `path` is in OpenAPI's style, `/coupons/{coupon_id}/print`; a variable with a plus, `/images/{+image}`, may have
    slashes. `show` raises KeyError, in words, where there is nothing.
    """

    path: str
    show: Callable[[Visit, Scene], Shown]
    summary: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a path looks like that is this page's."""
        return re.compile(_VARIABLE.sub(_group, re.escape(self.path)), re.DOTALL)


def _group(variable: re.Match[str]) -> str:
    return f"(?P<{variable[2]}>{'.+' if variable[1] else '[^/]+'})"


def find_page(pages: Sequence[Page], method: str, path: str) -> tuple[Page, Mapping[str, str]] | None:
    """Return the page that is read at a path, with the variables of it, or None."""
    if method not in READING:
        return None
    found = ((page, page.pattern.fullmatch(path)) for page in pages)
    return next(((page, match.groupdict()) for page, match in found if match), None)


def plain(sentence: str) -> Shown:
    """Return a sentence as a page: no vendor answers so."""
    return Shown(f"Mocktill: {sentence}\n".encode(), PLAIN)


def document(title: str, body: str, style: str = STYLE) -> Shown:
    """Return a whole page of HTML; `title` is text, `body` and `style` are sources, escaped by whoever wrote them.

    A browser runs no script of it, takes this style and no other, and loads images of its own origin alone.
    """
    from base64 import b64encode  # pages are rare, and a start is to be quick
    from hashlib import sha256

    style = f"\n{style.strip()}\n"
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
    source = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
{body.strip()}
</body>
</html>
"""
    return Shown(source.encode("utf-8", "replace"), HTML, policy)
