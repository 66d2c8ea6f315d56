"""The request log: one readable line each, and nothing in it that a client could forge or that is secret."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import create_environ

from mocktill.core.app import ENTRY
from mocktill.core.catalogue import Catalogue
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.backlog import MOST_WAITING
from mocktill.doors.logs.log import Nowhere, RequestLog, request_log
from mocktill.doors.logs.logline import LONGEST_LINE, line, printable
from tests.client import Client

AT = datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC)
CARD = "4111111111111111"


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Set the machine's time zone, until the end of the test."""

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _utc(zone: Callable[[str], None]) -> None:
    zone("UTC0")


@pytest.fixture
def deem(client: Callable[[str], Client]) -> Client:
    """A client of Deem."""
    return client("deem")


def logged(client: Client, path: str, method: str = "GET", **more: object) -> str:
    """Send a request and return its line."""
    answer = client(method, path, **more)  # type: ignore[arg-type]
    return line(AT, method, path.partition("?")[0], answer.status_code, client.entry)


def test_a_line_says_what_was_asked_and_answered(deem: Client) -> None:
    """Time, status, method, path with query, the operation, and how well the answer is known."""
    said = logged(deem, "/v1/purchases/34063ec2.json?api_key=1234567")
    assert (
        said == "09:05:07 200 GET     /v1/purchases/34063ec2.json?api_key=***        deem.get_purchase [documented]\n"
    )


@pytest.mark.parametrize(("name", "said"), [("UTC0", "09:05:07"), ("XXX-5:30", "14:35:07"), ("XXX+10", "23:05:07")])
def test_the_time_is_the_one_on_the_wall(zone: Callable[[str], None], name: str, said: str) -> None:
    """A line has the machine's local time, so that it agrees with the clock of whoever reads it."""
    zone(name)
    assert line(AT, "GET", "/", 200, None) == f"{said} 200 GET     /\n"


def test_a_refusal_says_why(deem: Client) -> None:
    """The vendor's error and its reason stand at the end of the line."""
    said = logged(deem, "/v1/purchases/nothing?api_key=1")
    assert " 404 " in said
    assert said.endswith("find_failed: there is no purchase nothing\n")


def test_an_unknown_path_is_told_the_nearest_operations(deem: Client) -> None:
    """The line of an unsupported path names the operations that come nearest."""
    said = logged(deem, "/v1/purchase/34063ec2?api_key=1")
    assert " 404 " in said
    assert " deem " in said
    assert "the nearest are GET /v1/purchases/{purchase_id}" in said


def test_violations_are_told(deem: Client) -> None:
    """What broke the contract is named with its pointer, what was expected and what came."""
    said = logged(deem, "/v1/purchases/reserve?api_key=1", "POST", json={"deal_id": "last-one", "num_bought": "two"})
    assert "/num_bought: expected " in said
    assert 'got "two"' in said


def test_another_sandbox_is_named(catalogue: Catalogue) -> None:
    """The line of a sandbox other than the default one begins its last part with the name."""

    client = Client(Sandbox(catalogue, "checkout-test"), "deem")
    assert "~checkout-test deem.get_purchase" in logged(client, "/v1/purchases/34063ec2?api_key=1")


def test_what_is_no_vendors_is_one_line_too() -> None:
    """An answer without an entry is told by time, status, method and path."""
    assert line(AT, "GET", "/_mocktill/health", 200, None) == "09:05:07 200 GET     /_mocktill/health\n"


@pytest.mark.parametrize("path", [f"/v1/purchases/{CARD}", f"/v1/purchases/x?credit_card={CARD}"])
def test_a_card_number_is_masked(deem: Client, path: str) -> None:
    """Neither the path nor the query of a line has a payment card number."""
    said = logged(deem, path)
    assert CARD not in said
    assert "************1111" in said


def test_a_secret_in_a_violation_is_masked(deem: Client) -> None:
    """What is expected of a card and of a key is said without them."""
    body = {"deal_id": "last-one", "quantity": CARD, "api_key": "top-secret", "card_number": [CARD]}
    said = logged(deem, "/v1/purchases", "POST", json=body)
    assert CARD not in said
    assert "top-secret" not in said


