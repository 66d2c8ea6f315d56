"""A small shop: it sells deals of Deem Offers, and tells Drip what somebody bought."""

import httpx
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

DEEM = "https://api.offers.deem.com/v1"
DRIP = "https://api.getdrip.com/v2/9999999"
BUSY = Retry(
    total=2, read=False, status_forcelist=[503], allowed_methods=["POST", "PUT"], respect_retry_after_header=True
)
PATIENCE = 2
"""For how many seconds an answer is waited for."""


class SoldOut(Exception):
    """Nothing is left of a deal."""


class Shop:
    """Reserves, sells and gives back, with the keys of one merchant."""

    def __init__(self, deem_key: str = "1234567", drip_key: str = "YOUR_API_KEY") -> None:
        self.deem = requests.Session()
        self.deem.params = {"api_key": deem_key}
        self.deem.mount("https://", HTTPAdapter(max_retries=BUSY))
        self.drip = httpx.Client(auth=(drip_key, ""), timeout=PATIENCE)

    def reserve(self, deal: str, quantity: int) -> str:
        """Hold some units for five minutes; return the purchase's id."""
        answer = self.deem.post(
            f"{DEEM}/purchases/reserve", json={"deal_id": deal, "num_bought": quantity}, timeout=PATIENCE
        )
        if answer.status_code == 422:
            raise SoldOut(deal)
        answer.raise_for_status()
        return str(answer.json()["purchase"]["purchase_id"])

    def buy(self, purchase: str, user: str, email: str) -> None:
        """Claim a reservation, and let it count for whoever bought."""
        try:
            self.deem.put(
                f"{DEEM}/purchases/{purchase}/claim", json={"user_id": user}, timeout=PATIENCE
            ).raise_for_status()
        except requests.ConnectionError:  # the answer was lost: did they sell it or not?
            if not self.is_sold(purchase):
                raise
        order = {"provider": "shop", "order_id": purchase, "amount": 3900}
        sent = self.drip.post(f"{DRIP}/subscribers/{email}/purchases", json={"purchases": [order]})
        sent.raise_for_status()

    def give_back(self, purchase: str) -> None:
        """Release a reservation."""
        self.deem.put(f"{DEEM}/purchases/{purchase}/release", json={}, timeout=PATIENCE).raise_for_status()

    def is_sold(self, purchase: str) -> bool:
        """Whether a purchase was made of a reservation."""
        found = self.deem.get(f"{DEEM}/purchases/{purchase}", timeout=PATIENCE).json()
        return bool(found["purchase"]["fulfillment_state"] == "fulfilled")

    def close(self) -> None:
        """End all connections."""
        self.deem.close()
        self.drip.close()
