"""Faults over a socket: each kind is seen by a real HTTP client as what it claims to be."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.catalogue import Catalogue
from mocktill.core.contract import Unacceptable
from mocktill.core.errors import EVERYWHERE
from mocktill.core.faults import spelt
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.doors.wire import PATIENCE, Wire, serving

KEY = "?api_key=1234567"
GET = f"/deem/v1/purchases/34063ec2{KEY}"
RESERVE = f"/deem/v1/purchases/reserve{KEY}"
ORDER = {"deal_id": "last-one", "num_bought": 1}
LATE_SECONDS = 0.2


class Shop:
    """A server in a thread, its default sandbox, and a client of it."""

    def __init__(self, url: str, sandboxes: Sandboxes) -> None:
        self.url = url
        self.sandboxes = sandboxes
        self.box: Sandbox = sandboxes.default

    def get(self, path: str = GET, **more: Any) -> httpx.Response:
        """Get a purchase."""
        return httpx.get(self.url + path, timeout=more.pop("timeout", PATIENCE), **more)

    def reserve(self) -> httpx.Response:
        """Reserve the last one."""
        return httpx.post(self.url + RESERVE, json=ORDER, timeout=PATIENCE)

    def fault(self, moment: str = "before", when: Any = None, **what: Any) -> str:
        """Put a rule into force."""
        return self.box.faults.add({"when": when or {}, "what": what, "moment": moment}).id


@pytest.fixture
def shop(catalogue: Catalogue) -> Iterator[Shop]:
    """A shop of its own for each test."""
    sandboxes = Sandboxes(catalogue)
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield Shop(url, sandboxes)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [("sold_out", 422, "cannot_fufill"), ("not_authenticated", 401, "auth_failed"), ("broken", 500, "update_failed")],
)
def test_an_error_of_the_vendor(shop: Shop, error: str, status: int, kind: str) -> None:
    """An error by its meaning is the vendor's own, in status and shape."""
    shop.fault(error=error)
    answer = shop.get()
    assert (answer.status_code, answer.json()["error_type"]) == (status, kind)


def test_any_status(shop: Shop) -> None:
    """Any status from 200 to 599 arrives as it is, on a connection that stays open, and the server goes on."""
    with httpx.Client(timeout=PATIENCE) as client:
        for status in range(200, 600):
            shop.box.faults.clear()
            shop.fault(status=status)
            assert client.get(shop.url + GET).status_code == status
        shop.box.faults.clear()
        assert client.get(shop.url + GET).status_code == 200


def test_headers(shop: Shop) -> None:
    """A rule's headers arrive, and a client's own retries heed `Retry-After`."""
    shop.fault(when={"next": 1}, status=503, headers={"Retry-After": "0", "X-Fault": "yes"})
    answer = shop.get()
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["x-fault"]) == (503, "0", "yes")
    shop.box.faults.clear()
    shop.fault(when={"next": 2}, status=503, headers={"Retry-After": "0"})
    session = requests.Session()
    retry = requests.adapters.Retry(total=3, status_forcelist=[503], respect_retry_after_header=True)
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
    with session:
        assert session.get(shop.url + GET, timeout=PATIENCE).status_code == 200
    assert [entry.status for entry in shop.box.journal.entries()][-3:] == [503, 503, 200]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_delay(shop: Shop, moment: str) -> None:
    """An answer that is late is a read timeout for a client with less patience, and whole for one with more."""
    shop.fault(moment, delay=LATE_SECONDS)
    with pytest.raises(httpx.ReadTimeout):
        shop.get(timeout=LATE_SECONDS / 4)
    begun = time.monotonic()
    assert shop.get().json()["status"] == "success"
    assert time.monotonic() - begun >= LATE_SECONDS


def test_a_delay_before_holds_nothing_up_in_between(shop: Shop) -> None:
    """A request that waits has taken nothing from the stock: whoever asks meanwhile gets the last one."""
    shop.fault(when={"next": 1}, delay=1)
    late: list[int] = []
    waiting = threading.Thread(target=lambda: late.append(shop.reserve().status_code))
    waiting.start()
    while shop.box.faults.all()[0].hits == 0:
        time.sleep(0.001)
    assert shop.reserve().status_code == 200
    assert late == []
    waiting.join()
    assert late == [422]


def test_a_delay_after_has_taken_it(shop: Shop) -> None:
    """What a late answer tells of has happened already."""
    shop.fault("after", when={"next": 1}, delay=1)
    late: list[int] = []
    waiting = threading.Thread(target=lambda: late.append(shop.reserve().status_code))
    waiting.start()
    shop.box.journal.wait(1)
    assert shop.reserve().status_code == 422
    assert late == []
    waiting.join()
    assert late == [200]


