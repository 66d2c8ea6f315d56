"""The courier: what is due is sent by threads of its own, which are there while something is on its way."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from mocktill.core.deliveries import Outcome, Parcel
from mocktill.core.sandbox import Sandbox
from mocktill.doors.webhooks import courier as couriers
from mocktill.doors.webhooks.addresses import read_listed
from mocktill.doors.webhooks.courier import Courier
from mocktill.doors.webhooks.sending import Sender
from tests.core.telling import telling_box
from tests.core.toy import tell
from tests.receiver import PATIENCE, Got, Receiver, receiver


def threads() -> list[str]:
    """Return the courier's threads, by name."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("mocktill-c", "mocktill-w"))]


@pytest.fixture
def courier() -> Iterator[Courier]:
    """A courier that may ask every port of this machine."""
    with Courier([read_listed("127.0.0.1"), read_listed("localhost")]) as courier:
        yield courier
    assert threads() == []


@pytest.fixture
def there() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiver() as there:
        yield there


def telling(folder: Path, courier: Courier, url: str, name: str = "a") -> Sandbox:
    """Make a sandbox of the toy vendor that tells a URL of what it keeps."""
    (folder / name).mkdir()
    box = telling_box(folder / name)
    box.webhooks.courier = courier
    box.webhooks.send_to("toy", url)
    return box


def remarks(box: Sandbox) -> list[str]:
    """Return what the journal says of each attempt, without who was told of what."""
    said = [remark.sentence for remark in box.journal.remarks() if remark.what == "webhook"]
    return [sentence.partition(", attempt ")[2] for sentence in said]


