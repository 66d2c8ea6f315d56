"""Good requests to Deem."""

from __future__ import annotations

from tests.apis.deem.shop import BUYING, DOCUMENTED_PURCHASE, RESERVING
from tests.conformance.good import Good, GoodRequest, Shown

RESERVED = {"purchase_id": "/purchase/purchase_id"}

GOOD = Good(
    show=lambda key: Shown(query={"api_key": key}),
    requests={
        "get_purchase": GoodRequest({"purchase_id": DOCUMENTED_PURCHASE}),
        "create_purchase": GoodRequest(body=BUYING),
        "reserve_purchase": GoodRequest(body=RESERVING),
        "claim_purchase": GoodRequest(body={"user_id": "ABC123"}, after="reserve_purchase", taken=RESERVED),
        "release_purchase": GoodRequest(body={}, after="reserve_purchase", taken=RESERVED),
    },
)
