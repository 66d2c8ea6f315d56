"""Redeeming coupons: once, by whoever shows one, or in the name of its user."""

from __future__ import annotations

from mocktill.apis.deem.show import REDEEMABLE, coupon_state, show_coupon
from mocktill.core import errors as e
from mocktill.core.api import Backend, Call, Result
from mocktill.core.clock import text
from mocktill.core.store import Row


def redeem_coupon(call: Call, backend: Backend) -> Result:
    """Mark a coupon as redeemed; one that was redeemed before, or that there is not, fails."""
    key = call.args["coupon_id"]
    return _redeem(key, _coupon(key, backend), call, backend)


def redeem_user_coupon(call: Call, backend: Backend) -> Result:
    """Mark a user's coupon as redeemed."""
    key, user = call.args["coupon_id"], call.args["user_id"]
    row = _coupon(key, backend)
    if row.get("user_id") != user and backend.choice("other_users_coupon") == "redeem_failed":
        raise e.NotFound(f"the user {user} has no coupon {key}")
    return _redeem(key, row, call, backend)


def _coupon(key: str, backend: Backend) -> Row:
    row = backend.table("coupons").get(key)
    if row is None:
        raise e.NotFound(f"there is no coupon {key}")
    return row


def _redeem(key: str, row: Row, call: Call, backend: Backend) -> Result:
    state = coupon_state(row, backend.now)
    if state == "redeemed":
        raise e.Conflict(f"the coupon {key} is redeemed already")
    if state not in REDEEMABLE and backend.choice("redeem_invalid") == "redeem_failed":
        raise e.Conflict(f"the coupon {key} is {state}")
    redeemed = {**row, "state": "redeemed", "redeemed_at": text(backend.now)}
    backend.table("coupons").put(key, redeemed)
    return Result({"coupon": show_coupon(key, redeemed, call, backend)})
