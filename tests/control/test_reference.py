"""The reference's files: the viewer as it was published, and pages of ours that name only what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "mocktill" / "control" / "reference"
VIEWER = ROOT / "swagger"
PUBLISHED = {
    "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "NOTICE": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui-bundle.js.LICENSE.txt": "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}
OURS = sorted(path for kind in ("*.html", "*.js", "*.css") for path in ROOT.rglob(kind) if VIEWER not in path.parents)
IMPORT = re.compile(r"""\bfrom\s+["']([^"']+)["']""")
LONGEST = 350


class Page(HTMLParser):
    """What a page names, and what stands in it that its policy would not let run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.named: list[str] = []
        self.inline: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what an element names or would do."""
        self.inside = tag
        self.named += [value or "" for name, value in attributes if name in {"src", "href"}]
        self.inline += [name for name, _ in attributes if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note a script or a style that is written out."""
        if self.inside in {"script", "style"} and data.strip():
            self.inline.append(data)


INDEX = Page((ROOT / "index.html").read_text(encoding="utf-8"))


def named() -> Iterator[Path]:
    """Yield the files that the page and its modules name, beside other pages."""
    yield from (ROOT / name for name in INDEX.named if not name.startswith("#"))
    for path in OURS:
        if path.suffix == ".js":
            yield from (path.parent / name for name in IMPORT.findall(path.read_text(encoding="utf-8")))


def test_the_viewer_is_as_it_was_published() -> None:
    """The files of the package are all there, none is edited, and the page about them names the package."""
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VIEWER.iterdir() if path.name != "README.md"}
    assert found == PUBLISHED
    about = (VIEWER / "README.md").read_text(encoding="utf-8")
    assert "swagger-ui-dist-5.35.0.tgz" in about
    assert "sha512-" in about


def test_the_viewer_draws_what_it_brings() -> None:
    """Whatever the viewer's style sheet draws stands in it."""
    found = re.findall(r"url\(\"?(\w+:)?", (VIEWER / "swagger-ui.css").read_text(encoding="utf-8"))
    assert len(found) > 10
    assert set(found) == {"data:"}


def test_nothing_is_inline() -> None:
    """The page has no script or style in it: its policy would stop them."""
    assert INDEX.inline == []
    assert Page("<p onclick='a()' style='b'><style>c{}</style>").inline == ["onclick", "style", "c{}"]


def test_every_file_that_is_named_is_there() -> None:
    """The page and its modules name files of the reference and the console, and all are there."""
    found = {path.resolve() for path in named()}
    assert {path for path in found if path.suffix and not path.is_file()} == set()
    assert {path for path in OURS if path.suffix == ".js"} <= found
    assert {path for path in OURS if path.suffix == ".css"} <= found


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_ours_is_short_and_stays_here(path: Path) -> None:
    """A file says first what it is for, is read in one sitting, and names no place outside."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(("// ", "/* ", "<!doctype html>"))
    assert len(text.splitlines()) <= LONGEST
    assert not re.search(r"https?://|[\"'(]//", text)
    assert all(not name.startswith("/") for name in INDEX.named)
