"""The blocks of code in a page: a language, and the name of the file where it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mocktill.control.manual import reader, source

ANSWERS = frozenset({"json", "text"})
ENDS_WITH = re.compile(r"# exit code (\d+)$")


@dataclass(frozen=True)
class Block:
    """One fenced block: what stands behind the fence is its language and, where it is a file, the file's name."""

    page: str
    line: int
    language: str
    file: str
    text: str

    @property
    def is_answer(self) -> bool:
        """Whether it is what came of the block before it."""
        return self.language in ANSWERS and not self.file

    @property
    def exit_code(self) -> int:
        """With which code it says that it ends: 0 where it says nothing."""
        found = ENDS_WITH.search(self.text.rstrip())
        return int(found[1]) if found else 0

    def __str__(self) -> str:
        return f"{self.page}.md:{self.line} ({self.file or self.language})"


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in its order."""
    return blocks_of(source(page), page)


def blocks_of(markdown: str, page: str = "page") -> list[Block]:
    """Return the blocks of a text."""
    found = []
    for token in reader().parse(markdown):
        if token.type in {"fence", "code_block"}:
            language, _, file = token.info.partition(" ")
            found.append(Block(page, (token.map or [0])[0] + 1, language, file, token.content))
    return found
