"""What size costs: a sandbox with 100,000 purchases against one with 100, call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import orjson

from mocktill.doors.remote import Remote
from tests.benchmarks.figures import Spread
from tests.benchmarks.load import Outcome, request, run_all
from tests.benchmarks.ours import KEY, POST, Run
from tests.benchmarks.served import Served

FEW, MANY = 100, 100_000
AT_ONCE = 1_000
"""How many objects a call of `populate` makes at the most."""
PAGE = 100
ASKED = 1_000
"""How many requests of each kind a round has, at the most."""
MOST_TIMES = 1.3
BUYER = "/drip/v2/9999999/subscribers/n0pvrch4s3sy3tn0pvrc/purchases"
"""Drip's subscriber without purchases: has all of them here."""
BASIC = "Authorization: Basic WU9VUl9BUElfS0VZOg==\r\n"
CLAIM = b'{"user_id":"ABC123"}'


@dataclass
class Shop:
    """A server with so many purchases in each of two APIs, and their ids in Deem."""

    served: Served
    ids: Sequence[str]

    def ask(self, messages: Iterator[bytes], *, keep: bool = False) -> Outcome:
        """Send requests one after the other."""
        return run_all(self.served.port, messages, 1, keep=keep).check()


def growth(run: Run) -> None:
    """Latency of get, reserve, claim and list with 100,000 purchases, in turn with 100."""
    with run.mocktill() as small, run.mocktill() as large:
        shops = {FEW: fill(small, FEW), MANY: fill(large, MANY)}
        print(f"with {FEW:,} purchases {small.memory:.0f} MB, with {MANY:,} {large.memory:.0f} MB")
        asked = min(run.count, ASKED)
        for name, measure in KINDS.items():
            found: dict[int, list[Outcome]] = {FEW: [], MANY: []}
            for number in range(run.rounds * 2):
                for size, shop in shops.items() if number % 2 else reversed(shops.items()):
                    found[size].append(measure(shop, asked))
            _tell(run, name, found)


def fill(served: Served, count: int) -> Shop:
    """Let there be so many purchases in Deem, each of a deal of its own, and in Drip, all of one subscriber."""
    box = Remote(f"http://127.0.0.1:{served.port}").sandbox()
    ids: list[str] = []
    while len(ids) < count:
        ids += box.populate(min(AT_ONCE, count - len(ids)), "deem")["deem"]
    once = {"purchases": [{"amount": 4900, "provider": "bench"}] * PAGE}
    message = request("POST", BUYER, orjson.dumps(once), BASIC)
    run_all(served.port, repeat(message, count // PAGE), 1).check(201)
    return Shop(served, ids)


def get(shop: Shop, count: int) -> Outcome:
    """Get purchases all over the sandbox."""
    step = max(1, len(shop.ids) // count)
    ids = [shop.ids[number * step % len(shop.ids)] for number in range(count)]
    return shop.ask(request("GET", f"/deem/v1/purchases/{each}{KEY}") for each in ids)


def reserve(shop: Shop, count: int) -> Outcome:
    """Reserve a unit of the same deal."""
    return shop.ask(repeat(POST, count))


def claim(shop: Shop, count: int) -> Outcome:
    """Claim what was reserved just before."""
    bodies = shop.ask(repeat(POST, count), keep=True).bodies or []
    ids = [orjson.loads(body)["purchase"]["id"] for body in bodies]
    return shop.ask(request("PUT", f"/deem/v1/purchases/{each}/claim{KEY}", CLAIM) for each in ids)


def list_newest(shop: Shop, count: int) -> Outcome:
    """List the newest hundred purchases of the subscriber that has all of them."""
    return shop.ask(repeat(request("GET", BUYER, headers=BASIC), count // 4))


def list_oldest(shop: Shop, count: int) -> Outcome:
    """List the oldest hundred purchases of the subscriber that has all of them."""
    page = len(shop.ids) // PAGE
    return shop.ask(repeat(request("GET", f"{BUYER}?page={page}", headers=BASIC), count // 4))


KINDS: dict[str, Callable[[Shop, int], Outcome]] = {
    "get": get,
    "reserve": reserve,
    "claim": claim,
    "list, first page": list_newest,
    "list, last page": list_oldest,
}


def _tell(run: Run, name: str, found: dict[int, list[Outcome]]) -> None:
    spreads = {
        (size, share): Spread.of(outcome.percentile(share) for outcome in outcomes)
        for size, outcomes in found.items()
        for share in (0.5, 0.99)
    }
    for size in found:
        median, p99 = spreads[size, 0.5], spreads[size, 0.99]
        title = f"{name} with {size:,} purchases"
        print(f"{title}: median {median.text('.3f', 1000)} ms, p99 {p99.text('.3f', 1000)} ms")
    for said, share in (("median", 0.5), ("p99", 0.99)):
        ratio = spreads[MANY, share].to(spreads[FEW, share])
        print(f"  {said}: ratio {ratio.text()}")
        run.targets.judge(f"{name}, {said}, {MANY:,} purchases to {FEW}", ratio.median, "at most", MOST_TIMES)
