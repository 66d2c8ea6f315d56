"""Drip's hourly limit over all operations, and idempotency keys, which no document has."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.apis.drip.documented import BUYER, JOHN, LIMITED, NEW, PEOPLE
from tests.apis.drip.test_choices import choose, get, use_up
from tests.client import Client


@pytest.mark.parametrize(("method", "path"), [("POST", PEOPLE), ("GET", PEOPLE), ("DELETE", JOHN), ("GET", JOHN)])
def test_hourly_limit_of_subscribers(drip: Client, box: Sandbox, method: str, path: str) -> None:
    """The limit is for all operations: what is over it is refused with the published body, and changes nothing."""
    choose(box, "hourly_limit", "refuse")
    get(drip, BUYER)
    use_up(box)
    sent = {"subscribers": [{"email": "sam@acme.com"}]}
    answer = drip(method, path, json=sent)
    assert (answer.status_code, answer.get_json(), drip.entry.basis) == (429, LIMITED, "published")
    assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("3600", "0")
    assert drip.entry.changes == ()
    box.clock.advance(minutes=59, seconds=59)
    assert drip(method, path, json=sent).status_code == 429
    box.clock.advance(seconds=1)
    answer = drip(method, path, json=sent)
    assert answer.status_code == (204 if method == "DELETE" else 200)
    assert answer.headers["X-RateLimit-Remaining"] == "3599"


def test_the_3601st_request_is_refused(drip: Client, box: Sandbox) -> None:
    """Exactly 3,600 requests have room in an hour, whatever they ask for, those that are refused among them."""
    choose(box, "hourly_limit", "refuse")
    statuses = [drip("GET" if number % 2 else "DELETE", f"{PEOPLE}/nobody").status_code for number in range(3600)]
    assert set(statuses) == {404}
    assert drip("GET", JOHN).status_code == 429


@pytest.mark.parametrize(
    ("path", "sent", "made"),
    [
        (f"{NEW}/purchases", {"purchases": [{"amount": 5}]}, "drip.purchases"),
        (PEOPLE, {"subscribers": [{"email": "sam@acme.com"}]}, "drip.subscribers"),
    ],
)
def test_idempotency(drip: Client, box: Sandbox, path: str, sent: dict[str, Any], made: str) -> None:
    """By choice a key stands for one request: it is answered alike again, and made once."""
    before = len(box.table(made))
    headers = {"Idempotency-Key": "k1"}
    choose(box, "idempotency", "honour")
    answers = [drip("POST", path, json=sent, headers=headers) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code < 300
    assert answers[0].data == answers[1].data
    assert len(box.table(made)) == before + 1


def test_a_key_that_is_used_again(drip: Client, box: Sandbox) -> None:
    """Another request with a key that was used gets the code that comes nearest, which is assumed."""
    choose(box, "idempotency", "honour")
    for amount, status in ((5, 201), (6, 409)):
        sent = {"purchases": [{"amount": amount}]}
        answer = drip("POST", f"{NEW}/purchases", json=sent, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == status
    said = "Idempotency-Key was used for another request"
    assert answer.get_json() == {"errors": [{"code": "uniqueness_error", "message": said}]}
    assert drip.entry.basis == "assumed"
