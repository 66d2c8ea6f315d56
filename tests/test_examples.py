"""The example repository: its own tests pass as a user runs them, wherever its sandboxes are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.wire import environment, serving

SHOP = Path(__file__).parent / "examples" / "shop"
FILES = ("shop.py", "test_shop.py", "pyproject.toml")
TESTS = 6
PATIENCE = 120


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the repository, away from this one."""
    for name in FILES:
        shutil.copy(SHOP / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that was started apart."""
    with serving(tmp_path_factory.mktemp("server")) as served:
        yield served.url


def passed(folder: Path, *options: str) -> str:
    """Run the tests of a folder; return what was said of them, which all passed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    ran = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert f"{TESTS} passed in" in ran.stdout, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def test_it_passes_in_process(shop: Path) -> None:
    """With nothing but an installed Mocktill its tests pass, and need no network."""
    assert "mocktill: sandboxes" not in passed(shop)


def test_it_passes_live(shop: Path) -> None:
    """With one option more they pass over real sockets."""
    assert "mocktill: sandboxes on a server of this process" in passed(shop, "--mocktill-live")


def test_it_passes_against_a_server(shop: Path, server: str) -> None:
    """With another option they pass against a server that was started apart."""
    assert f"mocktill: sandboxes on {server}" in passed(shop, "--mocktill-url", server)
