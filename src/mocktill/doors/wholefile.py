"""Files that are written whole or not at all: whoever reads one sees the old one or the new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, with the permissions that it had. Raises OSError, and leaves what was there."""
    target = file.resolve()  # a link stays a link
    number, name = mkstemp(prefix=f".{target.name}.", dir=target.parent)
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
