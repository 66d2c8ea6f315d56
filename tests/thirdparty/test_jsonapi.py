"""JSON:API clients that know nothing of Kajabi: PyPI's `jsonapi-client`, sync and async, and npm's `kitsu`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonapi_client import Inclusion, Modifier, Session  # type: ignore[import-untyped]
from jsonapi_client.exceptions import DocumentError  # type: ignore[import-untyped]

from mocktill import Mocktill
from tests.thirdparty.conftest import Script

KAJABI = "https://api.kajabi.com/v1"
TOKEN = "token-active"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
MADE, SEEDED = 250, 9
BY_THE_HUNDRED = Modifier("page[size]=100&sort=-created_at")
FIELDS = ("amount_in_cents", "currency")


def session(token: str = TOKEN) -> Session:
    """Return a session of jsonapi-client at the vendor's own host."""
    return Session(KAJABI, request_kwargs={"headers": {"Authorization": f"Bearer {token}"}})


def test_every_page(mocktill: Mocktill) -> None:
    """The client follows the link to the next page to the end, while a purchase is deactivated under it."""
    mocktill.populate(MADE, "kajabi")
    listed = session().iterate("purchases", BY_THE_HUNDRED)
    found = [next(listed)]
    mocktill.change("kajabi.purchases", "203", {"deactivated_at": "2026-03-01T00:00:00.000000Z"})
    found += listed
    assert len(found) == len({purchase.id for purchase in found}) == MADE + SEEDED
    began = [purchase["created_at"] for purchase in found]
    assert began == sorted(began, reverse=True)
    assert found[-1].id == "203"
    assert found[-1]["deactivated_at"] == "2026-03-01T00:00:00.000Z"
    assert [entry.operation for entry in mocktill.journal.entries()] == ["list_purchases"] * 3


def test_every_page_async(mocktill: Mocktill) -> None:
    """So does the asynchronous one, which accepts the media type of JSON:API alone."""
    mocktill.populate(MADE, "kajabi")

    async def go() -> list[str]:
        async with Session(KAJABI, enable_async=True, request_kwargs={"headers": HEADERS}) as session:
            return [purchase.id async for purchase in session.iterate("purchases")]

    assert len(set(asyncio.run(go()))) == MADE + SEEDED
    assert mocktill.journal.count(operation="kajabi.list_purchases").number == 9


def test_sparse_fields(mocktill: Mocktill) -> None:
    """Of one purchase and of a list there are the attributes that were asked for."""
    fields = Modifier(f"fields[purchases]={','.join(FIELDS)}")
    listed = session().get("purchases", fields).resources
    assert len(listed) == SEEDED
    for purchase in listed:
        assert purchase.json == {
            "id": purchase.id,
            "type": "purchases",
            "attributes": attributes(purchase),
            "relationships": {},
        }


def attributes(purchase: Any) -> dict[str, Any]:
    """Return what was asked for, as the client found it."""
    return {name: purchase[name] for name in FIELDS}


def test_include(mocktill: Mocktill) -> None:
    """What is included is found without another request."""
    (found,) = [
        each for each in session().get("purchases", Inclusion("offer", "customer")).resources if each.id == "208"
    ]
    assert (found.offer.title, found.customer.name) == ("Watercolour from Scratch", "Avery Example")
    assert mocktill.journal.count().number == 1


def test_errors(mocktill: Mocktill) -> None:
    """An error's title and status arrive."""
    with pytest.raises(DocumentError, match=r"404.*Not Found") as caught:
        session().get("purchases", "000")
    assert caught.value.errors == {"status_code": 404}
    with pytest.raises(DocumentError, match="401"):
        session("token-refused").get("purchases")


@pytest.fixture
def kitsu(script: Callable[[str], Script]) -> Script:
    """The script that calls kitsu."""
    return script("kitsu.mjs")


def ask(kitsu: Script, *steps: list[Any], token: str = TOKEN) -> list[Any]:
    """Let kitsu do one step after another; return what came of each."""
    came: list[Any] = kitsu.run(json.dumps(steps), token=token)
    return came


def test_every_page_by_kitsu(kitsu: Script) -> None:
    """The links lead from page to page on the vendor's own host, and the last page has none to the next."""
    kitsu.box.populate(MADE, "kajabi")
    (pages,) = ask(kitsu, ["list", {"page": {"size": 100}, "sort": "-created_at"}])
    assert [len(page["data"]) for page in pages] == [100, 100, 59]
    assert len({purchase["id"] for page in pages for purchase in page["data"]}) == MADE + SEEDED
    assert {page["meta"]["total_count"] for page in pages} == {MADE + SEEDED}
    assert pages[0]["links"]["next"].startswith(f"{KAJABI}/purchases?")
    assert [entry.operation for entry in kitsu.entries()] == ["list_purchases"] * 3


def test_sparse_fields_by_kitsu(kitsu: Script) -> None:
    """Of one purchase and of a list there are the attributes that were asked for."""
    params = {"fields": {"purchases": ",".join(FIELDS)}}
    one, (page,) = ask(kitsu, ["get", "123", params], ["list", params])
    assert one["data"] == {"id": "123", "type": "purchases", "amount_in_cents": 19900, "currency": "USD"}
    assert {frozenset(purchase) for purchase in page["data"]} == {frozenset({"id", "type", *FIELDS})}


def test_include_by_kitsu(kitsu: Script) -> None:
    """What is included is found where it belongs."""
    (found,) = ask(kitsu, ["get", "208", {"include": "offer,customer"}])
    offer, customer = (found["data"][name]["data"] for name in ("offer", "customer"))
    assert (offer["id"], offer["title"]) == ("2001", "Watercolour from Scratch")
    assert (customer["id"], customer["name"]) == ("4001", "Avery Example")


def test_verbs_by_kitsu(kitsu: Script) -> None:
    """What is done to a purchase is done with the body that the client sends with every POST."""
    came = ask(kitsu, *[["post", "202", verb] for verb in ("deactivate", "reactivate", "cancel_subscription")])
    assert [(each["status"], each["data"]["id"]) for each in came] == [(200, "202")] * 3
    assert [each["data"]["deactivated_at"] is None for each in came] == [False, True, False]
    assert [bool(entry.request_body) for entry in kitsu.entries()] == [True] * 3


def test_errors_by_kitsu(kitsu: Script) -> None:
    """Errors arrive as the vendor writes them."""
    came = ask(kitsu, ["get", "000", {}], ["post", "201", "cancel_subscription"])
    came += ask(kitsu, ["list", {}], token="token-refused")
    assert [each["status"] for each in came] == [404, 422, 401]
    assert [each["errors"][0]["status"] for each in came] == ["404", "422", "401"]
