"""The API that the guide makes is one like those that are built in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.doors.wire import environment
from tests.guide.blocks import blocks
from tests.guide.desk import Desk

ROOT = Path(__file__).parents[2]
CONFORMS = """
import sys, pytest, lemonade
from mocktill import apis
from tests import toyvendor

apis.BUILTIN, toyvendor.API = (), lemonade.API  # in the place of all vendors that the suite knows
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/conformance", "-k", "lemonade"]))
"""
"""Runs the conformance suite for the API that a page makes."""


def test_it_conforms(desk: Desk) -> None:
    """The API that a reader makes passes the conformance suite, as one that is built in does."""
    for block in blocks("new-api"):
        if block.file.startswith("lemonade/"):
            desk.write(block.file, block.text)
    env = environment({"PYTHONPATH": f"{ROOT}:{desk.folder / 'lemonade' / 'src'}"})
    ran = subprocess.run(
        [sys.executable, "-c", CONFORMS], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed, \d+ deselected", ran.stdout)
    assert passed is not None
    assert int(passed[1]) > 100
