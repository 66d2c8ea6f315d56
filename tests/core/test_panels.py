"""The cells that vendors make: money, states with their tones, and paths of whatever texts."""

from __future__ import annotations

from mocktill.core.panels import link, money, state


def test_a_gap_stays_one() -> None:
    """What is not known is a gap, and nothing is made of it; no money at all is an amount."""
    assert money(None, "USD") is None
    assert state(None, {}) is None
    assert money(0, "USD") == {"amount": 0, "currency": "USD"}


def test_a_state_that_nobody_toned() -> None:
    """A state that has no tone is plain."""
    assert [state(value, {"open": "good"})["tone"] for value in ("open", "ajar")] == ["good", "plain"]


def test_a_path_of_any_texts() -> None:
    """No text of a path makes it longer, or another address."""
    told = link("Print", "coupons", "../a b?c#d%2F", "print")
    assert told == {"path": "/coupons/..%2Fa%20b%3Fc%23d%252F/print", "text": "Print"}
