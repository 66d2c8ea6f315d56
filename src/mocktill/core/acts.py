"""Acts are found by name: what happens in a vendor's world without a request."""

from __future__ import annotations

from collections.abc import Sequence

from mocktill.core.api import Act, Api
from mocktill.core.names import absent


def find_act(apis: Sequence[Api], name: str) -> tuple[Api, Act]:
    """Return an act by its full name, `kajabi.pay_instalment`, and its API; raise KeyError in words for no act."""
    known = {f"{api.name}.{act.name}": (api, act) for api in apis for act in api.acts}
    if name not in known:
        raise absent("act", name, known)
    return known[name]
