"""Every choice in each of its ways: answers stay in the vendor's shape, and say how well they are known."""

from __future__ import annotations

import orjson
import pytest

from mocktill.core.choices import weakest
from mocktill.core.errors import NotAuthenticated
from tests.conformance.world import CATALOGUE, Case, Sent, Vendor, World

SETTINGS = [
    (shelf, choice.name, option.value)
    for shelf in CATALOGUE.shelves.values()
    for choice in shelf.api.choices
    for option in choice.options[1:]
]


def variations(case: Case) -> list[Sent]:
    """Return the good request and what is wrong in the usual ways."""
    sent = case.sent()
    wrong = [
        sent,
        sent(method="BREW"),
        sent(path=sent.path + "/nowhere"),
        sent(body=b"{"),
        sent(body=b"[]"),
        sent(body=b"{}"),
        sent(query=sent.query + "&unknown=1"),
        sent(headers={"Content-Type": "application/x-www-form-urlencoded"}, body=b"a=1"),
        sent(headers={"Content-Type": "application/json"}, body=orjson.dumps(case.sample.body)),
        sent.without("User-Agent"),
        case.sent(key=None),
        case.sent(key=case.refused_key),
    ]
    good = case.sample
    wrong += [case.sent(**{name: "nobody-made-this"}) for name in good.args]
    wrong += [sent(body=case.written({**good.body, name: None})) for name in good.body or ()]
    wrong += [sent(body=case.written({**good.body, name: "odd"})) for name in good.body or ()]
    return wrong


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "=".join(setting[1:]))
def test_every_alternative(world: World, setting: tuple[object, str, str]) -> None:
    """With any alternative chosen, whatever is asked is answered in the vendor's shape."""
    shelf = next(shelf for shelf in CATALOGUE.shelves.values() if shelf is setting[0])
    vendor = Vendor(world, shelf)
    for operation in vendor.api.operations:
        case = vendor.case(operation.name)
        for sent in variations(case):
            world.box.choices[setting[1]] = setting[2]
            case.ask(sent)


def test_the_basis_is_the_weakest(case: Case) -> None:
    """An answer is as well known as its row and the choices that decided it, and no better."""
    for sent in variations(case):
        answer = case.ask(sent)
        used = case.weights(answer.entry)
        assert weakest(answer.entry.basis, *used) == answer.entry.basis
        if case.succeeded(answer):
            assert answer.entry.basis == weakest(case.operation.basis, *used)


def test_a_refused_key_is_decided_by_no_choice(closed_case: Case) -> None:
    """Being refused is as well known as the vendor's row says."""
    case = closed_case
    answer = case.ask(case.sent(key=case.refused_key))
    row = case.api.dialect.row_for(NotAuthenticated, case.operation.method, case.operation.name)
    assert weakest(row.basis, answer.entry.basis) == answer.entry.basis
