"""The lines of the log as JSON: one object each, with nothing in it that is secret or ends a line."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocktill.core.clock import instant
from mocktill.core.entry import Struck
from mocktill.core.sandbox import Sandbox
from mocktill.doors.logs.backlog import MOST_WAITING
from mocktill.doors.logs.log import Records, Unbuffered, python_log, request_log, said
from mocktill.doors.logs.logline import LONGEST_VALUE, MOST_VIOLATIONS, JsonFormatter, dumped, json_line
from tests.client import Client
from tests.core.entries import WRONG, entry
from tests.doors.wire import READY, Served, environment, serving

AT = datetime(2026, 3, 2, 9, 5, 7, 250, tzinfo=UTC)
CARD = "4111111111111111"
SEPARATORS = ["\n", "\r", "\x1b", "\x00", "\x85", "\u2028", "\u2029", "\ud800", "é", "🛒"]
"""What some reader takes for the end of a line, what no encoding has, and letters."""


@pytest.fixture
def deem(client: Callable[[str], Client]) -> Client:
    """A client of Deem."""
    return client("deem")


def told(path: str, status: int, given: Any = None, request_id: str = "mt-5-1", seconds: float = 0.0) -> Any:
    """Return what a line says, which is one line of ASCII."""
    line = json_line(AT, "GET", path, status, given, request_id, seconds)
    assert line.endswith("}\n")
    assert line.isascii()
    assert len(line.splitlines()) == 1
    return json.loads(line)


def test_an_answer_is_an_object(deem: Client) -> None:
    """It has time in RFC 3339, level, message, id, what was asked and answered, and how long that took."""
    deem("GET", "/v1/purchases/34063ec2?api_key=1234567")
    assert told("/deem/v1/purchases/34063ec2", 200, deem.entry, "order-7", 0.0012345) == {
        "time": "2026-03-02T09:05:07.000250Z",
        "level": "info",
        "message": "200 GET /deem/v1/purchases/34063ec2",
        "request_id": "order-7",
        "method": "GET",
        "path": "/deem/v1/purchases/34063ec2",
        "query": "api_key=***",
        "status": 200,
        "duration_ms": 1.234,
        "sandbox": "default",
        "api": "deem",
        "operation": "get_purchase",
        "basis": "documented",
        "entry": 1,
        "fault": None,
        "lost": False,
        "notes": [],
        "violations": [],
    }


def test_what_is_no_vendors_is_told_in_short() -> None:
    """An answer without an entry has nothing about a sandbox."""
    assert told("/_mocktill/health", 200) == {
        "time": "2026-03-02T09:05:07.000250Z",
        "level": "info",
        "message": "200 GET /_mocktill/health",
        "request_id": "mt-5-1",
        "method": "GET",
        "path": "/_mocktill/health",
        "status": 200,
        "duration_ms": 0.0,
    }


def test_a_refusal_says_why(deem: Client) -> None:
    """Violations are told by pointer and sentence, notes as they are, and the message says it as well."""
    deem("POST", "/v1/purchases/reserve?api_key=1", json={"deal_id": "last-one", "num_bought": "two"})
    value = told("/deem/v1/purchases/reserve", 422, deem.entry)
    (violation,) = value["violations"]
    assert (violation["severity"], violation["at"], violation["pointer"]) == ("error", "body", "/num_bought")
    assert "expected integer" in violation["sentence"]
    assert violation["sentence"] in value["message"]
    deem("GET", "/v1/purchases/nothing?api_key=1")
    assert "there is no purchase nothing" in told("/x", 404, deem.entry)["notes"][0]


def test_a_fault_is_told_by_its_kind(box: Sandbox, deem: Client) -> None:
    """A line says which rule struck, of what kind, and what it did; another than the default sandbox has its name."""
    box.faults.add({"what": {"error": "sold_out"}})
    deem("GET", "/v1/purchases/34063ec2?api_key=1")
    value = told("/deem/v1/purchases/34063ec2", 422, deem.entry)
    assert value["fault"] == {"id": "1", "kind": "error", "sentence": "answered with sold_out before the state changed"}
    assert told("/x", 200, entry(sandbox="checkout"))["sandbox"] == "checkout"


@pytest.mark.parametrize(
    ("status", "fields", "level"),
    [
        (200, {}, "info"), (302, {}, "info"), (404, {}, "warning"), (500, {}, "error"),
        (200, {"violations": (WRONG,)}, "warning"), (503, {"fault": Struck("1", "answered")}, "warning"),
        (200, {"fault": Struck("1", "late")}, "warning"),
    ],
)  # fmt: skip
def test_levels(status: int, fields: Any, level: str) -> None:
    """Whatever is refused or struck is a warning; an error is a failure that nobody asked for."""
    assert told("/x", status, entry(**fields))["level"] == level


def test_levels_of_what_is_no_vendors() -> None:
    """A defect of the server is an error there as well."""
    assert [told("/x", status)["level"] for status in (200, 401, 500)] == ["info", "warning", "error"]


@pytest.mark.parametrize("evil", SEPARATORS)
def test_an_object_is_one_line(evil: str) -> None:
    """Whatever a path, a query or a note has in it, the line is one, and reads back as it was."""
    text = f"a{evil}b"
    given = entry(path=f"/{text}", query=text, notes=(text,), operation=None)
    value = told(f"/deem/{text}", 404, given)
    assert (value["path"], value["query"], value["notes"]) == (f"/deem/{text}", text, [text])


@pytest.mark.parametrize("given", [None, entry(path="/v1")])
def test_secrets_are_masked(given: Any) -> None:
    """A card number is in no property, wherever the client put it."""
    value = told(f"/deem/v1/{CARD}", 404, given, CARD)
    assert CARD not in json.dumps(value)
    assert "************1111" in value["path"]


def test_a_line_has_a_limit() -> None:
    """Nobody makes lines without end: values are cut, and so many violations are told."""
    given = entry(query="x" * 8000, notes=("y" * 2048,), violations=(WRONG,) * 500)
    value = told("/x", 422, given)
    assert (len(value["query"]), len(value["notes"][0]), len(value["message"])) == (LONGEST_VALUE,) * 3
    assert len(value["violations"]) == MOST_VIOLATIONS
    assert len(json_line(AT, "M" * 60_000, "/x" * 30_000, 404, None)) < 7_000


def test_dumped_takes_what_utf_8_cannot_write() -> None:
    """Half of a surrogate pair is escaped, as everything is that is no ASCII."""
    assert json.loads(dumped({"é": ["\ud800", 1, None]})) == {"é": ["\ud800", 1, None]}


def test_pythons_log_speaks_json() -> None:
    """A record has time, level, message and logger; an exception its traceback, in the same line."""
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        failed = (type(error), error, error.__traceback__)
    for given in (None, failed):
        record = logging.LogRecord("mocktill", logging.ERROR, "x.py", 1, "%s: a defect", ("/x",), given)
        (line,) = JsonFormatter().format(record).splitlines()
        value = orjson.loads(line)
        assert (value["level"], value["message"], value["logger"]) == ("error", "/x: a defect", "mocktill")
        assert instant(value["time"]).tzinfo is UTC
        assert ("two\nlines" in value.get("exception", "")) is (given is not None)


@pytest.mark.parametrize("form", ["json", "text", "none"])
def test_pythons_log_is_left_as_it_was(form: str) -> None:
    """A handler and its thread are there while a server is, and go again."""
    root = logging.getLogger()
    handlers, threads = [*root.handlers], threading.active_count()
    with python_log(form):
        assert (len(root.handlers), threading.active_count()) == (len(handlers) + 1, threads + 1)
    assert (root.handlers, threading.active_count()) == (handlers, threads)


def test_pythons_log_goes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """With JSON a record is an object, else its message as it is; what came last is written as well."""
    for form in ("json", "text", "none"):
        with python_log(form):
            logging.getLogger("mocktill").error("%s: a defect \u6771", "/x")
    first, *more = capfd.readouterr().err.splitlines()
    assert json.loads(first)["message"] == "/x: a defect \u6771"
    assert more == ["/x: a defect \u6771"] * 2
    Unbuffered(2, "ascii").write("\u6771 \ud800\n")
    assert capfd.readouterr().err == "\\u6771 \\ud800\n"


def test_stderr_may_be_closed_or_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no stderr a record is forgotten, and what has taken its place gets it."""
    instead = StringIO()
    for stream in (None, instead):
        monkeypatch.setattr(sys, "stderr", stream)
        with python_log("text"):
            logging.getLogger("mocktill").error("a defect")
    assert instead.getvalue() == "a defect\n"


