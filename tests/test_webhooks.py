"""Webhooks out, whole: off by default, signed, to listed addresses only, retried on the sandbox's clock.

What is asserted of a sandbox here holds in this process, on a server of it, and on one that runs.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from svix.webhooks import Webhook, WebhookVerificationError

import mocktill
from mocktill.apis import BUILTIN
from mocktill.core.catalogue import Catalogue
from mocktill.core.sandboxes import Sandboxes
from mocktill.doors.app import create_app
from mocktill.doors.logs.log import Nowhere, RequestLog
from mocktill.doors.remote import Remote
from mocktill.doors.serving.server import ServerThread
from mocktill.doors.testing.mocktill import Mocktill
from mocktill.doors.webhooks.addresses import read_listed
from mocktill.doors.webhooks.courier import Courier
from tests.doors.wire import serving
from tests.receiver import PATIENCE, Got, Receiver, receiver

NOON = "2026-03-02T12:00:00Z"
PURCHASES = "/9999999/subscribers/98asdh9f8asd88d/purchases"
SECRET = next(api.webhook.secret for api in BUILTIN if api.name == "supertab" and api.webhook is not None)
OWN_SECRET = "whsec_" + "QUJD" * 8


@pytest.fixture
def there() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiver() as there:
        yield there


@pytest.fixture(scope="module")
def server(catalogue: Catalogue) -> Iterator[str]:
    """A server whose webhooks may go to this machine."""
    sandboxes = Sandboxes(catalogue)
    with Courier([read_listed("127.0.0.1")]) as courier:
        sandboxes.deliver_by(courier)
        with ServerThread(create_app(sandboxes), RequestLog(Nowhere())) as url:
            yield url


@pytest.fixture(params=["in process", "live", "remote"])
def mode(request: pytest.FixtureRequest, server: str) -> dict[str, Any]:
    """The settings by which a sandbox is in this process, on a server of it, or on one that runs."""
    modes: dict[str, dict[str, Any]] = {"in process": {}, "live": {"live": True}, "remote": {"url": server}}
    return modes[request.param]


def purchase(box: Mocktill, amount: int = 4900) -> requests.Response:
    """Let a subscriber of Drip buy something, which moves the lifetime value."""
    with requests.Session() as client:
        return client.post(
            f"{box.url('drip')}/v2{PURCHASES}",
            json={"purchases": [{"amount": amount}]}, auth=("YOUR_API_KEY", ""), timeout=PATIENCE,
        )  # fmt: skip


def key_of(box: Mocktill, table: str, fits: Callable[[Any], bool] = lambda row: True) -> str:
    """Return the key of the first row of a table that fits."""
    return next(str(key) for key, row in sorted(box.state()["tables"][table].items()) if fits(row))


def complete(box: Mocktill) -> str:
    """Let a pending purchase of Supertab complete; return its key."""
    key = key_of(box, "supertab.purchases", lambda row: row.get("tab_id") is None)
    box.act("supertab.complete_purchase", key)
    return key


def said(box: Mocktill) -> list[str]:
    """Return what the journal remarks on webhooks."""
    return [remark.sentence for remark in box.journal.remarks() if remark.what == "webhook"]


def test_drip_tells_of_a_lifetime_value(mode: dict[str, Any], there: Receiver) -> None:
    """A purchase moves it, and the receiver gets the event as it is published, not signed."""
    with mocktill.sandbox(**mode, now=NOON, webhooks={"drip": there.url}) as box:
        assert purchase(box).status_code == 201
        got = there.got()
        box.webhooks.settle(PATIENCE)
        (delivery,) = box.webhooks.deliveries("drip")
        assert delivery.state == "delivered"
        assert len(said(box)) == 1
    assert got.payload["event"] == "subscriber.updated_lifetime_value"
    assert got.payload["data"]["properties"]["value"] - got.payload["data"]["properties"]["previous_value"] == 4900
    assert got.payload["occurred_at"] == NOON
    assert not [name for name in got.headers if "signature" in name]


def test_kajabi_tells_of_a_purchase(mode: dict[str, Any], there: Receiver) -> None:
    """Somebody buys an offer, and the receiver gets the purchase, its offer and its customer."""
    with mocktill.sandbox(**mode, now=NOON, webhooks={"kajabi": there.url}) as box:
        box.act("kajabi.buy_offer", key_of(box, "kajabi.offers"))
        got = there.got()
    assert got.payload["event"] == "purchase"
    assert {"purchases", "offers", "customers"} <= {resource["type"] for resource in got.payload["payload"]}


@pytest.mark.parametrize("secret", [None, OWN_SECRET])
def test_supertab_signs_as_svix_does(mode: dict[str, Any], there: Receiver, secret: str | None) -> None:
    """The library that receivers use takes the signature, with the documented secret and with one of one's own."""
    with mocktill.sandbox(**mode, now=NOON, webhooks={"supertab": there.url}) as box:
        if secret is not None:
            box.webhooks.send_to("supertab", there.url, secret)
        key = complete(box)
        got = there.got()
    Webhook(secret or SECRET).verify(got.body, got.headers)
    assert (got.payload["type"], got.payload["data"]["id"]) == ("purchase.completed", key)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret or SECRET).verify(got.body + b" ", got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "QkJC" * 8).verify(got.body, got.headers)


