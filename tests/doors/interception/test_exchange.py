"""An exchange without a socket: what the app is asked, what arrives of its answer, and what a fault makes of it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import requests

from mocktill.core.app import BODY_LIMIT
from mocktill.core.sandbox import Sandbox
from mocktill.doors.interception.exchange import Answered, Asked, Loss, answer, environ_of
from tests.doors.interception.conftest import GET, HOST, LONG, NAME, ORDER, RESERVE, Way


def asked(
    method: str = "GET", target: str = GET, body: bytes = b"", *headers: tuple[str, str], host: str = HOST
) -> Asked:
    """Return a request to Deem."""
    return Asked(method, "https", host, target, headers, body)


RESERVING = asked("POST", RESERVE, json.dumps(ORDER).encode(), ("Content-Type", "application/json"))


@pytest.fixture
def ask(app: Any, sandbox: Sandbox) -> Any:
    """Ask in the sandbox of the test; `patience` in seconds."""
    return lambda request=None, patience=5.0: answer(app, NAME, request or asked(), patience)


@pytest.fixture
def fault(sandbox: Sandbox) -> Any:
    """Put a rule into force."""
    return Way("", "", sandbox).fault


def test_what_the_app_is_asked() -> None:
    """Path, query, headers and body are in the environment as WSGI has them; headers that come twice are joined."""
    environ = environ_of(
        asked("POST", "/a%2Fb%20%C3%A9/%FF?q=%20a", b"abc", ("X-A", "1"), ("X-a", "2"), ("Content-Type", "text/plain"))
    )
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a/b é/\N{REPLACEMENT CHARACTER}"
    assert (environ["QUERY_STRING"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("q=%20a", "https", HOST)
    assert (environ["HTTP_X_A"], environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("1,2", "text/plain", "3")
    assert environ["wsgi.input"].read() == b"abc"


def test_the_sandbox_is_the_one_that_was_meant(ask: Any, sandbox: Sandbox) -> None:
    """A request is answered in the sandbox of this name, whatever its headers say."""
    got = ask(asked("GET", GET, b"", ("Mocktill-Sandbox", "other")))
    assert (got.status, got.loss, len(sandbox.journal)) == (200, None, 1)


def test_reason_phrases(ask: Any, fault: Any, url: str) -> None:
    """Each status has the reason phrase that it has from a server, be it one that nobody knows."""
    with requests.Session() as session:
        for status in range(200, 600):
            fault(status=status)
            there = session.get(f"{url}/~{NAME}/deem{GET}", timeout=LONG, allow_redirects=False)
            here = ask()
            assert (here.status, here.reason) == (there.status_code, there.reason)


def test_an_answer(ask: Any) -> None:
    """Status, reason, headers in lower case and body arrive."""
    got = ask()
    assert (got.status, got.reason, got.loss) == (200, "OK", None)
    assert dict(got.headers)["content-length"] == str(len(got.body))
    assert all(name == name.lower() for name, _ in got.headers)
    assert got.body.startswith(b'{"status":"success"')


@pytest.mark.parametrize(
    ("method", "status", "length"), [("HEAD", 200, True), ("GET", 204, False), ("GET", 304, False)]
)
def test_an_answer_without_a_body(ask: Any, fault: Any, method: str, status: int, length: bool) -> None:
    """To HEAD, and with 204 and 304, no body arrives; to HEAD its length does."""
    fault(status=status)
    got = ask(asked(method))
    assert (got.status, got.body, "content-length" in dict(got.headers)) == (status, b"", length)


def test_a_body_that_is_too_large(ask: Any) -> None:
    """A body is refused as on the server where it is over the limit."""
    assert ask(asked("POST", RESERVE, b" " * BODY_LIMIT)).status == 422
    assert ask(asked("POST", RESERVE, b" " * (BODY_LIMIT + 1))).status == 413


def said(got: Answered) -> tuple[Loss | None, str]:
    """Return how an answer is lost, and why."""
    return got.loss, got.sentence


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_delay(ask: Any, fault: Any, moment: str) -> None:
    """What is late by less than the client waits costs nothing; by as much or more, it is lost."""
    fault(moment, delay=3)
    assert [ask(patience=patience).loss for patience in (None, 3.1)] == [None, None]
    for patience in (3.0, 0.5, 0):
        sentence = f"a fault delays the answer by 3 s, and its client waits for {patience:g} s"
        assert said(ask(patience=patience)) == (Loss.TIMED_OUT, sentence)


def test_what_was_left_before_anything_was_done(ask: Any, fault: Any, sandbox: Sandbox) -> None:
    """A request that its client leaves during a delay before changes nothing, and the journal says so."""
    fault("before", delay=3)
    assert ask(RESERVING, 1.0).loss is Loss.TIMED_OUT
    assert (sandbox.view("deem").stock("last-one").free, len(sandbox.journal)) == (1, 0)
    remark = sandbox.journal.remarks()[0]
    assert (remark.what, remark.sentence.split(":")[0]) == ("left", "POST /v1/purchases/reserve was left by its client")
    assert ask(RESERVING, 5.0).status == 200


def test_what_was_left_after_everything_was_done(ask: Any, fault: Any, sandbox: Sandbox) -> None:
    """A request that its client leaves during a delay after has done what it does."""
    fault("after", delay=3)
    assert ask(RESERVING, 1.0).loss is Loss.TIMED_OUT
    assert sandbox.view("deem").stock("last-one").free == 0


def test_an_answer_that_never_comes(ask: Any, fault: Any) -> None:
    """However long a client waits it is in vain; without a timeout it would be for ever, which is said."""
    fault(connection="never")
    assert said(ask()) == (Loss.TIMED_OUT, "the answer never comes")
    loss, sentence = said(ask(patience=None))
    assert (loss, "for ever" in sentence) == (Loss.TIMED_OUT, True)


def test_a_connection_that_breaks(ask: Any, fault: Any) -> None:
    """Of a dropped answer nothing arrives, of a cut one the first half with the length of the whole."""
    whole = ask().body
    fault(connection="drop")
    assert (ask().loss, ask().body) == (Loss.DROPPED, b"")
    fault(connection="cut")
    got = ask()
    assert (got.loss, got.body, dict(got.headers)["content-length"]) == (
        Loss.CUT,
        whole[: len(whole) // 2],
        str(len(whole)),
    )
    assert ask(asked("HEAD")).loss is Loss.DROPPED


def test_a_late_loss(ask: Any, fault: Any) -> None:
    """A connection that breaks late is a timeout for whoever waits for less."""
    fault(connection="drop", delay=3)
    assert [ask(patience=patience).loss for patience in (1.0, 5.0)] == [Loss.TIMED_OUT, Loss.DROPPED]


def test_a_defect_is_an_answer(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """An exception of the app's own is a 500, as on the server, and logged."""

    def broken(environ: Any, start_response: Any) -> Any:
        raise ValueError("a defect")

    caplog.set_level(logging.ERROR, "mocktill")
    got = answer(broken, NAME, asked(), 5.0)
    assert (got.status, got.reason, got.loss) == (500, "Internal Server Error", None)
    assert "a defect of the sandbox" in caplog.text
