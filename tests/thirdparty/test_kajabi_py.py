"""The PyPI package `kajabi-py`, sync and async: its token, lists and purchases, and what is done to one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import kajabi
import orjson
import pytest

from mocktill import Mocktill
from mocktill.doors.testing.world import world_of

CLIENT: dict[str, Any] = {"client_id": "shop", "client_secret": "secret"}
PERSON: dict[str, Any] = {"username": "avery@example.com", "password": "secret"}
PLAN, ONCE, RUNNING, STOPPED = "123", "201", "202", "205"
SEEDED = 9
ASK = "authenticate"
TOKEN = f"kajabi.{ASK}"


@dataclass(frozen=True)
class Till:
    """A sandbox, and what a client has to be told of where it is: nothing, where it takes it for the vendor."""

    box: Mocktill
    told: Mapping[str, Any] = field(default_factory=dict)

    def operations(self) -> list[str | None]:
        """Return which operations were called so far."""
        return [entry.operation for entry in self.box.journal.entries()]

    def token_lasts(self) -> int:
        """Return for how many seconds a token lasts, by the first one that was answered."""
        first = self.box.journal.entries(operation=TOKEN)[0]
        return int(orjson.loads(first.response_body)["expires_in"])


@pytest.fixture(scope="module", autouse=True)
def served() -> Iterator[None]:
    """The server behind `mocktill_live` is there before the first test: it stays for the whole run, and is no leak."""
    with world_of(None, None).served():
        yield


@pytest.fixture(params=["the vendor's host", "base_url"])
def till(request: pytest.FixtureRequest) -> Till:
    """A sandbox behind the vendor's own host in this process, and one on a server whose URL the client is given."""
    if request.param == "base_url":
        box: Mocktill = request.getfixturevalue("mocktill_live")
        return Till(box, {"base_url": box.url("kajabi")})
    return Till(request.getfixturevalue("mocktill"))


@pytest.fixture
def client(till: Till) -> Iterator[kajabi.Client]:
    """A client with credentials of an app."""
    with kajabi.Client(**CLIENT, **till.told) as client:
        yield client


@pytest.mark.parametrize("credentials", [CLIENT, PERSON], ids=["an app", "a person"])
def test_a_token_first(till: Till, credentials: dict[str, Any]) -> None:
    """The first call asks for a token, as an app or as a person without any grant type; the next ones have it."""
    with kajabi.Client(**credentials, **till.told) as client:
        assert client.purchases.get(PLAN).amount_in_cents == 19900
        assert client.purchases.get(ONCE).amount_in_cents == 1000
    assert till.operations() == [ASK, "purchase_details", "purchase_details"]


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ({"client_id": "client-refused", "client_secret": "secret-refused"}, "invalid_client"),
        ({"client_id": "client-active", "client_secret": "another"}, "invalid_client"),
        ({"username": "owner@example.com", "password": "another"}, "invalid_grant"),
    ],
)
def test_no_token(till: Till, credentials: dict[str, Any], said: str) -> None:
    """Who is refused learns it by the word that the vendor has for it, and gets no further."""
    with kajabi.Client(**credentials, **till.told) as client, pytest.raises(kajabi.AuthenticationError, match=said):
        client.purchases.get(PLAN)
    assert till.operations() == [ASK]


