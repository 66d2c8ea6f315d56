"""Metrics for Prometheus: what was counted, and what there is at the moment when somebody asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from mocktill import __version__
from mocktill.control.ask import Ask, Text
from mocktill.control.problem import Unavailable
from mocktill.control.served import Served
from mocktill.control.tally import BOUNDS, Counts

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

MEDIA = ("text/plain", "application/openmetrics-text")
"""The media types that metrics come in."""
EXAMPLE = """# HELP mocktill_requests_total Answers, by how well they are known
# TYPE mocktill_requests_total counter
mocktill_requests_total{api="deem",operation="get_purchase",status="200",basis="documented"} 3.0
"""
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
_OPEN = re.compile(r"\s*application/openmetrics-text\s*(?:;|$)", re.IGNORECASE)
_EARLY = re.compile(r";\s*version\s*=\s*\"?0+\.", re.IGNORECASE)
"""A version of OpenMetrics before 1.0.0, which nothing here speaks; any other counts as that, an odd one too."""


def metrics(ask: Ask) -> Text:
    """What the server counts, for Prometheus: requests, how long answers took, violations, faults, sandboxes, journal.

    The numbers are the server's since its start, over all its sandboxes, and no reset clears them. It answers in the
    text format or as OpenMetrics, as `Accept` says. The extra `mocktill[metrics]` has to be installed.
    """
    try:
        from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
        from prometheus_client.exposition import choose_encoder
        from prometheus_client.registry import CollectorRegistry
    except ImportError:
        raise Unavailable("there are no metrics without their library: pip install 'mocktill[metrics]'") from None
    registry = CollectorRegistry()
    for collect in (ProcessCollector, PlatformCollector, GCCollector):
        collect(registry=registry)
    _register(registry, ask.served)
    encode, media_type = choose_encoder(_wanted(ask.environ.get("HTTP_ACCEPT", "")))
    return Text(encode(registry), media_type)


def _wanted(accept: str) -> str:
    """Return the one type that the library is asked for: it does not bear all that an Accept header may have."""
    ranges = accept.split(",")
    return OPEN_METRICS if any(_OPEN.match(one) and not _EARLY.search(one) for one in ranges) else ""


def _register(registry: CollectorRegistry, served: Served) -> None:
    from prometheus_client.registry import Collector

    class Figures(Collector):
        def collect(self) -> Iterator[Metric]:
            counts = served.tally.counts()
            yield from _counted(counts)
            yield _timed(counts)
            yield from _standing(served)

    registry.register(Figures())


def _counted(counts: Counts) -> Iterator[Metric]:
    """Yield what only grows."""
    from prometheus_client.metrics_core import CounterMetricFamily

    def family(
        name: str, about: str, labels: tuple[str, ...], numbers: Iterable[tuple[tuple[object, ...], int]]
    ) -> Metric:
        made = CounterMetricFamily(f"mocktill_{name}", about, labels=labels)
        for key, number in sorted(numbers, key=str):
            made.add_metric([str(part) for part in key], number)
        return made

    answered = ("api", "operation", "status", "basis")
    yield family("requests", "Answers, by how well they are known", answered, counts.answers.items())
    yield family("violations", "What broke a contract", ("api", "severity"), counts.violations.items())
    yield family("faults", "Answers that a fault rule struck", ("api", "kind"), counts.faults.items())


def _timed(counts: Counts) -> Metric:
    """Return how long answers took to make: a fault's delay is no part of that."""
    from prometheus_client.metrics_core import HistogramMetricFamily

    made = HistogramMetricFamily(
        "mocktill_answer_seconds",
        "How long answers took to make, without what a fault delayed them for",
        labels=("api", "operation"),
    )
    bounds = [*map(str, BOUNDS), "+Inf"]
    for place, timing in sorted(counts.timings.items()):
        buckets = list(zip(bounds, map(float, accumulate(timing.classes)), strict=True))
        made.add_metric(place, buckets, timing.seconds)
    return made


def _standing(served: Served) -> Iterator[Metric]:
    """Yield what there is now."""
    from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily

    boxes = served.sandboxes.all()
    journals = [box.journal for box, _ in boxes]
    sandboxes = GaugeMetricFamily("mocktill_sandboxes", "Sandboxes that there are", labels=("kept",))
    for kept in (True, False):
        sandboxes.add_metric([str(kept).lower()], sum(stays is kept for _, stays in boxes))
    yield sandboxes
    gauge: Callable[[str, str, float], Metric] = GaugeMetricFamily
    yield gauge("mocktill_sandboxes_limit", "How many sandboxes there may be", served.sandboxes.limit)
    yield gauge("mocktill_journal_entries", "Entries in all journals", sum(map(len, journals)))
    yield gauge("mocktill_journal_bytes", "What all journals weigh", sum(journal.size for journal in journals))
    evicted = sum(journal.evicted for journal in journals)
    yield gauge("mocktill_journal_evicted_entries", "Entries that had to go from the journals that there are", evicted)
    yield InfoMetricFamily("mocktill_build", "Which Mocktill this is", {"version": __version__})
