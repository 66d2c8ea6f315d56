"""The table of operations, and the line that the banner shows."""

from __future__ import annotations

import shlex

from mocktill.apis.supertab import API
from tests.client import Client


def test_the_table() -> None:
    """Supertab has one operation, documented, under one prefix and on two hosts."""
    assert [(op.name, op.method, op.path, op.basis) for op in API.operations] == [
        ("retrieve_purchase", "GET", "/purchases/{purchase_id}", "documented")
    ]
    assert API.prefixes == ("/v1",)
    assert API.hosts == ("tapi.supertab.co", "tapi.sbx.supertab.co")


def test_the_curl_line_works(supertab: Client) -> None:
    """The line that the banner prints is quoted for a shell and asks for a purchase that is there."""
    command, option, header, url = shlex.split(API.curl[0].format(base=""))
    name, _, value = header.partition(": ")
    assert (command, option) == ("curl", "-H")
    assert Client(supertab.box, "supertab")("GET", url, headers={name: value}).status_code == 200
