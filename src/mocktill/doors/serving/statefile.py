"""The state of every sandbox in one file: read at the start, written at a clean stop, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from mocktill.core import state
from mocktill.core.contract import Unacceptable
from mocktill.core.errors import Full
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.serving.wholefile import clear_leftovers, write_whole


class BrokenState(Exception):
    """A state file that cannot be used: says the file, the pointer and what is wrong, a line for each mistake."""


def load_state(sandboxes: Sandboxes, file: Path) -> bool:
    """Let each sandbox that a file names be as it says; False where there is no such file.

    Raises `BrokenState` for a file that is wrong anywhere, and changes nothing then. What servers left behind that were
    killed while they wrote the file is deleted.
    """
    clear_leftovers(file)
    try:
        document = state.read(file.read_bytes())
        if found := state.check_server(sandboxes.catalogue, document):
            raise Unacceptable(found)
        for name, one in document["sandboxes"].items():
            sandboxes.keep(name).load({"version": state.VERSION, **one})
    except FileNotFoundError:
        return False
    except Unacceptable as error:
        said = [f"{file}: {v.pointer or '/'}: {v.said}" for v in error.violations]
        raise BrokenState("\n".join(said)) from None
    except Full as error:
        raise BrokenState(f"{file}: {error}") from None
    except OSError as error:
        raise BrokenState(f"{file}: {error.strerror}") from None
    return True


def save_state(sandboxes: Sandboxes, file: Path) -> None:
    """Write the state of each sandbox; whoever reads the file sees the old one or the new one. Raises OSError."""
    boxes = {box.name: box.state() for box, _ in sandboxes.all()}
    parts = {name: {"clock": one["clock"], "tables": one["tables"]} for name, one in boxes.items()}
    written = state.dump({"version": state.VERSION, "sandboxes": parts})
    write_whole(file, written)
