"""A sandbox is steered: reset, its rows, its snapshots, its clock, its choices."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from mocktill.control.ask import Ask
from mocktill.control.reading import pointer, read_duration, read_instant, refusing
from mocktill.core.api import JSON
from mocktill.core.choices import Choice, check
from mocktill.core.clock import text
from mocktill.core.sandbox import Event, Sandbox
from mocktill.core.secrets import masked
from mocktill.core.snapshots import Saved


def reset(ask: Ask) -> JSON:
    """The factory state, clock, choices and seed as at creation; no fault rules and no journal. Snapshots stay."""
    ask.box.reset()
    return _now(ask.box)


def state(ask: Ask) -> JSON:
    """All rows, the clock, the choices and the seed as one document with a version, its keys sorted; secrets masked."""
    return ask.box.state()


def load(ask: Ask) -> JSON:
    """The state becomes this document, or stays as it is where anything in the document is wrong."""
    ask.box.load(ask.body)
    return _now(ask.box)


def change(ask: Ask) -> JSON:
    """Some fields of one row change: the stock of a deal becomes 1, say. A slash in a key is written `%2F`.

    The row is answered as it is then; secrets masked.
    """
    return masked(ask.box.change(ask.args["table"], ask.args["key"], ask.body))


def snapshots(ask: Ask) -> JSON:
    """What was saved in this sandbox, by name."""
    with ask.box.lock:
        return {"snapshots": [_saved(saved) for saved in ask.box.snapshots.all()]}


def snapshot(ask: Ask) -> JSON:
    """One snapshot as a document, to be kept elsewhere and uploaded again."""
    return ask.box.snapshots.get(ask.args["snapshot"])


def save(ask: Ask) -> JSON:
    """Without a body the sandbox as it is now is saved; with one, that document. It replaces one of the same name."""
    name, box = ask.args["snapshot"], ask.box
    with box.lock:
        if ask.body is None:
            box.snapshot(name)
        else:
            box.snapshots.put(name, ask.body)
        return _saved(box.snapshots.saved(name))


def forget(ask: Ask) -> JSON:
    """The snapshot is gone."""
    with ask.box.lock:
        ask.box.snapshots.delete(ask.args["snapshot"])


def restore(ask: Ask) -> JSON:
    """Rows, clock, choices, seed and fault rules are as they were: a hold keeps what it had left. The journal stays."""
    ask.box.restore(ask.args["snapshot"])
    return _now(ask.box)


def clock(ask: Ask) -> JSON:
    """What time it is in the sandbox, whether time runs, and when something expires next."""
    return _clock(ask.box, [])


def move(ask: Ask) -> JSON:
    """Time moves, forwards or backwards, and what is due happens at once: the answer lists it."""
    return _clock(ask.box, _moved(ask))


def _moved(ask: Ask) -> list[Event]:
    (how, value), clock = next(iter(ask.body.items())), ask.box.clock
    with refusing(f"/{how}", value):
        match how:
            case "advance":
                distance: timedelta = read_duration("/advance", value)
                return clock.advance(distance)
            case "travel_to":
                return clock.travel_to(read_instant("/travel_to", value))
            case "freeze":
                return clock.freeze(None if value is True else read_instant("/freeze", value))
            case "run":
                return clock.run()
    return clock.next()


def choices(ask: Ask) -> JSON:
    """Each question that the documentation leaves open, what holds in this sandbox, and what else could."""
    values = ask.box.choices.all()
    return {"choices": [_choice(choice, values[name]) for name, choice in ask.served.catalogue.choices.items()]}


def choose(ask: Ask) -> JSON:
    """Some choices change, or none where one of them is wrong."""
    for name, value in ask.body.items():
        with refusing(pointer(name), value):
            check(ask.served.catalogue.choices, {name: value})
    ask.box.choices.set(ask.body)
    return choices(ask)


def populate(ask: Ask) -> JSON:
    """Living objects with made-up values, the same ones for the same seed: up to 1,000 of one API, or of each."""
    api = ask.body.get("api")
    with refusing("/api", api):
        return {"made": ask.box.populate(int(ask.body["count"]), api)}


def _now(box: Sandbox) -> JSON:
    return {"now": text(box.clock.now())}


def _clock(box: Sandbox, events: list[Event]) -> JSON:
    with box.lock:
        due = box.clock.next_expiry()
        return {
            **_now(box),
            "mode": "frozen" if box.clock.frozen else "running",
            "next_expiry": None if due is None else text(due),
            "events": [_event(event) for event in events],
        }


def _event(event: Event) -> JSON:
    return {**asdict(event), "at": text(event.at)}


def _saved(saved: Saved) -> JSON:
    return {"name": saved.name, "at": text(saved.at), "rows": saved.rows}


def _choice(choice: Choice, value: str) -> dict[str, Any]:
    return {
        "name": choice.name,
        "value": value,
        "question": choice.question,
        "default": choice.default,
        "basis": choice.basis.value,
        "options": [
            {"value": option.value, "sentence": option.sentence, "basis": (option.basis or choice.basis).value}
            for option in choice.options
        ],
    }
