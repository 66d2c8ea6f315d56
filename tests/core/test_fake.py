"""The dice: each value depends on seed, API, purpose and number, and on nothing else."""

from __future__ import annotations

import re
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from mocktill.core.fake import DIGITS, LETTERS, LONGEST, Fake
from mocktill.core.store import Store

PURPOSES = ("purchase", "coupon", "deal")


class Dice:
    """Dice on a store of their own, one draw in one transaction."""

    def __init__(self, seed: int = 1, api: str = "toy") -> None:
        self.store = Store()
        self.taken = self.store.declare("taken")
        self.fake = Fake(self.store.declare("settings"), api, self.store.declare("counters"))
        self.store.load({"settings": {"settings": {"seed": seed}}})

    def text(self, purpose: str = "purchase", length: int = 8, alphabet: str = LETTERS) -> str:
        with self.store.transaction():
            return self.fake.text(purpose, length, alphabet)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**63), st.lists(st.sampled_from(PURPOSES), max_size=12))
def test_ids_do_not_depend_on_the_order_of_other_purposes(seed: int, order: list[str]) -> None:
    """The third purchase's id is the same whatever else was asked for in between."""
    mixed, alone = Dice(seed), Dice(seed)
    drawn = [(purpose, mixed.text(purpose)) for purpose in order]
    for purpose in PURPOSES:
        assert [t for p, t in drawn if p == purpose] == [alone.text(purpose) for p in order if p == purpose]


def test_another_seed_api_or_purpose_gives_other_ids() -> None:
    """Seed, API and purpose each have streams of their own."""
    first = Dice().text()
    assert first == Dice().text()
    assert len({first, Dice(seed=2).text(), Dice(api="other").text(), Dice().text("coupon")}) == 4


def test_a_text_has_its_length_and_alphabet() -> None:
    """A text has as many letters as wanted, all of its alphabet."""
    dice = Dice()
    assert re.fullmatch(r"[a-z0-9]{8}", dice.text())
    assert re.fullmatch(r"[01]{20}", dice.text(alphabet="01", length=20))
    assert dice.text(length=0) == ""


def test_every_place_of_a_long_text_varies() -> None:
    """The longest text there is is as random at its end as at its beginning."""
    dice = Dice()
    texts = [dice.text(length=LONGEST) for _ in range(30)]
    assert {len(text) for text in texts} == {LONGEST}
    assert all(len(set(place)) > 1 for place in zip(*texts, strict=True))


def test_a_taken_id_is_drawn_again() -> None:
    """With `unused`, a text that is a key of the table is passed over."""
    dice, plain = Dice(), Dice()
    first, second = plain.text(), plain.text()
    with dice.store.transaction():
        dice.taken.insert(first, {})
        assert dice.fake.text("purchase", 8, unused=dice.taken) == second


def test_a_number_has_its_length_and_no_leading_zero() -> None:
    """Numbers are digits, do not begin with 0, and avoid what is taken."""
    dice = Dice()
    with dice.store.transaction():
        numbers = [dice.fake.number("n", 3) for _ in range(50)]
        for digit in set(DIGITS) - {"0", "7"}:
            dice.taken.insert(digit, {})
        assert {dice.fake.number("m", 1, unused=dice.taken) for _ in range(5)} == {"7"}
    assert all(re.fullmatch(r"[1-9][0-9]{2}", number) for number in numbers)


def test_a_uuid_has_the_form_of_version_4() -> None:
    """A UUID is one by its version and variant, and the next differs."""
    dice = Dice()
    with dice.store.transaction():
        one, two = dice.fake.uuid("u"), dice.fake.uuid("u")
    assert one != two
    assert uuid.UUID(one).version == uuid.UUID(two).version == 4


def test_a_rollback_takes_draws_back() -> None:
    """What was drawn in a transaction that failed is drawn again."""
    dice = Dice()
    try:
        with dice.store.transaction():
            first = dice.fake.text("purchase", 8)
            raise ValueError
    except ValueError:
        assert dice.text() == first


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.text(max_size=10), st.text(max_size=10))
def test_values_depend_on_seed_purpose_and_key_only(seed: int, one: str, other: str) -> None:
    """Faker's values for a key are the same in whatever order keys are asked for, and draw nothing."""
    dice = Dice(seed)
    name = dice.fake.values("deal", one).name()
    dice.fake.values("deal", other).name()
    assert dice.fake.values("deal", one).name() == name
    assert Dice(seed).fake.values("deal", one).name() == name
    assert dice.store.rows()["counters"] == {}


def test_the_seed_is_a_row() -> None:
    """The seed is read from the settings each time, so that a snapshot brings it back; 0 without settings."""
    dice = Dice(seed=5)
    assert dice.fake.seed == 5
    dice.store.load({"settings": {"settings": {"seed": 6}}})
    assert dice.fake.seed == 6
    dice.store.load({})
    assert dice.fake.seed == 0
