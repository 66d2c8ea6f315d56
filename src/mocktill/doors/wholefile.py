"""Files that are written whole or not at all: whoever reads one sees the old one or the new one."""

from __future__ import annotations

import os
from contextlib import suppress
from glob import escape
from pathlib import Path
from tempfile import mkstemp

SUFFIX = ".tmp"
"""How a file is called at its end that is not whole yet: `.state.json.k3x9a_b2.tmp`."""


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, with the permissions that it had. Raises OSError, and leaves what was there."""
    target = file.resolve()  # a link stays a link
    number, name = _begin(target)
    try:
        with open(number, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
            _keep_mode(target, name)
            os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)


def clear_leftovers(file: Path) -> None:
    """Delete what writers of a file left behind that were killed; one that is still writing has its own locked."""
    with suppress(OSError):
        target = file.resolve()
        for left in target.parent.glob(f".{escape(target.name)}.????????{SUFFIX}"):
            with suppress(OSError), left.open("rb") as found:
                if _lock(found.fileno()):
                    left.unlink()


def _begin(target: Path) -> tuple[int, str]:
    """Return a new file beside the target, open and locked, and its name."""
    while True:
        number, name = mkstemp(prefix=f".{target.name}.", suffix=SUFFIX, dir=target.parent)
        _lock(number, wait=True)
        if os.fstat(number).st_nlink:
            return number, name
        os.close(number)  # somebody took it for a leftover before it was locked


def _lock(number: int, *, wait: bool = False) -> bool:
    """Lock an open file until it is closed; False where another process has it, or no file can be."""
    try:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError):
        return False
    return True


def _keep_mode(target: Path, name: str) -> None:
    """Give the new file the old one's permissions; a first one may be read by whoever may read any."""
    try:
        mode = target.stat().st_mode & 0o777
    except FileNotFoundError:
        mode = 0o644
    os.chmod(name, mode)


def _sync_folder(folder: Path) -> None:
    """Let the new name outlast a loss of power, where folders can be synced."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
