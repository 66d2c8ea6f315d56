"""What a test asks for: how its sandbox begins, where it is, and what counts as wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypedDict

import orjson

from mocktill.core.api import JSON
from mocktill.core.clock import instant
from mocktill.core.sandbox import ANSWERS, SEEDS
from mocktill.core.seeds import BrokenSeed, read_yaml
from mocktill.doors.webhooks.addresses import read_url

FAIL, WARN, ALLOW = "fail", "warn", "allow"
POLICIES = (FAIL, WARN, ALLOW)
IN_PROCESS, LIVE, REMOTE = "in process", "live", "remote"


@dataclass(frozen=True)
class Settings:
    """How a sandbox of a test begins, where it is, and what counts as wrong.

    - `apis` are the names of those that it has; None is all.
    - `seed`, `answers`, `choices`: as of every sandbox. `now` is an aware instant at which its clock stands still.
    - `faults` are rules, and names of presets. `state` is a document as `state()` returns it, from `state_file` if it
      was read from one.
    - `violations` is what becomes of a broken contract and of a request that no operation matches: `fail`, `warn`, or
      `allow`.
    - `fixtures` is a folder with seed files of one's own. `pass_hosts` are patterns of the hosts, beside the vendors',
      that may be reached.
    - `webhooks` are URLs of this machine or another that webhooks go to, by API; None of them is told of otherwise.
    - `live` is for a server of this process, `url` (with `token`, where it wants one) for a server that runs.
    """

    apis: tuple[str, ...] | None = None
    seed: int | None = None
    now: datetime | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[JSON] = ()
    state: JSON = None
    state_file: Path | None = None
    answers: str | None = None
    violations: str = FAIL
    fixtures: Path | None = None
    pass_hosts: tuple[str, ...] = ("*",)
    webhooks: Mapping[str, str] = field(default_factory=dict)
    live: bool = False
    url: str | None = None
    token: str | None = field(default=None, repr=False)

    @property
    def mode(self) -> str:
        """Where the sandbox is: `in process`, `live` or `remote`."""
        return REMOTE if self.url else LIVE if self.live else IN_PROCESS


class Given(TypedDict, total=False):
    """The settings as somebody writes them, for type checkers; None is for what is not set."""

    apis: str | Iterable[str] | None
    seed: int | None
    now: str | datetime | None
    choices: Mapping[str, str] | None
    faults: str | Mapping[str, JSON] | Sequence[str | Mapping[str, JSON]] | None
    state: str | PathLike[str] | Mapping[str, JSON] | None
    answers: str | None
    violations: str | None
    fixtures: str | PathLike[str] | None
    pass_hosts: str | Iterable[str] | None
    webhooks: Mapping[str, str] | None
    live: bool | None
    url: str | None
    token: str | None


NAMES = tuple(each.name for each in fields(Settings) if each.name != "state_file")
"""The settings that somebody can write."""


def read_settings(given: Mapping[str, Any], folder: Path | None = None) -> Settings:
    """Return the settings that somebody wrote, None for what is not set; paths are taken from `folder`.

    An instant may be text (RFC 3339), a state or `fixtures` a path, and one API or fault may stand alone. Raises
    ValueError, in words, for a setting that there is not and for a value that is none.
    """
    if unknown := [name for name in given if name not in NAMES]:
        near = get_close_matches(unknown[0], NAMES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NAMES)}"
        raise ValueError(f"there is no setting {unknown[0]!r}: {hint}")
    read = {name: _READERS[name](name, value, folder or Path()) for name, value in given.items() if value is not None}
    state = given.get("state")
    file = (folder or Path()) / state if isinstance(state, str | PathLike) else None
    settings = Settings(**read, state_file=file)
    if settings.url and settings.fixtures:
        raise ValueError("fixtures are for a sandbox of this process: the server at the url has its own")
    return settings


def read_state(file: Path) -> JSON:
    """Return the document in a file, JSON or YAML; raise ValueError that names file and place for what is none."""
    try:
        if file.suffix in {".yaml", ".yml"}:
            return read_yaml(file)[0]
        return orjson.loads(file.read_bytes())
    except OSError as error:
        raise ValueError(f"the state {file} cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{file}:{error.lineno}: this is no JSON: {error.msg}") from None
    except BrokenSeed as error:
        raise ValueError(str(error)) from None


def _path(name: str, value: Any, folder: Path) -> Path:
    written = fspath(value)
    if not isinstance(written, str) or "\0" in written:
        raise ValueError(f"{name} is a path, and {written!r} is none")
    return folder / written


def _several(name: str, value: Any, folder: Path) -> tuple[str, ...]:
    several = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(each, str) for each in several):
        raise ValueError(f"{name} are names, as in ['deem', 'drip']; not {value!r}")
    return several


def _seed(name: str, value: Any, folder: Path) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is a whole number, not {value!r}")
    if value not in SEEDS:
        raise ValueError(f"{name} is a whole number from {SEEDS[0]} to {SEEDS[-1]}, not {value!r}")
    return value


def _now(name: str, value: Any, folder: Path) -> datetime:
    try:
        at = instant(value) if isinstance(value, str) else value
    except ValueError:
        at = None
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ValueError(f"{name} is an instant with a time zone, as in '2026-03-02T12:00:00Z'; not {value!r}")
    return at


def _choices(name: str, value: Any, folder: Path) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in [*value, *value.values()]):
        raise ValueError(f"{name} are values by name, as in {{'deem.claim_twice': 'same_answer'}}; not {value!r}")
    return dict(value)


def _webhooks(name: str, value: Any, folder: Path) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in [*value, *value.values()]):
        raise ValueError(f"{name} are URLs by API, as in {{'drip': 'http://127.0.0.1:9000/hook'}}; not {value!r}")
    for url in value.values():
        read_url(url)
    return dict(value)


def _faults(name: str, value: Any, folder: Path) -> Sequence[JSON]:
    several = (value,) if isinstance(value, str | Mapping) else value
    if not isinstance(several, Sequence) or not all(isinstance(each, str | Mapping) for each in several):
        raise ValueError(f"{name} are rules, or names of presets, as in ['lost-answer']; not {value!r}")
    return tuple(several)


def _state(name: str, value: Any, folder: Path) -> JSON:
    if isinstance(value, str | PathLike):
        return read_state(_path(name, value, folder))
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a document as state() returns it, or the path of one; not {value!r}")
    return value


def _word(name: str, value: Any, folder: Path) -> str:
    words = {"answers": ANSWERS, "violations": POLICIES}[name]
    if value not in words:
        raise ValueError(f"{name} is {', '.join(words[:-1])} or {words[-1]}; not {value!r}")
    return str(value)


def _folder(name: str, value: Any, folder: Path) -> Path:
    if not isinstance(value, str | PathLike):
        raise ValueError(f"{name} is a folder, not {value!r}")
    return _path(name, value, folder)


def _text(name: str, value: Any, folder: Path) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is text, not {value!r}")
    return value


def _truth(name: str, value: Any, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is True or False, not {value!r}")
    return value


_READERS: Mapping[str, Callable[[str, Any, Path], Any]] = {
    "apis": _several,
    "seed": _seed,
    "now": _now,
    "choices": _choices,
    "faults": _faults,
    "state": _state,
    "answers": _word,
    "violations": _word,
    "fixtures": _folder,
    "pass_hosts": _several,
    "webhooks": _webhooks,
    "live": _truth,
    "url": _text,
    "token": _text,
}
"""How each setting is read: by its name, the value, and the folder that paths are taken from."""
