"""Good requests to Kajabi."""

from __future__ import annotations

from tests.conformance.good import Good, GoodRequest, Shown

GOOD = Good(
    show=lambda key: Shown(headers={"Authorization": f"Bearer {key}"}),
    requests={"purchase_details": GoodRequest({"id": "123"})},
)
