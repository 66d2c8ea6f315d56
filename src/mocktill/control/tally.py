"""What a server has answered, counted as it answers: for whoever asks for metrics."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass, field

from mocktill.core.entry import Entry

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Up to how many seconds an answer took that falls into a class; there is one more for what took longer."""
OWN = "mocktill"
"""The API of what is no vendor's: control calls, the index, preflights, and paths that lead nowhere."""
Answered = tuple[str, str, int, str]
"""API, operation, status and basis; no operation is an empty text, and so is no basis."""


@dataclass(slots=True)
class Timing:
    """How long answers took: how many fall into each class of `BOUNDS`, the last of which has no bound, and in all."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Counts:
    """Numbers by what they count: answers, their times by API and operation, violations by API and severity, faults.

    Faults are by API and kind. None is by a path, a sandbox or anything else that a client can make up.
    """

    answers: dict[Answered, int] = field(default_factory=dict)
    timings: dict[tuple[str, str], Timing] = field(default_factory=dict)
    violations: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: dict[tuple[str, str], int] = field(default_factory=dict)


class Tally:
    """Counts what a server's door answers, over all sandboxes, from its start on: no reset clears it.

    Mocktill's own server counts; under another WSGI server nobody does, and there is nothing to be read here.
    """

    def __init__(self) -> None:
        self._counts = Counts()
        self._lock = threading.Lock()

    def note(self, status: int, entry: Entry | None, seconds: float) -> None:
        """Count one answer, which took that many seconds to make; a fault's delay is no part of them."""
        counts = self._counts
        place = (OWN, "") if entry is None else (entry.api, entry.operation or "")
        key = (*place, status, "" if entry is None else entry.basis)
        with self._lock:
            counts.answers[key] = counts.answers.get(key, 0) + 1
            timing = counts.timings.get(place)
            if timing is None:
                timing = counts.timings[place] = Timing()
            timing.classes[bisect_left(BOUNDS, seconds)] += 1
            timing.seconds += seconds
            if entry is not None and (entry.violations or entry.fault):
                self._note_trouble(entry)

    def _note_trouble(self, entry: Entry) -> None:
        counts = self._counts
        for found in entry.violations:
            sort = (entry.api, found.severity)
            counts.violations[sort] = counts.violations.get(sort, 0) + 1
        if entry.fault is not None:
            kind = (entry.api, entry.fault.kind)
            counts.faults[kind] = counts.faults.get(kind, 0) + 1

    def counts(self) -> Counts:
        """Return a copy of the numbers as they are now."""
        now = self._counts
        with self._lock:
            timings = {place: Timing([*timing.classes], timing.seconds) for place, timing in now.timings.items()}
            return Counts({**now.answers}, timings, {**now.violations}, {**now.faults})
