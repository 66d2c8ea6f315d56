"""What a client reads: objects, pages and links, some of their fields, examples and made-up answers."""

from __future__ import annotations

from tests.clients.behaviour import Visit, does
from tests.clients.vendors import ACTIVE, BASIC, BOUGHT, DEEM, DRIP, JOHN, KEY, ON_A_TAB, ORDER, PLAN, SUPERTAB, TOKEN


def a_purchase_of_each_vendor(visit: Visit) -> None:
    """Four vendors, four ways to ask and four shapes of an answer."""
    for url, *headers in ((BOUGHT,), (f"{JOHN}/purchases", BASIC), (ON_A_TAB, TOKEN), (PLAN, ACTIVE)):
        visit.get(url, *headers)


def the_other_host_of_a_vendor(visit: Visit) -> None:
    """A vendor's second host, and a host in capitals, lead to the same; a link is on the host that was asked."""
    visit.get(ON_A_TAB.replace("tapi.", "tapi.sbx."), TOKEN)
    visit.get(f"{JOHN}", BASIC)
    visit.get(PLAN.replace("https://api.kajabi.com", "http://api.kajabi.com"), ACTIVE)


def a_suffix(visit: Visit) -> None:
    """Deem's paths take `.json`, and answer under each of their prefixes."""
    visit.get(f"{DEEM}/34063ec2.json{KEY}")
    visit.get(f"https://api.offers.deem.com/purchases/34063ec2{KEY}")
    visit.get(f"https://api.offers.deem.com/api/v1/purchases/34063ec2{KEY}")


def pages_of_a_list(visit: Visit) -> None:
    """A list of 103 comes in two pages of their own, newest first, and there is none beyond."""
    for start in range(0, 101, 50):
        orders = [{**ORDER, "order_id": str(number)} for number in range(start, min(start + 50, 101))]
        visit.send("POST", f"{JOHN}/purchases", {"purchases": orders}, BASIC)
    first = visit.get(f"{JOHN}/purchases?page=1", BASIC).json
    second = visit.get(f"{JOHN}/purchases?page=2", BASIC).json
    assert [len(page["purchases"]) for page in (first, second)] == [100, 3]
    visit.get(f"{JOHN}/purchases?page=3", BASIC)
    visit.get(f"{JOHN}/purchases?page=x", BASIC)


def a_link_that_is_followed(visit: Visit) -> None:
    """A link in a document leads back to the sandbox, whoever goes there and through whichever door."""
    address = visit.get(PLAN, ACTIVE).json["links"]["self"]
    assert address == PLAN
    visit.get(address, ACTIVE)


def some_fields(visit: Visit) -> None:
    """Only the fields that were asked for, in brackets that are percent-encoded; and what asks for none."""
    fields = "fields%5Bpurchases%5D"
    visit.get(f"{PLAN}?{fields}=amount_in_cents,multipay_payments_made", ACTIVE)
    visit.get(f"{PLAN}?{fields}=status%2Cstatus%20,nothing", ACTIVE)
    visit.get(f"{PLAN}?{fields}=", ACTIVE)


def an_example(visit: Visit) -> None:
    """`Prefer: example=` answers with the documented example and says so; one that there is not is not applied."""
    assert visit.get(f"{DEEM}/x{KEY}", ("Prefer", "example=documented"))["preference-applied"] == "example=documented"
    assert "preference-applied" not in dict(visit.get(BOUGHT, ("Prefer", "example=nothing")).headers)


def a_made_up_answer(visit: Visit) -> None:
    """`Prefer: dynamic=true` makes an answer up, the same for the same seed and id, and of each vendor."""
    dynamic = ("Prefer", "dynamic=true")
    once = visit.get(f"{DEEM}/x{KEY}", dynamic)
    assert visit.get(f"{DEEM}/x{KEY}", dynamic).body == once.body
    visit.get(f"{DRIP}/x/purchases", BASIC, dynamic)
    visit.get(f"{SUPERTAB}/purchase.aaaaaaaa-0000-4000-8000-00000000000f", TOKEN, dynamic)
    visit.get(PLAN, ACTIVE, dynamic)


def an_error_that_was_asked_for(visit: Visit) -> None:
    """`Prefer: code=` answers with that error of the vendor, by its example where there are several."""
    for code in ("404", "401", "422, example=validation_failed", "418"):
        visit.get(BOUGHT, ("Prefer", f"code={code}"))


def preferences_in_two_headers(visit: Visit) -> None:
    """A header that comes twice counts as one with both values, the first beating the second."""
    visit.get(BOUGHT, ("Prefer", "code=404"), ("Prefer", "code=401"))


def canned_answers(visit: Visit) -> None:
    """A sandbox of documented examples answers with them, and nothing is kept."""
    visit.get(f"{DEEM}/whatever{KEY}")
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [ORDER]}, BASIC)
    visit.get(f"{JOHN}/purchases", BASIC)
    visit.get(ON_A_TAB, TOKEN)


def generated_answers(visit: Visit) -> None:
    """A sandbox of made-up answers answers with them, and still refuses what breaks the contract."""
    visit.get(f"{DEEM}/whatever{KEY}")
    visit.get(f"{JOHN}/purchases", BASIC)
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [{}]}, BASIC)


def another_seed(visit: Visit) -> None:
    """What is made up, and each new id, follows from the sandbox's seed."""
    visit.get(PLAN, ACTIVE, ("Prefer", "dynamic=true"))
    visit.send("POST", f"{JOHN}/purchases", {"purchases": [ORDER]}, BASIC)
    visit.get(f"{JOHN}/purchases", BASIC)


def what_is_left_of_the_hour(visit: Visit) -> None:
    """Drip says with each answer, refusals included, what is left of the hour; the next hour begins anew."""
    left = [
        visit.get(JOHN, BASIC)["x-ratelimit-remaining"],
        visit.get(f"{DRIP}/nobody", BASIC)["x-ratelimit-remaining"],
    ]
    visit.box.clock.advance(hours=1)
    assert [*left, visit.get(JOHN, BASIC)["x-ratelimit-remaining"]] == ["3599", "3598", "3599"]


def a_limit_that_is_reached(visit: Visit) -> None:
    """Over the limit comes the published refusal, until the window of the sandbox's clock is over."""
    visit.box.faults.add({"what": {"rate_limit": {"limit": 1, "window": "1m"}, "headers": {"Retry-After": "60"}}})
    visit.get(JOHN, BASIC)
    assert visit.get(JOHN, BASIC)["retry-after"] == "60"
    visit.box.clock.advance(seconds=60)
    visit.get(JOHN, BASIC)


READING = (
    does(a_purchase_of_each_vendor, 200, 200, 200, 200),
    does(the_other_host_of_a_vendor, 200, 200, 200),
    does(a_suffix, 200, 200, 200),
    does(pages_of_a_list, 201, 201, 201, 200, 200, 200, 200),
    does(a_link_that_is_followed, 200, 200),
    does(some_fields, 200, 200, 200),
    does(an_example, 200, 200),
    does(a_made_up_answer, 200, 200, 200, 200, 200),
    does(an_error_that_was_asked_for, 404, 401, 422, 200),
    does(preferences_in_two_headers, 404),
    does(canned_answers, 200, 201, 200, 200, answers="canned"),
    does(generated_answers, 200, 200, 422, answers="generated"),
    does(another_seed, 200, 201, 200, seed=77),
    does(what_is_left_of_the_hour, 200, 404, 200),
    does(a_limit_that_is_reached, 200, 429, 200),
)
