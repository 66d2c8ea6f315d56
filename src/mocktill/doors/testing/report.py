"""What a failing test is told of its sandbox: the journal as a table, and how to repeat the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from shutil import get_terminal_size

from mocktill.core.clock import text
from mocktill.core.entry import Entry, Remark
from mocktill.doors.commands.lines import lines
from mocktill.doors.testing.mocktill import Mocktill

TOLD = 50
"""How many requests, and remarks between them, are told at the most: the newest."""
WIDTH = 120
"""How wide the table is where there is no terminal."""
NARROWEST = 80

Section = tuple[str, str]
"""Title and text of a part of a test's report."""


@dataclass(frozen=True)
class Report:
    """What is to be told of a sandbox, as it was at a moment: nothing is written down before a test fails.

    `place` is where it was, `began` the instant at which it began, or of the first thing that happened in it;
    `marked` is whether a marker can say how it is to begin.
    """

    name: str
    place: str
    seed: int
    now: datetime
    frozen: bool
    began: datetime | None
    told: Sequence[Entry | Remark]
    evicted: int
    marked: bool = True

    def section(self) -> Section:
        """Return the part of a test's report."""
        clock = f"{'frozen at' if self.frozen else 'the clock runs, and says'} {text(self.now)}"
        said = [f"{self.place}, seed {self.seed}, {clock}", *table(self.told, self.evicted), self._again()]
        return title(self.name), "\n".join(said)

    def _again(self) -> str:
        given = {"seed": str(self.seed), **({} if self.began is None else {"now": text(self.began)})}
        if self.marked:
            written = ", ".join(f"{name}={value if name == 'seed' else repr(value)}" for name, value in given.items())
            return f"to repeat it: @pytest.mark.mocktill({written})"
        return " ".join(["to repeat it: pytest", *(f"-o mocktill_{name}={value}" for name, value in given.items())])


def take(box: Mocktill, *, marked: bool = True) -> Report:
    """Return what is to be told of a sandbox now. Raises as every method of a remote one does."""
    told = box.told()
    return Report(
        box.name,
        f"{box.mode} at {box.place.url}" if box.place.url else box.mode,
        box.seed,
        box.clock.now(),
        box.clock.frozen,
        box.settings.now or next((each.at for each in told), None),
        told,
        box.journal.evicted,
        marked,
    )


def title(name: str) -> str:
    """Return the title of the part about the sandbox of this name."""
    return f"Mocktill journal of {name}"


def table(told: Sequence[Entry | Remark], evicted: int = 0) -> list[str]:
    """Return the lines about the newest of what happened; of what is not there or left out, how much it is."""
    width = max(get_terminal_size((WIDTH, 0)).columns, NARROWEST)
    said = [line for each in told[-TOLD:] for line in lines(each, width, colour=False)]
    gone = [f"… {evicted} requests had to make room in the journal"] if evicted else []
    left_out = [f"… {len(told) - TOLD} before these are left out"] if len(told) > TOLD else []
    return [*gone, *left_out, *said] or ["nothing was asked"]