class _Stuck(StringIO):
    """A pipe that nobody reads, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def write(self, text: str) -> int:
        self.free.wait()
        return super().write(text)


@pytest.mark.parametrize("form", ["json", "text"])
def test_who_logs_does_not_wait_for_whoever_reads(form: str) -> None:
    """Where nobody reads stderr, records are kept up to a bound; what is more is dropped, counted, and told later."""
    stream = _Stuck()
    records = Records(stream, form == "json")
    record = logging.LogRecord("mocktill", logging.ERROR, "x.py", 1, "%s", ("x" * 1000,), None)
    for _ in range(3 * MOST_WAITING):
        records.handle(record)
    stream.free.set()
    records.close()
    written = stream.getvalue().splitlines()
    told = [line for line in written if "lines were dropped: the log is read too slowly" in line]
    assert MOST_WAITING <= len(written) <= 2 * MOST_WAITING + len(told)
    assert [line.startswith("{") for line in told] == [form == "json"] * (len(told) or 1)


CALLS_THAT_LOG = """
import logging, runpy, sys
from mocktill.doors.serving import edge
call = edge.call
def logging_call(app, environ):
    logging.getLogger("mocktill").error("x" * 4000)
    return call(app, environ)
edge.call = logging_call
sys.argv = ["mocktill", "serve", "--port", "0", *sys.argv[1:]]
runpy.run_module("mocktill", run_name="__main__")
"""


@pytest.mark.parametrize("form", ["text", "json", "none"])
def test_a_stderr_that_nobody_reads_holds_no_server_up(tmp_path: Path, form: str) -> None:
    """A server that has filled up the pipe of its stderr answers all the same, and ends when it is told to."""
    command = [sys.executable, "-c", CALLS_THAT_LOG, "--log", form]
    out = (tmp_path / "out").open("wb")
    with out, subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()) as process:
        served = Served(process, tmp_path)
        try:
            served.url = served.wait_for(READY.pattern)[1]
            for _ in range(100):
                assert served.ask("GET /_mocktill/health HTTP/1.1\nHost: localhost\n\n").status == 200
            assert served.stop() == 0
        finally:
            process.kill()


def test_lines_that_were_dropped_are_told_as_json() -> None:
    """What the log says of itself is an object as well."""
    stream = StringIO()
    log = request_log("json", stream)
    log._writer = None
    log._dropped = MOST_WAITING
    log.flush()
    value = orjson.loads(stream.getvalue())
    assert (value["level"], value["message"][:20]) == ("warning", "10000 lines were dro")
    assert orjson.loads(said("hello", token="x"))["token"] == "x"


def test_a_server_logs_json(tmp_path: Path) -> None:
    """With `--log json` stdout has JSON and the ready line, which stays as it is; ids are those of the answers."""
    with serving(tmp_path, "--log", "json", "--host", "0.0.0.0") as served:
        local = served.url.replace("0.0.0.0", "127.0.0.1")
        served.url = local
        reply = served.ask(
            "GET /~b/deem/v1/purchases/34063ec2?api_key=secret1 HTTP/1.1\nHost: x\nX-Request-Id: order-7\n\n"
        )
        other = served.ask("GET /nowhere HTTP/1.1\nHost: x\n\n")
        assert served.stop() == 0
    plain = [line for line in served.out.splitlines() if not line.startswith("{")]
    token, first, second = [orjson.loads(line) for line in served.out.splitlines() if line.startswith("{")]
    assert [line.partition(" on ")[0] for line in plain] == ["Mocktill is ready"]
    assert token["message"].startswith(f"Control token: {token['token']} (made up")
    assert reply.headers["mocktill-request-id"] == first["request_id"] == "order-7"
    assert (first["sandbox"], first["query"], first["duration_ms"] > 0) == ("b", "api_key=***", True)
    assert other.headers["mocktill-request-id"] == second["request_id"]
    assert served.err == ""


def test_a_server_logs_nothing(tmp_path: Path) -> None:
    """With `--log none` no answer is told; what is said at the start stays."""
    with serving(tmp_path, env={"MOCKTILL_LOG": "none"}) as served:
        assert served.ask("GET /_mocktill/health HTTP/1.1\nHost: localhost\n\n").status == 200
        assert served.stop() == 0
    assert served.out.splitlines()[-1] == f"Mocktill is ready on {served.url}"
    assert served.out.startswith("Mocktill ")
