"""What goes wrong on purpose: answers that arrive and are wrong, and answers that never arrive whole."""

from __future__ import annotations

from threading import Event
from typing import Any

import orjson

from mocktill.core.clock import steady_seconds
from tests.clients.behaviour import JSON, Visit, does
from tests.clients.vendors import (
    ACTIVE,
    BASIC,
    BOUGHT,
    DEAL,
    DEEM,
    JOHN,
    KEY,
    LAST,
    ON_A_TAB,
    PLAN,
    RESERVE,
    TOKEN,
    claim,
    claim_url,
    reserve,
)

CLAIM = {"operation": "deem.claim_purchase", "next": 1}
PATIENCE_SECONDS = 5.0
USER = b'{"user_id":"ABC123"}'


def fault(visit: Visit, moment: str = "before", when: Any = None, **what: Any) -> None:
    """Put a rule into force."""
    visit.box.faults.add({"when": when or {}, "what": what, "moment": moment})


def statuses(visit: Visit) -> None:
    """Any status arrives: in the vendor's shape where it is an error, and without a body where none belongs."""
    for status in (202, 204, 205, 304, 418, 451, 503, 599):
        visit.box.faults.clear()
        fault(visit, status=status)
        visit.get(ON_A_TAB, TOKEN)


def errors_of_the_vendor(visit: Visit) -> None:
    """An error by its meaning is each vendor's own, in status, shape and basis."""
    for error in ("sold_out", "not_authenticated", "broken", "declined"):
        visit.box.faults.clear()
        fault(visit, error=error)
        visit.get(BOUGHT)
    visit.box.faults.clear()
    fault(visit, error="forbidden")
    for url, header in ((JOHN, BASIC), (ON_A_TAB, TOKEN), (PLAN, ACTIVE)):
        visit.get(url, header)


def headers_of_a_fault(visit: Visit) -> None:
    """A rule's headers arrive, and take the place of those with the same name."""
    fault(visit, status=503, headers={"Retry-After": "2", "Content-Type": "text/plain", "X-Empty": ""})
    assert visit.get(BOUGHT)["retry-after"] == "2"


def asked_again_after_a_while(visit: Visit) -> None:
    """A client that heeds `Retry-After` and asks again gets through in the end."""
    fault(visit, when={"next": 2}, status=503, headers={"Retry-After": "0"})
    while visit.get(BOUGHT).status == 503:
        visit.note("again")


def a_page_of_a_proxy(visit: Visit) -> None:
    """A proxy's page in HTML is no JSON, and comes in its own type."""
    visit.box.faults.add_preset("html-error")
    assert visit.get(BOUGHT).body.startswith(b"<!doctype html>")


def a_body_of_ones_own(visit: Visit) -> None:
    """A rule's own body arrives as it is."""
    fault(visit, status=422, body={"ümläut": [1, None]}, content_type="application/problem+json; charset=utf-8")
    visit.get(PLAN, ACTIVE)


def a_garbled_body(visit: Visit) -> None:
    """A garbled body arrives whole, byte by byte, and is no JSON."""
    visit.box.faults.add_preset("garbled")
    assert visit.get(BOUGHT).body.endswith(b"\x00\xff{garbled")


def the_nth_and_every_other(visit: Visit) -> None:
    """Rules count the requests that they are about, and only those."""
    fault(visit, when={"nth": 2, "api": "deem"}, status=500)
    fault(visit, when={"every": 2, "method": "GET", "path": "/v1/purchases/1*"}, error="not_found")
    for url, header in ((BOUGHT, TOKEN), (PLAN, ACTIVE), (BOUGHT, TOKEN), (PLAN, ACTIVE), (BOUGHT, TOKEN)):
        visit.get(url, header)


def now_and_then(visit: Visit) -> None:
    """What happens with a probability happens to the same requests for the same seed."""
    fault(visit, when={"probability": 0.5}, status=500)
    for _ in range(10):
        visit.get(BOUGHT)


