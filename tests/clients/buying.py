"""What a client does with a stock: reserve, claim and release, buy with a card, and be refused."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.clients.behaviour import Visit, does
from tests.clients.seen import Reply
from tests.clients.vendors import (
    ACTIVE,
    BASIC,
    BOUGHT,
    DEAL,
    DEEM,
    JOHN,
    KEY,
    ON_A_TAB,
    ORDER,
    PLAN,
    SUPERTAB,
    TOKEN,
    buy,
    claim,
    claim_url,
    release,
    reserve,
)


def reserve_and_claim(visit: Visit) -> None:
    """What is reserved is claimed, and read back as it was claimed."""
    purchase = reserve(visit)
    claim(visit, purchase)
    visit.get(f"{DEEM}/{purchase}{KEY}")
    visit.note(visit.box.deem.stock(DEAL))


def reserve_and_release(visit: Visit) -> None:
    """What is released is free again, and may be claimed from the stock later on."""
    purchase = reserve(visit)
    release(visit, purchase)
    release(visit, purchase)
    visit.note(visit.box.deem.stock(DEAL))
    claim(visit, purchase)


def a_reservation_runs_out(visit: Visit) -> None:
    """After five minutes of the sandbox's clock a reservation is over, and the one left goes to who comes first."""
    purchase = reserve(visit, "last-one", 1)
    visit.note(visit.box.clock.advance(minutes=5))
    visit.get(f"{DEEM}/{purchase}{KEY}")
    claim(visit, reserve(visit, "last-one", 1))
    claim(visit, purchase)


def the_last_one(visit: Visit) -> None:
    """The last unit is sold once."""
    assert [bool(reserve(visit, "last-one", 1)) for _ in range(3)] == [True, False, False]


def a_claim_comes_twice(visit: Visit) -> None:
    """A second claim is a conflict, or the same answer again, by a choice that may be changed in between."""
    purchase = reserve(visit)
    claim(visit, purchase)
    claim(visit, purchase)
    visit.box.choices["deem.claim_twice"] = "same_answer"
    claim(visit, purchase)


def a_release_after_the_claim(visit: Visit) -> None:
    """What was claimed cannot be given back."""
    purchase = reserve(visit)
    claim(visit, purchase)
    release(visit, purchase)


def cards(visit: Visit) -> None:
    """A card is charged, declined, fails, or is still being charged: each in the vendor's words."""
    for card in ("2342f8073e", "card-declined", "card-fails", "card-charging"):
        buy(visit, card)


def a_price_that_has_changed(visit: Visit) -> None:
    """A purchase at a price that is none any more is refused, with the field."""
    assert b"expected_price_per_unit" in buy(visit, expected_price_per_unit=1).body


def deals_that_cannot_be_bought(visit: Visit) -> None:
    """What is sold out, over, paused or unknown, and too many at once, is refused."""
    for deal, quantity in (("sold-out", 1), ("ended", 1), ("paused", 1), ("two-each", 3), ("nothing", 1)):
        assert reserve(visit, deal, quantity) == ""


def a_new_purchase_of_a_subscriber(visit: Visit) -> None:
    """What is recorded is listed, and raises the lifetime value."""
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [ORDER]}, BASIC)
    listed = visit.get(f"{JOHN}/purchases", BASIC).json["purchases"]
    visit.get(f"{JOHN}/purchases/{listed[0]['id']}", BASIC)
    assert visit.get(JOHN, BASIC).json["subscribers"][0]["lifetime_value"] == 14900


def all_or_none(visit: Visit) -> None:
    """Of several purchases with a wrong one among them none is kept."""
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [ORDER, {**ORDER, "amount": "x"}]}, BASIC)
    assert visit.get(f"{JOHN}/purchases", BASIC).json["meta"]["total_count"] == 2


def nobody_in_particular(visit: Visit) -> None:
    """Without a credential each vendor refuses in its own shape."""
    for url in (f"{DEEM}/34063ec2", JOHN, ON_A_TAB, PLAN):
        visit.get(url)


def credentials_that_are_refused(visit: Visit) -> None:
    """A credential that has expired is a 401, and one that may not read is a 403."""
    visit.get(f"{DEEM}/34063ec2?api_key=key-expired")
    visit.get(JOHN, ("Authorization", "Basic a2V5LW90aGVyLWFjY291bnQ6"))
    for bearer in ("token-expired", "token-without-scope"):
        visit.get(ON_A_TAB, ("Authorization", f"Bearer {bearer}"))
    visit.get(PLAN, ("Authorization", "Bearer token-restricted"))


def what_there_is_not(visit: Visit) -> None:
    """An unknown object is each vendor's 404."""
    visit.get(f"{DEEM}/nothing{KEY}")
    visit.get(f"{JOHN}/purchases/7", BASIC)
    visit.get(f"{SUPERTAB}/purchase.aaaaaaaa-0000-4000-8000-00000000000f", TOKEN)
    visit.get(f"{PLAN}4", ACTIVE)


