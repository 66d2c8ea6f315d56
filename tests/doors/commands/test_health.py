"""`mocktill health`: who is asked, and that whatever is not a ready Mocktill ends in one line and a 1."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme
from click.testing import Result

from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.cli import main
from mocktill.doors.commands.health import NEAR, READY
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.serving.tls import certificates
from tests.doors.peer import Peer, Said, problem, told
from tests.doors.typed import assert_one_line, run
from tests.doors.wire import PATIENCE, environment

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{"status":"ready"}'


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    """The port of a server that asks for a token."""
    app = create_app(Sandboxes(Catalogue(BUILTIN)), token="secret")
    with ServerThread(app, RequestLog(Nowhere())) as url:
        yield url.rpartition(":")[2]


def port_of(peer: Peer) -> str:
    """Return where a peer answers."""
    return peer.url.rpartition(":")[2]


def assert_unready(result: Result, *words: str) -> None:
    """Hold a failure to its rule: a 1 and one line, as whoever reads a container's health wants it."""
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    assert line.startswith("Error: not ready: ")
    for word in words:
        assert word in line


def test_a_ready_server_is_ready(port: str) -> None:
    """One word and a 0; no token is needed."""
    result = run("health", "--port", port)
    assert (result.exit_code, result.output) == (0, "ready\n")


def test_the_environment_of_serve_says_where(port: str) -> None:
    """The variables that a server was started with lead to it; those that steer another one do not count."""
    elsewhere = {"MOCKTILL_URL": "http://127.0.0.1:9", "MOCKTILL_SANDBOX": "x", "HTTP_PROXY": "http://127.0.0.1:9"}
    assert run("health", MOCKTILL_PORT=port, **elsewhere).output == "ready\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost", "127.0.0.1"])
def test_a_server_on_all_addresses_is_asked_on_loopback(port: str, host: str) -> None:
    """What is bound to 0.0.0.0 is asked on 127.0.0.1."""
    assert run("health", MOCKTILL_HOST=host, MOCKTILL_PORT=port).output == "ready\n"


@pytest.mark.parametrize("host", ["::", "::1"])
def test_a_server_on_all_ipv6_addresses_is_asked_on_loopback(host: str) -> None:
    """What is bound to :: is asked on ::1, and named as a URL would."""
    assert NEAR["::"] == "::1"
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"SKIPPED: there is no IPv6 here: {error}")
    with listening, answering(listening) as heard:
        result = run("health", MOCKTILL_HOST=host, MOCKTILL_PORT=str(listening.getsockname()[1]))
    assert result.output == "ready\n"
    assert b"Host: [::1]:" in heard[0]


@contextmanager
def answering(listening: socket.socket, context: ssl.SSLContext | None = None) -> Iterator[list[bytes]]:
    """Answer one connection as a ready server does; yield what it heard."""
    heard: list[bytes] = []

    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            spoken = context.wrap_socket(connection, server_side=True) if context else connection
            with spoken:
                heard.append(spoken.recv(10_000))
                spoken.sendall(ANSWER)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield heard
    finally:
        thread.join(PATIENCE)


def test_https_is_asked_without_a_check() -> None:
    """With MOCKTILL_TLS it speaks https, whoever made the certificate, and whatever host that is for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("api.getdrip.com").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening, answering(listening, context) as heard:
        result = run("health", MOCKTILL_TLS="1", MOCKTILL_PORT=str(listening.getsockname()[1]))
    assert result.output == "ready\n"
    assert heard[0].startswith(f"GET {READY} HTTP/1.1\r\n".encode())


def test_no_secret_is_sent() -> None:
    """The token of the environment stays there."""
    with Peer(told({"status": "ready"})) as peer:
        assert run("health", MOCKTILL_PORT=port_of(peer), MOCKTILL_CONTROL_TOKEN="secret").output == "ready\n"
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("GET", READY)
    assert "secret" not in str(asked.headers)


def test_nobody_there() -> None:
    """Where nobody listens, it says so."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
    assert_unready(run("health", "--port", str(number)), "Connection refused")


def test_no_such_host() -> None:
    """A host that is none is said as well."""
    assert_unready(run("health", "--host", "a..b"))


