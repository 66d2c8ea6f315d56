"""A reader who does what a page says, block by block, in its order: what nobody can run is a mistake of the page."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.guide.answers import GAP, unlike
from tests.guide.blocks import Block
from tests.guide.browser import missing_browser, visit
from tests.guide.desk import Desk, Done
from tests.guide.recipes import KINDS, follow, kind_of

SERVE = re.compile(r"mocktill serve(?: (?P<options>[^&]*))?\n?")


class Stuck(AssertionError):
    """A page says what cannot be done, or what does not come."""


class Reader:
    """Does what the blocks of one page say; `left_out` is what could not be tried here, and why."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.left_out: list[str] = []
        self._done: Done | None = None
        self._next: Block | None = None
        self._skipping = False
        self._ways: dict[str, Callable[[Block], Done | None]] = {
            "sh": self._type,
            "python": self._python,
            "js": self._node,
            "html": self._browse,
            "yaml": self._recipe,
            "toml": self._file,
            "json": self._file,
        }

    def read(self, page: Sequence[Block]) -> None:
        """Do all of it; raise Stuck at the first block that does not hold."""
        for place, block in enumerate(page):
            self._next = page[place + 1] if place + 1 < len(page) else None
            if block.is_answer:
                self._compare(block)
            elif block.language not in self._ways:
                raise Stuck(f"{block}: nobody knows how to run {block.language!r}")
            else:
                self._skipping = False
                self._done = self._ways[block.language](block)
                self._judge(block)
                if block.file and not _is_used(block, page[place + 1 :]):
                    raise Stuck(f"{block}: nothing on the page uses this file")

    def _judge(self, block: Block) -> None:
        if self._done is not None and self._done.code != block.exit_code:
            raise Stuck(f"{block}: it ended with {self._done.code}:\n{self._done.said}")

    def _compare(self, block: Block) -> None:
        if self._skipping:
            return
        if self._done is None:
            raise Stuck(f"{block}: this is an answer, and nothing was asked before it")
        if wrong := unlike(block.language, block.text, self._done.said):
            raise Stuck(f"{block}: {wrong}")

    def _type(self, block: Block) -> Done | None:
        if block.file:
            return self._file(block)
        serve = SERVE.fullmatch(block.text)
        if serve is not None:
            return Done(self.desk.as_written(self.desk.serve(serve["options"] or "")), 0)
        return self.desk.type(block.text)

    def _python(self, block: Block) -> Done | None:
        if block.file:
            return self._file(block)
        if re.search(r"^(async )?def test_", block.text, re.MULTILINE):
            self.desk.write(f"test_line_{block.line}.py", block.text)
            return self.desk.type(f"pytest -q test_line_{block.line}.py")
        return self.desk.run([sys.executable, "-W", "error", "-"], block.text)

    def _node(self, block: Block) -> Done | None:
        node = shutil.which("node")
        if node is None:
            return self._leave_out("no Node.js here: install nodejs")
        return self.desk.run([node, "--input-type=module", "-"], block.text)

    def _browse(self, block: Block) -> Done | None:
        path = self.desk.write(block.file, block.text)
        if missing := missing_browser():
            return self._leave_out(missing)
        if self._next is None or not self._next.is_answer:
            raise Stuck(f"{block}: what does the page say?")
        lines = [line for line in self._next.text.splitlines() if GAP not in line]
        return Done(self.desk.as_written(visit(path, lines)), 0)

    def _recipe(self, block: Block) -> Done | None:
        self._file(block)
        kind = kind_of(block.file)
        return None if kind is None else follow(kind, self.desk.folder / block.file, self.desk)

    def _file(self, block: Block) -> Done | None:
        if not block.file:
            raise Stuck(f"{block}: it has to be a file with a name")
        self.desk.write(block.file, block.text)
        return None

    def _leave_out(self, why: str) -> Done | None:
        self.left_out.append(why)
        self._skipping = True
        return None


def _is_used(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a file was run as it was read, or a later block names it, its folder, or the module that it is."""
    if block.language == "html" or kind_of(block.file) in KINDS:
        return True
    path = Path(block.file)
    top = path.parts[0]
    names = [re.escape(block.file), rf"\./{re.escape(top)}(?=\s|$)"] if len(path.parts) > 1 else [re.escape(block.file)]
    if path.suffix == ".py":
        names.append(rf"(?:import|from) {re.escape(path.stem)}\b")
    if path.name.startswith("test_"):
        names.append(r"(?m:\bpytest -q$)")
    said = "\n".join(other.text for other in rest if not other.is_answer)
    return any(re.search(name, said) for name in names)
