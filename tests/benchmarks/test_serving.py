"""The benchmarks leave nothing behind: no server, no folder; and they say so when there is nothing to measure."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, benchmark, parse
from tests.benchmarks.ours import EMPTY, EMPTY_PURCHASE
from tests.benchmarks.served import Unavailable, members, serving
from tests.doors.wire import PATIENCE, environment

ROOT = Path(__file__).parents[2]
FALLS = [sys.executable, "-c", "import sys; print('no port', file=sys.stderr); sys.exit(3)"]
NEVER_ANSWERS = [
    sys.executable,
    "-c",
    "import signal; print('Mocktill is ready on http://127.0.0.1:1', flush=True); signal.pause()",
]
STUBBORN = """
import signal, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
server = HTTPServer(("127.0.0.1", 0), Handler)
print(f"Mocktill is ready on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Every process that is started."""
    processes: list[subprocess.Popen[str]] = []

    class Noted(subprocess.Popen[str]):
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[call-overload]
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return processes


def assert_all_over(started: list[subprocess.Popen[str]]) -> None:
    """Hold that something was started, and that nothing of it is left."""
    assert started
    assert [process.args for process in started if process.poll() is None] == []


def test_an_interrupted_run_leaves_no_server(started: list[subprocess.Popen[str]]) -> None:
    """Whatever ends a measurement ends its server as well."""
    with suppress(KeyboardInterrupt), serving(EMPTY, EMPTY_PURCHASE):
        raise KeyboardInterrupt
    assert_all_over(started)


def test_the_children_of_a_server_end_with_it() -> None:
    """A server that leaves its children behind is ended with them."""
    with serving([sys.executable, "-c", STUBBORN], "/") as served:
        group = served.process.pid
        assert len(members(group)) == 2
        assert served.memory > 5
    deadline = time.monotonic() + PATIENCE
    while members(group):  # what was killed is gone a moment later
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_server_that_does_not_answer_is_ended(started: list[subprocess.Popen[str]]) -> None:
    """A server is ended as well when it says that it is ready and then does not answer."""
    with pytest.raises(OSError, match="refused"), serving(NEVER_ANSWERS, "/"):
        pass
    assert_all_over(started)


@pytest.mark.parametrize("port", [None, 1], ids=["it says its port", "it is told its port"])
def test_a_server_that_ends_early_is_said(
    port: int | None, started: list[subprocess.Popen[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    """A server that ends before it is ready is said with its exit code, and what it wrote to stderr is seen."""
    with pytest.raises(Unavailable, match="ended with 3 before it was ready"), serving(FALLS, "/", port):
        pass
    assert capfd.readouterr().err == "no port\n"
    assert_all_over(started)


def test_no_folder_is_left(tmp_path: Path) -> None:
    """The folder of a run's fixtures goes with the run."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "start", "--rounds", "1"],
        cwd=ROOT, env=environment({"TMPDIR": str(tmp_path)}), capture_output=True, text=True, check=False,
        timeout=3 * PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("start to first answer") == 2
    assert list(tmp_path.iterdir()) == []


def test_all_benchmarks_run_unless_some_are_named() -> None:
    """Without a name all of them run, in their order; with names, those."""
    assert parse([]).which == [*BENCHMARKS]
    assert parse(["start", "peers", "--rounds", "2"]).which == ["start", "peers"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["starts"], "there is no benchmark 'starts'; there are throughput, peers"),
        (["--rounds", "0"], "--rounds is 1"),
        (["--count", "99"], "--count is 100 at the least"),
    ],
)
def test_wrong_arguments_are_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is none, and numbers with which nothing would be measured, end it with a sentence."""
    with pytest.raises(SystemExit, match="2"):
        parse(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_is_there(name: str) -> None:
    """Each name leads to a function that says what it measures."""
    assert benchmark(name).__doc__
