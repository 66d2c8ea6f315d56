"""The port file: the number of the port that a server answers on, for whoever started it on port 0."""

from __future__ import annotations

import errno
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from mocktill.doors.serving.wholefile import replaceable, write_whole

_NUMBER = re.compile(rb"[0-9]{0,5}\n?")
MOST = 16
"""More bytes than a port file has."""


class PortFile:
    """A file that is there from when a server answers until it stops. Raises OSError where no such file can be.

    What is there and is no port file is left alone, and so is one that another server has written since.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = b""

    def __enter__(self) -> PortFile:
        target = replaceable(self._file)
        if target.exists() and not _NUMBER.fullmatch(_read(target)):
            raise OSError(errno.EEXIST, "what is there is no port file", str(self._file))
        target.unlink(missing_ok=True)  # of a server that was killed: nobody is to ask there
        write_whole(target, b"")
        target.unlink()
        return self

    def write(self, port: int) -> None:
        """Say the port; whoever reads the file finds no half of a number. Raises OSError, as where the disk is full."""
        self._written = b"%d\n" % port
        write_whole(self._file, self._written)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            if _read(self._file) == self._written:
                self._file.resolve().unlink()


def _read(file: Path) -> bytes:
    with file.open("rb") as found:
        return found.read(MOST)
