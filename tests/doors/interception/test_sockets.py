"""http.client, urllib.request, urllib3 and requests: what they get in this process is what they get over a socket."""

from __future__ import annotations

import gc
import http.client
import json
import logging
import multiprocessing
import os
import socket
import threading
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from mocktill.core.sandbox import Sandbox
from mocktill.doors.interception.places import PLACES, Ambiguous, Place
from mocktill.doors.interception.sockets import IDLE, LED, MEANT, Idle, MemorySocket
from tests.doors.interception.conftest import (
    GET,
    HOST,
    HOSTS,
    INTERCEPTED,
    LONG,
    NAME,
    ORDER,
    RESERVE,
    SHORT,
    Script,
    Way,
    place,
    said,
)
from tests.doors.peer import Peer, Said, told

BIG = b"0123456789abcdef" * 20_000
NOBODY = "http://127.0.0.1:9"
"""A proxy that is not there."""


@dataclass(frozen=True)
class Got:
    """A whole answer; `headers` by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


def lower(headers: Any) -> dict[str, str]:
    """Return headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def by_http_client(method: str, url: str, body: Any = None, timeout: float = LONG) -> Got:
    """Send with the standard library's bare client."""
    parts = urlsplit(url)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.netloc, timeout=timeout)
    try:
        connection.request(method, url.partition(parts.netloc)[2], body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return Got(answer.status, lower(answer.headers), answer.read())
    finally:
        connection.close()


def by_urllib(method: str, url: str, body: Any = None, timeout: float = LONG) -> Got:
    """Send with urllib.request."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Got(answer.status, lower(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Got(error.code, lower(error.headers), error.read())


def by_urllib3(method: str, url: str, body: Any = None, timeout: float = LONG) -> Got:
    """Send with urllib3, without retries."""
    with urllib3.PoolManager() as pool:
        options: Any = {"body": body, "headers": {"Content-Type": "application/json"}, "timeout": timeout}
        answer = pool.request(method, url, retries=False, **options)
        return Got(answer.status, lower(answer.headers), answer.data)


def by_requests(method: str, url: str, body: Any = None, timeout: float = LONG) -> Got:
    """Send with requests."""
    headers = {"Content-Type": "application/json"}
    with requests.request(method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as answer:
        return Got(answer.status_code, lower(answer.headers), answer.content)


Send = Callable[..., Got]
CLIENTS: list[Send] = [by_http_client, by_urllib, by_urllib3, by_requests]
TIMED_OUT = (TimeoutError, urllib3.exceptions.ReadTimeoutError, requests.ReadTimeout)
DROPPED = (http.client.RemoteDisconnected, urllib3.exceptions.ProtocolError, requests.ConnectionError)
CUT = (
    http.client.IncompleteRead,
    urllib3.exceptions.ProtocolError,  # around urllib3's own IncompleteRead
    requests.exceptions.ChunkedEncodingError,
)


@pytest.fixture(params=CLIENTS, ids=lambda send: send.__name__.removeprefix("by_"))
def send(request: pytest.FixtureRequest) -> Send:
    """Each of the clients."""
    found: Send = request.param
    return found


def test_what_was_reserved_is_there(way: Way, send: Send) -> None:
    """A purchase that one request makes another one reads; each has a whole answer."""
    made = send("POST", way.root + RESERVE, json.dumps(ORDER).encode())
    assert (made.status, made.headers["content-length"]) == (200, str(len(made.body)))
    key = json.loads(made.body)["purchase"]["id"]
    assert json.loads(send("GET", f"{way.root}/v1/purchases/{key}?api_key=1").body)["purchase"]["id"] == key
    assert way.box.view("deem").stock("last-one").free == 0


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ({"delay": "30s"}, TIMED_OUT),
        ({"connection": "never"}, TIMED_OUT),
        ({"connection": "drop"}, DROPPED),
        ({"connection": "cut"}, CUT),
    ],
    ids=["late", "never", "drop", "cut"],
)
def test_what_is_lost(way: Way, send: Send, what: Any, error: Any) -> None:
    """A fault is what it is to the client over a socket: its own read timeout, lost connection or cut body."""
    way.fault(**what)
    with pytest.raises(error) as caught:
        send("GET", way.root + GET, timeout=SHORT if error is TIMED_OUT else LONG)
    if send is by_requests and error is TIMED_OUT:
        assert str(caught.value).endswith(f"Read timed out. (read timeout={SHORT})")


def test_patience_is_enough(inside: Way, send: Send) -> None:
    """A delay that the client would wait for costs nothing."""
    inside.fault(delay="30s")
    assert send("GET", inside.root + GET, timeout=60).status == 200


def test_no_timeout_at_all(inside: Way) -> None:
    """Without a timeout a client waits for whatever comes; for what never comes it gets its read timeout at once."""
    inside.fault(delay="30s")
    assert requests.get(inside.root + GET).status_code == 200
    inside.fault(connection="never")
    with pytest.raises(requests.ReadTimeout):
        requests.get(inside.root + GET)
    with pytest.raises(TimeoutError, match="for ever"):
        by_http_client("GET", inside.root + GET, timeout=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("HEAD", 204)])
def test_answers_without_a_body(way: Way, send: Send, method: str, status: int) -> None:
    """To HEAD, and with some statuses, no body comes; what is said of its length is as from the server."""
    way.fault(status=status)
    got = send(method, way.root + GET)
    length = method == "HEAD" and status != 204
    assert (got.status, got.body, "content-length" in got.headers) == (status, b"", length)


def test_a_connection_is_kept(way: Way) -> None:
    """Several requests go over one connection."""
    pool = urllib3.connectionpool.connection_from_url(way.root, timeout=LONG)
    path = urlsplit(way.root).path + GET
    assert [pool.request("GET", path).status for _ in range(3)] == [200] * 3
    assert (pool.num_connections, pool.num_requests) == (1, 3)
    pool.close()


def test_a_connection_through_two_sandboxes() -> None:
    """A pool that was filled in one sandbox reaches the next one, in this process or on a server, and then nobody."""
    first, second = Script(), Script()
    with requests.Session() as session, Peer(told({"from": "server"})) as peer:
        for respond in (first.respond, second.respond):
            with PLACES.entered(place(respond=respond)):
                assert session.get(f"http://{HOST}/", timeout=LONG).json() == {}
        with PLACES.entered(place(url=peer.url)):
            assert session.get(f"http://{HOST}/", timeout=LONG).json() == {"from": "server"}
            with PLACES.entered(place(respond=second.respond)):
                assert session.get(f"http://{HOST}/", timeout=LONG).json() == {}
    assert (len(first.asked), len(second.asked), len(peer.asked)) == (1, 2, 1)


def test_what_was_open_before_is_not_used(url: str, sandbox: Sandbox) -> None:
    """A real connection to a vendor that is in a pool is closed, and the sandbox asked; afterwards it is real again."""
    real = f"{url}/~{NAME}/deem{GET}"
    script = Script()
    with requests.Session() as session:
        assert session.get(real, timeout=LONG).json()["status"] == "success"
        with PLACES.entered(place(hosts=frozenset({"127.0.0.1"}), respond=script.respond)):
            assert [session.get(real, timeout=LONG).json() for _ in range(2)] == [{}, {}]
        assert session.get(real, timeout=LONG).json()["status"] == "success"
    assert (len(script.asked), len(sandbox.journal)) == (2, 2)


def test_what_is_open_to_others_stays(url: str, sandbox: Sandbox, script: Script) -> None:
    """A connection to a host that is nobody's is kept, as before."""
    pool = urllib3.connectionpool.connection_from_url(url, timeout=LONG)
    pool.request("GET", f"/~{NAME}/deem{GET}")
    assert requests.get(f"https://{HOST}/", timeout=LONG).json() == {}
    pool.request("GET", f"/~{NAME}/deem{GET}")
    assert pool.num_connections == 1
    pool.close()


@pytest.mark.parametrize("way", INTERCEPTED, indirect=True)
def test_proxies_are_left_out(way: Way) -> None:
    """A client with a proxy of its own reaches the sandbox, by either scheme, and by a kept connection."""
    with requests.Session() as session:
        session.proxies = {"http": NOBODY, "https": NOBODY}
        for root in (way.root, way.root.replace("https:", "http:")):
            for _ in range(2):
                assert session.get(root + GET, timeout=LONG).json()["status"] == "success"
    handler = urllib.request.ProxyHandler({"http": NOBODY, "https": NOBODY})
    for root in (way.root, way.root.replace("https:", "http:")):
        with urllib.request.build_opener(handler).open(root + GET, timeout=LONG) as answer:
            assert answer.status == 200


def test_one_proxy_for_many_hosts(script: Script) -> None:
    """Over a connection that a client keeps to its proxy, each request reaches whom it is for."""
    with requests.Session() as session:
        session.proxies = {"http": NOBODY}
        for host in (HOST, "api.getdrip.com", HOST):
            assert session.get(f"http://{host}/a?b=c", timeout=LONG).json() == {}
        with pytest.raises(requests.ConnectionError, match=r"refused|proxy"):
            session.get("http://nobody.example/", timeout=LONG)
    assert [(asked.host, asked.target) for asked in script.asked] == [
        (HOST, "/a?b=c"),
        ("api.getdrip.com", "/a?b=c"),
        (HOST, "/a?b=c"),
    ]


def test_losses_behind_a_proxy(inside: Way) -> None:
    """A lost answer is not taken for a failure of the proxy."""
    inside.fault(connection="never")
    for scheme in ("http", "https"):
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{scheme}://{HOST}{GET}", timeout=LONG, proxies={"http": NOBODY, "https": NOBODY})


@pytest.mark.parametrize("made", [http.client.HTTPConnection, urllib3.connection.HTTPConnection])
def test_a_tunnel_that_was_open_before(made: Any, script: Script) -> None:
    """A real tunnel through a proxy to a vendor is not used."""
    with Peer(Said()) as peer:
        connection = made("127.0.0.1", int(peer.url.rpartition(":")[2]), timeout=LONG)
        connection.set_tunnel(f"{HOST}.example", 443)
        connection.connect()  # nobody's, so a real one
        connection._tunnel_host = HOST
        connection.request("GET", "/in")
        connection.getresponse().read()
        connection.close()
        assert [asked.method for asked in peer.asked] == ["CONNECT"]
    assert [(asked.target, asked.host) for asked in script.asked] == [("/in", f"{HOST}:443")]


def test_retries(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """The retries of urllib3 are its own: by status, and by Retry-After."""
    caplog.set_level(logging.ERROR, "urllib3")  # its warnings would keep a connection that broke
    way.fault(when={"next": 2}, status=503, headers={"Retry-After": "0"})
    retry = urllib3.Retry(total=3, status_forcelist=[503], respect_retry_after_header=True, backoff_factor=0)
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        assert session.get(way.root + GET, timeout=LONG).status_code == 200
        way.fault(status=503)
        with pytest.raises(requests.exceptions.RetryError, match="too many 503 error responses"):
            session.get(way.root + GET, timeout=LONG)
        way.fault(when={"next": 1}, connection="drop")
        assert session.get(way.root + GET, timeout=LONG).status_code == 200
    assert [entry.status for entry in way.box.journal.entries()] == [503, 503, 200, 503, 503, 503, 503, 200, 200]
    gc.collect()  # and so would its own references


def test_redirects(way: Way) -> None:
    """A redirect is followed to where it leads."""
    way.fault(when={"next": 1}, status=307, headers={"Location": way.root + GET})
    answer = requests.get(way.root + GET, timeout=LONG)
    assert (answer.status_code, [step.status_code for step in answer.history]) == (200, [307])


def test_bodies_that_are_streamed_up(way: Way) -> None:
    """A body out of a generator, in chunks, is read as one of a known length."""
    parts = [b'{"deal_id": "last', b"", b'-one", "num_bought": 1}']
    headers = {"Content-Type": "application/json"}
    answer = requests.post(way.root + RESERVE, data=iter(parts), headers=headers, timeout=LONG)
    assert answer.status_code == 200
    assert way.box.journal.entries()[-1].request_body == b"".join(parts)


def test_bodies_that_are_streamed_down(script: Script) -> None:
    """A large body may be read in pieces, or in part."""
    script.answers = [said(BIG)]
    with requests.Session() as session:
        with session.get(f"https://{HOST}/", stream=True, timeout=LONG) as answer:
            assert b"".join(answer.iter_content(1000)) == BIG
        with session.get(f"https://{HOST}/", stream=True, timeout=LONG) as answer:
            assert answer.raw.read(10) == BIG[:10]
        assert session.get(f"https://{HOST}/", timeout=LONG).content == BIG


def test_headers_and_cookies(script: Script) -> None:
    """Headers stay as many as they are, both ways, and cookies come back with the next request."""
    script.answers = [said(b"", ("set-cookie", "a=1"), ("set-cookie", "b=2"))]
    with requests.Session() as session:
        answer = session.get(f"https://{HOST}/", timeout=LONG)
        assert answer.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]
        session.get(f"https://{HOST}/", timeout=LONG)
    assert dict(script.asked[-1].headers)["Cookie"] == "a=1; b=2"


def test_what_a_request_says(script: Script, send: Send) -> None:
    """Scheme, path, query and body reach the sandbox as they were written."""
    send("PATCH", f"https://{HOST}:444/a%2Fb/%C3%A9?q=%20a&r=%2B", b"\x00\xff")
    asked = script.asked[0]
    assert (asked.method, asked.scheme, asked.host) == ("PATCH", "https", f"{HOST}:444")
    assert (asked.target, asked.body) == ("/a%2Fb/%C3%A9?q=%20a&r=%2B", b"\x00\xff")


def test_what_is_said_of_a_call_that_is_led(sandbox: Sandbox) -> None:
    """A call that is led to a server names the sandbox, and how it was begun; its Host is still the vendor's."""
    with Peer(Said()) as peer, PLACES.entered(place(url=peer.url)):
        for scheme in ("http", "https"):
            assert requests.post(f"{scheme}://{HOST}/v1?a=b", data=b"x", timeout=LONG).json() == {}
        requests.get(f"http://{HOST}/v1", timeout=LONG, proxies={"http": NOBODY})
    assert [(asked.headers["host"], asked.headers["mocktill-sandbox"]) for asked in peer.asked] == [(HOST, NAME)] * 3
    assert [asked.headers["mocktill-scheme"] for asked in peer.asked] == ["http", "https", "http"]
    assert {asked.headers["mocktill-host"] for asked in peer.asked} == {HOST}
    assert [asked.body for asked in peer.asked] == [b"x", b"x", b""]


def test_what_a_led_call_leaves_in_the_journal(sandbox: Sandbox, url: str, send: Send) -> None:
    """Of a call that was led the journal has the headers that the client sent, and no others."""
    asked = Script()
    with PLACES.entered(place(respond=asked.respond)):
        send("GET", f"https://{HOST}{GET}")
    with PLACES.entered(place(url=url)):
        send("GET", f"https://{HOST}{GET}")
    assert sandbox.journal.entries()[-1].request_headers == lower(dict(asked.asked[0].headers))


def test_a_server_that_is_gone(send: Send) -> None:
    """Where the server cannot be reached that calls are led to, they fail to connect."""
    with Peer() as peer:
        gone = peer.url
    error = (
        ConnectionRefusedError,
        urllib.error.URLError,
        urllib3.exceptions.NewConnectionError,
        requests.ConnectionError,
    )
    with PLACES.entered(place(url=gone)), pytest.raises(error):
        send("GET", f"https://{HOST}/")


def test_certificates_that_are_not_looked_at(way: Way) -> None:
    """Who turns the check of certificates off is warned, and nobody else, as if there were one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        requests.get(way.root + GET, timeout=LONG)
        assert caught == []
        requests.get(way.root + GET, timeout=LONG, verify=False)
    secure = way.root.startswith("https")
    assert [warning.category for warning in caught] == [urllib3.exceptions.InsecureRequestWarning] * secure


REFUSED = {
    by_http_client: ConnectionRefusedError,
    by_urllib: urllib.error.URLError,
    by_urllib3: urllib3.exceptions.NewConnectionError,
    by_requests: requests.ConnectionError,
}


def test_hosts_that_are_not_reached(send: Send) -> None:
    """A vendor that the sandbox leaves out and a host that may not pass fail to connect, and are remembered."""
    here = place("only-deem", hosts=frozenset({HOST}), closed=frozenset({"api.getdrip.com"}), passing=("*.example",))
    with PLACES.entered(here):
        for url, words in (
            ("https://api.getdrip.com/v2", "the sandbox only-deem was made without that API"),
            ("http://127.0.0.1:9/", "is not reached from this test: only the vendors' hosts, *.example may be"),
        ):
            with pytest.raises(REFUSED[send], match="is not reached") as caught:
                send("GET", url)
            assert words in str(caught.value)
    assert set(here.missed) == {"api.getdrip.com", "127.0.0.1"}


def test_what_is_open_does_not_pass_either(url: str, sandbox: Sandbox) -> None:
    """A connection that was open before to a host that may not pass is not used."""
    with requests.Session() as session:
        assert session.get(f"{url}/~{NAME}/deem{GET}", timeout=LONG).status_code == 200
        with PLACES.entered(place(passing=())), pytest.raises(requests.ConnectionError, match="is not reached"):
            session.get(f"{url}/~{NAME}/deem{GET}", timeout=LONG)
    assert len(sandbox.journal) == 1


def test_a_sandbox_that_is_over(script: Script) -> None:
    """The URL of a sandbox that is over leads nowhere, and says so."""
    with pytest.raises(requests.ConnectionError, match="the sandbox gone is over, or there was none of this name"):
        requests.get("http://mocktill.test/~gone/deem/v1", timeout=LONG)


def test_vendors_are_not_looked_up(script: Script) -> None:
    """Whatever else would look a vendor's host up is told how the sandbox is reached; others are looked up."""
    hosts: list[str | bytes] = [*HOSTS, "mocktill.test", "API.GetDrip.com.", b"api.getdrip.com"]
    by: list[Callable[[Any], Any]] = [
        lambda host: socket.getaddrinfo(host, 443),
        socket.gethostbyname,
        socket.gethostbyname_ex,
    ]
    for host, look_up in product(hosts, by):
        with pytest.raises(socket.gaierror, match="is not looked up while Mocktill answers it"):
            look_up(host)
    with pytest.raises(socket.gaierror, match=r"url\(\) of a live one"):
        socket.create_connection((HOST, 443))
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo(None, 80)
    assert (socket.gethostbyname("127.0.0.1"), socket.gethostbyname_ex("127.0.0.1")[2]) == ("127.0.0.1", ["127.0.0.1"])


def test_threads(inside: Way) -> None:
    """Requests of several threads are answered, each its own."""
    statuses: list[int] = []

    def ask() -> None:
        with requests.Session() as session:
            statuses.extend(session.get(inside.root + GET, timeout=LONG).status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 20
    assert len(inside.box.journal) == 20


def test_a_call_that_could_lead_to_two(send: Send) -> None:
    """Where it is open which sandbox is meant, the error names both, as it is."""
    caught: list[str] = []

    def call() -> None:
        try:
            send("GET", f"https://{HOST}/")
        except Ambiguous as error:
            caught.append(str(error))

    with PLACES.entered(place("one")), PLACES.entered(place("two")):
        thread = threading.Thread(target=call)  # a thread has no context of its own
        thread.start()
        thread.join()
    assert len(caught) == 1
    assert "one and two" in caught[0]


def test_nothing_outlives_the_last_sandbox() -> None:
    """The connections that were led somewhere are closed, and the pipe that they showed is too."""
    with requests.Session() as session:
        with PLACES.entered(place()):
            session.get(f"https://{HOST}/", timeout=LONG)
            session.get(f"http://{HOST}/", timeout=LONG, proxies={"http": NOBODY})
            number = IDLE.fileno()
            assert os.fstat(number)
            assert (len(LED), len(MEANT)) == (2, 1)
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(number)
        assert (len(LED), len(MEANT)) == (0, 0)


def test_a_memory_socket_is_a_socket() -> None:
    """What a client may do to a socket it may do to one in memory; closed, it is closed."""
    made = MemorySocket("http", HOST, 3.0)
    made.settimeout(7)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert made.gettimeout() == 7
    assert (made.getpeername(), made.getsockname()) == (("127.0.0.1", 0), ("127.0.0.1", 0))
    assert (made.getpeercert(), made.getpeercert(binary_form=True)) == ({}, None)
    with pytest.raises(TimeoutError, match="nothing whole was asked"):
        made.recv(1)
    assert made.fileno() >= 0
    made.shutdown(socket.SHUT_RDWR)
    made.close()
    assert made.fileno() == -1
    with pytest.raises(OSError, match="closed"):
        made.sendall(b"x")
    IDLE.close()


@pytest.mark.parametrize("active", [(), (place(url=NOBODY),)], ids=["over", "elsewhere"])
def test_a_memory_socket_that_is_left_over(active: tuple[Place, ...]) -> None:
    """A request over a connection whose sandbox is over, or is elsewhere now, is reset."""
    made = MemorySocket("http", HOST, None)
    made.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with ExitStack() as stack:
        for there in active:
            stack.enter_context(PLACES.entered(there))
        with pytest.raises(ConnectionResetError, match="is over"):
            made.recv(1)


def test_what_reads_may_be_read_after_the_socket_is_closed(script: Script) -> None:
    """A body can be read to its end though the connection was closed meanwhile, as with a real socket's file."""
    made = MemorySocket("https", HOST, None)
    assert made.send(b"GET / HTTP/1.1\r\n\r\n") == 18
    file = made.makefile("rb")
    assert file.readline() == b"HTTP/1.1 200 OK\r\n"
    made.close()
    assert file.read(23).endswith(b"{}")


def raw(way: Way, headers: list[tuple[str, str]], body: bytes) -> tuple[int, bytes, bool]:
    """Send as bytes what no client writes by itself; return status, body and whether the connection ends."""
    parts = urlsplit(way.root)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.netloc, timeout=LONG)
    connection.putrequest("POST", parts.path + RESERVE)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body)
    answer = connection.getresponse()
    got = answer.status, answer.read(), connection.sock is None or connection.sock.recv(1) == b""
    connection.close()
    return got


