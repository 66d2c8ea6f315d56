"""The state file: read at the start, written at a clean stop, whole or not at all; a wrong one changes nothing."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandbox import Setup
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.serving.statefile import BrokenState, load_state, save_state
from tests.conftest import NOW
from tests.doors.wire import serving

RESERVE = "POST /deem/v1/purchases/reserve?api_key=1234567 HTTP/1.1\nHost: localhost\nConnection: close\n"
ORDER = '{"deal_id": "last-one", "num_bought": 1}'


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Sandboxes whose clocks stand still."""
    return Sandboxes(catalogue, Setup(now=NOW))


def test_no_file_is_no_state(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """The first start finds no file, and goes on without."""
    assert not load_state(sandboxes, tmp_path / "state.json")


def test_what_is_saved_is_loaded(sandboxes: Sandboxes, catalogue: Catalogue, tmp_path: Path) -> None:
    """What is written comes back as it was, and is written the same again."""
    file = tmp_path / "state.json"
    sandboxes.keep("a").view("deem").set_stock("last-one", 7)
    save_state(sandboxes, file)
    written = file.read_bytes()
    other = Sandboxes(catalogue)
    assert load_state(other, file)
    assert other.get("a").view("deem").stock("last-one").free == 7
    save_state(other, file)
    assert file.read_bytes() == written


def test_the_file_diffs_well(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """One changed value is one changed line."""
    file = tmp_path / "state.json"
    save_state(sandboxes, file)
    before = file.read_text().splitlines()
    sandboxes.default.change("deem.stock", "last-one", {"free": 5})
    save_state(sandboxes, file)
    after = file.read_text().splitlines()
    differing = [line for one, line in zip(before, after, strict=True) if one != line]
    assert [line.strip() for line in differing if "delicate" not in line] == ['"free": 5,']


def broken(good: bytes) -> list[tuple[str, bytes, str]]:
    """Return ways to break a state file, with what is said of each."""
    document = orjson.loads(good)

    def other(*path: str, value: Any) -> bytes:
        copy = orjson.loads(good)
        inner = copy
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
        return orjson.dumps(copy)

    assert document["version"] == 1
    tables = ("sandboxes", "default", "tables")
    return [
        ("cut", good[:-100], r"line [0-9]+"),
        ("no JSON", b"\x00\xff", "line 1"),
        ("empty", b"", "line 1"),
        ("a list", b"[]", ": /: expected object"),
        ("a later version", other("version", value=2), r": /version: expected 1, got 2"),
        ("a name that is a path", other("sandboxes", "../x", value={"tables": {}}), "/sandboxes"),
        ("a wrong row", other(*tables, "deem.stock", "last-one", "free", value="many"), "/deem.stock/last-one/free"),
        ("an unknown table", other(*tables, "deem.stocks", value={}), "/deem.stocks"),
        ("a wrong clock", other("sandboxes", "default", "clock", "at", value="soon"), "/sandboxes/default/clock/at"),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_wrong_file_changes_nothing(sandboxes: Sandboxes, catalogue: Catalogue, tmp_path: Path, number: int) -> None:
    """A mistake anywhere is said with file and pointer, and no sandbox is touched."""
    file = tmp_path / "state.json"
    sandboxes.keep("a").view("deem").set_stock("last-one", 7)
    save_state(sandboxes, file)
    _, content, said = broken(file.read_bytes())[number]
    file.write_bytes(content)
    other = Sandboxes(catalogue, Setup(now=NOW))
    before = other.default.state()
    with pytest.raises(BrokenState, match=said) as caught:
        load_state(other, file)
    assert str(caught.value).startswith(str(file))
    assert other.default.state() == before
    assert [box.name for box, _ in other.all()] == ["default"]


def test_a_folder_is_no_file(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """What cannot be read is said in words."""
    with pytest.raises(BrokenState, match="Is a directory"):
        load_state(sandboxes, tmp_path)


def test_writing_is_whole_or_nothing(sandboxes: Sandboxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails on the way, the old file is there, and nothing else."""
    file = tmp_path / "state.json"
    file.write_text("the old one")

    def fail(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        save_state(sandboxes, file)
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    assert file.read_text() == "the old one"


def test_links_and_permissions_stay(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A link still leads to the file, and who might read it still may."""
    file, link = tmp_path / "real.json", tmp_path / "link.json"
    file.write_text("{}")
    file.chmod(0o640)
    link.symlink_to(file)
    save_state(sandboxes, link)
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert orjson.loads(file.read_bytes())["version"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_keeps_its_state(tmp_path: Path, number: int) -> None:
    """What was reserved before a stop is reserved after the next start, with the time left that it had."""
    file = tmp_path / "state.json"
    ask = f"{RESERVE}Content-Type: application/json\nContent-Length: {len(ORDER)}\n\n{ORDER}"
    with serving(tmp_path / "one", "--state", str(file)) as served:
        assert served.ask(ask).status == 200
        assert served.stop(number) == 0
        assert served.err == ""
    tables = orjson.loads(file.read_bytes())["sandboxes"]["default"]["tables"]
    (hold,) = tables["deem.holds"].values()
    with serving(tmp_path / "two", "--state", str(file)) as served:
        assert served.ask(ask).status == 422
        asked = served.ask("GET /_mocktill/clock HTTP/1.1\nHost: localhost\nConnection: close\n\n").json
        assert asked["next_expiry"] == hold["expires_at"]
        assert datetime.fromisoformat(asked["now"]) < datetime.fromisoformat(hold["expires_at"])


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    """The server says what is wrong where, and does not start."""
    file = tmp_path / "state.json"
    file.write_text('{"version": 1, "sandboxes": {"default": {"tables": {"deem.stock": {"x": {"free": 1}}}}}}')
    with pytest.raises(AssertionError, match="it ended with 1") as caught, serving(tmp_path, "--state", str(file)):
        pass
    assert re.search(r"state.json: /sandboxes/default/tables/deem.stock/x/held: expected a value", str(caught.value))


def test_a_state_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A stop ends all the same, with a line on stderr and an exit code of 1, and no traceback."""
    file = tmp_path / "folder" / "state.json"
    file.parent.mkdir()
    with serving(tmp_path, "--state", str(file)) as served:
        shutil.rmtree(file.parent)
        assert served.stop() == 1
        assert served.err.startswith(f"Error: the state is not kept: {file}: No such file")
        assert "Traceback" not in served.err
