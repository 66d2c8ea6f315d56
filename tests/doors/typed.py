"""The command line as a test types it, in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from mocktill.doors.cli import main


def run(*arguments: str, **env: str) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, arguments, env=env)


def assert_one_line(result: Result, *words: str) -> None:
    """Hold a failure to its rule: it ends with one line that says what is wrong, and no traceback."""
    assert len(complaints(result)) == 1, result.output
    for word in words:
        assert word in complaints(result)[0]


def complaints(result: Result) -> list[str]:
    """Return the lines that a failure ends with; there is no traceback among them."""
    assert result.exit_code not in {0, None}
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = [line for line in result.output.splitlines() if not line.startswith(("Usage: ", "Try ")) and line]
    assert lines[0].startswith("Error: ")
    return lines
