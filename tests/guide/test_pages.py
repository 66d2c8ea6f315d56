"""The guide's pages: what they say can be done as they say it, and comes out as they show."""

from __future__ import annotations

import re

import pytest

import mocktill
from mocktill.control.manual import PAGES, source
from tests.guide.blocks import blocks
from tests.guide.desk import Desk
from tests.guide.reader import Reader


@pytest.mark.parametrize("name", PAGES)
def test_what_it_says_works(name: str, desk: Desk) -> None:
    """Every block of the page is run, in its order, and answers what the page shows."""
    reader = Reader(desk)
    page = blocks(name)
    assert page, f"{name} shows nothing"
    reader.read(page)
    if reader.left_out:
        pytest.skip(f"SKIPPED: not all of {name} was run: {', '.join(reader.left_out)}")


def test_the_image_is_of_this_version() -> None:
    """Where a page names the image in a registry, it is this version's."""
    named = re.findall(r"OWNER/mocktill:(\S+)", "".join(source(name) for name in PAGES))
    assert set(named) == {mocktill.__version__}


@pytest.mark.parametrize("name", PAGES)
def test_it_is_short(name: str) -> None:
    """A page says at its beginning what there will be at its end, and is read within minutes."""
    text = source(name)
    words = re.sub(r"```.*?```", "", text, flags=re.DOTALL).split()
    assert len(words) < 1000
    assert text.startswith("# ")
    assert max(map(len, text.splitlines())) <= 140
