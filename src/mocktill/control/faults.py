"""When and how a sandbox misbehaves: its fault rules, and those that come by name."""

from __future__ import annotations

from dataclasses import asdict

from mocktill.control.ask import Ask
from mocktill.core.api import JSON


def faults(ask: Ask) -> JSON:
    """The rules in force, oldest first, with how many requests each was about and how many it struck."""
    with ask.box.lock:
        return {"faults": [asdict(fault) for fault in ask.box.faults.all()]}


def add(ask: Ask) -> JSON:
    """A rule comes into force; one that could harm the server, or that no API could answer with, is refused."""
    return asdict(ask.box.faults.add(ask.body))


def clear(ask: Ask) -> JSON:
    """All rules are gone."""
    ask.box.faults.clear()


def remove(ask: Ask) -> JSON:
    """One rule is gone."""
    ask.box.faults.remove(ask.args["fault"])


def presets(ask: Ask) -> JSON:
    """Rules for what happens most: slow answers, lost ones, rate limits, HTML instead of JSON."""
    return {"presets": [asdict(preset) for preset in ask.box.faults.presets()]}


def add_preset(ask: Ask) -> JSON:
    """The rule of this name comes into force; `when` narrows it down to fewer requests."""
    return asdict(ask.box.faults.add_preset(ask.args["preset"], ask.body.get("when")))
