"""Drip's list of subscribers: pages, filters, and what is said beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from mocktill.apis.drip import subscribers
from mocktill.core.clock import instant
from mocktill.core.sandbox import Sandbox
from mocktill.core.store import Row, Table
from tests.apis.drip.documented import JOHN, NOT_FOUND, PEOPLE, invalid
from tests.apis.drip.test_choices import choose, get
from tests.apis.drip.test_subscribers import LINKS, save
from tests.client import Client

AVERY, JOHNS, NEW = "avery@example.com", "john@acme.com", "new@acme.com"


def listed(drip: Client, **query: Any) -> tuple[dict[str, int], list[str]]:
    """Return the meta and the addresses of a page."""
    answer = drip("GET", PEOPLE, query_string=query)
    body = answer.get_json()
    assert answer.status_code == 200, body
    return body["meta"], [subscriber["email"] for subscriber in body["subscribers"]]


def test_the_factory(drip: Client) -> None:
    """The list has links, meta and whole subscribers in that order, who came last first."""
    answer = drip("GET", PEOPLE)
    body = answer.get_json()
    assert list(body) == ["links", "meta", "subscribers"]
    assert body["links"] == LINKS
    assert body["meta"] == {"page": 1, "count": 3, "total_pages": 1, "total_count": 3}
    assert [subscriber["email"] for subscriber in body["subscribers"]] == [NEW, JOHNS, AVERY]
    assert body["subscribers"][1] == drip("GET", JOHN).get_json()["subscribers"][0]
    assert answer.headers["Mocktill-Basis"] == "assumed"


def test_accounts(drip: Client) -> None:
    """An account has its own; one that nobody seeded has the samples', under its own id."""
    meta, emails = get(drip, "/v2/1111111/subscribers")[1]["meta"], get(drip, "/v2/1111111/subscribers")[1]
    assert (meta["total_count"], emails["subscribers"]) == (0, [])
    body = get(drip, "/v2/77/subscribers")[1]
    assert [subscriber["links"] for subscriber in body["subscribers"]] == [{"account": "77"}] * 3
    choose(drip.box, "unknown_account", "refuse")
    assert get(drip, "/v2/77/subscribers") == (404, NOT_FOUND)


def test_status(drip: Client) -> None:
    """Those that are active are listed, or those of the status that is asked for."""
    save(drip, {"email": JOHNS, "status": "unsubscribed"})
    assert listed(drip)[1] == listed(drip, status="active")[1] == [NEW, AVERY]
    assert listed(drip, status="unsubscribed")[1] == [JOHNS]
    assert drip.entry.basis == "published"
    assert listed(drip, status="all")[1] == listed(drip, status="active_or_unsubscribed")[1] == [NEW, JOHNS, AVERY]
    assert listed(drip, status="undeliverable") == (
        {"page": 1, "count": 0, "total_pages": 0, "total_count": 0},
        [],
    )
    assert listed(drip, status="removed")[1] == []


def test_rows_without_a_status(drip: Client, box: Sandbox) -> None:
    """Who has neither status nor place, as in an older state, is active, and came before all others."""
    with box.changing():
        table = box.table("drip.subscribers")
        row = table.get("n0pvrch4s3sy3tn0pvrc") or {}
        table.put("n0pvrch4s3sy3tn0pvrc", {name: row[name] for name in row if name not in {"status", "number"}})
    assert listed(drip)[1] == listed(drip, status="all")[1] == [JOHNS, AVERY, NEW]
    assert listed(drip, per_page=2, page=2) == ({"page": 2, "count": 1, "total_pages": 2, "total_count": 3}, [NEW])
    assert save(drip, {"email": "sam@acme.com"})[0] == 200
    assert listed(drip)[1][0] == "sam@acme.com"


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ({"tags": "Customer"}, [JOHNS]),
        ({"tags": "none, SEO"}, [JOHNS]),
        ({"tags": "none"}, []),
        ({"tags": ""}, [NEW, JOHNS, AVERY]),
        ({"subscribed_before": "2013-06-21T10:31:58Z"}, [AVERY]),
        ({"subscribed_after": "2013-06-21T10:31:58Z"}, [NEW]),
        ({"subscribed_after": "2013-06-20T08:15:00Z", "subscribed_before": "2013-06-22"}, [JOHNS]),
        ({"subscribed_before": "2013-06-20T10:16:00+02:00"}, [AVERY]),
        ({"subscribed_before": "2013-06-20T10:15:00+02:00"}, []),
        ({"subscribed_before": ""}, [NEW, JOHNS, AVERY]),
        ({"tags": "SEO", "status": "unsubscribed"}, []),
    ],
)
def test_filters(drip: Client, query: dict[str, str], emails: list[str]) -> None:
    """Any of the tags, and a time before or after which somebody came; all that is asked for holds."""
    meta, found = listed(drip, **query)
    assert (found, meta["count"], meta["total_count"]) == (emails, len(emails), len(emails))


def test_a_plus_that_nobody_encoded(drip: Client) -> None:
    """The plus of a zone is understood where it came as a blank."""
    body = get(drip, f"{PEOPLE}?subscribed_before=2013-06-20T10:16:00+02:00")[1]
    assert [subscriber["email"] for subscriber in body["subscribers"]] == [AVERY]


