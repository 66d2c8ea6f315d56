"""What the sandbox knows, as people see and change it in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mocktill.core.sandbox import Sandbox
from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import NARROW, Watch
from tests.client import Client

Open = Callable[[str], Sandbox]
WANTED = {"deal_id": "last-one", "num_bought": "1"}


@pytest.fixture
def at(page: Page, url: str, sandboxes: Sandboxes, request: pytest.FixtureRequest) -> Open:
    """Open a view of a sandbox that this test has for itself: `at("state/deem/deals")`."""
    name = request.node.name.replace("_", "-")

    def go(place: str) -> Sandbox:
        box = sandboxes.get(name)
        page.goto(f"{url}/~{name}/_mocktill/console/#/{place}")
        return box

    return go


def put(box: Sandbox, table: str, key: str, **fields: Any) -> None:
    """Change a row as somebody else would."""
    box.change(table, key, fields)


def line(page: Page, key: str) -> Locator:
    """Return what is shown of an object."""
    return page.locator(f'[data-key="{key}"]')


def test_stock_is_edited(page: Page, at: Open) -> None:
    """A stock that is changed in the dialog is changed in its table, and nothing else is; the list shows it."""
    box = at("state/deem/deals")
    before = box.table("deem.deals").get("last-one")
    page.get_by_role("button", name="Edit last-one").click()
    page.get_by_label("Free units").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(line(page, "last-one")).to_contain_text("7 free")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert box.table("deem.stock").get("last-one") == {"free": 7, "held": 0, "sold": 0}
    assert box.table("deem.deals").get("last-one") is before


def test_refusal_at_its_field(page: Page, at: Open, watch: Watch) -> None:
    """What is refused is said at the field that it concerns, which has the focus; what was typed stays."""
    box = at("state/deem/deals")
    page.get_by_role("button", name="Edit last-one").click()
    free = page.get_by_label("Free units")
    free.fill("-3")
    page.get_by_label("Title").fill("The very last seat")
    page.get_by_role("button", name="Save").click()
    expect(free).to_have_accessible_description("expected 0 or more, got -3")
    expect(free).to_be_focused()
    expect(free).to_have_value("-3")
    row = box.table("deem.deals").get("last-one")
    assert row is not None
    assert row["title"] == "The very last seat"  # the other table took it
    assert watch.errors.pop().endswith("422 (Unprocessable Entity)")


def test_changes_of_others(page: Page, at: Open) -> None:
    """What anybody changes appears by itself, marks its row alone, and leaves a half-filled form as it is."""
    box = at("state/deem/deals")
    page.get_by_role("button", name="Edit last-one").click()
    page.get_by_label("Free units").fill("5")
    put(box, "deem.stock", "last-one", free=0, sold=1)
    expect(line(page, "last-one")).to_contain_text("1 sold")
    expect(page.locator("tr.changed")).to_have_count(1)
    expect(page.get_by_label("Free units")).to_have_value("5")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_raw_rows(page: Page, at: Open) -> None:
    """The rows behind an object are one click away; what is no JSON or takes a field out is said in place."""
    box = at("state/deem/deals")
    page.get_by_role("button", name="Raw row of last-one").click()
    stock = page.get_by_label("Row of deem.stock")
    expect(stock).to_have_value('{\n  "free": 1,\n  "held": 0,\n  "sold": 0\n}')
    for text, said in (("{oops", "This is no JSON"), ("[]", "a JSON object"), ('{"free": 1}', "held, sold")):
        stock.fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text(said)
    stock.fill('{"free": 2, "held": 0, "sold": 4}')
    page.get_by_role("button", name="Save").click()
    expect(line(page, "last-one")).to_contain_text("4 sold")
    assert box.table("deem.stock").get("last-one") == {"free": 2, "held": 0, "sold": 4}


def test_pages_and_look_up(page: Page, at: Open) -> None:
    """A long list has pages, and stays at its page when it changes; one object is found by its key."""
    box = at("state/deem/purchases")
    box.populate(120, "deem")
    expect(page.get_by_text("1-50 of 121").first).to_be_visible()
    page.get_by_role("button", name="Next").first.click()
    expect(page.get_by_text("51-100 of 121").first).to_be_visible()
    key = page.locator("tbody tr").first.get_attribute("data-key") or ""
    put(box, "deem.purchases", key, quantity=77)
    expect(line(page, key)).to_contain_text("77")
    expect(page.get_by_text("51-100 of 121").first).to_be_visible()
    page.get_by_label("Key").fill("34063ec2")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(line(page, "34063ec2")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_text("51-100 of 121").first).to_be_visible()


def test_acts(page: Page, at: Open) -> None:
    """What can be let happen to an object is a button that says what it does; what came of it is said and shown."""
    box = at("state/supertab/tabs")
    key = next(key for key, row in box.table("supertab.tabs").items() if row["status"] == "full")
    button = line(page, key).get_by_role("button", name="Pay tab")
    expect(button).to_have_attribute(
        "title", "A user pays a tab at the checkout: it closes, and what is on it completes"
    )
    button.click()
    expect(line(page, key)).to_contain_text("closed")
    expect(page.get_by_text(f"{key} was paid")).to_be_visible()


def test_countdown(page: Page, at: Open) -> None:
    """A reservation counts down on the sandbox's clock, and is gone when that has passed; its units are free again."""
    box = at("state/deem/reservations")
    expect(page.get_by_text("Nothing is reserved.")).to_be_visible()
    box.clock.freeze()
    reserved = Client(box, "deem")("POST", "/v1/purchases/reserve?api_key=1234567", data=WANTED)
    row = line(page, reserved.get_json()["purchase"]["id"])
    expect(row).to_contain_text("5 min 00 s")
    box.clock.advance(minutes=4)
    expect(row).to_contain_text("1 min 00 s")
    box.clock.advance(minutes=1)
    expect(row).to_have_count(0)
    page.get_by_role("link", name="Deals").click()
    expect(line(page, "last-one")).to_contain_text("1 free")


def test_all_tables(page: Page, at: Open) -> None:
    """Every table can be read and its rows changed as they are."""
    box = at("state/tables/deem.users")
    page.get_by_role("combobox", name="Table").select_option("drip.subscribers")
    key = next(iter(box.table("drip.subscribers").items()))[0]
    expect(page.get_by_role("rowheader", name=key)).to_be_visible()
    page.get_by_role("button", name="Populate each API").click()
    expect(page.get_by_text("13 in all")).to_be_visible()


def test_pictures_are_seen_on_a_phone(page: Page, at: Open) -> None:
    """A narrow page has a card for each object; its picture is drawn and described."""
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    at("state/deem/deals")
    picture = page.get_by_role("img", name="$20 for the last seat at the counter")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 0
