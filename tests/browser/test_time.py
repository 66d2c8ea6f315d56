"""The sandbox's time, as people see and move it in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from mocktill.core.clock import machine_now
from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import Watch
from tests.client import Client

WANTED = {"deal_id": "last-one", "num_bought": "1"}
NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(page: Page, url: str, sandboxes: Sandboxes, request: pytest.FixtureRequest) -> Sandbox:
    """The page of the clock of a sandbox that this test has for itself; it stands still at noon."""
    name = request.node.name.replace("_", "-")
    box = sandboxes.get(name)
    box.clock.freeze(NOON)
    page.goto(f"{url}/~{name}/_mocktill/console/#/time")
    expect(page.locator(".face").first).to_contain_text("2030-03-01 12:00:00")
    return box


def reserve(box: Sandbox) -> str:
    """Reserve the last unit of a deal and return the purchase's id."""
    reserved = Client(box, "deem")("POST", "/v1/purchases/reserve?api_key=1234567", data=WANTED)
    return str(reserved.get_json()["purchase"]["id"])


def test_what_a_move_fires(page: Page, clock: Sandbox) -> None:
    """A move says what it made happen, and that stays in a list, the newest first."""
    to_next = page.get_by_role("button", name="To the next expiry")
    expect(to_next).to_be_disabled()
    key = reserve(clock)
    expect(page.locator(".countdown")).to_have_text("5 min 00 s")
    page.get_by_role("button", name="+1 min").click()
    expect(page.locator(".countdown")).to_have_text("4 min 00 s")
    to_next.click()
    expect(to_next).to_be_disabled()
    lines = page.locator(".fired li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("Moved to the next expiry: 2030-03-01 12:05:00 UTC. One thing expired.")
    expect(lines.nth(1)).to_contain_text(key)
    expect(lines.nth(2)).to_contain_text("Moved 1 min forward: 2030-03-01 12:01:00 UTC. Nothing expired.")
    assert clock.table("deem.stock").get("last-one") == {"free": 1, "held": 0, "sold": 0}


def test_moved_by_others(page: Page, clock: Sandbox) -> None:
    """What anybody does to the clock appears by itself: where it is, whether it runs, and what that made happen."""
    key = reserve(clock)
    clock.clock.travel_to(NOON + timedelta(days=1))
    expect(page.locator(".face").first).to_contain_text("2030-03-02 12:00:00")
    expect(page.locator(".fired li")).to_contain_text([key])
    clock.clock.run()
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()


def test_amounts_and_instants(page: Page, clock: Sandbox, watch: Watch) -> None:
    """Time moves by what is written, or to an instant; what is no duration is said at its field, and nothing moves."""
    amount = page.get_by_label("By", exact=True)
    for text, said in (("90s", "12:01:30"), ("-90", "12:00:00"), ("3d", "2030-03-04 12:00:00")):
        amount.fill(text)
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator(".face").first).to_contain_text(said)
    page.get_by_label("To an instant").fill("2031-01-02T03:04:05")
    page.get_by_role("button", name="Travel").click()
    expect(page.locator(".face").first).to_contain_text("2031-01-02 03:04:05")
    amount.fill("soon")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("'soon' is no duration")
    assert clock.now() == datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert watch.errors.pop().endswith("422 (Unprocessable Entity)")


def test_back_to_real_time(page: Page, clock: Sandbox) -> None:
    """Back to real time the clock runs, and with the machine's."""
    page.get_by_role("button", name="Back to real time").click()
    expect(page.get_by_text("It runs with this computer's clock.")).to_be_visible()
    assert not clock.clock.frozen
    assert abs(clock.now() - machine_now()) < timedelta(minutes=1)
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("It stands still")).to_be_visible()
    assert clock.clock.frozen
