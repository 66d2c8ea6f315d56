"""Whether anything has changed in a sandbox: what a page asks again and again, for next to nothing."""

from __future__ import annotations

from mocktill.control.ask import Ask
from mocktill.core.api import JSON
from mocktill.core.app import SANDBOX_NAME
from mocktill.core.clock import text
from mocktill.core.faults import TABLE
from mocktill.core.sandbox import DEFAULT, Sandbox

FAULTS = f"mocktill.{TABLE.name}"
NOWHERE: JSON = {
    "now": None,
    "mode": None,
    "next_expiry": None,
    "journal": {"last": 0, "remarked": 0, "kept": 0},
    "rows": 0,
    "faults": 0,
    "snapshots": 0,
    "generation": 0,
}
"""What is told of a sandbox that is not there."""


def pulse(ask: Ask) -> JSON:
    """What time it is, and numbers that tell whether anything changed since the last answer; what is due expires.

    `rows` grows with each change of any row, of choices, clock, faults and ids as well; `snapshots` with each that is
    kept or deleted, `generation` with each reset, restore and load, and `sandboxes` with each that comes or goes;
    `faults` is how many rules are in force. No sandbox is made by it: of one that is not there `exists` is false.
    """
    name, there = ask.environ.get(SANDBOX_NAME, DEFAULT), ask.served.sandboxes
    box = there.find(name)
    told = NOWHERE if box is None else _told(box)
    return {
        "sandbox": name,
        "exists": box is not None,
        **told,
        "sandboxes": there.changed,
        "server": ask.served.began,
    }


def _told(box: Sandbox) -> JSON:
    journal = box.journal
    with box.reading():
        due = box.clock.next_expiry()
        return {
            "now": text(box.clock.now()),
            "mode": "frozen" if box.clock.frozen else "running",
            "next_expiry": None if due is None else text(due),
            "journal": {"last": journal.last, "remarked": journal.remarked, "kept": len(journal)},
            "rows": box.store.commits,
            "faults": len(box.table(FAULTS)),
            "snapshots": box.snapshots.changed,
            "generation": box.generation,
        }
