"""Isolation over a socket: sandboxes on one server never wait for each other, nor for a control call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.serving.server import ServerThread
from tests.doors.wire import PATIENCE

GET = "/deem/v1/purchases/34063ec2?api_key=1234567"


@pytest.fixture
def sandboxes(catalogue: Catalogue) -> Sandboxes:
    """Sandboxes of their own for each test."""
    return Sandboxes(catalogue)


@pytest.fixture
def url(sandboxes: Sandboxes) -> Iterator[str]:
    """A server of them."""
    with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
        yield url


def get(url: str) -> httpx.Response:
    """Get something, patiently."""
    return httpx.get(url, timeout=PATIENCE)


def test_a_sandbox_whose_lock_is_held_holds_no_other_up(url: str, sandboxes: Sandboxes) -> None:
    """A request to a sandbox that is busy waits; others, and control calls, are answered meanwhile."""
    box = sandboxes.get("busy")
    count = 60  # more than there are threads for anything
    with ThreadPoolExecutor(count) as pool:
        with box.lock:
            waiting = [pool.submit(get, f"{url}/~busy{GET}") for _ in range(count)]
            threading.Event().wait(0.2)
            for name in ("a", "b", "a"):
                assert get(f"{url}/~{name}{GET}").status_code == 200
            assert get(f"{url}/_mocktill/health").status_code == 200
            assert get(f"{url}/~a/_mocktill/clock").status_code == 200
            assert not any(future.done() for future in waiting)
            assert len(box.journal) == 0
        assert [future.result(PATIENCE).status_code for future in waiting] == [200] * count
    assert [entry.path for entry in box.journal] == ["/v1/purchases/34063ec2"] * count


def test_a_delay_in_one_does_not_slow_another(url: str, sandboxes: Sandboxes) -> None:
    """While an answer of one sandbox is late, another's is not."""
    sandboxes.keep("slow").faults.add({"what": {"delay": 3}})
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(get, f"{url}/~slow{GET}")
        while not sandboxes.get("slow").faults.all()[0].hits:
            threading.Event().wait(0.001)
        for _ in range(20):
            assert get(f"{url}/~quick{GET}").status_code == 200
        assert not late.done()
        assert late.result(PATIENCE).status_code == 200


def test_waiting_for_the_journal_holds_nobody_up(url: str, sandboxes: Sandboxes) -> None:
    """Whoever waits for requests that are to come is told as soon as they came, and a hundred waiters are no load."""
    with ThreadPoolExecutor(100) as pool:
        asked = f"{url}/_mocktill/journal/count?least=2&wait=30s&operation=get_purchase"
        waiting = [pool.submit(httpx.get, asked, timeout=4 * PATIENCE) for _ in range(100)]
        while len(sandboxes.default.journal._watchers) < 100:
            threading.Event().wait(0.001)
        for _ in range(2):
            assert not any(future.done() for future in waiting)
            assert get(url + GET).status_code == 200
        answers = [future.result(4 * PATIENCE).json() for future in waiting]
    assert answers == [{"count": 2, "lost": 0, "met": True}] * 100
    assert sandboxes.default.journal._watchers == ()


def test_waiting_ends(url: str) -> None:
    """What does not come is not waited for longer than was said; the answer says so."""
    answer = get(f"{url}/_mocktill/journal/count?least=1&wait=50ms").json()
    assert answer == {"count": 0, "lost": 0, "met": False}


def test_a_first_use_is_no_defect(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A sandbox that has to be made first is made aside, and answered like any other; nothing is logged of it."""
    for number in range(20):
        assert get(f"{url}/~new-{number}{GET}").status_code == 200
    assert caplog.text == ""


def test_a_wait_ends_with_its_sandbox(url: str, sandboxes: Sandboxes) -> None:
    """Whoever waits for the journal of a sandbox that is deleted or made anew is not left waiting for the old one."""
    for end in (lambda: sandboxes.delete("gone"), lambda: sandboxes.make("gone")):
        journal = sandboxes.keep("gone").journal
        with ThreadPoolExecutor(1) as pool:
            asked = f"{url}/~gone/_mocktill/journal/count?least=1&wait=30s"
            waiting = pool.submit(httpx.get, asked, timeout=PATIENCE)
            while not journal._watchers:
                threading.Event().wait(0.001)
            end()
            assert waiting.result(PATIENCE).json() == {"count": 0, "lost": 0, "met": False}


def test_whoever_leaves_is_not_waited_for(url: str, sandboxes: Sandboxes) -> None:
    """A client that goes away while it waits leaves nothing behind."""
    box = sandboxes.default
    for _ in range(5):
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/_mocktill/journal/count?least=9&wait=60s", timeout=0.1)
    while box.journal._watchers:
        threading.Event().wait(0.01)
    assert get(url + GET).status_code == 200