def the_wrong_method(visit: Visit) -> None:
    """A path that exists answers a wrong method with the vendor's refusal, and says which would be right."""
    assert visit.send("DELETE", BOUGHT, {})["allow"]
    visit.send("PATCH", claim_url("34063ec2"), {})
    visit.ask("POST", PLAN, headers=[ACTIVE])
    visit.ask("PUT", JOHN, headers=[BASIC])


def somebody_is_deleted(visit: Visit) -> None:
    """An answer without a body says neither its length nor what it is, and what it says holds."""
    answer = visit.ask("DELETE", JOHN, headers=[BASIC])
    assert isinstance(answer, Reply)
    assert not {"content-type", "content-length"} & dict(answer.headers).keys()
    visit.ask("GET", JOHN, headers=[BASIC])


def broken_contracts(visit: Visit) -> None:
    """What is missing, of the wrong type or out of range is refused with its fields, and told with its pointers."""
    visit.send("POST", f"{DEEM}/reserve{KEY}", {"num_bought": "two"})
    visit.send("POST", f"{DEEM}{KEY}", {})
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [{"amount": None, "items": [{}]}]}, BASIC)
    visit.send("POST", f"{JOHN}/purchases", [1, 2], BASIC)


def other_choices(visit: Visit) -> None:
    """Where the documents are silent, a sandbox answers as it was told to from the beginning."""
    visit.get(f"{DEEM}/34063ec2?api_key=somebody")
    visit.get(f"{DEEM}/nothing{KEY}")
    visit.ask("DELETE", PLAN, headers=[ACTIVE])


def back_to_the_beginning(visit: Visit) -> None:
    """After a reset everything is as at first: the stock, the ids that are drawn, and the journal's emptiness."""
    first = reserve(visit, "last-one", 1)
    visit.box.reset()
    assert reserve(visit, "last-one", 1) == first


def a_snapshot_comes_back(visit: Visit) -> None:
    """What was saved is there again, with its instant, and the next id is drawn anew."""
    purchase = reserve(visit)
    visit.box.snapshot("reserved")
    claim(visit, purchase)
    visit.box.clock.advance(days=1)
    visit.box.restore("reserved")
    visit.get(f"{DEEM}/{purchase}{KEY}")
    claim(visit, purchase)
    reserve(visit)


def rows_that_somebody_changed(visit: Visit) -> None:
    """What a test sets in the sandbox, by a view or by a row, the client finds."""
    visit.box.deem.set_stock("sold-out", 1)
    reserve(visit, "sold-out", 1)
    visit.box.change("drip.subscribers", "z1togz2hcjrkpp5treip", {"lifetime_value": 7})
    assert visit.get(JOHN, BASIC).json["subscribers"][0]["lifetime_value"] == 7
    visit.note(visit.box.populate(2, "deem"))
    visit.note([leak.key for leak in visit.box.leaks()])


def a_clock_that_travels(visit: Visit) -> None:
    """What is made is dated by the sandbox's clock, forwards and backwards."""
    visit.box.clock.travel_to(datetime(2031, 1, 1, tzinfo=UTC))
    reserve(visit)
    visit.box.clock.advance(days=-400)
    reserve(visit)


BUYING = (
    does(reserve_and_claim, 200, 200, 200),
    does(reserve_and_release, 200, 200, 200, 200),
    does(a_reservation_runs_out, 200, 200, 200, 200, 422),
    does(the_last_one, 200, 422, 422),
    does(a_claim_comes_twice, 200, 200, 409, 200),
    does(a_release_after_the_claim, 200, 200, 409),
    does(cards, 200, 422, 402, 409),
    does(a_price_that_has_changed, 422),
    does(deals_that_cannot_be_bought, 422, 422, 422, 422, 422),
    does(a_new_purchase_of_a_subscriber, 201, 200, 200, 200),
    does(all_or_none, 422, 200),
    does(nobody_in_particular, 401, 401, 401, 401),
    does(credentials_that_are_refused, 401, 403, 401, 403, 403),
    does(what_there_is_not, 404, 404, 404, 404),
    does(the_wrong_method, 405, 405, 405, 404),
    does(somebody_is_deleted, 204, 404),
    does(broken_contracts, 422, 422, 422, 422),
    does(
        other_choices, 401, 422, 404,
        choices={
            "deem.unknown_credentials": "refuse",
            "deem.unknown_purchase": "validation_failed",
            "kajabi.wrong_method": "404",
        },
    ),
    does(back_to_the_beginning, 200, 200),
    does(a_snapshot_comes_back, 200, 200, 200, 200, 200),
    does(rows_that_somebody_changed, 200, 200),
    does(a_clock_that_travels, 200, 200),
)  # fmt: skip
