"""What a client may put into a request: bodies of all kinds, odd paths and queries, and what a browser sends."""

from __future__ import annotations

import orjson

from tests.clients.behaviour import JSON, Visit, arrived, does
from tests.clients.vendors import (
    ACTIVE,
    BASIC,
    BOUGHT,
    DEAL,
    DEEM,
    DRIP,
    JOHN,
    KEY,
    LAST,
    ON_A_TAB,
    ORDER,
    PLAN,
    RESERVE,
    TOKEN,
    reserve,
)

ORIGIN = ("Origin", "http://localhost:5173")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
MEGABYTE = 1024 * 1024


def document_of(size: int) -> bytes:
    """Return a reservation of the last one that has that many bytes."""
    document = b'{"deal_id":"last-one","num_bought":1,"note":"%b"}'
    return document % (b"x" * (size - len(document) + 2))


def bodies_that_are_no_json(visit: Visit) -> None:
    """What cannot be read is refused in the vendor's shape, be it broken, empty of sense, or no text at all."""
    for body in (b'{"deal_id": ', b"nothing", b"\xff\xfe\x00", b'{"a":' * 70 + b"1" + b"}" * 70):
        visit.ask("POST", RESERVE, body, [JSON])
        visit.ask("POST", f"{JOHN}/purchases", body, [JSON, BASIC])


def no_body_at_all(visit: Visit) -> None:
    """Nothing is what it is: missing fields, and no broken JSON; and where nothing is wanted, nothing is missed."""
    visit.ask("POST", RESERVE)
    visit.ask("POST", f"{JOHN}/purchases", b"  ", [JSON, BASIC])
    visit.ask("PUT", f"{DEEM}/34063ec2/release{KEY}")


def a_form(visit: Visit) -> None:
    """Deem reads a form as well, numbers and plus signs and all."""
    visit.ask("POST", RESERVE, f"deal_id={DEAL}&num_bought=2".encode(), [FORM])
    visit.ask("POST", RESERVE, b"deal_id=la+1024%20%C3%BC&num_bought=many", [FORM])


def a_body_without_its_type(visit: Visit) -> None:
    """JSON is read although nobody says that it is, or says something else."""
    visit.ask("POST", RESERVE, orjson.dumps(LAST))
    visit.ask("POST", RESERVE, orjson.dumps(LAST), [("Content-Type", "text/plain; charset=utf-8")])


def words_in_other_letters(visit: Visit) -> None:
    """What is not ASCII comes back as it was sent, letter by letter."""
    named = {**ORDER, "properties": {"name": "Zoë 🛶 \u2028 日本", "mail": "ü@exämple.test"}}
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [named]}, BASIC)
    assert "Zoë 🛶".encode() in visit.get(f"{JOHN}/purchases", BASIC).body


