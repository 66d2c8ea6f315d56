"""One webhook over one connection: what goes out, what an answer means, and what ends an attempt."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
import trustme

import mocktill
from mocktill.core.deliveries import Outcome, Parcel
from mocktill.doors.webhooks import sending
from mocktill.doors.webhooks.addresses import Allowed, listed_for, read_listed
from mocktill.doors.webhooks.sending import Cut, Sender
from tests.receiver import PATIENCE, Got, receiver

BODY = b'{"a":"\xc3\xa4"}'


def parcel(url: str, **headers: str) -> Parcel:
    """Return what is brought to this URL."""
    return Parcel(url, {"Content-Type": "application/json", **headers}, BODY)


def send(url: str, **headers: str) -> Outcome:
    """Send to a URL that is listed."""
    return Sender(Allowed([listed_for(url)])).send(parcel(url, **headers))


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Let there be a server that takes one connection and does this with it; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(PATIENCE)
                talk(connection)

        thread = threading.Thread(target=serve, name="talking")
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def whole(connection: socket.socket) -> bytes:
    """Read a request to the end of its body."""
    came = b""
    while not came.endswith(BODY) and (part := connection.recv(65536)):
        came += part
    return came


def repeat_until_gone(connection: socket.socket, chunk: bytes, most: float = float("inf")) -> int:
    """Send this again and again until nobody reads any more, or it was that much; return how much that was."""
    sent = 0
    with suppress(OSError):
        while sent < most:
            sent += connection.send(chunk)
    return sent


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """Return what answers this once a request has come."""

    def talk(connection: socket.socket) -> None:
        whole(connection)
        connection.sendall(answer)

    return talk


def test_what_goes_out() -> None:
    """A POST with the bytes as they are, the headers of the vendor, and who sends it."""
    with receiver() as there:
        assert send(f"{there.url}?a=b", **{"svix-id": "msg_1"}) == Outcome(204)
        got = there.got()
    assert (got.method, got.target, got.body) == ("POST", "/hook?a=b", BODY)
    assert got.headers == {
        "host": f"127.0.0.1:{there.port}",
        "user-agent": f"Mocktill/{mocktill.__version__}",
        "accept": "*/*",
        "content-type": "application/json",
        "svix-id": "msg_1",
        "content-length": str(len(BODY)),
        "connection": "close",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_what_is_taken(status: int) -> None:
    """Every 2xx is a yes."""
    with receiver(lambda got: (status, {})) as there:
        outcome = send(there.url)
    assert outcome.well
    assert outcome.sentence == f"answered {status}"


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
def test_what_is_not_taken(status: int) -> None:
    """Every other status is a no, that may be tried again."""
    with receiver(lambda got: (status, {})) as there:
        outcome = send(there.url)
    assert not outcome.well
    assert not outcome.refused
    assert outcome.sentence == f"answered {status}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A redirect is a no that says so; where it leads nobody asks, listed or not."""
    with receiver() as other, receiver(lambda got: (status, {"Location": other.url})) as there:
        listed = Allowed([listed_for(there.url), listed_for(other.url)])
        outcome = Sender(listed).send(parcel(there.url))
        assert other.all == []
    assert not outcome.well
    assert outcome.sentence == f"answered {status}, and redirects are not followed"


def test_an_address_that_is_not_listed() -> None:
    """What is not listed is refused, and no connection is made."""
    with receiver() as there:
        outcome = Sender(Allowed([read_listed("127.0.0.1:1")])).send(parcel(there.url))
        assert there.all == []
    assert outcome.refused
    assert "is not among the addresses" in outcome.sentence


def test_a_name_is_looked_up_once_and_that_address_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another address the next time it is asked leads to the one that was checked, under its name."""
    answers = chain(["127.0.0.1"], repeat("169.254.169.254"))

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    with receiver() as there:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = f"http://hooks.example:{there.port}/hook"
        assert send(url).well
        assert there.got().headers["host"] == f"hooks.example:{there.port}"
        again = send(url)
        assert len(there.all) == 1
    assert again.refused
    assert "169.254.169.254" in again.sentence


def test_the_next_checked_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody listens at the first address of a name, the next one is asked, which was checked as well."""

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    with receiver() as there:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        assert send(f"http://hooks.example:{there.port}/").well


def test_another_private_address_of_this_machine() -> None:
    """A private address that is listed is asked, where this machine has one beside loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it says which address would
            address = probe.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no other address")
    if address.startswith("169.254."):
        pytest.skip("its other address is link-local")
    with receiver(host=address) as there:
        assert send(there.url).well


def test_nobody_listens() -> None:
    """A port where nobody is is a no in words."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    outcome = send(f"http://127.0.0.1:{port}/")
    assert outcome == Outcome(None, "it cannot be asked (Connection refused)")


