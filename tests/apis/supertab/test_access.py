"""The access check: what opens a content key, until when, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import digest
from tests.apis.supertab import ids
from tests.apis.supertab.shop import access, bought, buy, error, pay
from tests.client import Client


def seconds(*parts: int) -> int:
    """Return the seconds since 1970 of an instant in UTC."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]  # parts of a date


def test_what_has_no_length_never_ends(reader: Client, box: Sandbox) -> None:
    """A single purchase opens its content for good: `valid_to` is null, or the end of time by choice."""
    bought(reader, ids.LONG_READ)
    box.clock.advance(days=3650)
    granted = access(reader, "articles/long-read-44")
    assert (granted["valid_to"], reader.entry.basis) == (None, "assumed")
    box.choices["supertab.endless_access"] = "distant"
    assert access(reader, "articles/long-read-44")["valid_to"] == seconds(9999, 12, 31, 23, 59, 59)


def test_what_nobody_bought(reader: Client) -> None:
    """Without a purchase there is no access, and that is no error."""
    assert access(reader, "articles/long-read-44") is None
    assert reader.entry.basis == "observed"


def test_access_is_the_users(reader: Client, supertab: Client) -> None:
    """What one user bought opens nothing for another."""
    bought(reader, ids.MAGAZINE)
    assert access(reader, "magazine") is not None
    assert access(supertab, "magazine") is None
    assert access(supertab, "articles/long-read-44") is not None


def test_unnamed_user(box: Sandbox) -> None:
    """Tokens that name no user are one user's, or by choice each is a user's of its own."""
    first, second = (Client(box, "supertab", {"Authorization": token}) for token in ("mine", "yours"))
    bought(first, ids.MAGAZINE)
    assert (access(second, "magazine") is None, second.entry.basis) == (False, "observed")
    box.choices["supertab.unnamed_user"] = "own"
    assert access(first, "magazine") is None
    tab = buy(first, ids.MAGAZINE)[1]["tab"]
    assert (tab["total"], first.entry.basis) == (100, "observed")
    assert (access(first, "magazine") is None, access(second, "magazine")) == (False, None)
    assert buy(first, ids.MAGAZINE)[1]["tab"]["id"] == tab["id"]


@pytest.mark.parametrize(
    ("query", "code"), [("", "missing"), ("?content_key=", "invalid"), ("?contentKey=site", "missing")]
)
def test_a_content_key_is_needed(reader: Client, query: str, code: str) -> None:
    """Without a content key there is nothing to check."""
    assert error(reader, "GET", f"/v2/access/check{query}") == (422, ("query -> content_key", code))


def test_the_longest_access_is_told(reader: Client, box: Sandbox) -> None:
    """Of several the one that ends last is told, and one that never ends before any."""
    bought(reader, ids.MAGAZINE)
    box.clock.advance(hours=2)
    bought(reader, ids.MAGAZINE)
    assert access(reader, "magazine")["valid_to"] == seconds(2026, 3, 3, 14)
    box.clock.advance(hours=23)
    assert access(reader, "magazine")["valid_to"] == seconds(2026, 3, 3, 14)
    key = bought(reader, ids.LONG_READ)["id"]
    box.change("supertab.purchases", key, {"content_key": "magazine"})
    assert access(reader, "magazine")["valid_to"] is None
    box.clock.advance(days=2)
    assert access(reader, "magazine")["valid_to"] is None


def test_the_longest_access_is_told_of_what_was_bought_before(reader: Client, box: Sandbox) -> None:
    """So it is where rows that were loaded say how long they last, and not until when."""
    key = bought(reader, ids.MAGAZINE)["id"]
    row = box.table("supertab.purchases").get(key)
    assert row is not None
    with box.changing():
        for number, length in ((80, "1d"), (81, "2d"), (82, "30m"), (83, None)):
            loaded = {**row, "valid_from": None, "valid_to": None, "valid_timedelta": length}
            box.table("supertab.purchases").put(ids.purchase(number), loaded)
    assert access(reader, "magazine")["valid_to"] is None
    box.change("supertab.purchases", ids.purchase(83), {"content_key": None})
    assert access(reader, "magazine")["valid_to"] == seconds(2026, 3, 4, 12)
    box.change("supertab.purchases", key, {"valid_to": "2026-03-05T12:00:00.000000Z"})
    assert access(reader, "magazine")["valid_to"] == seconds(2026, 3, 5, 12)
    box.clock.travel_to(datetime(2026, 3, 3, 13, tzinfo=UTC))
    box.change("supertab.purchases", key, {"valid_to": "2026-03-03T12:00:00.000000Z"})
    assert access(reader, "magazine")["valid_to"] == seconds(2026, 3, 4, 12)


