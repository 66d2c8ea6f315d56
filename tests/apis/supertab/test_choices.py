"""Every option of every choice, and that each default is what happens."""

from __future__ import annotations

import pytest

from mocktill.apis.supertab import API
from mocktill.core.sandbox import Sandbox
from tests.apis.supertab import ids
from tests.client import Client


def status(client: Client, purchase_id: str) -> tuple[str | None, str]:
    """Return the status of a purchase and the basis of the answer."""
    answer = client("GET", f"/v1/purchases/{purchase_id}")
    assert answer.status_code == 200
    return answer.get_json()["status"], answer.headers["Mocktill-Basis"]


def add_newer(box: Sandbox) -> str:
    """Add a newer purchase to the unpaid tab; return its id."""
    key = ids.purchase(90)
    row = box.table("supertab.purchases").get(ids.NOW_UNPAID)
    assert row is not None
    with box.changing():
        newer = {**row, "purchase_date": "2023-11-04T09:00:00.000000Z"}
        box.table("supertab.purchases").insert(key, newer)
    return key


def test_the_choices_and_their_defaults() -> None:
    """What the page leaves open has a name, and its default is the first option."""
    assert {choice.name: choice.default for choice in API.choices} == {
        "supertab.unknown_credentials": "accept",
        "supertab.idempotency": "ignore",
        "supertab.webhook_delivery": "at_once",
        "supertab.webhook_retries": "svix",
        "supertab.pay_now_subscription_status": "pay_now",
        "supertab.pay_now_pending_status": "pending",
        "supertab.superseded_purchase": "pending",
        "supertab.malformed_id": "purchase_not_found",
        "supertab.error_shape": "error",
        "supertab.unnamed_user": "one",
        "supertab.foreign_object": "not_found",
        "supertab.missing_currency": "validation_error",
        "supertab.unpriced_currency": "validation_error",
        "supertab.tab_scope": "user",
        "supertab.limit_reached": "full",
        "supertab.full_tab": "wait",
        "supertab.outcome_of_waiting": "null",
        "supertab.pay_now_tab": "own",
        "supertab.paid_tab": "unchanged",
        "supertab.pay_open_tab": "pay",
        "supertab.pay_empty_tab": "pay",
        "supertab.payment_answer": "tab",
        "supertab.tab_order": "newest",
        "supertab.active_tab": "unpaid",
        "supertab.default_limit": "20",
        "supertab.large_limit": "cap",
        "supertab.tab_count": "all",
        "supertab.empty_number_pages": "1",
        "supertab.page_links": "url",
        "supertab.link_host": "request",
        "supertab.endless_access": "null",
        "supertab.subscription_id": "tagged",
    }


@pytest.mark.parametrize(
    ("value", "paid", "unpaid"),
    [
        ("pay_now", "completed", "pending"),
        ("pay_later", "completed", "completed"),
        ("null", None, None),
    ],
)
def test_pay_now_subscription_status(
    supertab: Client, box: Sandbox, value: str, paid: str | None, unpaid: str | None
) -> None:
    """The deprecated model is in no rule: it goes like one of the others, or has no status."""
    box.choices["supertab.pay_now_subscription_status"] = value
    assert status(supertab, ids.SUBSCRIPTION_PAID) == (paid, "assumed")
    assert status(supertab, ids.SUBSCRIPTION_UNPAID) == (unpaid, "assumed")
    assert status(supertab, ids.NOW_UNPAID) == ("pending", "documented")


@pytest.mark.parametrize("value", ["pay_now", "pay_later"])
def test_a_subscription_that_is_on_no_tab(supertab: Client, box: Sandbox, value: str) -> None:
    """A pending purchase of the deprecated model is pending, whichever model it goes like."""
    box.choices["supertab.pay_now_subscription_status"] = value
    box.change("supertab.purchases", ids.SUBSCRIPTION_PAID, {"tab_id": None})
    assert status(supertab, ids.SUBSCRIPTION_PAID) == ("pending", "assumed")


