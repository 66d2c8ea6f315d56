"""How a server starts, as a process: it says that it is ready when it is, or ends before the port opens."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from mocktill.control import served
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.commands.opening import complain
from mocktill.doors.serving import wholefile
from tests.doors.typed import assert_one_line, run
from tests.doors.wire import PATIENCE, ask, environment, serving

READY = "GET /_mocktill/ready HTTP/1.1\nHost: localhost\n\n"
BROKEN = "version: 1\ntables:\n  deals:\n    mine: {title: T, price: none, stock: 1}\n"


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
    return number


def fail(port: int, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a server that cannot start, and see that nobody listens."""
    done = subprocess.run(
        [sys.executable, "-m", "mocktill", "serve", "--port", str(port), *options],
        capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment(env),
    )  # fmt: skip
    with socket.socket() as knocking:
        assert knocking.connect_ex(("127.0.0.1", port)) != 0
    return done


@pytest.mark.parametrize("more", [[], ["--log", "json"]])
def test_a_broken_fixture_ends_it(tmp_path: Path, port: int, more: list[str]) -> None:
    """File, line and pointer are told, the exit code is 1, and the port was never opened nor announced."""
    (tmp_path / "deem").mkdir()
    (tmp_path / "deem" / "seed.yaml").write_text(BROKEN)
    file = tmp_path / "port"
    done = fail(port, "--fixtures", str(tmp_path), "--port-file", str(file), *more)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {tmp_path}/deem/seed.yaml:4: /tables/deals/mine/price: ")
    assert len(done.stderr.splitlines()) == 1
    assert not file.exists()


