"""A Dockerfile as data: as much of its grammar as ours has, and an error for anything else."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from string import Template

KNOWN = frozenset(
    {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "EXPOSE"}
    | {"STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
)


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name, its flags, and the rest of its text."""

    name: str
    flags: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest: a JSON array's items, else what a shell would split it into."""
        if self.rest.startswith("["):
            items = json.loads(self.rest)
            assert all(isinstance(item, str) for item in items)
            return list(items)
        return shlex.split(self.rest)

    @property
    def pairs(self) -> dict[str, str]:
        """The rest as names and values."""
        return {name: value for name, _, value in [word.partition("=") for word in self.words]}


@dataclass(frozen=True)
class Stage:
    """What comes from one FROM to the next; `name` is empty where nobody refers to it."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, name: str) -> list[Instruction]:
        """Return the instructions of that name."""
        return [each for each in self.instructions if each.name == name]

    def the(self, name: str) -> Instruction:
        """Return the only instruction of that name."""
        (found,) = self.all(name)
        return found

    def pairs(self, name: str) -> dict[str, str]:
        """Return the names and values of all instructions of that name."""
        return {key: value for each in self.all(name) for key, value in each.pairs.items()}


def read(file: Path) -> list[Stage]:
    """Return the stages of a Dockerfile; what is set before the first is filled in where they begin."""
    before: dict[str, str] = {}
    stages: list[tuple[list[str], list[Instruction]]] = []
    for instruction in instructions(file.read_text(encoding="utf-8")):
        if instruction.name == "FROM":
            stages.append((instruction.rest.split(), []))
        elif stages:
            stages[-1][1].append(instruction)
        else:
            assert instruction.name == "ARG"
            before |= instruction.pairs
    return [
        Stage(Template(head[0]).substitute(before), head[2] if head[1:2] == ["AS"] else "", tuple(inner))
        for head, inner in stages
    ]


def instructions(text: str) -> list[Instruction]:
    """Return the instructions one after another."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    return [_instruction(line) for line in "\n".join(lines).replace("\\\n", "").split("\n")]


def _instruction(line: str) -> Instruction:
    name, _, rest = line.strip().partition(" ")
    assert name in KNOWN, f"{name} is no instruction that this reader knows"
    flags: dict[str, str] = {}
    while found := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
        flags[found[1]] = found[2]
        rest = rest[found.end() :]
    return Instruction(name, flags, rest.strip())


class Ignored:
    """A .dockerignore: patterns of which the last that fits decides, as Docker has it."""

    def __init__(self, file: Path) -> None:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        self._patterns = [line for line in lines if line and not line.startswith("#")]
        assert all("/" not in pattern.lstrip("!").removeprefix("**/") for pattern in self._patterns)

    def __contains__(self, name: str) -> bool:
        """Whether a file stays out, by its name from the top folder."""
        out = False
        for pattern in self._patterns:
            if self._fits(pattern.removeprefix("!"), PurePosixPath(name).parts):
                out = not pattern.startswith("!")
        return out

    def _fits(self, pattern: str, parts: tuple[str, ...]) -> bool:
        if pattern.startswith("**/"):
            return any(fnmatchcase(part, pattern[3:]) for part in parts)
        return fnmatchcase(parts[0], pattern)
