"""What a vendor tells by itself of a request: only if it is to, as its schema says, and only of what is kept."""

from __future__ import annotations

import pytest
from werkzeug.test import run_wsgi_app

from mocktill.core.app import EDGE
from mocktill.core.deliveries import Delivery
from mocktill.core.replies import CHOICE, HONOUR
from tests.conformance.world import Case, Vendor

RECEIVER = "http://receiver.test/hooks"


def told(vendor: Vendor) -> list[Delivery]:
    """Return what was told, each held against its schema."""
    deliveries = vendor.world.box.webhooks.deliveries(vendor.api.name)
    assert vendor.api.webhook is not None
    for delivery in deliveries:
        assert delivery.event in vendor.api.webhook.events
        assert vendor.contract.explain(f"webhook.{delivery.event}", delivery.payload) == ()
        assert delivery.key
    return deliveries


@pytest.fixture
def listened(telling_case: Case) -> Case:
    """One operation of a vendor that somebody listens to."""
    telling_case.world.box.webhooks.begin_with({telling_case.api.name: RECEIVER})
    return telling_case


def test_nothing_is_told_where_nobody_listens(telling_case: Case) -> None:
    """Without an address nothing is told, and the answer is the same."""
    silent = telling_case.ask(telling_case.sent())
    assert told(telling_case) == []
    telling_case.world.box.reset()
    telling_case.world.box.webhooks.begin_with({telling_case.api.name: RECEIVER})
    heard = telling_case.ask(telling_case.sent())
    assert (silent.status, silent.body) == (heard.status, heard.body)


@pytest.mark.parametrize("delivery", ["at_once", "when_time_moves"])
def test_what_is_told_obeys_its_schema(listened: Case, delivery: str) -> None:
    """Whatever a request makes a vendor tell is one of its events, in the shape of that event's schema."""
    listened.world.box.choices[f"{listened.api.name}.webhook_delivery"] = delivery
    sent = listened.sent()
    before = len(told(listened))
    answer = listened.ask(sent)
    assert len(told(listened)) == before or answer.entry.changes


def test_a_refusal_tells_nothing(listened: Case) -> None:
    """Of what did not happen nobody is told."""
    wrong = [listened.sent(**{name: "nobody-made-this"}) for name in listened.sample.args]
    wrong += [] if listened.operation.open else [listened.sent(key=None), listened.sent(key=listened.refused_key)]
    wrong += [] if listened.sample.body is None else [listened.sent()(body=b"{")]
    for sent in wrong:
        before = told(listened)
        if not listened.succeeded(listened.ask(sent)):
            assert told(listened) == before


def test_what_is_undone_is_not_told(listened: Case) -> None:
    """What a fault undoes is not told, and what an example answers neither."""
    sent = listened.sent()
    before = told(listened)
    listened.world.box.faults.add({"when": {"next": 1}, "what": {"connection": "drop"}})
    run_wsgi_app(listened.world.app, sent.environ | {EDGE: True}, buffered=True)
    assert told(listened) == before
    listened.ask(sent(headers={"Prefer": "dynamic=true"}))
    assert told(listened) == before


def test_what_is_answered_again_is_told_once(listened: Case) -> None:
    """The same request with the same idempotency key tells nothing a second time."""
    listened.world.box.choices[f"{listened.api.name}.{CHOICE}"] = HONOUR
    sent = listened.sent()(headers={"Idempotency-Key": "one"})
    listened.ask(sent)
    before = told(listened)
    listened.ask(sent)
    assert told(listened) == before
