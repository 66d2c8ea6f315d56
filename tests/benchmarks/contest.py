"""Mocktill against its peers: requests per second, cold and warm, time to start, and memory after 50,000 requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

from tests.benchmarks.field import all_served, install_all
from tests.benchmarks.figures import Spread
from tests.benchmarks.load import run
from tests.benchmarks.ours import BODY, DEAL, GET, POST, PURCHASE, RESERVE, WRONG_BODY, Run
from tests.benchmarks.served import PATIENCE, Served
from tests.benchmarks.throughput import CONNECTIONS, Measured

OURS = "mocktill"
MESSAGES = {"GET purchase": GET, "POST reserve": POST}
LEAST = {"GET purchase": 3, "POST reserve": 1}
"""How many times the best peer's requests are hoped for."""
WARM, WARM_SECONDS = 20_000, 6
"""How many requests of each kind a server answers before it is measured, at the most, and for how long."""
MOST_SECONDS = 2
"""How long one measurement of one server takes at the most: the slow ones would take minutes."""
FAST_START, LONGEST_START = 4, 0.5
MOST_MEMORY, REQUESTS = 0.6, 50_000
FIRST = 2_000
"""How many requests a server is asked that has just started, as one in a CI job is: nothing of it is warm."""
FEW = 3
"""How often at the most each server is started anew for a figure that takes long."""
Start = Callable[[], AbstractContextManager[Served]]


def peers(run_: Run) -> None:
    """Install the peers, hold that each answers as it should, and measure them in turn with Mocktill."""
    installed = install_all(run_.folder)
    starts: dict[str, Start] = {OURS: run_.mocktill}
    with run_.mocktill() as ours, all_served(installed) as served:
        for peer, one in served.items():
            check_answers(peer.title, one, refuses=peer.checks)
            starts[peer.title] = lambda peer=peer: peer.serve(installed[peer])  # type: ignore[misc]
        check_answers(OURS, ours, refuses=True)
        compare_rates(run_, {OURS: ours, **{peer.title: one for peer, one in served.items()}})
    compare_starts(run_, starts)
    compare_first(run_, starts)
    compare_memory(run_, starts)


def check_answers(name: str, served: Served, *, refuses: bool) -> None:
    """Hold that a server answers with the purchase, and refuses a body that breaks the schema if it can."""
    got, reserved = _ask(served, PURCHASE), _ask(served, RESERVE, BODY)
    wrong = _ask(served, RESERVE, WRONG_BODY)[0]
    right = (
        (got[0], reserved[0]) == (200, 200)
        and got[1]["purchase"]["id"] == "34063ec2"
        and (reserved[1]["purchase"]["deal_id"], reserved[1]["purchase"]["fulfillment_state"]) == (DEAL, "reserved")
        and (400 <= wrong < 500 if refuses else wrong == 200)
    )
    if not right:
        raise SystemExit(f"{name} answers {got} and {reserved}, and {wrong} to a wrong body: not what is compared")


def compare_rates(run_: Run, served: Mapping[str, Served]) -> None:
    """Requests per second at 1, 8 and 64 connections, in turn, after a warm-up that suits a JVM."""
    for kind, message in MESSAGES.items():
        for one in served.values():
            run(one.port, message, WARM, 8, WARM_SECONDS).check()
        for connections in CONNECTIONS:
            measured = {name: Measured() for name in served}
            for _ in range(run_.rounds):
                for name, one in served.items():
                    measured[name].rounds.append(run(one.port, message, run_.count, connections, MOST_SECONDS).check())
            title = f"{kind}, warm, {connections:>2} connections"
            for name, found in measured.items():
                print(f"{title}, {name}: {found}")
            _judge_rates(run_, title, {name: found.rate for name, found in measured.items()}, LEAST[kind])


def compare_starts(run_: Run, starts: Mapping[str, Start]) -> None:
    """Seconds from the command to the first answer."""
    seconds: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(run_.rounds):
        for name, begin in starts.items():
            with begin() as served:
                seconds[name].append(served.started)
    spreads = {name: Spread.of(found) for name, found in seconds.items()}
    for name, spread in spreads.items():
        print(f"start to first answer, {name}: {spread.text('.2f')} s")
    run_.targets.judge("start to first answer", spreads[OURS].median, "under", LONGEST_START, " s")
    if best := _best(spreads, min):
        ratio = spreads[best].to(spreads[OURS]).median
        run_.targets.judge(f"start, times as fast as {best}", ratio, "at least", FAST_START)


def compare_first(run_: Run, starts: Mapping[str, Start]) -> None:
    """Requests per second of servers that have just started: each is new for each kind of request, in each round."""
    count = min(FIRST, run_.count)
    for kind, message in MESSAGES.items():
        measured = {name: Measured() for name in starts}
        for _ in range(min(run_.rounds, FEW)):
            for name, begin in starts.items():
                with begin() as served:
                    measured[name].rounds.append(run(served.port, message, count, 8, MOST_SECONDS).check())
        title = f"{kind}, the first {count:,} of a fresh server, 8 connections"
        for name, found in measured.items():
            print(f"{title}, {name}: {found}")
        _judge_rates(run_, title, {name: found.rate for name, found in measured.items()}, LEAST[kind])


def compare_memory(run_: Run, starts: Mapping[str, Start]) -> None:
    """Resident memory after 50,000 requests, half of them reservations, of the process and its children."""
    before: dict[str, list[float]] = {name: [] for name in starts}
    after: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(min(run_.rounds, FEW)):
        for name, begin in starts.items():
            with begin() as served:
                before[name].append(served.memory)
                for message in MESSAGES.values():
                    run(served.port, message, REQUESTS // 2, 64).check()
                after[name].append(served.memory)
    spreads = {name: Spread.of(found) for name, found in after.items()}
    for name, spread in spreads.items():
        start = Spread.of(before[name]).text(".0f")
        print(f"memory, {name}: {start} MB at the start, {spread.text('.0f')} MB after {REQUESTS:,} requests")
    if best := _best(spreads, min):
        ratio = spreads[OURS].to(spreads[best])
        print(f"  ratio to {best} {ratio.text()}")
        run_.targets.judge(f"memory after {REQUESTS:,} requests, to {best}", ratio.median, "at most", MOST_MEMORY)


def _judge_rates(run_: Run, title: str, rates: Mapping[str, Spread], target: float) -> None:
    best = _best(rates, max)
    if best:
        ratio = rates[OURS].to(rates[best])
        print(f"  ratio to {best} {ratio.text()}")
        run_.targets.judge(f"{title}, to {best}", ratio.median, "at least", target)


def _best(spreads: Mapping[str, Spread], choose: Callable[..., str]) -> str | None:
    """Return the name of the peer with the best median, or None where there is no peer."""
    names = [name for name in spreads if name != OURS]
    return choose(names, key=lambda name: spreads[name].median) if names else None


def _ask(served: Served, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Return the status and the document that a request gets."""
    asked = Request(f"http://127.0.0.1:{served.port}{path}", body, {"Content-Type": "application/json"})
    try:
        with urlopen(asked, timeout=PATIENCE) as answer:
            return answer.status, orjson.loads(answer.read())
    except HTTPError as refused:
        with refused:
            return refused.code, None