def test_nothing_runs_where_nothing_is_told(tmp_path: Path, courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address there is neither a thread nor a connection, whatever is asked of the sandbox."""
    monkeypatch.setattr(Sender, "send", lambda self, parcel: pytest.fail("something was sent"))
    box = telling_box(tmp_path)
    box.webhooks.courier = courier
    for _ in range(3):
        assert tell(box).status == 200
        box.clock.advance(minutes=5)
    assert threads() == []


def test_what_is_told_is_sent(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """A request tells, the receiver gets it, the journal has it, and then there is no thread."""
    box = telling(tmp_path, courier, there.url)
    tell(box, {"a": 1})
    assert there.got().payload == {"type": "thing.kept", "data": {"a": 1}}
    box.webhooks.settle(PATIENCE)
    assert remarks(box) == ["1: answered 204"]
    assert [delivery.state for delivery in box.webhooks.deliveries()] == ["delivered"]


def test_in_the_order_in_which_it_was_told(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """A receiver gets one thing at a time, the first told first."""
    box = telling(tmp_path, courier, there.url)
    for number in range(20):
        tell(box, {"number": number})
    assert [there.got().payload["data"]["number"] for _ in range(20)] == list(range(20))


def test_a_slow_receiver_holds_nobody_up(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """While one receiver says nothing, requests are answered, time moves, and another receiver gets what is its."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with receiver(slow) as slow_one:
        late = telling(tmp_path, courier, slow_one.url, "late")
        other = telling(tmp_path, courier, there.url, "other")
        tell(late, key="a")
        assert came.wait(PATIENCE)
        assert [tell(late, key=key).status for key in "bcd"] == [200, 200, 200]
        late.clock.advance(minutes=1)
        tell(other)
        there.got()
        other.webhooks.settle(PATIENCE)
        assert [delivery.state for delivery in late.webhooks.deliveries()] == ["waiting"] * 4
        assert len(slow_one.all) == 1  # nor are threads piled up for it
        hold.set()
        late.webhooks.settle(PATIENCE)
    assert [delivery.state for delivery in late.webhooks.deliveries()] == ["delivered"] * 4


def test_a_slow_receiver_does_not_hold_up_another_api_of_its_sandbox(tmp_path: Path, courier: Courier) -> None:
    """What another receiver is to get later is not forgotten while one is slow: the courier wakes for it."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    answers = iter([503, 204])
    with receiver(slow) as slow_one, receiver(lambda got: (next(answers), {})) as busy:
        late = telling(tmp_path, courier, slow_one.url, "late")
        tell(late)
        assert came.wait(PATIENCE)
        other = telling(tmp_path, courier, busy.url, "other")
        tell(other)
        busy.got()
        other.webhooks.settle(PATIENCE)
        other.clock.advance(seconds=5)
        busy.got()
        other.webhooks.settle(PATIENCE)
        hold.set()
        late.webhooks.settle(PATIENCE)
    assert remarks(other)[1] == "2: answered 204"


def test_so_many_receivers_at_a_time(tmp_path: Path, courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the bound receivers wait for their turn, and each gets it."""
    monkeypatch.setattr(couriers, "AT_ONCE", 2)
    most: list[int] = []

    def send(self: Any, parcel: Parcel) -> Outcome:
        most.append(threads().count("mocktill-webhook"))
        return Outcome(204)

    monkeypatch.setattr(Sender, "send", send)
    boxes = [telling(tmp_path, courier, f"http://127.0.0.1:{9000 + number}/", str(number)) for number in range(6)]
    for box in boxes:
        tell(box)
    for box in boxes:
        box.webhooks.settle(PATIENCE)
    assert len(most) == 6
    assert max(most) <= 2


def test_retries_on_the_sandboxs_clock(tmp_path: Path, courier: Courier) -> None:
    """A 500 is tried again when the sandbox's clock is there: the same body and id, signed anew; a 204 ends it."""
    answers = iter([500, 500, 204])
    with receiver(lambda got: (next(answers), {})) as there:
        box = telling(tmp_path, courier, there.url)
        tell(box, {"a": 1})
        first = there.got()
        box.webhooks.settle(PATIENCE)
        box.clock.advance(seconds=4)
        box.webhooks.settle(PATIENCE)
        assert len(there.all) == 1
        box.clock.advance(seconds=1)
        second = there.got()
        box.webhooks.settle(PATIENCE)
        box.clock.advance(minutes=5)
        third = there.got()
        box.webhooks.settle(PATIENCE)
        box.clock.advance(days=7)
        box.webhooks.settle(PATIENCE)
        assert len(there.all) == 3
    assert first.body == second.body == third.body
    assert len({got.headers["svix-id"] for got in there.all}) == 1
    assert [said.partition(";")[0] for said in remarks(box)] == [
        "1: answered 500",
        "2: answered 500",
        "3: answered 204",
    ]


def test_a_running_clock_wakes_the_courier(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """Where time runs, what is due a little later is sent without anybody's doing."""
    box = telling(tmp_path, courier, there.url)
    box.choices["toy.webhook_delivery"] = "when_time_moves"
    box.clock.run()
    tell(box)
    box.clock.advance(milliseconds=990)
    there.got()


def test_a_clock_that_stands_still_is_not_waited_for(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """What is due later on a clock that stands still has no thread: moving the clock brings it on its way."""
    box = telling(tmp_path, courier, there.url)
    box.choices["toy.webhook_delivery"] = "when_time_moves"
    tell(box)
    watching = courier._watching
    if watching is not None:
        watching.join(PATIENCE)
    assert threads() == []
    assert there.all == []
    box.clock.advance(seconds=1)
    there.got()


def test_a_reset_meanwhile(tmp_path: Path, courier: Courier) -> None:
    """What is on its way while the sandbox is reset comes to nothing there, and nothing is sent twice."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 500, {}

    with receiver(slow) as there:
        box = telling(tmp_path, courier, there.url)
        tell(box)
        assert came.wait(PATIENCE)
        box.snapshot("a")
        box.restore("a")
        assert box.webhooks.deliveries() == []
        tell(box)
        hold.set()
        there.got()
        there.got()
        box.webhooks.settle(PATIENCE)
        box.reset()
        tell(box)
        box.webhooks.settle(PATIENCE)
        assert len(there.all) == 2
    assert box.webhooks.deliveries() == []


def test_closing_meanwhile(tmp_path: Path) -> None:
    """A courier that is closed waits for no receiver, sends nothing any more, and leaves no thread behind."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with receiver(slow) as there:
        courier = Courier([read_listed("127.0.0.1")])
        box = telling(tmp_path, courier, there.url)
        tell(box)
        tell(box)
        assert came.wait(PATIENCE)
        courier.close()
        assert threads() == []
        assert [delivery.state for delivery in box.webhooks.deliveries()] == ["waiting", "waiting"]
        tell(box)
        courier.close()
        assert threads() == []
        hold.set()
        assert len(there.all) == 1


def test_a_sandbox_that_is_gone(tmp_path: Path, courier: Courier) -> None:
    """The courier keeps no sandbox: one is freed while a receiver is slow, and what waits is not sent."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with receiver(slow) as there:
        box = telling(tmp_path, courier, there.url)
        tell(box)
        tell(box)
        assert came.wait(PATIENCE)
        gone = ref(box)
        del box
        gc.collect()
        assert gone() is None
        hold.set()
        for thread in threading.enumerate():
            if thread.name == "mocktill-courier":
                thread.join(PATIENCE)
        assert len(there.all) == 1


def test_an_address_that_may_not_be_asked(tmp_path: Path, courier: Courier) -> None:
    """What a sandbox began with is looked at once more when it is sent: refused, it is given up and said."""
    box = telling_box(tmp_path)
    box.webhooks.courier = courier
    box.webhooks.begin_with({"toy": "http://169.254.169.254/latest/meta-data"})
    tell(box)
    box.webhooks.settle(PATIENCE)
    (delivery,) = box.webhooks.deliveries()
    assert delivery.state == "failed"
    (remark,) = [remark.sentence for remark in box.journal.remarks()]
    assert remark.endswith("169.254.169.254 is the metadata service of a cloud: no webhook goes there, listed or not")


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://10.0.0.1/", "nowhere", "http://127.1/"])
def test_an_address_that_is_not_taken(tmp_path: Path, courier: Courier, url: str) -> None:
    """What may not be asked is refused when it is given, with the reason."""
    box = telling_box(tmp_path)
    box.webhooks.courier = courier
    assert box.webhooks.allowed == ["127.0.0.1", "localhost"]
    with pytest.raises(ValueError, match=r"webhook|spelling"):
        box.webhooks.send_to("toy", url)


def test_a_defect_is_logged_and_ends_the_delivery(
    tmp_path: Path, courier: Courier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong in sending is logged, and the same is not tried again and again."""

    def broken(self: Any, parcel: Parcel) -> Outcome:
        raise RuntimeError("out of order")

    monkeypatch.setattr(Sender, "send", broken)
    box = telling(tmp_path, courier, "http://127.0.0.1:9000/")
    tell(box)
    box.webhooks.settle(PATIENCE)
    assert [delivery.state for delivery in box.webhooks.deliveries()] == ["failed"]
    assert "out of order" in caplog.text


def test_no_thread_can_be_had(
    tmp_path: Path, courier: Courier, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no thread can be started a request is answered all the same, and what waits goes with the next one."""

    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    box = telling(tmp_path, courier, there.url)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        assert tell(box).status == 200
    assert there.all == []
    tell(box)
    there.got()
    there.got()


def test_closing_waits_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that nothing can cut short are waited for together: the time is for all of them."""
    hold, come = threading.Event(), threading.Semaphore(0)

    def stuck(self: Any, parcel: Parcel) -> Outcome:
        come.release()
        assert hold.wait(PATIENCE)
        return Outcome(204)

    monkeypatch.setattr(Sender, "send", stuck)
    courier = Courier([read_listed("127.0.0.1")])
    boxes = [telling(tmp_path, courier, f"http://127.0.0.1:{9000 + number}/", str(number)) for number in range(3)]
    for box in boxes:
        tell(box)
        assert come.acquire(timeout=PATIENCE)
    waited: list[float] = []
    ticks = chain([0.0], repeat(0.5, 1), repeat(couriers.GRACE_SECONDS + 1))
    with monkeypatch.context() as patched:
        patched.setattr(couriers, "steady_seconds", lambda: next(ticks))
        patched.setattr(threading.Thread, "join", lambda self, timeout: waited.append(timeout))
        courier.close()
    assert waited == [couriers.GRACE_SECONDS - 0.5, 0, 0, 0]
    hold.set()
    for thread in threading.enumerate():
        if thread.name in {"mocktill-courier", "mocktill-webhook"}:
            thread.join(PATIENCE)
    assert threads() == []


def test_a_thread_that_is_gone_is_replaced(tmp_path: Path, courier: Courier, there: Receiver) -> None:
    """Where the thread that watches has ended by itself, as in a process that was forked, another one does."""
    box = telling(tmp_path, courier, there.url)
    gone = threading.Thread(target=int)
    gone.start()
    gone.join()
    courier._watching = gone
    tell(box)
    there.got()
