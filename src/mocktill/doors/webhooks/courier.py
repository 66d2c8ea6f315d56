"""The courier: a few threads that send what is due, while nobody waits for them.

Each receiver is asked for one thing at a time, so that one that is slow is waited for by nobody but itself. There is
no thread where nothing is on its way, and a sandbox that is gone is not kept for what it still had to tell.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from weakref import ReferenceType, WeakKeyDictionary, ref

from mocktill.core.clock import steady_seconds
from mocktill.core.deliveries import Delivery, Outcome, Parcel
from mocktill.core.webhooks import Webhooks
from mocktill.doors.webhooks.addresses import Allowed, Listed, Refused, read_url
from mocktill.doors.webhooks.sending import PATIENCE_SECONDS, Cut, Sender

AT_ONCE = 16
"""How many receivers are asked at a time."""
GRACE_SECONDS = 2.0
"""How long the end waits for threads that are looking a host up, which nothing can cut short."""
LONGEST_SECONDS = 3_600.0
DEFECT = Outcome(None, "the sandbox failed; its log has the reason", refused=True)
log = logging.getLogger("mocktill")


class Courier:
    """Sends the webhooks of many sandboxes to addresses that were listed; `with Courier(…)` closes it at the end.

    It is what `core.webhooks.Courier` says. Nothing is sent, and no thread is there, until it is told of something.
    """

    def __init__(self, listed: Iterable[Listed] = (), patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._allowed = Allowed(listed)
        self._sender = Sender(self._allowed, patience_seconds)
        self._changed = threading.Condition()
        self._known: WeakKeyDictionary[Webhooks, None] = WeakKeyDictionary()
        self._under_way: dict[tuple[str, int], tuple[Delivery, threading.Thread]] = {}
        self._watching: threading.Thread | None = None
        self._told = False
        self._closed = False

    @property
    def allowed(self) -> Sequence[str]:
        """The addresses that may be asked: HOST or HOST:PORT."""
        return [str(listed) for listed in self._allowed.listed]

    def allow(self, listed: Listed) -> None:
        """Let one more address be asked."""
        self._allowed.add(listed)

    def check(self, url: str) -> None:
        """Raise ValueError, in words, for a URL that may not be asked."""
        self._allowed.check(url)

    def tell(self, webhooks: Webhooks) -> None:
        """Hear that something may be due, and return at once: it is sent by a thread of the courier's own."""
        with self._changed:
            self._known.setdefault(webhooks)
            self._told = True
            if not self._closed and not (self._watching and self._watching.is_alive()):  # none is left after a fork
                watching = threading.Thread(target=self._watch, name="mocktill-courier", daemon=True)
                with suppress(RuntimeError):  # there can be no thread now: whoever tells next has another try
                    watching.start()
                    self._watching = watching
            self._changed.notify_all()

    def close(self) -> None:
        """Send nothing any more, and end what is under way."""
        with self._changed:
            self._closed = True
            threads = [self._watching, *(thread for _, thread in self._under_way.values())]
            self._changed.notify_all()
        self._sender.close()
        until = steady_seconds() + GRACE_SECONDS
        for thread in threads:
            if thread is not None:
                thread.join(max(until - steady_seconds(), 0))

    def __enter__(self) -> Courier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self) -> None:
        """Start what is due, again and again, until nothing is going to be that nobody tells of."""
        while True:
            with self._changed:
                self._told = False
            wait = self._start_due()
            with self._changed:
                if self._closed or (wait is None and not self._told and not self._under_way):
                    self._watching = None
                    return
                if not self._told:
                    self._changed.wait(wait)

    def _start_due(self) -> float | None:
        """Let threads begin with what is due; return in how many seconds something is going to be, if that is known."""
        with self._changed:
            known = list(self._known)
        waits = []
        for webhooks in known:
            heads, wait = webhooks.look()
            for delivery, url in heads:
                self._start(webhooks, delivery, url)
            if wait is not None:  # what is due now, and did not begin, waits for another to end
                waits.append(wait)
        return min(*waits, LONGEST_SECONDS) if waits else None

    def _start(self, webhooks: Webhooks, delivery: Delivery, url: str) -> None:
        """Let a thread send something, unless its receiver is being asked, or too many are."""
        receiver = _receiver(url)
        with self._changed:
            known = [delivery for delivery, _ in self._under_way.values()]
            if self._closed or receiver in self._under_way or len(known) >= AT_ONCE:
                return
            if any(other.body is delivery.body for other in known):
                return
            thread = threading.Thread(
                target=self._bring, args=(ref(webhooks), delivery, url, receiver), name="mocktill-webhook", daemon=True
            )
            with suppress(RuntimeError):
                self._under_way[receiver] = delivery, thread
                thread.start()
                self._known.pop(webhooks, None)
                self._known[webhooks] = None  # the others come first the next time
                return
            del self._under_way[receiver]

    def _bring(self, known: ReferenceType[Webhooks], delivery: Delivery, url: str, receiver: tuple[str, int]) -> None:
        """Make one attempt, and record what came of it if there is anybody whom it concerns."""
        try:
            parcel = _parcel(known, delivery)
            if parcel is not None:
                _record(known, delivery, parcel.url, self._sender.send(parcel))
        except (Cut, ReferenceError):  # the courier is closed, or the sandbox gone
            pass
        except Exception:
            log.exception("the webhook %s of %s: a defect of the sandbox", delivery.id, delivery.api)
            with suppress(ReferenceError):
                _record(known, delivery, url, DEFECT)
        finally:
            with self._changed:
                del self._under_way[receiver]
                self._told = True
                self._changed.notify_all()


def _parcel(known: ReferenceType[Webhooks], delivery: Delivery) -> Parcel | None:
    webhooks = known()
    return None if webhooks is None else webhooks.parcel(delivery)


def _record(known: ReferenceType[Webhooks], delivery: Delivery, url: str, outcome: Outcome) -> None:
    webhooks = known()
    if webhooks is not None:
        webhooks.record(delivery, url, outcome)


def _receiver(url: str) -> tuple[str, int]:
    """Return who is asked for a URL; one that is none has a thread of its own to be refused in."""
    try:
        where = read_url(url)
    except Refused:
        return url, 0
    return where.host, where.port
