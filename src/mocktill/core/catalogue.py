"""What all sandboxes share and none changes: the APIs, their contracts, their examples, the factory state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from mocktill.core.api import JSON, Api, Operation, Rows
from mocktill.core.choices import Choice
from mocktill.core.contract import Contract, OnDemand
from mocktill.core.faults import Preset
from mocktill.core.rules import load_presets
from mocktill.core.secrets import masked, secret, suspicious
from mocktill.core.seeds import BrokenSeed, Magic, Seed, load_seed

DOCUMENTED = "documented"
SEED_FILE = "seed.yaml"
FAULTS = "faults"
"""The folder of fixtures that has the fault rules that come by name."""
COMPARED = 10
"""How many parts of a path are compared with an operation's."""
MISSING = 0.5
"""How much less near an operation is for each part that its path has more or less."""
ALIKE = 0.6
SHOWN = 40
"""At how many characters a part of a path is cut that is compared, and shown to a person."""
_SLASHES = re.compile("/+")
_VERSION = re.compile(r"/v[0-9]{1,9}(?=/|$)")
SOUND = "method and path fit; something else of the request could not be read"


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
    def delicate(self) -> Mapping[str, tuple[bytes, ...]]:
        """Under which names an operation may answer with a secret, as JSON has them: `"access_token"`."""

        def named(operation: str) -> tuple[bytes, ...]:
            response = self.api.operation(operation).response
            names = self.contract.names(response) if response else ()
            return tuple([orjson.dumps(name) for name in sorted(names) if secret(name)])

        return OnDemand(named)

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
        faults = None if fixtures is None else fixtures / FAULTS
        self._own_faults = faults if faults is not None and faults.is_dir() else None
        self.shelves = {api.name: _shelve(api, own.get(api.name)) for api in apis}
        self.factory: Rows = {
            f"{name}.{table}": rows for name, shelf in self.shelves.items() for table, rows in shelf.factory.items()
        }

        if self._own_faults is not None:
            _ = self.presets  # a mistake in a user's own file stops the start; ours are read when somebody asks

    @cached_property
    def presets(self) -> Mapping[str, Preset]:
        """The fault rules that come by name: ours, and those of a user's folder over them."""
        own = {} if self._own_faults is None else load_presets(self._own_faults, self.apis)
        return {**load_presets(files("mocktill.fixtures") / FAULTS, self.apis), **own}

    @cached_property
    def delicate(self) -> bool:
        """Whether a row of the factory state holds what is masked; credentials are never answered."""
        tables = [table for name, table in self.factory.items() if not name.endswith(".credentials")]
        # most tables are found to have nothing at the price of a few searches
        return any(suspicious(orjson.dumps(rows)) and masked(rows) != rows for rows in tables)

    @property
    def apis(self) -> tuple[Api, ...]:
        """The APIs, in the order of their listing."""
        return tuple(shelf.api for shelf in self.shelves.values())

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """All operations, by full name: `deem.claim_purchase`."""
        return tuple(f"{api.name}.{operation.name}" for api in self.apis for operation in api.operations)

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
        if inner.is_dir() and not inner.name.startswith((".", "_")) and inner.name not in {*names, FAULTS}:
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


@dataclass(frozen=True)
class Near:
    """An operation that comes near to a request, why it did not match in words, and its path with the API's prefix."""

    operation: Operation
    why: str
    path: str

    @property
    def sentence(self) -> str:
        """The operation as a person writes it, and why it did not match."""
        return f"{self.operation.method} {self.path}: {self.why}"


def unmatched(api: Api, method: str, path: str) -> list[Near]:
    """Return the operations that come nearest to a request that none matched, nearest first, and why each did not."""
    return [
        Near(operation, "; ".join(_reasons(api, operation, method, path)) or SOUND, api.path(operation))
        for operation in nearest(api, method, path)
    ]


def nearest(api: Api, method: str, path: str) -> list[Operation]:
    """Return the operations of an API that come nearest to a path that none has, nearest first."""
    _, wanted = _split(api, path)

    def likeness(operation: Operation) -> tuple[float, bool]:
        parts, others = _parts(operation.path), wanted[:COMPARED]
        alike = max(_likeness(parts, others), _likeness(parts[::-1], others[::-1]))  # a part at the begin may lack
        return (alike - MISSING * abs(len(parts) - len(wanted)), operation.method == method.upper())

    return sorted(api.operations, key=likeness, reverse=True)[:3]


def _likeness(parts: Sequence[str], others: Sequence[str]) -> float:
    return sum(_alike(part, other) for part, other in zip(parts, others, strict=False))


def _alike(part: str, other: str) -> float:
    """Return how near a part of a path is to an operation's: from `ALIKE` on it is the same word misspelt."""
    if part.startswith("{"):
        return MISSING  # it fits, as anything would
    ratio = SequenceMatcher(None, part, other).ratio()
    return ratio if ratio >= ALIKE else 0.0


def _reasons(api: Api, operation: Operation, method: str, path: str) -> Iterator[str]:
    """Yield why a request is not for an operation; what was asked comes first, what would fit second."""
    if method.upper() != operation.method:
        yield f"the method is {method.upper()[:SHOWN]}, not {operation.method}"
    prefix, wanted = _split(api, path)
    prefixes, parts = api.prefixes_of(operation), _parts(operation.path)
    if "//" in path:
        yield "a part of the path is empty"
    if prefix not in prefixes:
        usual = prefixes[0] or "none"
        yield f"the prefix is {prefix}, not {usual}" if prefix else f"the prefix {usual} is missing"
    if len(parts) != len(wanted):
        before = len(_parts(prefix or ""))
        number = before + len(wanted)
        yield f"the path has {number} part{'' if number == 1 else 's'}, not {before + len(parts)}"
    for part, other in zip(parts, wanted, strict=False):
        if not part.startswith("{") and part != other:
            yield f"`{other}` is not `{part}`"


def _split(api: Api, path: str) -> tuple[str, list[str]]:
    """Return the prefix that a path begins with, be it the API's or another version's, and the parts behind it, cut."""
    path = _SLASHES.sub("/", path)
    known = {prefix for operation in api.operations for prefix in api.prefixes_of(operation)}
    fitting = [prefix for prefix in known if f"{path}/".startswith(f"{prefix}/")]
    version = _VERSION.match(path)
    prefix = max(fitting, key=len, default="") or (version[0] if version else "")
    wanted = _parts(path[len(prefix) :].removesuffix(".json" if api.json_suffix else ""))
    return prefix, [part if len(part) <= SHOWN else f"{part[: SHOWN - 1]}…" for part in wanted]


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
