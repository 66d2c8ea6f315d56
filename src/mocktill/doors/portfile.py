"""The port file: the number of the port that a server answers on, for whoever started it on port 0."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType

from mocktill.doors.wholefile import write_whole


class PortFile:
    """A file that is there exactly while its server answers. Raises OSError where no such file can be."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> PortFile:
        self._file.unlink(missing_ok=True)  # of a server that was killed: nobody is to ask there
        write_whole(self._file, b"")
        self._file.unlink()
        return self

    def write(self, port: int) -> None:
        """Say the port; whoever reads the file finds no half of a number. Raises OSError, as where the disk is full."""
        write_whole(self._file, b"%d\n" % port)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.unlink()
