"""Metrics for Prometheus: what the server counts, in the formats that it reads, and never without bounds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from mocktill import __version__
from mocktill.control.app import SERVED
from mocktill.control.tally import BOUNDS, Tally
from mocktill.core.entry import Struck
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.control.control import Control
from tests.core.entries import WRONG, entry
from tests.doors.wire import ask

prometheus = pytest.importorskip("prometheus_client", reason="SKIPPED: prometheus-client is not installed")
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Sample = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(text: str, parser: Any = None) -> Sample:
    """Return every number of an exposition, by name and labels, as the library's own parser reads it."""
    from prometheus_client.parser import text_string_to_metric_families

    families = (parser or text_string_to_metric_families)(text)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for one in families for sample in one.samples}


def value(found: Sample, name: str, **labels: str) -> float:
    """Return one number."""
    return found[name, frozenset(labels.items())]


def labels_of(found: Sample, name: str) -> list[dict[str, str]]:
    """Return the labels of every number of a name."""
    return [dict(labels) for other, labels in found if other == name]


@pytest.fixture
def tally(app: Flask) -> Tally:
    """What the root app has counted."""
    counted: Tally = app.extensions[SERVED].tally
    return counted


@pytest.fixture
def server(sandboxes: Sandboxes) -> Iterator[str]:
    """The URL of a server of these sandboxes."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


def test_answers_are_counted(control: Control, tally: Tally) -> None:
    """Answers are counted by API, operation, status and basis; what is no vendor's is the API `mocktill`."""
    for _ in range(3):
        tally.note(200, entry(), 0.0004)
    tally.note(404, entry(operation=None, basis="assumed"), 0.02)
    tally.note(200, None, 0.3)
    found = scraped(control("GET", "/metrics").text)
    claimed = {"api": "deem", "operation": "claim_purchase"}
    assert value(found, "mocktill_requests_total", **claimed, status="200", basis="documented") == 3
    assert value(found, "mocktill_requests_total", api="deem", operation="", status="404", basis="assumed") == 1
    assert value(found, "mocktill_requests_total", api="mocktill", operation="", status="200", basis="") == 1


@pytest.mark.parametrize(
    ("seconds", "first"), [(0.0, "0.0005"), (0.0005, "0.0005"), (0.00051, "0.001"), (10.0, "10.0"), (10.1, "+Inf")]
)
def test_how_long_answers_took(control: Control, tally: Tally, seconds: float, first: str) -> None:
    """Each answer is in every class whose bound it does not exceed; sum and count are those of all."""
    tally.note(200, entry(), seconds)
    found = scraped(control("GET", "/metrics").text)
    place = {"api": "deem", "operation": "claim_purchase"}
    buckets = [
        bound
        for bound in (*map(str, BOUNDS), "+Inf")
        if value(found, "mocktill_answer_seconds_bucket", **place, le=bound)
    ]
    assert (buckets[0], buckets[-1]) == (first, "+Inf")
    assert value(found, "mocktill_answer_seconds_sum", **place) == seconds
    assert value(found, "mocktill_answer_seconds_count", **place) == 1


def test_violations_and_faults_are_counted(control: Control, tally: Tally) -> None:
    """Violations are counted by API and severity, faults by API and kind."""
    tally.note(422, entry(violations=(WRONG, WRONG)), 0.001)
    tally.note(200, entry(fault=Struck("7", "dropped the connection", False, "drop")), 0.001)
    found = scraped(control("GET", "/metrics").text)
    assert value(found, "mocktill_violations_total", api="deem", severity="error") == 2
    assert value(found, "mocktill_faults_total", api="deem", kind="drop") == 1


def test_sandboxes_and_journals_are_told(control: Control, purchase: str) -> None:
    """Sandboxes by whether they stay, their bound, and what their journals have."""
    control.sandboxes.get("passing")
    found = scraped(control("GET", "/metrics").text)
    assert [value(found, "mocktill_sandboxes", kept=kept) for kept in ("true", "false")] == [1, 1]
    assert value(found, "mocktill_sandboxes_limit") == 5
    assert value(found, "mocktill_journal_entries") == 1
    assert value(found, "mocktill_journal_bytes") == control.sandboxes.default.journal.size
    assert value(found, "mocktill_journal_evicted_entries") == 0
    assert value(found, "mocktill_build_info", version=__version__) == 1


