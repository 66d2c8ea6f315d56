"""Webhooks as rows: told with what they tell of, due on the sandbox's clock, and bounded. Nothing here is sent."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from weakref import ref

import orjson
import pytest

from mocktill.core import webhooks
from mocktill.core.api import Backend, Call, Result
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import unknown_credentials
from mocktill.core.clock import machine_now
from mocktill.core.deliveries import Outcome, shown
from mocktill.core.errors import Conflict
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.store import Row
from mocktill.core.webhooks import OFF, RETRIES
from tests.conftest import NOW
from tests.core.telling import EVENT, SECRET, URL, Waiting, bring, keep, signed, telling_box, telling_toy
from tests.core.toy import tell, toy_box

WELL, BUSY = Outcome(204), Outcome(503)


@pytest.fixture
def courier() -> Waiting:
    """A courier that brings nothing by itself."""
    return Waiting(frozenset({"http://127.0.0.1:1/"}))


@pytest.fixture
def box(tmp_path: Path, courier: Waiting) -> Sandbox:
    """A sandbox of the toy vendor, whose webhooks go somewhere."""
    box = telling_box(tmp_path)
    box.webhooks.courier = courier
    box.webhooks.send_to("toy", URL)
    return box


def said(box: Sandbox) -> list[str]:
    """Return what the journal remarks on webhooks."""
    return [remark.sentence for remark in box.journal.remarks() if remark.what == "webhook"]


def states(box: Sandbox) -> list[str]:
    """Return the state of each delivery."""
    return [delivery.state for delivery in box.webhooks.deliveries()]


def test_nothing_is_told_where_it_goes_nowhere(tmp_path: Path, courier: Waiting) -> None:
    """Without an address no row is written, no payload is made, no id is drawn and no courier hears of anything."""

    def tells(call: Call, backend: Backend) -> Result:
        backend.emit(EVENT, "a", lambda: pytest.fail("a payload was made"))
        return Result("kept")

    box = telling_box(tmp_path, tells)
    box.webhooks.courier = courier
    before = box.table("mocktill.counters").get("mocktill/delivery")
    assert tell(box).status == 200
    assert box.webhooks.deliveries() == []
    assert box.table("mocktill.counters").get("mocktill/delivery") == before
    assert courier.told == []


def test_no_address_is_taken_without_a_courier(tmp_path: Path) -> None:
    """Where nobody brings them, webhooks are off: nothing is allowed, and an address is refused in words."""
    box = telling_box(tmp_path)
    assert box.webhooks.allowed == ()
    with pytest.raises(ValueError, match=OFF):
        box.webhooks.send_to("toy", URL)
    assert box.webhooks.targets() == []


def test_a_refused_address_changes_nothing(box: Sandbox) -> None:
    """What the courier refuses is not kept, and what was there stays."""
    with pytest.raises(ValueError, match="is not listed"):
        box.webhooks.send_to("toy", "http://127.0.0.1:1/")
    assert [target.url for target in box.webhooks.targets()] == [URL]


@pytest.mark.parametrize("api", ["toi", "", "deem"])
def test_an_api_that_tells_of_nothing(box: Sandbox, api: str) -> None:
    """An API that there is not, or that has no webhooks, is refused in words, whatever is asked of it."""
    for asked in (
        lambda: box.webhooks.send_to(api, URL),
        lambda: box.webhooks.stop(api),
        lambda: box.webhooks.deliveries(api),
    ):
        with pytest.raises(KeyError, match="there is no API with webhooks"):
            asked()
    with pytest.raises(ValueError, match="there is no API with webhooks"):
        box.webhooks.begin_with({"toy": "http://127.0.0.1:9001/", api: URL})
    assert [target.url for target in box.webhooks.targets()] == [URL]


def test_an_api_without_webhooks(tmp_path: Path) -> None:
    """An API that declares none has nowhere to send them."""
    box = toy_box(tmp_path)
    box.webhooks.courier = Waiting()
    with pytest.raises(KeyError, match="there are none"):
        box.webhooks.send_to("toy", URL)


def test_a_vendor_without_the_choices(tmp_path: Path) -> None:
    """One that declares webhooks and leaves the choice out fails when an address is given, not in a courier's hands."""
    made = replace(telling_toy(tmp_path), choices=(unknown_credentials("toy"),))
    box = Sandbox(Catalogue([made]))
    box.webhooks.courier = Waiting()
    with pytest.raises(KeyError, match="there is no choice 'toy"):
        box.webhooks.send_to("toy", URL)