def test_each_attempt_has_the_same_id_and_body(mode: dict[str, Any]) -> None:
    """A receiver that fails gets it again 5 s later on the sandbox's clock: signed anew, and otherwise the same."""
    answers = iter([500, 204])
    with (
        receiver(lambda got: (next(answers), {})) as there,
        mocktill.sandbox(**mode, now=NOON, webhooks={"supertab": there.url}) as box,
    ):
        complete(box)
        first = there.got()
        box.webhooks.settle(PATIENCE)
        box.clock.advance(seconds=4)
        box.webhooks.settle(PATIENCE)
        assert len(there.all) == 1
        box.clock.advance(seconds=1)
        second = there.got()
        box.webhooks.settle(PATIENCE)
        assert [delivery.state for delivery in box.webhooks.deliveries()] == ["delivered"]
        assert "attempt 1: answered 500; again at 2026-03-02T12:00:05" in said(box)[0]
        assert "attempt 2: answered 204" in said(box)[1]
    assert (first.body, first.headers["svix-id"]) == (second.body, second.headers["svix-id"])
    for got in (first, second):
        Webhook(SECRET).verify(got.body, got.headers)


def test_when_time_moves_by_choice(mode: dict[str, Any], there: Receiver) -> None:
    """By choice nothing is sent before the sandbox's clock is moved."""
    given = {"drip": there.url}
    with mocktill.sandbox(
        **mode, now=NOON, webhooks=given, choices={"drip.webhook_delivery": "when_time_moves"}
    ) as box:
        purchase(box)
        box.webhooks.settle(PATIENCE)
        assert there.all == []
        box.clock.advance(seconds=1)
        there.got()


def test_nothing_is_sent_when_off(mode: dict[str, Any], there: Receiver) -> None:
    """Without an address nothing is kept to be sent and nobody is asked, and an address can be taken back."""
    with mocktill.sandbox(**mode, now=NOON) as box:
        assert purchase(box).status_code == 201
        assert (box.webhooks.targets(), box.webhooks.deliveries()) == ([], [])
        box.webhooks.send_to("drip", there.url)
        purchase(box)
        there.got()
        box.webhooks.settle(PATIENCE)
        box.webhooks.stop("drip")
        purchase(box)
        box.webhooks.settle(PATIENCE)
        assert len(box.webhooks.deliveries()) == 1
    assert len(there.all) == 1


def test_a_refused_purchase_tells_nothing(mode: dict[str, Any], there: Receiver) -> None:
    """What a fault undoes, or the vendor refuses, was never told."""
    lost = {"what": {"status": 503}, "when": {"next": 1}}
    with mocktill.sandbox(**mode, now=NOON, webhooks={"drip": there.url}, faults=[lost], violations="allow") as box:
        assert purchase(box).status_code == 503
        with requests.Session() as client:
            url = f"{box.url('drip')}/v2{PURCHASES}"
            assert client.post(url, json={}, auth=("YOUR_API_KEY", ""), timeout=PATIENCE).status_code >= 400
        assert box.webhooks.deliveries() == []
    assert there.all == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://user:pass@127.0.0.1/",
        "ftp://127.0.0.1/",
    ],
)
def test_never_to_these(mode: dict[str, Any], url: str) -> None:
    """Whoever asks for it, link-local and metadata addresses and odd spellings are refused in words."""
    with pytest.raises(ValueError, match=r"webhook|spelling"):
        mocktill.sandbox(**mode, webhooks={"drip": url}).__enter__()
    with mocktill.sandbox(**mode) as box:
        with pytest.raises(ValueError, match=r"webhook|spelling"):
            box.webhooks.send_to("drip", url)
        assert box.webhooks.targets() == []


