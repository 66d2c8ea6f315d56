"""The vendors' own URLs, and the few requests that many behaviours begin with."""

from __future__ import annotations

from typing import Any

from tests.clients.behaviour import Visit
from tests.clients.seen import Reply

DEEM = "https://api.offers.deem.com/v1/purchases"
DRIP = "https://api.getdrip.com/v2/9999999/subscribers"
SUPERTAB = "https://tapi.supertab.co/v1/purchases"
KAJABI = "https://api.kajabi.com/v1/purchases"

KEY = "?api_key=1234567"
BOUGHT = f"{DEEM}/34063ec2{KEY}"
RESERVE = f"{DEEM}/reserve{KEY}"
DEAL = "la-1024-wsc-hair-studio-01-2"
LAST = {"deal_id": "last-one", "num_bought": 1}

BASIC = ("Authorization", "Basic WU9VUl9BUElfS0VZOg==")
JOHN = f"{DRIP}/john%40acme.com"
ITEM = {"id": "8888888", "product_id": "765432", "sku": "4444", "amount": 4900, "name": "Canoe", "quantity": 1}
ORDER = {"provider": "gumroad", "order_id": "1", "amount": 4900, "permalink": "http://a.test/1", "items": [ITEM]}

ON_A_TAB = f"{SUPERTAB}/purchase.aaaaaaaa-0000-4000-8000-000000000001"
TOKEN = ("Authorization", "Bearer token-test")
PLAN = f"{KAJABI}/123"
ACTIVE = ("Authorization", "Bearer token-active")


def reserve(visit: Visit, deal: str = DEAL, quantity: int = 2) -> str:
    """Reserve some units of a deal; return the purchase's id, or nothing where there are not as many."""
    answer = visit.send("POST", RESERVE, {"deal_id": deal, "num_bought": quantity})
    return str(answer.json["purchase"]["purchase_id"]) if answer.status == 200 else ""


def claim_url(purchase: str) -> str:
    """Return where a purchase is claimed."""
    return f"{DEEM}/{purchase}/claim{KEY}"


def claim(visit: Visit, purchase: str) -> Reply:
    """Claim a purchase."""
    return visit.send("PUT", claim_url(purchase), {"user_id": "ABC123"})


def release(visit: Visit, purchase: str) -> Reply:
    """Give a reservation back."""
    return visit.send("PUT", f"{DEEM}/{purchase}/release{KEY}", {})


def buy(visit: Visit, card: str = "2342f8073e", **more: Any) -> Reply:
    """Buy two units of a deal with a card."""
    body = {
        "deal_id": DEAL,
        "quantity": 2,
        "user_id": "ABC123",
        "credit_card_id": card,
        "expected_price_per_unit": 3900,
    }
    return visit.send("POST", f"{DEEM}{KEY}", {**body, **more})