def test_a_secret_that_cannot_be_one(box: Sandbox) -> None:
    """A secret that the vendor cannot sign with is refused when it is given."""
    with pytest.raises(ValueError, match="cannot be the secret of toy's webhooks"):
        box.webhooks.send_to("toy", URL, "whsec_!")
    assert [target.secret for target in box.webhooks.targets()] == [False]


def test_a_request_tells(box: Sandbox, courier: Waiting) -> None:
    """What is told is due at once, of the row that it is about, and the courier hears of it."""
    tell(box, {"name": "Ümläut"})
    (delivery,) = box.webhooks.deliveries()
    assert (delivery.api, delivery.event, delivery.key, delivery.state) == ("toy", EVENT, "a", "waiting")
    assert delivery.payload == {"type": EVENT, "data": {"name": "Ümläut"}}
    assert delivery.id.startswith("msg_")
    assert len(delivery.id) == 31
    assert (delivery.created_at, delivery.at, delivery.attempts) == (NOW, NOW, 0)
    assert box.webhooks.due() == [delivery]
    assert [delivery.at for delivery in box.webhooks.due()] == [NOW]
    assert courier.told == [box.webhooks]


def test_a_parcel_is_signed(box: Sandbox) -> None:
    """The parcel has the bytes of the row, under its id, signed with the documented secret and the machine's time."""
    before = int(machine_now().timestamp())
    tell(box, {"a": 1})
    (delivery,) = box.webhooks.due()
    parcel = box.webhooks.parcel(delivery)
    assert parcel is not None
    assert (parcel.url, parcel.body) == (URL, orjson.dumps({"type": EVENT, "data": {"a": 1}}))
    at = int(parcel.headers["svix-timestamp"])
    assert at >= before
    content = {"Content-Type": "application/json"}
    assert parcel.headers == {**content, **signed(delivery.id, at, parcel.body, SECRET)}


def test_a_secret_of_ones_own_signs(box: Sandbox) -> None:
    """A secret that was given signs from then on, and is told to nobody."""
    secret = "whsec_" + "QUJD" * 8
    box.webhooks.send_to("toy", URL, secret)
    tell(box)
    (delivery,) = box.webhooks.due()
    parcel = box.webhooks.parcel(delivery)
    assert parcel is not None
    at = int(parcel.headers["svix-timestamp"])
    assert parcel.headers["svix-signature"] == signed(delivery.id, at, parcel.body, secret)["svix-signature"]
    assert [target.to_json() for target in box.webhooks.targets()] == [{"api": "toy", "url": URL, "secret": True}]
    assert secret not in orjson.dumps(box.state()).decode()


def test_a_refused_request_tells_nothing(tmp_path: Path, courier: Waiting) -> None:
    """What is rolled back was never told: neither a delivery nor a number is left of it."""

    def refuses(call: Call, backend: Backend) -> Result:
        keep(call, backend)
        raise Conflict

    box = telling_box(tmp_path, refuses)
    box.webhooks.courier = courier
    box.webhooks.send_to("toy", URL)
    assert tell(box).status == 409
    assert box.webhooks.deliveries() == []
    assert courier.told == []
    assert box.table("mocktill.counters").get("mocktill/delivery") is None


def test_a_fault_that_undoes_tells_nothing(box: Sandbox) -> None:
    """A request whose answer a fault replaces before the state changes tells nothing; one after tells."""
    box.faults.add({"what": {"status": 503}, "when": {"next": 1}})
    assert tell(box).status == 503
    assert box.webhooks.deliveries() == []
    box.faults.add({"what": {"status": 503}, "moment": "after", "when": {"next": 1}})
    assert tell(box).status == 503
    assert states(box) == ["waiting"]


def test_a_second_later_by_choice(box: Sandbox) -> None:
    """With `when_time_moves` it is due a second later: where the clock stands still, when somebody moves it."""
    box.choices["toy.webhook_delivery"] = "when_time_moves"
    tell(box)
    assert box.webhooks.due() == []
    assert box.webhooks.look()[1] is None
    box.clock.advance(seconds=1)
    assert len(box.webhooks.due()) == 1