def test_nobody_is_somebody_by_a_digest(box: Sandbox) -> None:
    """A token may be kept as its digest; who shows the digest itself is nobody in particular."""
    with box.changing():
        row = {"state": "active", "merchant_id": "merchant.dddddddd-0000-4000-8000-000000000002"}
        box.table("supertab.credentials").put(digest("my-token"), row)
    path = f"/v1/purchases/{ids.LATER_ON_TAB}"
    for token, code in (("my-token", 404), (digest("my-token"), 200)):
        assert Client(box, "supertab", {"Authorization": token})("GET", path).status_code == code


def test_a_month_is_a_month_of_the_calendar(reader: Client, box: Sandbox) -> None:
    """A subscription of a month that is paid on the last of January ends on the last of February."""
    box.clock.travel_to(datetime(2026, 1, 31, 9, 30, tzinfo=UTC))
    code, body = buy(reader, ids.MONTHLY, "EUR")
    assert (code, access(reader, "archive")) == (402, None)
    pay(reader, body["tab"]["id"])
    granted = access(reader, "archive")
    purchase = body["tab"]["purchases"][0]["id"]
    assert granted["valid_to"] == seconds(2026, 2, 28, 9, 30)
    assert granted["subscription_id"] == f"subscription.{purchase.removeprefix('purchase.')}"
    box.clock.travel_to(datetime(2026, 2, 28, 9, 30, tzinfo=UTC))
    assert access(reader, "archive") is None


def test_subscription_id(reader: Client, box: Sandbox) -> None:
    """By choice a subscription has the id of its purchase."""
    box.choices["supertab.subscription_id"] = "purchase"
    purchase = bought(reader, ids.WEEKLY, "EUR")
    box.act("supertab.complete_purchase", purchase["id"])
    assert access(reader, "weekly")["subscription_id"] == purchase["id"]


def test_a_tab_that_was_paid_by_hand(reader: Client, box: Sandbox) -> None:
    """Where a row was edited to pay a tab, access begins with the payment."""
    tab = buy(reader, ids.DAY_PASS)[1]["tab"]
    assert access(reader, "site") is None
    box.change("supertab.tabs", tab["id"], {"paid_at": "2026-03-02T11:00:00.000000Z", "status": "closed"})
    assert access(reader, "site")["valid_to"] == seconds(2026, 3, 3, 11)
    box.clock.advance(hours=23)
    assert access(reader, "site") is None


def test_a_payment_that_is_taken_back(reader: Client, box: Sandbox) -> None:
    """Access needs a purchase that is completed now."""
    tab = buy(reader, ids.DAY_PASS)[1]["tab"]
    pay(reader, tab["id"])
    assert access(reader, "site") is not None
    box.change("supertab.tabs", tab["id"], {"paid_at": None})
    assert access(reader, "site") is None


def test_merchants_see_only_their_own(box: Sandbox) -> None:
    """A merchant's token checks access by the merchant's purchases alone."""
    first, second = (Client(box, "supertab", {"Authorization": f"token-merchant-{number}"}) for number in (1, 2))
    assert access(first, "articles/long-read-44") is not None
    assert access(second, "articles/long-read-44") is None


@pytest.mark.parametrize(
    ("value", "expected"), [("not_found", (404, "{}_not_found")), ("forbidden", (403, "forbidden"))]
)
@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", f"/v1/purchases/{ids.LATER_ON_TAB}", "purchase"),
        ("GET", f"/v1/tabs/{ids.OPEN_TAB}", "tab"),
        ("POST", f"/v1/payment/finish/{ids.OPEN_TAB}", "tab"),
        ("POST", f"/v1/purchase/{ids.MAGAZINE}?currency=USD", "offering"),
    ],
)
def test_foreign_object(box: Sandbox, value: str, expected: tuple[int, str], method: str, path: str, kind: str) -> None:
    """What is another merchant's is as if it was not there, or forbidden, however it would be answered."""
    box.choices["supertab.foreign_object"] = value
    own, foreign = (Client(box, "supertab", {"Authorization": f"token-merchant-{number}"}) for number in (1, 2))
    for prefer in ("", "dynamic=true"):
        code, said = error(foreign, method, path, headers={"Prefer": prefer})
        assert (code, said) == (expected[0], expected[1].format(kind))
    assert own(method, path).status_code < 300


def test_users_see_only_their_own(reader: Client) -> None:
    """A user's token sees no purchase and no tab of another."""
    assert error(reader, "GET", f"/v1/purchases/{ids.LATER_ON_TAB}") == (404, "purchase_not_found")
    assert error(reader, "GET", f"/v1/tabs/{ids.OPEN_TAB}") == (404, "tab_not_found")


def test_generated_access_is_to_what_was_asked_for(reader: Client) -> None:
    """A generated answer names the content key."""
    answer: Any = reader("GET", "/v2/access/check?content_key=mine", headers={"Prefer": "dynamic=true"})
    assert answer.get_json()["access"]["content_key"] == "mine"
