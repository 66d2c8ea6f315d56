"""What the configuration of a test run, its environment and the markers of a test make of its settings.

The closest word counts, for each setting by itself: what the ini file says holds for all tests, a marker of the module
over it, one of the class over that, and one of the test over all. Where the sandboxes are is for the whole run: the
command line says it, else the environment, else the ini file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mocktill.doors.remote.client import checked_url
from mocktill.doors.testing.settings import Settings, read_settings

WRITTEN = ("apis", "seed", "now", "choices", "faults", "state", "answers", "violations")
MARKED = (*WRITTEN, "webhooks")
"""The settings that a marker may have."""
INI = (*WRITTEN, "fixtures")
"""The settings that the ini file may have, beside hosts and where sandboxes are."""
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})
STEM = 46
"""How many characters of a test's id its sandbox's name has, from the end; a hash of the whole id follows."""
STRANGE = re.compile("[^A-Za-z0-9._-]+")


def settings_of(node: pytest.Item, *, live: bool = False, marked: bool = True) -> Settings:
    """Return the settings of a test; `live` asks for a server of this process where none runs elsewhere.

    Raises ValueError, in words, for whatever is wrong in the ini file, in a marker or in the environment.
    """
    place, marks = where(node.config), from_markers(node) if marked else {}
    given = {**from_ini(node.config), **marks, **place}
    if "url" in place:
        given["fixtures"] = None  # that server has its own
    settings = read_settings(given)
    if "choices" not in marks:
        settings = replace(settings, choices=_for(settings.apis, settings.choices))
    return replace(settings, live=True) if live and not settings.url else settings


def from_ini(config: pytest.Config) -> dict[str, Any]:
    """Return what the ini file says; its paths are relative to the root folder of the run."""
    given = {name: _ini(config, name) or None for name in INI}
    seed = given["seed"]
    if seed is not None and not re.fullmatch("-?[0-9]{1,18}", seed):
        raise ValueError(f"the ini option mocktill_seed is a whole number, not {seed!r}")
    return given | {
        "seed": None if seed is None else int(seed),
        "choices": dict(map(_pair, given["choices"] or ())),
        "pass_hosts": tuple(_ini(config, "pass_hosts")),
        **{name: _path(config.rootpath, given[name]) for name in ("state", "fixtures")},
    }


def from_markers(node: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say; a state's path is relative to the folder of the test's file.

    An argument that is None takes back what one further away says.
    """
    given: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("mocktill"))):
        if mark.args:
            raise ValueError(f"the marker mocktill takes its settings by name, as in seed=7; not {mark.args[0]!r}")
        _check_names(mark.kwargs)
        given |= mark.kwargs
    if isinstance(given.get("state"), str | os.PathLike):
        given["state"] = _path(node.path.parent, given["state"])
    return given


def where(config: pytest.Config) -> dict[str, Any]:
    """Return where the sandboxes of a run are: `live`, or `url` with its `token`; nothing for in process.

    The first that says anything decides, also one that says no: an empty URL, or `MOCKTILL_LIVE=0`.
    """
    option, environment = config.getoption, os.environ.get
    token = environment("MOCKTILL_CONTROL_TOKEN") if option("mocktill_token") is None else option("mocktill_token")
    live = _truth("MOCKTILL_LIVE", environment("MOCKTILL_LIVE"))
    for source, url, is_live in (
        ("--mocktill-url and --mocktill-live", option("mocktill_url"), option("mocktill_live")),
        ("MOCKTILL_URL and MOCKTILL_LIVE", environment("MOCKTILL_URL"), live),
        ("the ini options mocktill_url and mocktill_live", _ini(config, "url"), _ini(config, "live")),
    ):
        if url and is_live:
            raise ValueError(f"{source} say two different things: give one of them")
        if url is not None or is_live is not None:
            return {"url": url, "token": token} if url else {"live": True} if is_live else {}
    return {}


def header(config: pytest.Config) -> str | None:
    """Return the line at the beginning of a run that says where its sandboxes are, unless they are in process.

    Raises `UsageError` for what is no place: that ends the run before the first test.
    """
    try:
        place = where(config)
        url = checked_url(place["url"]) if "url" in place else "a server of this process"
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    return f"mocktill: sandboxes on {url}" if place else None


def sandbox_name(nodeid: str, kind: str = "") -> str:
    """Return the name of a test's sandbox: the same whenever and beside whatever the test runs.

    It is the end of the test's id, with `-` for what no name may have, the `kind` of sandbox, and a hash of the id.
    """
    stem = STRANGE.sub("-", nodeid)[-STEM:].strip("-.")
    return "-".join(filter(None, [stem, kind, sha256(nodeid.encode(errors="surrogatepass")).hexdigest()[:8]]))


def _ini(config: pytest.Config, name: str) -> Any:
    try:
        return config.getini(f"mocktill_{name}")
    except (TypeError, ValueError, pytest.UsageError) as error:  # TOML's type is another, a quotation is open
        raise ValueError(f"the ini option mocktill_{name} cannot be read: {error}") from None


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if name not in MARKED:
            near = get_close_matches(name, MARKED, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(MARKED)}"
            raise ValueError(f"the marker mocktill has no setting {name!r}: {hint}")


def _path(folder: Path, path: str | os.PathLike[str] | None) -> Path | None:
    return None if not path else folder / path


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not (name and equals and value):
        raise ValueError(f"a line of the ini option mocktill_choices is NAME=VALUE, not {line!r}")
    return name, value


def _for(apis: tuple[str, ...] | None, choices: Mapping[str, str]) -> Mapping[str, str]:
    """Return choices of a whole run without those of the APIs that a sandbox leaves out; unknown ones stay."""
    if apis is None:
        return choices
    from mocktill.doors.testing.world import known  # and with it all that answers

    out = {choice.name for api in known() if api.name not in apis for choice in api.choices}
    return {name: value for name, value in choices.items() if name not in out}


def _truth(name: str, value: str | None) -> bool | None:
    if value is None:
        return None
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ValueError(f"{name} is 1 or 0, not {value!r}")