def test_a_host_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without an address is a no in words, which may be another the next time."""

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    outcome = send("http://hooks.example/")
    assert outcome == Outcome(None, "the host is not found (Name or service not known)")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 2000 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_answer(answer: bytes) -> None:
    """Whatever is no answer of HTTP, or one without an end, is a no in one line."""
    with talking(saying(answer)) as url:
        outcome = send(url)
    assert outcome.status is None
    assert outcome.sentence.isprintable()
    assert len(outcome.sentence) < 300


def test_what_a_receiver_says_is_masked() -> None:
    """What is told of no answer has no secret in it, though the receiver says one."""
    with talking(saying(b"Authorization: Bearer abcdefghij\r\n\r\n")) as url:
        outcome = send(url)
    assert "it cannot be asked" in outcome.sentence
    assert "abcdefghij" not in outcome.sentence


def test_an_endless_body_is_not_read_to_its_end() -> None:
    """The head of an answer says all; of its body no more is read than a little."""
    sent: list[int] = []

    def talk(connection: socket.socket) -> None:
        whole(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        sent.append(repeat_until_gone(connection, b"x" * 65536))

    with talking(talk) as url:
        assert send(url) == Outcome(200)
    assert sent[0] > 0


def test_a_body_of_no_length_is_not_read_to_its_end() -> None:
    """Nor is more read than a little where a chunk says that it is shorter than nothing."""
    sent: list[int] = []

    def talk(connection: socket.socket) -> None:
        whole(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        sent.append(repeat_until_gone(connection, b"x" * 65536, 64 * sending.MOST))

    with talking(talk) as url:
        assert send(url) == Outcome(200)
    assert sent[0] < 64 * sending.MOST


def test_a_receiver_that_drips_has_no_longer_than_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for all of an attempt: each byte that comes in between wins nothing."""
    ticks = chain(repeat(0.0, 8), repeat(100.0))
    monkeypatch.setattr(sending, "steady_seconds", lambda: next(ticks))

    def talk(connection: socket.socket) -> None:
        whole(connection)
        repeat_until_gone(connection, b"H")

    with talking(talk) as url:
        assert send(url) == Outcome(None, "no answer within 15 s")


def test_a_receiver_that_says_nothing() -> None:
    """Nothing at all within the time is a no that says how long it was."""
    heard = threading.Event()

    def talk(connection: socket.socket) -> None:
        whole(connection)
        assert heard.wait(PATIENCE)

    with talking(talk) as url:
        outcome = Sender(Allowed([listed_for(url)]), patience_seconds=0.05).send(parcel(url))
        heard.set()
    assert outcome == Outcome(None, "no answer within 0.05 s")


def closed_meanwhile(url: str, came: threading.Event, over: threading.Event) -> object:
    """Close a sender as soon as its receiver says that something came; return what became of the attempt."""
    sender = Sender(Allowed([listed_for(url)]))
    outcomes: list[object] = []

    def attempt() -> None:
        try:
            outcomes.append(sender.send(parcel(url)))
        except Cut:
            outcomes.append("cut")

    thread = threading.Thread(target=attempt)
    thread.start()
    assert came.wait(PATIENCE)
    sender.close()
    thread.join(sending.PATIENCE_SECONDS / 2)
    ended = outcomes[:]
    over.set()
    thread.join(PATIENCE)
    with pytest.raises(Cut):
        sender.send(parcel(url))
    return ended


def test_closing_ends_what_is_under_way() -> None:
    """An attempt that waits for its answer ends at once, and no other begins."""
    came, over = threading.Event(), threading.Event()

    def talk(connection: socket.socket) -> None:
        whole(connection)
        came.set()
        assert over.wait(PATIENCE)

    with talking(talk) as url:
        assert closed_meanwhile(url, came, over) == ["cut"]


def test_closing_ends_a_handshake() -> None:
    """So does one whose receiver says nothing when it is asked for TLS."""
    came, over = threading.Event(), threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        came.set()
        assert over.wait(PATIENCE)

    with talking(talk) as url:
        assert closed_meanwhile(url.replace("http", "https"), came, over) == ["cut"]


def test_a_header_that_writes_lines_is_not_sent() -> None:
    """A header of a vendor that is no line is a defect, and nothing is sent."""
    with receiver() as there:
        with pytest.raises(ValueError, match="no line of ASCII"):
            send(there.url, x="a\r\ny: b")
        assert there.all == []


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A CA that this process trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


@contextmanager
def secured(
    authority: trustme.CA, name: str, answer: Callable[[Got], tuple[int, dict[str, str]]] = lambda got: (204, {})
) -> Iterator[tuple[str, list[str | None]]]:
    """Let there be a receiver that speaks TLS, with a certificate for this name; yield its URL and the names asked."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    context.sni_callback = lambda connection, asked, _: names.append(asked)
    with receiver(answer) as there:
        there.server.socket = context.wrap_socket(there.server.socket, server_side=True, do_handshake_on_connect=False)
        yield f"https://localhost:{there.port}/hook", names


def test_tls_is_asked_for_by_the_hosts_name(authority: trustme.CA) -> None:
    """The connection goes to an address, and the certificate is looked at for the name of the URL."""
    with secured(authority, "localhost") as (url, names):
        assert send(url) == Outcome(204)
    assert names == ["localhost"]


def test_closing_ends_what_is_under_tls(authority: trustme.CA) -> None:
    """An attempt that waits for its answer under TLS ends at once as well."""
    came, over = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert over.wait(PATIENCE)
        return 204, {}

    with secured(authority, "localhost", slow) as (url, _):
        assert closed_meanwhile(url, came, over) == ["cut"]


def test_a_certificate_of_another_host(authority: trustme.CA) -> None:
    """One that is not good for the host is a no in words, and nothing is told."""
    with secured(authority, "other.example") as (url, _):
        outcome = send(url)
    assert outcome.status is None
    assert outcome.sentence.startswith("its certificate is not trusted (")


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says of proxies leads no webhook elsewhere."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiver() as there:
        assert send(there.url).well


def test_somebody_elses_patches_on_http_client_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is the sender's own: what replaces that of `http.client` is not asked."""

    def connect(self: object) -> None:
        pytest.fail("http.client was asked to connect")

    monkeypatch.setattr(http.client.HTTPConnection, "connect", connect)
    monkeypatch.setattr(http.client.HTTPConnection, "putrequest", connect)
    with receiver() as there:
        assert send(there.url).well


def test_no_descriptor_is_left_of_what_fails(tmp_path: Path) -> None:
    """An attempt that fails leaves no socket open."""
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else None
    for _ in range(20):
        send("http://127.0.0.1:1/")
    assert before is None or len(os.listdir("/proc/self/fd")) <= before
