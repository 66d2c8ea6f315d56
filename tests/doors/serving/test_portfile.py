"""The port file: there exactly while a server answers, whole, and never a reason to wait for nothing."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from mocktill.doors.serving.portfile import PortFile
from tests.doors.wire import ask, serving

HEALTH = "GET /_mocktill/health HTTP/1.1\nHost: localhost\n\n"


def test_it_is_there_while_it_counts(tmp_path: Path) -> None:
    """What another server left is gone at once; the number comes whole, and goes in the end."""
    file = tmp_path / "port"
    file.write_text("1\n")
    with PortFile(file) as there:
        assert not file.exists()
        there.write(65535)
        assert file.read_text() == "65535\n"
        assert os.stat(file).st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == []


def test_one_that_somebody_took_away_is_no_loss(tmp_path: Path) -> None:
    """The end is as quiet where the file, or its folder, is gone."""
    (tmp_path / "run").mkdir()
    file = tmp_path / "run" / "port"
    with PortFile(file) as there:
        there.write(1)
        file.unlink()
        file.parent.rmdir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nothing/port", "file/port", "folder"])
def test_where_no_file_can_be(tmp_path: Path, name: str) -> None:
    """A folder that there is not, or that is none, and a folder in its place are told before anything is served."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError), PortFile(tmp_path / name):
        pass


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the number does not fit any more there is no file rather than half of one, and it is said."""
    with PortFile(tmp_path / "port") as there:

        def full(number: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            there.write(80)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_writes_its_port(tmp_path: Path, number: signal.Signals) -> None:
    """With port 0 the file has the port that was taken as soon as the ready line is there; a signal takes it away."""
    file = tmp_path / "port"
    file.write_text("1\n")
    with serving(tmp_path / "run", "--port-file", str(file)) as served:
        port = int(file.read_text())
        assert served.url.endswith(f":{port}")
        assert ask(f"http://127.0.0.1:{port}", HEALTH).status == 200
        assert served.stop(number) == 0
    assert not file.exists()


def test_a_killed_servers_file_is_replaced(tmp_path: Path) -> None:
    """What a server left that was killed is gone before the next one answers, and has its port then."""
    file = tmp_path / "port"
    variables = {"MOCKTILL_PORT_FILE": str(file)}
    with serving(tmp_path / "a", env=variables) as served:
        served.stop(signal.SIGKILL)
    assert served.url.endswith(f":{file.read_text().strip()}")
    with serving(tmp_path / "b", env=variables) as served:
        assert served.url.endswith(f":{file.read_text().strip()}")


def test_the_file_is_whole_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is written beside the file and moved there: nobody reads a part of it."""
    seen: list[tuple[bool, bytes]] = []
    replace = os.replace

    def spy(source: str, target: Path) -> None:
        seen.append((Path(target).exists(), Path(source).read_bytes()))
        replace(source, target)

    with PortFile(tmp_path / "port") as there:
        monkeypatch.setattr(os, "replace", spy)
        there.write(8080)
    assert seen == [(False, b"8080\n")]