def one_field_of_a_body(visit: Visit) -> None:
    """A rule may look into the body."""
    fault(visit, when={"body": {"/num_bought": 2}}, error="sold_out")
    reserve(visit, quantity=1)
    reserve(visit, quantity=2)


def a_refusal_after_it_was_done(visit: Visit) -> None:
    """With `after` the state has changed although the answer says otherwise; with `before` it has not."""
    purchase = reserve(visit)
    fault(visit, when=CLAIM, status=500)
    claim(visit, purchase)
    fault(visit, "after", CLAIM, status=500)
    claim(visit, purchase)
    visit.note(visit.box.deem.purchase(purchase))
    claim(visit, purchase)


def an_answer_that_is_a_little_late(visit: Visit) -> None:
    """A client with patience gets a late answer whole, before and after the state changed."""
    for moment in ("before", "after"):
        visit.box.faults.clear()
        fault(visit, moment, delay=visit.pace.soon)
        visit.send("POST", RESERVE, LAST)


def an_answer_that_is_too_late(visit: Visit) -> None:
    """A client that waits for less than the delay sees a read timeout; without the fault it asks and is answered."""
    fault(visit, "after", {"next": 1}, delay=visit.pace.late)
    visit.ask("GET", BOUGHT, timeout=visit.pace.hurry)
    visit.get(BOUGHT)


def a_request_that_is_given_up(visit: Visit) -> None:
    """Of what was to wait before it is done, and whose client has gone, nothing is done; the journal remarks it."""
    fault(visit, "before", {"next": 1}, delay=visit.pace.late)
    visit.ask("POST", RESERVE, orjson.dumps(LAST), [JSON], timeout=visit.pace.hurry)
    until = steady_seconds() + PATIENCE_SECONDS
    while not visit.box.journal.remarks() and steady_seconds() < until:  # a server sees a moment later that it is alone
        Event().wait(0.01)
    visit.note(visit.box.deem.stock("last-one"))
    reserve(visit, "last-one", 1)


def a_late_answer_to_what_was_done(visit: Visit) -> None:
    """What is late after it was done has happened: the client that asks again is told so."""
    purchase = reserve(visit, "last-one", 1)
    fault(visit, "after", CLAIM, delay=visit.pace.late)
    visit.ask("PUT", claim_url(purchase), USER, [JSON], timeout=visit.pace.hurry)
    visit.note(visit.box.deem.purchase(purchase))
    claim(visit, purchase)


def never_an_answer(visit: Visit) -> None:
    """What is never answered is a read timeout, and nothing of it is kept."""
    fault(visit, when={"next": 1}, connection="never")
    visit.ask("POST", RESERVE, orjson.dumps(LAST), [JSON], timeout=visit.pace.hurry)
    visit.note(visit.box.deem.stock("last-one"))
    reserve(visit, "last-one", 1)


def a_connection_that_is_dropped(visit: Visit) -> None:
    """A connection that ends before any byte is no answer, and nothing is kept."""
    fault(visit, when={"next": 1}, connection="drop")
    visit.ask("POST", RESERVE, orjson.dumps(LAST), [JSON])
    visit.note(visit.box.deem.stock("last-one"))
    reserve(visit, "last-one", 1)


def a_claim_that_was_done_and_lost(visit: Visit) -> None:
    """A claim is committed and its answer lost: asked again it is a conflict, or by choice the same answer."""
    purchase = reserve(visit)
    fault(visit, "after", CLAIM, connection="drop")
    visit.ask("PUT", claim_url(purchase), USER, [JSON])
    visit.note(visit.box.deem.purchase(purchase))
    claim(visit, purchase)
    visit.box.choices["deem.claim_twice"] = "same_answer"
    claim(visit, purchase)


