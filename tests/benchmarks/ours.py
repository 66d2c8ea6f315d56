"""Mocktill and the yardstick as the benchmarks start them, and what they are asked."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.figures import Targets
from tests.benchmarks.load import request
from tests.benchmarks.served import Served, serving

DEAL = "la-1024-wsc-hair-studio-01-2"
MOCKTILL = (sys.executable, "-m", "mocktill", "serve", "--port", "0")
EMPTY = (sys.executable, "-m", "tests.benchmarks.empty")
KEY = "?api_key=1234567"
PURCHASE = f"/deem/v1/purchases/34063ec2{KEY}"
RESERVE = f"/deem/v1/purchases/reserve{KEY}"
BODY = f'{{"deal_id":"{DEAL}","num_bought":1}}'.encode()
WRONG_BODY = f'{{"deal_id":"{DEAL}","num_bought":"one"}}'.encode()
EMPTY_PURCHASE = "/purchases/34063ec2"
EMPTY_RESERVE = "/purchases/reserve"
GET = request("GET", PURCHASE)
POST = request("POST", RESERVE, BODY)
STOCK = f"""
version: 1
tables:
  deals:
    {DEAL}: {{title: A deal for a benchmark, price: 3900, stock: 1000000000, max_per_user: 11}}
    sold-out: {{title: A deal of which nothing is left, price: 1500, stock: 0}}
"""


@dataclass
class Run:
    """One run of the benchmarks: requests of one measurement, how often it is repeated, and a folder that goes."""

    count: int
    rounds: int
    folder: Path
    targets: Targets = field(default_factory=Targets)

    @property
    def fixtures(self) -> Path:
        """The fixtures of a shop that is never sold out."""
        seed = self.folder / "fixtures" / "deem" / "seed.yaml"
        if not seed.exists():
            seed.parent.mkdir(parents=True)
            seed.write_text(STOCK)
        return self.folder / "fixtures"

    def mocktill(self) -> AbstractContextManager[Served]:
        """Start Mocktill with everything on that is on by default: checks both ways, state and journal."""
        return serving([*MOCKTILL, "--fixtures", str(self.fixtures)], PURCHASE)

    def empty(self) -> AbstractContextManager[Served]:
        """Start the empty views, on the same server."""
        return serving(EMPTY, EMPTY_PURCHASE)
