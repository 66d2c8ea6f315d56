"""The server over real sockets, in this process and as a process of its own."""

from __future__ import annotations

import gc
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from io import StringIO
from pathlib import Path

import orjson
import pytest

from mocktill.core.app import BODY_LIMIT
from mocktill.core.catalogue import Catalogue
from mocktill.core.journal import Journal
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.backlog import DELAY_SECONDS
from mocktill.doors.logs.log import RequestLog
from mocktill.doors.serving.server import CannotListen, ServerThread, bind, url_of
from tests.doors.wire import PATIENCE, Reply, Wire, ask, environment, serving

PURCHASE = "/deem/v1/purchases/34063ec2?api_key=1234567"
GET = f"GET {PURCHASE} HTTP/1.1\nHost: localhost\n\n"
BODY = '{"deal_id": "la-1024-wsc-hair-studio-01-2", "num_bought": 1}'
RESERVE = "POST /deem/v1/purchases/reserve?api_key=1 HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
WITH_LENGTH = f"{RESERVE}Content-Length: {len(BODY)}\n\n"
CHUNKED = f"{RESERVE}Transfer-Encoding: chunked\n\n"


@pytest.fixture
def log() -> StringIO:
    """What the server logs."""
    return StringIO()


@pytest.fixture
def url(sandboxes: Sandboxes, log: StringIO) -> Iterator[str]:
    """The URL of a server in this process."""
    with ServerThread(create_app(sandboxes), RequestLog(log)) as url:
        yield url


def wait(condition: Callable[[], bool]) -> None:
    """Wait until something is so, and fail when it does not come to be."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def holds(journal: Journal, count: int) -> bool:
    """Whether the journal has so many entries."""
    return len(journal) == count


def assert_refused(reply: Reply, status: int) -> None:
    """Hold a refusal against Deem's shape of an error."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/json")
    assert reply.json["status"] == "error"


def assert_alive(url: str) -> None:
    """The server answers somebody else."""
    assert ask(url, GET).status == 200


# requests


def test_a_request_is_answered(url: str, sandboxes: Sandboxes) -> None:
    """An answer has the vendor's body, its headers and ours."""
    reply = ask(url, GET)
    assert (reply.status, reply.json["purchase"]["id"]) == (200, "34063ec2")
    assert reply.headers["mocktill-basis"] == "documented"
    assert reply.headers["mocktill-entry"] == str(sandboxes.default.journal.entries()[-1].id)
    assert reply.headers["content-length"] == str(len(reply.body))


def test_links_have_the_port(url: str) -> None:
    """A link in an answer leads back to this server."""
    host = url.removeprefix("http://")
    reply = ask(url, f"GET /~box{PURCHASE} HTTP/1.1\nHost: {host}\n\n")
    assert reply.json["purchase"]["coupons"][0]["print_url"].startswith(f"{url}/~box/deem/coupons/")


def test_a_body_with_a_length(url: str) -> None:
    """A body of a known length is read."""
    assert ask(url, WITH_LENGTH + BODY).json["purchase"]["fulfillment_state"] == "reserved"


def test_a_body_in_chunks(url: str) -> None:
    """A body in chunks is read, wherever they part it."""
    chunks = "".join(f"{len(part):x}\n{part}\n" for part in (BODY[:1], BODY[1:30], BODY[30:]))
    assert ask(url, f"{CHUNKED}{chunks}0\n\n").json["purchase"]["fulfillment_state"] == "reserved"


@pytest.mark.parametrize("rest", ["", "zz\n", "5\nab"], ids=["gone", "no-size", "cut"])
def test_chunks_that_break_off_are_no_request(url: str, sandboxes: Sandboxes, rest: str) -> None:
    """A body whose chunks break off is not acted upon, even if what came of it makes sense."""
    before = sandboxes.default.store.rows()["deem.stock"]
    with Wire(url) as wire:
        wire.say(f"{CHUNKED}{len(BODY):x}\n{BODY}\n{rest}")
        wire.socket.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            assert wire.hear().status in {400, 500}
    assert_alive(url)
    assert sandboxes.default.store.rows()["deem.stock"] == before


def test_head(url: str) -> None:
    """HEAD has the headers of GET, and the connection goes on."""
    with Wire(url) as wire:
        wire.say(GET.replace("GET", "HEAD"))
        head = wire.hear(head=True)
        wire.say(GET)
        got = wire.hear()
    assert (head.status, got.status) == (200, 200)
    assert int(head.headers["content-length"]) == len(got.body)


