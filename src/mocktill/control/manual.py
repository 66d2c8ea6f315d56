"""The guide: each of its pages as HTML, from the Markdown beside it, and the README, which it leads to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, metadata
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

PAGES = {
    "index": "Begin here",
    "frontend": "Beside a page",
    "tests": "In tests",
    "ci": "In CI",
    "flows": "Flows",
    "time": "Time",
    "faults": "Faults",
    "choices": "Choices and basis",
    "isolation": "Isolation",
    "new-api": "A new API",
}
"""The pages in the order of reading, each with what it is called in the navigation."""
README = "readme"
"""The page that is no file of the guide: the README, as the installed package has it."""
LANGUAGES = {
    "sh": "Shell",
    "python": "Python",
    "js": "JavaScript",
    "html": "HTML",
    "yaml": "YAML",
    "toml": "TOML",
    "java": "Java",
    "json": "JSON",
    "text": "Text",
}
"""What a block of code is called that is no file."""
NARROW = 36
"""Lines of code that are longer may not fit a narrow window: their block scrolls, and so it can be focused."""
_FILE = re.compile(r"(?:[./\w-]*/)?(?P<name>[\w-]+)\.md")
_REMARK = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@cache
def page(name: str) -> bytes:
    """Return a page as a whole HTML document; raise KeyError for a name that no page has."""
    if name not in PAGES and name != README:
        raise KeyError(name)
    tokens, text = _parse(source(name))
    title = _title(tokens)
    whole = "Mocktill guide" if name == "index" else f"{title} · Mocktill guide"
    return _FRAME.format(title=escape(whole), pages=_pages(name), text=text).encode()


def source(name: str) -> str:
    """Return a page's Markdown; raise KeyError where the package has none."""
    if name != README:
        return files("mocktill.control").joinpath("guide", f"{name}.md").read_text(encoding="utf-8")
    try:
        told = metadata("mocktill").json["description"]
    except PackageNotFoundError as error:
        raise KeyError(name) from error
    return _REMARK.sub("", str(told))  # remarks are for who writes it


def anchor(heading: str) -> str:
    """Return the id of a heading, as code hosts make it: `What it serves` is `what-it-serves`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def reader() -> MarkdownIt:
    """Return what reads the pages: CommonMark and tables, without HTML."""
    from markdown_it import MarkdownIt  # only who opens the guide needs it, and a start is to be quick

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _parse(markdown: str) -> tuple[list[Token], str]:
    """Return the tokens of a text, and the HTML that they make."""
    md = reader()
    md.add_render_rule("fence", _code)
    md.add_render_rule("text", _words)
    md.add_render_rule("table_open", lambda *_: _TABLE)
    md.add_render_rule("table_close", lambda *_: "</table></div>\n")
    md.add_render_rule("image", lambda _, tokens, place, *more: escape(tokens[place].content))  # no page has the file
    tokens, given = md.parse(markdown), Counter[str]()
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open":
            place = anchor(_plain(inside))
            opening.attrSet("id", f"{place}-{given[place]}" if given[place] else place)
            given[place] += 1
    for token in (child for each in tokens for child in each.children or ()):
        if token.type == "link_open":
            token.attrSet("href", address(str(token.attrGet("href"))))
    return tokens, md.renderer.render(tokens, md.options, {})


def address(href: str) -> str:
    """Return where a link of a page leads to on the server: `flows.md#holds` is `flows#holds`."""
    path, mark, rest = href.partition("#")
    found = _FILE.fullmatch(path)
    name = "" if found is None else found["name"].lower()
    if name not in PAGES and name != README:
        return href
    return ("./" if name == "index" else name) + mark + rest


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in {"text", "code_inline"})


def _title(tokens: Sequence[Token]) -> str:
    """Return the first heading."""
    return next(_plain(inside) for opening, inside in pairwise(tokens) if opening.tag == "h1")


def _words(renderer: Any, tokens: Sequence[Token], place: int, *_: Any) -> str:
    """Render words; a table's cells have no other way to break a line than a tag."""
    return escape(tokens[place].content, quote=False).replace("&lt;br&gt;", "<br>")


def _code(renderer: Any, tokens: Sequence[Token], place: int, *_: Any) -> str:
    """Render a block of code below the name of its file, or of its language."""
    language, name = (*tokens[place].info.split(" ", 1), "")[:2]
    answers = not name and language in {"json", "text"} and place > 0 and tokens[place - 1].type == "fence"
    called = "Answer" if answers else escape(name or LANGUAGES.get(language, language) or "Code")
    content, kind = tokens[place].content, "answer" if answers else "code"
    wide = not answers and any(len(line) > NARROW for line in content.splitlines())
    focus = f' tabindex="0" role="group" aria-label="{called}"' if wide else ""
    return (
        f'<figure class="{kind}"><figcaption>{called}</figcaption>'
        f'<pre{focus}><code class="language-{escape(language)}">{escape(content, quote=False)}</code></pre></figure>\n'
    )


def _pages(current: str) -> str:
    """Return the items of the navigation."""
    here = ' aria-current="page"'
    return "".join(f"<li>{_link(name, here if name == current else '')}</li>" for name in PAGES)


def _link(name: str, more: str = "") -> str:
    return f'<a href="{address(name + ".md")}"{more}>{escape(PAGES[name])}</a>'


_TABLE = '<div class="table" tabindex="0" role="group" aria-label="Table"><table>\n'
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="../console/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../console/style/tokens.css">
<link rel="stylesheet" href="guide.css">
<script src="../console/theme.js"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<a class="name" href="./">Mocktill</a>
<nav aria-label="Mocktill"><ul><li><a href="../console/">Console</a></li>\
<li><a href="../reference/">Reference</a></li><li><a href="./" aria-current="true">Guide</a></li></ul></nav>
</header>
<div class="body">
<nav class="pages" aria-label="Guide"><ul>{pages}</ul></nav>
<main id="text" tabindex="-1">
{text}
</main>
</div>
</body>
</html>
"""
