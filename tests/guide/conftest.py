"""A desk to read at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.guide.blocks import blocks_of
from tests.guide.desk import Desk
from tests.guide.reader import Reader


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty desk."""
    desk = Desk(tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def read(desk: Desk) -> Callable[[str], Reader]:
    """Do what a text says; return the reader."""

    def read(markdown: str) -> Reader:
        reader = Reader(desk)
        reader.read(blocks_of(markdown))
        return reader

    return read
