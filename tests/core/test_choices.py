"""Choices: what is decided where the docs are silent, and how well that is known."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mocktill.core.choices import Basis, Choice, Option, check, unknown_credentials, weakest

CHOICE = Choice(
    "toy.twice",
    "What does a second one get?",
    (Option("same", "The same."), Option("conflict", "A conflict.", Basis.OBSERVED)),
    Basis.PUBLISHED,
)


def test_the_first_option_is_the_default() -> None:
    """Where nobody chose, the first option holds."""
    assert CHOICE.default == "same"


def test_an_option_is_found_by_its_value() -> None:
    """An unknown value is refused in words that name the alternatives."""
    assert CHOICE.option("conflict").sentence == "A conflict."
    with pytest.raises(ValueError, match=r"toy\.twice is one of same, conflict; not 'never'"):
        CHOICE.option("never")


def test_an_option_weighs_its_own_basis_or_the_choices() -> None:
    """An answer that was decided is known as well as the option, or else the choice."""
    assert CHOICE.weight("same") == (Basis.PUBLISHED, True)
    assert CHOICE.weight("conflict") == (Basis.OBSERVED, True)


def test_a_choice_is_assumed_unless_said() -> None:
    """The basis of a choice without one is the weakest there is."""
    assert Choice("toy.x", "?", (Option("a", "A."),)).weight("a") == (Basis.ASSUMED, True)


def test_the_weakest_basis_counts() -> None:
    """Documented is better than published, than observed, than assumed, in whatever order they come."""
    order = [Basis.DOCUMENTED, Basis.PUBLISHED, Basis.OBSERVED, Basis.ASSUMED]
    for better, worse in pairwise(order):
        assert weakest(better, worse) is weakest(worse, better) is worse
    assert weakest(*order) is Basis.ASSUMED


def test_settings_are_checked_in_words() -> None:
    """A setting of no choice, or of no option, names what there is."""
    choices = {"toy.twice": CHOICE, "toy.unknown_credentials": unknown_credentials("toy")}
    check(choices, {"toy.twice": "conflict", "toy.unknown_credentials": "refuse"})
    with pytest.raises(ValueError, match=r"no choice 'twice': did you mean toy\.twice"):
        check(choices, {"twice": "same"})
    with pytest.raises(ValueError, match=r"no choice 'zzz': the README lists them"):
        check(choices, {"zzz": "same"})
    with pytest.raises(ValueError, match=r"toy\.twice is one of"):
        check(choices, {"toy.twice": "never"})


def test_an_accepted_key_weakens_no_answer() -> None:
    """Who may ask does not change what is answered; that one may not is the choice's own, and assumed."""
    choice = unknown_credentials("toy")
    assert choice.weight("accept") == (Basis.ASSUMED, False)
    assert choice.weight("refuse") == (Basis.ASSUMED, True)