def test_keep_alive(url: str) -> None:
    """One connection carries request after request, refusals and bodies among them."""
    with Wire(url) as wire:
        statuses = []
        for text in (
            GET,
            WITH_LENGTH + BODY,
            GET.replace("34063ec2", "none"),
            WITH_LENGTH.replace("num", "n") + BODY,
            GET,
        ):
            wire.say(text)
            statuses.append(wire.hear().status)
    assert statuses == [200, 200, 404, 200, 200]


def test_connection_close(url: str) -> None:
    """Whoever asks for it gets the connection closed after the answer."""
    with Wire(url) as wire:
        wire.say(GET.replace("\n\n", "\nConnection: close\n\n"))
        assert wire.hear().status == 200
        assert wire.is_over()


def test_pipelining(url: str) -> None:
    """Requests that come before the answers are answered in their order."""
    with Wire(url) as wire:
        wire.say(GET + WITH_LENGTH + BODY + GET.replace("34063ec2", "none") + GET)
        assert [wire.hear().status for _ in range(4)] == [200, 200, 404, 200]


def test_http_1_0(url: str) -> None:
    """An HTTP/1.0 client is answered, and the connection closed."""
    with Wire(url) as wire:
        wire.say(f"GET {PURCHASE} HTTP/1.0\n\n")
        reply = wire.hear()
        assert wire.is_over()
    assert (reply.status, reply.json["purchase"]["id"]) == (200, "34063ec2")


def test_links_without_a_host(url: str) -> None:
    """A client that names no host gets links to the address that it reached, with the port."""
    reply = ask(url, f"GET {PURCHASE} HTTP/1.0\n\n")
    assert reply.json["purchase"]["coupons"][0]["print_url"].startswith(f"{url}/deem/coupons/")


def test_an_absolute_target(url: str) -> None:
    """A target with scheme and host, as a proxy is asked, is the path that it names."""
    reply = ask(url, f"GET http://localhost{PURCHASE} HTTP/1.1\nHost: localhost\n\n")
    assert (reply.status, reply.json["purchase"]["id"]) == (200, "34063ec2")


def test_a_vendors_host(url: str) -> None:
    """The vendor's own host name leads to it."""
    path = PURCHASE.removeprefix("/deem")
    assert ask(url, f"GET {path} HTTP/1.1\nHost: API.Offers.Deem.com\n\n").status == 200


@pytest.mark.parametrize(
    "target", ["*", "/../../etc/passwd", "/%2e%2e/%00", "/%ff%fe", "/" + "a" * 5000, "//", "/?" + "a" * 5000]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "BREW"])
def test_odd_targets(url: str, method: str, target: str) -> None:
    """Whatever is asked for, the answer is no defect, and the next one is answered."""
    with Wire(url) as wire:
        wire.say(f"{method} {target} HTTP/1.1\nHost: localhost\n\n")
        assert 400 <= wire.hear(head=False).status < 500 or target in {"//", "/?" + "a" * 5000}
    assert_alive(url)


@pytest.mark.parametrize(
    "path", ["/deem/v1/purchases/%ff%00%0a", "/deem/v1/purchases/a%2Fb", "/deem/v1/purchases/%F0%9F%9B%92"]
)
def test_odd_ids(url: str, path: str) -> None:
    """An id of odd bytes is an id that there is not."""
    assert_refused(ask(url, f"GET {path}?api_key=1 HTTP/1.1\nHost: localhost\n\n"), 404)


def test_expect_100_continue(url: str) -> None:
    """A client that asks first is told to go on, and answered."""
    with Wire(url) as wire:
        wire.say(WITH_LENGTH.replace("\n\n", "\nExpect: 100-continue\n\n"))
        assert wire.hear_continue() == 100
        wire.say(BODY)
        assert wire.hear().status == 200


def test_expect_is_refused_at_once(url: str) -> None:
    """A client that asks first is told that its body is too large before it sends it."""
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Content-Length: {BODY_LIMIT + 1}\nExpect: 100-continue\n\n")
        assert wire.hear_continue() == 413


# what cannot be read


