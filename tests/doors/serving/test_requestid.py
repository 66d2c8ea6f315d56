"""Ids of requests: the client's own where it is sane, else one that no other request has."""

from __future__ import annotations

import threading

import pytest

from mocktill.core import clock
from mocktill.doors.serving import requestid
from mocktill.doors.serving.requestid import MADE, RequestIds
from tests.doors.wire import Wire, ask

GET = "GET /deem/v1/purchases/34063ec2?api_key=1 HTTP/1.1\nHost: localhost\n{more}\n"


@pytest.mark.parametrize("asked", ["a", "order-7", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "a.b_c~d+e/f=", "x" * 128])
def test_a_sane_id_is_taken_over(asked: str) -> None:
    """A client's own id is the request's, letter by letter."""
    assert RequestIds().of({"HTTP_X_REQUEST_ID": asked}) == asked


@pytest.mark.parametrize(
    "asked", ["", " ", "a b", "a,b", "a\n", "a\r\nX: y", "a\x00", "é", "٣", '"a"', "<b>", "x" * 129, "a;b", "\x7f"]
)
def test_any_other_id_is_replaced(asked: str) -> None:
    """What could break a header or a line, or is sent twice, counts as not sent."""
    made = RequestIds().of({"HTTP_X_REQUEST_ID": asked})
    assert made.startswith(MADE)
    assert asked not in made or not asked


def test_ids_are_unique() -> None:
    """No two requests have the same id, whichever threads they came in, and all are what would be taken over."""
    ids, made = RequestIds(), list[str]()
    threads = [threading.Thread(target=lambda: made.extend([ids.of({}) for _ in range(500)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2_000
    assert all(RequestIds().of({"HTTP_X_REQUEST_ID": one}) == one for one in made)


def test_another_start_makes_other_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instant of the start is in the ids, so that those of two starts differ."""
    first = RequestIds().of({})
    later = clock.machine_now().replace(year=2099)
    monkeypatch.setattr(requestid, "machine_now", lambda: later)
    assert RequestIds().of({}) != first


def test_every_answer_has_one(url: str) -> None:
    """Answers of vendors, of the control API and of nobody have an id; a client gets its own back."""
    with Wire(url) as wire:
        seen = []
        for path in ("/deem/v1/purchases/34063ec2?api_key=1", "/_mocktill/health", "/nothing", "/deem/nothing"):
            wire.say(f"GET {path} HTTP/1.1\nHost: localhost\n\n")
            seen.append(wire.hear().headers["mocktill-request-id"])
    assert len(set(seen)) == 4
    assert all(one.startswith(MADE) for one in seen)
    assert ask(url, GET.format(more="X-Request-Id: order-7\n")).headers["mocktill-request-id"] == "order-7"
    twice = GET.format(more="X-Request-Id: a\nX-Request-Id: b\n")
    assert ask(url, twice).headers["mocktill-request-id"].startswith(MADE)


def test_a_page_may_read_it(url: str) -> None:
    """A page on another origin may read the id, and may send its own."""
    reply = ask(url, GET.format(more="Origin: http://shop.test\n"))
    assert "Mocktill-Request-Id" in reply.headers["access-control-expose-headers"].split(", ")
