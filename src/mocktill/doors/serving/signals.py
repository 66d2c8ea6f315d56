"""The signals that end a server, also while it is still being loaded."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

KILLED = 128
"""What a shell adds to a signal's number where that ended a process."""


def ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that end a server cleanly: a terminal that closes does as well, unless that is ignored."""
    hung_up = getattr(signal, "SIGHUP", None)  # there is none on Windows
    told = () if hung_up is None or signal.getsignal(hung_up) is signal.SIG_IGN else (hung_up,)
    return (signal.SIGINT, signal.SIGTERM, *told)


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let a signal that would end a server end its start as well, for the length of a block: what is open is closed.

    Without a handler the first process of a container would never see it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are not this thread's
        return
    before = {number: signal.signal(number, _end) for number in ending_signals() if number != signal.SIGINT}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: object) -> None:
    sys.exit(KILLED + number)