def test_a_port_file_that_cannot_be_ends_it(tmp_path: Path, port: int) -> None:
    """Where the port cannot be told nobody would find the server: it says so, before the port opens."""
    done = fail(port, "--port-file", str(tmp_path / "nothing" / "port"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: the port cannot be written to {tmp_path}/nothing/port: No such file or directory\n"


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be written to is one line, and so is a folder where the file should be."""
    assert_one_line(run("serve", "--port-file", str(tmp_path)), "--port-file", "is a directory")

    def forbid(**more: object) -> None:  # root, as whom tests may run, is forbidden nothing
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(wholefile, "mkstemp", forbid)
    file = tmp_path / "port"
    assert_one_line(run("serve", "--port-file", str(file)), f"cannot be written to {file}: Permission denied")


@pytest.mark.parametrize("number", ["0", "2", "-1"])
def test_more_workers_are_refused(number: str) -> None:
    """One process has the state: another number is refused in a sentence, as an option and as a variable."""
    for result in (run("serve", "--workers", number), run("serve", MOCKTILL_WORKERS=number)):
        assert result.exit_code == 2
        assert_one_line(result, "--workers", f"there is 1 worker, not {number}: the state is in the memory of one")


def test_other_servers_variables_are_not_heeded(tmp_path: Path) -> None:
    """`WEB_CONCURRENCY`, which platforms set for every server, changes nothing; nor does what is set for granian."""
    with serving(tmp_path, env={"WEB_CONCURRENCY": "4", "GRANIAN_WORKERS": "4", "MOCKTILL_WORKERS": "1"}) as there:
        assert there.ask(READY).json == {"status": "ready"}


def test_who_cannot_be_asked_is_never_ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where an API fails at a request of its own the start ends with its name, and no ready line is printed."""
    monkeypatch.setattr(served, "_answers", lambda box, shelf: shelf.api.name != "drip")
    file = tmp_path / "port"
    result = run("serve", "--port", "0", "--port-file", str(file))
    assert_one_line(result, "not ready: drip cannot be asked")
    assert (result.exit_code, file.exists(), "ready on" in result.output) == (1, False, False)
    assert served.Served(Sandboxes(Catalogue(())), None).silent == ()


def test_own_fixtures_do_not_make_it_unready(tmp_path: Path) -> None:
    """Whoever takes away the rows that samples ask for has a server that is ready, and says so."""
    (tmp_path / "own" / "deem").mkdir(parents=True)
    (tmp_path / "own" / "deem" / "seed.yaml").write_text(
        "version: 1\ntables: {purchases: {34063ec2: null}, coupons: {a21c5452d8: null}}\n"
    )
    with serving(tmp_path / "run", "--fixtures", str(tmp_path / "own")) as there:
        assert there.ask(READY).status == 200
        gone = "GET /deem/v1/purchases/34063ec2?api_key=1 HTTP/1.1\nHost: localhost\n\n"
        assert there.ask(gone).status == 404


def test_a_disk_that_fills_up_is_survived(tmp_path: Path) -> None:
    """A server that can write no byte to a file says so in a line, leaves none behind, and answers all the same."""
    code = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "sys.argv = ['mocktill', 'serve', '--port', '0', '--port-file', 'port'];"
        "runpy.run_module('mocktill', run_name='__main__')"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Mocktill is ready on "))
        assert ask(said.split()[-1], READY).status == 200
        process.terminate()
        assert process.communicate(timeout=PATIENCE)[1] == "Error: the port is not written to port: File too large\n"
    assert (process.returncode, list(tmp_path.iterdir())) == (0, [])


def test_what_went_wrong_is_said_in_the_form_of_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A complaint is a line on stderr; with JSON it is a record of Python's log, which speaks JSON then."""
    complain("the port is not written", "text")
    assert capsys.readouterr().err == "Error: the port is not written\n"
    complain("the port is not written", "json")
    assert capsys.readouterr().err == ""
    assert [record.getMessage() for record in caplog.records] == ["the port is not written"]


def test_a_state_that_cannot_be_kept_is_said_in_json(tmp_path: Path) -> None:
    """With `--log json` nothing but JSON comes on stderr while it serves and when it ends."""
    folder = tmp_path / "state"
    folder.mkdir()
    with serving(tmp_path / "run", "--log", "json", "--state", str(folder / "state.json")) as there:
        shutil.rmtree(folder)
        assert there.stop() == 1
    value = orjson.loads(there.err)
    assert (value["level"], value["logger"]) == ("error", "mocktill")
    assert value["message"].startswith("the state is not kept: ")


# two servers


def test_a_second_start_leaves_the_firsts_files_alone(tmp_path: Path) -> None:
    """One that finds its port taken ends, and the port file and the CA of the one that runs there are as they were."""
    files = ("--port-file", str(tmp_path / "port"), "--tls", "--tls-folder", str(tmp_path / "tls"))
    with serving(tmp_path / "first", *files) as first:
        port = first.url.rpartition(":")[2]
        before = (tmp_path / "port").read_bytes(), (tmp_path / "tls" / "ca.pem").read_bytes()
        second = subprocess.run(
            [sys.executable, "-m", "mocktill", "serve", "--port", port, *files],
            capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment(),
        )  # fmt: skip
        assert (second.returncode, second.stdout) == (1, "")
        assert "another program listens there" in second.stderr
        assert ((tmp_path / "port").read_bytes(), (tmp_path / "tls" / "ca.pem").read_bytes()) == before
        assert first.stop() == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_state_is_one_servers(tmp_path: Path, port: int) -> None:
    """A second server that is to keep its state in the same file is refused; after the first's stop it is not."""
    file = tmp_path / "state.json"
    with serving(tmp_path / "first", "--state", str(file)) as first:
        second = fail(port, "--state", str(file))
        assert (second.returncode, second.stderr) == (1, f"Error: another server keeps its state in {file}\n")
        assert first.stop() == 0
    with serving(tmp_path / "third", "--state", str(file)) as third:
        assert third.stop(signal.SIGKILL) != 0
    with serving(tmp_path / "fourth", "--state", str(file)) as fourth:
        assert fourth.stop() == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["state.json"]


# what cannot be


@pytest.mark.parametrize("option", ["--state", "--port-file"])
@pytest.mark.parametrize("kind", ["missing folder", "folder", "pipe"])
def test_a_file_that_could_not_be_written_ends_the_start(tmp_path: Path, port: int, option: str, kind: str) -> None:
    """It is said before the port opens, not at the end when it is too late, and what is there stays."""
    file = tmp_path / "place"
    if kind == "missing folder":
        file = tmp_path / "none" / "place"
    elif kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    before = sorted(tmp_path.iterdir())
    done = fail(port, option, str(file))
    assert done.returncode in {1, 2}
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_is_no_port_file_stays(tmp_path: Path, port: int) -> None:
    """Somebody's own file in the place of the port file is not lost to a slip of the pen."""
    file = tmp_path / "notes.txt"
    file.write_text("precious")
    done = fail(port, "--port-file", str(file))
    assert (done.returncode, file.read_text()) == (1, "precious")
    assert "what is there is no port file" in done.stderr


@pytest.mark.parametrize("options", [("--tls-folder", "ca"), ("--tls-host", "a.test")])
def test_what_is_said_of_tls_needs_it(options: tuple[str, ...]) -> None:
    """A folder or a name for certificates without `--tls` is a slip that is said."""
    assert_one_line(run("serve", *options), f"{options[0]} goes with --tls")


def test_an_address_in_the_variable_of_the_port_is_not_heeded(tmp_path: Path) -> None:
    """Where a service is called `mocktill`, Docker and Kubernetes put its address there; a typed one is an error."""
    linked = {"MOCKTILL_PORT": "tcp://10.0.0.3:8080"}
    assert_one_line(run("serve", "--port", "tcp://10.0.0.3:8080"), "tcp://10.0.0.3:8080")
    with serving(tmp_path, env=linked) as served:
        assert ask(served.url, READY).status == 200
    assert_one_line(run("serve", "--host", "no such host", **linked), "no such host:8080")


# signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_start(tmp_path: Path, number: signal.Signals) -> None:
    """While everything is loaded there is a handler, without which the first process of a container sees no signal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mocktill", "serve", "--port", "0", "--populate", "10000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment({"TMPDIR": str(tmp_path)}),
    )  # fmt: skip
    with process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Populating")
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()  # or whoever leaves would wait for it for ever
    assert (process.returncode, out, err) == (128 + number, "", "")


def test_a_terminal_that_closes_ends_it_cleanly(tmp_path: Path) -> None:
    """SIGHUP writes the state and takes the files away, as SIGTERM does."""
    state, file = tmp_path / "state.json", tmp_path / "port"
    with serving(tmp_path / "run", "--state", str(state), "--port-file", str(file)) as served:
        assert served.stop(signal.SIGHUP) == 0
    assert state.is_file()
    assert not file.exists()


def test_whoever_ignores_the_terminal_goes_on(tmp_path: Path) -> None:
    """Under `nohup` SIGHUP does nothing."""
    command = ("sh", "-c", 'trap "" HUP; exec "$0" "$@"', sys.executable, "-m", "mocktill")
    with serving(tmp_path, command=command) as served:
        served.process.send_signal(signal.SIGHUP)
        assert ask(served.url, READY).status == 200
        assert served.stop() == 0
