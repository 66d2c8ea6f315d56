"""The guide as HTML: whole documents with a navigation, headings to link to, and code that a keyboard reaches."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.metadata import PackageNotFoundError
from typing import ClassVar

import pytest

from mocktill.control import manual
from mocktill.control.manual import PAGES, README, address, anchor, page

VOID = {"meta", "link", "br", "img", "hr"}
ALL = [*PAGES, README]


class Outline(HTMLParser):
    """Reads a document and notes its elements; raises where one ends that did not begin."""

    known: ClassVar[set[str]] = set()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """End the element that was begun last."""
        assert self.open.pop() == tag, self.getpos()

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    """Each page by its name."""
    return str(request.param)


@pytest.fixture
def outline(name: str) -> Outline:
    """A page as it is read."""
    return Outline(page(name).decode())


def test_it_is_a_whole_document(name: str, outline: Outline) -> None:
    """A page is well-formed, says its language and its title, and has each landmark once."""
    assert outline.open == []
    assert page(name).startswith(b"<!doctype html>\n")
    assert outline.all("html") == [{"lang": "en"}]
    assert re.search(r"<title>[^<]+</title>", page(name).decode())
    assert [len(outline.all(tag)) for tag in ("header", "main", "h1")] == [1, 1, 1]
    assert [nav["aria-label"] for nav in outline.all("nav")] == ["Mocktill", "Guide"]


def test_it_can_be_skipped_to(outline: Outline) -> None:
    """The first thing to reach by keyboard leads past the navigation."""
    first = next(attributes for tag, attributes in outline.elements if tag == "a")
    assert first["href"] == f"#{outline.all('main')[0]['id']}"


def test_the_navigation_has_all_pages(name: str, outline: Outline) -> None:
    """Each page is in the navigation, in the order of reading, and the page itself is marked."""
    led = [link["href"] for link in outline.all("a")]
    assert [href for href in led if href in {"./", *PAGES}][2 : 2 + len(PAGES)] == ["./", *list(PAGES)[1:]]
    current = [link["href"] for link in outline.all("a") if link.get("aria-current") == "page"]
    assert current == ([] if name == README else [address(f"{name}.md")])
    assert {"../console/", "../reference/"} <= set(led)


def test_links_lead_to_pages(outline: Outline) -> None:
    """On the server every link leads to a page, its places, or beside the guide: none to a file of Markdown."""
    for link in outline.all("a"):
        path = link["href"].partition("#")[0]
        assert path in {"", "./", "../console/", "../reference/", README, *PAGES}, link


def test_ids_are_given_once(name: str, outline: Outline) -> None:
    """Each heading has an id, and no id is given twice."""
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert all("id" in attributes for attributes in outline.all("h2"))


def test_nothing_of_it_runs(outline: Outline) -> None:
    """There is no script but the one that knows the theme, no style of its own and no handler."""
    assert outline.all("script") == [{"src": "../console/theme.js"}]
    assert outline.all("style") == []
    assert not [attributes for _, attributes in outline.elements if any(name[:2] == "on" for name in attributes)]
    assert not [attributes for _, attributes in outline.elements if "style" in attributes]


def test_code_has_a_name(outline: Outline) -> None:
    """Each block of code is a figure with a caption, and one with long lines can be reached by keyboard."""
    assert len(outline.all("figure")) == len(outline.all("figcaption")) == len(outline.all("pre")) > 0
    reached = [pre for pre in outline.all("pre") if pre]
    assert reached
    assert all(pre["tabindex"] == "0" and pre["role"] == "group" and pre["aria-label"] for pre in reached)


@pytest.mark.parametrize("name", ["", "nothing", "index.md", "../guide/index", "__init__"])
def test_what_is_no_page(name: str) -> None:
    """A name that no page has is a KeyError, and no file is looked for."""
    with pytest.raises(KeyError):
        page(name)


def test_without_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing says what the README is, there is no such page."""

    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(manual, "metadata", nothing)
    with pytest.raises(KeyError):
        manual.source(README)


def test_markup_is_text() -> None:
    """What looks like HTML in Markdown is shown as it is written."""
    _, html = manual._parse('# A\n\n<script>alert(1)</script> `<b>` [a](javascript:alert)\n\n```"><i>\n<u>\n```\n')
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("href", "led"),
    [
        ("flows.md", "flows"),
        ("index.md", "./"),
        ("new-api.md#the-wire", "new-api#the-wire"),
        ("../../../../README.md#options", "readme#options"),
        ("src/mocktill/control/guide/index.md", "./"),
        ("other.md", "other.md"),
        ("#here", "#here"),
        ("https://example.com/a.md", "https://example.com/a.md"),
    ],
)
def test_addresses(href: str, led: str) -> None:
    """A file of Markdown is served without its ending, and anything else is left alone."""
    assert address(href) == led


def test_anchors() -> None:
    """An id is the heading's words, as code hosts make it, so that a link works there and here."""
    _, html = manual._parse("# A\n\n## B\n\n## B\n\n![a picture](b.png)\n")
    assert re.findall('id="([^"]*)"', html) == ["a", "b", "b-1"]
    assert "<p>a picture</p>" in html
    assert anchor("https and the vendors' own host names") == "https-and-the-vendors-own-host-names"
    assert anchor("How well is an answer known?") == "how-well-is-an-answer-known"
