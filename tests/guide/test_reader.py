"""What a page must not say: the reader stops at the first thing that cannot be done, or that comes out otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.guide import reader as reading
from tests.guide.answers import unlike
from tests.guide.blocks import blocks_of
from tests.guide.reader import Reader, Stuck

Reads = Callable[[str], Reader]


def fenced(info: str, text: str) -> str:
    """Return a block of code in Markdown."""
    return f"```{info}\n{text}\n```\n"


WRONG = {
    "a language that nobody runs": (fenced("perl", "print 1"), "nobody knows how to run 'perl'"),
    "no language": (fenced("", "anything"), "nobody knows how to run ''"),
    "an indented block": ("    anything\n", "nobody knows how to run ''"),
    "an answer to nothing": (fenced("text", "hello"), "nothing was asked before it"),
    "another answer": (fenced("sh", "echo hello") + fenced("text", "good bye"), "good bye"),
    "a line too few": (fenced("sh", "echo 1; echo 2") + fenced("text", "1"), "but it is"),
    "a command that fails": (fenced("sh", "false"), "it ended with 1"),
    "a command that fails in the middle": (fenced("sh", "false\ntrue"), "it ended with 1"),
    "a command that should fail": (fenced("sh", "true  # exit code 1"), "it ended with 0"),
    "a program that fails": (fenced("python", "raise KeyError"), "KeyError"),
    "a test that fails": (fenced("python", "def test_it():\n    assert False"), "1 failed"),
    "a file that nothing uses": (fenced("python shop.py", "A = 1"), "nothing on the page uses this file"),
    "a file without a name": (fenced("yaml", "a: 1"), "it has to be a file with a name"),
    "a workflow that is none": (fenced("yaml .github/workflows/a.yaml", "on: push"), "jobs"),
    "a job that fails": (
        fenced("yaml .gitlab-ci.yml", "test:\n  script:\n    - echo no\n    - exit 3"), "it ended with 3:\nno",
    ),
    "a package that is not here": (fenced("sh", "pip install no-such-thing-anywhere"), "it ended with 1"),
}  # fmt: skip


@pytest.mark.parametrize(("markdown", "said"), WRONG.values(), ids=WRONG)
def test_what_makes_a_page_wrong(read: Reads, markdown: str, said: str) -> None:
    """Whatever does not hold stops the reader, and the message says what it was."""
    with pytest.raises(Stuck) as stuck:
        read(markdown)
    assert said in str(stuck.value)


def test_a_page_that_is_right(read: Reads) -> None:
    """Variables last from block to block, files lie in one folder, and what runs in the background goes on."""
    shop = fenced("python shop.py", "PRICE = 3")
    block = fenced("python", "from shop import PRICE\nprint(PRICE)") + fenced("text", "3")
    shell = fenced("sh", "PRICE=4\ncat > /dev/null &") + fenced("sh", "echo $PRICE") + fenced("text", "4")
    assert read(shop + block + shell).left_out == []


def test_what_is_not_here_is_said(read: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Node.js and a browser the rest of a page is read, and what was left out is told."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(reading, "missing_browser", lambda: "no browser")
    page = fenced("js", "console.log(1)") + fenced("text", "1") + fenced("html a.html", "<p>") + fenced("text", "a")
    assert len(read(page).left_out) == 2
    with pytest.raises(Stuck):
        read(page + fenced("sh", "false"))


@pytest.mark.parametrize(
    ("language", "shown", "got", "alike"),
    [
        ("text", "a … c\n", "a b c\n", True),
        ("text", "a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("text", "a\n…\nd\n", "a\nd\n", True),
        ("text", "a…b\n", "a\nb\n", False),
        ("text", "a.c\n", "abc\n", False),
        ("json", '{"a": "…"}', '{"a": [1]}', True),
        ("json", '{"a": "x-…"}', '{"a": "x-1"}', True),
        ("json", '{"a": "x-…"}', '{"a": "y-1"}', False),
        ("json", '{"a": 1, "…": "…"}', '{"a": 1, "b": 2}', True),
        ("json", '{"a": 1}', '{"a": 1, "b": 2}', False),
        ("json", '{"a": 1, "…": "…"}', '{"b": 2}', False),
        ("json", '{"a": 1}', '{"a": true}', False),
        ("json", "[1, 2]", "[1]", False),
        ("json", '[{"a": 1}]', '[{"a": 2}]', False),
        ("json", "{}", "no", False),
    ],
)
def test_answers(language: str, shown: str, got: str, alike: bool) -> None:
    """An answer is the one that is shown but for what `…` stands for."""
    assert (unlike(language, shown, got) == "") is alike


def test_blocks() -> None:
    """A block knows its line, its language and its file."""
    (block,) = blocks_of(f"# A\n\n{fenced('yaml mine/a.yaml', 'a: 1')}")
    assert (block.line, block.language, block.file, block.text) == (3, "yaml", "mine/a.yaml", "a: 1\n")
    assert str(block) == "page.md:3 (mine/a.yaml)"
