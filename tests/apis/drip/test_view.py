"""What a test author sees of Drip."""

from __future__ import annotations

import pytest

from mocktill.apis.drip.view import Subscriber
from mocktill.core.sandbox import Sandbox


def test_subscriber(box: Sandbox) -> None:
    """A subscriber is found by id or e-mail address."""
    john = Subscriber("z1togz2hcjrkpp5treip", "9999999", "john@acme.com", 10000, 2)
    view = box.view("drip")
    assert view.subscriber("john@acme.com") == view.subscriber("z1togz2hcjrkpp5treip") == john
    assert john in view.subscribers()


def test_purchases(box: Sandbox) -> None:
    """Purchases are listed newest first, and each can be had by its id."""
    view = box.view("drip")
    assert [key for key, _ in view.purchases("john@acme.com")] == ["1000002", "1000001"]
    assert view.purchase("9999999")["amount"] == 4900


def test_unknown(box: Sandbox) -> None:
    """What does not exist is a KeyError."""
    view = box.view("drip")
    with pytest.raises(KeyError):
        view.subscriber("john@acme.com", "1111111")
    with pytest.raises(KeyError):
        view.purchases("nobody")
    with pytest.raises(KeyError):
        view.purchase("1")