def test_a_server_that_is_silent() -> None:
    """It waits no longer than it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        number = str(silent.getsockname()[1])
        assert_unready(run("health", "--port", number, MOCKTILL_HEALTH_TIMEOUT="0.05"), "no whole answer within 0.05 s")


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"])
def test_a_server_that_trickles(beginning: bytes) -> None:
    """Whoever sends a byte now and then is not waited for beyond the time in all."""
    over = threading.Event()

    def trickle() -> None:
        with taken.accept()[0] as client, suppress(OSError):
            client.sendall(beginning)
            while not over.wait(0.02):
                client.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as taken:
        talking = threading.Thread(target=trickle)
        talking.start()
        number = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-m", "mocktill", "health", "--port", number, "--timeout", "0.3"],
            capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment(),
        )  # fmt: skip
        over.set()
        talking.join()
    assert (ran.returncode, ran.stderr) == (1, "Error: not ready: no whole answer within 0.3 s\n")


@pytest.mark.parametrize("body", ["transfer-encoding: chunked\r\n\r\n-5\r\n", "content-length: x\r\n\r\n"])
def test_a_server_that_talks_nonsense(body: str) -> None:
    """What is no answer is one line as well."""
    with socket.create_server(("127.0.0.1", 0)) as taken:

        def answer() -> None:
            with taken.accept()[0] as client:
                client.recv(10_000)
                client.sendall(f"HTTP/1.1 200 OK\r\n{body}".encode())

        talking = threading.Thread(target=answer)
        talking.start()
        assert_unready(run("health", "--port", str(taken.getsockname()[1])))
        talking.join()


def test_a_server_that_is_not_ready() -> None:
    """What the server says of itself is passed on."""
    with Peer(problem(503, "kajabi cannot be asked")) as peer:
        assert_unready(run("health", "--port", port_of(peer)), "kajabi cannot be asked")


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>", "text/html"),
        Said(200, b"[]"),
        Said(200, b'{"status": "ok"}'),
        Said(404, b'{"status": "ready"}'),
        Said(500, b'{"detail": 1}'),
        Said(301, b"", headers=(("Location", "/"),)),
    ],
    ids=lambda said: f"{said.status} {said.body.decode()}",
)
def test_something_else(said: Said) -> None:
    """Whoever else answers on that port is not Mocktill, and certainly not ready."""
    with Peer(said) as peer:
        assert_unready(run("health", "--port", port_of(peer)), "this is not Mocktill", str(said.status))
    assert len(peer.asked) == 1


def test_a_stranger_does_not_steer_the_terminal() -> None:
    """What a stranger says is one line of letters."""
    with Peer(problem(503, "a\n\x1b[2Jb")) as peer:
        assert_unready(run("health", "--port", port_of(peer)), r"a \x1b[2Jb")


def test_the_port_file_says_the_port(port: str, tmp_path: Path) -> None:
    """Where a server took a free port, its port file is read; any other port is taken as it is."""
    file = tmp_path / "port"
    file.write_text(f"{port}\n")
    assert run("health", MOCKTILL_PORT="0", MOCKTILL_PORT_FILE=str(file)).output == "ready\n"
    file.write_text("9\n")
    assert run("health", MOCKTILL_PORT=port, MOCKTILL_PORT_FILE=str(file)).output == "ready\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no port file"),
        *[(content, "is no port file") for content in ("", "eighty", "0", "-1", "65536", "9" * 5_000)],
    ],
    ids=["none", "empty", "a word", "0", "-1", "65536", "a large number"],
)
def test_no_good_port_file(tmp_path: Path, content: str | None, words: str) -> None:
    """A port file that is not there yet, or is something else, is said."""
    file = tmp_path / "port"
    if content is not None:
        file.write_text(content)
    assert_unready(run("health", "--port", "0", "--port-file", str(file)), words, str(file))


def test_a_port_that_nobody_can_know() -> None:
    """Port 0 without a port file is a question without an answer."""
    assert_unready(run("health", MOCKTILL_PORT="0"), "MOCKTILL_PORT_FILE")


def test_where_a_server_is_found_is_said_as_to_serve() -> None:
    """Each option has its variable, and those that `serve` has too have the same."""
    serve = {option.name: option.envvar for option in main.load("serve").params}
    mine = {option.name: option.envvar for option in main.load("health").params}
    assert None not in mine.values()
    assert {name: variable for name, variable in mine.items() if name in serve} == {
        name: serve[name] for name in ("host", "port", "port_file", "tls")
    }
    assert set(mine) - set(serve) == {"timeout"}


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "1e30", "3601", "0", "-1", "soon"])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_timeout_that_cannot_be(by: str, seconds: str) -> None:
    """A time that nobody can wait is refused, with a 1: Docker reserves the 2 of other wrong options."""
    given = run("health", f"--timeout={seconds}") if by == "option" else run("health", MOCKTILL_HEALTH_TIMEOUT=seconds)
    assert_one_line(given, "--timeout")
    assert given.exit_code == 1


@pytest.mark.parametrize("wrong", [("--prot", "80"), ("--port", "x"), ("--port",), ("more",), ("--port-file", "/")])
def test_a_wrong_option_ends_with_a_1(wrong: tuple[str, ...]) -> None:
    """Whatever is wrong with the command line ends with a 1 as well, and one line."""
    result = run("health", *wrong)
    assert_one_line(result)
    assert result.exit_code == 1


def test_https_where_http_is_asked(tmp_path: Path) -> None:
    """A server that speaks https, asked for http, is not quoted: it is said what to set."""
    app = create_app(Sandboxes(Catalogue(BUILTIN)))
    with (
        certificates(tmp_path, []) as made,
        ServerThread(app, RequestLog(Nowhere()), tls=made) as url,
    ):
        assert_unready(run("health", "--port", url.rpartition(":")[2]), "does not speak http", "MOCKTILL_TLS")


def test_it_imports_next_to_nothing() -> None:
    """It runs five times a second beside a server that starts, so it waits for no part of that server."""
    code = (
        "import sys, mocktill.doors.cli as cli; cli.main.load('health');"
        "print(*sorted(n for n in sys.modules if n.startswith('mocktill')))"
        ";print(*sorted({'flask', 'granian', 'orjson', 'yaml', 'jsonschema', 'asyncio'} & {*sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    mine, others = ran.stdout.splitlines()
    there = ("", ".doors", ".doors.cli", ".doors.commands", ".doors.commands.health", ".doors.commands.loading")
    assert mine.split() == [f"mocktill{name}" for name in there]
    assert others == ""
