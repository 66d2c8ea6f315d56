"""The guide's links: every page is reached, and what a page leads to is there, on a code host as on the server."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from mocktill.control.manual import PAGES, anchor, reader, source

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "src" / "mocktill" / "control" / "guide"
README = "../../../../README.md"


def links(name: str) -> list[str]:
    """Return where a page leads to, as it is written."""
    children = [child for token in reader().parse(source(name)) for child in token.children or ()]
    return [str(child.attrGet("href")) for child in children if child.type == "link_open"]


def anchors(markdown: str) -> list[str]:
    """Return the ids of a text's headings."""
    tokens = reader().parse(markdown)
    found = [inside.content for opening, inside in pairwise(tokens) if opening.type == "heading_open"]
    return [anchor(heading.replace("`", "")) for heading in found]


def test_these_are_all() -> None:
    """Each file of the folder is a page that the navigation has, and each page has its file."""
    assert {path.stem for path in GUIDE.glob("*.md")} == set(PAGES)


def test_every_page_is_reached() -> None:
    """The first page leads to every other."""
    assert {f"{name}.md" for name in PAGES} - {"index.md"} <= set(links("index"))


@pytest.mark.parametrize("name", PAGES)
def test_links_resolve(name: str) -> None:
    """A link leads to a page of the guide or to the README, and its anchor is there."""
    headings = {f"{page}.md": anchors(source(page)) for page in PAGES}
    headings[README] = anchors((ROOT / "README.md").read_text(encoding="utf-8"))
    for link in links(name):
        page, _, place = link.partition("#")
        assert page in headings, link
        assert not place or place in headings[page], link
    assert (GUIDE / README).resolve() == ROOT / "README.md"


@pytest.mark.parametrize("name", PAGES)
def test_anchors_are_its_own(name: str) -> None:
    """No two headings of a page have the same id."""
    assert [place for place, times in Counter(anchors(source(name))).items() if times > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_markup(name: str) -> None:
    """A page is Markdown alone: no tag stands outside its code."""
    tokens = reader().parse(source(name))
    words = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert [text for text in words if re.search(r"</?[a-z!]", text)] == []
