"""The three streams of a process, when whoever started it closed them, or they lead to where nothing can be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

STREAMS = range(3)
"""The numbers of stdin, stdout and stderr."""


@contextmanager
def standing() -> Iterator[None]:
    """Let the streams do no harm for the length of a block.

    A number that is closed would go to the next socket: a client would get what is meant for stderr, and uvloop ends
    the process rather than close such a one. What is left to be written at the end, and cannot be, is forgotten.
    """
    for number in STREAMS:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    try:
        yield
    finally:
        _forget(sys.stdout)
        _forget(sys.stderr)


def _forget(stream: TextIO | None) -> None:
    """Write the rest of a stream; where that cannot be, let it lead to where everything can be written."""
    if stream is None:  # it was closed from the beginning
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
