"""How well an answer is known: the weakest of what decided it, and the header says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from mocktill.core.choices import Basis, Choice, Option, weakest
from mocktill.core.sandbox import Sandbox
from tests.apis.deem.shop import Shop, basis_of, id_of

BASES = st.sampled_from(list(Basis))


@pytest.fixture
def shop(box: Sandbox) -> Shop:
    """Deem in a fresh sandbox."""
    return Shop(box)


def decided(shop: Shop) -> dict[str, Basis]:
    """Return the choices that decided the last answer, each with how well an answer is known that it decided."""
    return {name: basis for name, _, basis in shop.entry.choices}


def basis_in(shop: Shop, answer: TestResponse) -> Basis:
    """Return the basis of the last answer, which the journal has as well."""
    assert shop.entry.basis == basis_of(answer)
    return shop.entry.basis


@given(st.lists(BASES, min_size=1))
def test_the_weakest_is_one_of_them_and_no_better_than_any(bases: list[Basis]) -> None:
    """The weakest of some is among them, and comes after each of them in the order of the words."""
    order = list(Basis)
    assert weakest(*bases) in bases
    assert all(order.index(weakest(*bases)) >= order.index(basis) for basis in bases)


@given(BASES, BASES, BASES)
def test_the_weakest_in_whatever_order(one: Basis, two: Basis, three: Basis) -> None:
    """Neither the order nor the grouping matters, and `documented` weakens nothing, and nothing `assumed`."""
    assert weakest(one, two, three) == weakest(three, weakest(two, one))
    assert weakest(one, Basis.DOCUMENTED) == one
    assert weakest(one, Basis.ASSUMED) == Basis.ASSUMED


def test_the_order_of_the_words() -> None:
    """From the best known to the least: documented, published, observed, assumed."""
    assert [basis.value for basis in Basis] == ["documented", "published", "observed", "assumed"]


def test_an_option_may_be_better_known_than_its_choice() -> None:
    """An option's own basis counts, else that of its choice."""
    choice = Choice("a.b", "?", (Option("x", "X."), Option("y", "Y.", Basis.DOCUMENTED)), Basis.PUBLISHED)
    assert choice.weight("x") == (Basis.PUBLISHED, True)
    assert choice.weight("y") == (Basis.DOCUMENTED, True)


def test_the_documented_ways_are_documented(shop: Shop) -> None:
    """Reserving, claiming, releasing, buying and getting, where no choice decides, are documented."""
    reserved = shop.reserve()
    assert basis_in(shop, reserved) == Basis.DOCUMENTED
    assert basis_in(shop, shop.claim(id_of(reserved))) == Basis.DOCUMENTED
    assert basis_in(shop, shop.release(shop.brought_to("reserved"))) == Basis.DOCUMENTED
    assert basis_in(shop, shop.create()) == Basis.DOCUMENTED
    assert basis_in(shop, shop.get("34063ec2")) == Basis.DOCUMENTED


def test_an_unknown_key_weakens_nothing(shop: Shop) -> None:
    """Who asks does not change what is answered."""
    assert basis_in(shop, shop.get("34063ec2", key="a-key-of-my-own")) == Basis.DOCUMENTED


def test_sold_out_is_assumed(shop: Shop) -> None:
    """The error is published; that it is the one for a deal that is sold out, a choice decided."""
    answer = shop.reserve(deal_id="sold-out", num_bought=1)
    assert (answer.status_code, basis_in(shop, answer)) == (422, Basis.ASSUMED)
    assert decided(shop)["deem.sold_out"] == Basis.ASSUMED


def test_a_claim_that_a_choice_decided_is_weaker(shop: Shop) -> None:
    """The first claim is documented; whatever the second one gets, a choice decided it."""
    purchase = shop.brought_to("reserved")
    assert basis_in(shop, shop.claim(purchase)) == Basis.DOCUMENTED
    for value, status in (("conflict", 409), ("same_answer", 200)):
        shop.box.choices["deem.claim_twice"] = value
        answer = shop.claim(purchase)
        assert (answer.status_code, basis_in(shop, answer)) == (status, Basis.ASSUMED)
        assert decided(shop)["deem.claim_twice"] == Basis.ASSUMED


def test_a_claim_after_the_release_is_assumed(shop: Shop) -> None:
    """That it is tried anew from the stock is a choice, and the answer looks like any other claim."""
    answer = shop.claim(shop.brought_to("released"))
    assert (answer.status_code, basis_in(shop, answer)) == (200, Basis.ASSUMED)


def test_a_choice_weakens_no_other_answer(shop: Shop) -> None:
    """What was decided for one answer does not stick to the next."""
    assert basis_in(shop, shop.reserve(deal_id="sold-out", num_bought=1)) == Basis.ASSUMED
    assert basis_in(shop, shop.reserve()) == Basis.DOCUMENTED


def test_errors_of_the_page(shop: Shop) -> None:
    """A published error that the situation leaves no doubt about is published; what we paired is assumed."""
    assert basis_in(shop, shop.get("34063ec2", key=None)) == Basis.PUBLISHED
    assert basis_in(shop, shop.create(credit_card_id="card-declined")) == Basis.ASSUMED
    assert basis_in(shop, shop.ask("DELETE", "/v1/purchases")) == Basis.ASSUMED


def test_answers_without_behaviour(shop: Shop) -> None:
    """The documented example is documented; what Faker made is assumed."""
    documented = shop.get("34063ec2", headers={"Prefer": "example=documented"})
    assert basis_in(shop, documented) == Basis.DOCUMENTED
    assert basis_in(shop, shop.get("34063ec2", headers={"Prefer": "dynamic=true"})) == Basis.ASSUMED