def test_what_is_written_wrongly(way: Way) -> None:
    """A head that is none is refused with nothing, chunks that are none in the vendor's words; the connection ends."""
    chunked = [("Transfer-Encoding", "chunked")]
    for headers in ([("Content-Length", "abc")], [("Content-Length", "-2")], [("X", "a\r\n\tb")]):
        assert raw(way, headers, b"{}") == (400, b"", True)
    assert not way.box.journal.entries()
    for body in (b"-b\r\n", b"zz\r\nab\r\n0\r\n\r\n", b"{}"):
        status, said, ended = raw(way, chunked, body)
        assert (status, json.loads(said)["status"], ended) == (400, "error", True)
    answer = requests.post(way.root + RESERVE, data=b"{}", headers=dict(chunked), timeout=LONG)
    assert answer.status_code == 400
    assert [entry.status for entry in way.box.journal.entries()] == [400] * 4


def test_a_host_header_of_ones_own(way: Way, send: Send) -> None:
    """A call to a vendor's host reaches the vendor, whatever its Host header says; so does a host with its dot."""
    if way.root == f"https://{HOST}":
        headers = {"Host": "localhost:8080"}
        assert requests.get(way.root + GET, headers=headers, timeout=LONG).status_code == 200
        assert send("GET", f"https://{HOST}.{GET}").status == 200
        assert [entry.status for entry in way.box.journal.entries()] == [200, 200]
        assert "mocktill-host" not in way.box.journal.entries()[0].request_headers


