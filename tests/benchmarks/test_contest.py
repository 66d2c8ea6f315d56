"""What is compared with the peers is measured again and again, and judged by its median."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import contest
from tests.benchmarks.contest import FEW, MESSAGES, OURS, Start, compare_first, compare_memory
from tests.benchmarks.ours import Run


class Starts:
    """Two servers, of which the peer is Mocktill as well; counts how often each was started."""

    def __init__(self, run: Run) -> None:
        self.count = {OURS: 0, "peer": 0}
        self._run = run

    def __call__(self) -> dict[str, Start]:
        """Return how each is started."""
        return {name: self._counted(name) for name in self.count}

    def _counted(self, name: str) -> Start:
        def begin() -> object:
            self.count[name] += 1
            return self._run.mocktill()

        return begin  # type: ignore[return-value]


def test_the_first_requests_have_targets_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of request is measured at servers that have just started, and judged apart from the warm ones."""
    run = Run(100, 1, tmp_path)
    starts = Starts(run)
    compare_first(run, starts())
    assert starts.count == dict.fromkeys(starts.count, len(MESSAGES))
    judged = [line.partition(": ")[0] for line in run.targets.said]
    assert judged == [f"{kind}, the first 100 of a fresh server, 8 connections, to peer" for kind in MESSAGES]
    assert "of a fresh server, 8 connections, peer: " in capsys.readouterr().out


def test_memory_is_a_median(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Memory is measured in some rounds, in turn; its ratio has a range, and the one in the middle is judged."""
    monkeypatch.setattr(contest, "REQUESTS", 200)
    run = Run(100, FEW + 2, tmp_path)
    starts = Starts(run)
    compare_memory(run, starts())
    assert starts.count == dict.fromkeys(starts.count, FEW)
    (judged,) = run.targets.said
    assert judged.startswith("memory after 200 requests, to peer: ")
    assert " to " in capsys.readouterr().out.partition("  ratio to peer ")[2]
