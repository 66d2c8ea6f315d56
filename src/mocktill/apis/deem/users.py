"""Users, and what they have: purchases and coupons."""

from __future__ import annotations

from mocktill.apis.deem.listing import Of, listed, odd
from mocktill.apis.deem.show import coupon_state, show_coupon, show_purchase, show_user
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.store import Row

FILTERS = frozenset({"valid", "redeemed", "expired"})
"""By which states coupons can be listed (User Coupons)."""


def get_user(call: Call, backend: Backend) -> Result:
    """Return a user."""
    user = call.args["user_id"]
    row = backend.table("users").get(user)
    if row is None:
        _allow(user, backend)
    return Result({"user": show_user(user, row or {})})


def list_user_purchases(call: Call, backend: Backend) -> Result:
    """List what a user has bought. Nobody is the user of a reservation."""
    user = call.args["user_id"]
    of = Of("purchases", backend.table("purchases"), "by_user", (user, "fulfilled"), "purchase")
    if user not in backend.table("users") and not len(of):
        _allow(user, backend)
    return listed(of, lambda key, row: show_purchase(key, row, call, backend), call, backend)


def list_user_coupons(call: Call, backend: Backend) -> Result:
    """List a user's coupons, or those in the states that `filter` names."""
    user = call.args["user_id"]
    of = Of("coupons", backend.table("coupons"), "by_user", (user,), "purchase")
    if user not in backend.table("users") and not len(of):
        _allow(user, backend)
    states = _states(call, backend)
    if states:
        kept = Of(of.name, of.table, of.index, of.equal, of.resource, lambda row: _state(row, backend) in states)
        return listed(kept, lambda key, row: show_coupon(key, row, call, backend), call, backend)
    return listed(of, lambda key, row: show_coupon(key, row, call, backend), call, backend)


def bought_by(value: JSON, call: Call, backend: Backend) -> JSON:
    """Make of a generated list of purchases one of the user who was asked for."""
    bought = [{**purchase, "user_id": call.args["user_id"]} for purchase in value["purchases"]]
    return {**value, "purchases": bought}


def _states(call: Call, backend: Backend) -> frozenset[str]:
    """Return the states that a list of coupons is filtered by; nothing for all."""
    words = {word.strip() for word in call.query.get("filter", "").split(",")} - {""}
    if words - FILTERS:
        odd("filter", "purchase", backend)
    return frozenset(words & FILTERS)


def _state(row: Row, backend: Backend) -> str:
    return coupon_state(row, backend.now)


def _allow(user: str, backend: Backend) -> None:
    """Raise, by choice, for a user whom nobody listed and who has nothing."""
    if backend.choice("unknown_user_path") == "find_failed":
        raise e.NotFound(f"there is no user {user}")
