"""The load generator counts whole answers with the right status, however they come; targets are judged as they say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat

import pytest

from tests.benchmarks.figures import Spread, Targets
from tests.benchmarks.load import Load, Outcome, request, run_all

ASK = request("GET", "/")
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
LOWER = b"HTTP/1.1 200 OK\r\nx-more: content-length\r\ncontent-length:4\r\n\r\nbody"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x\r\ndy\r\n0\r\n\r\n"
REFUSAL = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """Serve on one connection: each request gets all of the parts, each of them sent by itself."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening, parts))
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def answer(listening: socket.socket, parts: tuple[bytes, ...]) -> None:
    """Answer until the client goes."""
    connection, _ = listening.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while connection.recv(65536):
            for part in parts:
                connection.sendall(part)


@pytest.mark.parametrize("whole", [LENGTH, LOWER, CHUNKED], ids=["length", "lower case", "chunked"])
def test_an_answer_in_parts_is_counted_once(whole: bytes) -> None:
    """An answer is counted when it is whole: with its length said, or in chunks, wherever it is torn."""
    for place in range(1, len(whole)):
        with answering(whole[:place], whole[place:]) as port:
            outcome = run_all(port, repeat(ASK, 3), 1, keep=True)
        assert (outcome.statuses, len(outcome.latencies)) == ({200: 3}, 3)
        assert outcome.bodies == [whole.partition(b"\r\n\r\n")[2]] * 3


def test_another_status_ends_the_benchmark() -> None:
    """A figure of refusals is none."""
    with answering(REFUSAL) as port:
        outcome = run_all(port, repeat(ASK, 2), 1)
    with pytest.raises(SystemExit, match=r"\{500: 2\}"):
        outcome.check()


def test_a_closed_connection_ends_the_benchmark() -> None:
    """A server that does not keep a connection alive is not measured."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Load(listening.getsockname()[1]) as load:
        crowd = load.add(repeat(ASK, 1), 1)
        listening.accept()[0].close()
        with pytest.raises((SystemExit, ConnectionError), match=r"keep alive|reset|pipe"):
            load.run(crowd)


def test_a_time_ends_a_load() -> None:
    """After the given time nobody asks again, and what was asked is answered."""
    with answering(LENGTH) as port:
        outcome = run_all(port, repeat(ASK), 1, seconds=0.05).check()
    assert outcome.latencies
    assert outcome.seconds >= 0.05


@pytest.mark.parametrize(
    ("relation", "measured", "holds"),
    [
        ("at least", 3.0, True),
        ("at least", 2.99, False),
        ("at most", 0.6, True),
        ("at most", 0.61, False),
        ("under", 0.5, False),
        ("under", 0.49, True),
    ],
)
def test_a_target_says_whether_it_holds(
    relation: str, measured: float, holds: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each target is said with its figure, at once and at the end."""
    targets = Targets()
    targets.judge("this", measured, relation, {"at least": 3, "at most": 0.6, "under": 0.5}[relation])
    targets.sum_up()
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.endswith(": holds")] == ([said[0], said[-1]] if holds else [])
    assert said[0].endswith("holds" if holds else "does not hold")
    assert f"{measured:.2f}" in said[-1]


def test_ratios_are_made_pair_by_pair() -> None:
    """What was measured in the same round is compared, and the range is that of the ratios."""
    assert Spread((10, 30, 20)).to(Spread((5, 10, 20))).text() == "2.00 (1.00 to 3.00)"


def test_percentiles_are_latencies_that_were_measured() -> None:
    """The 99th percentile of few is the slowest."""
    outcome = Outcome(seconds=2, latencies=[0.3, 0.1, 0.2, 0.4])
    assert (outcome.rate, outcome.percentile(0.5), outcome.percentile(0.99)) == (2, 0.3, 0.4)
