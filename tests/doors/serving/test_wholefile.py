"""Files that are written whole: with the permissions that they had, and in nobody else's way."""

from __future__ import annotations

import stat
from pathlib import Path
from tempfile import mkstemp

import pytest

from mocktill.doors.serving.wholefile import write_whole


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    """The new content has the old one's mode, a first one may be read by all, and a link stays a link."""
    file, link = tmp_path / "file", tmp_path / "link"
    link.symlink_to(file)
    write_whole(link, b"one")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"one", 0o644)
    file.chmod(0o600)
    write_whole(link, b"two")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode), link.is_symlink()) == (b"two", 0o600, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_what_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """A folder in its place, or none around it, is an error, and nothing is left behind."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", b"")
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "file", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_beginning_that_was_taken_for_a_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another server clears away what has just been made and not been locked yet, another one is made."""
    made: list[str] = []

    def made_and_lost(prefix: str, suffix: str, dir: Path) -> tuple[int, str]:
        number, name = mkstemp(prefix=prefix, suffix=suffix, dir=dir)
        made.append(name)
        if len(made) == 1:
            Path(name).unlink()
        return number, name

    monkeypatch.setattr("mocktill.doors.serving.wholefile.mkstemp", made_and_lost)
    write_whole(tmp_path / "file", b"whole")
    assert (len(made), (tmp_path / "file").read_bytes()) == (2, b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