def test_no_answer_ever(shop: Shop) -> None:
    """A request that is never answered stays so, while others are served; its client's end is noticed."""
    shop.fault(when={"next": 1}, connection="never")
    with Wire(shop.url) as wire:
        wire.say(f"GET {GET} HTTP/1.1\nHost: a\n\n")
        shop.box.journal.wait(1)
        assert shop.get().status_code == 200
        wire.socket.settimeout(LATE_SECONDS)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
    assert shop.get().status_code == 200


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_dropped_connection(shop: Shop, moment: str) -> None:
    """A connection that is dropped ends before any byte."""
    shop.fault(moment, connection="drop")
    with Wire(shop.url) as wire:
        wire.say(f"GET {GET} HTTP/1.1\nHost: a\n\n")
        with contextlib.suppress(ConnectionResetError):
            assert wire.socket.recv(1) == b""
    with pytest.raises(httpx.RemoteProtocolError):
        shop.get()
    with pytest.raises(requests.ConnectionError):
        requests.get(shop.url + GET, timeout=PATIENCE)


def test_only_its_own_connection_is_dropped(shop: Shop) -> None:
    """Others that are open at the same time stay open, and are answered."""
    shop.fault(when={"operation": "get_purchase"}, connection="drop")
    others = [http.client.HTTPConnection(shop.url.removeprefix("http://"), timeout=PATIENCE) for _ in range(5)]
    for other in others:
        other.connect()
    with pytest.raises(httpx.RemoteProtocolError):
        shop.get()
    for other in others:
        other.request("GET", "/deem/v1/nowhere")
        assert other.getresponse().status == 404
        other.close()


