"""Flows: whether a sequence ("reserve, then exactly one claim, none after expiry") is what happened.

A flow has steps, and is about the rows of a table if it says `each`: then each row that the first step made or changed
is a subject of its own, from that moment on. A request belongs to a subject if it changed its row, or asked the same
API with the row's key in its path (`.json` at its end apart); an event, if it is of the same API and key. A row that is
inserted again, after a restore, say, is a new subject. Without `each` the whole journal is the one subject.

Each step counts what fits in its window, and says how often that may be: once, unless `times`, `least` or `most` say
otherwise.

- A request fits with the right operation and `status`; where none is named, if it was done: with an answer of 2xx, also
  if a fault kept it from the client, or with changes, whatever a fault answered. What a fault undid was not done. An
  event fits by its name.
- The window begins behind the first thing that the steps before it counted, and is open to the end: "exactly one" means
  one and never another. A step that expects nothing leaves the window of the next one alone.
- `after` begins the window behind the subject's first such event instead, and leaves it empty if there is none.
  `before` ends it there, and leaves it open if there is none.

A journal that lost entries proves nothing: they may have been what must not happen. What can still be seen is judged,
and the verdict is not ok.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from mocktill.core.api import JSON, Violation
from mocktill.core.clock import instant, text
from mocktill.core.contract import Unacceptable, own
from mocktill.core.entry import Entry, Remark
from mocktill.core.filters import has_status
from mocktill.core.secrets import shown

PARTS = 20
"""How many parts of a path are looked at for a key: no operation has as many."""
ROWS = 200
"""How many rows the table of a verdict has at the most."""
SHOWN_ENTRIES = 5
NOTE = 100
TITLES = ("time", "subject", "entry", "what", "status", "note")
SOURCE = "Mocktill, control API"
Moment = Entry | Remark


@dataclass(frozen=True)
class Happened:
    """One thing that happened to a subject: a request with its entry's `id` and status, or an event with neither."""

    at: datetime
    id: int | None
    what: str
    status: int | None
    note: str = ""


@dataclass(frozen=True)
class Subject:
    """One row that a flow is about, by its key (empty for the whole journal): what is wrong, and what happened."""

    key: str
    ok: bool
    problems: tuple[str, ...]
    happened: tuple[Happened, ...]


@dataclass(frozen=True)
class Verdict:
    """Whether a flow is what happened. `table` says in words and columns what happened instead.

    `lost` is how many entries were evicted before the flow was checked: the verdict is ok only if there are none.
    """

    ok: bool
    table: str
    subjects: tuple[Subject, ...]
    lost: int = 0

    def to_json(self) -> JSON:
        """Return the verdict as JSON."""
        subjects = [
            {**asdict(subject), "happened": [{**asdict(one), "at": text(one.at)} for one in subject.happened]}
            for subject in self.subjects
        ]
        return {"ok": self.ok, "table": self.table, "subjects": subjects, "lost": self.lost}

    @classmethod
    def of(cls, value: JSON) -> Verdict:
        """Return the verdict that became this JSON; what else the JSON says is left aside."""
        subjects = [
            Subject(
                subject["key"],
                subject["ok"],
                tuple(subject["problems"]),
                tuple(Happened(**{**one, "at": instant(one["at"])}) for one in subject["happened"]),
            )
            for subject in value["subjects"]
        ]
        return cls(value["ok"], value["table"], tuple(subjects), value["lost"])


def check(
    flow: JSON,
    entries: Iterable[Entry],
    remarks: Iterable[Remark] = (),
    lost: int = 0,
    *,
    operations: Collection[str] = (),
    tables: Collection[str] = (),
) -> Verdict:
    """Say whether the flow is what happened. `lost` is how many entries of the journal were evicted.

    `operations` and `tables` are those that there are, by full name: a flow that names another one is refused, since
    nothing would ever match it. Raises `Unacceptable` with pointers for a flow that is none.
    """
    violations = (*own().check("flow", flow),) or tuple(_contradictions(flow, operations, tables))
    if violations:
        raise Unacceptable(violations)
    moments: list[Moment] = [*entries, *remarks]
    told = sorted(moments, key=_place)
    lives = _lives(flow["each"], flow["steps"][0], told) if "each" in flow else [("", told)]
    subjects = tuple([_judge(key, history, flow["steps"]) for key, history in lives])
    ok = bool(subjects) and not lost and all(subject.ok for subject in subjects)
    return Verdict(ok, _table(flow, subjects, told, lost), subjects, lost)


