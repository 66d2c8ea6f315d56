"""Files that are written whole or not at all: whoever reads one sees the old one or the new one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import mkstemp

SUFFIX = ".tmp"
"""How a file is called at its end that is not whole yet: `.state.json.k3x9a_b2.tmp`."""
LOCK = ".lock"
"""How the file is called at its end that says that one is written by somebody: `.state.json.lock`."""


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, with the permissions that it had. Raises OSError, and leaves what was there."""
    target = replaceable(file)
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


def replaceable(file: Path) -> Path:
    """Return where a file is to be written; a link stays a link.

    Raises OSError for what is there and cannot be replaced: a folder, a device, a pipe, or a file that is mounted.
    """
    target = file.resolve()
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(target.stat().st_mode):
            raise OSError(errno.EINVAL, "what is there is no plain file", str(file))
        if os.path.ismount(target):
            raise OSError(errno.EBUSY, "it is mounted by itself, and cannot be replaced: mount its folder", str(file))
    return target


@contextmanager
def owned(file: Path) -> Iterator[None]:
    """Be the only one who writes a file, for the length of a block.

    Raises BlockingIOError where another process is, and OSError where it could not be written. What says so is a file
    beside it, which is gone at the end; one that a killed process left says nothing.
    """
    target = replaceable(file)
    place = target.parent / f".{target.name}{LOCK}"
    while True:
        number = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(number)
            if os.fstat(number).st_nlink:
                break
        except BaseException:
            os.close(number)
            raise
        os.close(number)  # its owner has just taken it away
    try:
        yield
    finally:
        with suppress(OSError):
            place.unlink()
        os.close(number)


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
    """Lock an open file until it is closed; False where no file can be.

    Where another process has it, wait for that, or else raise BlockingIOError.
    """
    try:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
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