def a_body_that_breaks_off(visit: Visit) -> None:
    """Of a body that is cut a half arrives, with the length of the whole; the next answer is whole."""
    fault(visit, when={"next": 1}, connection="cut")
    visit.ask("GET", BOUGHT, pieces=1)
    visit.get(BOUGHT)


def a_cut_after_it_was_done(visit: Visit) -> None:
    """What was cut after it was done has happened."""
    purchase = reserve(visit, DEAL, 11)
    fault(visit, "after", CLAIM, connection="cut")
    visit.ask("PUT", claim_url(purchase), USER, [JSON], pieces=1)
    visit.get(f"{DEEM}/{purchase}{KEY}")


def nothing_to_be_cut(visit: Visit) -> None:
    """Where there is no body to be cut, the connection is dropped."""
    fault(visit, when={"next": 1}, connection="cut")
    visit.ask("HEAD", BOUGHT)


def an_error_that_is_lost(visit: Visit) -> None:
    """An error may be lost, too: whoever reads all of it at once is told that it broke off."""
    visit.box.faults.add_preset("cut-off", {"next": 1})
    visit.ask("POST", PLAN, headers=[ACTIVE])


def presets_that_lose(visit: Visit) -> None:
    """The rules that come by name lose answers as they say."""
    for name, timeout in (("dropped", None), ("timeout", visit.pace.hurry), ("lost-answer", None)):
        visit.box.faults.clear()
        visit.box.faults.add_preset(name)
        visit.ask("GET", PLAN, headers=[ACTIVE], timeout=timeout)


def a_connection_that_was_used_before(visit: Visit) -> None:
    """What is dropped on a connection that was used before is dropped all the same; aiohttp asks again by itself."""
    visit.get(BOUGHT)
    fault(visit, when={"next": 1}, connection="drop")
    visit.ask("GET", BOUGHT)
    visit.ask("POST", RESERVE, orjson.dumps(LAST), [JSON])


BREAKING = (
    does(statuses, 202, 204, 205, 304, 418, 451, 503, 599),
    does(errors_of_the_vendor, 422, 401, 500, 422, 403, 403, 403),
    does(headers_of_a_fault, 503),
    does(asked_again_after_a_while, 503, 503, 200),
    does(a_page_of_a_proxy, 502),
    does(a_body_of_ones_own, 422),
    does(a_garbled_body, 200),
    does(the_nth_and_every_other, 200, 200, 500, 404, 200),
    does(now_and_then, 500, 500, 500, 500, 500, 200, 200, 500, 500, 500),
    does(one_field_of_a_body, 200, 422),
    does(a_refusal_after_it_was_done, 200, 500, 500, 409),
    does(an_answer_that_is_a_little_late, 200, 422),
    does(an_answer_that_is_too_late, "timed out", 200, needs="losing"),
    does(a_request_that_is_given_up, "timed out", 200, needs="losing"),
    does(a_late_answer_to_what_was_done, 200, "timed out", 409, needs="losing"),
    does(never_an_answer, "timed out", 200, needs="losing"),
    does(a_connection_that_is_dropped, "dropped", 200, needs="losing"),
    does(
        a_claim_that_was_done_and_lost, 200, "dropped", 409, 200, needs="losing",
        own={"aiohttp": (200, 409, 409, 200)},
    ),
    does(a_body_that_breaks_off, "cut after 483 of 967", 200, needs="losing"),
    does(a_cut_after_it_was_done, 200, "cut after 2108 of 4216", 200, needs="losing"),
    does(nothing_to_be_cut, "dropped", needs="losing", own={"aiohttp": (200,)}),
    does(an_error_that_is_lost, "cut", needs="losing"),
    does(
        presets_that_lose, "dropped", "timed out", "dropped", needs="losing",
        own={"aiohttp": ("dropped", "timed out", 200)},
    ),
    does(a_connection_that_was_used_before, 200, "dropped", 200, needs="losing", own={"aiohttp": (200, 200, 200)}),
)  # fmt: skip
