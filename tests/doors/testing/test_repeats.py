"""Requests of a test's journal, copied and asked again: in this process and on a server."""

from __future__ import annotations

import pytest
import requests

import mocktill


@pytest.mark.parametrize("afar", [False, True], ids=["here", "on a server"])
def test_a_request_is_copied_and_asked_again(url: str, afar: bool) -> None:
    """A test has the copies of what it asked, and asks again; what there is not raises in words."""
    with mocktill.sandbox(url=url) if afar else mocktill.sandbox() as box:
        requests.get(f"{box.url('deem')}/v1/purchases/34063ec2?api_key=1234567", timeout=10)
        assert box.copies(1).curl == f"curl '{box.url('deem')}/v1/purchases/34063ec2?api_key=1234567'"
        again = box.replay(1)
        assert (again.entry, again.status, box.journal.last) == (2, 200, 2)
        for call in (box.copies, box.replay):
            with pytest.raises(KeyError, match="there is no entry 3"):
                call(3)