def test_a_cut_body(shop: Shop) -> None:
    """A body that is cut is shorter than its length says, and the connection ends."""
    shop.fault(connection="cut")
    connection = http.client.HTTPConnection(shop.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", GET)
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    connection.close()
    length = int(answer.headers["content-length"])
    assert len(caught.value.partial) == length // 2
    with pytest.raises(httpx.RemoteProtocolError):
        shop.get()


def test_a_cut_answer_without_a_body_is_dropped(shop: Shop) -> None:
    """Where there is no body to be cut, the connection is dropped."""
    shop.fault(connection="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.head(shop.url + GET, timeout=PATIENCE)


def test_a_garbled_body(shop: Shop) -> None:
    """A garbled body arrives whole, and is no JSON."""
    shop.fault(garbled=True)
    answer = shop.get()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"invalid|decode|Expecting"):
        json.loads(answer.content)


def test_a_wrong_content_type(shop: Shop) -> None:
    """The body says that it is something else."""
    shop.fault(content_type="text/html; charset=utf-8")
    assert shop.get().headers["content-type"] == "text/html; charset=utf-8"


def test_a_rate_limit(shop: Shop) -> None:
    """Over the limit comes a 429, in the vendor's shape, until the window of the sandbox's clock ends."""
    shop.fault(rate_limit={"limit": 1, "window": "PT1M"}, headers={"Retry-After": "60"})
    assert [shop.get().status_code for _ in range(3)] == [200, 429, 429]
    assert shop.get().json()["status"] == "error"
    shop.box.clock.advance(minutes=1)
    assert shop.get().status_code == 200


def test_the_published_rate_limit(shop: Shop) -> None:
    """A vendor that publishes its refusal answers with that one."""
    shop.fault(rate_limit={"limit": 0, "window": "1m"})
    answer = httpx.get(f"{shop.url}/drip/v2/9999999/subscribers/a@b.c", auth=("k", ""), timeout=PATIENCE)
    assert answer.status_code == 429
    assert answer.json()["message"].startswith("API rate limit exceeded")


def test_a_claim_that_was_committed_and_lost(shop: Shop) -> None:
    """The client sees a dropped connection, the purchase is fulfilled, the retry gets the chosen answer."""
    key = shop.reserve().json()["purchase"]["id"]
    shop.fault("after", when={"operation": "deem.claim_purchase", "next": 1}, connection="drop")
    claim = f"{shop.url}/deem/v1/purchases/{key}/claim{KEY}"
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.put(claim, json={"user_id": "ABC123"}, timeout=PATIENCE)
    assert shop.box.view("deem").purchase(key).state == "fulfilled"
    assert httpx.put(claim, json={"user_id": "ABC123"}, timeout=PATIENCE).status_code == 409
    shop.box.choices["deem.claim_twice"] = "same_answer"
    assert httpx.put(claim, json={"user_id": "ABC123"}, timeout=PATIENCE).json()["purchase"]["id"] == key
    lost, refused, again = shop.box.journal.entries(operation="claim_purchase")
    assert (lost.status, lost.lost, refused.status, again.status) == (200, True, 409, 200)
    assert lost.fault is not None
    assert lost.fault.sentence == "dropped the connection after the state changed"
    assert any(change.key == key for change in lost.changes)


def test_hundreds_of_late_answers_hold_nobody_up(shop: Shop) -> None:
    """While 200 answers are late, another is not."""
    shop.fault(when={"path": "*/34063ec2"}, delay=1.5)

    async def go() -> tuple[list[int], int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as client:
            late = [asyncio.create_task(client.get(shop.url + GET)) for _ in range(200)]
            while shop.box.faults.all()[0].hits < 200:
                await asyncio.sleep(0.01)
            quick = await client.get(f"{shop.url}/deem/v1/nowhere")
            waiting = sum(not task.done() for task in late)
            return [answer.status_code for answer in await asyncio.gather(*late)], (
                waiting if quick.status_code == 404 else -1
            )

    statuses, waiting = asyncio.run(go())
    assert statuses == [200] * 200
    assert waiting == 200


def test_the_server_ends_although_somebody_is_never_answered(tmp_path: Path) -> None:
    """A stop does not wait for a request that is never answered, nor for one that is late."""
    with serving(tmp_path) as served:
        rule = json.dumps({"what": {"connection": "never"}})
        head = "POST /_mocktill/faults HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json"
        assert served.ask(f"{head}\nContent-Length: {len(rule)}\n\n{rule}").status == 201
        with Wire(served.url) as wire:
            wire.say(f"GET {GET} HTTP/1.1\nHost: a\n\n")
            served.wait_for("get_purchase")
            assert served.stop() == 0
    assert "Traceback" not in served.err


def open_files() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="SKIPPED: this system does not list open files")
def test_dropping_leaves_nothing_open(shop: Shop) -> None:
    """However many connections are dropped, cut or never answered, no file stays open for them."""
    for what in ("drop", "cut"):
        shop.box.faults.clear()
        shop.fault(connection=what)
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                shop.get()
        before = open_files()
        for _ in range(40):
            with pytest.raises(httpx.RemoteProtocolError):
                shop.get()
        assert open_files() < before + 20


def rules() -> st.SearchStrategy[Any]:
    """Draw rules, most of which are accepted."""
    durations = st.sampled_from([0, 0.001, "1ms", "PT0S"])
    names = st.sampled_from(["Retry-After", "X-A", "Content-Type", "Location", "Server", "Set-Cookie", "ETag", "Vary"])
    what = st.fixed_dictionaries(
        {},
        optional={
            "error": st.sampled_from([spelt(meaning) for meaning in EVERYWHERE]),
            "status": st.integers(200, 599),
            "headers": st.dictionaries(names, st.from_regex(r"\A[0-9]{0,3}\Z|\A[!-~]{1,20}\Z")),
            "body": st.none() | st.text(max_size=20) | st.lists(st.integers(), max_size=3),
            "delay": durations | st.fixed_dictionaries({"least": st.just(0), "most": durations}),
            "connection": st.sampled_from(["drop", "cut"]),
            "garbled": st.just(True),
            "content_type": st.sampled_from(["text/html", "application/json; charset=utf-8", "a/b"]),
            "rate_limit": st.just({"limit": 0, "window": "1s"}),
        },
    )
    return st.fixed_dictionaries({"what": what}, optional={"moment": st.sampled_from(["before", "after"])})


def test_no_rule_ends_the_server(shop: Shop) -> None:
    """Whatever rule is accepted, and whatever it strikes, the server answers the next request."""
    requests_made = 0

    @settings(max_examples=150, deadline=None)
    @given(rules(), st.sampled_from(["GET", "HEAD", "POST"]))
    def strike(rule: Any, method: str) -> None:
        nonlocal requests_made
        shop.box.faults.clear()
        with contextlib.suppress(Unacceptable):
            shop.box.faults.add(rule)
            with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):
                httpx.request(method, shop.url + GET, timeout=PATIENCE)
            requests_made += 1
        assert httpx.get(f"{shop.url}/_mocktill/health", timeout=PATIENCE).json() == {"status": "ok"}

    strike()
    shop.box.faults.clear()
    assert shop.get().status_code == 200
    assert requests_made > 20


def test_a_request_that_waited_is_not_for_the_next_world(shop: Shop) -> None:
    """A request that a fault delays is dropped if its sandbox is reset meanwhile: it takes nothing from the new one."""
    shop.fault(when={"next": 1}, delay=0.5)
    broken: list[str] = []

    def reserve() -> None:
        try:
            shop.reserve()
        except httpx.RemoteProtocolError as error:
            broken.append(str(error))

    waiting = threading.Thread(target=reserve)
    waiting.start()
    while not shop.box.faults.all()[0].hits:
        time.sleep(0.001)
    shop.box.reset()
    waiting.join()
    assert len(broken) == 1
    assert (shop.box.view("deem").stock("last-one").free, len(shop.box.journal)) == (1, 0)


def test_what_happened_while_a_request_waited_is_told(shop: Shop) -> None:
    """What the waiting request was to be told is told by the next entry."""
    shop.box.snapshot("s")
    shop.box.restore("s")
    shop.fault(when={"next": 1}, delay=LATE_SECONDS)
    shop.get()
    assert "the snapshot s was restored" in shop.box.journal.entries()[-1].notes
