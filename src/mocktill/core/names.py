"""Names that users give: of sandboxes and of snapshots. Nothing in one can be a path."""

from __future__ import annotations

import re

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}")


def is_name(name: str) -> bool:
    """Whether this is a name."""
    return NAME.fullmatch(name) is not None


def check_name(name: str, what: str = "a sandbox") -> None:
    """Raise ValueError, in words, for what is no name."""
    if not is_name(name):
        raise ValueError(f"the name of {what} is 1 to 64 of A-Z a-z 0-9 . _ -")
