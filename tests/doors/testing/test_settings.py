"""What a test asks for: read in words, refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mocktill.core.filters import READERS
from mocktill.doors.testing.mocktill import Wanted
from mocktill.doors.testing.settings import NAMES, Given, Settings, read_settings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_nothing_is_asked_for() -> None:
    """Without a setting, and with None for each, everything is as by default."""
    assert read_settings({}) == read_settings(dict.fromkeys(NAMES)) == Settings()
    assert Settings().mode == "in process"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"apis": "deem"}, {"apis": ("deem",)}),
        ({"apis": ["deem", "drip"]}, {"apis": ("deem", "drip")}),
        ({"now": "2026-03-02T12:00:00Z"}, {"now": NOON}),
        ({"now": "2026-03-02T14:00:00+02:00"}, {"now": NOON}),
        ({"now": NOON.astimezone(timezone(timedelta(hours=2)))}, {"now": NOON}),
        ({"faults": "lost-answer"}, {"faults": ("lost-answer",)}),
        ({"faults": {"what": {"status": 503}}}, {"faults": ({"what": {"status": 503}},)}),
        ({"faults": ["slow", {"what": {"status": 503}}]}, {"faults": ("slow", {"what": {"status": 503}})}),
        ({"state": {"version": 1}}, {"state": {"version": 1}}),
        ({"pass_hosts": []}, {"pass_hosts": ()}),
        ({"pass_hosts": "localhost"}, {"pass_hosts": ("localhost",)}),
        ({"live": True}, {"live": True}),
    ],
)
def test_values_are_read(given: dict[str, Any], read: dict[str, Any]) -> None:
    """One may stand for several, text for an instant."""
    assert read_settings(given) == Settings(**read)


@pytest.mark.parametrize("name", ["state.json", "state.yaml"])
def test_a_state_is_read_from_its_file(tmp_path: Path, name: str) -> None:
    """A path is taken from the folder of whoever wrote it; JSON is YAML's too."""
    (tmp_path / name).write_text('{"version": 1, "tables": {}}')
    assert read_settings({"state": name}, tmp_path).state == {"version": 1, "tables": {}}
    assert read_settings({"state": tmp_path / name}).state == {"version": 1, "tables": {}}
    assert read_settings({"fixtures": "mine"}, tmp_path).fixtures == tmp_path / "mine"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"choises": {}}, "there is no setting 'choises': did you mean choices?"),
        ({"whatever": 1}, "there is no setting 'whatever': there are apis, seed,"),
        ({"apis": 7}, "apis are names"),
        ({"apis": [7]}, "apis are names"),
        ({"seed": "7"}, "seed is a whole number, not '7'"),
        ({"seed": True}, "seed is a whole number"),
        ({"seed": 2**53}, "seed is a whole number from -9007199254740991 to 9007199254740991, not 9007199254740992"),
        ({"seed": -(2**53)}, "seed is a whole number from -9007199254740991"),
        ({"now": "noon"}, "now is an instant with a time zone"),
        ({"now": datetime(2026, 3, 2)}, "now is an instant with a time zone"),
        ({"now": 7}, "now is an instant with a time zone"),
        ({"choices": ["deem.claim_twice"]}, "choices are values by name"),
        ({"choices": {"deem.claim_twice": 1}}, "choices are values by name"),
        ({"faults": 7}, "faults are rules, or names of presets"),
        ({"faults": [7]}, "faults are rules, or names of presets"),
        ({"state": 7}, "state is a document as state() returns it"),
        ({"state": "nowhere.json"}, "nowhere.json cannot be read: No such file"),
        ({"state": "\0"}, "state is a path, and '\\x00' is none"),
        ({"state": "a\0.yaml"}, "state is a path, and "),
        ({"fixtures": "\0"}, "fixtures is a path, and '\\x00' is none"),
        ({"answers": "stateless"}, "answers is stateful, canned or generated; not 'stateless'"),
        ({"violations": "ignore"}, "violations is fail, warn or allow; not 'ignore'"),
        ({"fixtures": 7}, "fixtures is a folder"),
        ({"pass_hosts": [7]}, "pass_hosts are names"),
        ({"live": "yes"}, "live is True or False"),
        ({"url": 7}, "url is text"),
        ({"url": "http://127.0.0.1:1", "fixtures": "mine"}, "the server at the url has its own"),
    ],
)
def test_a_wrong_setting_is_refused(given: dict[str, Any], said: str) -> None:
    """Each mistake is one ValueError that names the setting."""
    with pytest.raises(ValueError) as caught:
        read_settings(given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "place"), [("a.json", '{\n"version": }', "a.json:2"), ("a.yaml", "a: 1\nb: [", "a.yaml:2")]
)
def test_a_broken_file_is_placed(tmp_path: Path, name: str, text: str, place: str) -> None:
    """What is no document is said with file and line."""
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError) as caught:
        read_settings({"state": name}, tmp_path)
    assert place in str(caught.value)


def test_a_token_is_not_shown() -> None:
    """Settings that are printed do not give it away."""
    assert "secret" not in repr(read_settings({"url": "http://127.0.0.1:1", "token": "secret"}))


def test_type_checkers_know_the_settings() -> None:
    """What is written for them is what is read."""
    assert Given.__annotations__.keys() == set(NAMES)
    assert Wanted.__annotations__.keys() == READERS.keys()


def test_the_mode_follows() -> None:
    """A url makes it remote, `live` a server of this process."""
    assert read_settings({"live": True}).mode == "live"
    assert read_settings({"live": True, "url": "http://127.0.0.1:1"}).mode == "remote"