def test_a_token_is_refreshed(till: Till, client: kajabi.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the token has run out, here as there, it is refreshed without a word, and the new one is accepted."""
    client.purchases.get(PLAN)
    pass_everywhere(till.token_lasts(), till, monkeypatch)
    assert client.purchases.get(PLAN).id == PLAN
    assert till.operations() == [ASK, "purchase_details"] * 2
    refreshed = till.box.journal.entries(operation=TOKEN)[1]
    assert b"grant_type=refresh_token" in refreshed.request_body
    assert refreshed.status == 200


def test_a_refresh_that_is_refused(till: Till, client: kajabi.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two weeks there is nothing to refresh: the client begins anew, and nobody notices."""
    client.purchases.get(PLAN)
    pass_everywhere(14 * 24 * 3600, till, monkeypatch)
    assert client.purchases.get(PLAN).id == PLAN
    assert [entry.status for entry in till.box.journal.entries(operation=TOKEN)] == [200, 400, 200]


def pass_everywhere(seconds: int, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass for the sandbox, and for the client, which asks the machine."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)
    till.box.clock.advance(seconds=seconds)


def test_a_token_that_has_run_out(till: Till, client: kajabi.Client) -> None:
    """Where the client's clock is behind, its token is refused."""
    client.purchases.get(PLAN)
    till.box.clock.advance(seconds=till.token_lasts())
    with pytest.raises(kajabi.AuthenticationError):
        client.purchases.get(PLAN)


def test_every_page(till: Till, client: kajabi.Client) -> None:
    """The list goes on to its end, by twenty, in the order that was asked for, each purchase once."""
    till.box.populate(250, "kajabi")
    listed = client.purchases.list(sort="-created_at")
    found = list(listed)
    assert len(listed) == len(found) == len({purchase.id for purchase in found}) == 250 + SEEDED
    began = [purchase.created_at for purchase in found if purchase.created_at]
    assert (len(began), began) == (len(found), sorted(began, reverse=True))
    assert till.operations() == [ASK, *["list_purchases"] * 13]


def test_a_page_of_another_size(till: Till) -> None:
    """A client may ask for larger pages, and for any purchase by its place."""
    till.box.populate(120, "kajabi")
    with kajabi.Client(**CLIENT, **till.told, page_size=50) as client:
        listed = client.purchases.list(sort="created_at")
        assert listed[0].id == "203"
        assert listed[100].id == list(listed)[100].id
    assert till.operations() == [ASK, *["list_purchases"] * 3]


def test_filters(till: Till, client: kajabi.Client) -> None:
    """The filters that the vendor lists find what they should."""

    def found(**filters: str) -> set[str]:
        return {purchase.id for purchase in client.purchases.list(filters=filters)}

    assert found(deactivated="true") == {STOPPED}
    assert found(customer_id="4001") == {"123", "201", "204", "208"}
    assert found(coupon_code_eq="BRUSH20") == {"208"}
    assert found(quantity_gt="1") == {"208"}
    assert found(customer_id="4001", deactivated="true") == set()


def test_sparse_fields(client: kajabi.Client) -> None:
    """Where fields are named, of one purchase or in a list, there is nothing else."""
    named = ["amount_in_cents", "multipay_payments_made"]
    purchase = client.purchases.get(PLAN, fields=named)
    assert purchase.model_fields_set == {"id", *named}
    assert (purchase.amount_in_cents, purchase.multipay_payments_made) == (19900, 1)
    assert {frozenset(each.model_fields_set) for each in client.purchases.list(fields=named)} == {
        frozenset({"id", *named})
    }


def test_a_whole_purchase(till: Till, client: kajabi.Client) -> None:
    """Every attribute that the client knows has its type, and the relationships have their ids."""
    purchase = client.purchases.get("208", include="offer,customer")
    assert set(type(purchase).model_fields) == purchase.model_fields_set
    assert (purchase.offer_id, purchase.customer_id) == ("2001", "4001")
    assert (purchase.transaction_ids, purchase.product_ids) == (["5011"], ["3001"])
    assert purchase.raw_extra_contact_information == {"phone": "+1 555 0100", "custom_1": "Studio B"}
    assert purchase.created_at == till.box.kajabi.purchase("208").created_at


def test_deactivate_and_reactivate(till: Till, client: kajabi.Client) -> None:
    """A purchase is taken away and given back, and each time comes back as it then is."""
    purchase = client.purchases.get(RUNNING)
    assert purchase.deactivated_at is None
    taken = purchase.deactivate()
    assert (taken.id, taken.deactivated_at is None) == (RUNNING, False)
    assert {each.id for each in client.purchases.list(filters={"deactivated": "true"})} == {RUNNING, STOPPED}
    back = taken.reactivate()
    assert (back.id, back.deactivated_at, back.deactivation_reason) == (RUNNING, None, None)
    assert client.purchases.get(RUNNING) == back
    assert till.box.kajabi.purchase(RUNNING).deactivated_at is None


def test_cancel_a_subscription(till: Till, client: kajabi.Client) -> None:
    """A subscription ends at once, and its purchase with it; where there is none, that is refused."""
    ended = client.purchases.get(RUNNING).cancel_subscription()
    assert ended.deactivated_at is not None
    assert till.box.kajabi.purchase(RUNNING).deactivated_at is not None
    for nothing in (ended, client.purchases.get(ONCE)):
        with pytest.raises(kajabi.ValidationError):
            nothing.cancel_subscription()


def test_version(till: Till) -> None:
    """The version is for everybody: no token is asked for."""
    with kajabi.Client(**CLIENT, **till.told) as client:
        found = client.version()
    assert all(found.model_dump().values())
    assert till.operations() == ["version"]


def test_what_there_is_not(client: kajabi.Client) -> None:
    """A purchase that there is not is an error of its own, with the vendor's words."""
    with pytest.raises(kajabi.NotFoundError, match="could not be found"):
        client.purchases.get("000")


def test_async(till: Till) -> None:
    """The asynchronous client does the same."""

    async def go() -> tuple[list[str], kajabi.Purchase]:
        async with kajabi.AsyncClient(**CLIENT, **till.told, page_size=4) as client:
            ids = [purchase.id async for purchase in client.purchases.list(sort="-created_at")]
            purchase = await client.purchases.get(RUNNING, fields=["deactivated_at"])
            await purchase.adeactivate()
            await purchase.areactivate()
            return ids, await purchase.acancel_subscription()

    ids, ended = asyncio.run(go())
    assert (len(ids), ids[0], ids[-1]) == (SEEDED, "208", "203")
    assert (ended.id, ended.deactivated_at is None) == (RUNNING, False)


def test_a_purchase_moves_on(till: Till, client: kajabi.Client) -> None:
    """An instalment that is paid elsewhere is seen by whoever asks again."""
    before = client.purchases.get(PLAN)
    till.box.clock.advance(minutes=1)
    till.box.act("kajabi.pay_instalment", PLAN)
    after = client.purchases.get(PLAN)
    assert (before.multipay_payments_made, after.multipay_payments_made) == (1, 2)
    assert before.updated_at
    assert after.updated_at
    assert before.updated_at < after.updated_at
