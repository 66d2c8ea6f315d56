"""Hosts as they are looked up, however they are written."""

from __future__ import annotations

from contextlib import suppress


def plain(host: str) -> str:
    """Return a host as it is looked up: in lower case, in ASCII, and without the dot of the root."""
    if not host.isascii():
        with suppress(UnicodeError):  # then nobody can look it up
            host = host.encode("idna").decode("ascii")
    return host.lower().rstrip(".")
