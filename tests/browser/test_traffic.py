"""What people see of the requests to a sandbox: live, filtered, and one of them with all that is known of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from mocktill.core.journal import ENTRIES
from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import NARROW, Watch
from tests.client import Client

KEY = "?api_key=1234567"
PURCHASE = f"/v1/purchases/34063ec2{KEY}"
DEAL = "la-1024-wsc-hair-studio-01-2"


@pytest.fixture
def traffic(page: Page, url: str, sandboxes: Sandboxes) -> Callable[[str], Client]:
    """Open the view of a sandbox of this name; returns a client of it."""

    def open_view(name: str) -> Client:
        client = Client(sandboxes.get(name), "deem")
        page.goto(f"{url}/~{name}/_mocktill/console/#/traffic")
        return client

    return open_view


def lines(page: Page) -> Locator:
    """The lines of requests that stand in the document."""
    return page.locator(".traffic-list a.entry")


def test_a_request_appears_by_itself_and_opens(page: Page, traffic: Callable[[str], Client]) -> None:
    """What anybody asks is listed without a click, and a click shows request, response, changes and basis."""
    client = traffic("live")
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 2})
    lines(page).click()
    entry = page.get_by_role("region", name="Entry 1")
    expect(entry.get_by_role("heading", level=2)).to_have_text(re.compile(r"200\s+POST /v1/purchases/reserve"))
    expect(entry.get_by_label("Body of the response")).to_contain_text('"fulfillment_state": "reserved"')
    expect(entry.get_by_label(f"deem.stock {DEAL}").get_by_role("row")).to_have_count(3)
    expect(entry.get_by_text("changed", exact=True)).to_be_visible()


def test_a_violation_is_said_in_words_at_its_field(page: Page, traffic: Callable[[str], Client]) -> None:
    """Each violation stands right below what it concerns, and a request that would pass beside it."""
    client = traffic("violations")
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": "x", "colour": {"a/b": 1}})
    lines(page).click()
    body = page.get_by_label("Body of the request")
    for pointer, said in {"/num_bought": 'expected integer, got "x"', "/colour": "is not known to this API"}.items():
        below = body.locator(f'[data-pointer="{pointer}"] + .violation')
        expect(below).to_contain_text(said)
    expect(body.locator('[data-pointer="/colour/a~1b"]')).to_contain_text('"a/b": 1')
    expect(page.get_by_label("curl that would pass")).to_contain_text("num_bought")


def test_what_is_in_view_stays_while_new_lines_come(page: Page, traffic: Callable[[str], Client], watch: Watch) -> None:
    """Of many lines few stand in the document; who has scrolled keeps their place and can jump to the newest.

    The page may know a line longer than the journal: opened, it says that the rest is gone.
    """
    client = traffic("many")
    for _ in range(ENTRIES):
        client("GET", PURCHASE)
    expect(page.get_by_text(f"{ENTRIES} lines")).to_be_visible()
    page.locator(".virtual").evaluate("list => { list.scrollTop = 19_000; }")
    middle = page.locator('a.entry[data-id="500"]')
    expect(middle).to_be_visible()
    before = middle.bounding_box()
    client("GET", PURCHASE)
    expect(page.get_by_text(f"{ENTRIES + 1} lines")).to_be_visible()
    assert middle.bounding_box() == before
    assert lines(page).count() < 60
    page.get_by_role("button", name="Jump to newest").click()
    expect(page.locator(f'a.entry[data-id="{ENTRIES + 1}"]')).to_be_in_viewport()
    page.goto(page.url + "/1")
    expect(page.get_by_text("it had to make room")).to_be_visible()
    assert "404" in watch.errors.pop()  # the browser's own word on it


def test_the_journal_is_cleared_once_it_is_confirmed(page: Page, traffic: Callable[[str], Client]) -> None:
    """Clearing asks first; then the list is empty, and what comes later is listed alone."""
    client = traffic("cleared")
    client("GET", PURCHASE)
    expect(lines(page)).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
    client("GET", PURCHASE)
    expect(lines(page)).to_have_attribute("data-id", "2")


def test_lines_are_filtered_in_the_page(page: Page, traffic: Callable[[str], Client]) -> None:
    """By status, by violations and by a text in the path; remarks stand between the lines where nothing is sought."""
    client = traffic("filtered")
    client("GET", PURCHASE)
    client("GET", f"/v1/purchases/unknown{KEY}")
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL})
    client("POST", f"/v1/purchases/reserve{KEY}", json={"deal_id": DEAL, "num_bought": 2})
    client.box.clock.advance(minutes=6)
    expect(page.locator(".remark")).to_contain_text("2 of")
    page.get_by_label("Status").select_option("4xx")
    expect(lines(page)).to_have_count(2)
    page.get_by_label("only violations").check()
    expect(lines(page)).to_have_attribute("data-id", "3")
    page.get_by_label("Text in the path").fill("unknown")
    page.get_by_role("button", name="Show all lines").click()
    expect(lines(page)).to_have_count(4)
    expect(page.locator(".remark")).to_have_count(1)


def test_a_request_is_asked_again_and_copied(page: Page, traffic: Callable[[str], Client]) -> None:
    """A replay is a new entry, which opens; arrow keys lead back; a copy is a test that can be run."""
    client = traffic("again")
    client("GET", PURCHASE)
    lines(page).click()
    page.get_by_role("button", name="Replay").click()
    expect(page).to_have_url(re.compile("/traffic/2$"))
    expect(lines(page).first).to_have_attribute("data-id", "2")
    lines(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("/traffic/1$"))
    expect(page.locator('a.entry[data-id="1"]')).to_be_focused()
    page.get_by_role("button", name="Copy as pytest").click()
    assert "def test_" in page.evaluate("navigator.clipboard.readText()")


def test_a_phone_shows_the_entry_in_place_of_the_list(page: Page, traffic: Callable[[str], Client]) -> None:
    """On a narrow page the opened line takes the place of the list, with a way back; nothing is cut."""
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    client = traffic("phone")
    client("GET", f"/v1/dealz/1{KEY}")
    lines(page).click()
    expect(page.get_by_role("heading", name="The nearest")).to_be_visible()
    expect(lines(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    page.get_by_role("link", name="All requests").click()
    expect(lines(page)).to_be_visible()
