"""What the tests of Deem ask with: the operations by name, and purchases in every state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from mocktill.apis.deem.view import Stock
from mocktill.core.entry import Entry
from mocktill.core.sandbox import Sandbox
from mocktill.core.store import Row
from tests.client import Client

KEY = "1234567"
DEAL = "la-1024-wsc-hair-studio-01-2"
CARD = "2342f8073e"
DOCUMENTED_PURCHASE = "34063ec2"
FORM = "application/x-www-form-urlencoded"
FIVE_MINUTES = timedelta(minutes=5)
BUYING: Mapping[str, Any] = {
    "deal_id": DEAL,
    "quantity": 2,
    "user_id": "ABC123",
    "credit_card_id": CARD,
    "expected_price_per_unit": 3900,
}
RESERVING: Mapping[str, Any] = {"deal_id": DEAL, "num_bought": 2}
PURCHASE_KEYS = [
    "id",
    "purchase_id",
    "deal_type",
    "deal_id",
    "price",
    "amount",
    "number_bought",
    "payment_state",
    "fulfillment_state",
    "created_at",
    "user_id",
    "credit_card_id",
    "deal",
    "coupons",
]
DEAL_KEYS = ["id", "deal_id", "title", "type", "image_url", "image_url_abs"]
COUPON_KEYS = [
    "id",
    "expires_at",
    "created_at",
    "qr_code_url",
    "qr_code",
    "state",
    "redemption_code",
    "redeemed_at",
    "print_url",
]


class Shop:
    """Deem in one sandbox. Answers are Flask's; `entry` is what the journal says of the last request."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self._client = Client(box, "deem")

    @property
    def entry(self) -> Entry:
        """The journal's last entry."""
        return self._client.entry

    def ask(self, method: str, path: str, *, key: str | None = KEY, **more: Any) -> TestResponse:
        """Send a request with a key in the query, or with none."""
        query = {**({} if key is None else {"api_key": key}), **more.pop("query", {})}
        return self._client(method, path, query_string=query, **more)

    def get(self, purchase: str, **more: Any) -> TestResponse:
        """Get a purchase."""
        return self.ask("GET", f"/v1/purchases/{purchase}", **more)

    def create(self, **changes: Any) -> TestResponse:
        """Buy two units of the documented deal, or what the changes say."""
        return self.ask("POST", "/v1/purchases", json={**BUYING, **changes})

    def reserve(self, **changes: Any) -> TestResponse:
        """Reserve two units of the documented deal, or what the changes say."""
        return self.ask("POST", "/v1/purchases/reserve", json={**RESERVING, **changes})

    def claim(self, purchase: str, user: str = "ABC123", **more: Any) -> TestResponse:
        """Claim a reservation for a user."""
        return self.ask("PUT", f"/v1/purchases/{purchase}/claim", **{"json": {"user_id": user}, **more})

    def release(self, purchase: str, **more: Any) -> TestResponse:
        """Release a reservation."""
        return self.ask("PUT", f"/v1/purchases/{purchase}/release", **more)

    def full(self, **changes: Any) -> TestResponse:
        """Buy all at once, for a new user with a new card, or what the changes say; what is None is left out."""
        body = {name: value for name, value in {**FULL, **changes}.items() if value is not None}
        return self.ask("POST", "/v1/purchases/full", json=body)

    def deal(self, deal: str = DEAL) -> dict[str, Any]:
        """Return a deal as it is answered."""
        answer = self.ask("GET", f"/v1/deals/{deal}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        shown: dict[str, Any] = answer.get_json()["deal"]
        return shown

    def listing(self, what: str, user: str = "ABC123", **query: Any) -> TestResponse:
        """List a user's purchases or coupons, or the cards."""
        if what == "credit_cards":
            return self.ask("GET", "/v1/credit_cards", query={"user_id": user, **query})
        return self.ask("GET", f"/v1/users/{user}/{what}", query=query)

    def add_card(self, **changes: Any) -> TestResponse:
        """Store a card of the documented user, or what the changes say."""
        return self.ask("POST", "/v1/credit_cards", json={"user_id": "ABC123", **CARD_FIELDS, **changes})

    def redeem(self, coupon: str, user: str = "") -> TestResponse:
        """Redeem a coupon, in the name of a user where one is given."""
        return self.ask("PUT", f"/v1{f'/users/{user}' if user else ''}/coupons/{coupon}/redeem")

    def expire(self) -> list[Any]:
        """Let five minutes pass; return what ran out."""
        return self.box.clock.advance(FIVE_MINUTES)

    def brought_to(self, state: str, deal: str = DEAL, units: int = 2) -> str:
        """Return the id of a new purchase in a state: reserved, fulfilled, created, released or expired."""
        if state == "created":
            price = self.box.table("deem.deals").get(deal) or {}
            return id_of(self.create(deal_id=deal, quantity=units, expected_price_per_unit=price["price"]))
        purchase = id_of(self.reserve(deal_id=deal, num_bought=units))
        if state == "fulfilled":
            assert self.claim(purchase).status_code == 200
        elif state == "released":
            assert self.release(purchase).status_code == 200
        elif state == "expired":
            assert len(self.expire()) == 1
        return purchase

    def stock(self, deal: str = DEAL) -> Stock:
        """Return the units of a deal."""
        stock: Stock = self.box.view("deem").stock(deal)
        return stock

    def row(self, purchase: str) -> Row:
        """Return the row of a purchase, as it is by now."""
        self.box.pass_time()
        row = self.box.table("deem.purchases").get(purchase)
        assert row is not None
        return row

    def set_row(self, table: str, key: str, **fields: Any) -> None:
        """Change fields of a row, or make a new one of them."""
        rows = self.box.table(f"deem.{table}")
        with self.box.changing():
            rows.put(key, {**(rows.get(key) or {}), **fields})


def id_of(answer: TestResponse) -> str:
    """Return the purchase's id of a success."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    key: str = answer.get_json()["purchase"]["purchase_id"]
    return key


def purchase_of(answer: TestResponse) -> dict[str, Any]:
    """Return the purchase of a success."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert list(answer.get_json()) == ["status", "purchase"]
    assert answer.get_json()["status"] == "success"
    purchase: dict[str, Any] = answer.get_json()["purchase"]
    return purchase


def basis_of(answer: TestResponse) -> str:
    """Return how well an answer is known."""
    return answer.headers["Mocktill-Basis"]


def error(kind: str, message: str, *errors: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of an error in the generic shape."""
    body: dict[str, Any] = {"status": "error", "error_type": kind, "error_msg": message}
    return {**body, "errors": list(errors)} if errors else body


ASK: Mapping[str, tuple[str, str, Mapping[str, Any] | None]] = {
    "get_purchase": ("GET", "/purchases/34063ec2", None),
    "create_purchase": ("POST", "/purchases", BUYING),
    "reserve_purchase": ("POST", "/purchases/reserve", RESERVING),
    "claim_purchase": ("PUT", "/purchases/{reserved}/claim", {"user_id": "ABC123"}),
    "release_purchase": ("PUT", "/purchases/{reserved}/release", None),
}


CARD_FIELDS: Mapping[str, Any] = {
    "number": "4111111111111111",
    "verification_value": "123",
    "month": 1,
    "year": 2040,
    "zip_code": "90210",
}
USER_FIELDS: Mapping[str, Any] = {
    "email": "new@example.com",
    "password": "pass123",
    "password_confirmation": "pass123",
    "first_name": "Hanna",
    "last_name": "Novak",
}
ADDRESS_FIELDS: Mapping[str, Any] = {
    "name": "Work",
    "address_one": "501 Market St",
    "postal_code": "94105",
    "city": "San Francisco",
    "state": "CA",
    "country": "US",
}
FULL: Mapping[str, Any] = {
    "deal_id": DEAL,
    "quantity": 2,
    "user": USER_FIELDS,
    "credit_card": CARD_FIELDS,
    "shipping_address": ADDRESS_FIELDS,
}
STORED: Mapping[str, Any] = {"deal_id": DEAL, "quantity": 2, "user_id": "ABC123", "credit_card_id": CARD}
AROUND: Mapping[str, tuple[str, str, Mapping[str, Any] | None]] = {
    "create_full_purchase": ("POST", "/purchases/full", FULL),
    "get_deal": ("GET", f"/deals/{DEAL}", None),
    "get_user": ("GET", "/users/ABC123", None),
    "list_user_purchases": ("GET", "/users/ABC123/purchases", None),
    "list_user_coupons": ("GET", "/users/ABC123/coupons", None),
    "redeem_user_coupon": ("PUT", "/users/ABC123/coupons/a21c5452d8/redeem", None),
    "redeem_coupon": ("PUT", "/coupons/a21c5452d8/redeem", None),
    "list_credit_cards": ("GET", "/credit_cards", None),
    "add_credit_card": ("POST", "/credit_cards", {"user_id": "ABC123", **CARD_FIELDS}),
    "set_default_credit_card": ("PUT", f"/credit_cards/{CARD}/default", None),
    "create_session": ("POST", "/sessions", None),
}
"""The operations around purchases."""
EVERY = {**ASK, **AROUND}


def usual_basis(operation: str) -> str:
    """Return how well the success of an operation is known."""
    return "documented" if operation in ASK else "published"


def ask(shop: Shop, operation: str, prefix: str = "/v1", suffix: str = "", **more: Any) -> TestResponse:
    """Ask for an operation in the way that succeeds, but for what is given."""
    method, path, body = EVERY[operation]
    if operation == "list_credit_cards":
        more["query"] = {"user_id": "ABC123", **more.get("query", {})}
    reserved = id_of(shop.reserve()) if "{reserved}" in path else ""
    if body is not None and "data" not in more:
        more.setdefault("json", body)
    return shop.ask(method, prefix + path.format(reserved=reserved) + suffix, **more)