def _contradictions(flow: JSON, operations: Collection[str], tables: Collection[str]) -> Iterator[Violation]:
    """Yield what no schema can say: names that there are not, and bounds that nothing meets."""
    if tables and flow.get("each") not in {None, *tables}:
        yield _violation("/each", f"one of {', '.join(sorted(tables))}", flow["each"])
    for number, step in enumerate(flow["steps"]):
        if operations and step.get("operation") not in {None, *operations}:
            yield _violation(f"/steps/{number}/operation", f"one of {', '.join(sorted(operations))}", step["operation"])
        if "least" in step and "most" in step and step["least"] > step["most"]:
            yield _violation(f"/steps/{number}/least", f"{step['most']} or less, as `most` says", step["least"])


def _violation(pointer: str, expected: str, got: JSON) -> Violation:
    return Violation("error", "body", pointer, "flow", expected, shown(got), SOURCE)


def _place(moment: Moment) -> tuple[int, bool]:
    """Return where a moment stands in the order of things: a remark comes behind the entry that it names."""
    return (moment.id, False) if isinstance(moment, Entry) else (moment.after, True)


def _lives(table: str, first: JSON, told: Iterable[Moment]) -> list[tuple[str, list[Moment]]]:
    """Return each subject's key with what happened to it, from the first step on."""
    lives: list[tuple[str, list[Moment]]] = []
    living: dict[str, list[Moment]] = {}
    for moment in told:
        if _fits(moment, first):
            for key, new in _touched(moment, table):
                if new or key not in living:
                    living[key] = []
                    lives.append((key, living[key]))
        for key in _keys(moment, table) & living.keys():
            living[key].append(moment)
    return lives


def _touched(moment: Moment, table: str) -> list[tuple[str, bool]]:
    """Return the keys of a table that a moment is about by itself, and whether it made the row."""
    if isinstance(moment, Entry):
        return [(change.key, change.before is None) for change in moment.changes if change.table == table]
    return [(moment.key, False)] if moment.key and moment.api == table.partition(".")[0] else []


def _keys(moment: Moment, table: str) -> set[str]:
    keys = {key for key, _ in _touched(moment, table)}
    if isinstance(moment, Entry) and moment.api == table.partition(".")[0]:
        parts = moment.path.split("/", PARTS)[:PARTS]
        keys |= {*parts, *[part.removesuffix(".json") for part in parts]}
    return keys


def _judge(key: str, history: Sequence[Moment], steps: Iterable[JSON]) -> Subject:
    problems: list[str] = []
    begin = 0
    for number, step in enumerate(steps, 1):
        window = history[_window(step, history, begin)]
        found = [moment for moment in window if _fits(moment, step)]
        least, most = _bounds(step)
        if not least <= len(found) <= most:
            problems.append(f"step {number}, {_problem(step, found, window)}")
        if found and most:
            begin = history.index(found[0]) + 1
    return Subject(key, not problems, tuple(problems), tuple([_happened(moment) for moment in history]))


def _window(step: JSON, history: Sequence[Moment], begin: int) -> slice:
    """Return the part of a history in which a step counts."""
    if "after" in step:
        begin = _first(step["after"], history) + 1
    return slice(begin, _first(step["before"], history) if "before" in step else None)


def _first(event: str, history: Sequence[Moment]) -> int:
    """Return the place of the first such event; behind the end if there is none."""
    places = (place for place, moment in enumerate(history) if _fits(moment, {"event": event}))
    return next(places, len(history))