def test_the_choices_do_not_weaken_an_answer(box: Sandbox) -> None:
    """Telling decides nothing of the answer: its basis is the same with an address and without."""
    with_address = dict(tell(box).headers)["Mocktill-Basis"]
    box.webhooks.stop("toy")
    assert dict(tell(box).headers)["Mocktill-Basis"] == with_address


def test_the_journal_tells_of_the_vendors_rows_alone(box: Sandbox) -> None:
    """A delivery is no change that an entry shows: it holds what was told, not what changed."""
    entry = tell(box).entry
    assert [change.table for change in entry.changes] == ["toy.things"]


def test_what_is_taken_is_over(box: Sandbox) -> None:
    """A 2xx ends it, and the journal says to whom and at which attempt."""
    tell(box)
    (number,) = bring(box, WELL)
    (delivery,) = box.webhooks.deliveries()
    assert (delivery.state, delivery.attempts, delivery.last) == ("delivered", 1, "answered 204")
    assert box.webhooks.due() == []
    (remark,) = [remark for remark in box.journal.remarks() if remark.what == "webhook"]
    assert remark.sentence == f"{EVENT} {number} to {URL}, attempt 1: answered 204"
    assert (remark.api, remark.key, remark.at) == ("toy", "a", NOW)


def test_retries_are_on_the_sandboxs_clock(box: Sandbox) -> None:
    """As Svix publishes: at once, then after 5 s, 5 and 30 min, 2, 5, 10 and 10 h; the same id and body each time."""
    tell(box, {"a": 1})
    seen = []
    for number, delay in enumerate((timedelta(), *RETRIES), 1):
        if delay:
            assert box.webhooks.due() == []
            box.clock.advance(delay - timedelta(microseconds=1))
            assert box.webhooks.due() == []
            box.clock.advance(microseconds=1)
        (delivery,) = box.webhooks.due()
        parcel = box.webhooks.parcel(delivery)
        assert parcel is not None
        seen.append((delivery.id, parcel.body))
        bring(box, BUSY)
        assert f"attempt {number}: answered 503" in said(box)[-1]
    assert states(box) == ["failed"]
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert sum(RETRIES, timedelta()) == timedelta(hours=27, minutes=35, seconds=5)
    assert said(box)[-1].endswith("it is given up")
    assert said(box)[0].endswith("; again at 2026-03-02T12:00:05.000000Z")
    box.clock.advance(days=30)
    assert box.webhooks.due() == []


def test_no_retries_by_choice(box: Sandbox) -> None:
    """With `none` the first attempt is the last."""
    box.choices["toy.webhook_retries"] = "none"
    tell(box)
    bring(box, BUSY)
    assert states(box) == ["failed"]


def test_a_refused_one_is_not_tried_again(box: Sandbox) -> None:
    """What was never sent, since the address may not be asked, is given up with the reason."""
    tell(box)
    (number,) = bring(box, Outcome(None, "it is link-local", refused=True))
    assert states(box) == ["failed"]
    assert said(box) == [f"{EVENT} {number} to {URL} was not sent: it is link-local"]


def test_how_long_a_running_clock_takes(box: Sandbox) -> None:
    """Where time runs, the courier knows how long it takes until more is due; what is due says nothing."""
    box.clock.run()
    tell(box, key="a")
    assert box.webhooks.look()[1] is None
    box.choices["toy.webhook_delivery"] = "when_time_moves"
    tell(box, key="b")
    wait = box.webhooks.look()[1]
    assert wait is not None
    assert 0 < wait <= 1
    assert [delivery.key for delivery, _ in box.webhooks.look()[0]] == ["a"]


def test_the_longest_due_comes_first(box: Sandbox) -> None:
    """The courier is shown the one of an API that is due the longest, with where it goes."""
    tell(box, key="a")
    tell(box, key="b")
    assert [(delivery.key, url) for delivery, url in box.webhooks.look()[0]] == [("a", URL)]
    bring(box, BUSY)
    assert box.webhooks.look()[0] == []


