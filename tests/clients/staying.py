"""What a client keeps from one request to the next: its connection, its cookies, and where it was sent on to."""

from __future__ import annotations

from typing import Any

from tests.clients.behaviour import JSON, Visit, arrived, does
from tests.clients.vendors import ACTIVE, BASIC, BOUGHT, DEEM, JOHN, KEY, PLAN, RESERVE, claim, reserve

ORDER = b'{"deal_id":"last-one","num_bought":1}'


def sent_on(visit: Visit, status: int, location: str, moment: str = "before") -> None:
    """Let the next request be answered with a redirect."""
    what: dict[str, Any] = {"status": status, "headers": {"Location": location}}
    visit.box.faults.add({"when": {"next": 1}, "what": what, "moment": moment})


def one_connection(visit: Visit) -> None:
    """Many requests over one connection are each answered with their own, errors and empty answers among them."""
    for _ in range(3):
        visit.get(BOUGHT)
        visit.get(f"{DEEM}/nothing{KEY}")
        visit.ask("HEAD", BOUGHT)
        reserve(visit)


def a_new_connection_each_time(visit: Visit) -> None:
    """A client that closes, and one that says so, is answered all the same."""
    visit.get(BOUGHT, ("Connection", "close"))
    visit.hang_up()
    visit.get(BOUGHT)


def a_body_read_in_pieces(visit: Visit) -> None:
    """A body that is read piece by piece is the same body, be it long or short."""
    whole = visit.get(f"{JOHN}/purchases", BASIC)
    for pieces in (1, 7, 100_000):
        part = arrived(visit.ask("GET", f"{JOHN}/purchases", headers=[BASIC], pieces=pieces))
        assert part.body == whole.body


def a_redirect_that_is_followed(visit: Visit) -> None:
    """A client that follows ends up where `Location` leads, relative or absolute."""
    for status, location in ((302, BOUGHT), (301, "/v1/purchases/34063ec2.json?api_key=1234567")):
        sent_on(visit, status, location)
        visit.ask("GET", f"{DEEM}/34063ec2{KEY}&from=here", follow=True)


def a_redirect_that_is_not(visit: Visit) -> None:
    """A client that does not follow sees the redirect itself, with its `Location`."""
    sent_on(visit, 302, BOUGHT)
    assert visit.get(f"{DEEM}/34063ec2{KEY}&from=here")["location"] == BOUGHT


def a_body_that_is_sent_on(visit: Visit) -> None:
    """A 307 is followed with method and body as they were."""
    sent_on(visit, 307, f"https://api.offers.deem.com/api/v1/purchases/reserve{KEY}")
    assert b'"purchase_id"' in arrived(visit.ask("POST", RESERVE, ORDER, [JSON], follow=True)).body


def done_and_sent_on(visit: Visit) -> None:
    """A 303 after it was done is followed with GET."""
    sent_on(visit, 303, BOUGHT, "after")
    assert arrived(visit.ask("POST", RESERVE, ORDER, [JSON], follow=True)).json["purchase"]["id"] == "34063ec2"
    visit.note(visit.box.deem.stock("last-one"))


def one_cookie_and_another(visit: Visit) -> None:
    """A cookie of an answer is sent with the next request to its host, and to no other."""
    visit.box.faults.add(
        {"when": {"next": 1}, "what": {"headers": {"Set-Cookie": "visit=one; Path=/; HttpOnly"}}, "moment": "after"}
    )
    assert "visit=one" in visit.get(BOUGHT)["set-cookie"]
    visit.get(BOUGHT)
    visit.get(PLAN, ACTIVE)
    visit.note(["cookie" in entry.request_headers for entry in visit.box.journal.entries()])


def everything_at_one_visit(visit: Visit) -> None:
    """One client with one session: read, be refused, buy, be limited, and buy on."""
    visit.get(JOHN, BASIC)
    visit.get(JOHN)
    purchase = reserve(visit, "last-one", 1)
    visit.box.faults.add({"when": {"next": 1}, "what": {"rate_limit": {"limit": 0, "window": "1m"}}})
    claim(visit, purchase)
    claim(visit, purchase)
    visit.get(f"{DEEM}/{purchase}{KEY}")


STAYING = (
    does(one_connection, *[200, 404, 200, 200] * 3),
    does(a_new_connection_each_time, 200, 200),
    does(a_body_read_in_pieces, 200, 200, 200, 200),
    does(a_redirect_that_is_followed, 200, 200, needs="redirects"),
    does(a_redirect_that_is_not, 302),
    does(a_body_that_is_sent_on, 200, needs="resending"),
    does(done_and_sent_on, 200, needs="redirects"),
    does(one_cookie_and_another, 200, 200, 200, needs="cookies"),
    does(everything_at_one_visit, 200, 401, 200, 429, 200, 200),
)