def test_the_process_is_told(control: Control) -> None:
    """The library's own collectors are there: memory, file descriptors, garbage collection."""
    found = scraped(control("GET", "/metrics").text)
    assert value(found, "process_open_fds") > 0
    assert labels_of(found, "python_info")
    assert labels_of(found, "python_gc_collections_total")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/json", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=abc", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=1.0.0é", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OPEN_METRICS),
        ("application/openmetrics-text;version=abc", OPEN_METRICS),
        ("application/openmetrics-text; version=..;q=1", OPEN_METRICS),
        ("application/openmetrics-text; version=", OPEN_METRICS),
        ('application/openmetrics-text;version="1.0.0"', OPEN_METRICS),
        ("Application/OpenMetrics-Text ; Version = 1.0.0", OPEN_METRICS),
        ("application/openmetrics-text;version=0.0.1,text/plain", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=0.0.1,application/openmetrics-text", OPEN_METRICS),
        ("application/openmetrics-text-not", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
def test_the_format_is_what_was_asked_for(control: Control, accept: str, media_type: str) -> None:
    """The text format, or OpenMetrics for who reads that; an odd version counts as none, and is never a defect."""
    answer = control("GET", "/metrics", environ={"HTTP_ACCEPT": accept})
    assert answer.content_type.partition("; escaping")[0] == media_type
    assert answer.text.endswith("# EOF\n") == media_type.startswith("application/openmetrics")


@pytest.mark.parametrize("range_", ["application/openmetrics-text", "text/plain", "*/*", "text/*", ""])
@pytest.mark.parametrize(
    "parameters",
    [
        'version="1.0.0"', "version=" + "9" * 5000, "version=1." + "9" * 5000, "version=1.0.0.0", "version=2.0.0",
        "version=-1", "version=1", "version=a.b.c", "version=\xb2.0.0", "version=1.\xb2", 'version="', 'version=",",',
        "version", "version==1.0.0", "version=1.0.0;version=x", "q=0.5;version= 1.0.0 ", "escaping=allow-utf-8",
        "version=1.0.0;escaping=allow-utf-8", "version=1.0.0;escaping=x", ";;;", "=", ",,", "version=1_0.0.0",
    ],
)  # fmt: skip
def test_any_accept_header_is_answered(control: Control, range_: str, parameters: str) -> None:
    """Whatever is accepted, one of the two formats comes, which says what it is."""
    for accept in (f"{range_};{parameters}", f"text/html;{parameters}, {range_} ; {parameters}"):
        answer = control("GET", "/metrics", environ={"HTTP_ACCEPT": accept})
        assert answer.status_code == 200
        media_type = answer.content_type.partition("; escaping")[0]
        assert media_type in {OPEN_METRICS, "text/plain; version=0.0.4; charset=utf-8"}
        assert answer.text.endswith("# EOF\n") == (media_type == OPEN_METRICS)


def test_open_metrics_is_valid(control: Control, tally: Tally) -> None:
    """The library's own parser of OpenMetrics, a strict one, reads it, and finds the same numbers."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    tally.note(422, entry(violations=(WRONG,), fault=Struck("1", "x", False, "delay")), 0.7)
    answer = control("GET", "/metrics", environ={"HTTP_ACCEPT": OPEN_METRICS})
    found = scraped(answer.text, text_string_to_metric_families)
    assert value(found, "mocktill_faults_total", api="deem", kind="delay") == 1
    assert value(found, "mocktill_build_info", version=__version__) == 1


def test_without_the_library(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed the answer says how to install it, and everything else works."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "prometheus_client"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    problem = control.refused(501, "GET", "/metrics")
    assert problem["detail"] == "there are no metrics without their library: pip install 'mocktill[metrics]'"
    assert control.get("/health") == {"status": "ok"}


def test_a_server_counts_what_it_answers(server: str, sandboxes: Sandboxes) -> None:
    """Whatever a server answers is counted once, control calls, refusals and what a fault spoils among it."""
    get = "GET {}/v1/purchases/{}?api_key=1 HTTP/1.1\nHost: localhost\n\n"
    sandboxes.default.faults.add({"what": {"status": 503}, "when": {"next": 1}})
    for place, key in (("/deem", "34063ec2"), ("/deem", "34063ec2"), ("/~b/deem", "34063ec2"), ("/deem", "none")):
        ask(server, get.format(place, key))
    ask(server, "GET /nowhere HTTP/1.1\nHost: localhost\n\n")
    text = ask(server, "GET /_mocktill/metrics HTTP/1.1\nHost: localhost\n\n").body.decode()
    found = scraped(text)
    counted = {
        (one["api"], one["operation"], one["status"]): value(found, "mocktill_requests_total", **one)
        for one in labels_of(found, "mocktill_requests_total")
    }
    assert counted == {
        ("deem", "get_purchase", "200"): 2,
        ("deem", "get_purchase", "404"): 1,
        ("deem", "get_purchase", "503"): 1,
        ("mocktill", "", "404"): 1,
    }
    assert value(found, "mocktill_faults_total", api="deem", kind="status") == 1
    assert value(found, "mocktill_answer_seconds_count", api="deem", operation="get_purchase") == 4
    assert "nowhere" not in text
    assert "34063ec2" not in text


def test_a_reset_clears_no_count(server: str) -> None:
    """The counts are the server's: a sandbox that is reset, or deleted, takes nothing from them."""
    ask(server, "GET /deem/v1/purchases/34063ec2?api_key=1 HTTP/1.1\nHost: localhost\n\n")
    assert ask(server, "POST /_mocktill/reset HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n").status == 200
    found = scraped(ask(server, "GET /_mocktill/metrics HTTP/1.1\nHost: localhost\n\n").body.decode())
    assert len(labels_of(found, "mocktill_requests_total")) == 2


def test_a_token_guards_them(sandboxes: Sandboxes) -> None:
    """Where the server has a token, Prometheus shows it as `authorization` says: a bearer."""
    app = create_app(sandboxes, token="s3cret")
    get = "GET /_mocktill/metrics HTTP/1.1\nHost: prom.test\n{}\n"
    with ServerThread(app, RequestLog(Nowhere())) as url:
        assert ask(url, get.format("")).status == 401
        assert ask(url, get.format("Authorization: Bearer s3cret\n")).status == 200


def test_another_server_counts_nothing(sandboxes: Sandboxes) -> None:
    """Under a WSGI server that is not ours nobody counts answers; sandboxes and the process are told all the same."""
    client = create_app(sandboxes).test_client()
    assert client.get("/deem/v1/purchases/34063ec2?api_key=1").status_code == 200
    found = scraped(client.get("/_mocktill/metrics").text)
    assert labels_of(found, "mocktill_requests_total") == []
    assert value(found, "mocktill_journal_entries") == 1


def test_no_count_is_lost_between_threads() -> None:
    """Two servers of one app count into one tally, and whoever reads it meanwhile gets whole numbers."""
    tally = Tally()

    def count() -> None:
        for _ in range(2_000):
            tally.note(200, entry(violations=(WRONG,)), 0.001)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen = tally.counts()
        assert sum(seen.answers.values()) == sum(sum(timing.classes) for timing in seen.timings.values())
    for thread in threads:
        thread.join()
    assert sum(tally.counts().answers.values()) == sum(tally.counts().violations.values()) == 8_000


def test_a_copy_does_not_change() -> None:
    """What was read once stays as it was."""
    tally = Tally()
    tally.note(200, entry(), 0.001)
    seen = tally.counts()
    tally.note(200, entry(), 0.001)
    assert (sum(seen.answers.values()), sum(sum(t.classes) for t in seen.timings.values())) == (1, 1)
