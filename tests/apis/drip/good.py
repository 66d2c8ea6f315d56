"""Good requests to Drip."""

from __future__ import annotations

from base64 import b64encode

from tests.apis.drip.documented import SENT
from tests.conformance.good import Good, GoodRequest, Shown

BUYER = {"account_id": "9999999", "id_or_email": "98asdh9f8asd88d"}


def show(key: str) -> Shown:
    """Show a key as Basic does, with nothing after the colon."""
    return Shown(headers={"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()})


GOOD = Good(
    show=show,
    requests={
        "create_purchase": GoodRequest(BUYER, body={"purchases": [SENT]}),
        "list_purchases": GoodRequest(BUYER),
        "fetch_purchase": GoodRequest({**BUYER, "purchase_id": "9999999"}),
        "read_subscriber": GoodRequest(BUYER),
    },
)