def a_large_body(visit: Visit) -> None:
    """A body of a megabyte is read, with a length and in chunks."""
    body = document_of(MEGABYTE)
    visit.ask("POST", RESERVE, body, [JSON])
    visit.ask("POST", RESERVE, [body[: MEGABYTE // 2], body[MEGABYTE // 2 :]], [JSON])


def a_body_that_is_too_large(visit: Visit) -> None:
    """One byte more than a megabyte is refused, with a length and in chunks, and nothing is done.

    A server refuses it while the client still sends, so that over a socket it is chance what the client sees of it.
    """
    body = document_of(MEGABYTE + 1)
    visit.ask("POST", RESERVE, body, [JSON])
    visit.ask("POST", RESERVE, [body[:MEGABYTE], body[MEGABYTE:]], [JSON])
    reserve(visit, "last-one", 1)


def a_body_in_chunks(visit: Visit) -> None:
    """A body without a length comes in parts, and is read as one."""
    body = orjson.dumps({"deal_id": DEAL, "num_bought": 2})
    visit.ask("POST", RESERVE, [body[:7], body[7:8], body[8:]], [JSON])
    visit.ask("POST", RESERVE, [b'{"deal_id"', b": "], [JSON])


def a_body_where_none_is_wanted(visit: Visit) -> None:
    """What reads may be sent a body: nobody looks at it."""
    visit.send("GET", BOUGHT, {"surprise": True})
    visit.send("GET", PLAN, [], ACTIVE)


def a_client_that_waits_to_be_told_to_go_on(visit: Visit) -> None:
    """`Expect: 100-continue` is answered, and then comes the answer."""
    visit.send("POST", RESERVE, LAST, ("Expect", "100-continue"))


def percent_signs_in_a_path(visit: Visit) -> None:
    """A path is read decoded, and told as it was: spaces, slashes, at signs, letters that are no ASCII."""
    for name in ("a%20b", "a%2Fb", "john%40acme.com", "%C3%BC", "100%25", "a+b", "a;b=c,d", "~a"):
        visit.get(f"{DRIP}/{name}", BASIC)


def what_clients_write_differently(visit: Visit) -> None:
    """A host in capitals, its usual port, dots, needless percent signs: a client may put these right or leave them."""
    visit.get(f"{PLAN.replace('api.kajabi.com', 'API.Kajabi.com')}", ACTIVE)
    visit.get(f"{PLAN.replace('.com', '.com:443')}", ACTIVE)
    for path in ("nobody/../john%40acme.com", "./john%40acme.com", "%6aohn@acme.com", "%c3%bc", "a'(b)*!|\\^"):
        visit.get(f"{DRIP}/{path}?page=1&x=%c3%bc'|[]", BASIC)


def a_port_of_its_own(visit: Visit) -> None:
    """A vendor's host with another port is the vendor's all the same, and links keep the port."""
    plan = PLAN.replace("https://api.kajabi.com", "http://api.kajabi.com:8080")
    assert visit.get(plan, ACTIVE).json["links"]["self"] == plan


def at_its_own_url(visit: Visit) -> None:
    """The sandbox's own URL leads to the same as the vendor's."""
    subscriber = f"{visit.box.url('drip')}/v2/9999999/subscribers/john%40acme.com/purchases"
    visit.send("POST", subscriber, {"purchases": [ORDER]}, BASIC)
    visit.get(f"{visit.box.url('deem')}/v1/purchases/nothing{KEY}")
    visit.get(f"{JOHN}/purchases", BASIC)


def bytes_in_a_path_that_are_no_text(visit: Visit) -> None:
    """What is no UTF-8 in a path is nobody's name."""
    visit.get(f"{DRIP}/%FF%FE", BASIC)


def odd_slashes(visit: Visit) -> None:
    """A slash at the end does not matter, and one too many leads nowhere."""
    for path in ("34063ec2/", "/34063ec2", "34063ec2//claim"):
        visit.get(f"{DEEM}/{path}{KEY}")


def paths_that_lead_nowhere(visit: Visit) -> None:
    """An unknown path is the vendor's 404, and what was probably meant is told."""
    visit.get(f"https://api.offers.deem.com/v1/purchase/34063ec2{KEY}")
    visit.get("https://api.getdrip.com/v3/9999999/subscribers", BASIC)
    visit.get("https://api.kajabi.com/", ACTIVE)
    visit.get(f"https://tapi.supertab.co{'/x' * 200}", TOKEN)
    visit.note([near.operation for near in visit.box.explain(1).nearest])


def control_is_not_for_a_vendors_host(visit: Visit) -> None:
    """Under a vendor's host there is nothing but the vendor."""
    visit.get("https://api.kajabi.com/_mocktill/health", ACTIVE)
    visit.get("https://api.offers.deem.com/_mocktill/clock")


def parameters_that_come_twice(visit: Visit) -> None:
    """Of a parameter that comes twice one counts, and the same one everywhere."""
    visit.get(f"{BOUGHT}&api_key=key-refused")
    visit.get(f"{DEEM}/34063ec2?api_key=key-refused&api_key=1234567")
    visit.get(f"{JOHN}/purchases?page=1&page=2", BASIC)


def odd_queries(visit: Visit) -> None:
    """Empty, valueless, plussed and percent-encoded parameters are read as forms are."""
    for query in (
        "?api_key=",
        "?api_key",
        "?api_key=a%2Bb&x=a%2Bb+c%C3%BC&y&&=z",
        f"{KEY}&{'x' * 4000}=1",
        f"{KEY}#fragment",
    ):
        visit.get(f"{DEEM}/34063ec2{query}")


def a_long_header(visit: Visit) -> None:
    """A header of some kilobytes, and one that is empty, do no harm."""
    visit.get(BOUGHT, ("X-Long", "x" * 6000), ("X-Empty", ""))


def only_the_head(visit: Visit) -> None:
    """HEAD is answered as GET would be, with the length of the body and without the body."""
    length = len(visit.get(BOUGHT).body)
    assert arrived(visit.ask("HEAD", BOUGHT))["content-length"] == str(length)
    visit.ask("HEAD", f"{DEEM}/nothing{KEY}")
    visit.ask("HEAD", f"{JOHN}/purchases", headers=[BASIC])


def a_page_on_another_origin(visit: Visit) -> None:
    """A page on another port may ask, after a preflight, and read what the sandbox tells in headers."""
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization,x-own")]
    visit.ask("OPTIONS", BOUGHT, headers=[ORIGIN, *asked])
    visit.ask("OPTIONS", "https://api.kajabi.com/nowhere", headers=[ORIGIN, asked[0]])
    assert "mocktill-entry" in visit.get(BOUGHT, ORIGIN)["access-control-expose-headers"].lower()
    visit.get(JOHN, ORIGIN)
    assert len(visit.box.journal) == 2


def options_without_a_preflight(visit: Visit) -> None:
    """OPTIONS is a method like any other: the vendor's refusal, with an origin and without."""
    visit.ask("OPTIONS", BOUGHT)
    visit.ask("OPTIONS", ON_A_TAB, headers=[ORIGIN, TOKEN])


def other_methods(visit: Visit) -> None:
    """A method that no vendor has is refused like any other wrong one."""
    visit.ask("TRACE", BOUGHT)
    visit.ask("PROPFIND", PLAN, headers=[ACTIVE])


AS_IT_IS = (200, 200, 404, 404, 200, 404, 404)
PUT_RIGHT = (200, 200, 200, 200, 200, 404, 404)
WRITING = (
    does(bodies_that_are_no_json, *[400] * 8),
    does(no_body_at_all, 422, 422, 409),
    does(a_form, 200, 422),
    does(a_body_without_its_type, 200, 422),
    does(words_in_other_letters, 201, 200),
    does(a_large_body, 200, 422),
    does(a_body_that_is_too_large, 413, 413, 200),
    does(a_body_in_chunks, 200, 400),
    does(a_body_where_none_is_wanted, 200, 200),
    does(a_client_that_waits_to_be_told_to_go_on, 200),
    does(percent_signs_in_a_path, 404, 404, 200, 404, 404, 404, 404, 404),
    does(
        what_clients_write_differently, *AS_IT_IS, needs="writing",
        own={
            "requests": PUT_RIGHT, "urllib3": PUT_RIGHT, "httpx": PUT_RIGHT, "httpx async": PUT_RIGHT,
            "aiohttp": AS_IT_IS, "http.client": AS_IT_IS,
        },
    ),
    does(a_port_of_its_own, 200),
    does(at_its_own_url, 201, 404, 200),
    does(bytes_in_a_path_that_are_no_text, 404),
    does(odd_slashes, 200, 404, 404),
    does(paths_that_lead_nowhere, 404, 404, 404, 404),
    does(control_is_not_for_a_vendors_host, 404, 404),
    does(parameters_that_come_twice, 401, 200, 200),
    does(odd_queries, 401, 401, 200, 200, 200),
    does(a_long_header, 200),
    does(only_the_head, 200, 200, 404, 200),
    does(a_page_on_another_origin, 204, 204, 200, 401),
    does(options_without_a_preflight, 405, 405),
    does(other_methods, 405, 405),
)  # fmt: skip