def test_what_stops_is_given_up(box: Sandbox, courier: Waiting) -> None:
    """Without an address what waits is given up, and nothing is told any more; to stop once more is a KeyError."""
    tell(box)
    (delivery,) = box.webhooks.due()
    box.webhooks.stop("toy")
    assert [(each.state, each.last) for each in box.webhooks.deliveries()] == [("failed", "stopped")]
    assert box.webhooks.parcel(delivery) is None
    tell(box)
    assert len(box.webhooks.deliveries()) == 1
    with pytest.raises(KeyError, match="go nowhere"):
        box.webhooks.stop("toy")


def test_another_address_gets_what_waits(box: Sandbox) -> None:
    """What waits goes to the address as it is when it is sent."""
    tell(box)
    box.webhooks.send_to("toy", "http://127.0.0.1:9001/")
    assert [url for _, url in box.webhooks.look()[0]] == ["http://127.0.0.1:9001/"]


def test_a_reset_goes_back_to_the_addresses_of_the_beginning(tmp_path: Path, courier: Waiting) -> None:
    """A reset ends what waits; addresses are those that the sandbox began with, and no others."""
    box = Sandbox(Catalogue([telling_toy(tmp_path)]), setup=Setup(now=NOW, webhooks={"toy": URL}))
    box.webhooks.courier = courier
    tell(box)
    box.webhooks.send_to("toy", "http://127.0.0.1:9001/")
    (delivery,) = box.webhooks.due()
    box.reset()
    assert [target.url for target in box.webhooks.targets()] == [URL]
    assert box.webhooks.deliveries() == []
    box.webhooks.record(delivery, URL, WELL)
    assert (box.webhooks.deliveries(), said(box)) == ([], [])


def test_an_outcome_is_for_the_world_it_comes_from(box: Sandbox) -> None:
    """After a reset the same id may be another delivery's: what was on its way meanwhile ends nothing there."""
    box.webhooks.begin_with({"toy": URL})
    box.beginning = box.store.rows()
    tell(box)
    (before,) = box.webhooks.due()
    box.reset()
    tell(box)
    (after,) = box.webhooks.due()
    assert after.id == before.id
    assert box.webhooks.parcel(before) is None
    box.webhooks.record(before, URL, WELL)
    assert states(box) == ["waiting"]


def test_a_restore_ends_what_waits(box: Sandbox) -> None:
    """A snapshot has no deliveries, and a receiver does not go back in time: what waits ends, addresses stay."""
    tell(box)
    (delivery,) = box.webhooks.due()
    box.snapshot("a")
    box.restore("a")
    assert box.webhooks.deliveries() == []
    assert [target.url for target in box.webhooks.targets()] == [URL]
    box.webhooks.record(delivery, URL, WELL)
    assert box.webhooks.deliveries() == []


def test_no_state_has_them(box: Sandbox) -> None:
    """Neither a state nor a downloaded snapshot names an address or what was told: a loaded one can set neither."""
    tell(box, {"name": "told"})
    box.snapshot("a")
    for document in (box.state(), box.snapshots.get("a")):
        assert not {"mocktill.webhooks", "mocktill.deliveries"} & set(document["tables"])


