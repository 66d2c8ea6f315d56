"""What a type checker says of code that uses Mocktill as its users do."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

import mocktill

RIGHT = """
from datetime import datetime

import mocktill
from mocktill import ContractWarning, LeakWarning, Mocktill, MocktillWarning, Violated, sandbox


def use(box: Mocktill) -> datetime:
    box.expect_violation("/num_bought", operation="deem.reserve_purchase", status="4xx")
    sentences: list[str] = [event.sentence for event in box.clock.advance(minutes=5)]
    box.faults.add({"what": {"status": 503}})
    return box.deem.reservations()[0].expires_at if sentences else box.clock.now()


with mocktill.sandbox("mine", now="2026-03-02T12:00:00Z", seed=7, apis=["deem"], faults="slow") as box:
    use(box)
with sandbox(choices={"deem.claim_twice": "same_answer"}, violations="warn", pass_hosts=[], live=True) as other:
    free: int = other.deem.stock("last-one").free
"""
WRONG = """
import mocktill
from mocktill import Mocktil
from mocktill import sandbox
from mocktill.core.clock import Clock
sandbox(nwo="2026-03-02T12:00:00Z")
sandbox(seed="7")
with mocktill.sandbox() as box:
    box.deem.stok("last-one")
    box.expect_violation(operatoin="deem.reserve_purchase")
    box.clock.advance(minutes=5)[0].sentense
    box.clok
    if isinstance(clock := box.clock, Clock):
        clock.run()[0].sentense
mocktill.sandbocks()
"""


def test_a_type_checker_knows_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right use passes in mypy's strict mode; each misspelt name, setting or filter is an error in its line."""
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    files = [str(tmp_path / name) for name in ("right.py", "wrong.py")]
    monkeypatch.setenv("MYPYPATH", str(Path(mocktill.__file__).parents[1]))
    options = [
        "--strict",
        "--follow-imports=silent",
        "--config-file=",
        f"--cache-dir={tmp_path / 'cache'}",
        "--no-error-summary",
    ]
    said, trouble, _ = api.run([*options, *files])
    assert trouble == ""
    lines = said.splitlines()
    assert not [line for line in lines if "wrong.py" not in line]
    places = {int(line.split(":")[1]) for line in lines if ": error: " in line}
    assert places == {3, 6, 7, 9, 10, 11, 12, 14, 15}, said