@pytest.mark.parametrize("length", [BODY_LIMIT + 1, 10**18])
def test_too_long_a_length_is_refused_unread(url: str, length: int) -> None:
    """A body that says that it is too large is refused before it comes, in the vendor's shape."""
    assert_refused(ask(url, f"{RESERVE}Content-Length: {length}\n\n"), 413)
    assert_alive(url)


def test_a_large_body_that_is_sent_all_the_same(url: str) -> None:
    """A client that sends its large body without waiting can still read why it is refused."""
    size = 3 * BODY_LIMIT
    with Wire(url) as wire:
        wire.say(f"{RESERVE}Content-Length: {size}\n\n")
        with suppress(ConnectionError):  # the server may have closed: its answer is there before
            wire.say(b"x" * size)
        assert_refused(wire.hear(), 413)
    assert_alive(url)


@pytest.mark.parametrize("headers", ["", "Content-Length: 5\n"])
def test_too_many_chunks_are_refused(url: str, headers: str) -> None:
    """A body in chunks is refused as soon as it is too large, whatever it says and though it does not end."""
    chunk = b"x" * 64 * 1024
    with Wire(url) as wire:
        wire.say(f"{RESERVE}{headers}Transfer-Encoding: chunked\n\n")
        with suppress(ConnectionError):  # refused at the first look
            for _ in range(BODY_LIMIT // len(chunk) + 1):
                wire.say(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        reply = wire.hear()
    assert reply.status in ({413} if not headers else {400, 413})
    assert_alive(url)


def test_a_wrong_length(url: str) -> None:
    """A length that is no number is a bad request, and the server's own affair."""
    for length in ("x", "-1", "9" * 5000, "1.5"):
        assert ask(url, f"{RESERVE}Content-Length: {length}\n\n").status in {400, 431}
    assert_alive(url)


def test_two_lengths(url: str) -> None:
    """Two lengths that differ are a bad request."""
    assert ask(url, f"{RESERVE}Content-Length: 1\nContent-Length: 2\n\nab").status == 400


def test_two_hosts(url: str) -> None:
    """Two Host headers name no host: a 400 in the vendor's shape."""
    assert_refused(ask(url, GET.replace("Host: localhost", "Host: localhost\nHost: evil.test")), 400)


@pytest.mark.parametrize("host", ["a b", "a/b", "a,b", "<x>"])
def test_an_unreadable_host(url: str, host: str) -> None:
    """A Host that is none is a 400 in the vendor's shape."""
    assert_refused(ask(url, GET.replace("localhost", host)), 400)


@pytest.mark.parametrize(
    "field", ["X-A: \xff\xfe", "X-A: caf\xe9", "Mocktill-Sandbox: \xff", "Content-Type: \xff", "Prefer: \xff"]
)
def test_header_bytes_that_are_no_text(url: str, field: str) -> None:
    """Header values of any bytes are no defect: the request is answered or refused."""
    with Wire(url) as wire:
        wire.say(GET.replace("\n\n", f"\n{field}\n\n"))
        assert wire.hear().status in {200, 400}
        wire.say(GET)
        assert wire.hear().status == 200


@pytest.mark.parametrize("text", ["nonsense\n\n", "GET / HTTP/9.9\n\n", "GET\n\n", "\x16\x03\x01\x02", "X-A: b\n\n"])
def test_what_is_no_http(url: str, text: str) -> None:
    """Bytes that are no HTTP end their own connection, and nothing else."""
    with Wire(url) as wire:
        wire.say(text)
        wire.socket.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):  # closed without a word
            assert wire.hear().status in {400, 505}
    assert_alive(url)


# slow and vanishing clients


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_dawdles_holds_nobody_up(url: str, sandboxes: Sandboxes, chunked: bool) -> None:
    """While half a body is all that has come, others are answered; with the rest the dawdler is as well."""
    first, rest = BODY[:20], BODY[20:]
    if chunked:
        first, rest = f"{len(first):x}\n{first}\n", f"{len(rest):x}\n{rest}\n0\n\n"
    with Wire(url) as wire:
        wire.say((CHUNKED if chunked else WITH_LENGTH) + first)
        for _ in range(20):
            assert ask(url, GET).status == 200
            assert ask(url, WITH_LENGTH + BODY).status == 200
        assert len(sandboxes.default.journal) == 40
        wire.say(rest)
        assert wire.hear().json["purchase"]["fulfillment_state"] == "reserved"
    assert len(sandboxes.default.journal) == 41


def test_many_dawdlers(url: str) -> None:
    """However many dawdle, at whatever place, the others are answered, and all of them in the end."""
    wires = [Wire(url) for _ in range(100)]
    try:
        request = WITH_LENGTH + BODY
        for number, wire in enumerate(wires):
            wire.say(request[: len(request) - 1 - number])
        assert_alive(url)
        for number, wire in enumerate(wires):
            wire.say(request[len(request) - 1 - number :])
        assert {wire.hear().status for wire in wires} == {200}
    finally:
        for wire in wires:
            wire.close()


@pytest.mark.parametrize("text", [WITH_LENGTH + BODY[:20], f"{CHUNKED}14\n{BODY[:20]}\n", f"{CHUNKED}14\n{BODY[:10]}"])
@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_vanishes_in_its_body(url: str, sandboxes: Sandboxes, text: str, reset: bool) -> None:
    """A body that breaks off reserves nothing, and harms nobody."""
    before = sandboxes.default.table("deem.stock").get("la-1024-wsc-hair-studio-01-2")
    wire = Wire(url)
    wire.say(text)
    if reset:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    wire.close()
    assert_alive(url)
    assert sandboxes.default.table("deem.stock").get("la-1024-wsc-hair-studio-01-2") == before
    assert {entry.status for entry in sandboxes.default.journal} <= {200, 400}


def test_a_client_that_vanishes_before_its_answer(url: str, sandboxes: Sandboxes) -> None:
    """Whoever does not wait for the answer has reserved all the same: the journal says so, and nobody is harmed."""
    journal = sandboxes.default.journal
    for number in range(1, 21):
        with Wire(url) as wire:
            wire.say(WITH_LENGTH + BODY)
            wait(partial(holds, journal, number))
    assert {entry.status for entry in journal} == {200}
    assert_alive(url)


def test_a_client_that_vanishes_at_once(url: str, sandboxes: Sandboxes) -> None:
    """Whoever goes without a moment's wait has reserved or has not: the journal and the stock agree on it."""
    for _ in range(20):
        with Wire(url) as wire:
            wire.say(WITH_LENGTH + BODY)
    assert_alive(url)
    with sandboxes.default.lock:
        reserved = [entry for entry in sandboxes.default.journal if entry.operation == "reserve_purchase"]
        stock = sandboxes.default.table("deem.stock").get("la-1024-wsc-hair-studio-01-2")
    assert {entry.status for entry in reserved} <= {200, 400}
    assert stock is not None
    assert stock["held"] == len([entry for entry in reserved if entry.status == 200])


def test_a_client_that_does_not_read(url: str) -> None:
    """A client that sends and sends, and never reads, holds nobody up."""
    with Wire(url) as wire:
        wire.socket.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(2_000):
                wire.socket.send(GET.replace("\n", "\r\n").encode())
        assert_alive(url)


# the log


def test_each_answer_is_one_line(url: str, log: StringIO) -> None:
    """Each answer is logged in one line, the vendors' and the others'."""
    ask(url, GET)
    ask(url, GET.replace("/34063ec2", "/none"))
    ask(url, "GET /nowhere HTTP/1.1\nHost: localhost\n\n")
    wait(lambda: log.getvalue().count("\n") == 3)
    first, second, third = log.getvalue().splitlines()
    assert first.endswith("[documented]")
    assert " 200 GET     /deem/v1/purchases/34063ec2?api_key=*** " in first
    assert " 404 " in second
    assert third.endswith(" 404 GET     /nowhere")


def test_the_log_has_no_secrets(url: str, log: StringIO) -> None:
    """No key that was sent is in the log, wherever it stood."""
    ask(url, GET.replace("1234567", "top-secret").replace("\n\n", "\nAuthorization: Bearer top-secret\n\n"))
    ask(url, GET.replace("api_key=1234567", "API%5FKEY=top-secret"))
    ask(
        url,
        WITH_LENGTH.replace("api_key=1", "")
        + BODY.replace("num_bought", "api_key").replace("1}", '"top-secret"}')[: len(BODY)],
    )
    wait(lambda: log.getvalue().count("\n") == 3)
    assert "top-secret" not in log.getvalue()


@pytest.mark.parametrize("evil", ["%0A00:00:00%20200%20GET%20/forged", "%0D", "%1B[2J", "%C2%85", "%E2%80%A8", "%00"])
@pytest.mark.parametrize("prefix", ["/deem/v1/", "/ebay/", "/~box"])
def test_a_path_cannot_forge_a_line(url: str, log: StringIO, prefix: str, evil: str) -> None:
    """Control characters in a path stay within their line."""
    ask(url, f"GET {prefix}{evil}/x?{evil} HTTP/1.1\nHost: localhost\n\n")
    wait(lambda: "\n" in log.getvalue())
    said = log.getvalue()
    assert len(said.splitlines()) == 1
    assert said[:-1].isprintable()


# the socket


def test_a_taken_port_is_said(url: str) -> None:
    """A port that somebody listens on is refused in one line, though that somebody would share it."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with pytest.raises(CannotListen, match=rf"cannot listen on {host}:{port}: another program listens there"):
        bind(host, int(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "::1%none", "x" * 300, ""])
def test_an_address_that_is_not_ours(host: str) -> None:
    """What cannot be bound is said with its reason, and leaves no socket open."""
    with pytest.raises(CannotListen, match=r"^cannot listen on .*: .+"):
        bind(host, 0)
    gc.collect()  # a socket that was left open is a warning here


def test_the_url_is_as_it_was_bound() -> None:
    """The URL names the port that was given."""
    with bind("127.0.0.1", 0) as listening:
        assert url_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback."""
    try:
        bind("::1", 0).close()
    except CannotListen:
        return False
    return True


ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@ipv6
def test_an_ipv6_address_is_in_brackets() -> None:
    """The URL of an IPv6 address is one that a client understands."""
    with bind("::1", 0) as listening:
        assert url_of(listening) == f"http://[::1]:{listening.getsockname()[1]}"


def test_a_server_can_follow_another(sandboxes: Sandboxes) -> None:
    """Servers in threads start, stop and follow each other on one port; what is stopped does not answer."""
    port = 0
    for _ in range(3):
        with ServerThread(create_app(sandboxes), RequestLog(StringIO()), port=port) as url:
            assert_alive(url)
            port = int(url.rpartition(":")[2])
        with pytest.raises(ConnectionError):
            ask(url, GET)


def test_two_servers_have_two_states(catalogue: Catalogue) -> None:
    """Servers in one process know nothing of each other."""
    one, two = Sandboxes(catalogue), Sandboxes(catalogue)
    log = RequestLog(StringIO())
    with ServerThread(create_app(one), log) as a, ServerThread(create_app(two), RequestLog(StringIO())) as b:
        assert a != b
        ask(a, GET)
        assert (len(one.default.journal), len(two.default.journal)) == (1, 0)


# the command


def test_the_ready_line_has_the_port(tmp_path: Path) -> None:
    """With port 0 the last line of the banner names the one that was taken, where requests are answered."""
    with serving(tmp_path) as served:
        assert served.out.splitlines()[-1] == f"Mocktill is ready on {served.url}"
        assert served.url.startswith("http://127.0.0.1:")
        assert not served.url.endswith(":0")
        assert_alive(served.url)


@pytest.mark.parametrize(
    "options",
    [(), ("--only", "deem"), ("--only", "kajabi"), ("--host", "0.0.0.0"), pytest.param(("--host", "::1"), marks=ipv6)],
)
def test_the_banners_lines_work_when_pasted(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Each `curl` line of the banner, given to a shell as it is, is answered with 200 and a JSON document."""
    assert shutil.which("curl"), "the test needs curl, as the banner's readers do"
    with serving(tmp_path, *options) as served:
        lines = [line.strip() for line in served.out.splitlines() if line.strip().startswith("curl ")]
        assert len(lines) == (1 if "--only" in options else 4)
        for line in lines:
            done = subprocess.run(
                f"{line} --silent --show-error --write-out '\\n%{{http_code}}'",
                shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True, env=environment(),
            )  # fmt: skip
            body, _, status = done.stdout.rpartition("\n")
            assert status == "200", body
            assert body.startswith("{")


def test_the_banner_names_each_base_url(tmp_path: Path) -> None:
    """The banner names each API with its base URL."""
    with serving(tmp_path) as served:
        for title, api in (("Deem Offers", "deem"), ("Drip", "drip"), ("Supertab", "supertab"), ("Kajabi", "kajabi")):
            assert f"\n{title}: {served.url}/{api}\n" in served.out


def test_a_second_server_on_the_port_fails(tmp_path: Path) -> None:
    """A port in use is one clear line and a failure: the first one goes on."""
    with serving(tmp_path) as served:
        port = served.url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "mocktill", "serve", "--port", port],
            capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment(),
        )  # fmt: skip
        assert second.returncode != 0
        assert second.stdout == ""
        assert second.stderr == f"Error: cannot listen on 127.0.0.1:{port}: another program listens there\n"
        assert_alive(served.url)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("said", ["", GET, GET[:9], WITH_LENGTH + BODY[:20]], ids=["fresh", "idle", "head", "body"])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals, said: str) -> None:
    """The server ends soon and without a complaint, though a connection is fresh, idle, or in a request's middle."""
    with serving(tmp_path) as served, Wire(served.url) as wire:
        wire.say(said)
        if said == GET:
            assert wire.hear().status == 200
        assert_alive(served.url)
        assert served.stop(number) == 0
        assert served.err == ""
        while not wire.is_over():  # half a body may still be answered: what counts is that the connection ends
            pass
        with pytest.raises(ConnectionError):
            ask(served.url, GET)


def test_an_unread_log_holds_nobody_up(tmp_path: Path) -> None:
    """A program that starts the server and never reads its pipe gets every answer, and can end it."""
    command = [sys.executable, "-m", "mocktill", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            ready = next(line for line in process.stdout if line.startswith("Mocktill is ready on "))
            with Wire(ready.split()[-1]) as wire:
                for _ in range(1500):  # far more lines than a pipe takes
                    wire.say(GET)
                    assert wire.hear().status == 200
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_two_thousand_idle_connections_are_no_hindrance(url: str) -> None:
    """However many connections idle, the next one is answered."""
    resource = pytest.importorskip("resource", reason="SKIPPED: the limit of open files cannot be read here")
    most = min(2_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)
    with ExitStack() as idle:
        for _ in range(most):
            idle.enter_context(Wire(url))
        assert_alive(url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: there is no curl here to speak HTTP/2")
def test_http2_bodies_need_no_length(url: str) -> None:
    """Over HTTP/2 a body that no header announces is read."""
    command = ["curl", "-s", "--http2-prior-knowledge", "-H", "Content-Length:", "-H", "Content-Type: application/json"]
    target = f"{url}/deem/v1/purchases/reserve?api_key=1234567"
    ran = subprocess.run([*command, "-d", BODY, target], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert orjson.loads(ran.stdout)["purchase"]["fulfillment_state"] == "reserved"


def test_the_last_lines_are_written(tmp_path: Path) -> None:
    """What was answered just before the end is in the log."""
    with serving(tmp_path) as served:
        for number in range(5):
            served.ask(GET.replace("34063ec2", f"none-{number}"))
        assert served.stop() == 0
        assert [f"none-{number}?" in served.out for number in range(5)] == [True] * 5


def test_the_port_is_free_at_once(tmp_path: Path) -> None:
    """After the end the next server can have the port, though connections of the first linger."""
    with serving(tmp_path / "a") as served, Wire(served.url) as wire:
        wire.say(GET)
        wire.hear()
        assert served.stop() == 0
        port = served.url.rpartition(":")[2]
        with serving(tmp_path / "b", "--port", port) as second:
            assert second.url == served.url


def test_a_closed_stdout_is_survived(tmp_path: Path) -> None:
    """When whoever read the log has gone, the server answers on, and ends as cleanly as ever."""
    with (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "mocktill", "serve", "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, env=environment(),
        )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if b"ready on" in line)
        process.stdout.close()
        url = ready.decode().split()[-1]
        until = time.monotonic() + 4 * DELAY_SECONDS
        while time.monotonic() < until:  # so long that the log is written meanwhile
            assert_alive(url)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert (tmp_path / "err").read_text() == ""
    finally:
        process.kill()
        process.wait()


def test_state_is_kept_over_connections(tmp_path: Path) -> None:
    """What one client reserved is gone for the next."""
    last = WITH_LENGTH.replace(str(len(BODY)), "38") + '{"deal_id":"last-one","num_bought": 1}'
    with serving(tmp_path) as served:
        assert [served.ask(last).status for _ in range(2)] == [200, 422]
