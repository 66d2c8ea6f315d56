"""The all-in-one purchase: user, card and shipping address in one call, stored ones or new.

All that is wrong with a body of the right form is told at once, for each resource; nothing is kept then, neither the
user nor the card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mocktill.apis.deem import buying, cards
from mocktill.apis.deem.show import SHIPPED, show_purchase
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.fake import HEX
from mocktill.core.store import Row

USER = ("email", "password", "password_confirmation")
CARD = ("number", "verification_value", "month", "year")
ADDRESS = ("address_one", "postal_code", "city", "state", "country")
"""What each resource has to have (Execute Purchases: Request Parameters)."""


@dataclass
class Told:
    """What is wrong with a request so far; what speaks against the purchase alone comes after it."""

    wrong: list[e.Meaning] = field(default_factory=list)
    later: list[e.Meaning] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)

    def check(self, check: Callable[..., Any], *args: Any) -> bool:
        """Whether a check passes; what it raises is kept."""
        try:
            check(*args)
        except e.Invalid as problem:
            self.wrong.append(problem.with_traceback(None))
        except e.SoldOut as problem:
            self.later.append(problem.with_traceback(None))
        else:
            return True
        return False

    def add(self, kind: str, message: str, resource: str, name: str | None = None) -> None:
        """Tell one more thing."""
        self.wrong.append(e.Invalid(message, kind=kind, resource=resource, field=name))

    def complete(self, given: Mapping[str, JSON], names: tuple[str, ...], resource: str) -> bool:
        """Whether a resource has all that it needs; what is missing is told."""
        missing = [name for name in names if name not in given]
        for name in missing:
            self.add("missing_field", "is missing", resource, name)
        return not missing

    def end(self) -> None:
        """Raise what was found, if anything was: all of it, with the ids of what is stored already."""
        if self.wrong:
            first, *others = self.wrong
            raise e.Invalid(
                first.detail, kind=first.kind, resource=first.resource, field=first.field, others=tuple(others),
                known=tuple(self.known),
            )  # fmt: skip
        if self.later:
            raise self.later[0]


def create_full_purchase(call: Call, backend: Backend) -> Result:
    """Buy for a user and with a card that are stored already or are new; the answer has the coupons."""
    body, told = call.body, Told()
    deal_id, quantity = body["deal_id"], int(body["quantity"])
    user = _user(body, told, backend)
    card = _card(body, user, told, backend)
    deal = backend.table("deals").get(deal_id)
    if told.check(buying.known_deal, deal_id, backend) and deal is not None:
        told.check(buying.check_sale, deal_id, deal, backend)
        if told.check(buying.check_quantity, deal, quantity, backend, "quantity") and user is not None:
            told.check(buying.check_buyer, deal_id, user, quantity, backend, "quantity")
    address = _address(body, user, deal, told, backend)
    told.end()
    assert deal is not None
    told.check(buying.check_stock, deal_id, quantity, backend, "quantity")
    told.end()
    user = user or _new_user(body["user"], backend)
    card = card or _new_card(user, body["credit_card"], backend)
    buying.charge(card, backend)
    backend.holds.sell(deal_id, quantity)
    row = buying.new_purchase(deal_id, deal, quantity, backend)
    row |= {"user_id": user, "credit_card_id": card}
    if address is not None:
        row["shipping_address_id"] = address or _new_address(user, body["shipping_address"], backend)
    key = buying.new_key(backend)
    return Result({"purchase": show_purchase(key, buying.fulfil(key, row, backend), call, backend)})


def _by_id(body: Mapping[str, JSON], name: str, resource: str, backend: Backend) -> bool:
    """Whether the id of a resource counts; where both are given a choice decides."""
    if resource not in body:
        return name in body
    return name in body and backend.choice("id_or_resource") == "id"


def _user(body: Mapping[str, JSON], told: Told, backend: Backend) -> str | None:
    """Return the id of a user who is stored already, by id or by email; None for a new one."""
    if _by_id(body, "user_id", "user", backend):
        if told.check(buying.check_user, body["user_id"], backend):
            told.known.append(("user_id", body["user_id"]))
        user: str = body["user_id"]
        return user
    if "user" not in body:
        told.add("missing", "missing user info", "user")
    elif told.complete(body["user"], USER, "user"):
        if body["user"]["password"] != body["user"]["password_confirmation"]:
            told.add("invalid", "is not the password", "user", "password_confirmation")
        found = backend.table("users").first("by_email", body["user"]["email"].lower())
        if found is not None:
            told.known.append(("user_id", found[0]))
            return found[0]
    return None


def _card(body: Mapping[str, JSON], user: str | None, told: Told, backend: Backend) -> str | None:
    """Return the id of a card that is stored already, by id or by its number; None for a new one."""
    if _by_id(body, "credit_card_id", "credit_card", backend):
        card: str = body["credit_card_id"]
        owner = (backend.table("cards").get(card) or {}).get("user_id", user)
        if owner != user:
            told.add("not_owner", "is another user's", "credit_card")
        elif told.check(buying.check_card, card, owner, backend):
            told.known.append(("credit_card_id", card))
        return card
    if "credit_card" not in body:
        told.add("missing", "missing credit card info", "credit_card")
    elif told.complete(body["credit_card"], CARD, "credit_card"):
        told.wrong += cards.problems(body["credit_card"], backend)
        number = body["credit_card"]["number"]
        found = None if user is None else cards.find(user, number, cards.brand(number, backend), backend)
        if found is not None:
            told.known.append(("credit_card_id", found))
        return found
    return None


def _address(body: Mapping[str, JSON], user: str | None, deal: Row | None, told: Told, backend: Backend) -> str | None:
    """Return the id of a stored address, an empty text for a new one, None for none; what is shipped needs one."""
    if _by_id(body, "shipping_address_id", "shipping_address", backend):
        key: str = body["shipping_address_id"]
        row = backend.table("addresses").get(key)
        if row is None:
            told.add("not_found", "does not exist", "shipping_address")
        elif row["user_id"] != user:
            told.add("not_owner", "is another user's", "shipping_address")
        return key
    if "shipping_address" in body:
        told.complete(body["shipping_address"], ADDRESS, "shipping_address")
        return ""
    if deal is not None and deal.get("fulfillment_method") == SHIPPED:
        told.add("missing", "missing shipping address info", "shipping_address")
    return None


def _new_user(given: Mapping[str, JSON], backend: Backend) -> str:
    """Keep a new user without the password, and return the id."""
    users = backend.table("users")
    key = backend.fake.text("user", 8, HEX, unused=users)
    names = {"firstname": given.get("first_name", ""), "lastname": given.get("last_name", "")}
    users.insert(key, {"email": given["email"].lower(), **names})
    return key


def _new_card(user: str, given: Mapping[str, JSON], backend: Backend) -> str:
    return cards.store(user, given["number"], cards.brand(given["number"], backend), backend)


def _new_address(user: str, given: Mapping[str, JSON], backend: Backend) -> str:
    addresses = backend.table("addresses")
    key = backend.fake.text("address", 8, HEX, unused=addresses)
    names = ("name", *ADDRESS, "address_two")
    addresses.insert(key, {"user_id": user, **{name: given[name] for name in names if name in given}})
    return key
