"""The journal's entry about a request: what it weighs, and what it does not tell."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from mocktill.core.api import Backend, Call, Result
from mocktill.core.secrets import MASK
from mocktill.core.store import TableSpec
from tests.client import Client
from tests.core.toy import tell, toy_box

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


def issue(call: Call, backend: Backend) -> Result:
    """Keep a pass with a token, and answer with it."""
    backend.table("passes").put("p", {"token": "tok-123456", "holder": "Ann"})
    return Result("tok-123456")


def test_what_an_operation_issues_is_masked(tmp_path: Path) -> None:
    """A token that the sandbox made is masked by its name, though nothing delicate has come in; so is its row."""
    schema = {"type": "object", "properties": {"token": {"type": "string"}}}
    box = toy_box(
        tmp_path, issue, envelope=lambda result, call, backend: {"token": result.value},
        schemas={"answer": schema}, tables=(TableSpec("passes"),),
    )  # fmt: skip
    answer = tell(box)
    assert orjson.loads(answer.body) == {"token": "tok-123456"}
    assert orjson.loads(answer.entry.response_body) == {"token": MASK}
    [change] = answer.entry.changes
    assert change.after == {"token": MASK, "holder": "Ann"}
    assert not box.delicate
