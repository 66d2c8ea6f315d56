"""Good requests to Kiosk."""

from __future__ import annotations

from tests.conformance.good import Good, GoodRequest, Shown

GOOD = Good(
    show=lambda key: Shown(headers={"X-Kiosk-Key": key}),
    requests={
        "buy_ticket": GoodRequest({"show": "matinee"}, body={"seats": 2, "guest": "Avery"}),
        "read_ticket": GoodRequest({"number": "K-0001"}),
    },
)