@pytest.mark.parametrize(
    "host",
    ["\uff41\uff50\uff49.getdrip.com", "api.getdrip\u00ad.com", "api\u3002getdrip\u3002com", "API.getdrip.com\u3002"],
)
def test_other_ways_to_write_a_host(script: Script, host: str) -> None:
    """A vendor's host is the vendor's in whatever letters that are looked up as the same; so it never is."""
    connection = http.client.HTTPSConnection(host, timeout=LONG)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    assert script.asked[0].reached == host
    with pytest.raises(socket.gaierror, match="is not looked up"):
        socket.getaddrinfo(host, 443)


def test_what_arrived_is_read_when_the_sandbox_is_over() -> None:
    """An answer that is streamed can be read when the sandbox is over, as one over a socket; its connection cannot."""
    script, pool = Script(answers=[said(BIG)]), requests.Session()
    with PLACES.entered(place(respond=script.respond)):
        streamed = pool.get(f"https://{HOST}/", stream=True, timeout=LONG)
        connection = http.client.HTTPSConnection(HOST, timeout=LONG)
        connection.request("GET", "/")
        answer = connection.getresponse()
    assert (streamed.content, answer.read()) == (BIG, BIG)
    assert connection.sock is None
    pool.close()


def test_one_pipe_for_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the idle pipe is made nobody else may make one: however many threads ask at once, there is one."""
    idle, held, pipe = Idle(), list[bool](), os.pipe

    def noted() -> tuple[int, int]:
        held.append(idle._lock.locked())
        return pipe()

    monkeypatch.setattr(os, "pipe", noted)
    assert idle.fileno() == idle.fileno()
    idle.close()
    assert held == [True]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the standard library leaves it
@pytest.mark.parametrize(("timeout", "error"), [(0, BlockingIOError), (-1, ValueError)])
def test_no_time_at_all(way: Way, timeout: float, error: type[Exception]) -> None:
    """With a timeout of 0 or below nothing is sent, and no fault is blamed."""
    with pytest.raises(error, match=r"in progress|out of range"):
        by_http_client("GET", way.root + GET, timeout=timeout)
    assert not way.box.journal.entries()


def test_a_process_of_its_own(script: Script) -> None:
    """A process that is forked off has no sandbox: its calls are refused in words, and nothing is asked of the copy."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def go() -> None:
        for url in (f"https://{HOST}/", f"http://mocktill.test/~{NAME}/"):
            try:
                theirs.send(str(by_http_client("GET", url)))
            except OSError as error:
                theirs.send(str(error))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        process = context.Process(target=go)
        process.start()
    theirs.close()
    said = [ours.recv(), ours.recv()]
    ours.close()
    process.join()
    assert all("a process of its own has no sandbox: use mocktill_live" in text for text in said)
    assert not script.asked


def test_answers_of_other_kinds_pass(script: Script) -> None:
    """A host that is nobody's is reached as ever."""
    with Peer(Said(body=b"real")) as peer:
        assert [client("GET", peer.url).body for client in CLIENTS] == [b"real"] * 4
    assert not script.asked
