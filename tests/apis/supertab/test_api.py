"""The table of operations, and the line that the banner shows."""

from __future__ import annotations

import shlex

from mocktill.apis.supertab import API
from mocktill.core.sandbox import Sandbox
from tests.client import Client


def test_the_table() -> None:
    """Supertab has one documented operation and those that its clients use, under their prefixes and on two hosts."""
    assert [(op.name, op.method, API.path(op), op.basis) for op in API.operations] == [
        ("retrieve_purchase", "GET", "/v1/purchases/{purchase_id}", "documented"),
        ("buy_offering", "POST", "/v1/purchase/{offering_id}", "observed"),
        ("list_tabs", "GET", "/v1/tabs", "observed"),
        ("retrieve_tab", "GET", "/v1/tabs/{tab_id}", "observed"),
        ("finish_payment", "POST", "/v1/payment/finish/{tab_id}", "observed"),
        ("check_access", "GET", "/v2/access/check", "observed"),
        ("health", "GET", "/health", "observed"),
    ]
    assert [act.name for act in API.acts] == ["pay_tab", "complete_purchase", "renew_subscription"]
    assert API.prefixes == ("/v1",)
    assert API.hosts == ("tapi.supertab.co", "tapi.sbx.supertab.co")


def test_health_asks_for_no_token(box: Sandbox) -> None:
    """The health check is open, says its version, and is below no version itself."""
    answer = Client(box, "supertab")("GET", "/health")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "version": "1.0.0"})
    assert answer.headers["Mocktill-Basis"] == "observed"
    assert Client(box, "supertab")("GET", "/v1/health").status_code == 404
    assert Client(box, "supertab")("GET", "/v1/access/check?content_key=site").status_code == 404


def test_the_curl_line_works(supertab: Client) -> None:
    """The line that the banner prints is quoted for a shell and asks for a purchase that is there."""
    command, option, header, url = shlex.split(API.curl[0].format(base=""))
    name, _, value = header.partition(": ")
    assert (command, option) == ("curl", "-H")
    assert Client(supertab.box, "supertab")("GET", url, headers={name: value}).status_code == 200