@pytest.mark.parametrize(
    "evil", ["\n09:05:07 200 GET /forged", "\r", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\t"]
)
@pytest.mark.parametrize("vendor", [True, False])
def test_a_line_cannot_be_forged(deem: Client, evil: str, vendor: bool) -> None:
    """Control characters, line separators and marks of direction come out escaped, wherever they came in."""
    path = f"/v1/purchases/a{evil}b"
    entry: Entry | None = None
    if vendor:
        deem("GET", f"/v1/purchases/a{quote(evil)}b?x={quote(evil)}")
        entry = deem.entry
    said = line(AT, "GET", path, 404, entry)
    assert len(said.splitlines()) == 1
    assert said[:-1].isprintable()


def test_printable_leaves_letters_alone() -> None:
    """Letters of any script stay as they are; what cannot be printed is written as its number."""
    assert printable("/café/東京") == "/café/東京"
    assert printable("a\nb\x1b\x7f") == "a\\x0ab\\x1b\\x7f"


def test_lines_are_written_together_a_moment_later() -> None:
    """No answer waits for the log: lines are collected, and `close` writes what is left."""
    stream = StringIO()
    log = RequestLog(stream)
    log("GET", "/a", 200, None)
    log("GET", "/b", 404, None)
    assert log.close()
    assert [said.split()[1:] for said in stream.getvalue().splitlines()] == [["200", "GET", "/a"], ["404", "GET", "/b"]]
    log("GET", "/c", 200, None)
    assert log.close()
    assert "/c" in stream.getvalue()


class _Stuck(StringIO):
    """A pipe that nobody reads, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def write(self, text: str) -> int:
        self.free.wait()
        return super().write(text)


def test_a_log_that_nobody_reads_holds_nobody_up() -> None:
    """What cannot be written is dropped and counted; the end does not wait for it."""
    stream = _Stuck()
    log = RequestLog(stream)
    for number in range(3 * MOST_WAITING):
        log("GET", f"/{number}", 200, None)
    assert not log.close(timeout=0.01)
    stream.free.set()
    until = time.monotonic() + 10
    while "lines were dropped: the log is read too slowly" not in (written := stream.getvalue()):
        assert time.monotonic() < until
        log("GET", "/last", 200, None)
        assert log.close(timeout=10)
    assert len(written.splitlines()) < 3 * MOST_WAITING


class _Gone(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError("whoever read it is gone")


def test_a_stream_that_is_gone_is_left_alone() -> None:
    """When nobody reads the log any more, the server goes on without it."""
    closed = StringIO()
    closed.close()

    for stream in (_Gone(), closed):
        log = RequestLog(stream)
        for _ in range(2):
            log("GET", "/a", 200, None)
            log.flush()
        assert log.close()


def test_a_stream_that_lacks_letters_still_gets_its_lines() -> None:
    """A log in ASCII, or in an old code page, loses the letters that it cannot write, and no line."""
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="ascii")

    log = RequestLog(stream)
    for path in ("/caf\u00e9", "/after"):
        log("GET", path, 200, None)
        log.flush()
    assert log.close()
    written = raw.getvalue().decode()
    assert [said.split()[1] for said in written.splitlines()] == ["200", "200"]
    assert "/after" in written


def test_the_apps_entry_is_what_is_logged(catalogue: Catalogue) -> None:
    """The door finds the entry of a vendor's answer in the environment."""

    environ = create_environ("/deem/v1/purchases/34063ec2", query_string={"api_key": "1"})
    app: Any = create_app(Sandboxes(catalogue)).wsgi_app
    app(environ, lambda status, headers: None)
    path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
    assert "/deem/v1/purchases/34063ec2?api_key=***" in line(AT, "GET", path, 200, environ[ENTRY])


def test_entries_do_not_pile_up_behind_a_reader_that_does_not_read(deem: Client) -> None:
    """Lines that nobody takes are dropped before what they are about takes much memory."""
    deem("POST", "/v1/purchases/reserve?api_key=1", data=b"x" * 60_000)
    log = RequestLog(Nowhere())
    taken = 0
    log._writer = threading.current_thread()  # nobody writes
    for _ in range(2_000):
        log("POST", "/deem/v1/purchases/reserve", 400, deem.entry)
        taken = len(log._waiting)
    assert 100 < taken < 400
    log._writer = None
    log.flush()
    log("GET", "/", 200, None)
    assert len(log._waiting) == 1
    log.close()


@pytest.mark.parametrize(
    ("method", "path", "vendor"),
    [("GET", "/" + "y" * 60_000, False), ("M" * 60_000, "/nope", False), ("GET", "/" + "\U0001f6d2" * 15_000, True)],
)
def test_long_requests_do_not_pile_up(deem: Client, method: str, path: str, vendor: bool) -> None:
    """Method and path are as long as a client likes: what waits has a bound in bytes for them as well."""
    deem("GET", f"/v1/purchases/34063ec2?{'q' * 60_000}")
    log = RequestLog(Nowhere())
    log._writer = threading.current_thread()  # nobody writes
    for number in range(2_000):
        log(method, f"{path}{number}", 404, deem.entry if vendor else None)
    assert 100 < len(log._waiting) < 300
    log._writer = None
    log.flush()


@pytest.mark.parametrize("letter", ["y", "\x00", "\U0010ffff", "\u6771"])
@pytest.mark.parametrize("vendor", [True, False])
def test_a_line_has_a_limit(deem: Client, letter: str, vendor: bool) -> None:
    """No line is longer than the limit, whatever is long in it: the method, the path, or what is escaped."""
    deem("GET", f"/v1/purchases/{quote(letter * 2_000)}?{'q' * 60_000}")
    entry = deem.entry if vendor else None
    for method, path in ((letter * 60_000, "/x"), ("GET", f"/{letter * 60_000}")):
        assert LONGEST_LINE // 2 < len(line(AT, method, path, 404, entry)) <= LONGEST_LINE + 1


def test_an_id_that_the_client_chose_is_told(deem: Client) -> None:
    """A line ends with the id of its request where the client sent one; one made here is left out."""
    deem("GET", "/v1/purchases/34063ec2?api_key=1")
    for entry in (deem.entry, None):
        assert line(AT, "GET", "/x", 200, entry, "order-7").endswith("  #order-7\n")
        assert line(AT, "GET", "/x", 200, entry, "mt-5-1") == line(AT, "GET", "/x", 200, entry)
        assert CARD not in line(AT, "GET", "/x", 200, entry, CARD)


@pytest.mark.parametrize(("form", "stream"), [("none", StringIO()), ("text", None), ("json", None)])
def test_no_log_notes_nothing(form: str, stream: StringIO | None) -> None:
    """Without lines to write nothing is kept, and no thread is started."""
    log = request_log(form, stream)
    log("GET", "/a", 200, None, "mt-1", 0.1)
    assert (len(log._waiting), log._writer, log.close()) == (0, None, True)
    assert stream is None or stream.getvalue() == ""
