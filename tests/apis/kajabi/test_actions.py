"""What is done to a purchase: deactivate, reactivate, cancel its subscription; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mocktill.core.sandbox import Sandbox
from tests.client import Client

NOW = "2026-03-02T12:00:00.000Z"


def do(ask: Client, what: str, key: str) -> Any:
    """Do something to a purchase."""
    return ask("POST", f"/v1/purchases/{key}/{what}")


def attributes(ask: Client, key: str) -> Any:
    """Return the attributes of a purchase."""
    return ask("GET", f"/v1/purchases/{key}").get_json()["data"]["attributes"]


def refused(answer: Any) -> str:
    """Return the detail of a 422."""
    [one] = answer.get_json()["errors"]
    assert (answer.status_code, one["status"], one["title"]) == (422, "422", "Unprocessable Entity")
    return str(one["detail"])


def test_deactivate(ask: Client, box: Sandbox) -> None:
    """A purchase is deactivated at the sandbox's instant, without a reason; its subscription goes on."""
    before = attributes(ask, "202")
    answer = do(ask, "deactivate", "202")
    assert answer.status_code == 200
    assert answer.get_json() == ask("GET", "/v1/purchases/202").get_json()
    changed = {"deactivated_at": NOW, "deactivation_reason": None, "updated_at": NOW}
    assert attributes(ask, "202") == {**before, **changed}
    assert answer.headers["Mocktill-Basis"] == "assumed"
    assert not box.view("kajabi").purchase("202").active


def test_deactivation_reason(ask: Client, box: Sandbox) -> None:
    """By choice what was deactivated by a request has a reason."""
    box.choices["kajabi.deactivation_reason"] = "api"
    assert do(ask, "deactivate", "202").get_json()["data"]["attributes"]["deactivation_reason"] == "api"


def test_deactivate_again(ask: Client, box: Sandbox) -> None:
    """What is deactivated cannot be again, or by choice nothing changes."""
    before = attributes(ask, "205")
    assert refused(do(ask, "deactivate", "205")) == "The purchase is deactivated already"
    box.choices["kajabi.deactivate_again"] = "200"
    answer = do(ask, "deactivate", "205")
    assert (answer.status_code, answer.get_json()["data"]["attributes"]) == (200, before)
    assert ask.entry.changes == ()


def test_reactivate(ask: Client) -> None:
    """A purchase is activated again, and no subscription: its status stays."""
    before = attributes(ask, "205")
    answer = do(ask, "reactivate", "205")
    changed = {"deactivated_at": None, "deactivation_reason": None, "updated_at": NOW}
    assert answer.get_json()["data"]["attributes"] == attributes(ask, "205") == {**before, **changed}
    assert before["status"] == "canceled"
    assert answer.headers["Mocktill-Basis"] == "published"


def test_reactivate_what_is_active(ask: Client, box: Sandbox) -> None:
    """What is active cannot be activated, or by choice nothing changes."""
    assert refused(do(ask, "reactivate", "202")) == "The purchase is active already"
    box.choices["kajabi.reactivate_active"] = "200"
    assert do(ask, "reactivate", "202").status_code == 200
    assert ask.entry.changes == ()


def test_reactivate_paid(ask: Client, box: Sandbox) -> None:
    """By choice only a free purchase can be activated again."""
    box.choices["kajabi.reactivate_paid"] = "422"
    assert refused(do(ask, "reactivate", "205")) == "Only a free purchase can be reactivated"
    assert do(ask, "deactivate", "206").status_code == 200
    assert do(ask, "reactivate", "206").status_code == 200
    assert ask.entry.basis == "published"


@pytest.mark.parametrize("key", ["202", "123"])
def test_cancel_subscription(ask: Client, key: str) -> None:
    """A subscription or a payment plan ends at once, and its purchase is deactivated."""
    before = attributes(ask, key)
    answer = do(ask, "cancel_subscription", key)
    changed = {"deactivated_at": NOW, "deactivation_reason": None, "updated_at": NOW, "status": "canceled"}
    assert answer.status_code == 200
    assert attributes(ask, key) == answer.get_json()["data"]["attributes"] == {**before, **changed}


def test_cancel_what_was_deactivated(ask: Client, box: Sandbox) -> None:
    """The subscription of a deactivated purchase can be cancelled; since when it is deactivated stays."""
    do(ask, "deactivate", "202")
    box.clock.advance(days=1)
    found = do(ask, "cancel_subscription", "202").get_json()["data"]["attributes"]
    assert (found["deactivated_at"], found["updated_at"]) == (NOW, "2026-03-03T12:00:00.000Z")
    assert found["status"] == "canceled"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("201", "The purchase has no subscription"),
        ("203", "The subscription is completed already"),
        ("205", "The subscription is canceled already"),
    ],
)
def test_nothing_to_cancel(ask: Client, key: str, said: str) -> None:
    """Where there is nothing to cancel it is refused, which is published, and nothing changes."""
    before = attributes(ask, key)
    answer = do(ask, "cancel_subscription", key)
    assert refused(answer) == said
    assert answer.headers["Mocktill-Basis"] == "published"
    assert attributes(ask, key) == before


@pytest.mark.parametrize("what", ["deactivate", "reactivate", "cancel_subscription"])
def test_who_may(ask: Client, what: str) -> None:
    """A purchase that there is not, and a token without permission, get what reading it gets."""
    assert do(ask, what, "999").status_code == 404
    headers = {"Authorization": "Bearer token-restricted"}
    assert ask("POST", f"/v1/purchases/202/{what}", headers=headers).status_code == 403
    assert ask("GET", f"/v1/purchases/202/{what}").status_code == 405


@pytest.mark.parametrize("what", ["deactivate", "reactivate", "cancel_subscription"])
@pytest.mark.parametrize("body", [b"", b"{", b"x=1", b"\xff"])
def test_a_body_is_not_read(ask: Client, what: str, body: bytes) -> None:
    """A body does not count, whatever it is."""
    key = {"deactivate": "202", "reactivate": "205", "cancel_subscription": "123"}[what]
    assert ask("POST", f"/v1/purchases/{key}/{what}", data=body).status_code == 200


@pytest.mark.parametrize("query", ["fields[purchases]=currency", "include=offer", "filter[active]=true"])
def test_parameters_that_no_page_lists(ask: Client, box: Sandbox, query: str) -> None:
    """A parameter is ignored with a warning, or by choice refused."""
    answer = ask("POST", f"/v1/purchases/202/deactivate?{query}")
    assert list(answer.get_json()) == ["data", "links"]
    assert [violation.severity for violation in ask.entry.violations] == ["warning"]
    box.choices["kajabi.unknown_parameters"] = "400"
    assert ask("POST", f"/v1/purchases/202/reactivate?{query}").status_code == 400


@pytest.mark.parametrize("what", ["deactivate", "reactivate", "cancel_subscription"])
def test_generated_answers_include_nothing(ask: Client, what: str) -> None:
    """A made answer is a whole document of the purchase that was named, and nothing more."""
    body = ask("POST", f"/v1/purchases/77/{what}", headers={"Prefer": "dynamic=true"}).get_json()
    assert list(body) == ["data", "links"]
    assert body["data"]["id"] == "77"