@pytest.mark.parametrize(("value", "expected"), [("pending", "pending"), ("null", None)])
def test_pay_now_pending_status(supertab: Client, box: Sandbox, value: str, expected: str | None) -> None:
    """A `pay_now` purchase on no tab is in no rule: it is pending, or has no status."""
    box.choices["supertab.pay_now_pending_status"] = value
    assert status(supertab, ids.NOW_PENDING) == (expected, "assumed")
    assert status(supertab, ids.LATER_PENDING) == ("pending", "documented")


@pytest.mark.parametrize(
    ("value", "expected"), [("pending", ("pending", "documented")), ("abandoned", ("abandoned", "assumed"))]
)
def test_superseded_purchase(supertab: Client, box: Sandbox, value: str, expected: tuple[str, str]) -> None:
    """A pending purchase with a newer one on its tab is pending still, or abandoned as announced."""
    box.choices["supertab.superseded_purchase"] = value
    newer = add_newer(box)
    assert status(supertab, ids.NOW_UNPAID) == expected
    assert status(supertab, newer) == ("pending", "documented")


def test_a_paid_tab_has_no_abandoned_purchase(supertab: Client, box: Sandbox) -> None:
    """Paying the tab completes all that is on it, superseded or not."""
    box.choices["supertab.superseded_purchase"] = "abandoned"
    newer = add_newer(box)
    box.view("supertab").pay_tab(ids.UNPAID_TAB)
    assert status(supertab, ids.NOW_UNPAID) == ("completed", "documented")
    assert status(supertab, newer) == ("completed", "documented")


def test_a_newer_purchase_of_another_model_supersedes_nothing(supertab: Client, box: Sandbox) -> None:
    """Only a purchase that is pending itself supersedes: `pay_later` on a tab is completed."""
    box.choices["supertab.superseded_purchase"] = "abandoned"
    box.view("supertab").add_to_tab(ids.LATER_PENDING, ids.UNPAID_TAB)
    assert status(supertab, ids.NOW_UNPAID) == ("pending", "documented")


@pytest.mark.parametrize("key", ["123", "purchase.123", "offering.aaaaaaaa-0000-4000-8000-000000000001"])
def test_malformed_id(supertab: Client, box: Sandbox, key: str) -> None:
    """An id that is not a tagged UUID is an unknown purchase, or a violation that the answer names."""
    answer = supertab("GET", f"/v1/purchases/{key}")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "purchase_not_found"
    assert [violation.severity for violation in supertab.entry.violations] == ["warning"]

    box.choices["supertab.malformed_id"] = "validation_error"
    answer = supertab("GET", f"/v1/purchases/{key}")
    assert answer.status_code == 422
    wrong = {"attribute": "path -> purchase_id", "code": "invalid", "message": "expected purchase.<uuid>"}
    assert answer.get_json() == {
        "error": [{"code": "validation_error", "message": "Validation Error", "errors": [wrong]}]
    }
    violation = supertab.entry.violations[0]
    assert (violation.severity, violation.at, violation.got) == ("error", "path", f'"{key}"')


def test_error_shape(supertab: Client, box: Sandbox) -> None:
    """An error is an object under `error`, or `detail` alone."""
    path = f"/v1/purchases/{ids.UNKNOWN}"
    assert list(supertab("GET", path).get_json()) == ["error"]
    box.choices["supertab.error_shape"] = "detail"
    assert supertab("GET", path).get_json() == {"detail": "Purchase not found"}
    box.choices["supertab.malformed_id"] = "validation_error"
    answer = supertab("GET", "/v1/purchases/123")
    wrong = {"loc": ["path", "purchase_id"], "msg": "expected purchase.<uuid>", "type": "value_error"}
    assert answer.get_json() == {"detail": [wrong]}


def test_unknown_credentials(supertab: Client, box: Sandbox) -> None:
    """A token that nobody seeded is accepted and weakens no answer, or is refused."""
    headers = {"Authorization": "Bearer my-own-token"}
    path = f"/v1/purchases/{ids.LATER_ON_TAB}"
    answer = supertab("GET", path, headers=headers)
    assert (answer.status_code, answer.headers["Mocktill-Basis"]) == (200, "documented")
    box.choices["supertab.unknown_credentials"] = "refuse"
    assert supertab("GET", path, headers=headers).status_code == 401
    assert supertab("GET", path).status_code == 200