@pytest.mark.parametrize("name", ["subscribed_before", "subscribed_after"])
@pytest.mark.parametrize("sent", ["yesterday", "2013-02-30", "0001-01-01T00:00:00+14:00", "\x00"])
def test_times_that_are_none(drip: Client, name: str, sent: str) -> None:
    """What is no time gets the published code, with the parameter as its attribute."""
    answer = drip("GET", PEOPLE, query_string={name: sent})
    said = f"{name.replace('_', ' ').capitalize()} is not a time in ISO 8601"
    assert (answer.status_code, answer.get_json()) == (422, invalid("time_error", name, said))


def test_pages(drip: Client, box: Sandbox) -> None:
    """A page holds 100, or as many as are asked for up to 1,000; nobody is on two of them or on none."""
    box.populate(247, "drip")
    everybody = listed(drip, per_page=1000)[1]
    assert len(set(everybody)) == 250
    pages = [listed(drip, page=page) for page in (1, 2, 3)]
    assert [meta for meta, _ in pages] == [
        {"page": page, "count": count, "total_pages": 3, "total_count": 250}
        for page, count in ((1, 100), (2, 100), (3, 50))
    ]
    assert [email for _, emails in pages for email in emails] == everybody
    save(drip, {"email": JOHNS, "status": "unsubscribed"})
    both = [listed(drip, status="active_or_unsubscribed", page=page, per_page=125)[1] for page in (1, 2)]
    assert both[0] + both[1] == everybody
    meta = {"page": 2, "count": 109, "total_pages": 2, "total_count": 249}
    assert listed(drip, page=2, per_page=140)[0] == meta


@pytest.mark.parametrize(("value", "emails"), [("newest", [NEW, JOHNS, AVERY]), ("oldest", [AVERY, JOHNS, NEW])])
def test_subscriber_order(drip: Client, box: Sandbox, value: str, emails: list[str]) -> None:
    """They are listed in the order in which they came, or backwards, with a filter as well."""
    choose(box, "subscriber_order", value)
    for query in ({}, {"status": "all"}, {"subscribed_after": "2001-01-01"}, {"page": 1, "per_page": 2}):
        found = listed(drip, **query)[1]
        assert found == emails[: len(found)]
        assert drip.entry.basis == "assumed"


@pytest.mark.parametrize("status", ["all", "active", "active_or_unsubscribed"])
def test_a_list_looks_at_its_page_alone(drip: Client, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """However many there are, who is asked for without a filter is not looked for among all of them."""
    if status == "active_or_unsubscribed":
        save(drip, {"email": JOHNS, "status": "unsubscribed"})

    def everybody(table: Table, *where: Any) -> Iterable[tuple[str, Row]]:
        raise AssertionError(f"all rows of {table.name}")

    monkeypatch.setattr(Table, "items", everybody)
    monkeypatch.setattr(Table, "find", everybody)
    assert listed(drip, status=status)[1] == [NEW, JOHNS, AVERY]


def test_a_tag_needs_no_time(drip: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a tag alone has nobody's time read but that of those who are shown."""
    read: list[str] = []

    def reading(at: str) -> datetime:
        read.append(at)
        return instant(at)

    monkeypatch.setattr(subscribers, "instant", reading)
    assert listed(drip, tags="SEO")[1] == [JOHNS]
    assert read == []
    assert listed(drip, tags="SEO", subscribed_after="2001-01-01")[1] == [JOHNS]
    assert len(read) == 1


def test_order_of_one_is_not_asked(drip: Client) -> None:
    """Where there is one subscriber, no choice on the order weakens the answer."""
    for query in ({"tags": "SEO"}, {"subscribed_before": "2013-06-20T10:00:00Z"}):
        listed(drip, **query)
        assert drip.entry.basis == "published"


def test_unknown_status(drip: Client, box: Sandbox) -> None:
    """A status that no page has is refused, or counts as none."""
    assert get(drip, f"{PEOPLE}?status=happy") == (422, invalid("format_error", "status", "Status is invalid"))
    choose(box, "unknown_status", "active")
    assert listed(drip, status="happy")[1] == [NEW, JOHNS, AVERY]


@pytest.mark.parametrize(("sent", "size"), [("0", 100), ("-1", 100), ("two", 100), ("", 100), ("1001", 1000)])
def test_invalid_per_page(drip: Client, box: Sandbox, sent: str, size: int) -> None:
    """A size that no page has is the nearest one, or out of range."""
    box.populate(100, "drip")
    assert listed(drip, per_page=sent)[0]["count"] == min(size, 103)
    assert drip.entry.basis == "assumed"
    choose(box, "invalid_per_page", "refuse")
    assert get(drip, f"{PEOPLE}?per_page={sent}") == (
        422,
        invalid("range_error", "per_page", "Per page is out of range"),
    )
    assert get(drip, f"{PEOPLE}?per_page=1000")[0] == 200


def test_pages_that_are_none(drip: Client, box: Sandbox) -> None:
    """The choices about pages of purchases hold here as well."""
    assert listed(drip, page=0)[0]["page"] == 1
    assert listed(drip, page=2)[1] == []
    choose(box, "invalid_page", "refuse")
    choose(box, "page_beyond_end", "not_found")
    choose(box, "empty_total_pages", "1")
    assert get(drip, f"{PEOPLE}?page=x")[0] == 422
    assert get(drip, f"{PEOPLE}?page=2") == (404, NOT_FOUND)
    assert listed(drip, status="removed")[0]["total_pages"] == 1


def test_who_is_deleted_is_not_listed(drip: Client) -> None:
    """A list has those that there are: nobody who was deleted, and who is new comes first."""
    drip("DELETE", JOHN)
    save(drip, {"email": "sam@acme.com"})
    assert listed(drip)[1] == ["sam@acme.com", NEW, AVERY]
    assert listed(drip, tags="SEO")[1] == []