def _fits(moment: Moment, step: JSON) -> bool:
    if isinstance(moment, Remark):
        return bool(step.get("event") == moment.what)
    if step.get("operation") != moment.full_name:
        return False
    if "status" in step:
        return has_status(moment.status, str(step["status"]))
    if moment.fault is None:
        return moment.status // 100 == 2
    return not moment.fault.undone and (moment.status // 100 == 2 or bool(moment.changes))


def _bounds(step: JSON) -> tuple[int, float]:
    """Return how often a step may be counted, at the least and at the most."""
    if "least" in step or "most" in step:
        return int(step.get("least", 0)), step.get("most", float("inf"))
    return int(step.get("times", 1)), int(step.get("times", 1))


def _problem(step: JSON, found: Sequence[Moment], window: Iterable[Moment]) -> str:
    """Say what was expected of a step, and what was found."""
    said = f"{_named(step)}: expected {_wanted(step)}, happened {_often(len(found))}{_numbers(found)}"
    asked = [moment for moment in window if isinstance(moment, Entry) and moment.full_name == step.get("operation")]
    if found or not asked:
        return said
    return f"{said}; answered with {', '.join(sorted({str(entry.status) for entry in asked}))} instead{_numbers(asked)}"


def _named(step: JSON) -> str:
    said = str(step.get("operation") or step["event"])
    said += f" with {step['status']}" if "status" in step else ""
    return said + "".join([f" {word} {step[word]}" for word in ("after", "before") if word in step])


def _wanted(step: JSON) -> str:
    least, most = _bounds(step)
    if least == most:
        return _often(least)
    if most == float("inf"):
        return f"at least {_often(least)}"
    return f"{least} to {most} times" if least else f"at most {_often(int(most))}"


def _often(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _numbers(moments: Iterable[Moment]) -> str:
    numbers = [str(moment.id) for moment in moments if isinstance(moment, Entry)]
    more = ", …" if len(numbers) > SHOWN_ENTRIES else ""
    word = "entry" if len(numbers) == 1 else "entries"
    return f" ({word} {', '.join(numbers[:SHOWN_ENTRIES])}{more})" if numbers else ""


def _happened(moment: Moment) -> Happened:
    if isinstance(moment, Remark):
        return Happened(moment.at, None, moment.what, None, moment.sentence)
    what = moment.full_name if moment.operation else f"{moment.method} {moment.path}"
    wrong = [f"{v.pointer or '/'}: {v.said}" for v in moment.violations]
    note = "; ".join([moment.fault.sentence] if moment.fault else [*wrong, *moment.notes])
    return Happened(moment.at, moment.id, what, moment.status, note)


def _table(flow: JSON, subjects: Sequence[Subject], told: Iterable[Moment], lost: int) -> str:
    """Return the verdict as text: in a sentence, then problem by problem, then everything that happened in columns."""
    wrong = [subject for subject in subjects if not subject.ok]
    said = [_sentence(flow, subjects, wrong)]
    if lost:
        said.append(f"  {lost} older entries were evicted, and may have been what must not be: clear the journal first")
    for subject in wrong:
        name = f"{_plain(subject.key)}: " if subject.key else ""
        said += [f"  {name}{problem}" for problem in subject.problems]
    shown_subjects = wrong or subjects or [Subject("", True, (), tuple([_happened(moment) for moment in told]))]
    rows = [(subject.key, one) for subject in shown_subjects for one in subject.happened]
    more = [f"… and {len(rows) - ROWS} more"] if len(rows) > ROWS else []
    return "\n".join([*said, *([""] if rows else []), *_columns(rows[:ROWS]), *more])


def _sentence(flow: JSON, subjects: Sequence[Subject], wrong: Sequence[Subject]) -> str:
    if not subjects:
        return f"nothing matched the first step, {_named(flow['steps'][0])}"
    if "each" not in flow:
        return "the journal is not what the flow says" if wrong else "the journal is what the flow says"
    if wrong:
        return f"{len(wrong)} of {len(subjects)} of {flow['each']} went otherwise than the flow says"
    return f"{len(subjects)} of {len(subjects)} of {flow['each']} went as the flow says"


def _columns(rows: Sequence[tuple[str, Happened]]) -> list[str]:
    if not rows:
        return []
    cells = [
        (
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            _plain(key),
            str(one.id or ""),
            _plain(one.what),
            str(one.status or ""),
            _plain(one.note if len(one.note) <= NOTE else one.note[: NOTE - 1] + "…"),
        )
        for key, one in rows
    ]
    used = [place for place in range(len(TITLES)) if any(row[place] for row in cells)]
    lines = [[row[place] for place in used] for row in (TITLES, *cells)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(used))]
    return ["  ".join([cell.ljust(width) for cell, width in zip(line, widths, strict=True)]).rstrip() for line in lines]


def _plain(text: str) -> str:
    """Return a text that writes no line of its own in a terminal."""
    return text if text.isprintable() else repr(text)[1:-1]
