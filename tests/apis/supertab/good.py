"""Good requests to Supertab."""

from __future__ import annotations

from tests.apis.supertab.ids import LATER_ON_TAB
from tests.conformance.good import Good, GoodRequest, Shown

GOOD = Good(
    show=lambda key: Shown(headers={"Authorization": f"Bearer {key}"}),
    requests={"retrieve_purchase": GoodRequest({"purchase_id": LATER_ON_TAB})},
)