def test_a_server_takes_listed_addresses_only(server: str) -> None:
    """Over HTTP an address has to be among those that the server was started with, also for a sandbox that is made."""
    box = Remote(server).make("unlisted")
    assert box.webhooks.allowed == ["127.0.0.1"]
    for ask in (
        lambda: box.webhooks.send_to("drip", "http://localhost:9000/"),
        lambda: Remote(server).make("other", webhooks={"drip": "http://localhost:9000/"}),
    ):
        with pytest.raises(ValueError, match="localhost:9000 is not among the addresses that webhooks may go to"):
            ask()
    assert box.webhooks.targets() == []
    assert "other" not in {listed.name for listed in Remote(server).sandboxes()}


def test_what_a_test_lists_is_not_listed_for_others(there: Receiver) -> None:
    """A live sandbox takes an address from its own test; over HTTP it takes none that the test has not named."""
    with mocktill.sandbox(live=True, webhooks={"drip": there.url}) as box:
        other = Remote(box.url("drip").partition("/~")[0]).sandbox(box.name)
        assert other.webhooks.allowed == [f"127.0.0.1:{there.port}"]
        with pytest.raises(ValueError, match="is not among the addresses"):
            other.webhooks.send_to("drip", f"http://127.0.0.1:{there.port + 1}/")
    with mocktill.sandbox(live=True) as box:
        other = Remote(box.url("drip").partition("/~")[0]).sandbox(box.name)
        assert other.webhooks.allowed == []
        with pytest.raises(ValueError, match="not among the addresses"):
            other.webhooks.send_to("drip", there.url)


def test_a_reset_goes_back_to_the_settings(mode: dict[str, Any], there: Receiver) -> None:
    """After a reset webhooks go where the test's settings say."""
    with mocktill.sandbox(**mode, now=NOON, webhooks={"drip": there.url}) as box:
        box.webhooks.stop("drip")
        box.reset()
        purchase(box)
        there.got()


def test_a_slow_receiver_holds_nobody_up(mode: dict[str, Any], there: Receiver) -> None:
    """While one says nothing, requests are answered, and another receiver of the same sandbox gets what is its."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with (
        receiver(slow) as slow_one,
        mocktill.sandbox(**mode, now=NOON, webhooks={"drip": slow_one.url, "kajabi": there.url}) as box,
    ):
        purchase(box)
        assert came.wait(PATIENCE)
        assert purchase(box).status_code == 201
        box.clock.advance(minutes=1)
        box.act("kajabi.buy_offer", key_of(box, "kajabi.offers"))
        there.got()
        with pytest.raises(TimeoutError, match=r"due webhooks are still on the way after 0 s"):
            box.webhooks.settle(0)
        hold.set()
        box.webhooks.settle(PATIENCE)
        assert {delivery.state for delivery in box.webhooks.deliveries()} == {"delivered"}


def test_the_end_waits_for_no_receiver(mode: dict[str, Any]) -> None:
    """A sandbox ends while a receiver says nothing, and nothing more is sent."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with receiver(slow) as slow_one:
        with mocktill.sandbox(**mode, now=NOON, webhooks={"drip": slow_one.url}) as box:
            purchase(box)
            purchase(box)
            assert came.wait(PATIENCE)
        hold.set()
    assert len(slow_one.all) == 1


def test_hosts_that_a_test_may_not_reach(there: Receiver) -> None:
    """What keeps a test's own calls from other hosts does not keep a webhook from where the test sends it."""
    with mocktill.sandbox(now=NOON, webhooks={"drip": there.url}, pass_hosts=()) as box:
        with pytest.raises(requests.ConnectionError), requests.Session() as client:
            client.post(there.url, timeout=PATIENCE)
        box.place.missed.clear()
        purchase(box)
        there.got()
        box.webhooks.settle(PATIENCE)
        assert box.place.missed == []


