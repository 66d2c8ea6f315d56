"""The journal's entry about a request: what it weighs."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest

from tests.client import Client

COUNT = 100
MOST = 2_500
"""How many bytes more than its two bodies an entry may take."""


@pytest.mark.parametrize(
    ("api", "path", "headers"),
    [
        ("deem", "/v1/purchases/34063ec2?api_key=1", {}),
        ("deem", "/v1/purchases/nosuch?api_key=1", {}),
        ("kajabi", "/v1/purchases/123", {"Authorization": "Bearer token-active"}),
    ],
)
def test_an_entry_takes_little_more_than_its_bodies(
    client: Callable[[str], Client], api: str, path: str, headers: dict[str, str]
) -> None:
    """What is kept of an answer has a body of just its length, not the room that it was written in."""
    ask = client(api)
    ask("GET", path, headers=headers)
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(COUNT):
            ask("GET", path, headers=headers)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / COUNT < len(ask.entry.response_body) + MOST
