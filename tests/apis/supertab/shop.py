"""What the tests do at Supertab: buy, pay and look at access."""

from __future__ import annotations

from typing import Any

from tests.client import Client


def buy(client: Client, offering_id: str, currency: str = "USD", **metadata: Any) -> tuple[int, Any]:
    """Buy an offering; return the status and the body of the answer."""
    path = f"/v1/purchase/{offering_id}?currency={currency}"
    answer = client("POST", path, json={"metadata": metadata})
    return answer.status_code, answer.get_json()


def bought(client: Client, offering_id: str, currency: str = "USD", **metadata: Any) -> Any:
    """Buy an offering whose purchase goes on the tab; return the purchase as the tab has it."""
    status, body = buy(client, offering_id, currency, **metadata)
    assert status in {201, 402}, body
    assert body["detail"] == {"item_added": True, "purchase_outcome": "added"}
    return body["tab"]["purchases"][-1]


def pay(client: Client, tab_id: str) -> Any:
    """Finish the payment of a tab; return the tab as it is then."""
    answer = client("POST", f"/v1/payment/finish/{tab_id}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def status(client: Client, purchase_id: str) -> Any:
    """Return the status of a purchase."""
    answer = client("GET", f"/v1/purchases/{purchase_id}")
    assert answer.status_code == 200
    return answer.get_json()["status"]


def access(client: Client, content_key: str) -> Any:
    """Return the access to a content key, or None."""
    answer = client("GET", "/v2/access/check", query_string={"content_key": content_key})
    assert answer.status_code == 200
    return answer.get_json()["access"]


def error(client: Client, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Send what is refused; return the status and the code, or what is wrong with the first attribute."""
    answer = client(method, path, **more)
    body = answer.get_json()["error"]
    if isinstance(body, list):
        (wrong,) = body[0]["errors"]
        return answer.status_code, (wrong["attribute"], wrong["code"])
    return answer.status_code, body["code"]
