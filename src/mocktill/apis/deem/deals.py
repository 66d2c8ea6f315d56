"""Deals as anybody may look at them."""

from __future__ import annotations

from mocktill.apis.deem.show import show_deal
from mocktill.core import errors as e
from mocktill.core.api import Backend, Call, Result


def get_deal(call: Call, backend: Backend) -> Result:
    """Return a deal with its numbers as they are now, whatever its state."""
    key = call.args["deal_id"]
    row = backend.table("deals").get(key)
    if row is None:
        raise e.NotFound(f"there is no deal {key}")
    return Result({"deal": show_deal(key, row, call, backend)})
