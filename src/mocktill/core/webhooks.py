"""Webhooks: what the vendors' worlds tell of, to whom, and what came of it. Off unless an address is given.

What is told is written with what it tells of, in one transaction, and its bytes are kept: each attempt sends the same
body under the same id. Nothing here sends: a courier, which a door sets, takes what is due and records what came of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from mocktill.core.api import JSON, Api
from mocktill.core.choices import Choices
from mocktill.core.clock import Clock, instant, machine_now, steady_seconds, text
from mocktill.core.deliveries import (
    DELIVERED,
    FAILED,
    WAITING,
    Delivery,
    Outcome,
    Parcel,
    Target,
    delivery_of,
    sentence_of,
    shown,
)
from mocktill.core.fake import Fake
from mocktill.core.journal import Journal
from mocktill.core.names import absent
from mocktill.core.store import Table

MOST = 1_000
"""How many deliveries a sandbox keeps, those that wait among them; of those that are over the oldest go."""
LATER = timedelta(seconds=1)
"""How long a webhook waits that is sent when time moves."""
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""How long after each attempt that failed comes the next (docs.svix.com/retries)."""
NEVER = "none"
ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 27
PATIENCE_SECONDS = 5.0
REMARK = "webhook"
OFF = "webhooks are off here: no address is allowed; `serve --allow-webhook HOST` allows one"


class Courier(Protocol):
    """Who brings webhooks to their addresses: a door. It holds no sandbox for longer than it needs one."""

    @property
    def allowed(self) -> Sequence[str]:
        """The addresses that may be asked: HOST or HOST:PORT."""

    def check(self, url: str) -> None:
        """Raise ValueError, in words, for a URL that may not be asked."""

    def tell(self, webhooks: Webhooks) -> None:
        """Hear that something may be due, and return at once."""


