"""What all sandboxes share and none changes: the APIs, their contracts, their examples, the factory state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from mocktill.core.api import JSON, Api, Operation, Rows
from mocktill.core.choices import Choice
from mocktill.core.contract import Contract
from mocktill.core.secrets import masked
from mocktill.core.seeds import BrokenSeed, Magic, Seed, load_seed

DOCUMENTED = "documented"
SEED_FILE = "seed.yaml"


@dataclass(frozen=True)
class Shelf:
    """One API with everything read and compiled. `examples` are by operation and name, literally."""

    api: Api
    contract: Contract
    examples: Mapping[str, Mapping[str, JSON]]
    seed: Seed

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        """The API's choices, by full name."""
        return {choice.name: choice for choice in self.api.choices}

    @cached_property
    def factory(self) -> Rows:
        """The rows that a new sandbox begins with; raise `BrokenSeed` where the API cannot make them."""
        try:
            return self.api.factory(self.seed.rows())
        except (ValueError, OverflowError) as error:
            raise BrokenSeed(f"the seed files of {self.api.name}: {error}") from None


class Catalogue:
    """The APIs of a server or a test run, loaded and checked. Loading fails with file and line, or not at all."""

    def __init__(self, apis: Sequence[Api], fixtures: Path | None = None) -> None:
        own = {} if fixtures is None else own_seeds(fixtures, [api.name for api in apis])
        self.shelves = {api.name: _shelve(api, own.get(api.name)) for api in apis}
        self.factory: Rows = {
            f"{name}.{table}": rows for name, shelf in self.shelves.items() for table, rows in shelf.factory.items()
        }

    @cached_property
    def delicate(self) -> bool:
        """Whether a row of the factory state holds what is masked; credentials are never answered."""
        rows = [table for name, table in self.factory.items() if not name.endswith(".credentials")]
        return bool(masked(rows) != rows)

    @property
    def apis(self) -> tuple[Api, ...]:
        """The APIs, in the order of their listing."""
        return tuple(shelf.api for shelf in self.shelves.values())

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        """All choices, by full name."""
        return {name: choice for shelf in self.shelves.values() for name, choice in shelf.choices.items()}

    @property
    def magic(self) -> tuple[Magic, ...]:
        """All magic values."""
        return tuple(magic for shelf in self.shelves.values() for magic in shelf.seed.magic)


def own_seeds(fixtures: Path, names: Sequence[str]) -> dict[str, Path]:
    """Return the seed files in a user's folder, by API; raise `BrokenSeed` for what lies where nothing is read."""
    try:
        _check_folder(fixtures, names)
        folders = [folder for folder in fixtures.iterdir() if folder.name in names]
        return {folder.name: file for folder in folders for file in folder.iterdir() if file.name == SEED_FILE}
    except OSError as error:
        raise BrokenSeed(f"{error.filename or fixtures}: {error.strerror}") from None


def _check_folder(fixtures: Path, names: Sequence[str]) -> None:
    if not fixtures.exists():
        raise BrokenSeed(f"{fixtures}: there is no such folder")
    if not fixtures.is_dir():
        raise BrokenSeed(f"{fixtures}: this is no folder; a folder is meant that has <api>/{SEED_FILE} in it")
    if (fixtures / SEED_FILE).exists():
        wanted = f"{fixtures}/<api>/{SEED_FILE}, where <api> is {' or '.join(names)}"
        raise BrokenSeed(f"{fixtures / SEED_FILE}: no file is read here, but {wanted}")
    for inner in sorted(fixtures.iterdir()):
        if inner.name in names and not inner.is_dir():
            raise BrokenSeed(f"{inner}: this is no folder; a folder is meant that has {SEED_FILE} in it")
        if inner.is_dir() and not inner.name.startswith((".", "_")) and inner.name not in names:
            raise BrokenSeed(f"{inner}: there is no API {inner.name!r}; there are {', '.join(names)}")


def _shelve(api: Api, own: Path | None) -> Shelf:
    contract = Contract.load(api.schemas)
    seed = load_seed(api.fixtures / SEED_FILE, api.name, contract)
    if own is not None:
        seed = load_seed(own, api.name, contract, seed).over(seed)
    return Shelf(api, contract, _examples(api), seed)


def _examples(api: Api) -> dict[str, dict[str, JSON]]:
    """Read `examples/<operation>.json`, the documented one, and `examples/<operation>.<name>.json`."""
    folder = api.fixtures / "examples"
    files = [file for file in folder.iterdir() if file.name.endswith(".json")] if folder.is_dir() else []
    examples: dict[str, dict[str, JSON]] = {}
    for file in sorted(files, key=lambda file: file.name):
        operation, _, name = file.name.removesuffix(".json").partition(".")
        if operation not in {known.name for known in api.operations}:
            raise BrokenSeed(f"{file}:1: /: {api.name} has no operation {operation!r}")
        examples.setdefault(operation, {})[name or DOCUMENTED] = _read(file)
    return examples


def _read(file: Traversable) -> JSON:
    try:
        return orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise BrokenSeed(f"{file}:{error.lineno}: /: {error.msg}") from None


def nearest(api: Api, method: str, path: str) -> list[Operation]:
    """Return the operations of an API that come nearest to a path that none has, nearest first."""
    prefix = max((prefix for prefix in api.prefixes if path.startswith(f"{prefix}/")), key=len, default="")
    wanted = path[len(prefix) : len(prefix) + 200].strip("/").split("/")[:10]

    def likeness(operation: Operation) -> tuple[float, bool]:
        parts = operation.path.strip("/").split("/")
        alike = [
            0.6 if part.startswith("{") else SequenceMatcher(None, part, other).ratio()
            for part, other in zip(parts, wanted, strict=False)
        ]
        return (sum(alike) - abs(len(parts) - len(wanted)), operation.method == method)

    return sorted(api.operations, key=likeness, reverse=True)[:3]
