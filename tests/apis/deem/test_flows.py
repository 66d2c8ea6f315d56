"""Flows of Deem that happened, held against what should have happened."""

from __future__ import annotations

import pytest

from mocktill.core.api import JSON
from tests.apis.deem.shop import DEAL, Shop, error, id_of

ONCE_IN_TIME: JSON = {
    "each": "deem.purchases",
    "steps": [
        {"operation": "deem.reserve_purchase"},
        {"operation": "deem.claim_purchase", "times": 1},
        {"operation": "deem.claim_purchase", "after": "expired", "times": 0},
    ],
}
"""Reserve, then exactly one claim, none after expiry."""


def test_claims_in_time_are_what_the_flow_says(shop: Shop) -> None:
    """Two reservations, each claimed once while it lasts: what else was asked of them does not matter."""
    one, two = id_of(shop.reserve()), id_of(shop.reserve())
    shop.claim(two)
    shop.get(one)
    shop.claim(one)
    shop.get(f"{one}.json")
    verdict = shop.box.check(ONCE_IN_TIME)
    assert (verdict.ok, {subject.key for subject in verdict.subjects}) == (True, {one, two})
    assert [one.what for one in verdict.subjects[0].happened] == [
        "deem.reserve_purchase", "deem.get_purchase", "deem.claim_purchase", "deem.get_purchase",
    ]  # fmt: skip


def test_a_claim_after_expiry_is_told(shop: Shop) -> None:
    """The claim was tried anew and succeeded: the verdict says that it came too late, and in which entry."""
    purchase = id_of(shop.reserve())
    shop.expire()
    shop.claim(purchase)
    verdict = shop.box.check(ONCE_IN_TIME)
    assert not verdict.ok
    assert verdict.subjects[0].problems == (
        "step 3, deem.claim_purchase after expired: expected never, happened once (entry 2)",
    )
    assert f"reservation {purchase} expired: 2 of {DEAL} returned" in verdict.table


def test_a_second_claim_is_told(shop: Shop) -> None:
    """A claim that is repeated and answered as before is not exactly one; one that is refused does not count."""
    shop.claim(shop.brought_to("fulfilled"))
    assert shop.box.check(ONCE_IN_TIME).ok
    shop.box.reset()
    shop.box.choices["deem.claim_twice"] = "same_answer"
    shop.claim(shop.brought_to("fulfilled"))
    assert "happened twice (entries 5, 6)" in shop.box.check(ONCE_IN_TIME).table


def test_a_key_makes_a_purchase_once(shop: Shop) -> None:
    """By choice a claim with the same key is answered as before, another one is a conflict in Deem's shape."""
    shop.box.choices["deem.idempotency"] = "honour"
    purchase, other = id_of(shop.reserve()), id_of(shop.reserve())
    first, again = (shop.claim(purchase, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, first.get_data()) == (200, again.get_data())
    refused = shop.claim(other, headers={"Idempotency-Key": "once"})
    assert (refused.status_code, refused.get_json()) == (409, error("update_failed", "Unable to update"))
    refused = shop.ask("POST", "/v1/sessions", headers={"Idempotency-Key": "once"})
    assert (refused.status_code, refused.get_json()) == (409, error("create_failed", "Unable to create"))
    assert (shop.stock().sold, shop.stock().held) == (3, 2)


def test_a_restore_begins_the_flow_anew(shop: Shop) -> None:
    """After a restore the same id is drawn again: that is another purchase."""
    shop.box.snapshot("start")
    first = shop.brought_to("fulfilled")
    shop.box.restore("start")
    assert shop.brought_to("fulfilled") == first
    verdict = shop.box.check(ONCE_IN_TIME)
    assert (verdict.ok, [subject.key for subject in verdict.subjects]) == (True, [first, first])


def test_a_refused_reservation_is_no_subject(shop: Shop) -> None:
    """Where nothing was reserved nothing is proved; the table shows what was asked."""
    shop.reserve(deal_id="sold-out")
    verdict = shop.box.check(ONCE_IN_TIME)
    assert (verdict.ok, verdict.subjects) == (False, ())
    assert "deem.reserve_purchase  422" in verdict.table


@pytest.mark.parametrize(
    ("what", "moment", "claims"),
    [
        ({"connection": "drop"}, "after", 1),
        ({"connection": "drop"}, "before", 0),
        ({"status": 503}, "after", 1),
        ({"status": 503}, "before", 0),
        ({"garbled": True}, "before", 0),
        ({"garbled": True}, "after", 1),
        ({"headers": {"X-Slow": "1"}}, "before", 1),
    ],
)
def test_what_was_done_counts_whatever_a_fault_answered(shop: Shop, what: JSON, moment: str, claims: int) -> None:
    """A claim that was lost after the state changed was made; one that a fault kept from happening was not."""
    purchase = id_of(shop.reserve())
    shop.box.faults.add({"when": {"operation": "claim_purchase"}, "what": what, "moment": moment})
    shop.claim(purchase)
    assert shop.row(purchase)["state"] == ("fulfilled" if claims else "reserved")
    steps = [ONCE_IN_TIME["steps"][0], {"operation": "deem.claim_purchase", "times": claims}]
    assert shop.box.check({"each": "deem.purchases", "steps": steps}).ok
