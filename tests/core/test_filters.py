"""Which entries of a journal are meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocktill.core.entry import Entry
from mocktill.core.filters import Filters
from tests.core.entries import WRONG, entry

CLAIM = entry(1)
REFUSED = entry(2, status=422, violations=(WRONG,))
LOOK = entry(3, operation="get_purchase", method="GET", path="/v1/purchases/34063ec2.json")
LOST = entry(4, operation=None, method="GET", path="/v1/purchase/34063ec2", status=404)
OTHER = entry(5, api="drip", operation="list_purchases", method="GET", path="/v2/1/purchases")
KEPT = (CLAIM, REFUSED, LOOK, LOST, OTHER)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ({}, KEPT),
        ({"api": "drip"}, (OTHER,)),
        ({"operation": "claim_purchase"}, (CLAIM, REFUSED)),
        ({"operation": "deem.claim_purchase"}, (CLAIM, REFUSED)),
        ({"operation": "drip.claim_purchase"}, ()),
        ({"operation": "claim"}, ()),
        ({"method": "get"}, (LOOK, LOST, OTHER)),
        ({"path": "/v1/purchases/*"}, (CLAIM, REFUSED, LOOK)),
        ({"path": "/v1/purchases"}, ()),
        ({"path": "/V1/purchases/*"}, ()),
        ({"path": "/v[12]/*"}, KEPT),
        ({"path": "*.json"}, (LOOK,)),
        ({"status": 422}, (REFUSED,)),
        ({"status": "422"}, (REFUSED,)),
        ({"status": "4xx"}, (REFUSED, LOST)),
        ({"status": "4XX"}, (REFUSED, LOST)),
        ({"violations": True}, (REFUSED,)),
        ({"violations": "true"}, (REFUSED,)),
        ({"violations": False}, KEPT),
        ({"unmatched": True}, (LOST,)),
        ({"unmatched": "false"}, KEPT),
        ({"since": 3}, (LOST, OTHER)),
        ({"since": "3"}, (LOST, OTHER)),
        ({"limit": 2}, (LOST, OTHER)),
        ({"limit": 0}, ()),
        ({"limit": 9}, KEPT),
        ({"limit": 1, "api": "deem", "status": "2xx"}, (LOOK,)),
        ({"api": None, "status": None, "limit": None, "since": None, "violations": None}, KEPT),
    ],
)
def test_filters_let_pass_what_is_meant(wanted: dict[str, Any], meant: tuple[Entry, ...]) -> None:
    """Every filter that is given has to let an entry pass; of what passes, `limit` keeps the newest."""
    assert Filters(**wanted).pick(KEPT) == meant


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"stat": 404}, "there is no filter 'stat'; there are api, operation, method, path, status, violations,"),
        ({"status": "9xx"}, "the filter status is a number such as 404 or a class such as 4xx, not '9xx'"),
        ({"status": 4}, "not 4$"),
        ({"status": 4040}, "not 4040"),
        ({"status": True}, "not True"),
        ({"status": 404.0}, "not 404.0"),
        ({"status": [404]}, r"not \[404\]"),
        ({"status": "٤٠٤"}, "the filter status"),
        ({"api": 1}, "the filter api is a text, not 1"),
        ({"path": ""}, "the filter path is a text, not ''"),
        ({"method": b"GET"}, "the filter method is a text"),
        ({"violations": "yes"}, "the filter violations is true or false, not 'yes'"),
        ({"unmatched": 1}, "the filter unmatched is true or false, not 1"),
        ({"since": -1}, "the filter since is a number from 0 up, not -1"),
        ({"since": "-1"}, "the filter since"),
        ({"limit": 1.5}, "the filter limit is a number from 0 up, not 1.5"),
        ({"limit": True}, "the filter limit"),
        ({"limit": "9" * 5000}, "the filter limit"),
    ],
)
def test_a_wrong_filter_is_refused_in_words(wanted: dict[str, Any], said: str) -> None:
    """A name that is no filter, and a value that none can have, raise ValueError and say what would do."""
    with pytest.raises(ValueError, match=said):
        Filters(**wanted)


@given(st.text())
def test_every_text_is_a_pattern(pattern: str) -> None:
    """No text that somebody asks with is an error, and none but those that a path fits lets it pass."""
    if pattern:
        assert Filters(path=pattern).matches(CLAIM) in {True, False}