def test_deliveries_are_bounded(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are so many at the most: of those that are over the oldest goes."""
    monkeypatch.setattr(webhooks, "MOST", 3)
    for key in "abc":
        tell(box, key=key)
        box.clock.advance(seconds=1)
        bring(box, WELL if key == "b" else Outcome(None, "no", refused=True))
    tell(box, key="d")
    assert [delivery.key for delivery in box.webhooks.deliveries()] == ["b", "c", "d"]
    tell(box, key="e")
    assert [delivery.key for delivery in box.webhooks.deliveries()] == ["c", "d", "e"]


def test_what_has_no_room_is_dropped_and_said(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all wait there is no room: what is told then is dropped, and the journal counts it, once it is kept."""
    monkeypatch.setattr(webhooks, "MOST", 2)
    for key in "abc":
        assert tell(box, key=key).status == 200
    assert [delivery.key for delivery in box.webhooks.deliveries()] == ["a", "b"]
    assert said(box) == ["1 webhooks of toy were dropped: 2 wait, which is the most"]
    tell(box, key="d")
    assert len(said(box)) == 2


def test_nothing_is_due_of_a_sandbox_that_is_gone(box: Sandbox) -> None:
    """A sandbox that was deleted sends nothing any more, whoever still holds it."""
    tell(box)
    box.journal.close()
    assert (box.webhooks.due(), box.webhooks.look()) == ([], ([], None))


def test_settling(box: Sandbox) -> None:
    """Nothing is on its way where nothing is due; what is due and not brought is a TimeoutError in words."""
    box.webhooks.settle()
    tell(box)
    with pytest.raises(TimeoutError, match="1 due webhook is still on the way after 0 s"):
        box.webhooks.settle(0)
    bring(box, BUSY)
    box.webhooks.settle()


def test_a_url_is_shown_without_its_query() -> None:
    """A query may hold a token: it is left out wherever an address is told."""
    assert shown("http://127.0.0.1:9000/hook?token=abc") == "http://127.0.0.1:9000/hook?…"


def test_secrets_in_a_payload_are_masked_where_it_is_told(box: Sandbox) -> None:
    """A payload goes out as it is, and is told with its secrets masked."""
    tell(box, {"token": "abcdef123456"})
    (delivery,) = box.webhooks.deliveries()
    assert delivery.to_json()["payload"]["data"] == {"token": "***"}
    assert "abcdef123456" in delivery.body


def test_webhooks_keep_no_sandbox(tmp_path: Path) -> None:
    """Whoever holds the webhooks does not hold their sandbox: it is freed, and they say so."""
    box = telling_box(tmp_path)
    held, gone = box.webhooks, ref(box)
    del box
    gc.collect()
    assert gone() is None
    with pytest.raises(ReferenceError, match="the sandbox is gone"):
        held.begin_with({"toy": URL})


def test_nothing_falls_due_between_two_looks(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What falls due while the courier looks is due, or is waited for: the clock is asked once."""
    box.choices["toy.webhook_delivery"] = "when_time_moves"
    box.clock.run()
    tell(box)
    (delivery,) = box.webhooks.deliveries()
    instants = iter([delivery.at - timedelta(seconds=0.25), *[delivery.at + timedelta(seconds=1)] * 3])
    monkeypatch.setattr(box.clock, "now", lambda: next(instants))
    assert box.webhooks.look() == ([], 0.25)


def test_what_was_due_stays_due(box: Sandbox) -> None:
    """Whoever moves the clock back takes nothing back: what was due is, what was not is due when it was to be."""
    tell(box, key="a")
    tell(box, key="b")
    bring(box, BUSY)
    later = NOW + RETRIES[0]
    tell(box, key="c")
    box.clock.travel_to(NOW - timedelta(days=1))
    assert [(delivery.key, delivery.at) for delivery in box.webhooks.due()] == [("c", NOW - timedelta(days=1))]
    assert [delivery.at for delivery in box.webhooks.deliveries()][:2] == [later, later]
    bring(box, WELL)
    assert states(box) == ["waiting", "waiting", "delivered"]


def test_the_clock_is_moved_back_meanwhile(box: Sandbox) -> None:
    """What is on its way while the clock is moved back is recorded, and not sent again."""
    tell(box)
    ((delivery, url),) = box.webhooks.look()[0]
    box.clock.advance(hours=-1)
    ((again, _),) = box.webhooks.look()[0]
    assert again.id == delivery.id
    box.webhooks.record(delivery, url, WELL)
    assert states(box) == ["delivered"]
    assert box.webhooks.parcel(again) is None


def test_what_expires_is_told_at_once(tmp_path: Path, courier: Waiting) -> None:
    """The courier hears of what time alone makes happen, whoever looks."""

    def expired(key: str, hold: Row, backend: Backend) -> str:
        backend.emit(EVENT, key, lambda: {"type": EVENT})
        return "it ran out"

    box = telling_box(tmp_path, expired=expired)
    box.webhooks.courier = courier
    box.webhooks.send_to("toy", URL)
    with box.changing():
        box.backend("toy").holds.place("h", "seats", 1, NOW)
    box.state()
    assert courier.told == [box.webhooks]
    assert [delivery.key for delivery in box.webhooks.due()] == ["h"]
