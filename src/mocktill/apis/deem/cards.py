"""Credit cards: of a number its last four digits are kept, and nothing else of what is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mocktill.apis.deem.buying import check_user
from mocktill.apis.deem.listing import Of, listed
from mocktill.apis.deem.show import show_card
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.fake import HEX
from mocktill.core.store import Row

VISA = "visa"
"""The one type of card that a sample has (User Credit Cards)."""
BRANDS = (
    (re.compile("4"), VISA),
    (re.compile("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), "master"),
    (re.compile("3[47]"), "american_express"),
    (re.compile("6011|64[4-9]|65"), "discover"),
)


def list_credit_cards(call: Call, backend: Backend) -> Result:
    """List a user's cards; of a user who has none nothing."""
    check_user(call.query["user_id"], backend)
    of = Of("credit_cards", backend.table("cards"), "by_user", (call.query["user_id"],), "credit_card")
    return listed(of, show_card, call, backend)


def add_credit_card(call: Call, backend: Backend) -> Result:
    """Store a card of a user; the first one is the default."""
    user = call.body["user_id"]
    check_user(user, backend)
    wrong = problems(call.body, backend)
    if wrong:
        raise e.Invalid(wrong[0].detail, kind="invalid", resource="credit_card", field=wrong[0].field, others=wrong[1:])
    kind = brand(call.body["number"], backend)
    same = find(user, call.body["number"], kind, backend)
    if same is not None and backend.choice("same_card") == "matched":
        return Result({"credit_card_id": same})
    return Result({"credit_card_id": store(user, call.body["number"], kind, backend)})


def set_default_credit_card(call: Call, backend: Backend) -> Result:
    """Make a card its user's default, and none of the others."""
    key, cards = call.args["credit_card_id"], backend.table("cards")
    row = cards.get(key)
    if row is None:
        raise e.NotFound(f"there is no credit card {key}")
    user = row.get("user_id")
    for other, found in list(cards.find("by_default", user, True)):
        if other != key:
            cards.put(other, {**found, "primary": False})
    if not row.get("primary"):
        cards.put(key, {**row, "primary": True})
    return Result({})


def problems(card: Mapping[str, JSON], backend: Backend) -> tuple[e.Meaning, ...]:
    """Return what is wrong with a card whose fields are well formed, each with its field."""
    wrong = []
    if not _checks(card["number"]) and backend.choice("card_number") == "check_digit":
        wrong.append(e.Invalid("is invalid", kind="invalid", resource="credit_card", field="number"))
    at = backend.now
    if (int(card["year"]), int(card["month"])) < (at.year, at.month) and backend.choice("card_expiry") == "refuse":
        wrong.append(e.Invalid("has expired", kind="invalid", resource="credit_card", field="year"))
    return tuple(wrong)


def brand(number: str, backend: Backend) -> str:
    """Return the type of a card by its number; for one that is no Visa a choice decides."""
    found = next((name for pattern, name in BRANDS if pattern.match(number)), VISA)
    return found if found == VISA or backend.choice("card_type") == "brand" else VISA


def find(user: str, number: str, kind: str, backend: Backend) -> str | None:
    """Return the id of the user's card with the type and the last four digits of a number, if there is one."""
    found = backend.table("cards").first("by_number", user, number[-4:], kind)
    return None if found is None else found[0]


def store(user: str, number: str, kind: str, backend: Backend) -> str:
    """Keep a new card of a user and return its id; what charging it comes to, the end of its number says."""
    cards = backend.table("cards")
    key = backend.fake.text("card", 10, HEX, unused=cards)
    row: Row = {
        "charge": (backend.table("endings").get(number[-4:]) or {"charge": "succeeds"})["charge"],
        "user_id": user,
        "last_four": number[-4:],
        "type": kind,
        "primary": cards.count("by_user", user) == 0,
        "created_at": text(backend.now),
        "place": len(cards),
    }
    cards.insert(key, row)
    return key


def _checks(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
