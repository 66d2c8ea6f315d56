"""What people see of the APIs: where they are, and requests that work, to copy and to send."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from mocktill.core.sandboxes import Sandboxes
from tests.browser.conftest import Watch


def test_the_base_url_is_copied_with_a_click(page: Page, url: str) -> None:
    """The first thing that a page under development needs is one click away, for the sandbox of the address."""
    page.goto(f"{url}/~base/_mocktill/console/#/apis/drip")
    page.get_by_role("button", name=f"Copy {url}/~base/drip").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{url}/~base/drip"


def test_the_example_is_sent_from_the_page(page: Page, url: str, sandboxes: Sandboxes) -> None:
    """A request that works is sent as it stands, in this sandbox; its answer leads to its entry in the traffic."""
    page.goto(f"{url}/~sent/_mocktill/console/#/apis/deem")
    page.get_by_role("link", name="Reserve units of a deal").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Body of the answer")).to_contain_text('"reserved"')
    page.get_by_role("link", name="Entry 1 in Traffic").click()
    expect(page).to_have_url(re.compile(r"/traffic/1$"))
    assert sandboxes.get("sent").journal.entries()[0].operation == "reserve_purchase"


def test_a_changed_request_is_kept_while_the_sandbox_goes_on(
    page: Page, url: str, sandboxes: Sandboxes, watch: Watch
) -> None:
    """What somebody has typed stays when others change the sandbox, is what is sent, and can be taken back."""
    page.goto(f"{url}/~typed/_mocktill/console/#/apis/deem/reserve_purchase")
    body = page.get_by_role("textbox", name="Body")
    expect(body).to_have_value(re.compile("num_bought"))
    body.fill("{}")
    sandboxes.get("typed").reset()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Body of the answer")).to_contain_text('"missing_field"')
    expect(body).to_have_value("{}")
    assert "422" in watch.errors.pop()  # the browser's own word on the refusal
    page.get_by_role("button", name="Back to the example").click()
    expect(body).to_have_value(re.compile("num_bought"))


def test_the_request_is_shown_as_code_in_three_forms(page: Page, url: str) -> None:
    """The same request as curl, fetch and Python, in tabs that the arrow keys turn."""
    page.goto(f"{url}/~forms/_mocktill/console/#/apis/supertab/retrieve_purchase")
    page.get_by_role("tab", name="curl").press("ArrowRight")
    expect(page.get_by_role("tab", name="fetch")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("await fetch(")
    page.get_by_role("tab", name="fetch").press("ArrowRight")
    expect(page.get_by_role("tabpanel")).to_contain_text("import ")
