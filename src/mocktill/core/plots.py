"""A test that plays requests again: a whole file, for the fixture `mocktill` of pytest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from keyword import iskeyword

from mocktill.core.api import JSON, Request
from mocktill.core.copies import call
from mocktill.core.literals import laid, py

URL = "url"
"""The variable that has the base URL of the API."""
TAKEN = frozenset({"answer", "mocktill", "requests", "pytest", URL})
LAST = 10_000


@dataclass(frozen=True)
class Step:
    """A request of a test: what passes before it, what strikes it, what it gets, and what later ones take from that.

    `error` is the body of a refusal, if it has one that is JSON. `taken` has the JSON pointer by the value that stands
    there. `passes` is how far the clock moves before, `fault` a rule that is added before; of a `lost` answer nothing
    is known.
    """

    request: Request
    status: int
    error: JSON = None
    taken: Mapping[str | int, str] = field(default_factory=dict)
    passes: timedelta = timedelta()
    fault: JSON = None
    lost: bool = False


@dataclass(frozen=True)
class Plot:
    """What a test plays: its name, what it is about, the settings of its sandbox, and its requests to one API.

    `leaks` is whether it ends with a reservation that nobody used.
    """

    name: str
    about: str
    api: str
    settings: Mapping[str, JSON]
    steps: Sequence[Step]
    leaks: bool = False


def source(plot: Plot) -> str:
    """Return the text of the file; it runs where Mocktill and the package `requests` are installed."""
    names: dict[str | int, str] = {}
    lines = [f"{URL} = mocktill.url({py(plot.api)})"]
    for step in plot.steps:
        lines += ["", *_played(step, names)]
    marks = [f"@pytest.mark.mocktill({_settings(plot.settings)})"] if plot.settings else []
    if plot.leaks:
        marks.append('@pytest.mark.filterwarnings("ignore::mocktill.LeakWarning")')
    needed = ["pytest"] if marks or any(step.lost for step in plot.steps) else []
    return "\n".join(
        [
            '"""Requests from a journal of Mocktill, played again."""',
            "",
            *[f"import {package}" for package in (*needed, "requests")],
            "",
            "",
            *marks,
            f"def test_{plot.name}(mocktill):",
            f'    """{plot.about}"""',
            *[f"    {line}" if line else "" for line in lines],
            "",
        ]
    )


def _played(step: Step, names: dict[str | int, str]) -> Iterator[str]:
    """Yield the lines of one request; what it brings is known by a name from then on."""
    if step.passes:
        yield f"mocktill.clock.advance({_span(step.passes)})"
    if step.fault is not None:
        yield from f"mocktill.faults.add({laid(step.fault, py)})".split("\n")
    if step.lost:
        yield "with pytest.raises(requests.RequestException):"
        yield from (f"    {line}" for line in call(step.request, URL, names).split("\n"))
        return
    yield from f"answer = {call(step.request, URL, names, redirects=step.status // 100 != 3)}".split("\n")
    yield f"assert answer.status_code == {step.status}"
    if step.error is not None:
        yield from f"assert answer.json() == {laid(step.error, py)}".split("\n")
    for value, pointer in step.taken.items():
        names[value] = _name(pointer, {*names.values(), *TAKEN})
        yield f"{names[value]} = answer.json(){''.join(_places(pointer))}"


def _name(pointer: str, taken: set[str]) -> str:
    """Return what a variable is called that has what stands at a pointer: `purchase_id`."""
    parts = [re.sub(r"\W", "_", part, flags=re.ASCII) for part in pointer.split("/") if part and not part.isdecimal()]
    name = parts[-1].lower() if parts else ""
    if "_" not in name and len(parts) > 1:
        name = f"{parts[-2].lower()}_{name}"
    if not name.isidentifier() or iskeyword(name):
        name = "made"
    return next(one for one in (name, *[f"{name}_{number}" for number in range(2, LAST)]) if one not in taken)


def _places(pointer: str) -> Iterator[str]:
    for part in pointer.split("/")[1:]:
        yield f"[{part}]" if part.isdecimal() else f"[{py(part.replace('~1', '/').replace('~0', '~'))}]"


def _settings(settings: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name}={laid(value, py)}" for name, value in settings.items())


def _span(distance: timedelta) -> str:
    """Return a length of time as arguments of `advance`."""
    seconds = distance.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds % size == 0:
            return f"{unit}={int(seconds // size)}"
    return f"seconds={int(seconds) if seconds == int(seconds) else seconds}"