class Webhooks:
    """The webhooks of one sandbox: where they go, and each with what came of it.

    `changing` gives a context in which rows are changed as a whole, under `lock`. `courier` is set by the door that
    sends; without one nothing is sent, and no address is taken.
    """

    def __init__(
        self,
        targets: Table,
        deliveries: Table,
        fake: Fake,
        clock: Clock[Any],
        choices: Choices,
        journal: Journal,
        lock: AbstractContextManager[object],
        changing: Callable[[], AbstractContextManager[object]],
        apis: Sequence[Api],
    ) -> None:
        self._targets = targets
        self._deliveries = deliveries
        self._fake = fake
        self._clock = clock
        self._choices = choices
        self._journal = journal
        self._lock = lock
        self._changing = changing
        self._apis = {api.name: api for api in apis}
        self.courier: Courier | None = None

    @property
    def apis(self) -> list[str]:
        """The APIs that have webhooks."""
        return [api.name for api in self._apis.values() if api.webhook is not None]

    @property
    def allowed(self) -> Sequence[str]:
        """The addresses that may be given: HOST or HOST:PORT; none where webhooks are off."""
        return () if self.courier is None else self.courier.allowed

    def check(self, url: str) -> None:
        """Raise ValueError, in words, for a URL that no webhook may go to."""
        if self.courier is None:
            raise ValueError(OFF)
        self.courier.check(url)

    def send_to(self, api: str, url: str, secret: str | None = None) -> None:
        """Let the webhooks of an API go to a URL, what waits included, signed with a secret of yours if you give one.

        Raises KeyError, in words, for an API without webhooks, and ValueError for a URL that is not allowed, or a
        secret that cannot be one.
        """
        known = self._known(api)
        self.check(url)
        _check_secret(known, secret)
        with self._changing():
            self._targets.put(api, {"url": url, "secret": secret, "dropped": 0})

    def begin_with(self, targets: Mapping[str, str]) -> None:
        """Let a new sandbox begin with these URLs by API: whoever makes it has checked them.

        A courier checks them once more. Raises ValueError, in words, for an API without webhooks.
        """
        for api in targets:
            try:
                self._known(api)
            except KeyError as error:
                raise ValueError(error.args[0]) from None
        with self._changing():
            for api, url in targets.items():
                self._targets.put(api, {"url": url, "secret": None, "dropped": 0})

    def stop(self, api: str) -> None:
        """Send the webhooks of an API nowhere any more, and give up what waits; KeyError where they go nowhere."""
        self._known(api)
        if self._targets.get(api) is None:
            raise KeyError(f"the webhooks of {api} go nowhere")
        with self._changing():
            self._targets.delete(api)
            for key, row in list(self._deliveries.find("by_state", WAITING)):
                if row["api"] == api:
                    self._deliveries.put(key, {**row, "state": FAILED, "at": self._now(), "last": "stopped"})
        self._journal.remark(self._clock.now(), REMARK, f"webhooks of {api} are sent nowhere any more", api)

    def targets(self) -> list[Target]:
        """Return where webhooks go, by API."""
        with self._lock:
            return [Target(api, shown(row["url"]), row["secret"] is not None) for api, row in self._targets.items()]

    def deliveries(self, api: str | None = None) -> list[Delivery]:
        """Return what was told and is going to be, of one API or of all, oldest first; KeyError for no such API."""
        if api is not None:
            self._known(api)
        with self._lock:
            found = [delivery_of(key, row) for key, row in self._deliveries.items() if api in {None, row["api"]}]
        return sorted(found, key=lambda delivery: delivery.number)

    def settle(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until nothing that is due is still on its way; raise TimeoutError, in words, if that takes too long.

        Whoever asks waits, in seconds of the machine's time. What was not taken is over for now: its next attempt is
        due later on the sandbox's clock.
        """
        woken = threading.Event()
        until = steady_seconds() + seconds
        stop = self._journal.watch(woken.set)
        try:
            while left := len(self.due()):
                if not woken.wait(max(until - steady_seconds(), 0)):
                    raise TimeoutError(unsettled(left, seconds))
                woken.clear()
        finally:
            stop()

    def emit(
        self, api: Api, event: str, key: str, payload: Callable[[], JSON], now: datetime, at_once: bool = True
    ) -> None:
        """Tell of something, in the open transaction; do nothing where the API's webhooks go nowhere."""
        target = self._targets.get(api.name)
        if target is None:
            return
        if not self._make_room():
            self._targets.put(api.name, {**target, "dropped": target["dropped"] + 1})
            return
        number = self._fake.count("delivery")
        name = "msg_" + self._fake.text("delivery_id", ID_LENGTH, ID_ALPHABET, unused=self._deliveries)
        row = {"number": number, "api": api.name, "event": event, "key": key, "body": orjson.dumps(payload()).decode()}
        times = {"created_at": text(now), "at": text(now if at_once else now + LATER)}
        self._deliveries.insert(name, {**row, **times, "state": WAITING, "attempts": 0, "last": ""})

    def tells(self, api: str) -> bool:
        """Whether the webhooks of an API go anywhere."""
        return api in self._targets

    def tell(self) -> None:
        """Let the courier know that something may be due. Costs next to nothing where nothing waits."""
        if not len(self._targets):
            return
        with self._lock:
            self._tell_of_dropped()
        if self.courier is not None and self._deliveries.count("by_state", WAITING):
            self.courier.tell(self)

    def due(self) -> list[Delivery]:
        """Return what is to be sent by now, the longest due first; nothing where the sandbox is gone."""
        with self._lock:
            now = self._now()
            waiting = [] if self._journal.closed else self._deliveries.find("by_state", WAITING)
            return [delivery_of(key, row) for key, row in waiting if row["at"] <= now]

    def look(self) -> tuple[list[tuple[Delivery, str]], float | None]:
        """Return what of each API is due the longest, with the URL that it goes to, the longest due first.

        And in how many seconds of the machine's time something more is due, if nobody moves the clock: None is never,
        since nothing waits for its time, or the clock stands still. Both are of one instant: nothing falls due between.
        """
        with self._lock:
            if self._journal.closed:
                return [], None
            now = self._clock.now()
            return self._heads(text(now)), None if self._clock.frozen else self._wait_seconds(now)

    def _heads(self, now: str) -> list[tuple[Delivery, str]]:
        found = []
        for api, target in self._targets.items():
            first = self._deliveries.first("by_api", WAITING, api)
            if first is not None and first[1]["at"] <= now:
                found.append((delivery_of(*first), target["url"]))
        return sorted(found, key=lambda head: (head[0].at, head[0].number))

    def _wait_seconds(self, now: datetime) -> float | None:
        later = self._deliveries.after("by_state", WAITING, text=text(now))
        return None if later is None else (instant(later[1]["at"]) - now).total_seconds()

    def stay_due(self, before: datetime) -> None:
        """Let what was due before the clock was moved back be due still. Called in the open transaction."""
        now, was = self._now(), text(before)
        if was <= now:
            return
        for key, row in self._deliveries.find("by_state", WAITING):
            if now < row["at"] <= was:
                self._deliveries.put(key, {**row, "at": now})

    def parcel(self, delivery: Delivery) -> Parcel | None:
        """Return what is to be brought to whom; None where that is over: it was reset, stopped or brought meanwhile.

        It is signed with the machine's time: that is what a receiver compares it with.
        """
        with self._lock:
            target = self._targets.get(delivery.api)
            if target is None or not self._waits(delivery):
                return None
        webhook = self._apis[delivery.api].webhook
        assert webhook is not None
        body = delivery.body.encode()
        signed = webhook.signed(delivery.id, int(machine_now().timestamp()), body, target["secret"])
        return Parcel(target["url"], {"Content-Type": "application/json", **signed}, body)

    def record(self, delivery: Delivery, url: str, outcome: Outcome) -> None:
        """Keep what came of an attempt, and tell the journal: it is over, or due again later.

        What was reset, restored or stopped meanwhile is left alone.
        """
        with self._lock:
            if not self._waits(delivery):
                return
            now, attempt = self._clock.now(), delivery.attempts + 1
            again = None if outcome.well or outcome.refused else self._again(delivery.api, attempt, now)
            state = WAITING if again else DELIVERED if outcome.well else FAILED
            fields = {"state": state, "at": text(again or now), "attempts": attempt, "last": outcome.sentence}
            with self._changing():
                self._deliveries.put(delivery.id, {**delivery.row, **fields})
            said = sentence_of(delivery, url, outcome, attempt, again)
            self._journal.remark(now, REMARK, said, delivery.api, delivery.key)

    def _waits(self, delivery: Delivery) -> bool:
        """Whether it still waits for the attempt that is made of it. Another one may have its id, not its body."""
        row = self._deliveries.get(delivery.id)
        if row is None or row["body"] is not delivery.body or row["state"] != WAITING:
            return False
        return bool(row["attempts"] == delivery.attempts)

    def _again(self, api: str, attempt: int, now: datetime) -> datetime | None:
        """Return when a webhook is due again of which that many attempts have failed; None for never."""
        if attempt > len(RETRIES) or self._choices[f"{api}.webhook_retries"] == NEVER:
            return None
        return now + RETRIES[attempt - 1]

    def _make_room(self) -> bool:
        """Let the oldest delivery that is over go where there are too many; return whether there is room."""
        if len(self._deliveries) < MOST:
            return True
        over = [self._deliveries.first("by_state", state) for state in (DELIVERED, FAILED)]
        oldest = min((found[1]["at"], found[0]) for found in over if found) if any(over) else None
        if oldest is not None:
            self._deliveries.delete(oldest[1])
        return oldest is not None

    def _tell_of_dropped(self) -> None:
        """Tell the journal of webhooks for which there was no room: only now is what they tell of kept."""
        for api, row in self._targets.items():
            if row["dropped"]:
                with self._changing():
                    self._targets.put(api, {**row, "dropped": 0})
                said = f"{row['dropped']} webhooks of {api} were dropped: {MOST:,} wait, which is the most"
                self._journal.remark(self._clock.now(), REMARK, said, api)

    def _known(self, api: str) -> Api:
        if api not in self.apis:
            raise absent("API with webhooks", api, self.apis)
        self._choices[f"{api}.webhook_retries"]  # now: a courier has nobody to tell that there is no such choice
        return self._apis[api]

    def _now(self) -> str:
        return text(self._clock.now())


def unsettled(left: int, seconds: float) -> str:
    """Return in words that webhooks are still on their way."""
    return f"{left} due webhook{'s are' if left > 1 else ' is'} still on the way after {seconds:g} s"


def _check_secret(api: Api, secret: str | None) -> None:
    assert api.webhook is not None
    try:
        api.webhook.signed("msg_", 0, b"", secret)
    except ValueError as error:
        raise ValueError(f"this cannot be the secret of {api.name}'s webhooks: {error}") from None