def test_no_vendor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a sandbox is active no vendor is reached, by a webhook neither: its host is not even looked up."""
    with mocktill.sandbox(now=NOON, webhooks={"drip": "http://api.getdrip.com/hook"}) as box:
        purchase(box)
        box.webhooks.settle(PATIENCE)
        assert "the host is not found" in said(box)[0]


# a server as a process


def buy(url: str) -> int:
    """Let a subscriber of Drip buy something from a server; return the status."""
    with requests.Session() as client:
        answer = client.post(
            f"{url}/drip/v2{PURCHASES}",
            json={"purchases": [{"amount": 4900}]}, auth=("YOUR_API_KEY", ""), timeout=PATIENCE,
        )  # fmt: skip
    return answer.status_code


@pytest.mark.parametrize("by", ["option", "variable"])
def test_serve_sends_where_it_is_told(tmp_path: Path, there: Receiver, by: str) -> None:
    """`--webhook API=URL` holds for every sandbox and counts as listed; so does its environment variable."""
    value = f"drip={there.url}"
    options, env = (["--webhook", value], {}) if by == "option" else ([], {"MOCKTILL_WEBHOOK": value})
    with serving(tmp_path, *options, env=env) as served:
        assert buy(served.url) == 201
        assert there.got().payload["event"] == "subscriber.updated_lifetime_value"
        assert buy(f"{served.url}/~other") == 201
        there.got()
        box = Remote(served.url).sandbox()
        box.webhooks.settle(PATIENCE)
        assert box.webhooks.allowed == [f"127.0.0.1:{there.port}"]
        assert served.stop() == 0
        assert served.err == ""


def test_serve_allows_what_it_is_told(tmp_path: Path, there: Receiver) -> None:
    """`--allow-webhook` lists an address for control calls; what is not listed is refused."""
    with serving(tmp_path, "--allow-webhook", f"127.0.0.1:{there.port}") as served:
        box = Remote(served.url).sandbox("a")
        assert buy(f"{served.url}/~a") == 201
        box.webhooks.send_to("drip", there.url)
        with pytest.raises(ValueError, match="is not among the addresses"):
            box.webhooks.send_to("drip", "http://127.0.0.1:1/")
        assert buy(f"{served.url}/~a") == 201
        there.got()
        box.webhooks.settle(PATIENCE)
        assert len(there.all) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="SKIPPED: only Linux tells which threads a process has")
def test_a_server_that_sends_nothing_has_no_thread_for_it(tmp_path: Path, there: Receiver) -> None:
    """A server that is not told where webhooks go refuses every address, and has no thread and no socket for them."""
    with serving(tmp_path) as served:
        assert buy(served.url) == 201
        with pytest.raises(ValueError, match="webhooks are off here"):
            Remote(served.url).sandbox().webhooks.send_to("drip", there.url)
        tasks = Path(f"/proc/{served.process.pid}/task")
        names = {(task / "comm").read_text().strip() for task in tasks.iterdir()}
        assert not [name for name in names if name.startswith(("mocktill-courie", "mocktill-webhoo"))]
    assert there.all == []


def test_a_server_stops_while_a_receiver_is_slow(tmp_path: Path) -> None:
    """A signal ends the server at once and well, whatever a receiver still has to say."""
    hold, came = threading.Event(), threading.Event()

    def slow(got: Got) -> tuple[int, dict[str, str]]:
        came.set()
        assert hold.wait(PATIENCE)
        return 204, {}

    with receiver(slow) as slow_one, serving(tmp_path, "--webhook", f"drip={slow_one.url}") as served:
        assert buy(served.url) == 201
        assert came.wait(PATIENCE)
        assert buy(served.url) == 201
        assert served.stop() == 0
        assert served.err == ""
        hold.set()


def test_a_real_client_of_requests_sees_no_difference(there: Receiver) -> None:
    """The answer of a request is the same whether its webhook is sent, refused by its receiver, or not told at all."""
    answers = []
    with receiver(lambda got: (500, {})) as failing:
        for webhooks in ({}, {"drip": there.url}, {"drip": failing.url}):
            with mocktill.sandbox(now=NOON, webhooks=webhooks) as box:
                answer = purchase(box)
                answers.append((answer.status_code, answer.text, answer.headers["Mocktill-Basis"]))
    assert len(set(answers)) == 1
